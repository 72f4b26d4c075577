// How a snapshot's manifests come about: new files go into new manifests; manifests with removed files are rewritten
// with them as DELETED entries; all others are carried by reference; small ones are merged when there are many.
#include "iceberg/operation/snapshot_update.h"

#include <algorithm>
#include <map>

#include "iceberg/commit.h"
#include "iceberg/operation/snapshot_summary.h"
#include "iceberg/row_lineage.h"

namespace lake::iceberg {

namespace {

constexpr size_t kMaxEntriesPerManifest = 20000;  // some 8 MiB
constexpr int64_t kDefaultMergeTarget = 8 << 20;
constexpr int64_t kDefaultMergeCount = 100;

using EntryStatus = ManifestEntry::Status;

/// The manifests of one new snapshot while they are being put together.
class ManifestBuilder {
 public:
  ManifestBuilder(const TableMetadata& base, ManifestSource& source, const CommitNames& names, PreparedCommit& out)
      : base_(base),
        source_(source),
        names_(names),
        out_(out),
        sequence_number_(SequenceNumber{base.last_sequence_number.value + 1}) {}

  Status LoadExisting(const Snapshot* parent) {
    if (parent == nullptr) return {};
    LAKE_ASSIGN_OR_RETURN(auto list, ManifestsOf(*parent, source_));
    // A manifest without live files says nothing about the table any more.
    std::copy_if(list->begin(), list->end(), std::back_inserter(carried_),
                 [](const ManifestFile& manifest) { return manifest.may_have_live_files(); });
    return {};
  }

  /// Rewrites every manifest that holds a file `is_removed` says yes to.
  template <typename IsRemoved>
  Status Remove(IsRemoved is_removed, SummaryCounter& summary) {
    LAKE_ASSIGN_OR_RETURN(auto manifests, source_.GetAll(carried_));
    std::vector<ManifestFile> kept;
    for (size_t i = 0; i < manifests.size(); i++) {
      auto is_gone = [&](const ManifestEntry& entry) { return entry.is_live() && is_removed(entry.file); };
      if (std::none_of(manifests[i]->entries.begin(), manifests[i]->entries.end(), is_gone)) {
        kept.push_back(carried_[i]);
        continue;
      }
      std::vector<ManifestEntry> entries;
      RowIdAssigner row_ids(carried_[i]);
      for (const ManifestEntry& entry : manifests[i]->entries) {
        if (!entry.is_live()) continue;
        ManifestEntry copy = Explicit(entry, carried_[i], row_ids);
        if (is_removed(entry.file)) {
          copy.status = EntryStatus::kDeleted;
          copy.snapshot_id = names_.snapshot_id;
          summary.Removed(entry.file);
        }
        entries.push_back(std::move(copy));
      }
      replaced_++;
      LAKE_RETURN_IF_ERROR(Write(carried_[i].content, manifests[i]->spec, entries, rewritten_));
    }
    carried_ = std::move(kept);
    return {};
  }

  /// New files, grouped by spec: a manifest belongs to one (rule 17).
  Status Add(const std::vector<DataFile>& files, ManifestContent content) {
    std::map<SpecId, std::vector<ManifestEntry>> by_spec;
    for (const DataFile& file : files) {
      ManifestEntry entry;
      entry.snapshot_id = names_.snapshot_id;
      entry.file = file;
      by_spec[file.spec_id].push_back(std::move(entry));
    }
    for (auto& [spec_id, entries] : by_spec) {
      const PartitionSpec* spec = base_.FindSpec(spec_id);
      if (spec == nullptr) return InvalidInput("partition spec {} does not exist", spec_id);
      LAKE_RETURN_IF_ERROR(CheckSpec(*spec, base_.current_schema()));
      LAKE_RETURN_IF_ERROR(Write(content, *spec, entries, added_));
    }
    return {};
  }

