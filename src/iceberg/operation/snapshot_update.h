// One new snapshot on a branch: files added, files removed. The base of AppendFiles, ReplaceAllFiles and the
// like, and usable directly when one commit does several of these things (a transaction that truncated and then
// inserted).
//
// Always built on the metadata it is given: an append has no requirement on it and so rebases by simply being built
// again on a newer base. Removing files requires that they are still live: kConflict otherwise.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "iceberg/operation/prepared_commit.h"

namespace lake::iceberg {

class SummaryCounter;

class SnapshotUpdate {
 public:
  /// `base` must outlive the update. The branch must exist, unless it is main.
  SnapshotUpdate(const TableMetadata& base, ManifestSource& source, std::string branch = std::string(kMainBranch))
      : base_(base), source_(source), branch_(std::move(branch)) {}

  /// The branch's head; null when it has none yet.
  const Snapshot* Parent() const;
  /// A data file; its spec_id and partition decide its manifest. Live with this snapshot's sequence number.
  void AddDataFile(DataFile file) { added_data_.push_back(std::move(file)); }
  /// A position or equality delete file. Adding one makes the operation "overwrite" or "delete".
  void AddDeleteFile(DataFile file) { added_deletes_.push_back(std::move(file)); }
  /// A live data or delete file to remove, by its exact location.
  void RemoveFile(Location file) { removed_.insert(std::move(file)); }
  /// The deletion vector of a live data file: its object may hold others that stay.
  void RemoveDeletionVector(Location data_file) { removed_vectors_.insert(std::move(data_file)); }
  /// Removes everything that is live in the base; files added to this update before it are forgotten.
  void RemoveAll();
  /// How many rows count after this commit. Needed where it adds or removes delete files, or data files that have some;
  /// otherwise the last number is carried on.
  void SetLiveRecords(int64_t rows) { live_records_ = rows; }
  /// Merges small manifests when the commit finds at least this many of one spec (GUC-35); 0 or less: never. By default
  /// the table's commit.manifest-merge.enabled, commit.manifest.min-count-to-merge (100) and
  /// commit.manifest.target-size-bytes (8 MiB).
  void SetManifestMerge(int min_count, int64_t target_bytes);
  /// An entry of the snapshot's summary; counters and "operation" cannot be overridden.
  void SetSummary(std::string key, std::string value) { summary_[std::move(key)] = std::move(value); }

  /// kUnsupported for a base of a format version that is not written, as Prepare() says it: for those who write data
  /// files first.
  Status CheckVersion() const;
  /// Nothing added and nothing removed: no snapshot, only new metadata.
  /// kUnsupported for a base of a format version that is not written: `cannot write iceberg metadata in format version
  /// 1`.
  Result<PreparedCommit> Prepare(const CommitNames& names) const;

 private:
  std::optional<int64_t> LiveRecordsAfter(const TableTotals& before) const;
  bool IsRemoved(const DataFile& file, std::set<Location>& found) const;
  Status CheckRemoved(const std::set<Location>& found) const;
  std::pair<int64_t, int64_t> MergeLimits() const;  // at least so many manifests (0: never), up to so many bytes
  Result<PreparedCommit> Finish(const CommitNames& names, std::vector<ManifestFile> lines,
                                const SummaryCounter& counter, const std::function<void(Properties&)>& write_counts,
                                PreparedCommit prepared) const;

  const TableMetadata& base_;
  ManifestSource& source_;
  std::string branch_;
  std::vector<DataFile> added_data_;
  std::vector<DataFile> added_deletes_;
  std::set<Location> removed_;
  std::set<Location> removed_vectors_;  // by the data files they are about
  bool remove_all_ = false;
  std::optional<int64_t> live_records_;
  int merge_min_count_ = -1;
  int64_t merge_target_bytes_ = -1;
  Properties summary_;
};

}  // namespace lake::iceberg
