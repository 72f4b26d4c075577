// See the header.
#include "iceberg/operation/update_refs.h"

#include <set>

namespace lake::iceberg {

namespace {

const char* NameOf(SnapshotRef::Kind kind) { return kind == SnapshotRef::Kind::kBranch ? "branch" : "tag"; }

/// The snapshot and its parents, the latest first, until `stop` says so; null when it never does.
template <typename Stop>
const Snapshot* FindAncestor(const TableMetadata& metadata, const Snapshot* from, Stop stop) {
  std::set<SnapshotId> seen;  // metadata that lies may go round in circles
  for (const Snapshot* at = from; at != nullptr && seen.insert(at->snapshot_id).second;
       at = at->parent_snapshot_id ? metadata.FindSnapshot(*at->parent_snapshot_id) : nullptr) {
    if (stop(*at)) return at;
  }
  return nullptr;
}

bool IsAncestor(const TableMetadata& metadata, const Snapshot* ancestor, const Snapshot* of) {
  return FindAncestor(metadata, of, [&](const Snapshot& at) { return at.snapshot_id == ancestor->snapshot_id; }) !=
         nullptr;
}

Result<const Snapshot*> SnapshotOf(const TableMetadata& metadata, SnapshotId id) {
  const Snapshot* snapshot = metadata.FindSnapshot(id);
  if (snapshot == nullptr) return InvalidInput("snapshot {} does not exist", id);
  return snapshot;
}

Status CheckRef(const TableMetadata& metadata, const std::string& name, SnapshotRef::Kind kind) {
  auto at = metadata.refs.find(name);
  if (at == metadata.refs.end()) return InvalidInput("{} \"{}\" does not exist", NameOf(kind), name);
  if (at->second.kind != kind)
    return InvalidInput("\"{}\" is a {}, not a {}", name, NameOf(at->second.kind), NameOf(kind));
  return {};
}

Status Apply(SnapshotRef& ref, const std::string& name, const Retention& retention) {
  if (ref.kind == SnapshotRef::Kind::kTag && (retention.min_snapshots_to_keep || retention.max_snapshot_age_ms)) {
    return InvalidInput("tag \"{}\" has one snapshot: only how long the tag is kept can be set", name);
  }
  if (name == kMainBranch && retention.max_ref_age_ms) return InvalidInput("branch \"main\" is always kept");
  for (std::optional<int64_t> age : {retention.max_snapshot_age_ms, retention.max_ref_age_ms}) {
    if (age && *age <= 0)
      return InvalidInput("an age in the retention of \"{}\" is {} ms: it must be positive", name, *age);
  }
  if (retention.min_snapshots_to_keep && *retention.min_snapshots_to_keep <= 0) {
    return InvalidInput("the number of snapshots that branch \"{}\" keeps is {}: it must be positive", name,
                        *retention.min_snapshots_to_keep);
  }
  ref.min_snapshots_to_keep = retention.min_snapshots_to_keep;
  ref.max_snapshot_age_ms = retention.max_snapshot_age_ms;
  ref.max_ref_age_ms = retention.max_ref_age_ms;
  return {};
}

/// Keeps the retention of a branch that exists.
Update MoveBranch(const TableMetadata& metadata, const std::string& branch, SnapshotId to) {
  auto at = metadata.refs.find(branch);
  SnapshotRef ref;
  if (at != metadata.refs.end()) ref = at->second;
  ref.snapshot_id = to;
  return SetSnapshotRef{branch, ref};
}

}  // namespace

Result<Update> CreateRef(const TableMetadata& metadata, const std::string& name, SnapshotRef::Kind kind,
                         std::optional<SnapshotId> snapshot_id, const Retention& retention) {
  if (name.empty()) return InvalidInput("the name of a {} must not be empty", NameOf(kind));
  if (auto at = metadata.refs.find(name); at != metadata.refs.end()) {
    return InvalidInput("{} \"{}\" already exists", NameOf(at->second.kind), name);
  }
  if (name == kMainBranch) return InvalidInput("\"main\" is the branch of the table itself");
  SnapshotRef ref;
  ref.kind = kind;
  if (snapshot_id) {
    LAKE_ASSIGN_OR_RETURN(const Snapshot* snapshot, SnapshotOf(metadata, *snapshot_id));
    ref.snapshot_id = snapshot->snapshot_id;
  } else if (metadata.current_snapshot_id) {
    ref.snapshot_id = *metadata.current_snapshot_id;
  } else {
    return InvalidInput("{} \"{}\" needs a snapshot, and the table has none yet", NameOf(kind), name);
  }
  LAKE_RETURN_IF_ERROR(Apply(ref, name, retention));
  return Update(SetSnapshotRef{name, ref});
}

Result<Update> DropRef(const TableMetadata& metadata, const std::string& name, SnapshotRef::Kind kind) {
  LAKE_RETURN_IF_ERROR(CheckRef(metadata, name, kind));
  if (name == kMainBranch) return InvalidInput("branch \"main\" cannot be dropped");
  return Update(RemoveSnapshotRef{name});
}

Result<Update> SetRetention(const TableMetadata& metadata, const std::string& name, const Retention& retention) {
  auto at = metadata.refs.find(name);
  if (at == metadata.refs.end()) return InvalidInput("branch or tag \"{}\" does not exist", name);
  SnapshotRef ref = at->second;
  LAKE_RETURN_IF_ERROR(Apply(ref, name, retention));
  return Update(SetSnapshotRef{name, ref});
}

Result<Update> FastForward(const TableMetadata& metadata, const std::string& branch, const std::string& to) {
  const Snapshot* target = metadata.FindRef(to);
  if (target == nullptr) return InvalidInput("branch or tag \"{}\" does not exist", to);
  auto at = metadata.refs.find(branch);
  if (at != metadata.refs.end() && at->second.kind != SnapshotRef::Kind::kBranch) {
    return InvalidInput("\"{}\" is a tag: only branches move", branch);
  }
  const Snapshot* head = metadata.FindRef(branch);
  if (head != nullptr && !IsAncestor(metadata, head, target)) {
    return InvalidInput("branch \"{}\" cannot be fast-forwarded to \"{}\": its snapshot {} is no ancestor of {}",
                        branch, to, head->snapshot_id, target->snapshot_id);
  }
  return MoveBranch(metadata, branch, target->snapshot_id);
}

Result<Update> SetCurrent(const TableMetadata& metadata, SnapshotId snapshot_id, bool is_rollback) {
  LAKE_ASSIGN_OR_RETURN(const Snapshot* snapshot, SnapshotOf(metadata, snapshot_id));
  if (is_rollback && !IsAncestor(metadata, snapshot, metadata.current_snapshot())) {
    return InvalidInput("snapshot {} is no ancestor of the current one", snapshot_id);
  }
  return MoveBranch(metadata, std::string(kMainBranch), snapshot_id);
}

Result<Update> RollbackToTime(const TableMetadata& metadata, int64_t timestamp_ms) {
  const Snapshot* found = FindAncestor(metadata, metadata.current_snapshot(),
                                       [&](const Snapshot& at) { return at.timestamp_ms <= timestamp_ms; });
  if (found == nullptr) return InvalidInput("the table has no snapshot that is so old");
  return MoveBranch(metadata, std::string(kMainBranch), found->snapshot_id);
}

}  // namespace lake::iceberg