  /// GUC-35: where one spec has at least `min_count` manifests of a content, runs of them are merged up to the target
  /// size. New manifests stay as they are: a retry must be able to reuse them.
  Status Merge(int64_t min_count, int64_t target_bytes) {
    std::map<std::pair<ManifestContent, SpecId>, std::vector<ManifestFile>> groups;
    for (const ManifestFile& manifest : carried_) {
      groups[{manifest.content, manifest.partition_spec_id}].push_back(manifest);
    }
    carried_.clear();
    for (auto& [key, group] : groups) {
      if (static_cast<int64_t>(group.size()) + 1 < min_count) {
        carried_.insert(carried_.end(), group.begin(), group.end());
        continue;
      }
      std::vector<ManifestFile> run;
      int64_t run_bytes = 0;
      for (const ManifestFile& manifest : group) {
        if (run_bytes + manifest.manifest_length > target_bytes) {
          LAKE_RETURN_IF_ERROR(MergeRun(run));
          run.clear();
          run_bytes = 0;
        }
        run.push_back(manifest);
        run_bytes += manifest.manifest_length;
      }
      LAKE_RETURN_IF_ERROR(MergeRun(run));
    }
    return {};
  }

  /// The list's lines: new manifests, rewritten ones, then those carried over.
  std::vector<ManifestFile> Lines() const {
    std::vector<ManifestFile> lines = added_;
    lines.insert(lines.end(), rewritten_.begin(), rewritten_.end());
    lines.insert(lines.end(), carried_.begin(), carried_.end());
    return lines;
  }

  void WriteCounts(Properties& summary) const {
    summary["manifests-created"] = fmt::format("{}", added_.size() + rewritten_.size());
    summary["manifests-kept"] = fmt::format("{}", carried_.size());
    summary["manifests-replaced"] = fmt::format("{}", replaced_);
  }

  SequenceNumber sequence_number() const { return sequence_number_; }

 private:
  /// An entry of an older snapshot, carried into a new manifest: nothing left to inherit (rules 39 and 70).
  static ManifestEntry Explicit(const ManifestEntry& entry, const ManifestFile& line, RowIdAssigner& row_ids) {
    ManifestEntry copy = entry;
    copy.status = EntryStatus::kExisting;
    copy.snapshot_id = entry.SnapshotIdIn(line);
    copy.sequence_number = entry.SequenceNumberIn(line);
    copy.file_sequence_number = entry.FileSequenceNumberIn(line);
    copy.file.first_row_id = row_ids.Next(entry);
    return copy;
  }

  Status MergeRun(const std::vector<ManifestFile>& run) {
    if (run.size() < 2) {
      carried_.insert(carried_.end(), run.begin(), run.end());
      return {};
    }
    LAKE_ASSIGN_OR_RETURN(auto manifests, source_.GetAll(run));
    std::vector<ManifestEntry> entries;
    for (size_t i = 0; i < manifests.size(); i++) {
      RowIdAssigner row_ids(run[i]);
      for (const ManifestEntry& entry : manifests[i]->entries) {
        if (entry.is_live()) entries.push_back(Explicit(entry, run[i], row_ids));
      }
    }
    replaced_ += static_cast<int64_t>(run.size());
    return Write(run.front().content, manifests.front()->spec, entries, rewritten_);
  }

  Status Write(ManifestContent content, const PartitionSpec& spec, const std::vector<ManifestEntry>& entries,
               std::vector<ManifestFile>& lines) {
    ManifestWriteOptions options;
    options.format_version = base_.format_version;
    options.content = content;
    options.schema = base_.current_schema();
    // The table's own spec where it still has it: names and transforms as the table knows them.
    const PartitionSpec* known = base_.FindSpec(spec.spec_id);
    options.spec = known != nullptr && known->fields.size() == spec.fields.size() ? *known : spec;
    for (size_t begin = 0; begin < entries.size(); begin += kMaxEntriesPerManifest) {
      size_t end = std::min(entries.size(), begin + kMaxEntriesPerManifest);
      Location location(fmt::format("{}-m{}.avro", names_.manifest_prefix, next_name_++));
      LAKE_ASSIGN_OR_RETURN(auto written, WriteManifest(options, location, names_.snapshot_id, sequence_number_,
                                                        begin == 0 && end == entries.size()
                                                            ? entries
                                                            : std::vector<ManifestEntry>(entries.begin() + begin,
                                                                                         entries.begin() + end)));
      lines.push_back(std::move(written.file));
      out_.files.push_back({std::move(location), std::move(written.bytes)});
    }
    return {};
  }

