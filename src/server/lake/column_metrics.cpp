// See the header.
#include "server/lake/column_metrics.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace lake::server {

using duckdb::idx_t;
using duckdb::PhysicalType;
using iceberg::Literal;
using iceberg::TypeId;

namespace {

constexpr size_t kMaxUtf8Bytes = 4;  // of a code point
constexpr int kFullWidth = 256;      // of "full" bounds (STAT-1): longer ones would swell every manifest

Int128 Widen(duckdb::hugeint_t value) { return (static_cast<Int128>(value.upper) << 64) | value.lower; }
template <typename T>
Int128 Widen(T value) {
  return value;
}

lake::Uuid UuidOf(Int128 value) {
  auto bits = static_cast<unsigned __int128>(value) ^ (static_cast<unsigned __int128>(1) << 127);
  lake::Uuid uuid;
  for (int i = 15; i >= 0; --i, bits >>= 8) uuid.bytes[static_cast<size_t>(i)] = static_cast<uint8_t>(bits);
  return uuid;
}

std::string_view ViewOf(const duckdb::string_t& text) { return {text.GetData(), text.GetSize()}; }

}  // namespace

ColumnMetrics::ColumnMetrics(const iceberg::NestedField& field, iceberg::MetricsMode mode, StructPath path)
    : id_(field.id), type_(field.type), mode_(mode), path_(std::move(path)) {
  if (mode_.kind == iceberg::MetricsMode::Kind::kFull) mode_.width = kFullWidth;
  if (type_.id() == TypeId::kUnknown) mode_.kind = iceberg::MetricsMode::Kind::kNone;  // the file does not have it
  has_box_ = mode_.keeps_bounds() && type_.id() == TypeId::kGeometry;
  if (mode_.keeps_bounds() && !type_.has_order()) mode_.kind = iceberg::MetricsMode::Kind::kCounts;
  kept_bytes_ = (static_cast<size_t>(mode_.width) + 1) * kMaxUtf8Bytes;
}

std::vector<ColumnMetrics> ColumnMetrics::Of(const std::vector<iceberg::NestedField>& columns,
                                             const std::map<iceberg::FieldId, iceberg::MetricsMode>& modes) {
  std::vector<ColumnMetrics> leaves;
  std::function<void(const iceberg::NestedField&, StructPath)> add = [&](const auto& field, StructPath path) {
    if (field.type.id() == TypeId::kStruct) {
      for (size_t i = 0; i < field.type.fields().size(); ++i) {
        StructPath inner = path;
        inner.positions.push_back(i);
        add(field.type.fields()[i], std::move(inner));
      }
    } else if (!field.type.is_nested()) {
      auto mode = modes.find(field.id);
      leaves.emplace_back(field, mode == modes.end() ? iceberg::MetricsMode{} : mode->second, std::move(path));
    }
  };
  for (size_t column = 0; column < columns.size(); ++column) add(columns[column], {column, {}});
  return leaves;
}

void ColumnMetrics::Update(duckdb::DataChunk& chunk) {
  if (!mode_.keeps_counts()) return;
  const idx_t count = chunk.size();
  duckdb::ValidityMask validity;
  duckdb::Vector& vector = path_.Follow(chunk.data[path_.column], count, validity);
  values_ += static_cast<int64_t>(count);
  idx_t valid = validity.CountValid(count);
  nulls_ += static_cast<int64_t>(count - valid);
  if (valid == 0) return;
  switch (vector.GetType().InternalType()) {
    case PhysicalType::FLOAT: return UpdateFloats<float>(vector, validity, count);
    case PhysicalType::DOUBLE: return UpdateFloats<double>(vector, validity, count);
    default: break;
  }
  if (has_box_) return UpdateGeometries(vector, validity, count);
  if (!mode_.keeps_bounds()) return;
  switch (vector.GetType().InternalType()) {
    case PhysicalType::BOOL: return UpdateIntegers<bool>(vector, validity, count);
    case PhysicalType::INT16: return UpdateIntegers<int16_t>(vector, validity, count);
    case PhysicalType::INT32: return UpdateIntegers<int32_t>(vector, validity, count);
    case PhysicalType::INT64: return UpdateIntegers<int64_t>(vector, validity, count);
    case PhysicalType::INT128: return UpdateIntegers<duckdb::hugeint_t>(vector, validity, count);
    case PhysicalType::VARCHAR: return UpdateBytes(vector, validity, count);
    default: return;
  }
}

template <typename T>
void ColumnMetrics::UpdateIntegers(duckdb::Vector& vector, const duckdb::ValidityMask& validity, idx_t count) {
  const T* values = duckdb::FlatVector::GetData<T>(vector);
  idx_t first = 0;
  while (!validity.RowIsValid(first)) ++first;
  T low = values[first], high = values[first];
  if (validity.AllValid()) {
    for (idx_t i = 0; i < count; ++i) {
      low = values[i] < low ? values[i] : low;
      high = high < values[i] ? values[i] : high;
    }
  } else {
    for (idx_t i = first; i < count; ++i) {
      if (!validity.RowIsValid(i)) continue;
      low = values[i] < low ? values[i] : low;
      high = high < values[i] ? values[i] : high;
    }
  }
  low_ = has_bounds_ ? std::min(low_, Widen(low)) : Widen(low);
  high_ = has_bounds_ ? std::max(high_, Widen(high)) : Widen(high);
  has_bounds_ = true;
}

