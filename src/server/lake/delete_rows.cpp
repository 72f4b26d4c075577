// See the header. Costs what the deleted rows do, and a walk over the list of files.
#include "server/lake/delete_rows.h"

#include <algorithm>

#include "server/lake/row_ids.h"
#include "server/lake/table_scan.h"

namespace lake::server {

namespace {

constexpr size_t kBatchRows = 65536;

/// Sorts ascending row ids into files.
class Deleter {
 public:
  Deleter(duckdb::ClientContext& context, const TableScan& scan)
      : context_(context), scan_(scan), files_(scan.files_by_row_id()) {}

  Status Add(int64_t row_id) {
    while (at_ + 1 < files_.size() && row_id >= files_[at_ + 1]->first_row_id) {
      LAKE_RETURN_IF_ERROR(FinishFile());
      ++at_;
    }
    int64_t row = at_ < files_.size() ? row_id - files_[at_]->first_row_id : -1;
    if (row < 0 || row >= files_[at_]->row_limit) return InvalidInput("row id {} is not one of the table's", row_id);
    if (row > RowSet::kMaxRow) {
      return Unsupported("row {} of data file \"{}\" cannot be deleted", row, files_[at_]->file->file_path.str());
    }
    batch_.push_back(static_cast<uint32_t>(row));
    if (batch_.size() == kBatchRows) FlushBatch();
    return {};
  }

  Status FinishFile() {
    FlushBatch();
    if (rows_.empty()) return {};
    const ScanFile& file = *files_[at_];
    LAKE_ASSIGN_OR_RETURN(auto hidden, scan_.HiddenRows(context_, file));
    if (hidden) rows_.Remove(hidden->rows());
    if (!rows_.empty()) {
      FileDelete deleted;
      deleted.path = file.file->file_path;
      deleted.rows = std::move(rows_);
      deleted.applied = AppliedTo(file.task);
      count_ += deleted.rows.count();
      deletes_.push_back(std::move(deleted));
    }
    rows_ = RowSet();
    return {};
  }

  int64_t count() const { return count_; }
  const std::vector<FileDelete>& deletes() const { return deletes_; }

 private:
  void FlushBatch() {
    rows_.Add(batch_.data(), batch_.size());
    batch_.clear();
  }

  duckdb::ClientContext& context_;
  const TableScan& scan_;
  const std::vector<const ScanFile*>& files_;
  size_t at_ = 0;                // the file that takes rows
  RowSet rows_;                  // of that file
  std::vector<uint32_t> batch_;  // of that file, not yet in rows_
  int64_t count_ = 0;
  std::vector<FileDelete> deletes_;
};

Result<std::shared_ptr<TableScan>> OpenScan(duckdb::ClientContext& context, const std::string& base,
                                            const std::string& changes) {
  ScanRequest request;
  request.base = base;
  request.changes = changes;
  request.row_ids = true;
  return TableScan::Open(context, request);
}

Result<RowsDeleted> Finish(Deleter& deleter) {
  LAKE_RETURN_IF_ERROR(deleter.FinishFile());
  RowsDeleted deleted;
  deleted.rows = deleter.count();
  LAKE_ASSIGN_OR_RETURN(deleted.change, ChangeText({}, deleter.deletes()));
  return deleted;
}

}  // namespace

Result<RowsDeleted> DeleteRows(duckdb::ClientContext& context, const std::string& base, const std::string& changes,
                               std::string_view row_ids) {
  LAKE_ASSIGN_OR_RETURN(std::shared_ptr<TableScan> scan, OpenScan(context, base, changes));
  Deleter deleter(context, *scan);
  RowIdReader reader(row_ids);
  int64_t first = 0;
  std::vector<uint16_t> values;
  for (;;) {
    LAKE_ASSIGN_OR_RETURN(bool more, reader.Next(first, values));
    if (!more) break;
    for (uint16_t value : values) LAKE_RETURN_IF_ERROR(deleter.Add(first + value));
  }
  return Finish(deleter);
}

Result<RowsDeleted> DeleteRows(duckdb::ClientContext& context, const std::string& base, const std::string& changes,
                               const Roaring64Map& row_ids) {
  LAKE_ASSIGN_OR_RETURN(std::shared_ptr<TableScan> scan, OpenScan(context, base, changes));
  Deleter deleter(context, *scan);
  for (uint64_t row_id : row_ids) LAKE_RETURN_IF_ERROR(deleter.Add(static_cast<int64_t>(row_id)));
  return Finish(deleter);
}

}  // namespace lake::server
