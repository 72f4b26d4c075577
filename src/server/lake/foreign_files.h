// Parquet files that somebody else wrote, added to a table where they are: lake_add_files of docs/link.md.
#pragma once

#include <optional>
#include <string>

#include "server/lake/lake_instance.h"

namespace lake::server {

struct AddedFiles {
  std::string change;
  int64_t rows = 0;
  int32_t files = 0;
  /// schema.name-mapping.default as the table must have it before these files are read; nullopt: nothing is to be set.
  std::optional<std::string> name_mapping;
};

/// `{"base", "changes": <changes>|absent, "paths": ["<location or pattern>", ...], "hive": bool}`. Reads footers,
/// nothing else. Files come in the order of their names. kInvalidInput names the file and the column: of other columns
/// or types than the table's, with nulls where the table has none, of several partitions, referenced by the table
/// already.
Result<AddedFiles> AddForeignFiles(duckdb::ClientContext& context, const std::string& json);

}  // namespace lake::server