  const TableMetadata& base_;
  ManifestSource& source_;
  const CommitNames& names_;
  PreparedCommit& out_;
  const SequenceNumber sequence_number_;
  std::vector<ManifestFile> carried_;
  std::vector<ManifestFile> added_;
  std::vector<ManifestFile> rewritten_;
  int64_t replaced_ = 0;
  int next_name_ = 0;
};

/// Gives row ids to the data manifests that have none, new ones and those of before the upgrade (rules 68 and 69).
Status AssignRowIds(const TableMetadata& base, Snapshot& snapshot, std::vector<ManifestFile>& lines) {
  snapshot.first_row_id = base.next_row_id.value_or(0);
  int64_t next = *snapshot.first_row_id;
  for (ManifestFile& line : lines) {
    if (line.content != ManifestContent::kData || line.first_row_id) continue;
    line.first_row_id = next;
    int64_t rows = line.added_rows_count.value_or(0) + line.existing_rows_count.value_or(0);
    if (__builtin_add_overflow(next, rows, &next)) {
      return Corrupt("next-row-id {} leaves no row ids for {} rows", *snapshot.first_row_id, rows);
    }
  }
  snapshot.added_rows = next - *snapshot.first_row_id;
  return {};
}

}  // namespace

void SnapshotUpdate::RemoveAll() {
  remove_all_ = true;
  added_data_.clear();
  added_deletes_.clear();
  removed_.clear();
  removed_vectors_.clear();
}

bool SnapshotUpdate::IsRemoved(const DataFile& file, std::set<Location>& found) const {
  const Location& name = file.is_deletion_vector() ? *file.referenced_data_file : file.file_path;
  if (!(file.is_deletion_vector() ? removed_vectors_ : removed_).contains(name)) return false;
  found.insert(file.is_deletion_vector() ? Location("vector " + name.str()) : name);
  return true;
}

void SnapshotUpdate::SetManifestMerge(int min_count, int64_t target_bytes) {
  merge_min_count_ = std::max(min_count, 0);
  merge_target_bytes_ = target_bytes;
}

Status SnapshotUpdate::CheckRemoved(const std::set<Location>& found) const {
  for (const Location& file : removed_) {
    if (!found.contains(file)) return Conflict("table has changed: file \"{}\" is no longer part of it", file);
  }
  for (const Location& file : removed_vectors_) {
    if (!found.contains(Location("vector " + file.str()))) {
      return Conflict("table has changed: the deletion vector of \"{}\" is no longer part of it", file);
    }
  }
  return {};
}

std::pair<int64_t, int64_t> SnapshotUpdate::MergeLimits() const {
  if (merge_min_count_ >= 0) return {merge_min_count_, merge_target_bytes_};
  auto enabled = base_.properties.find("commit.manifest-merge.enabled");
  if (enabled != base_.properties.end() && enabled->second == "false") return {0, 0};
  return {base_.IntProperty("commit.manifest.min-count-to-merge", kDefaultMergeCount),
          base_.IntProperty("commit.manifest.target-size-bytes", kDefaultMergeTarget)};
}

Status SnapshotUpdate::CheckVersion() const { return CheckWritable(base_.format_version); }

Result<PreparedCommit> SnapshotUpdate::Prepare(const CommitNames& names) const {
  LAKE_RETURN_IF_ERROR(CheckVersion());
  PreparedCommit prepared;
  SummaryCounter counter;
  ManifestBuilder manifests(base_, source_, names, prepared);
  LAKE_RETURN_IF_ERROR(manifests.LoadExisting(Parent()));
  LAKE_RETURN_IF_ERROR(manifests.Add(added_data_, ManifestContent::kData));
  LAKE_RETURN_IF_ERROR(manifests.Add(added_deletes_, ManifestContent::kDeletes));
  for (const DataFile& file : added_data_) counter.Added(file);
  for (const DataFile& file : added_deletes_) counter.Added(file);
  if (remove_all_) {
    LAKE_RETURN_IF_ERROR(manifests.Remove([](const DataFile&) { return true; }, counter));
  } else if (!removed_.empty() || !removed_vectors_.empty()) {
    std::set<Location> found;
    LAKE_RETURN_IF_ERROR(manifests.Remove([&](const DataFile& file) { return IsRemoved(file, found); }, counter));
    LAKE_RETURN_IF_ERROR(CheckRemoved(found));
  }
  if (prepared.files.empty()) return PrepareMetadata(base_, names.metadata_location, source_);

  if (auto [min_count, target] = MergeLimits(); min_count > 0) {
    LAKE_RETURN_IF_ERROR(manifests.Merge(min_count, target));
  }
  return Finish(
      names, manifests.Lines(), counter, [&](Properties& summary) { manifests.WriteCounts(summary); },
      std::move(prepared));
}

const Snapshot* SnapshotUpdate::Parent() const {
  return branch_ == kMainBranch ? base_.current_snapshot() : base_.FindRef(branch_);
}

std::optional<int64_t> SnapshotUpdate::LiveRecordsAfter(const TableTotals& before) const {
  if (live_records_) return live_records_;
  if (!added_deletes_.empty() || !removed_.empty() || !removed_vectors_.empty()) return std::nullopt;
  std::optional<int64_t> rows = remove_all_ ? 0 : before.live_records;
  if (!rows) return std::nullopt;
  for (const DataFile& file : added_data_) *rows += file.record_count;
  return rows;
}

Result<PreparedCommit> SnapshotUpdate::Finish(const CommitNames& names, std::vector<ManifestFile> lines,
                                              const SummaryCounter& counter,
                                              const std::function<void(Properties&)>& write_counts,
                                              PreparedCommit prepared) const {
  const Snapshot* parent = Parent();
  Snapshot snapshot;
  snapshot.snapshot_id = names.snapshot_id;
  if (parent != nullptr) snapshot.parent_snapshot_id = parent->snapshot_id;
  snapshot.sequence_number = SequenceNumber{base_.last_sequence_number.value + 1};
  snapshot.timestamp_ms = std::max(names.timestamp_ms, base_.last_updated_ms);
  snapshot.manifest_list = names.manifest_list;
  snapshot.schema_id = base_.current_schema_id;
  snapshot.summary = summary_;
  LAKE_ASSIGN_OR_RETURN(TableTotals before, TotalsOf(parent, source_));
  prepared.totals = counter.Apply(before);
  prepared.totals.live_records = LiveRecordsAfter(before);
  if (prepared.totals.live_records && prepared.totals.delete_files > 0) {
    snapshot.summary[kLiveRecordsKey] = fmt::format("{}", *prepared.totals.live_records);
  }
  write_counts(snapshot.summary);
  counter.Write(parent != nullptr ? &parent->summary : nullptr, snapshot.summary);
  snapshot.summary["operation"] = counter.Operation();
  snapshot.summary[kEngineNameKey] = names.engine_name;
  if (!names.engine_version.empty()) snapshot.summary["engine-version"] = names.engine_version;

  if (base_.format_version >= 3) LAKE_RETURN_IF_ERROR(AssignRowIds(base_, snapshot, lines));
  ManifestListHeader header;
  header.format_version = base_.format_version;
  header.snapshot_id = snapshot.snapshot_id;
  header.parent_snapshot_id = snapshot.parent_snapshot_id;
  header.sequence_number = snapshot.sequence_number;
  header.first_row_id = snapshot.first_row_id.value_or(0);
  LAKE_ASSIGN_OR_RETURN(std::string list, WriteManifestList(header, lines));
  prepared.files.push_back({names.manifest_list, std::move(list)});

  SnapshotRef head;
  if (auto at = base_.refs.find(branch_); at != base_.refs.end()) head = at->second;
  head.snapshot_id = snapshot.snapshot_id;
  CommitContext context{names.timestamp_ms, names.base_location};
  LAKE_ASSIGN_OR_RETURN(prepared.metadata,
                        ApplyUpdates(&base_, {AddSnapshot{snapshot}, SetSnapshotRef{branch_, head}}, context));
  LAKE_ASSIGN_OR_RETURN(std::string text, MetadataToText(prepared.metadata));
  prepared.files.push_back({names.metadata_location, std::move(text)});
  prepared.has_snapshot = true;
  return prepared;
}

}  // namespace lake::iceberg
