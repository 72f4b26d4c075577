#include "iceberg/operation/update_schema.h"

#include <algorithm>

#include "iceberg/literal.h"

namespace lake::iceberg {

namespace {

using Default = std::shared_ptr<const Literal>;

/// The default as a value of another type.
Result<Default> CastDefault(const Default& value, const Type& type, const std::string& column) {
  if (!value) return value;
  auto cast = value->CastTo(type);
  if (!cast) {
    return InvalidInput("default {} of column \"{}\" is no value of type {}", value->ToString(), column,
                        type.ToString());
  }
  return std::make_shared<const Literal>(std::move(*cast));
}

/// The type, and defaults of it.
Status Promote(NestedField& field, const Type& type) {
  LAKE_ASSIGN_OR_RETURN(field.initial_default, CastDefault(field.initial_default, type, field.name));
  LAKE_ASSIGN_OR_RETURN(field.write_default, CastDefault(field.write_default, type, field.name));
  field.type = type;
  return {};
}

}  // namespace

struct UpdateSchema::Draft {
  const TableMetadata& base;
  std::vector<NestedField> fields;
  FieldId next;

  Result<NestedField*> Find(const std::string& name) {
    auto at = std::find_if(fields.begin(), fields.end(), [&](const NestedField& field) { return field.name == name; });
    if (at == fields.end()) return InvalidInput("column \"{}\" does not exist", name);
    return &*at;
  }

  /// Files of every spec keep their partition values, which have the types of the source columns. The default sort
  /// order is for rows to come.
  Status CheckUnused(const NestedField& field, const char* action) {
    for (const SortField& sorted : base.default_sort_order().fields) {
      if (std::find(sorted.source_ids.begin(), sorted.source_ids.end(), field.id) == sorted.source_ids.end()) continue;
      return Unsupported("cannot {} column \"{}\" because it is used in the sort order", action, field.name);
    }
    auto names_it = [&](const PartitionSpec& spec) {
      return std::any_of(spec.fields.begin(), spec.fields.end(), [&](const PartitionField& partition) {
        return partition.transform.kind() != Transform::Kind::kVoid && partition.source_id() == field.id;
      });
    };
    if (!std::any_of(base.partition_specs.begin(), base.partition_specs.end(), names_it)) return {};
    return Unsupported("cannot {} column \"{}\" because it is used in {} partition spec", action, field.name,
                       names_it(base.default_spec()) ? "the" : "an earlier");
  }

  Status CheckFree(const std::string& name) {
    if (name.empty()) return InvalidInput("a column has an empty name");
    if (Find(name).ok()) return InvalidInput("column \"{}\" is given more than once", name);
    // Java refuses a spec whose field is called like a column that it is not the identity of.
    for (const PartitionField& partition : base.default_spec().fields) {
      if (partition.name == name) return InvalidInput("\"{}\" is the name of a partition field of the table", name);
    }
    return {};
  }
};

UpdateSchema& UpdateSchema::Add(NewColumn column) {
  steps_.push_back([column = std::move(column)](Draft& draft) -> Status {
    LAKE_RETURN_IF_ERROR(draft.CheckFree(column.name));
    NestedField field = column.AsField();
    if (!field.initial_default && !draft.base.snapshots.empty()) field.required = false;
    draft.fields.push_back(AssignFieldIds({field}, draft.next).front());
    return {};
  });
  return *this;
}

UpdateSchema& UpdateSchema::Drop(std::string name) {
  steps_.push_back([name = std::move(name)](Draft& draft) -> Status {
    LAKE_ASSIGN_OR_RETURN(NestedField * field, draft.Find(name));
    LAKE_RETURN_IF_ERROR(draft.CheckUnused(*field, "drop"));
    draft.fields.erase(draft.fields.begin() + (field - draft.fields.data()));
    return {};
  });
  return *this;
}

UpdateSchema& UpdateSchema::Rename(std::string from, std::string to) {
  steps_.push_back([from = std::move(from), to = std::move(to)](Draft& draft) -> Status {
    LAKE_RETURN_IF_ERROR(draft.CheckFree(to));
    LAKE_ASSIGN_OR_RETURN(NestedField * field, draft.Find(from));
    field->name = to;
    return {};
  });
  return *this;
}

UpdateSchema& UpdateSchema::ChangeType(std::string name, Type type) {
  steps_.push_back([name = std::move(name), type = std::move(type)](Draft& draft) -> Status {
    LAKE_ASSIGN_OR_RETURN(NestedField * field, draft.Find(name));
    if (field->type == type) return {};
    if (!IsPromotion(field->type, type, draft.base.format_version)) {
      return InvalidInput("cannot change type of column \"{}\" from {} to {}", name, field->type.ToString(),
                          type.ToString());
    }
    return Promote(*field, type);
  });
  return *this;
}

UpdateSchema& UpdateSchema::ReplaceType(std::string name, Type type) {
  steps_.push_back([name = std::move(name), type = std::move(type)](Draft& draft) -> Status {
    LAKE_ASSIGN_OR_RETURN(NestedField * field, draft.Find(name));
    if (field->type == type) return {};
    if (IsPromotion(field->type, type, draft.base.format_version)) return Promote(*field, type);
    LAKE_RETURN_IF_ERROR(draft.CheckUnused(*field, "alter type of"));
    NestedField replaced{FieldId{0}, name, field->required, type, field->doc};
    *field = AssignFieldIds({replaced}, draft.next).front();
    return {};
  });
  return *this;
}

UpdateSchema& UpdateSchema::SetWriteDefault(std::string name, std::shared_ptr<const Literal> value) {
  steps_.push_back([name = std::move(name), value = std::move(value)](Draft& draft) -> Status {
    LAKE_ASSIGN_OR_RETURN(NestedField * field, draft.Find(name));
    LAKE_ASSIGN_OR_RETURN(field->write_default, CastDefault(value, field->type, name));
    return {};
  });
  return *this;
}

UpdateSchema& UpdateSchema::SetRequired(std::string name, bool required) {
  steps_.push_back([name = std::move(name), required](Draft& draft) -> Status {
    LAKE_ASSIGN_OR_RETURN(NestedField * field, draft.Find(name));
    field->required = required;
    return {};
  });
  return *this;
}

UpdateSchema& UpdateSchema::SetDoc(std::string name, std::optional<std::string> doc) {
  steps_.push_back([name = std::move(name), doc = std::move(doc)](Draft& draft) -> Status {
    LAKE_ASSIGN_OR_RETURN(NestedField * field, draft.Find(name));
    field->doc = doc;
    return {};
  });
  return *this;
}

Result<TableMetadata> UpdateSchema::Build(const CommitContext& context) const {
  const Schema& current = base_.current_schema();
  Draft draft{base_, current.fields(), FieldId{base_.last_column_id.value + 1}};
  for (const Step& step : steps_) LAKE_RETURN_IF_ERROR(step(draft));
  std::vector<FieldId> identifiers;  // a dropped column identifies nothing any more, nor does an optional one
  for (FieldId id : current.identifier_field_ids()) {
    auto keeps = [&](const NestedField& field) { return field.id == id && field.required; };
    if (std::any_of(draft.fields.begin(), draft.fields.end(), keeps)) identifiers.push_back(id);
  }
  Schema changed(current.id(), std::move(draft.fields), std::move(identifiers));
  if (changed.SameFields(current)) return base_;
  FieldId last{draft.next.value - 1};
  return ApplyUpdates(&base_, {AddSchema{std::move(changed), last}, SetCurrentSchema{SchemaId{-1}}}, context);
}

}  // namespace lake::iceberg
