// Branches and tags ("Snapshot References" in the specification), and going back to an older snapshot. Each function
// answers the update that does it, for ApplyUpdates. Errors are kInvalidInput and name what is wrong.
#pragma once

#include <optional>
#include <string>

#include "iceberg/commit.h"

namespace lake::iceberg {

struct Retention {
  std::optional<int32_t> min_snapshots_to_keep;  // branches; at least 1
  std::optional<int64_t> max_snapshot_age_ms;    // branches; at least 1
  std::optional<int64_t> max_ref_age_ms;         // at least 1; "main" has none
};

/// A new branch or tag at a snapshot, the current one when none is named. Errors: a name that is taken, a
/// snapshot that does not exist, an empty table, a retention that the specification does not permit.
Result<Update> CreateRef(const TableMetadata& metadata, const std::string& name, SnapshotRef::Kind kind,
                         std::optional<SnapshotId> snapshot_id, const Retention& retention);

/// Errors: no branch or tag (of that kind) of the name; main.
Result<Update> DropRef(const TableMetadata& metadata, const std::string& name, SnapshotRef::Kind kind);

/// The whole retention of a branch or tag, in place of what it had.
Result<Update> SetRetention(const TableMetadata& metadata, const std::string& name, const Retention& retention);

/// The branch goes to where `to` (branch or tag) is, of which its head must be an ancestor. A branch that does not
/// exist is made.
Result<Update> FastForward(const TableMetadata& metadata, const std::string& branch, const std::string& to);

/// Main goes to that snapshot: any one, or, with `is_rollback`, an ancestor of the current one. Snapshots behind it
/// stay until they expire.
Result<Update> SetCurrent(const TableMetadata& metadata, SnapshotId snapshot_id, bool is_rollback);

/// Main goes back to the latest ancestor of the current snapshot that was made at the time or before it; an error
/// when there is none.
Result<Update> RollbackToTime(const TableMetadata& metadata, int64_t timestamp_ms);

}  // namespace lake::iceberg
