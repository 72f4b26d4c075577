// See the header. Every path that metadata names is checked here before DuckDB sees it, because DuckDB would open
// schemes and local names of its own that our storage policy never permits.
#include "server/lake/table_scan.h"

#include <algorithm>

#include "iceberg/location.h"
#include "storage/location.h"

namespace lake::server {

namespace {

Status CheckDataFile(const iceberg::DataFile& file) {
  LAKE_ASSIGN_OR_RETURN(storage::Location location, storage::ParseLocation(file.file_path.str()));
  if (location.scheme != storage::Scheme::kFile && location.scheme != storage::Scheme::kS3) {
    return Unsupported("unsupported data-file URL \"{}\"", file.file_path.str());
  }
  if (file.file_format != iceberg::FileFormat::kParquet) {
    return Unsupported("data file \"{}\" has format {}, only parquet is supported", file.file_path.str(),
                       iceberg::FileFormatName(file.file_format));
  }
  if (file.record_count < 0 || file.file_size_in_bytes < 0) {
    return Corrupt("data file \"{}\" is said to have {} rows and {} bytes", file.file_path.str(), file.record_count,
                   file.file_size_in_bytes);
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<TableScan>> TableScan::Open(duckdb::ClientContext& context, const ScanRequest& request) {
  std::shared_ptr<LakeInstance> lake = LakeInstance::Of(context);
  storage::ReadOptions options = Cancellable(context);
  LAKE_ASSIGN_OR_RETURN(LakeInstance::MetadataPtr metadata, lake->MetadataOfBase(request.base, options));
  std::shared_ptr<TableScan> scan(new TableScan(std::move(lake), std::move(metadata), options));
  const iceberg::TableMetadata& table = *scan->metadata_;
  scan->snapshot_ = table.current_snapshot();
  scan->schema_ = table.current_schema();
  if (request.snapshot_id) {
    scan->snapshot_ = table.FindSnapshot(iceberg::SnapshotId{*request.snapshot_id});
    if (scan->snapshot_ == nullptr) return NotFound("snapshot {} does not exist", *request.snapshot_id);
    scan->schema_ = table.SchemaOf(*scan->snapshot_);
  }
  if (!request.changes.empty()) LAKE_RETURN_IF_ERROR(scan->Overlay(request.changes));
  return scan;
}

Status TableScan::Overlay(std::string_view text) {
  LAKE_ASSIGN_OR_RETURN(std::vector<Change> changes, ParseChanges(text, *metadata_));
  size_t first = 0;
  for (size_t i = 0; i < changes.size(); ++i) {
    if (changes[i].truncate) first = i + 1;
  }
  if (first > 0) snapshot_ = nullptr;
  for (size_t i = first; i < changes.size(); ++i) {
    int64_t left = changes[i].rows.value_or(std::numeric_limits<int64_t>::max());
    for (iceberg::DataFile& file : changes[i].files) {
      int64_t counted = std::min(left, file.record_count);
      left -= counted;
      if (counted == 0) continue;
      LAKE_ASSIGN_OR_RETURN(const ScanFile* added, RegisterAdded(added_.emplace_back(std::move(file)), counted));
      overlay_.push_back(added);
    }
  }
  return {};
}

Result<const ScanFile*> TableScan::RegisterAdded(const iceberg::DataFile& file, int64_t row_limit) {
  LAKE_RETURN_IF_ERROR(CheckDataFile(file));
  ScanFile& added = files_.emplace_back();
  added = {&file, files_.size() - 1, {}, row_limit};
  return &added;
}

Result<const ScanFile*> TableScan::Register(const iceberg::ScanTask& task) {
  if (auto at = by_file_.find(task.file); at != by_file_.end()) return at->second;
  LAKE_RETURN_IF_ERROR(CheckDataFile(*task.file));
  std::vector<const iceberg::DataFile*> deletes;
  for (const iceberg::ScanDelete& applies : task.deletes) {
    if (applies.file->content == iceberg::FileContent::kEqualityDeletes) {
      return Unsupported("equality deletes are not supported, as in \"{}\"", applies.file->file_path.str());
    }
    deletes.push_back(applies.file);
  }
  ScanFile& added = files_.emplace_back();
  added = {task.file, files_.size() - 1, std::move(deletes), task.file->record_count};
  by_file_[task.file] = &added;
  return &added;
}

Result<std::vector<const ScanFile*>> TableScan::Plan(const iceberg::Expression& filter) {
  std::lock_guard lock(mutex_);
  std::vector<const ScanFile*> result;
  if (snapshot_ != nullptr) {
    LAKE_ASSIGN_OR_RETURN(iceberg::ScanPlan plan,
                          iceberg::PlanScan(*metadata_, snapshot_, filter, manifests_, &schema_));
    result.reserve(plan.tasks.size());
    for (const iceberg::ScanTask& task : plan.tasks) {
      LAKE_ASSIGN_OR_RETURN(const ScanFile* file, Register(task));
      result.push_back(file);
    }
    total_files_ = plan.counts.data_files_total + static_cast<int64_t>(overlay_.size());
    plans_.push_back(std::move(plan));
  } else {
    total_files_ = static_cast<int64_t>(overlay_.size());
  }
  LAKE_ASSIGN_OR_RETURN(std::vector<const ScanFile*> added, Prune(overlay_, filter));
  result.insert(result.end(), added.begin(), added.end());
  return result;
}

Result<std::vector<const ScanFile*>> TableScan::Prune(const std::vector<const ScanFile*>& files,
                                                      const iceberg::Expression& filter) const {
  if (filter.is_true() || files.empty()) return files;
  LAKE_ASSIGN_OR_RETURN(iceberg::Expression bound, iceberg::Bind(filter, schema_));
  iceberg::FilePruner pruner(*metadata_, schema_, bound);
  std::vector<const ScanFile*> result;
  for (const ScanFile* file : files) {
    if (pruner.FileMayMatch(*file->file)) result.push_back(file);
  }
  return result;
}

const ScanFile* TableScan::Find(uint64_t ordinal) const {
  std::lock_guard lock(mutex_);
  return ordinal < files_.size() ? &files_[ordinal] : nullptr;
}

Result<std::shared_ptr<const DeletedRows>> TableScan::HiddenRows(duckdb::ClientContext& context,
                                                                 const ScanFile& file) const {
  return HiddenRowsOf(context, *lake_, *file.file, file.deletes, file.row_limit);
}

Result<int64_t> TableScan::LiveRows(duckdb::ClientContext& context, const ScanFile& file) const {
  if (file.deletes.empty()) return file.row_limit;
  LAKE_ASSIGN_OR_RETURN(auto hidden, HiddenRows(context, file));
  return file.row_limit - (hidden ? hidden->CountBelow(file.row_limit) : 0);
}

}  // namespace lake::server
