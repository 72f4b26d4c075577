// Bloom filters of Parquet files, for the columns that the table's properties name
// (write.parquet.bloom-filter-enabled.column.<name> and its neighbours). The filter of a row group is as large as its
// distinct values need, whatever encoding they have, up to write.parquet.bloom-filter-max-bytes.
#pragma once

#include <utility>
#include <vector>

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "iceberg/metadata.h"

namespace duckdb {
class ParquetBloomFilter;
}

namespace lake::server {

/// Whether values of the type are found by a filter: equal values must have equal bytes in the file, which zeros, NaNs
/// and decimals of more than 18 digits have not; DuckDB misses rows by filters on binary columns.
bool CanHaveBloomFilter(const iceberg::Type& type);

class BloomFilters {
 public:
  /// `fields` are the columns of the file. Columns that cannot have a filter have none, whatever the properties say.
  static BloomFilters Of(const iceberg::TableMetadata& table, const std::vector<iceberg::NestedField>& fields);
  BloomFilters();  // none
  BloomFilters(BloomFilters&&) noexcept;
  BloomFilters& operator=(BloomFilters&&) noexcept;
  ~BloomFilters();

  /// Those of one row group, each with the number of its column among the leaves of the file. Any thread.
  using Made = std::vector<std::pair<size_t, duckdb::unique_ptr<duckdb::ParquetBloomFilter>>>;
  Made Make(duckdb::ColumnDataCollection& rows) const;

 private:
  struct Column;
  std::vector<Column> columns_;
  int64_t max_bytes_ = 0;
};

}  // namespace lake::server
