// What one call of lake_scan reads: the schema, and for any filter the files to scan with what hides rows in them.
//
// Base and changes overlay (docs/link.md): the snapshot's files first, then the files that the running transaction
// added, oldest first; a truncation drops all before it. A file has one ordinal for as long as the scan lives, whatever
// filters leave of the list: late materialisation finds rows again by (ordinal, row number).
//
// Row ids (docs/link.md) name rows for longer than one scan: first_row_id plus the row's number in its file. They
// follow from base and changes alone, never from filters, nor from how the base's manifests are laid out.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "iceberg/expression.h"
#include "iceberg/scan.h"
#include "server/lake/change.h"
#include "server/lake/deleted_rows.h"
#include "server/lake/lake_instance.h"

namespace lake::server {

class RowSample;

struct ScanFile {
  const iceberg::DataFile* file = nullptr;
  iceberg::ScanTask task;  // of files that changes added: the file alone
  uint64_t ordinal = 0;
  const RowSet* deleted = nullptr;  // rows that the changes delete; null: none
  int64_t row_limit = 0;            // rows beyond these do not count; at most the file's record count
  bool is_own = false;              // we wrote it: its bounds of fixed-length types are its extremes
  int64_t first_row_id = 0;         // of files that changes added always, of the base's only if asked for

  bool hides_rows() const { return !task.deletes.empty() || deleted != nullptr || row_limit < file->record_count; }
  bool has_equality_deletes() const {
    return std::any_of(task.deletes.begin(), task.deletes.end(), [](const iceberg::ScanDelete& applies) {
      return applies.file->content == iceberg::FileContent::kEqualityDeletes;
    });
  }
};

/// Where the row ids of files begin that changes added.
inline constexpr int64_t kFirstAddedRowId = int64_t{1} << 46;

struct ScanRequest {
  std::string base;
  std::string changes;                 // empty: none
  std::string types;                   // empty: none; parsed by lake_scan
  std::optional<int64_t> snapshot_id;  // absent: the current one
  std::string as_of;                   // a former metadata location of the table: its rows, under the base's schema
  // Time travel: what a snapshot of the past held, under the base's schema. At most one of them, and no changes.
  std::optional<int64_t> at_snapshot;
  std::optional<int64_t> at_time;  // milliseconds since 1970, by the snapshot log (rule 49)
  std::string at_ref;              // a branch or tag
  bool row_ids = false;            // files have first_row_id; of a past snapshot they are good for this scan alone
  std::optional<int64_t> unlike_snapshot;  // without the data files that this snapshot has with the same deletes

  bool travels() const { return at_snapshot || at_time || !at_ref.empty(); }
};

class TableScan {
 public:
  /// `context` must outlive the scan: cancelling its query ends reads of metadata.
  static Result<std::shared_ptr<TableScan>> Open(duckdb::ClientContext& context, const ScanRequest& request);

  /// The rows of one data or delete file, however it got there, but for those in `deleted`; of its columns those of
  /// `schema`. Profiles do not count the file.
  static Result<std::shared_ptr<TableScan>> OfFile(duckdb::ClientContext& context, LakeInstance::MetadataPtr table,
                                                   const iceberg::DataFile& file, iceberg::Schema schema,
                                                   RowSet deleted = {});

  const iceberg::Schema& schema() const { return schema_; }
  const iceberg::TableMetadata& metadata() const { return *metadata_; }

