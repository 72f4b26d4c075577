// See the header.
#include "server/lake/row_lineage.h"

#include <algorithm>
#include <functional>

#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "server/lake/guarded.h"
#include "server/lake/in_transaction.h"
#include "server/lake/lake_scan.h"

namespace lake::server {

using duckdb::FlatVector;
using duckdb::idx_t;

iceberg::NestedField RowIdField() {
  return {iceberg::kRowIdId, "_row_id", false, iceberg::TypeId::kLong, std::nullopt};
}

iceberg::NestedField LastUpdatedField() {
  return {iceberg::kLastUpdatedSequenceNumberId, "_last_updated_sequence_number", false, iceberg::TypeId::kLong,
          std::nullopt};
}

namespace {

/// Whether the file's rows may have ids stored: our own files tell by their counts, others have to be looked at.
bool MayStoreIds(const iceberg::DataFile& file, bool is_own) {
  const int64_t* nulls = file.null_value_counts.Find(iceberg::kRowIdId);
  if (nulls != nullptr) return *nulls < file.record_count;
  return !is_own;
}

void FillNulls(duckdb::Vector& vector, idx_t count, const std::function<int64_t(idx_t)>& value) {
  vector.Flatten(count);
  auto* values = FlatVector::GetData<int64_t>(vector);
  auto& validity = FlatVector::Validity(vector);
  for (idx_t row = 0; row < count; ++row) {
    if (validity.RowIsValid(row)) continue;
    values[row] = value(row);
    validity.SetValid(row);
  }
}

}  // namespace

bool KeepsLineage(const iceberg::TableMetadata& table, const iceberg::ScanTask& task) {
  return table.format_version >= 3 &&
         (task.first_row_id.has_value() || task.file->value_counts.Find(iceberg::kRowIdId) != nullptr);
}

void FillLineage(const iceberg::ScanTask& task, duckdb::Vector& row_ids, duckdb::Vector& last_updated,
                 duckdb::Vector& row_numbers, idx_t count) {
  if (!task.first_row_id) return;  // the transaction's own file: its rows inherit at the commit
  row_numbers.Flatten(count);
  const auto* numbers = FlatVector::GetData<int64_t>(row_numbers);
  FillNulls(row_ids, count, [&](idx_t row) { return *task.first_row_id + numbers[row]; });
  FillNulls(last_updated, count, [&](idx_t) { return task.sequence_number.value; });
}

Result<std::shared_ptr<RowLineage>> RowLineage::Open(duckdb::ClientContext& context, const std::string& base,
                                                     const std::string& changes) {
  ScanRequest request;
  request.base = base;
  request.changes = changes;
  request.row_ids = true;
  return Open(context, request);
}

Result<std::shared_ptr<RowLineage>> RowLineage::Open(duckdb::ClientContext& context, const ScanRequest& request) {
  std::shared_ptr<LakeInstance> lake = LakeInstance::Of(context);
  LAKE_ASSIGN_OR_RETURN(LakeInstance::MetadataPtr table, lake->MetadataOfBase(request.base, Cancellable(context)));
  LAKE_ASSIGN_OR_RETURN(std::shared_ptr<TableScan> scan, TableScan::Open(context, request));
  return std::shared_ptr<RowLineage>(new RowLineage(context, std::move(lake), std::move(table), std::move(scan)));
}

Result<std::shared_ptr<const RowLineage::StoredIds>> RowLineage::ReadStored(const ScanFile& file) {
  std::string name = "row ids " + file.file->file_path.str();
  if (auto known = lake_->cache().Get<StoredIds>(name)) return known;
  iceberg::Schema schema(iceberg::SchemaId{0}, {RowIdField()});
  LAKE_ASSIGN_OR_RETURN(auto scan, TableScan::OfFile(context_, table_, *file.file, std::move(schema)));
  ScanCursor cursor(context_, std::move(scan));
  duckdb::DataChunk chunk;
  chunk.Initialize(context_, cursor.types());
  StoredIds ids;
  bool any = false;
  while (cursor.Next(chunk)) {
    chunk.data[0].Flatten(chunk.size());
    const auto* values = FlatVector::GetData<int64_t>(chunk.data[0]);
    const auto& validity = FlatVector::Validity(chunk.data[0]);
    for (idx_t row = 0; row < chunk.size(); ++row) {
      any = any || validity.RowIsValid(row);
      ids.push_back(validity.RowIsValid(row) ? values[row] : kNone);
    }
  }
  if (!any) ids = {};
  auto shared = std::make_shared<const StoredIds>(std::move(ids));
  lake_->cache().Put<StoredIds>(name, shared, shared->size() * sizeof(int64_t) + name.size());
  return shared;
}

Result<std::shared_ptr<const RowLineage::StoredIds>> RowLineage::StoredIn(const ScanFile& file) {
  if (!MayStoreIds(*file.file, file.is_own)) return std::shared_ptr<const StoredIds>();
  std::lock_guard lock(mutex_);
  auto& stored = stored_[&file];
  if (!stored) {
    Result<std::shared_ptr<const StoredIds>> read = stored;
    InTransaction(context_, [&] { read = Guarded([&] { return ReadStored(file); }); });
    LAKE_ASSIGN_OR_RETURN(stored, std::move(read));
  }
  return stored;
}

Status RowLineage::Translate(duckdb::Vector& row_ids, idx_t count) {
  row_ids.Flatten(count);
  auto* values = FlatVector::GetData<int64_t>(row_ids);
  auto& validity = FlatVector::Validity(row_ids);
  const auto& files = scan_->files_by_row_id();
  const ScanFile* file = nullptr;
  std::shared_ptr<const StoredIds> stored;
  for (idx_t at = 0; at < count; ++at) {
    if (!validity.RowIsValid(at)) continue;
    int64_t row_id = values[at];
    if (file == nullptr || row_id < file->first_row_id || row_id - file->first_row_id >= file->file->record_count) {
      auto next = std::upper_bound(files.begin(), files.end(), row_id,
                                   [](int64_t id, const ScanFile* other) { return id < other->first_row_id; });
      file = next == files.begin() ? nullptr : *(next - 1);
      if (file == nullptr || row_id - file->first_row_id >= file->file->record_count) {
        return InvalidInput("row id {} is not one of the table's", row_id);
      }
      LAKE_ASSIGN_OR_RETURN(stored, StoredIn(*file));
    }
    auto row = static_cast<size_t>(row_id - file->first_row_id);
    if (stored && row < stored->size() && (*stored)[row] != kNone) {
      values[at] = (*stored)[row];
    } else if (file->task.first_row_id) {
      values[at] = *file->task.first_row_id + static_cast<int64_t>(row);
    } else {
      validity.SetInvalid(at);
    }
  }
  return {};
}

Result<std::unique_ptr<duckdb::ColumnDataCollection>> RowLineage::Translate(duckdb::ColumnDataCollection& rows) {
  auto translated = std::make_unique<duckdb::ColumnDataCollection>(context_, rows.Types());
  duckdb::ColumnDataAppendState append;
  translated->InitializeAppend(append);
  duckdb::Vector copy(rows.Types().back());
  for (duckdb::DataChunk& chunk : rows.Chunks()) {
    duckdb::VectorOperations::Copy(chunk.data.back(), copy, chunk.size(), 0, 0);
    LAKE_RETURN_IF_ERROR(Translate(copy, chunk.size()));
    duckdb::DataChunk view;
    view.InitializeEmpty(rows.Types());
    for (idx_t i = 0; i + 1 < chunk.ColumnCount(); ++i) view.data[i].Reference(chunk.data[i]);
    view.data.back().Reference(copy);
    view.SetCardinality(chunk.size());
    translated->Append(append, view);
  }
  return translated;
}

}  // namespace lake::server
