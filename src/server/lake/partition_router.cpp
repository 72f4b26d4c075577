// See the header.
#include "server/lake/partition_router.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "iceberg/manifest.h"
#include "iceberg/scan.h"
#include "server/lake/struct_path.h"
#include "server/lake/transform_numbers.h"

namespace lake::server {

using duckdb::idx_t;
using duckdb::PhysicalType;
using duckdb::UnifiedVectorFormat;
using iceberg::Literal;
using iceberg::Transform;
using iceberg::TypeId;

namespace {

constexpr size_t kMaxFields = 64;  // a bit each

/// An integer, date, time, timestamp or decimal of up to 18 digits.
int64_t IntegerAt(const UnifiedVectorFormat& format, PhysicalType type, idx_t at) {
  switch (type) {
    case PhysicalType::BOOL: return UnifiedVectorFormat::GetData<bool>(format)[at];
    case PhysicalType::INT16: return UnifiedVectorFormat::GetData<int16_t>(format)[at];
    case PhysicalType::INT32: return UnifiedVectorFormat::GetData<int32_t>(format)[at];
    default: return UnifiedVectorFormat::GetData<int64_t>(format)[at];
  }
}

/// What the file will hold.
Literal LiteralAt(const UnifiedVectorFormat& format, PhysicalType physical, const iceberg::Type& type, idx_t at) {
  switch (type.id()) {
    case TypeId::kBoolean: return Literal::Boolean(IntegerAt(format, physical, at) != 0);
    case TypeId::kInt:
    case TypeId::kDate: return Literal(type, static_cast<int32_t>(IntegerAt(format, physical, at)));
    case TypeId::kFloat: return Literal::Float(UnifiedVectorFormat::GetData<float>(format)[at]);
    case TypeId::kDouble: return Literal::Double(UnifiedVectorFormat::GetData<double>(format)[at]);
    case TypeId::kDecimal:
      if (physical != PhysicalType::INT128) return Literal(type, Int128{IntegerAt(format, physical, at)});
      return Literal(type, Widen(UnifiedVectorFormat::GetData<duckdb::hugeint_t>(format)[at]));
    case TypeId::kUuid: return Literal::Uuid(UuidOf(UnifiedVectorFormat::GetData<duckdb::hugeint_t>(format)[at]));
    case TypeId::kString:
    case TypeId::kFixed:
    case TypeId::kBinary:
      return Literal(type, std::string(ViewOf(UnifiedVectorFormat::GetData<duckdb::string_t>(format)[at])));
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs:  // a vector has microseconds; what is too far away, the file does not take
      return Literal(type, static_cast<int64_t>(static_cast<uint64_t>(IntegerAt(format, physical, at)) * 1000));
    default: return Literal(type, IntegerAt(format, physical, at));
  }
}

/// Bits that are equal for equal identities: all NaNs are one (rule 22), the zeros are two.
template <typename Bits, typename Float>
uint64_t FloatWord(Float value) {
  return std::bit_cast<Bits>(std::isnan(value) ? std::numeric_limits<Float>::quiet_NaN() : value);
}

uint64_t Mix(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
  return hash ^ hash >> 29;
}

}  // namespace

uint32_t PartitionNumbers::NumberOf(const iceberg::PartitionTuple& tuple) {
  iceberg::DataFile file;
  file.partition = tuple;
  std::string key = iceberg::PartitionKey(file);
  std::lock_guard lock(mutex_);
  auto [at, is_new] = numbers_.emplace(std::move(key), static_cast<uint32_t>(tuples_.size()));
  if (is_new) tuples_.push_back(tuple);
  return at->second;
}

iceberg::PartitionTuple PartitionNumbers::Tuple(uint32_t number) const {
  std::lock_guard lock(mutex_);
  return tuples_[number];
}

// ------------------------------------------------------------------------------------------------ one field

class PartitionRouter::Field {
 public:
  Field(StructPath path, iceberg::Type type, Transform transform, size_t index, size_t first_word)
      : path_(std::move(path)),
        type_(std::move(type)),
        transform_(std::move(transform)),
        index_(index),
        word_(first_word) {}

  /// 16 bytes need two.
  size_t word_count() const {
    bool whole = transform_.kind() == Transform::Kind::kIdentity || transform_.kind() == Transform::Kind::kTruncate;
    return whole && (type_.id() == TypeId::kUuid || type_.id() == TypeId::kDecimal) ? 2 : 1;
  }

  void Fill(duckdb::DataChunk& chunk, uint64_t* words, size_t width);
  Result<std::optional<Literal>> Value(duckdb::DataChunk& chunk, idx_t row) const;

 private:
  /// `word_of(value, words)` writes the field's words.
  template <typename T, typename WordOf>
  void Each(uint64_t* words, size_t width, idx_t count, WordOf word_of);
  template <typename T>
  void FillIntegers(uint64_t* words, size_t width, idx_t count);
  template <typename T>
  void FillBytes(uint64_t* words, size_t width, idx_t count);
  void FillHugeints(uint64_t* words, size_t width, idx_t count);
  uint64_t NumberOf(std::string_view bytes);

