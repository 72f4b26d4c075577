#include "iceberg/partition.h"

#include <algorithm>

#include "base/civil_time.h"
#include "base/text_encoding.h"

namespace lake::iceberg {

namespace {

Result<std::vector<FieldId>> ParseSourceIds(const JsonObject& object) {
  std::vector<FieldId> ids;
  if (object.Find("source-ids") != nullptr) {
    LAKE_ASSIGN_OR_RETURN(const Json* list, object.Array("source-ids"));
    for (const Json& item : *list) {
      LAKE_ASSIGN_OR_RETURN(int32_t id, JsonToInt32(item, "source id"));
      ids.emplace_back(id);
    }
  }
  if (ids.empty()) {
    LAKE_ASSIGN_OR_RETURN(int32_t id, object.Int32("source-id"));
    ids.emplace_back(id);
  }
  return ids;
}

Json SourceIdsToJson(const std::vector<FieldId>& ids) {
  Json json = Json::array();
  for (FieldId id : ids) json.push_back(id.value);
  return json;
}

std::string PathValue(const Transform& transform, const Literal& value) {
  if (value.type().id() != TypeId::kInt && value.type().id() != TypeId::kDate) return value.ToString();
  switch (transform.kind()) {
    case Transform::Kind::kYear: return fmt::format("{:04}", 1970 + value.AsInt64());
    case Transform::Kind::kMonth:
      return fmt::format("{:04}-{:02}", 1970 + FloorDiv(value.AsInt64(), 12), FloorMod(value.AsInt64(), 12) + 1);
    case Transform::Kind::kDay: return FormatDate(value.AsInt64());
    case Transform::Kind::kHour:
      return fmt::format("{}-{:02}", FormatDate(FloorDiv(value.AsInt64(), 24)), FloorMod(value.AsInt64(), 24));
    default: return value.ToString();
  }
}

}  // namespace

bool PartitionSpec::is_unpartitioned() const {
  return std::all_of(fields.begin(), fields.end(),
                     [](const PartitionField& f) { return f.transform.kind() == Transform::Kind::kVoid; });
}

std::vector<Type> PartitionTypes(const PartitionSpec& spec, const Schema& schema) {
  std::vector<Type> types;
  types.reserve(spec.fields.size());
  for (const PartitionField& field : spec.fields) {
    const NestedField* source = schema.Find(field.source_id());
    types.push_back(source == nullptr ? Type() : field.transform.ResultType(source->type));
  }
  return types;
}

Result<PartitionTuple> ApplySpec(const PartitionSpec& spec, const std::vector<std::optional<Literal>>& sources) {
  if (sources.size() != spec.fields.size()) {
    return Internal("partition spec {} has {} fields but {} values were given", spec.spec_id, spec.fields.size(),
                    sources.size());
  }
  PartitionTuple tuple;
  tuple.reserve(sources.size());
  for (size_t i = 0; i < sources.size(); i++) {
    LAKE_ASSIGN_OR_RETURN(auto value, spec.fields[i].transform.Apply(sources[i]));
    tuple.push_back(std::move(value));
  }
  return tuple;
}

std::string PartitionPath(const PartitionSpec& spec, const PartitionTuple& tuple) {
  std::string path;
  for (size_t i = 0; i < spec.fields.size() && i < tuple.size(); i++) {
    if (i > 0) path += '/';
    path += UrlEncode(spec.fields[i].name) + "=";
    path += tuple[i] ? UrlEncode(PathValue(spec.fields[i].transform, *tuple[i])) : "null";
  }
  return path;
}

Status CheckSpec(const PartitionSpec& spec, const Schema& schema) {
  for (const PartitionField& field : spec.fields) {
    if (field.source_ids.size() != 1) {
      return Unsupported("partition field \"{}\" has more than one source column, which is not supported", field.name);
    }
    if (field.transform.kind() == Transform::Kind::kUnknown) {
      return Unsupported("partition transform \"{}\" is not supported", field.transform.ToString());
    }
    if (field.transform.kind() == Transform::Kind::kVoid) continue;
    const NestedField* source = schema.Find(field.source_id());
    if (source == nullptr) {
      return InvalidInput("partition field \"{}\" names column {}, which does not exist", field.name,
                          field.source_id());
    }
    if (!field.transform.CanTransform(source->type) || schema.IsRepeated(source->id)) {
      return InvalidInput("cannot partition by {} of column \"{}\" of type {}", field.transform.ToString(),
                          schema.FullName(source->id), source->type.ToString());
    }
  }
  return {};
}

Result<std::vector<PartitionField>> ParsePartitionFields(const Json& json) {
  if (!json.is_array()) return Corrupt("partition fields are not an array but {}", json.type_name());
  std::vector<PartitionField> fields;
  FieldId next = kFirstPartitionFieldId;
  for (const Json& item : json) {
    JsonObject object(item, "partition field");
    PartitionField field;
    LAKE_ASSIGN_OR_RETURN(field.source_ids, ParseSourceIds(object));
    LAKE_ASSIGN_OR_RETURN(field.name, object.String("name"));
    LAKE_ASSIGN_OR_RETURN(std::string transform, object.String("transform"));
    LAKE_ASSIGN_OR_RETURN(field.transform, Transform::Parse(transform));
    LAKE_ASSIGN_OR_RETURN(auto id, object.OptionalInt32("field-id"));
    field.field_id = id ? FieldId{*id} : next;
    next = FieldId{next.value + 1};
    fields.push_back(std::move(field));
  }
  return fields;
}

Result<PartitionSpec> ParsePartitionSpec(const Json& json) {
  JsonObject object(json, "partition spec");
  PartitionSpec spec;
  LAKE_ASSIGN_OR_RETURN(int32_t id, object.Int32("spec-id"));
  spec.spec_id = SpecId{id};
  LAKE_ASSIGN_OR_RETURN(const Json* fields, object.Array("fields"));
  LAKE_ASSIGN_OR_RETURN(spec.fields, ParsePartitionFields(*fields));
  return spec;
}

Json PartitionFieldsToJson(const std::vector<PartitionField>& fields) {
  Json json = Json::array();
  for (const PartitionField& field : fields) {
    Json item = {{"field-id", field.field_id.value}, {"name", field.name}, {"transform", field.transform.ToString()}};
    if (field.source_ids.size() > 1) {
      item["source-ids"] = SourceIdsToJson(field.source_ids);
    } else {
      item["source-id"] = field.source_id().value;
    }
    json.push_back(std::move(item));
  }
  return json;
}

Json PartitionSpecToJson(const PartitionSpec& spec) {
  return {{"spec-id", spec.spec_id.value}, {"fields", PartitionFieldsToJson(spec.fields)}};
}

}  // namespace lake::iceberg
