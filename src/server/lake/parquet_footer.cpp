// See the header. A footer's bounds are bytes in Parquet's PLAIN encoding; how they are ordered depends on the column's
// logical type.
#include "server/lake/parquet_footer.h"

#include <algorithm>
#include <cstring>

#include "parquet_types.h"

namespace lake::server {

namespace {

using duckdb_parquet::SchemaElement;
using iceberg::Literal;
using iceberg::TypeId;

template <typename T>
std::optional<T> Plain(const std::string& bytes) {
  if (bytes.size() != sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));  // PLAIN is little-endian, and so are we
  return value;
}

bool IsUnsigned(const SchemaElement& element) {
  if (element.__isset.logicalType && element.logicalType.__isset.INTEGER) {
    return !element.logicalType.INTEGER.isSigned;
  }
  using duckdb_parquet::ConvertedType;
  return element.__isset.converted_type && element.converted_type >= ConvertedType::UINT_8 &&
         element.converted_type <= ConvertedType::UINT_64;
}

/// An integer of 4 or 8 bytes.
std::optional<int64_t> Integer(const SchemaElement& element, const std::string& bytes) {
  if (element.type == duckdb_parquet::Type::INT32) {
    if (IsUnsigned(element)) {
      auto value = Plain<uint32_t>(bytes);
      return value ? std::optional<int64_t>(*value) : std::nullopt;
    }
    auto value = Plain<int32_t>(bytes);
    return value ? std::optional<int64_t>(*value) : std::nullopt;
  }
  if (element.type != duckdb_parquet::Type::INT64 || IsUnsigned(element)) return std::nullopt;
  return Plain<int64_t>(bytes);
}

/// Microseconds of a unit; nullopt for one that is finer.
std::optional<int64_t> UnitMicros(const SchemaElement& element) {
  using duckdb_parquet::ConvertedType;
  if (element.__isset.logicalType) {
    const auto& type = element.logicalType;
    const auto* unit = type.__isset.TIMESTAMP ? &type.TIMESTAMP.unit : type.__isset.TIME ? &type.TIME.unit : nullptr;
    if (unit != nullptr) {
      if (unit->__isset.MILLIS) return 1000;
      return unit->__isset.MICROS ? std::optional<int64_t>(1) : std::nullopt;
    }
  }
  if (!element.__isset.converted_type) return std::nullopt;
  switch (element.converted_type) {
    case ConvertedType::TIMESTAMP_MILLIS:
    case ConvertedType::TIME_MILLIS: return 1000;
    case ConvertedType::TIMESTAMP_MICROS:
    case ConvertedType::TIME_MICROS: return 1;
    default: return std::nullopt;
  }
}

std::optional<int64_t> Micros(const SchemaElement& element, const std::string& bytes) {
  auto unit = UnitMicros(element);
  auto value = Integer(element, bytes);
  int64_t micros = 0;
  if (!unit || !value || __builtin_mul_overflow(*value, *unit, &micros)) return std::nullopt;
  return micros;
}

std::optional<Literal> Decimal(const SchemaElement& element, const std::string& bytes, const iceberg::Type& type) {
  using duckdb_parquet::Type;
  if (element.type == Type::INT32 || element.type == Type::INT64) {
    auto value = Integer(element, bytes);
    if (!value) return std::nullopt;
    return Literal::Decimal(Int128(*value), type.precision(), type.scale());
  }
  auto literal = Literal::FromBinary(type, bytes);  // big-endian, as Iceberg has it
  return literal.ok() ? std::optional(*std::move(literal)) : std::nullopt;
}

std::optional<Literal> FloatBound(const SchemaElement& element, const std::string& bytes, TypeId type, bool upper) {
  std::optional<double> value;
  if (element.type == duckdb_parquet::Type::FLOAT) value = Plain<float>(bytes);
  if (element.type == duckdb_parquet::Type::DOUBLE) value = Plain<double>(bytes);
  if (!value || *value != *value) return std::nullopt;
  if (*value == 0) value = upper ? 0.0 : -0.0;  // writers do not tell the zeros apart
  if (type == TypeId::kFloat) return Literal::Float(static_cast<float>(*value));
  return Literal::Double(*value);
}

/// A bound of the column as a value of the type; nullopt where there is none of it.
std::optional<Literal> Bound(const SchemaElement& element, const std::string& bytes, const iceberg::Type& type,
                             bool upper) {
  auto of = [](std::optional<int64_t> value, auto make) -> std::optional<Literal> {
    return value ? std::optional<Literal>(make(*value)) : std::nullopt;
  };
  switch (type.id()) {
    case TypeId::kBoolean: return bytes.size() == 1 ? std::optional(Literal::Boolean(bytes[0] != 0)) : std::nullopt;
    case TypeId::kInt:
      return of(Integer(element, bytes), [](int64_t value) { return Literal::Int(static_cast<int32_t>(value)); });
    case TypeId::kLong: return of(Integer(element, bytes), Literal::Long);
    case TypeId::kDate:
      return of(Integer(element, bytes), [](int64_t value) { return Literal::Date(static_cast<int32_t>(value)); });
    case TypeId::kTime: return of(Micros(element, bytes), Literal::Time);
    case TypeId::kTimestamp: return of(Micros(element, bytes), Literal::Timestamp);
    case TypeId::kTimestampTz: return of(Micros(element, bytes), Literal::TimestampTz);
    case TypeId::kFloat:
    case TypeId::kDouble: return FloatBound(element, bytes, type.id(), upper);
    case TypeId::kDecimal: return Decimal(element, bytes, type);
    case TypeId::kUuid:
    case TypeId::kString:
    case TypeId::kBinary: {
      auto literal = Literal::FromBinary(type, bytes);
      return literal.ok() ? std::optional(*std::move(literal)) : std::nullopt;
    }
    default: return std::nullopt;
  }
}

/// The deprecated bounds compare all bytes as signed.
bool MayUseOldBounds(const SchemaElement& element) {
  using duckdb_parquet::Type;
  return (element.type == Type::INT32 || element.type == Type::INT64) && !IsUnsigned(element);
}

/// Adds how many values one row group has; false for numbers that cannot be.
bool AddCounts(const duckdb_parquet::ColumnMetaData& chunk, FooterStatistics& sum) {
  int64_t nulls = chunk.__isset.statistics && chunk.statistics.__isset.null_count ? chunk.statistics.null_count : 0;
  return nulls >= 0 && nulls <= chunk.num_values && chunk.total_compressed_size >= 0 &&
         !__builtin_add_overflow(sum.values, chunk.num_values, &sum.values) &&
         !__builtin_add_overflow(sum.bytes, chunk.total_compressed_size, &sum.bytes);
}

/// One row group's nulls and bounds.
void Add(const SchemaElement& element, const duckdb_parquet::ColumnMetaData& chunk, const iceberg::Type& type,
         bool is_first, FooterStatistics& sum) {
  const auto& stats = chunk.statistics;
  const auto& isset = stats.__isset;
  bool has_nulls = chunk.__isset.statistics && isset.null_count;
  sum.nulls = has_nulls && sum.nulls ? std::optional(*sum.nulls + stats.null_count) : std::nullopt;
  if (has_nulls && stats.null_count == chunk.num_values) return;  // no values: no bounds
  std::optional<Literal> lower, upper;
  if (chunk.__isset.statistics && isset.min_value && isset.max_value) {
    lower = Bound(element, stats.min_value, type, false);
    upper = Bound(element, stats.max_value, type, true);
  } else if (chunk.__isset.statistics && isset.min && isset.max && MayUseOldBounds(element)) {
    lower = Bound(element, stats.min, type, false);
    upper = Bound(element, stats.max, type, true);
  }
  bool starts = is_first || (!sum.lower && !sum.upper && sum.exact);
  sum.exact = sum.exact && lower && upper && !(isset.is_min_value_exact && !stats.is_min_value_exact) &&
              !(isset.is_max_value_exact && !stats.is_max_value_exact);
  if (starts) {
    sum.lower = std::move(lower);
    sum.upper = std::move(upper);
    return;
  }
  // A row group without bounds leaves the file without.
  sum.lower = !lower || !sum.lower ? std::nullopt : Literal::Compare(*lower, *sum.lower) < 0 ? lower : sum.lower;
  sum.upper = !upper || !sum.upper ? std::nullopt : Literal::Compare(*upper, *sum.upper) > 0 ? upper : sum.upper;
}

}  // namespace

