// See the header. Every path that metadata names is checked here before DuckDB sees it, because DuckDB would open
// schemes and local names of its own that our storage policy never permits.
#include "server/lake/table_scan.h"

#include <algorithm>

#include "duckdb/common/types/timestamp.hpp"
#include "iceberg/location.h"
#include "iceberg/operation/prepared_commit.h"
#include "storage/location.h"

namespace lake::server {

namespace {

Status CheckDataFile(const iceberg::DataFile& file) {
  LAKE_ASSIGN_OR_RETURN(storage::Location location, storage::ParseLocation(file.file_path.str()));
  if (location.scheme != storage::Scheme::kFile && location.scheme != storage::Scheme::kS3) {
    return Unsupported("unsupported data-file URL \"{}\"", file.file_path.str());
  }
  if (file.file_format != iceberg::FileFormat::kParquet) {
    return Unsupported("{} file \"{}\" has format {}, only parquet is supported",
                       file.content == iceberg::FileContent::kData ? "data" : "delete", file.file_path.str(),
                       iceberg::FileFormatName(file.file_format));
  }
  if (file.record_count < 0 || file.file_size_in_bytes < 0) {
    return Corrupt("data file \"{}\" is said to have {} rows and {} bytes", file.file_path.str(), file.record_count,
                   file.file_size_in_bytes);
  }
  return {};
}

/// The snapshot that is asked for; null for a table that has none yet. kInvalidInput when it has no such one.
Result<const iceberg::Snapshot*> FindPast(const iceberg::TableMetadata& table, const ScanRequest& request) {
  if (table.snapshots.empty()) return static_cast<const iceberg::Snapshot*>(nullptr);
  const iceberg::Snapshot* found = nullptr;
  if (request.at_snapshot) {
    found = table.FindSnapshot(iceberg::SnapshotId{*request.at_snapshot});
    if (found == nullptr) {
      return InvalidInput("snapshot {} does not exist in the table at \"{}\"", *request.at_snapshot,
                          table.location.str());
    }
  } else if (request.at_time) {
    found = table.SnapshotAsOf(*request.at_time);
    if (found == nullptr) {
      std::string time = duckdb::Timestamp::ToString(duckdb::Timestamp::FromEpochMs(*request.at_time));
      return InvalidInput("no snapshot of the table at \"{}\" is as old as {}+00", table.location.str(), time);
    }
  } else {
    found = table.FindRef(request.at_ref);
    if (found == nullptr) {
      return InvalidInput("branch or tag \"{}\" does not exist in the table at \"{}\"", request.at_ref,
                          table.location.str());
    }
  }
  return found;
}

/// Equal for tasks of the same rows: the data file and the deletes that apply to it.
std::string ContentOf(const iceberg::ScanTask& task) {
  std::vector<std::string> deletes;
  for (const iceberg::ScanDelete& applies : task.deletes) {
    deletes.push_back(fmt::format("{} {}", applies.file->content_offset.value_or(0), applies.file->file_path.str()));
  }
  std::sort(deletes.begin(), deletes.end());
  return fmt::format("{}\n{}", task.file->file_path.str(), fmt::join(deletes, "\n"));
}

}  // namespace

Result<std::shared_ptr<TableScan>> TableScan::Open(duckdb::ClientContext& context, const ScanRequest& request) {
  std::shared_ptr<LakeInstance> lake = LakeInstance::Of(context);
  storage::ReadOptions options = Cancellable(context);
  LAKE_ASSIGN_OR_RETURN(LakeInstance::MetadataPtr metadata, lake->MetadataOfBase(request.base, options));
  std::shared_ptr<TableScan> scan(new TableScan(std::move(lake), std::move(metadata), options));
  const iceberg::TableMetadata& table = *scan->metadata_;
  LAKE_ASSIGN_OR_RETURN(Base base, ParseBase(request.base));
  LAKE_ASSIGN_OR_RETURN(scan->snapshot_, HeadOf(base, table));
  scan->schema_ = table.current_schema();
  if (request.snapshot_id) {
    scan->snapshot_ = table.FindSnapshot(iceberg::SnapshotId{*request.snapshot_id});
    if (scan->snapshot_ == nullptr) return NotFound("snapshot {} does not exist", *request.snapshot_id);
    scan->schema_ = table.SchemaOf(*scan->snapshot_);
  }
  if (!request.as_of.empty()) {
    LAKE_ASSIGN_OR_RETURN(scan->as_of_, scan->lake_->Metadata(request.as_of, options));
    if (scan->as_of_->table_uuid != table.table_uuid) {
      return InvalidInput("\"{}\" is not metadata of the same table as the base", request.as_of);
    }
    LAKE_ASSIGN_OR_RETURN(scan->snapshot_, HeadOf(base, *scan->as_of_));
  }
  if (request.travels()) {
    if (!request.changes.empty()) return InvalidInput("rows of the past have no changes");
    LAKE_ASSIGN_OR_RETURN(scan->snapshot_, FindPast(scan->as_of_ ? *scan->as_of_ : table, request));
  }
  if (!request.changes.empty()) LAKE_RETURN_IF_ERROR(scan->Overlay(request.base, request.changes));
  if (request.row_ids) LAKE_RETURN_IF_ERROR(scan->AssignRowIds());
  if (request.unlike_snapshot) {
    LAKE_ASSIGN_OR_RETURN(auto files, scan->AlsoIn(*request.unlike_snapshot));
    scan->LeaveOut(files);
  }
  return scan;
}

Result<std::vector<const ScanFile*>> TableScan::AlsoIn(int64_t snapshot_id) {
  const iceberg::Snapshot* other = metadata_->FindSnapshot(iceberg::SnapshotId{snapshot_id});
  if (other == nullptr) {
    return InvalidInput("snapshot {} does not exist in the table at \"{}\"", snapshot_id, metadata_->location.str());
  }
  LAKE_ASSIGN_OR_RETURN(iceberg::ScanPlan plan, iceberg::PlanScan(*metadata_, other, {}, manifests_, &schema_));
  std::set<std::string> known;
  for (const iceberg::ScanTask& task : plan.tasks) known.insert(ContentOf(task));
  LAKE_ASSIGN_OR_RETURN(std::vector<const ScanFile*> files, Plan({}));
  std::erase_if(files, [&](const ScanFile* file) { return !known.contains(ContentOf(file->task)); });
  return files;
}

Result<std::shared_ptr<TableScan>> TableScan::OfFile(duckdb::ClientContext& context, LakeInstance::MetadataPtr table,
                                                     const iceberg::DataFile& file, iceberg::Schema schema,
                                                     RowSet deleted) {
  std::shared_ptr<TableScan> scan(new TableScan(LakeInstance::Of(context), std::move(table), Cancellable(context)));
  scan->schema_ = std::move(schema);
  scan->is_counted_ = false;
  scan->deleted_[file.file_path] = std::move(deleted);
  LAKE_ASSIGN_OR_RETURN(const ScanFile* added, scan->RegisterAdded(scan->added_.emplace_back(file), file.record_count));
  scan->overlay_.push_back(added);
  return scan;
}

Status TableScan::Overlay(const std::string& base, std::string_view text) {
  LAKE_ASSIGN_OR_RETURN(changes_, lake_->changes().Parse(base, text, *metadata_));
  size_t first = 0;
  for (size_t i = 0; i < changes_.size(); ++i) {
    if (changes_[i]->truncate) first = i + 1;
  }
  if (first > 0) snapshot_ = nullptr;
  for (size_t i = first; i < changes_.size(); ++i) {
    for (const FileDelete& file : changes_[i]->deletes) deleted_[file.path].Add(file.rows);
  }
  int64_t next_row_id = kFirstAddedRowId;
  for (size_t i = 0; i < changes_.size(); ++i) {
    LAKE_ASSIGN_OR_RETURN(std::vector<int64_t> counts, changes_[i]->RowsOfFiles());
    for (size_t j = 0; j < counts.size(); ++j) {
      const iceberg::DataFile& file = changes_[i]->files[j];
      // Every row has its id, whether it counts or not: ids do not move when later changes or larger limits come.
      int64_t first_row_id = next_row_id;
      if (__builtin_add_overflow(next_row_id, file.record_count, &next_row_id)) {
        return Corrupt("changes are said to have added more rows than can be");
      }
      if (counts[j] == 0 || i < first) continue;
      LAKE_ASSIGN_OR_RETURN(ScanFile * added, RegisterAdded(file, counts[j]));
      added->first_row_id = first_row_id;
      added->is_own = true;
      overlay_.push_back(added);
    }
  }
  return {};
}

Status TableScan::AssignRowIds() {
  has_row_ids_ = true;
  if (snapshot_ != nullptr) {
    LAKE_ASSIGN_OR_RETURN(iceberg::ScanPlan plan, iceberg::PlanScan(*metadata_, snapshot_, {}, manifests_, &schema_));
    // Not in the manifests' order, which merging them may change.
    std::sort(plan.tasks.begin(), plan.tasks.end(), [](const iceberg::ScanTask& a, const iceberg::ScanTask& b) {
      if (a.sequence_number != b.sequence_number) return a.sequence_number < b.sequence_number;
      return a.file->file_path < b.file->file_path;
    });
    int64_t next_row_id = 0;
    for (const iceberg::ScanTask& task : plan.tasks) {
      LAKE_ASSIGN_OR_RETURN(ScanFile * file, Register(task));
      file->first_row_id = next_row_id;
      by_row_id_.push_back(file);
      if (__builtin_add_overflow(next_row_id, task.file->record_count, &next_row_id) ||
          next_row_id > kFirstAddedRowId) {
        return Unsupported("table at \"{}\" has too many rows for row ids", metadata_->location.str());
      }
    }
    plans_.push_back(std::move(plan));
  }
  by_row_id_.insert(by_row_id_.end(), overlay_.begin(), overlay_.end());
  return {};
}

const RowSet* TableScan::DeletedIn(const iceberg::DataFile& file) const {
  auto at = deleted_.find(file.file_path);
  return at == deleted_.end() || at->second.empty() ? nullptr : &at->second;
}

Result<ScanFile*> TableScan::RegisterAdded(const iceberg::DataFile& file, int64_t row_limit) {
  LAKE_RETURN_IF_ERROR(CheckDataFile(file));
  ScanFile& added = files_.emplace_back();
  added.file = &file;
  added.task.file = &file;
  added.ordinal = files_.size() - 1;
  added.deleted = DeletedIn(file);
  added.row_limit = row_limit;
  return &added;
}

Result<ScanFile*> TableScan::Register(const iceberg::ScanTask& task) {
  if (auto at = by_file_.find(task.file); at != by_file_.end()) return at->second;
  LAKE_ASSIGN_OR_RETURN(ScanFile * added, RegisterAdded(*task.file, task.file->record_count));
  added->task = task;
  equality_deletes_.Note(task);
  const iceberg::Snapshot* snapshot = metadata_->FindSnapshot(task.snapshot_id);
  if (snapshot != nullptr) {
    auto engine = snapshot->summary.find(iceberg::kEngineNameKey);
    added->is_own = engine != snapshot->summary.end() && engine->second == iceberg::kEngineName;
  }
  by_file_[task.file] = added;
  return added;
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
  if (!left_out_.empty()) std::erase_if(result, [&](const ScanFile* file) { return left_out_.count(file) > 0; });
  return result;
}

Result<std::vector<const ScanFile*>> TableScan::Covered(const iceberg::Expression& filter) const {
  LAKE_ASSIGN_OR_RETURN(std::vector<const ScanFile*> others, Prune(by_row_id_, Complement(filter)));
  std::set<const ScanFile*> kept(others.begin(), others.end());
  std::vector<const ScanFile*> covered;
  for (const ScanFile* file : by_row_id_) {
    if (kept.count(file) == 0) covered.push_back(file);
  }
  return covered;
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

void TableScan::NoteOpened(const ScanFile& file) {
  std::lock_guard lock(mutex_);
  opened_.insert(&file);
}

std::vector<const ScanFile*> TableScan::Opened() const {
  std::lock_guard lock(mutex_);
  return {opened_.begin(), opened_.end()};
}

Result<std::shared_ptr<const DeletedRows>> TableScan::HiddenRows(duckdb::ClientContext& context,
                                                                 const ScanFile& file) const {
  return HiddenRowsOf(context, *lake_, equality_deletes_, file.task, file.deleted, file.row_limit);
}

Result<int64_t> TableScan::LiveRows(duckdb::ClientContext& context, const ScanFile& file) const {
  if (file.task.deletes.empty() && file.deleted == nullptr) return file.row_limit;
  LAKE_ASSIGN_OR_RETURN(auto hidden, HiddenRows(context, file));
  return file.row_limit - (hidden ? hidden->CountBelow(file.row_limit) : 0);
}

}  // namespace lake::server
