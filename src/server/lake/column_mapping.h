// From Iceberg's columns to what DuckDB's multi-file reader matches files by: field ids at every level, defaults for
// what a file does not have, ids for files that were written without (name mapping), and refusal of files whose types
// the schema does not allow.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "duckdb/common/multi_file/multi_file_data.hpp"
#include "iceberg/schema.h"

namespace lake::server {

/// The definitions of the schema's columns, in order. `types` overrides the type that a top-level column is shown as.
Result<duckdb::vector<duckdb::MultiFileColumnDefinition>> ColumnDefinitions(
    const iceberg::Schema& schema, const std::map<std::string, duckdb::LogicalType>& types);

/// "schema.name-mapping.default" (specification, "Column Projection"): names to ids, nested.
class NameMapping {
 public:
  /// kCorrupt for text that is not a name mapping.
  static Result<NameMapping> Parse(std::string_view json);
  /// Gives an id to each column, and to what lies in it, whose name has one.
  void Apply(duckdb::vector<duckdb::MultiFileColumnDefinition>& columns) const;

 private:
  struct Node;
  using Nodes = std::map<std::string, Node>;
  struct Node {
    std::optional<int32_t> id;
    /// Of all names that a field has: copies for each, at each level, would be more than any memory holds.
    std::shared_ptr<const Nodes> children;
  };
  static Result<Nodes> ParseNodes(const Json& json, int depth);
  static void ApplyTo(const Nodes& nodes, duckdb::vector<duckdb::MultiFileColumnDefinition>& columns);
  static void ApplyTo(const Nodes& nodes, const std::string& name, duckdb::MultiFileColumnDefinition& column);

  Nodes roots_;
};

/// Whether any column, at any depth, has a field id.
bool HasFieldIds(const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns);

/// DuckDB stops matching at the first column without an id: those get ids that no schema has.
void FillMissingIds(duckdb::vector<duckdb::MultiFileColumnDefinition>& columns);

/// Columns of type unknown are in no file (rule 9): what has such an id is nobody's.
void HideUnknown(const iceberg::Schema& schema, duckdb::vector<duckdb::MultiFileColumnDefinition>& columns);

/// kCorrupt when a column of the file has a type that its column in the schema cannot have been written as.
Status CheckFileColumns(const iceberg::Schema& schema, const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns,
                        const std::string& file);

}  // namespace lake::server