template <typename T>
void ColumnMetrics::UpdateFloats(duckdb::Vector& vector, const duckdb::ValidityMask& validity, idx_t count) {
  const T* values = duckdb::FlatVector::GetData<T>(vector);
  for (idx_t i = 0; i < count; ++i) {
    if (!validity.RowIsValid(i)) continue;
    double value = values[i];
    if (std::isnan(value)) {
      ++nans_;
      continue;
    }
    float_low_ = has_bounds_ ? std::min(float_low_, value) : value;
    float_high_ = has_bounds_ ? std::max(float_high_, value) : value;
    has_bounds_ = true;
  }
}

void ColumnMetrics::UpdateBytes(duckdb::Vector& vector, const duckdb::ValidityMask& validity, idx_t count) {
  const auto* values = duckdb::FlatVector::GetData<duckdb::string_t>(vector);
  for (idx_t i = 0; i < count; ++i) {
    if (!validity.RowIsValid(i)) continue;
    std::string_view value = ViewOf(values[i]);
    if (value.size() > kept_bytes_) value = value.substr(0, kept_bytes_);
    if (!has_bounds_) {
      bytes_low_ = bytes_high_ = value;
      has_bounds_ = true;
    } else if (value < bytes_low_) {
      bytes_low_ = value;
    } else if (value > bytes_high_) {
      bytes_high_ = value;
    }
  }
}

void ColumnMetrics::UpdateGeometries(duckdb::Vector& vector, const duckdb::ValidityMask& validity, idx_t count) {
  const auto* values = duckdb::FlatVector::GetData<duckdb::string_t>(vector);
  for (idx_t i = 0; i < count; ++i) {
    if (validity.RowIsValid(i)) box_.Add(ViewOf(values[i]));
  }
}

void ColumnMetrics::Merge(const ColumnMetrics& other) {
  box_.Merge(other.box_);
  values_ += other.values_;
  nulls_ += other.nulls_;
  nans_ += other.nans_;
  if (!other.has_bounds_) return;
  if (!has_bounds_) {
    low_ = other.low_;
    high_ = other.high_;
    float_low_ = other.float_low_;
    float_high_ = other.float_high_;
    bytes_low_ = other.bytes_low_;
    bytes_high_ = other.bytes_high_;
    has_bounds_ = true;
    return;
  }
  low_ = std::min(low_, other.low_);
  high_ = std::max(high_, other.high_);
  float_low_ = std::min(float_low_, other.float_low_);
  float_high_ = std::max(float_high_, other.float_high_);
  bytes_low_ = std::min(bytes_low_, other.bytes_low_);
  bytes_high_ = std::max(bytes_high_, other.bytes_high_);
}

std::optional<Literal> ColumnMetrics::Bound(bool upper) const {
  Int128 number = upper ? high_ : low_;
  // Zero stands for both zeros: a lower bound is the smaller of them, an upper bound the greater.
  double real = upper ? float_high_ : float_low_;
  if (real == 0) real = upper ? 0.0 : -0.0;
  switch (type_.id()) {
    case TypeId::kBoolean: return Literal::Boolean(number != 0);
    case TypeId::kInt:
    case TypeId::kDate: return Literal(type_, static_cast<int32_t>(number));
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz: return Literal(type_, static_cast<int64_t>(number));
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs: return Literal(type_, static_cast<int64_t>(number * 1000));  // fits: it was written
    case TypeId::kFloat: return Literal::Float(static_cast<float>(real));
    case TypeId::kDouble: return Literal::Double(real);
    case TypeId::kDecimal: return Literal(type_, number);
    case TypeId::kUuid: return Literal::Uuid(UuidOf(number));
    case TypeId::kString:
    case TypeId::kBinary: {
      Literal whole(type_, upper ? bytes_high_ : bytes_low_);
      return upper ? TruncateUpperBound(whole, mode_.width) : TruncateLowerBound(whole, mode_.width);
    }
    default: return std::nullopt;  // fixed: its bounds are never cut, and nothing prunes by them
  }
}

void ColumnMetrics::WriteTo(iceberg::DataFile& file) const {
  if (!mode_.keeps_counts()) return;
  file.value_counts.Set(id_, values_);
  file.null_value_counts.Set(id_, nulls_);
  if (type_.id() == TypeId::kFloat || type_.id() == TypeId::kDouble) file.nan_value_counts.Set(id_, nans_);
  if (auto lower = box_.Lower()) file.lower_bounds.Set(id_, *lower);
  if (auto upper = box_.Upper()) file.upper_bounds.Set(id_, *upper);
  if (!mode_.keeps_bounds() || !has_bounds_) return;
  if (auto lower = Bound(false)) file.lower_bounds.Set(id_, lower->ToBinary());
  if (auto upper = Bound(true)) file.upper_bounds.Set(id_, upper->ToBinary());
}

}  // namespace lake::server
