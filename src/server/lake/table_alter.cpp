// See the header.
#include "server/lake/table_alter.h"

#include <chrono>

#include "base/json.h"
#include "iceberg/operation/update_schema.h"

namespace lake::server {

namespace {

Result<iceberg::Type> TypeOf(const JsonObject& object) {
  LAKE_ASSIGN_OR_RETURN(const Json* type, object.Get("type"));
  return iceberg::ParseType(*type);
}

Status AddOperation(const JsonObject& object, iceberg::UpdateSchema& update, std::vector<iceberg::Update>& properties) {
  LAKE_ASSIGN_OR_RETURN(std::string op, object.String("op"));
  LAKE_ASSIGN_OR_RETURN(std::string name, object.String("name"));
  if (op == "add") {
    iceberg::NewColumn column;
    column.name = name;
    LAKE_ASSIGN_OR_RETURN(column.type, TypeOf(object));
    LAKE_ASSIGN_OR_RETURN(auto required, object.OptionalBool("required"));
    column.required = required.value_or(false);
    update.Add(std::move(column));
  } else if (op == "drop") {
    update.Drop(name);
  } else if (op == "rename") {
    LAKE_ASSIGN_OR_RETURN(std::string to, object.String("to"));
    update.Rename(name, to);
  } else if (op == "type") {
    LAKE_ASSIGN_OR_RETURN(iceberg::Type type, TypeOf(object));
    LAKE_ASSIGN_OR_RETURN(auto replace, object.OptionalBool("replace"));
    if (replace.value_or(false)) {
      update.ReplaceType(name, std::move(type));
    } else {
      update.ChangeType(name, std::move(type));
    }
  } else if (op == "required") {
    LAKE_ASSIGN_OR_RETURN(auto required, object.OptionalBool("required"));
    update.SetRequired(name, required.value_or(false));
  } else if (op == "set_property") {
    LAKE_ASSIGN_OR_RETURN(std::string value, object.String("value"));
    properties.push_back(iceberg::SetProperties{{{name, value}}});
  } else if (op == "remove_property") {
    properties.push_back(iceberg::RemoveProperties{{name}});
  } else {
    return InvalidInput("operation \"{}\" of lake_alter is unknown", op);
  }
  return {};
}

}  // namespace

Result<std::string> AlterTableBase(LakeInstance& lake, const std::string& text) {
  LAKE_ASSIGN_OR_RETURN(Json json, ParseJson(text, "argument of lake_alter"));
  JsonObject object(json, "argument of lake_alter");
  LAKE_ASSIGN_OR_RETURN(std::string base, object.String("base"));
  LAKE_ASSIGN_OR_RETURN(LakeInstance::MetadataPtr metadata, lake.MetadataOfBase(base));
  LAKE_ASSIGN_OR_RETURN(const Json* operations, object.Array("operations"));
  iceberg::UpdateSchema update(*metadata);
  std::vector<iceberg::Update> properties;
  for (const Json& entry : *operations) {
    LAKE_RETURN_IF_ERROR(AddOperation(JsonObject(entry, "operation of lake_alter"), update, properties));
  }
  auto now = std::chrono::system_clock::now().time_since_epoch();
  iceberg::CommitContext context{std::chrono::duration_cast<std::chrono::milliseconds>(now).count(), std::nullopt};
  if (!LakeInstance::IsInline(base)) context.base_location = iceberg::Location(base);
  LAKE_ASSIGN_OR_RETURN(iceberg::TableMetadata changed, update.Build(context));
  if (properties.empty()) return iceberg::MetadataToText(changed);
  if (changed.metadata_log.size() != metadata->metadata_log.size()) context.base_location.reset();  // it is there now
  LAKE_ASSIGN_OR_RETURN(changed, iceberg::ApplyUpdates(&changed, properties, context));
  return iceberg::MetadataToText(changed);
}

}  // namespace lake::server
