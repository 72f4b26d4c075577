// Table metadata: the content of a metadata.json, versions 1, 2 and 3 ("Table Metadata" in the specification).
// What a writer of a later version or another product put in is kept: unknown keys of the table and of snapshots,
// unknown properties, statistics entries as they are. A v1 document is read into the same shape (sequence numbers 0).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"
#include "iceberg/partition.h"
#include "iceberg/schema.h"
#include "iceberg/snapshot.h"
#include "iceberg/sort_order.h"

namespace lake::iceberg {

inline constexpr int kMaxReadFormatVersion = 3;
inline constexpr int kMinWriteFormatVersion = 2;
inline constexpr int kMaxWriteFormatVersion = 3;
inline constexpr int kDefaultFormatVersion = 2;
inline constexpr std::string_view kMainBranch = "main";

struct SnapshotRef {
  enum class Kind { kBranch, kTag };
  SnapshotId snapshot_id;
  Kind kind = Kind::kBranch;
  std::optional<int32_t> min_snapshots_to_keep;  // branches
  std::optional<int64_t> max_snapshot_age_ms;    // branches
  std::optional<int64_t> max_ref_age_ms;

  bool operator==(const SnapshotRef&) const = default;
};

struct SnapshotLogEntry {
  int64_t timestamp_ms = 0;
  SnapshotId snapshot_id;
};

struct MetadataLogEntry {
  int64_t timestamp_ms = 0;
  Location metadata_file;
};

/// An entry of "statistics" or "partition-statistics", kept as it was written.
struct StatisticsFile {
  SnapshotId snapshot_id;
  Location path;
  Json json;
};

struct TableMetadata {
  int format_version = 2;
  std::optional<lake::Uuid> table_uuid;  // absent only in v1
  Location location;
  SequenceNumber last_sequence_number{0};
  int64_t last_updated_ms = 0;
  FieldId last_column_id{0};
  std::vector<Schema> schemas;
  SchemaId current_schema_id{0};
  std::vector<PartitionSpec> partition_specs;
  SpecId default_spec_id{0};
  FieldId last_partition_id = kNoPartitionFieldId;
  std::vector<SortOrder> sort_orders;
  SortOrderId default_sort_order_id{0};
  Properties properties;
  std::optional<SnapshotId> current_snapshot_id;
  SnapshotList snapshots;
  std::vector<SnapshotLogEntry> snapshot_log;
  std::vector<MetadataLogEntry> metadata_log;
  std::map<std::string, SnapshotRef> refs;
  std::vector<StatisticsFile> statistics;
  std::vector<StatisticsFile> partition_statistics;
  std::optional<int64_t> next_row_id;  // v3
  Json extra = Json::object();         // unknown keys, among them v3's encryption-keys

  /// The current ones always exist: ParseMetadata checks it.
  const Schema& current_schema() const;
  const PartitionSpec& default_spec() const;
  const SortOrder& default_sort_order() const;
  const Schema* FindSchema(SchemaId id) const;
  const PartitionSpec* FindSpec(SpecId id) const;
  const SortOrder* FindSortOrder(SortOrderId id) const;
  const Snapshot* FindSnapshot(SnapshotId id) const;
  /// Null for a table without data.
  const Snapshot* current_snapshot() const;
  /// The head of a branch or tag; null when there is none of that name.
  const Snapshot* FindRef(std::string_view name) const;
  /// What was current at the time, by the snapshot log (rule 49); null when nothing was.
  const Snapshot* SnapshotAsOf(int64_t timestamp_ms) const;
  /// The schema a snapshot was written with (time travel reads by it); the current one when it does not say.
  const Schema& SchemaOf(const Snapshot& snapshot) const;
  /// A property parsed as an integer; the fallback when it is absent or not a number.
  int64_t IntProperty(const std::string& name, int64_t fallback) const;
};

/// kUnsupported `cannot write iceberg metadata in format version 1` for versions that are only read.
Status CheckWritable(int format_version);

/// Parses a metadata file; `bytes` may be gzip by content, whatever its name says (rule 58). `name` is its location,
/// for errors. kCorrupt `missing field in Iceberg table metadata: %s`, ..., kUnsupported
/// `unsupported iceberg format version %d`. Paths in it must be absolute URIs.
Result<TableMetadata> ParseMetadata(std::string_view bytes, std::string_view name);
Result<TableMetadata> ParseMetadataJson(const Json& json, std::string_view name);

Result<SnapshotRef> ParseSnapshotRef(const Json& json);
Json SnapshotRefToJson(const SnapshotRef& ref);

/// The bytes of a metadata file, uncompressed JSON.
Result<std::string> MetadataToText(const TableMetadata& metadata);

}  // namespace lake::iceberg
