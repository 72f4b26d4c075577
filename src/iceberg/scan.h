// Planning a scan: from a snapshot and a filter to the data files to read, each with the delete files that apply to it
// ("Scan Planning" in the specification). Costs what survives pruning: manifests that cannot match are not read.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "iceberg/expression.h"
#include "iceberg/manifest_source.h"

namespace lake::iceberg {

/// A delete file that applies to a task. Both pointers live as long as the ScanPlan.
struct ScanDelete {
  const DataFile* file = nullptr;
  SequenceNumber sequence_number{0};
};

struct ScanTask {
  const DataFile* file = nullptr;  // lives as long as the ScanPlan
  SequenceNumber sequence_number{0};
  SnapshotId snapshot_id{0};            // that added the file
  std::optional<int64_t> first_row_id;  // v3, with inheritance
  /// Position deletes, deletion vectors (then alone, rule 63) and equality deletes, by sequence number.
  std::vector<ScanDelete> deletes;
};

struct ScanCounts {
  int64_t manifests_total = 0;  // data manifests of the snapshot
  int64_t manifests_skipped = 0;
  int64_t data_files_total = 0;  // live files of the manifests that were read, plus those counted in skipped ones
  int64_t data_files_skipped = 0;
  int64_t delete_files_total = 0;  // live delete files read
};

struct ScanPlan {
  Schema schema;                // the snapshot's
  std::vector<ScanTask> tasks;  // by data sequence number, then manifest order, then order within the manifest
  ScanCounts counts;
  std::vector<ManifestSource::ManifestPtr> manifests;  // keeps the files alive

  bool has_equality_deletes = false;
  bool has_deletion_vectors = false;
};

/// Plans a scan of `snapshot` (null: an empty table, no tasks). `filter` is over field ids of `schema`, unbound or
/// bound. By default the schema is the table's current one; time travel passes metadata.SchemaOf(snapshot).
Result<ScanPlan> PlanScan(const TableMetadata& metadata, const Snapshot* snapshot, const Expression& filter,
                          ManifestSource& source, const Schema* schema = nullptr);

/// The one data file a position delete file or deletion vector is about: named outright, or by equal bounds of its path
/// (rule 61); nullopt when it may be about several.
std::optional<Location> OnlyDataFileOf(const DataFile& delete_file);

/// Equal for files of one partition of one spec, and only for those.
std::string PartitionKey(const DataFile& file);

/// What a snapshot holds, deletes not subtracted.
struct TableTotals {
  int64_t records = 0;  // rows of data files
  int64_t bytes = 0;    // of data and delete files
  int64_t data_files = 0;
  int64_t delete_files = 0;
  int64_t deleted_records = 0;  // rows in position delete files and deletion vectors
  /// Rows that are not deleted, where that is known without reading delete files: these may name rows twice, or rows of
  /// files that are gone, so records - deleted_records is only near it.
  std::optional<int64_t> live_records;

  int64_t LiveRecords() const { return live_records.value_or(std::max<int64_t>(records - deleted_records, 0)); }
};

/// Where SnapshotUpdate notes live_records in a summary; other engines' snapshots do not have it.
inline constexpr const char* kLiveRecordsKey = "pg-lake.live-records";

/// From the snapshot's summary where it is complete, else by reading its manifests. Null snapshot: all zero.
Result<TableTotals> TotalsOf(const Snapshot* snapshot, ManifestSource& source);

/// Every location that the metadata reaches: metadata log, manifest lists, manifests, statistics, and the data and
/// delete files live in any of its snapshots; sorted, without duplicates. The metadata file itself is the caller's to
/// add.
Result<std::vector<Location>> ReferencedFiles(const TableMetadata& metadata, ManifestSource& source);

}  // namespace lake::iceberg
