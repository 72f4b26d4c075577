// See the header.
#include "iceberg/succession.h"

#include <algorithm>
#include <set>

namespace lake::iceberg {

namespace {

std::string WithoutSlash(const Location& location) {
  std::string text = location.str();
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

template <typename T>
Status CheckGrows(const char* name, T before, T after) {
  if (after < before) return InvalidInput("{} goes back from {} to {}", name, before, after);
  return {};
}

Status CheckIdentity(const TableMetadata& before, const TableMetadata& after) {
  auto shown = [](const std::optional<lake::Uuid>& uuid) { return uuid ? uuid->ToString() : std::string("missing"); };
  if (before.table_uuid && before.table_uuid != after.table_uuid) {
    return InvalidInput("table-uuid is {}, but that of the table is {}", shown(after.table_uuid),
                        shown(before.table_uuid));
  }
  if (WithoutSlash(before.location) != WithoutSlash(after.location)) {
    return InvalidInput("the table's location changes from \"{}\" to \"{}\"", before.location.str(),
                        after.location.str());
  }
  LAKE_RETURN_IF_ERROR(CheckGrows("format-version", before.format_version, after.format_version));
  LAKE_RETURN_IF_ERROR(
      CheckGrows("last-sequence-number", before.last_sequence_number.value, after.last_sequence_number.value));
  LAKE_RETURN_IF_ERROR(CheckGrows("last-column-id", before.last_column_id.value, after.last_column_id.value));
  LAKE_RETURN_IF_ERROR(CheckGrows("last-partition-id", before.last_partition_id.value, after.last_partition_id.value));
  return CheckGrows("next-row-id", before.next_row_id.value_or(0), after.next_row_id.value_or(0));
}

Status CheckSnapshots(const TableMetadata& before, const TableMetadata& after) {
  for (const Snapshot& snapshot : after.snapshots) {
    if (const Snapshot* was = before.FindSnapshot(snapshot.snapshot_id)) {
      if (was->manifest_list != snapshot.manifest_list || was->sequence_number != snapshot.sequence_number) {
        return InvalidInput("snapshot {} is not what it was", snapshot.snapshot_id);
      }
      continue;
    }
    // Snapshots of version 1 have no numbers.
    if (before.format_version > 1 && snapshot.sequence_number <= before.last_sequence_number) {
      return InvalidInput("snapshot {} is new, but its sequence number {} is not above {}", snapshot.snapshot_id,
                          snapshot.sequence_number, before.last_sequence_number);
    }
    if (snapshot.sequence_number > after.last_sequence_number) {
      return InvalidInput("snapshot {} has sequence number {}, above last-sequence-number {}", snapshot.snapshot_id,
                          snapshot.sequence_number, after.last_sequence_number);
    }
  }
  return {};
}

/// A field of any schema of the table, the current one's first.
const NestedField* FieldOf(const TableMetadata& metadata, FieldId id) {
  if (const NestedField* field = metadata.current_schema().Find(id)) return field;
  for (const Schema& schema : metadata.schemas) {
    if (const NestedField* field = schema.Find(id)) return field;
  }
  return nullptr;
}

bool MayBecome(const Type& from, const Type& to, int format_version) {
  if (from.is_nested() || to.is_nested()) return from.id() == to.id();  // their fields have ids of their own
  return from == to || IsPromotion(from, to, format_version);
}

/// A promoted column's default is one of the wider type, with the same value.
bool SameDefault(const std::shared_ptr<const Literal>& before, const std::shared_ptr<const Literal>& after) {
  if (!before || !after) return before == after;
  auto cast = before->CastTo(after->type());
  return cast && *cast == *after;
}

Status CheckColumns(const TableMetadata& before, const TableMetadata& after) {
  const Schema& schema = after.current_schema();
  for (FieldId id : schema.AllFieldIds()) {
    const NestedField& field = *schema.Find(id);
    const NestedField* was = FieldOf(before, id);
    std::string name = schema.FullName(id);
    if (was == nullptr && id <= before.last_column_id) {
      return InvalidInput("column \"{}\" is new, but its id {} is not above last-column-id {}", name, id,
                          before.last_column_id);
    }
    if (was != nullptr && !MayBecome(was->type, field.type, after.format_version)) {
      return InvalidInput("column \"{}\" changes from {} to {}, which Iceberg does not allow", name,
                          was->type.ToString(), field.type.ToString());
    }
    // Rows of files without the column must go on reading as they did (rule 11).
    if (was != nullptr && !SameDefault(was->initial_default, field.initial_default)) {
      return InvalidInput("initial-default of column \"{}\" is not what it was", name);
    }
  }
  if (before.current_snapshot() == nullptr) return {};
  for (const NestedField& field : schema.fields()) {
    if (field.required && field.initial_default == nullptr && FieldOf(before, field.id) == nullptr) {
      return InvalidInput("column \"{}\" is new and required, but the table's rows have no value for it", field.name);
    }
  }
  return {};
}

/// What has an id keeps it, and its meaning.
Status CheckSchemasAndSpecs(const TableMetadata& before, const TableMetadata& after) {
  for (const Schema& schema : after.schemas) {
    const Schema* was = before.FindSchema(schema.id());
    if (was != nullptr && !was->SameFields(schema)) return InvalidInput("schema {} is not what it was", schema.id());
  }
  for (const PartitionSpec& spec : after.partition_specs) {
    const PartitionSpec* was = before.FindSpec(spec.spec_id);
    if (was != nullptr && *was != spec) return InvalidInput("partition spec {} is not what it was", spec.spec_id);
  }
  return {};
}

/// Whether values of both look the same to who knows no ids: names and types at every depth.
bool SameShape(const Type& left, const Type& right) {
  if (!left.is_nested() || !right.is_nested()) return left == right;
  const auto& fields = left.fields();
  const auto& others = right.fields();
  return left.id() == right.id() && std::equal(fields.begin(), fields.end(), others.begin(), others.end(),
                                               [](const NestedField& field, const NestedField& other) {
                                                 return field.name == other.name && SameShape(field.type, other.type);
                                               });
}

const NestedField* ColumnOf(const Schema& schema, FieldId id) {
  for (const NestedField& field : schema.fields()) {
    if (field.id == id) return &field;
  }
  return nullptr;
}

bool IsPlainName(const std::string& name) {
  auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::all_of(name.begin(), name.end(), plain);
}

std::string Quoted(const std::string& name) {
  if (IsPlainName(name)) return name;
  std::string quoted = "\"";
  for (char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

/// `column` or `struct.field`, where only structs lie around the field; "" where something else does.
std::string PathText(const std::vector<NestedField>& fields, FieldId id) {
  for (const NestedField& field : fields) {
    if (field.id == id) return Quoted(field.name);
    if (field.type.id() != TypeId::kStruct) continue;
    std::string inner = PathText(field.type.fields(), id);
    if (!inner.empty()) return Quoted(field.name) + "." + inner;
  }
  return "";
}

/// `column`, `day(column)`, `bucket(16, column)`; of a column as PathText() has it.
std::string TransformText(const Transform& transform, const std::string& name) {
  std::string text = transform.ToString();
  if (transform.parameter() > 0) {
    return fmt::format("{}({}, {})", text.substr(0, text.find('[')), transform.parameter(), name);
  }
  return transform.kind() == Transform::Kind::kIdentity ? name : fmt::format("{}({})", text, name);
}

}  // namespace

Status CheckSuccession(const TableMetadata& before, const TableMetadata& after) {
  LAKE_RETURN_IF_ERROR(CheckIdentity(before, after));
  LAKE_RETURN_IF_ERROR(CheckSnapshots(before, after));
  LAKE_RETURN_IF_ERROR(CheckSchemasAndSpecs(before, after));
  return CheckColumns(before, after);
}

RowChange RowChangeOf(const TableMetadata& before, const TableMetadata& after) {
  if (before.current_snapshot_id == after.current_snapshot_id) return RowChange::kNone;
  size_t steps = 0;
  for (const Snapshot* at = after.current_snapshot(); at != nullptr && steps <= after.snapshots.size(); ++steps) {
    if (at->operation() != "append") return RowChange::kOther;
    if (at->parent_snapshot_id == before.current_snapshot_id) return RowChange::kAppend;
    at = at->parent_snapshot_id ? after.FindSnapshot(*at->parent_snapshot_id) : nullptr;
  }
  return RowChange::kOther;
}

bool Administers(const TableMetadata& before, const TableMetadata& after) {
  auto others = [](const TableMetadata& metadata) {
    auto refs = metadata.refs;
    refs.erase(std::string(kMainBranch));
    return refs;
  };
  return before.properties != after.properties || before.default_sort_order_id != after.default_sort_order_id ||
         others(before) != others(after) ||
         std::any_of(before.snapshots.begin(), before.snapshots.end(),
                     [&](const Snapshot& snapshot) { return after.FindSnapshot(snapshot.snapshot_id) == nullptr; });
}

std::vector<ColumnChange> ColumnChanges(const Schema& before, const Schema& after) {
  using Kind = ColumnChange::Kind;
  std::vector<ColumnChange> changes;
  for (const NestedField& field : before.fields()) {
    if (ColumnOf(after, field.id) == nullptr) changes.push_back({Kind::kDrop, field.name, {}});
  }
  for (const NestedField& field : before.fields()) {
    const NestedField* now = ColumnOf(after, field.id);
    if (now != nullptr && now->name != field.name) changes.push_back({Kind::kRename, field.name, now->name});
  }
  for (const NestedField& field : after.fields()) {
    const NestedField* was = ColumnOf(before, field.id);
    if (was == nullptr) {
      changes.push_back({Kind::kAdd, field.name, {}});
      if (field.required) changes.push_back({Kind::kRequired, field.name, {}});
      continue;
    }
    if (!SameShape(was->type, field.type)) changes.push_back({Kind::kType, field.name, {}});
    if (was->required != field.required) {
      changes.push_back({field.required ? Kind::kRequired : Kind::kOptional, field.name, {}});
    }
    if (!SameDefault(was->write_default, field.write_default)) changes.push_back({Kind::kDefault, field.name, {}});
  }
  return changes;
}

Result<std::optional<std::string>> PartitionByText(const PartitionSpec& spec, const Schema& schema) {
  std::string text;
  for (const PartitionField& field : spec.fields) {
    if (field.transform.kind() == Transform::Kind::kVoid) continue;
    std::string column = PathText(schema.fields(), field.source_id());
    if (field.source_ids.size() != 1 || column.empty() || field.transform.kind() == Transform::Kind::kUnknown) {
      return Unsupported("partition field \"{}\" ({} of {}) cannot be written under", field.name,
                         field.transform.ToString(), column.empty() ? "a part of a list or map" : "column " + column);
    }
    std::string name = TransformText(field.transform, column);
    text += text.empty() ? name : ", " + name;
  }
  if (text.empty()) return std::optional<std::string>();
  return std::optional(std::move(text));
}

std::optional<std::string> SortByText(const SortOrder& order, const Schema& schema) {
  std::string text;
  for (const SortField& field : order.fields) {
    const NestedField* column = field.source_ids.size() == 1 ? ColumnOf(schema, field.source_ids.front()) : nullptr;
    if (column == nullptr || !field.transform.CanTransform(column->type)) return std::nullopt;
    if (field.transform.kind() == Transform::Kind::kVoid) return std::nullopt;
    text += (text.empty() ? "" : ", ") + TransformText(field.transform, Quoted(column->name));
    if (!field.ascending) text += " DESC";
    if (field.nulls_first == field.ascending) text += field.nulls_first ? " NULLS FIRST" : " NULLS LAST";
  }
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

}  // namespace lake::iceberg
