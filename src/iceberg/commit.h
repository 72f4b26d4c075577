// Commit as a pure function: requirements are checked against the current metadata, updates are applied in order, and a
// new TableMetadata comes out; nothing is read or written. The vocabulary is that of the REST catalog's update-table,
// so that our own operations and external engines go one way.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "iceberg/metadata.h"

namespace lake::iceberg {

// Requirements. All but assert-create fail with kConflict naming the requirement, expected and found.
struct AssertCreate {};  // the table must not exist: kAlreadyExists
struct AssertTableUuid {
  lake::Uuid uuid;
};
struct AssertRefSnapshotId {
  std::string ref;
  std::optional<SnapshotId> snapshot_id;
};  // absent: no such ref
struct AssertLastAssignedFieldId {
  FieldId id;
};
struct AssertCurrentSchemaId {
  SchemaId id;
};
struct AssertLastAssignedPartitionId {
  FieldId id;
};
struct AssertDefaultSpecId {
  SpecId id;
};
struct AssertDefaultSortOrderId {
  SortOrderId id;
};

using Requirement =
    std::variant<AssertCreate, AssertTableUuid, AssertRefSnapshotId, AssertLastAssignedFieldId, AssertCurrentSchemaId,
                 AssertLastAssignedPartitionId, AssertDefaultSpecId, AssertDefaultSortOrderId>;

// Updates. Where an id is -1 it means "the one added last in this commit".
struct AssignUuid {
  lake::Uuid uuid;
};
struct UpgradeFormatVersion {
  int version;
};
struct AddSchema {
  Schema schema;
  std::optional<FieldId> last_column_id;
};  // an equal schema is reused
struct SetCurrentSchema {
  SchemaId id;
};
struct AddSpec {
  PartitionSpec spec;
};  // an equal spec is reused; ids of equivalent fields too (rule 15)
struct SetDefaultSpec {
  SpecId id;
};
struct AddSortOrder {
  SortOrder order;
};
struct SetDefaultSortOrder {
  SortOrderId id;
};
struct AddSnapshot {
  Snapshot snapshot;
};
struct SetSnapshotRef {
  std::string ref;
  SnapshotRef value;
};
struct RemoveSnapshotRef {
  std::string ref;
};
struct RemoveSnapshots {
  std::vector<SnapshotId> ids;
};
struct SetLocation {
  Location location;
};
struct SetProperties {
  Properties updates;
};
struct RemoveProperties {
  std::vector<std::string> removals;
};
struct SetStatistics {
  StatisticsFile file;
};
struct RemoveStatistics {
  SnapshotId snapshot_id;
};
struct SetPartitionStatistics {
  StatisticsFile file;
};
struct RemovePartitionStatistics {
  SnapshotId snapshot_id;
};
struct RemovePartitionSpecs {
  std::vector<SpecId> ids;
};
struct RemoveSchemas {
  std::vector<SchemaId> ids;
};

using Update =
    std::variant<AssignUuid, UpgradeFormatVersion, AddSchema, SetCurrentSchema, AddSpec, SetDefaultSpec, AddSortOrder,
                 SetDefaultSortOrder, AddSnapshot, SetSnapshotRef, RemoveSnapshotRef, RemoveSnapshots, SetLocation,
                 SetProperties, RemoveProperties, SetStatistics, RemoveStatistics, SetPartitionStatistics,
                 RemovePartitionStatistics, RemovePartitionSpecs, RemoveSchemas>;

struct CommitContext {
  int64_t timestamp_ms = 0;               // now; last-updated-ms never goes back behind the base's
  std::optional<Location> base_location;  // the base's metadata file, for the metadata log; absent: never written
};

/// kConflict or kAlreadyExists when one does not hold. `base` is null for a table that does not exist.
Status CheckRequirements(const TableMetadata* base, const std::vector<Requirement>& requirements);

/// The new metadata. Without a base the updates must build a whole table (REST's create). Keeps the invariants that
/// ParseMetadata checks; kInvalidInput names the update that would break one, kUnsupported a format version.
/// No updates: the base comes back unchanged.
Result<TableMetadata> ApplyUpdates(const TableMetadata* base, const std::vector<Update>& updates,
                                   const CommitContext& context);

/// CheckRequirements, then ApplyUpdates.
Result<TableMetadata> Commit(const TableMetadata* base, const std::vector<Requirement>& requirements,
                             const std::vector<Update>& updates, const CommitContext& context);

}  // namespace lake::iceberg
