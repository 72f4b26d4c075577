#include "iceberg/scan.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <unordered_map>

#include "iceberg/row_lineage.h"

namespace lake::iceberg {

namespace {

/// The delete files of a snapshot by where they apply (rules 59 to 63): to one data file by its path, to a partition of
/// one spec, or (equality deletes of an unpartitioned spec) to everything.
class DeleteIndex {
 public:
  Status Add(const DataFile& file, SequenceNumber sequence_number, const TableMetadata& metadata) {
    ScanDelete entry{&file, sequence_number};
    if (file.is_deletion_vector()) {
      if (!vectors_.emplace(*file.referenced_data_file, entry).second) {
        return Corrupt("data file \"{}\" has more than one deletion vector", *file.referenced_data_file);
      }
    } else if (file.content == FileContent::kEqualityDeletes) {
      const PartitionSpec* spec = metadata.FindSpec(file.spec_id);
      bool global = file.partition.empty() || (spec != nullptr && spec->is_unpartitioned());
      (global ? global_equality_ : equality_[PartitionKey(file)]).push_back(entry);
    } else if (auto path = OnlyDataFileOf(file)) {
      by_path_[*path].push_back(entry);
    } else {
      positions_[PartitionKey(file)].push_back(entry);
    }
    empty_ = false;
    return {};
  }

  /// The deletes that apply to a data file, by sequence number.
  std::vector<ScanDelete> Find(const DataFile& file, SequenceNumber sequence_number) const {
    std::vector<ScanDelete> found;
    if (empty_) return found;
    auto take = [&](const std::vector<ScanDelete>& deletes, bool strictly) {
      for (const ScanDelete& entry : deletes) {
        if (!MayName(*entry.file, file.file_path)) continue;
        if (strictly ? sequence_number < entry.sequence_number : sequence_number <= entry.sequence_number) {
          found.push_back(entry);
        }
      }
    };
    auto take_from = [&](const auto& map, const auto& key, bool strictly) {
      if (auto at = map.find(key); at != map.end()) take(at->second, strictly);
    };
    take(global_equality_, true);
    std::string partition = PartitionKey(file);
    take_from(equality_, partition, true);
    auto vector = vectors_.find(file.file_path);
    if (vector != vectors_.end() && sequence_number <= vector->second.sequence_number) {
      found.push_back(vector->second);  // holds what older position deletes said (rule 63)
    } else {
      take_from(by_path_, file.file_path, false);
      take_from(positions_, partition, false);
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const ScanDelete& a, const ScanDelete& b) { return a.sequence_number < b.sequence_number; });
    return found;
  }

 private:
  /// Whether a position delete file's bounds leave room for the path. Others have no such bounds.
  static bool MayName(const DataFile& delete_file, const Location& path) {
    const std::string* lower = delete_file.lower_bounds.Find(kDeleteFilePathId);
    const std::string* upper = delete_file.upper_bounds.Find(kDeleteFilePathId);
    return (lower == nullptr || path.str() >= *lower) && (upper == nullptr || path.str() <= *upper);
  }

