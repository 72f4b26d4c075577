// See the header.
#include "server/lake/commit_deletes.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "duckdb/parallel/task_scheduler.hpp"
#include "iceberg/scan.h"
#include "server/lake/deleted_rows.h"
#include "server/lake/deletion_vector.h"
#include "server/lake/fault_point.h"
#include "server/lake/file_rewrite.h"
#include "server/lake/parallel.h"

namespace lake::server {

namespace {

/// Everything that the changes delete in one data file.
struct Merged {
  RowSet rows;
  std::vector<std::vector<iceberg::Location>> applied;  // as each change saw it
};

/// A data file that loses rows.
struct Target {
  const iceberg::DataFile* file = nullptr;
  bool is_own = false;     // added by the transaction: not in the base
  iceberg::ScanTask task;  // with the delete files of the base that apply to it
  RowSet rows;             // that it loses now
  RowSet gone;             // these and what it has lost before
};

Error ConcurrentUpdate() { return Conflict("could not serialize access due to concurrent update"); }

class DeleteApplication {
 public:
  DeleteApplication(duckdb::ClientContext& context, std::shared_ptr<LakeInstance> lake, LakeInstance::MetadataPtr table,
                    const DeleteOptions& options)
      : context_(context),
        lake_(std::move(lake)),
        table_(std::move(table)),
        options_(options),
        equality_deletes_(lake_, table_) {}

  /// Sorts the changes into targets and files that stay as they are.
  Status FindFiles(const iceberg::Snapshot* snapshot, iceberg::ManifestSource& manifests, std::vector<Change> changes);
  /// What becomes of each target.
  void Decide();
  /// Writes the new files, several at a time.
  Status Write();
  Result<std::optional<int64_t>> LiveRecords(const iceberg::Snapshot* snapshot, iceberg::ManifestSource& manifests);

  FilesAfterDeletes& result() { return result_; }

 private:
  Result<Target> TargetOf(const iceberg::ScanTask& task, Merged& merged);
  void Remove(const Target& target);
  void RemoveDeletes(const Target& target);
  Status WriteVectors();
  Status WriteOne(size_t task);

  duckdb::ClientContext& context_;
  std::shared_ptr<LakeInstance> lake_;
  LakeInstance::MetadataPtr table_;
  const DeleteOptions& options_;
  EqualityDeletes equality_deletes_;

