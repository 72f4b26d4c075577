// See the header. What is hashed is a value's plain encoding (Parquet's "Bloom Filter"), as parquet_file.h has the
// types.
#include "server/lake/bloom_filters.h"

#include <algorithm>
#include <charconv>

#include "parquet_statistics.hpp"
#include "server/lake/transform_numbers.h"
#include "zstd/common/xxhash.hpp"

namespace lake::server {

using duckdb::PhysicalType;
using iceberg::TypeId;

namespace {

constexpr const char* kEnabled = "write.parquet.bloom-filter-enabled.column.";
constexpr const char* kFalsePositives = "write.parquet.bloom-filter-fpp.column.";
constexpr const char* kMaxBytes = "write.parquet.bloom-filter-max-bytes";
constexpr int64_t kDefaultMaxBytes = 1 << 20;  // Iceberg's
constexpr double kDefaultFalsePositives = 0.01;
constexpr int kMaxIntegerDigits = 18;

uint64_t HashOf(const void* bytes, size_t size) { return duckdb_zstd::XXH64(bytes, size, 0); }

template <typename Stored, typename T>
uint64_t HashOfNumber(T value) {
  auto stored = static_cast<Stored>(value);
  return HashOf(&stored, sizeof(stored));
}

size_t LeavesOf(const iceberg::Type& type) {
  if (type.id() == TypeId::kUnknown) return 0;  // files have no such column
  if (type.id() == TypeId::kVariant) return 2;  // metadata and value
  if (!type.is_nested()) return 1;
  size_t leaves = 0;
  for (const iceberg::NestedField& field : type.fields()) leaves += LeavesOf(field.type);
  return leaves;
}

double Ratio(const iceberg::Properties& properties, const std::string& name) {
  auto at = properties.find(name);
  double ratio = kDefaultFalsePositives;
  if (at == properties.end()) return ratio;
  std::from_chars(at->second.data(), at->second.data() + at->second.size(), ratio);
  return ratio > 0 && ratio < 1 ? ratio : kDefaultFalsePositives;
}

template <typename T, typename HashOfValue>
void AddHashes(duckdb::Vector& vector, duckdb::idx_t count, std::vector<uint64_t>& hashes, HashOfValue hash_of) {
  duckdb::UnifiedVectorFormat format;
  vector.ToUnifiedFormat(count, format);
  const T* values = duckdb::UnifiedVectorFormat::GetData<T>(format);
  for (duckdb::idx_t i = 0; i < count; ++i) {
    duckdb::idx_t at = format.sel->get_index(i);
    if (format.validity.RowIsValid(at)) hashes.push_back(hash_of(values[at]));
  }
}

void AddHashes(duckdb::Vector& vector, duckdb::idx_t count, std::vector<uint64_t>& hashes) {
  switch (vector.GetType().InternalType()) {
    case PhysicalType::INT16: return AddHashes<int16_t>(vector, count, hashes, HashOfNumber<int32_t, int16_t>);
    case PhysicalType::INT32: return AddHashes<int32_t>(vector, count, hashes, HashOfNumber<int32_t, int32_t>);
    case PhysicalType::INT64: return AddHashes<int64_t>(vector, count, hashes, HashOfNumber<int64_t, int64_t>);
    case PhysicalType::INT128:
      return AddHashes<duckdb::hugeint_t>(vector, count, hashes, [](duckdb::hugeint_t value) {
        lake::Uuid uuid = UuidOf(value);
        return HashOf(uuid.bytes.data(), uuid.bytes.size());
      });
    default:
      return AddHashes<duckdb::string_t>(vector, count, hashes, [](const duckdb::string_t& value) {
        return HashOf(value.GetData(), value.GetSize());
      });
  }
}

}  // namespace

bool CanHaveBloomFilter(const iceberg::Type& type) {
  switch (type.id()) {
    case TypeId::kInt:
    case TypeId::kLong:
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
    case TypeId::kString:
    case TypeId::kUuid: return true;
    case TypeId::kDecimal: return type.precision() <= kMaxIntegerDigits;
    default: return false;
  }
}

struct BloomFilters::Column {
  size_t column;  // of the rows
  size_t leaf;    // of the file
  double false_positives;
};

BloomFilters::BloomFilters() = default;
BloomFilters::BloomFilters(BloomFilters&&) noexcept = default;
BloomFilters& BloomFilters::operator=(BloomFilters&&) noexcept = default;
BloomFilters::~BloomFilters() = default;

BloomFilters BloomFilters::Of(const iceberg::TableMetadata& table, const std::vector<iceberg::NestedField>& fields) {
  BloomFilters filters;
  filters.max_bytes_ = table.IntProperty(kMaxBytes, kDefaultMaxBytes);
  size_t leaf = 0;
  for (size_t i = 0; i < fields.size(); leaf += LeavesOf(fields[i].type), ++i) {
    auto enabled = table.properties.find(kEnabled + fields[i].name);
    if (enabled == table.properties.end() || enabled->second != "true" || !CanHaveBloomFilter(fields[i].type)) continue;
    filters.columns_.push_back({i, leaf, Ratio(table.properties, kFalsePositives + fields[i].name)});
  }
  return filters;
}

BloomFilters::Made BloomFilters::Make(duckdb::ColumnDataCollection& rows) const {
  Made made;
  for (const Column& column : columns_) {
    std::vector<uint64_t> hashes;
    for (duckdb::DataChunk& chunk : rows.Chunks()) AddHashes(chunk.data[column.column], chunk.size(), hashes);
    std::sort(hashes.begin(), hashes.end());
    hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
    if (hashes.empty()) continue;
    duckdb::unique_ptr<duckdb::ParquetBloomFilter> filter;
    for (size_t count = hashes.size(); !filter || (static_cast<int64_t>(filter->Get()->len) > max_bytes_ && count > 0);
         count /= 2) {
      filter = duckdb::make_uniq<duckdb::ParquetBloomFilter>(count, column.false_positives);
    }
    for (uint64_t hash : hashes) filter->FilterInsert(hash);
    made.emplace_back(column.leaf, std::move(filter));
  }
  return made;
}

}  // namespace lake::server
