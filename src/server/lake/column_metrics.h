// The statistics of one column of a file being written, or of one field of a struct (not within lists and maps): counts
// of values, nulls and NaNs, lower and upper bound (rules 25 to 29). Exact: taken from the values themselves, not from
// Parquet's footer.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "duckdb/common/types/data_chunk.hpp"
#include "iceberg/geometry_bounds.h"
#include "iceberg/manifest.h"
#include "iceberg/metrics_config.h"
#include "server/lake/struct_path.h"

namespace lake::server {

class ColumnMetrics {
 public:
  /// Of the field where the path leads.
  ColumnMetrics(const iceberg::NestedField& field, iceberg::MetricsMode mode, StructPath path);

  /// Of all columns that have statistics; fields without a mode are kept as by default.
  static std::vector<ColumnMetrics> Of(const std::vector<iceberg::NestedField>& columns,
                                       const std::map<iceberg::FieldId, iceberg::MetricsMode>& modes);

  /// The values of a chunk of flat vectors of the columns' DuckType. A struct's null is one of its fields, too.
  void Update(duckdb::DataChunk& chunk);
  /// Adds what another one of the same column has counted.
  void Merge(const ColumnMetrics& other);
  /// Adds what the mode keeps to the file's maps.
  void WriteTo(iceberg::DataFile& file) const;

 private:
  template <typename T>
  void UpdateIntegers(duckdb::Vector& vector, const duckdb::ValidityMask& validity, duckdb::idx_t count);
  template <typename T>
  void UpdateFloats(duckdb::Vector& vector, const duckdb::ValidityMask& validity, duckdb::idx_t count);
  void UpdateBytes(duckdb::Vector& vector, const duckdb::ValidityMask& validity, duckdb::idx_t count);
  void UpdateGeometries(duckdb::Vector& vector, const duckdb::ValidityMask& validity, duckdb::idx_t count);
  std::optional<iceberg::Literal> Bound(bool upper) const;

  iceberg::FieldId id_;
  iceberg::Type type_;
  iceberg::MetricsMode mode_;
  StructPath path_;
  size_t kept_bytes_;  // of string and binary bounds: more than truncation leaves, so that it still sees a longer value

  int64_t values_ = 0;
  int64_t nulls_ = 0;
  int64_t nans_ = 0;
  bool has_bounds_ = false;
  Int128 low_ = 0, high_ = 0;  // integers, decimals, dates and times, booleans, UUIDs as DuckDB keeps them
  double float_low_ = 0, float_high_ = 0;
  std::string bytes_low_, bytes_high_;
  bool has_box_ = false;  // of geometries
  iceberg::GeometryBounds box_;
};

}  // namespace lake::server