  iceberg::ScanPlan plan_;                // the base's files
  std::vector<iceberg::DataFile> added_;  // by the changes
  std::vector<Target> targets_;           // in scan order, the transaction's own last
  std::vector<const Target*> rewrites_;
  std::vector<std::vector<RowsOfFile>> delete_files_;  // by partition
  std::vector<const Target*> vectors_;                 // that get a deletion vector
  std::vector<iceberg::DataFile> vectors_written_;
  FilesAfterDeletes result_;
};

Result<Target> DeleteApplication::TargetOf(const iceberg::ScanTask& task, Merged& merged) {
  const iceberg::DataFile& file = *task.file;
  Target target;
  target.file = &file;
  target.task = task;
  target.rows = std::move(merged.rows);
  if (!target.rows.empty() && target.rows.highest() >= file.record_count) {
    return Corrupt("change deletes row {} of data file \"{}\", which has {}", target.rows.highest(),
                   file.file_path.str(), file.record_count);
  }
  LAKE_ASSIGN_OR_RETURN(auto hidden,
                        HiddenRowsOf(context_, *lake_, equality_deletes_, task, nullptr, file.record_count));
  if (hidden) {
    target.rows.Remove(hidden->rows());
    target.gone = hidden->rows();
  }
  target.gone.Add(target.rows);
  return target;
}

Status DeleteApplication::FindFiles(const iceberg::Snapshot* snapshot, iceberg::ManifestSource& manifests,
                                    std::vector<Change> changes) {
  std::unordered_map<iceberg::Location, Merged> merged;
  for (Change& change : changes) {
    for (FileDelete& file : change.deletes) {
      Merged& all = merged[file.path];
      all.rows.Add(file.rows);
      all.applied.push_back(std::move(file.applied));
    }
    for (iceberg::DataFile& file : change.files) added_.push_back(std::move(file));
  }

  LAKE_ASSIGN_OR_RETURN(plan_, iceberg::PlanScan(*table_, snapshot, {}, manifests));
  for (const iceberg::ScanTask& task : plan_.tasks) equality_deletes_.Note(task);
  for (const iceberg::ScanTask& task : plan_.tasks) {
    auto at = merged.find(task.file->file_path);
    if (at == merged.end()) continue;
    std::vector<iceberg::Location> applied = AppliedTo(task);
    for (const auto& seen : at->second.applied) {
      if (seen != applied) return ConcurrentUpdate();
    }
    LAKE_ASSIGN_OR_RETURN(Target target, TargetOf(task, at->second));
    if (!target.rows.empty()) targets_.push_back(std::move(target));
    merged.erase(at);
  }
  for (const iceberg::DataFile& file : added_) {
    auto at = merged.find(file.file_path);
    if (at == merged.end()) {
      result_.data_files.push_back(file);
      continue;
    }
    iceberg::ScanTask task;
    task.file = &file;
    LAKE_ASSIGN_OR_RETURN(Target target, TargetOf(task, at->second));
    merged.erase(at);
    if (target.rows.empty()) {
      result_.data_files.push_back(file);
      continue;
    }
    target.is_own = true;
    targets_.push_back(std::move(target));
  }
  // What is left names files that are gone.
  return merged.empty() ? Status() : ConcurrentUpdate();
}

void DeleteApplication::Remove(const Target& target) {
  if (target.is_own) return;
  result_.removed.push_back(target.file->file_path);
  RemoveDeletes(target);
}

/// The delete files that are about the file alone.
void DeleteApplication::RemoveDeletes(const Target& target) {
  for (const iceberg::ScanDelete& applies : target.task.deletes) {
    if (applies.file->is_deletion_vector()) {
      result_.removed_vectors.push_back(target.file->file_path);
    } else if (iceberg::OnlyDataFileOf(*applies.file) == target.file->file_path) {
      result_.removed.push_back(applies.file->file_path);
    }
  }
}

void DeleteApplication::Decide() {
  std::map<std::string, size_t> partitions;
  int64_t positions = 0;
  bool can_rewrite = CanRewrite(table_->current_schema());
  for (const Target& target : targets_) {
    int64_t rows = target.file->record_count, gone = target.gone.count();
    if (gone >= rows) {
      Remove(target);
      continue;
    }
    bool enough = options_.max_positions >= 0 && positions >= options_.max_positions;
    if (can_rewrite && (enough || gone * 100 > options_.threshold * rows)) {
      Remove(target);
      rewrites_.push_back(&target);
      continue;
    }
    positions += target.rows.count();
    if (target.is_own) result_.data_files.push_back(*target.file);
    if (table_->format_version >= 3) {
      RemoveDeletes(target);
      vectors_.push_back(&target);
      continue;
    }
    auto [at, is_new] = partitions.emplace(iceberg::PartitionKey(*target.file), delete_files_.size());
    if (is_new) delete_files_.emplace_back();
    delete_files_[at->second].push_back({target.file, &target.rows});
  }
}

Status DeleteApplication::WriteOne(size_t task) {
  Compression compression = CompressionOf(*table_);
  if (task < rewrites_.size()) {
    std::string location = fmt::format("{}-{}.parquet", options_.prefix, task);
    const Target& target = *rewrites_[task];
    size_t at = result_.data_files.size() - rewrites_.size() + task;
    LAKE_ASSIGN_OR_RETURN(result_.data_files[at],
                          RewriteFile(context_, *lake_, table_, target.task, target.gone, location, compression));
    return {};
  }
  size_t at = task - rewrites_.size();
  if (at == delete_files_.size()) return WriteVectors();
  std::string location = fmt::format("{}-deletes-{}.parquet", options_.prefix, at);
  LAKE_ASSIGN_OR_RETURN(result_.delete_files[at],
                        WritePositionDeleteFile(context_, lake_->store(), location, delete_files_[at], compression));
  PositionDeletes deletes;
  for (const RowsOfFile& rows : delete_files_[at]) deletes.emplace(rows.file->file_path.str(), *rows.rows);
  RememberPositionDeletes(*lake_, result_.delete_files[at], std::move(deletes));
  return {};
}

Status DeleteApplication::WriteVectors() {
  iceberg::Location location(options_.prefix + "-deletes.puffin");
  iceberg::PuffinWriter puffin;
  std::vector<iceberg::DataFile> vectors;
  for (const Target* target : vectors_) {
    vectors.push_back(AddDeletionVector(puffin, location, *target->file, target->gone));
  }
  LAKE_ASSIGN_OR_RETURN(std::string bytes, std::move(puffin).Finish({{"created-by", "pg_lake"}}));
  auto written = lake_->store().Put(location.str(), bytes, {.if_absent = true});
  if (!written.ok()) return std::move(written).error();
  for (size_t i = 0; i < vectors.size(); ++i) {
    vectors[i].file_size_in_bytes = static_cast<int64_t>(bytes.size());
    RememberDeletionVector(*lake_, vectors[i], vectors_[i]->gone);
  }
  vectors_written_ = std::move(vectors);
  return {};
}

Status DeleteApplication::Write() {
  result_.data_files.resize(result_.data_files.size() + rewrites_.size());
  result_.delete_files.resize(delete_files_.size());
  size_t threads = HasFaultPoint() ? 1 : duckdb::TaskScheduler::GetScheduler(context_).NumberOfThreads();
  size_t tasks = rewrites_.size() + delete_files_.size() + (vectors_.empty() ? 0 : 1);
  LAKE_RETURN_IF_ERROR(RunParallelThrowing(tasks, threads, [&](size_t task) { return WriteOne(task); }));
  std::move(vectors_written_.begin(), vectors_written_.end(), std::back_inserter(result_.delete_files));
  return {};
}

Result<std::optional<int64_t>> DeleteApplication::LiveRecords(const iceberg::Snapshot* snapshot,
                                                              iceberg::ManifestSource& manifests) {
  LAKE_ASSIGN_OR_RETURN(iceberg::TableTotals totals, iceberg::TotalsOf(snapshot, manifests));
  std::optional<int64_t> live = snapshot == nullptr ? 0 : totals.live_records;
  if (!live) {
    // Another engine has deleted rows since: count them once, the snapshot to come knows the number again.
    if (plan_.has_equality_deletes) return std::optional<int64_t>();
    live = 0;
    for (const iceberg::ScanTask& task : plan_.tasks) {
      LAKE_ASSIGN_OR_RETURN(auto hidden,
                            HiddenRowsOf(context_, *lake_, equality_deletes_, task, nullptr, task.file->record_count));
      *live += task.file->record_count - (hidden ? hidden->CountBelow(task.file->record_count) : 0);
    }
  }
  for (const iceberg::DataFile& file : added_) *live += file.record_count;
  for (const Target& target : targets_) *live -= target.rows.count();
  return live;
}

}  // namespace

Result<FilesAfterDeletes> ApplyDeletes(duckdb::ClientContext& context, std::shared_ptr<LakeInstance> lake,
                                       LakeInstance::MetadataPtr table, const iceberg::Snapshot* snapshot,
                                       iceberg::ManifestSource& manifests, std::vector<Change> changes,
                                       const DeleteOptions& options) {
  DeleteApplication application(context, std::move(lake), std::move(table), options);
  LAKE_RETURN_IF_ERROR(application.FindFiles(snapshot, manifests, std::move(changes)));
  application.Decide();
  LAKE_RETURN_IF_ERROR(application.Write());
  LAKE_ASSIGN_OR_RETURN(application.result().live_records, application.LiveRecords(snapshot, manifests));
  return std::move(application.result());
}

}  // namespace lake::server