  /// The values, and as `format`.
  duckdb::Vector& Values(duckdb::DataChunk& chunk, UnifiedVectorFormat& format) const;

  StructPath path_;
  iceberg::Type type_;
  Transform transform_;
  size_t index_;
  size_t word_;
  UnifiedVectorFormat format_;
  std::deque<std::string> texts_;  // deque: the views stay
  std::unordered_map<std::string_view, uint64_t> text_numbers_;
};

template <typename T, typename WordOf>
void PartitionRouter::Field::Each(uint64_t* words, size_t width, idx_t count, WordOf word_of) {
  const T* values = UnifiedVectorFormat::GetData<T>(format_);
  bool all_valid = format_.validity.AllValid();
  for (idx_t i = 0; i < count; ++i, words += width) {
    idx_t at = format_.sel->get_index(i);
    if (all_valid || format_.validity.RowIsValid(at)) {
      word_of(values[at], words + word_);
    } else {
      words[0] |= uint64_t{1} << index_;
    }
  }
}

template <typename T>
void PartitionRouter::Field::FillIntegers(uint64_t* words, size_t width, idx_t count) {
  WithNumberOf(transform_, type_, [&](auto number_of) {
    Each<T>(words, width, count, [&](T value, uint64_t* word) { *word = static_cast<uint64_t>(number_of(value)); });
  });
}

uint64_t PartitionRouter::Field::NumberOf(std::string_view bytes) {
  auto at = text_numbers_.find(bytes);
  if (at != text_numbers_.end()) return at->second;
  uint64_t number = text_numbers_.size();
  text_numbers_.emplace(texts_.emplace_back(bytes), number);
  return number;
}

template <typename T>
void PartitionRouter::Field::FillBytes(uint64_t* words, size_t width, idx_t count) {
  int parameter = transform_.parameter();
  bool utf8 = type_.id() == TypeId::kString;
  switch (transform_.kind()) {
    case Transform::Kind::kBucket:
      return Each<T>(words, width, count, [&](const T& value, uint64_t* word) {
        *word = static_cast<uint64_t>(BucketOf(iceberg::BucketHash(ViewOf(value)), transform_));
      });
    case Transform::Kind::kTruncate:
      return Each<T>(words, width, count, [&](const T& value, uint64_t* word) {
        std::string_view bytes = ViewOf(value);
        *word = NumberOf(utf8 ? iceberg::FirstCodePoints(bytes, parameter) : bytes.substr(0, parameter));
      });
    default:
      return Each<T>(words, width, count, [&](const T& value, uint64_t* word) { *word = NumberOf(ViewOf(value)); });
  }
}

/// Decimals of more than 18 digits, UUIDs.
void PartitionRouter::Field::FillHugeints(uint64_t* words, size_t width, idx_t count) {
  using T = duckdb::hugeint_t;
  if (transform_.kind() == Transform::Kind::kIdentity) {
    return Each<T>(words, width, count, [](T value, uint64_t* word) {
      word[0] = value.lower;
      word[1] = static_cast<uint64_t>(value.upper);
    });
  }
  bool two_words = word_count() == 2;
  Each<T>(words, width, count, [&](T value, uint64_t* word) {
    Int128 number = server::NumberOf(transform_, type_, value);
    word[0] = static_cast<uint64_t>(number);
    if (two_words) word[1] = static_cast<uint64_t>(number >> 64);
  });
}

duckdb::Vector& PartitionRouter::Field::Values(duckdb::DataChunk& chunk, UnifiedVectorFormat& format) const {
  duckdb::Vector& column = chunk.data[path_.column];
  if (path_.positions.empty()) {
    column.ToUnifiedFormat(chunk.size(), format);
    return column;
  }
  duckdb::ValidityMask validity;
  duckdb::Vector& vector = path_.Follow(column, chunk.size(), validity);
  vector.ToUnifiedFormat(chunk.size(), format);
  format.validity.Initialize(validity);
  return vector;
}

void PartitionRouter::Field::Fill(duckdb::DataChunk& chunk, uint64_t* words, size_t width) {
  if (transform_.kind() == Transform::Kind::kVoid) return;
  duckdb::Vector& vector = Values(chunk, format_);
  idx_t count = chunk.size();
  switch (vector.GetType().InternalType()) {
    case PhysicalType::BOOL: return FillIntegers<bool>(words, width, count);
    case PhysicalType::INT16: return FillIntegers<int16_t>(words, width, count);
    case PhysicalType::INT32: return FillIntegers<int32_t>(words, width, count);
    case PhysicalType::INT64: return FillIntegers<int64_t>(words, width, count);
    case PhysicalType::INT128: return FillHugeints(words, width, count);
    case PhysicalType::FLOAT:
      return Each<float>(words, width, count, [](float value, uint64_t* word) { *word = FloatWord<uint32_t>(value); });
    case PhysicalType::DOUBLE:
      return Each<double>(words, width, count,
                          [](double value, uint64_t* word) { *word = FloatWord<uint64_t>(value); });
    default: return FillBytes<duckdb::string_t>(words, width, count);
  }
}

Result<std::optional<Literal>> PartitionRouter::Field::Value(duckdb::DataChunk& chunk, idx_t row) const {
  if (transform_.kind() == Transform::Kind::kVoid) return std::optional<Literal>();
  UnifiedVectorFormat format;
  duckdb::Vector& vector = Values(chunk, format);
  idx_t at = format.sel->get_index(row);
  if (!format.validity.RowIsValid(at)) return std::optional<Literal>();
  return transform_.Apply(LiteralAt(format, vector.GetType().InternalType(), type_, at));
}

// ------------------------------------------------------------------------------------------------ all fields

PartitionRouter::PartitionRouter(PartitionNumbers& numbers) : numbers_(numbers) {}
PartitionRouter::~PartitionRouter() = default;

Result<std::unique_ptr<PartitionRouter>> PartitionRouter::Create(const iceberg::PartitionSpec& spec,
                                                                 const std::vector<iceberg::NestedField>& columns,
                                                                 const iceberg::Schema& schema,
                                                                 PartitionNumbers& numbers) {
  LAKE_RETURN_IF_ERROR(iceberg::CheckSpec(spec, schema));
  if (spec.fields.size() > kMaxFields) {
    return Unsupported("partition spec {} has more than {} fields, which is not supported", spec.spec_id, kMaxFields);
  }
  std::unique_ptr<PartitionRouter> router(new PartitionRouter(numbers));
  for (const iceberg::PartitionField& field : spec.fields) {
    auto path = StructPath::To(field.source_id(), columns);
    if (!path && field.transform.kind() != Transform::Kind::kVoid) {
      return Unsupported("partition field \"{}\" is about a part of a list or map, which is not supported", field.name);
    }
    iceberg::Type type = path ? schema.Find(field.source_id())->type : iceberg::Type();
    router->fields_.push_back(std::make_unique<Field>(path.value_or(StructPath()), std::move(type), field.transform,
                                                      router->fields_.size(), router->width_));
    router->width_ += router->fields_.back()->word_count();
  }
  router->slots_.resize(1024);
  return router;
}

size_t PartitionRouter::SlotOf(const uint64_t* words) const {
  uint64_t hash = 0;
  for (size_t i = 0; i < width_; ++i) hash = Mix(hash, words[i]);
  size_t mask = slots_.size() - 1;
  size_t slot = (hash ^ hash >> 32) & mask;
  while (slots_[slot] != 0 && std::memcmp(&keys_[(slots_[slot] - 1) * width_], words, width_ * sizeof(uint64_t)) != 0) {
    slot = (slot + 1) & mask;
  }
  return slot;
}

void PartitionRouter::Grow() {
  slots_.assign(slots_.size() * 2, 0);
  for (size_t i = 0; i < known_.size(); ++i) slots_[SlotOf(&keys_[i * width_])] = static_cast<uint32_t>(i + 1);
}

Result<uint32_t> PartitionRouter::NewKey(duckdb::DataChunk& chunk, idx_t row) {
  iceberg::PartitionTuple tuple;
  for (const auto& field : fields_) {
    LAKE_ASSIGN_OR_RETURN(auto value, field->Value(chunk, row));
    tuple.push_back(std::move(value));
  }
  uint32_t number = numbers_.NumberOf(tuple);
  const uint64_t* words = &words_[row * width_];
  keys_.insert(keys_.end(), words, words + width_);
  known_.push_back(number);
  return number;
}

Status PartitionRouter::Route(duckdb::DataChunk& chunk, uint32_t* numbers) {
  idx_t count = chunk.size();
  words_.assign(count * width_, 0);
  for (const auto& field : fields_) field->Fill(chunk, words_.data(), width_);
  for (idx_t row = 0; row < count; ++row) {
    const uint64_t* words = &words_[row * width_];
    if (row > 0 && std::memcmp(words, words - width_, width_ * sizeof(uint64_t)) == 0) {
      numbers[row] = numbers[row - 1];
      continue;
    }
    size_t slot = SlotOf(words);
    if (slots_[slot] == 0) {
      LAKE_ASSIGN_OR_RETURN(numbers[row], NewKey(chunk, row));
      slots_[slot] = static_cast<uint32_t>(known_.size());
      if (known_.size() * 2 > slots_.size()) Grow();
      continue;
    }
    numbers[row] = known_[slots_[slot] - 1];
  }
  return {};
}

}  // namespace lake::server