  bool empty_ = true;
  std::vector<ScanDelete> global_equality_;
  std::unordered_map<std::string, std::vector<ScanDelete>> equality_;
  std::unordered_map<std::string, std::vector<ScanDelete>> positions_;
  std::unordered_map<Location, std::vector<ScanDelete>> by_path_;
  std::unordered_map<Location, ScanDelete> vectors_;
};

/// The manifests that may matter, split by content; what is left out is counted.
struct Selected {
  std::vector<ManifestFile> data;
  std::vector<ManifestFile> deletes;
};

Selected SelectManifests(const std::vector<ManifestFile>& manifests, const FilePruner& pruner, ScanCounts& counts) {
  Selected selected;
  for (const ManifestFile& manifest : manifests) {
    bool data = manifest.content == ManifestContent::kData;
    if (data) counts.manifests_total++;
    if (manifest.may_have_live_files() && pruner.ManifestMayMatch(manifest)) {
      (data ? selected.data : selected.deletes).push_back(manifest);
    } else if (data) {
      counts.manifests_skipped++;
      int64_t files = int64_t{manifest.added_files_count.value_or(0)} + manifest.existing_files_count.value_or(0);
      counts.data_files_total += files;
      counts.data_files_skipped += files;
    }
  }
  return selected;
}

Status IndexDeletes(const std::vector<ManifestFile>& files, const TableMetadata& metadata, ManifestSource& source,
                    ScanPlan& plan, DeleteIndex& index) {
  LAKE_ASSIGN_OR_RETURN(auto manifests, source.GetAll(files));
  for (size_t i = 0; i < manifests.size(); i++) {
    for (const ManifestEntry& entry : manifests[i]->entries) {
      if (!entry.is_live()) continue;
      plan.counts.delete_files_total++;
      plan.has_equality_deletes |= entry.file.content == FileContent::kEqualityDeletes;
      plan.has_deletion_vectors |= entry.file.is_deletion_vector();
      LAKE_RETURN_IF_ERROR(index.Add(entry.file, entry.SequenceNumberIn(files[i]), metadata));
    }
    plan.manifests.push_back(std::move(manifests[i]));
  }
  return {};
}

constexpr int64_t kMaxTotal = int64_t{1} << 62;  // what a commit adds to it does not overflow

std::optional<int64_t> SummaryNumber(const Snapshot& snapshot, const char* key) {
  auto at = snapshot.summary.find(key);
  if (at == snapshot.summary.end()) return std::nullopt;
  int64_t value = 0;
  const char* end = at->second.data() + at->second.size();
  auto [stop, error] = std::from_chars(at->second.data(), end, value);
  bool makes_sense = error == std::errc() && stop == end && value >= 0 && value <= kMaxTotal;
  return makes_sense ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<Location> OnlyDataFileOf(const DataFile& delete_file) {
  if (delete_file.referenced_data_file) return delete_file.referenced_data_file;
  const std::string* lower = delete_file.lower_bounds.Find(kDeleteFilePathId);
  const std::string* upper = delete_file.upper_bounds.Find(kDeleteFilePathId);
  if (lower == nullptr || upper == nullptr || *lower != *upper) return std::nullopt;
  return Location(*lower);
}

std::string PartitionKey(const DataFile& file) {
  std::string key = fmt::format("{}", file.spec_id);
  for (const auto& value : file.partition) {
    std::string bytes = value ? value->ToBinary() : std::string();
    key += fmt::format("/{}{}:", value ? "" : "-", bytes.size());
    key += bytes;
  }
  return key;
}

Result<ScanPlan> PlanScan(const TableMetadata& metadata, const Snapshot* snapshot, const Expression& filter,
                          ManifestSource& source, const Schema* schema) {
  ScanPlan plan;
  plan.schema = schema != nullptr ? *schema : metadata.current_schema();
  LAKE_ASSIGN_OR_RETURN(Expression bound, Bind(filter, plan.schema));
  if (snapshot == nullptr) return plan;
  FilePruner pruner(metadata, plan.schema, bound);
  LAKE_ASSIGN_OR_RETURN(auto list, ManifestsOf(*snapshot, source));
  Selected selected = SelectManifests(*list, pruner, plan.counts);

  LAKE_ASSIGN_OR_RETURN(auto manifests, source.GetAll(selected.data));
  DeleteIndex deletes;
  LAKE_RETURN_IF_ERROR(IndexDeletes(selected.deletes, metadata, source, plan, deletes));

  for (size_t i = 0; i < manifests.size(); i++) {
    const ManifestFile& line = selected.data[i];
    RowIdAssigner row_ids(line);
    for (const ManifestEntry& entry : manifests[i]->entries) {
      auto first_row_id = row_ids.Next(entry);
      if (!entry.is_live()) continue;
      plan.counts.data_files_total++;
      if (!pruner.FileMayMatch(entry.file)) {
        plan.counts.data_files_skipped++;
        continue;
      }
      ScanTask task;
      task.file = &entry.file;
      task.sequence_number = entry.SequenceNumberIn(line);
      task.snapshot_id = entry.SnapshotIdIn(line);
      task.first_row_id = first_row_id;
      task.deletes = deletes.Find(entry.file, task.sequence_number);
      plan.tasks.push_back(std::move(task));
    }
    plan.manifests.push_back(std::move(manifests[i]));
  }
  std::stable_sort(plan.tasks.begin(), plan.tasks.end(),
                   [](const ScanTask& a, const ScanTask& b) { return a.sequence_number < b.sequence_number; });
  return plan;
}

Result<TableTotals> TotalsOf(const Snapshot* snapshot, ManifestSource& source) {
  TableTotals totals;
  if (snapshot == nullptr) return totals;
  auto records = SummaryNumber(*snapshot, "total-records");
  auto bytes = SummaryNumber(*snapshot, "total-files-size");
  auto data_files = SummaryNumber(*snapshot, "total-data-files");
  auto delete_files = SummaryNumber(*snapshot, "total-delete-files");
  auto deleted = SummaryNumber(*snapshot, "total-position-deletes");
  auto known = SummaryNumber(*snapshot, kLiveRecordsKey);
  if (records && bytes && data_files && delete_files && deleted) {
    return TableTotals{*records, *bytes, *data_files, *delete_files, *deleted, *delete_files == 0 ? records : known};
  }
  LAKE_ASSIGN_OR_RETURN(auto list, ManifestsOf(*snapshot, source));
  std::vector<ManifestFile> live;
  std::copy_if(list->begin(), list->end(), std::back_inserter(live),
               [](const ManifestFile& manifest) { return manifest.may_have_live_files(); });
  LAKE_ASSIGN_OR_RETURN(auto manifests, source.GetAll(live));
  for (const auto& manifest : manifests) {
    for (const ManifestEntry& entry : manifest->entries) {
      if (!entry.is_live()) continue;
      totals.bytes += entry.file.content_bytes();
      if (entry.file.content == FileContent::kData) {
        totals.data_files++;
        totals.records += entry.file.record_count;
      } else {
        totals.delete_files++;
        if (entry.file.content == FileContent::kPositionDeletes) totals.deleted_records += entry.file.record_count;
      }
    }
  }
  totals.live_records = totals.delete_files == 0 ? totals.records : known;
  return totals;
}

Result<std::vector<Location>> ReferencedFiles(const TableMetadata& metadata, ManifestSource& source) {
  std::set<Location> found;
  for (const MetadataLogEntry& entry : metadata.metadata_log) found.insert(entry.metadata_file);
  for (const StatisticsFile& file : metadata.statistics) found.insert(file.path);
  for (const StatisticsFile& file : metadata.partition_statistics) found.insert(file.path);
  std::vector<ManifestFile> manifests;
  for (const Snapshot& snapshot : metadata.snapshots) {
    if (!snapshot.manifest_list.empty()) found.insert(snapshot.manifest_list);
    LAKE_ASSIGN_OR_RETURN(auto list, ManifestsOf(snapshot, source));
    for (const ManifestFile& manifest : *list) {
      if (found.insert(manifest.manifest_path).second) manifests.push_back(manifest);
    }
  }
  LAKE_ASSIGN_OR_RETURN(auto parsed, source.GetAll(manifests));
  for (const auto& manifest : parsed) {
    for (const ManifestEntry& entry : manifest->entries) {
      if (entry.is_live()) found.insert(entry.file.file_path);
    }
  }
  return std::vector<Location>(found.begin(), found.end());
}

}  // namespace lake::iceberg
