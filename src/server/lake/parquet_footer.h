// What a Parquet footer says of a file's columns, as Iceberg keeps it: counts and bounds of files that others wrote.
// Nothing but the footer is read, so what it does not say stays unknown.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iceberg/manifest.h"

namespace duckdb_parquet {
class FileMetaData;
class SchemaElement;
}  // namespace duckdb_parquet

namespace lake::server {

/// Of one column of all row groups together.
struct FooterStatistics {
  int64_t values = 0;                            // nulls included
  int64_t bytes = 0;                             // compressed
  std::optional<int64_t> nulls;                  // nullopt: not said
  std::optional<iceberg::Literal> lower, upper;  // no bounds, or none that Iceberg orders alike
  bool exact = false;                            // the bounds are values of the column
};

/// The columns at the top of a footer's schema, in order.
class ParquetFooter {
 public:
  /// `metadata` must outlive it.
  explicit ParquetFooter(const duckdb_parquet::FileMetaData& metadata);

  /// nullopt where the row groups do not have as many as the footer says.
  std::optional<int64_t> Rows() const;
  /// Of the column of that name, if it is no nested one, read as values of a field's type. nullopt also for counts that
  /// cannot be.
  std::optional<FooterStatistics> Statistics(const std::string& column, const iceberg::Type& type) const;
  /// Where row groups begin; empty when the footer does not say.
  std::vector<int64_t> SplitOffsets() const;

 private:
  struct Column {
    const duckdb_parquet::SchemaElement* element;
    size_t leaf;  // its number among the columns that hold values
    bool nested;
  };

  const duckdb_parquet::FileMetaData& metadata_;
  std::vector<Column> columns_;
};

}  // namespace lake::server
