// What the deletes of a transaction do to the files of a table when it commits (docs/link.md, "Tables and commits"):
// a file is dropped, rewritten without the rows, or gets a position delete file or, in format version 3, a deletion
// vector: one that says all that older vectors and position deletes have said (rule 63). All vectors of a commit are in
// one Puffin file.
//
// All of a transaction's deletes of a data file are taken together, so that each file has one fate. Before anything is
// written, every file is checked against the base of the commit, which may be newer than what the transaction saw: it
// must still be there, and the delete files that apply to it must be those that the changes name. Otherwise another
// transaction has deleted rows of the same file, perhaps the same rows.
//
// A data file that goes takes along the delete files that are about it alone. Delete files that are also about others
// stay as they are: what they say about it is of no consequence.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iceberg/manifest_source.h"
#include "server/lake/change.h"
#include "server/lake/lake_instance.h"

namespace lake::server {

struct DeleteOptions {
  std::string
      prefix;  // new files are "<prefix>-<n>.parquet", "<prefix>-deletes-<n>.parquet", "<prefix>-deletes.puffin"
  int64_t threshold = 100;     // percent of a file's rows beyond which it is rewritten; 0: always, 100: never
  int64_t max_positions = -1;  // of all position delete files, after which the remaining files are rewritten; -1: none
};

struct FilesAfterDeletes {
  std::vector<iceberg::DataFile> data_files;  // to add: those of the transaction, shortened, and rewritten ones
  std::vector<iceberg::DataFile> delete_files;
  std::vector<iceberg::Location> removed;          // data and delete files of the base
  std::vector<iceberg::Location> removed_vectors;  // of these data files
  std::optional<int64_t> live_records;             // of the table after the commit; absent when nobody can tell
};

/// `changes` hold no truncation; `snapshot` is the base's (null: none, or truncated away). A file of the transaction
/// whose rows are all deleted is not added: the object is left to whoever cleans the location, as any that is written
/// and not committed. kConflict `could not serialize access due to concurrent update`; kCorrupt for rows that a file
/// does not have; whatever storage and DuckDB's reader answer (the latter throws).
Result<FilesAfterDeletes> ApplyDeletes(duckdb::ClientContext& context, std::shared_ptr<LakeInstance> lake,
                                       LakeInstance::MetadataPtr table, const iceberg::Snapshot* snapshot,
                                       iceberg::ManifestSource& manifests, std::vector<Change> changes,
                                       const DeleteOptions& options);

}  // namespace lake::server