  /// The files that may hold rows satisfying `filter` (unbound, over the schema's field ids), in scan order. Pointers
  /// live as long as the scan. kUnsupported for files that cannot be read (format), kCorrupt for entries that make no
  /// sense.
  Result<std::vector<const ScanFile*>> Plan(const iceberg::Expression& filter);
  /// Those of `files` that may hold such rows: nothing is read.
  Result<std::vector<const ScanFile*>> Prune(const std::vector<const ScanFile*>& files,
                                             const iceberg::Expression& filter) const;
  /// The files, of those by row id, of whose rows all that count pass the filter, as far as partitions and bounds tell.
  Result<std::vector<const ScanFile*>> Covered(const iceberg::Expression& filter) const;
  /// The files of the base that another snapshot of the table has too, with the same deletes: rows that both have.
  /// kInvalidInput for a snapshot that does not exist.
  Result<std::vector<const ScanFile*>> AlsoIn(int64_t snapshot_id);
  /// Plans leave these files out from now on: somebody else sees to their rows.
  void LeaveOut(const std::vector<const ScanFile*>& files) { left_out_.insert(files.begin(), files.end()); }
  /// Only these rows are read; null: all.
  const std::shared_ptr<const RowSample>& sample() const { return sample_; }
  void set_sample(std::shared_ptr<const RowSample> sample) { sample_ = std::move(sample); }
  /// All files of base and changes: what a plan without a filter has.
  int64_t total_files() const { return total_files_; }

  /// The files by first_row_id, when row ids were asked for.
  const std::vector<const ScanFile*>& files_by_row_id() const { return by_row_id_; }
  bool has_row_ids() const { return has_row_ids_; }
  /// Whether it is a scan that a query asked for.
  bool is_counted() const { return is_counted_; }

  /// Null for an ordinal that no plan gave out.
  const ScanFile* Find(uint64_t ordinal) const;
  /// A reader has opened the file; and all files that were opened.
  void NoteOpened(const ScanFile& file);
  std::vector<const ScanFile*> Opened() const;

  /// The rows that do not count in a file; null when all do. Reads the delete files, through the cache.
  Result<std::shared_ptr<const DeletedRows>> HiddenRows(duckdb::ClientContext& context, const ScanFile& file) const;
  /// The rows of a file that count, exactly.
  Result<int64_t> LiveRows(duckdb::ClientContext& context, const ScanFile& file) const;

 private:
  TableScan(std::shared_ptr<LakeInstance> lake, LakeInstance::MetadataPtr metadata, storage::ReadOptions options)
      : lake_(std::move(lake)),
        metadata_(std::move(metadata)),
        manifests_(lake_, options),
        equality_deletes_(lake_, metadata_) {}

  Status Overlay(const std::string& base, std::string_view changes);
  Status AssignRowIds();
  Result<ScanFile*> Register(const iceberg::ScanTask& task);
  Result<ScanFile*> RegisterAdded(const iceberg::DataFile& file, int64_t row_limit);
  const RowSet* DeletedIn(const iceberg::DataFile& file) const;

  std::shared_ptr<LakeInstance> lake_;
  LakeInstance::MetadataPtr metadata_;
  LakeInstance::MetadataPtr as_of_;              // owns snapshot_ when set
  const iceberg::Snapshot* snapshot_ = nullptr;  // null: nothing of the base counts
  iceberg::Schema schema_;
  CachedManifests manifests_;
  mutable EqualityDeletes equality_deletes_;
  std::deque<iceberg::DataFile> added_;                    // owned files of the overlay
  ChangeList changes_;                                     // owns the other files of the overlay
  std::vector<const ScanFile*> overlay_;                   // in order
  std::unordered_map<iceberg::Location, RowSet> deleted_;  // by the changes
  bool has_row_ids_ = false;
  bool is_counted_ = true;
  std::vector<const ScanFile*> by_row_id_;
  int64_t total_files_ = 0;
  std::set<const ScanFile*> left_out_;

  mutable std::mutex mutex_;
  std::deque<ScanFile> files_;  // by ordinal
  std::unordered_map<const iceberg::DataFile*, ScanFile*> by_file_;
  std::set<const ScanFile*> opened_;
  std::shared_ptr<const RowSample> sample_;
  std::vector<iceberg::ScanPlan> plans_;  // keep manifests alive
};

}  // namespace lake::server
