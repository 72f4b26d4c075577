// Row lineage of format version 3: rows keep their _row_id through updates and rewrites, and those that are only moved
// their _last_updated_sequence_number too (rule 71).
//
// A row's _row_id is what its data file stores for it, or else the file's first row id plus the row's number; rows of
// a table that was upgraded, and those that the running transaction has added, have none yet. Files that hold rows with
// ids of their own have the columns _row_id and _last_updated_sequence_number behind those of the table, null where the
// row takes what it inherits.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "server/lake/table_scan.h"

namespace lake::server {

iceberg::NestedField RowIdField();
iceberg::NestedField LastUpdatedField();

/// Whether rows of the file may have ids that they would lose: those that are moved need both columns.
bool KeepsLineage(const iceberg::TableMetadata& table, const iceberg::ScanTask& task);
/// Fills in what the rows of the task's file inherit, where `row_ids` and `last_updated` are null.
void FillLineage(const iceberg::ScanTask& task, duckdb::Vector& row_ids, duckdb::Vector& last_updated,
                 duckdb::Vector& row_numbers, duckdb::idx_t count);

/// From row ids of docs/link.md to Iceberg's. Any thread.
class RowLineage {
 public:
  /// Of rows of this base and these changes. `context` must outlive it.
  static Result<std::shared_ptr<RowLineage>> Open(duckdb::ClientContext& context, const std::string& base,
                                                  const std::string& changes);
  /// Of the rows of a scan with row ids.
  static Result<std::shared_ptr<RowLineage>> Open(duckdb::ClientContext& context, const ScanRequest& request);

  /// Replaces row ids (BIGINT, null stays null) by what _row_id is for these rows; null: they have none yet.
  Status Translate(duckdb::Vector& row_ids, duckdb::idx_t count);
  /// The same for the last column of `rows`.
  Result<std::unique_ptr<duckdb::ColumnDataCollection>> Translate(duckdb::ColumnDataCollection& rows);

 private:
  using StoredIds = std::vector<int64_t>;  // by row; kNone: not stored; empty: the file stores none
  static constexpr int64_t kNone = -1;

  RowLineage(duckdb::ClientContext& context, std::shared_ptr<LakeInstance> lake, LakeInstance::MetadataPtr table,
             std::shared_ptr<TableScan> scan)
      : context_(context), lake_(std::move(lake)), table_(std::move(table)), scan_(std::move(scan)) {}

  Result<std::shared_ptr<const StoredIds>> StoredIn(const ScanFile& file);
  Result<std::shared_ptr<const StoredIds>> ReadStored(const ScanFile& file);

  duckdb::ClientContext& context_;
  std::shared_ptr<LakeInstance> lake_;
  LakeInstance::MetadataPtr table_;
  std::shared_ptr<TableScan> scan_;
  std::mutex mutex_;
  std::unordered_map<const ScanFile*, std::shared_ptr<const StoredIds>> stored_;
};

}  // namespace lake::server
