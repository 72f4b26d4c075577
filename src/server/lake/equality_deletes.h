// Rows that equality deletes hide (specification, "Equality Delete Files"): a delete file holds values of some columns,
// and every row with these values is deleted in the data files of its scope that are strictly older (rules 59, 60, 62).
//
// Readers of DuckDB ask by row number which rows count. So the key columns of a data file are read once, before the
// file itself, and looked up in a hash table; what comes out is a set of row numbers like that of a deletion vector,
// kept in the instance's cache under the names of the data file and its delete files. Everything that knows hidden rows
// (scans, row ids, deletes, rewrites, counts) thereby knows these.
//
// All delete files of one scope and one set of key columns make one table: each key with the highest sequence number of
// the files that have it. So data files of different ages share it. Null is a value like others (rule 62). The columns
// are found by field id in whatever schema of the table has them, dropped ones too; other columns of a delete file are
// not looked at.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "iceberg/scan.h"
#include "server/lake/key_table.h"
#include "server/lake/lake_instance.h"
#include "server/lake/row_set.h"

namespace lake::server {

/// The equality deletes of one scan or commit.
class EqualityDeletes {
 public:
  EqualityDeletes(std::shared_ptr<LakeInstance> lake, LakeInstance::MetadataPtr table)
      : lake_(std::move(lake)), table_(std::move(table)) {}

  /// Tables are made once if all tasks are noted before the first is asked for; otherwise again.
  void Note(const iceberg::ScanTask& task);

  /// The rows of the task's file that its equality deletes hide; null when it has none of these. Reads the key columns
  /// of the file and of the delete files, unless the answer is cached. kUnsupported for files that are not Parquet,
  /// kCorrupt for delete files whose columns nobody knows. Throws what DuckDB's readers throw.
  Result<std::shared_ptr<const RowSet>> RowsOf(duckdb::ClientContext& context, const iceberg::ScanTask& task);

 private:
  /// Delete files that apply to the same data files, but for their age, and have the same key columns.
  struct Scope {
    std::vector<iceberg::FieldId> ids;  // ascending
    std::map<iceberg::Location, iceberg::ScanDelete> files;
    std::shared_ptr<const KeyTable> table;
    size_t files_in_table = 0;
    std::mutex building;
  };

  Scope& ScopeOf(const iceberg::DataFile& delete_file);
  Result<std::shared_ptr<const KeyTable>> TableOf(duckdb::ClientContext& context, Scope& scope);

  std::shared_ptr<LakeInstance> lake_;
  LakeInstance::MetadataPtr table_;
  std::mutex mutex_;  // of scopes_ and of the files in them
  std::map<std::string, Scope> scopes_;
};

}  // namespace lake::server
