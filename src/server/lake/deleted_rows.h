// Rows of a data file that do not count: position deletes, deletion vectors, equality deletes (equality_deletes.h),
// rows that the running transaction has deleted, and rows behind a limit.
//
// Position delete file: Parquet with the columns file_path (field id 2147483546) and pos (2147483545), for one or many
// data files. Deletion vector: deletion_vector.h.
#pragma once

#include <memory>
#include <vector>

#include "duckdb/common/multi_file/multi_file_data.hpp"
#include "iceberg/scan.h"
#include "server/lake/equality_deletes.h"
#include "server/lake/lake_instance.h"
#include "server/lake/live_rows.h"
#include "server/lake/position_delete_file.h"
#include "server/lake/row_set.h"

namespace duckdb {
class BaseFileReader;
}

namespace lake::server {

class DeletedRows {
 public:
  /// Rows from `row_limit` on do not count either.
  DeletedRows(RowSet rows, int64_t row_limit) : rows_(std::move(rows)), row_limit_(row_limit) {}

  /// The deleted rows; those behind the limit are not among them.
  const RowSet& rows() const { return rows_; }
  /// Deleted rows lower than `row`.
  int64_t CountBelow(int64_t row) const { return rows_.CountBelow(row); }
  /// Of the rows start ... start + count - 1 those that count, as offsets from start.
  void FindLive(int64_t start, uint32_t count, LiveRows& live) const;

 private:
  RowSet rows_;
  int64_t row_limit_;
};

/// What the task's delete files, the limit and `deleted` (null: nothing) hide in its data file; null when nothing is
/// hidden. Equality deletes are those that `by_keys` answers for.
Result<std::shared_ptr<const DeletedRows>> HiddenRowsOf(duckdb::ClientContext& context, LakeInstance& lake,
                                                        EqualityDeletes& by_keys, const iceberg::ScanTask& task,
                                                        const RowSet* deleted, int64_t row_limit);

/// The delete files that apply to a data file, sorted: what a change remembers and a commit compares.
std::vector<iceberg::Location> AppliedTo(const iceberg::ScanTask& task);

/// Rows that were just written to a deletion vector or a position delete file: the next scan need not fetch it.
void RememberDeletionVector(LakeInstance& lake, const iceberg::DataFile& file, RowSet rows);
void RememberPositionDeletes(LakeInstance& lake, const iceberg::DataFile& file, PositionDeletes deletes);

/// Hands DuckDB's readers the rows that count.
///
/// A selection costs a scan without filters more than the few rows are worth that it leaves out: each column becomes a
/// dictionary vector, gathered by row. Where the rows that count are few runs, they are kept back instead, the reader
/// reads all rows, and RemoveFrom moves what counts together.
class DeletedRowsFilter : public duckdb::DeleteFilter {
 public:
  /// For a reader that outlives it.
  DeletedRowsFilter(const duckdb::BaseFileReader& reader, std::shared_ptr<const DeletedRows> rows)
      : reader_(reader), rows_(std::move(rows)) {}
  duckdb::idx_t Filter(duckdb::row_t start, duckdb::idx_t count, duckdb::SelectionVector& result) override;
  /// Of the chunk that the reader has read, on the same thread, since Filter was called.
  void RemoveFrom(duckdb::DataChunk& chunk) const;

 private:
  const duckdb::BaseFileReader& reader_;
  std::shared_ptr<const DeletedRows> rows_;
};

}  // namespace lake::server
