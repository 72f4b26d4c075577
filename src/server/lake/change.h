// The change: what a write did to a table, as the opaque text that the extension keeps and repeats (docs/link.md), and
// the list of changes that a scan or a commit is given.
//
//   {"v": 1, "files": [<data file as in content_file_json.h>, ...],        added, in the order the rows were written
//    "delete-files": ["<location>", ...],
//    "deletes": [{"path": "<data file>", "rows": "<row_set.h in base64>", "applied": [<index in delete-files>, ...]}]}
//
// "order": [[<index in files>, <rows>], ...] where files of several partitions hold rows of several commands: so many
// of the first rows went to that file, the next ones to that ...; a list may then count only some of them. An empty
// change has no files. "deletes" says which rows of files of the base, or of files that earlier changes added, are
// deleted, and which delete files applied to such a file in the base when the change was made: a commit on a newer base
// compares. The two last members are absent from a change that deletes nothing.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "iceberg/manifest.h"
#include "server/lake/row_set.h"

namespace lake::server {

/// Deleted rows of one data file.
struct FileDelete {
  iceberg::Location path;
  RowSet rows;
  std::vector<iceberg::Location> applied;  // delete files of the base that apply to the file, sorted
};

/// So many rows to the file of that index, then so many to that one ...: how the first rows of a change came.
using RowOrder = std::vector<std::pair<size_t, int64_t>>;

Result<std::string> ChangeText(const std::vector<iceberg::DataFile>& files, const std::vector<FileDelete>& deletes = {},
                               const RowOrder& order = {});

/// One entry of the list: a truncation, or files with as many of their rows as count, and deletes.
struct Change {
  bool truncate = false;
  std::vector<iceberg::DataFile> files;
  std::vector<FileDelete> deletes;
  std::optional<int64_t> rows;  // only the first so many rows of the files together; absent: all
  RowOrder order;               // empty: as the files hold them, one after another

  /// How many rows of each file count.
  Result<std::vector<int64_t>> RowsOfFiles() const;
};

/// The JSON array that lake_scan and lake_commit take. kInvalidInput names what is wrong with it. A file of a partition
/// spec or schema that the base does not have is kConflict: the table is not what it was when the rows were written.
Result<std::vector<Change>> ParseChanges(std::string_view text, const iceberg::TableMetadata& base);
Result<std::vector<Change>> ParseChanges(const Json& array, const iceberg::TableMetadata& base);

}  // namespace lake::server
