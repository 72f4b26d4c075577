#include "iceberg/commit.h"

namespace lake::iceberg {

namespace {

template <typename T>
std::string Show(const std::optional<T>& value) {
  return value ? fmt::format("{}", *value) : std::string("none");
}

template <typename T>
Status Expect(const char* what, const T& expected, const T& found) {
  if (expected == found) return {};
  return Conflict("table has changed: expected {} {}, found {}", what, expected, found);
}

struct RequirementChecker {
  const TableMetadata* base;

  Status operator()(const AssertCreate&) const {
    if (base != nullptr) return AlreadyExists("table already exists at \"{}\"", base->location);
    return {};
  }

  Status operator()(const AssertTableUuid& assert) const {
    std::string found = base->table_uuid ? base->table_uuid->ToString() : "none";
    return Expect("table uuid", assert.uuid.ToString(), found);
  }

  Status operator()(const AssertRefSnapshotId& assert) const {
    auto at = base->refs.find(assert.ref);
    std::optional<SnapshotId> found;
    if (at != base->refs.end()) found = at->second.snapshot_id;
    if (found == assert.snapshot_id) return {};
    return Conflict("table has changed: expected branch or tag \"{}\" at snapshot {}, found {}", assert.ref,
                    Show(assert.snapshot_id), Show(found));
  }

  Status operator()(const AssertLastAssignedFieldId& assert) const {
    return Expect("last assigned field id", assert.id, base->last_column_id);
  }
  Status operator()(const AssertCurrentSchemaId& assert) const {
    return Expect("current schema id", assert.id, base->current_schema_id);
  }
  Status operator()(const AssertLastAssignedPartitionId& assert) const {
    return Expect("last assigned partition id", assert.id, base->last_partition_id);
  }
  Status operator()(const AssertDefaultSpecId& assert) const {
    return Expect("default partition spec id", assert.id, base->default_spec_id);
  }
  Status operator()(const AssertDefaultSortOrderId& assert) const {
    return Expect("default sort order id", assert.id, base->default_sort_order_id);
  }
};

}  // namespace

Status CheckRequirements(const TableMetadata* base, const std::vector<Requirement>& requirements) {
  for (const Requirement& requirement : requirements) {
    if (base == nullptr && !std::holds_alternative<AssertCreate>(requirement)) {
      // A ref that must not exist does not exist in a table that does not.
      auto* ref = std::get_if<AssertRefSnapshotId>(&requirement);
      if (ref != nullptr && !ref->snapshot_id) continue;
      return Conflict("table has changed: it does not exist");
    }
    LAKE_RETURN_IF_ERROR(std::visit(RequirementChecker{base}, requirement));
  }
  return {};
}

Result<TableMetadata> Commit(const TableMetadata* base, const std::vector<Requirement>& requirements,
                             const std::vector<Update>& updates, const CommitContext& context) {
  LAKE_RETURN_IF_ERROR(CheckRequirements(base, requirements));
  return ApplyUpdates(base, updates, context);
}

}  // namespace lake::iceberg
