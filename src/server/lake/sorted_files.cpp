// See the header.
#include "server/lake/sorted_files.h"

#include <algorithm>

#include "server/lake/data_file_writer.h"

namespace lake::server {

using duckdb::ColumnDataCollection;
using duckdb::DataChunk;

/// Where some rows keep their order, all wait for their turn.
struct SortedFiles::Rows : public DataFiles::Batch {
  std::unique_ptr<ColumnDataCollection> rows;  // null: they are sorted already
};

SortedFiles::SortedFiles(const Options& options, iceberg::SortOrderId order_id, std::unique_ptr<RowSorter> sorter,
                         std::unique_ptr<DataFiles> ordered, std::unique_ptr<DataFiles> sorted)
    : options_(options),
      order_id_(order_id),
      sorter_(std::move(sorter)),
      ordered_(std::move(ordered)),
      sorted_(std::move(sorted)) {}

Result<std::unique_ptr<DataFiles::Batch>> SortedFiles::Prepare(ColumnDataCollection& rows) {
  auto batch = std::make_unique<Rows>();
  if (!ordered_) {
    LAKE_RETURN_IF_ERROR(sorter_->Add(rows));
    return std::unique_ptr<Batch>(std::move(batch));
  }
  batch->rows = std::make_unique<ColumnDataCollection>(rows);
  batch->rows->Combine(rows);
  return std::unique_ptr<Batch>(std::move(batch));
}

Status SortedFiles::Append(std::unique_ptr<Batch> batch) {
  auto& rows = static_cast<Rows&>(*batch).rows;
  if (!rows) return {};
  if (arrived_ >= *options_.ordered_rows) return sorter_->Add(*rows);
  ColumnDataCollection first(*rows), rest(*rows);
  for (DataChunk& chunk : rows->Chunks()) {
    auto count = static_cast<int64_t>(chunk.size());
    int64_t kept = std::clamp(*options_.ordered_rows - arrived_, int64_t{0}, count);
    arrived_ += count;
    if (kept == 0) {
      rest.Append(chunk);
      continue;
    }
    DataChunk head;
    head.InitializeEmpty(chunk.GetTypes());
    head.Reference(chunk);
    head.SetCardinality(static_cast<duckdb::idx_t>(kept));
    first.Append(head);
    if (kept == count) continue;
    chunk.Slice(static_cast<duckdb::idx_t>(kept), static_cast<duckdb::idx_t>(count - kept));
    rest.Append(chunk);
  }
  LAKE_RETURN_IF_ERROR(ordered_->Write(first));
  return sorter_->Add(rest);
}

Status SortedFiles::Close() {
  if (ordered_) LAKE_RETURN_IF_ERROR(ordered_->Close());
  auto is_full = [&](const ColumnDataCollection& rows) { return MakeRowGroup(rows, options_.row_group_size); };
  // While one row group is encoded, the next is merged.
  std::future<Status> encoding;
  for (;;) {
    auto next = sorter_->Next(is_full);
    if (encoding.valid()) LAKE_RETURN_IF_ERROR(encoding.get());
    if (!next.ok()) return std::move(next).error();
    std::shared_ptr<ColumnDataCollection> rows = *std::move(next);
    if (!rows) return sorted_->Close();
    encoding = std::async(std::launch::async, [this, rows] { return sorted_->Write(*rows); });
  }
}

std::vector<iceberg::DataFile> SortedFiles::files() const {
  std::vector<iceberg::DataFile> files;
  if (ordered_) files = ordered_->files();
  for (iceberg::DataFile& file : sorted_->files()) {
    file.sort_order_id = order_id_;
    files.push_back(std::move(file));
  }
  return files;
}

DataFiles::Order SortedFiles::order() const { return ordered_ ? ordered_->order() : Order(); }

void SortedFiles::Discard() {
  if (ordered_) ordered_->Discard();
  sorted_->Discard();
}

}  // namespace lake::server