ParquetFooter::ParquetFooter(const duckdb_parquet::FileMetaData& metadata) : metadata_(metadata) {
  size_t leaf = 0;
  // Depth first: what is open of each level above, the root's children at the bottom.
  std::vector<int64_t> open;
  for (size_t i = 0; i < metadata.schema.size(); ++i) {
    const SchemaElement& element = metadata.schema[i];
    bool nested = element.__isset.num_children && element.num_children > 0;
    if (open.size() == 1) {
      bool repeated =
          element.__isset.repetition_type && element.repetition_type == duckdb_parquet::FieldRepetitionType::REPEATED;
      columns_.push_back({&element, leaf, nested || repeated});
    }
    if (!open.empty()) --open.back();
    if (nested) {
      open.push_back(element.num_children);
    } else if (i > 0) {
      ++leaf;
    }
    while (!open.empty() && open.back() == 0) open.pop_back();
  }
}

std::optional<FooterStatistics> ParquetFooter::Statistics(const std::string& name, const iceberg::Type& type) const {
  auto column =
      std::find_if(columns_.begin(), columns_.end(), [&](const Column& at) { return at.element->name == name; });
  if (column == columns_.end() || column->nested) return std::nullopt;
  FooterStatistics sum;
  sum.nulls = 0;
  sum.exact = true;
  bool is_first = true;
  for (const auto& group : metadata_.row_groups) {
    if (column->leaf >= group.columns.size()) return std::nullopt;
    const auto& chunk = group.columns[column->leaf].meta_data;
    if (!AddCounts(chunk, sum)) return std::nullopt;
    Add(*column->element, chunk, type, is_first, sum);
    is_first = false;
  }
  if (sum.lower && sum.upper && Literal::Compare(*sum.lower, *sum.upper) > 0) sum.lower = sum.upper = std::nullopt;
  return sum;
}

std::optional<int64_t> ParquetFooter::Rows() const {
  int64_t rows = 0;
  for (const auto& group : metadata_.row_groups) {
    if (group.num_rows < 0 || __builtin_add_overflow(rows, group.num_rows, &rows)) return std::nullopt;
  }
  return rows == metadata_.num_rows ? std::optional(rows) : std::nullopt;
}

std::vector<int64_t> ParquetFooter::SplitOffsets() const {
  std::vector<int64_t> offsets;
  for (const auto& group : metadata_.row_groups) {
    if (group.columns.empty()) return {};
    const auto& chunk = group.columns.front().meta_data;
    int64_t offset = chunk.__isset.dictionary_page_offset && chunk.dictionary_page_offset > 0
                         ? std::min(chunk.dictionary_page_offset, chunk.data_page_offset)
                         : chunk.data_page_offset;
    if (offset <= (offsets.empty() ? 0 : offsets.back())) return {};
    offsets.push_back(offset);
  }
  return offsets;
}

}  // namespace lake::server
