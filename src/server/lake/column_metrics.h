// The statistics of one column of a file being written: counts of values, nulls and NaNs, lower and upper bound (rules
// 25 to 29). Exact: taken from the values themselves, not from Parquet's footer.
#pragma once

#include <optional>

#include "duckdb/common/types/vector.hpp"
#include "iceberg/manifest.h"
#include "iceberg/metrics_config.h"

namespace lake::server {

class ColumnMetrics {
 public:
  ColumnMetrics(const iceberg::NestedField& field, iceberg::MetricsMode mode);

  /// The first `count` values of a flat vector of DuckType(field.type).
  void Update(duckdb::Vector& vector, duckdb::idx_t count);
  /// Adds what another one of the same column has counted.
  void Merge(const ColumnMetrics& other);
  /// Adds what the mode keeps to the file's maps; nested columns have nothing.
  void WriteTo(iceberg::DataFile& file) const;

 private:
  template <typename T>
  void UpdateIntegers(duckdb::Vector& vector, duckdb::idx_t count);
  template <typename T>
  void UpdateFloats(duckdb::Vector& vector, duckdb::idx_t count);
  void UpdateBytes(duckdb::Vector& vector, duckdb::idx_t count);
  std::optional<iceberg::Literal> Bound(bool upper) const;

  iceberg::FieldId id_;
  iceberg::Type type_;
  iceberg::MetricsMode mode_;
  size_t kept_bytes_;  // of string and binary bounds: more than truncation leaves, so that it still sees a longer value

  int64_t values_ = 0;
  int64_t nulls_ = 0;
  int64_t nans_ = 0;
  bool has_bounds_ = false;
  Int128 low_ = 0, high_ = 0;  // integers, decimals, dates and times, booleans, UUIDs as DuckDB keeps them
  double float_low_ = 0, float_high_ = 0;
  std::string bytes_low_, bytes_high_;
};

}  // namespace lake::server
