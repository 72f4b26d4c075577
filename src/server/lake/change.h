// The change: what a write did to a table, as the opaque text that the extension keeps and repeats (docs/link.md), and
// the list of changes that a scan or a commit is given.
//
//   {"v": 1, "files": [<data file as in content_file_json.h>, ...]}        an empty change has no files
//
// In the order the rows were written: file by file, each file from its first row.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iceberg/manifest.h"

namespace lake::server {

Result<std::string> ChangeText(const std::vector<iceberg::DataFile>& files);

/// One entry of the list: a truncation, or files with as many of their rows as count.
struct Change {
  bool truncate = false;
  std::vector<iceberg::DataFile> files;
  std::optional<int64_t> rows;  // only the first so many rows of the files together; absent: all
};

/// The JSON array that lake_scan and lake_commit take. kInvalidInput names what is wrong with it. A file of a partition
/// spec or schema that the base does not have is kConflict: the table is not what it was when the rows were written.
Result<std::vector<Change>> ParseChanges(std::string_view text, const iceberg::TableMetadata& base);
Result<std::vector<Change>> ParseChanges(const Json& array, const iceberg::TableMetadata& base);

}  // namespace lake::server
