// lake_create, lake_commit and lake_remove of docs/link.md: from their JSON to files in the store.
#pragma once

#include <string>
#include <vector>

#include "server/lake/lake_instance.h"

namespace lake::server {

/// Checks the location and builds the first metadata; answers an inline base. Writes nothing.
/// kInvalidInput `location "%s" is not empty`, a bad column, type or partition field.
Result<std::string> CreateTableBase(LakeInstance& lake, const std::string& json);

struct Committed {
  std::string metadata_location;
  int64_t record_count = 0;  // live rows of the table after the commit
  int64_t data_bytes = 0;
  int64_t file_count = 0;  // data files
};

/// Applies the changes to the base and writes all files of the new state, each under the name it was given and only if
/// nothing is there; durable on return. kConflict when the changes no longer apply. After an error, whatever was
/// written has one of the names that the caller chose. Throws what DuckDB's Parquet reader does where files are read.
Result<Committed> CommitTable(duckdb::ClientContext& context, const std::string& json);

/// Removes the objects and, of prefixes, all objects below them; answers the locations removed. What is given up is not
/// written afterwards either.
Result<std::vector<std::string>> RemoveObjects(LakeInstance& lake, const std::string& json,
                                               const storage::ReadOptions& options);

}  // namespace lake::server
