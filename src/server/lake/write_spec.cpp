// See the header.
#include "server/lake/write_spec.h"

#include <set>

#include "server/lake/row_lineage.h"
#include "storage/location.h"

namespace lake::server {

namespace {

Result<std::vector<StreamColumn>> ParseColumns(const Json& list, const iceberg::Schema& schema) {
  std::vector<StreamColumn> columns;
  std::set<std::string> seen;
  for (const Json& entry : list) {
    JsonObject object(entry, "column of a write");
    StreamColumn column;
    LAKE_ASSIGN_OR_RETURN(column.name, object.String("name"));
    LAKE_ASSIGN_OR_RETURN(column.wire, object.String("wire"));
    LAKE_ASSIGN_OR_RETURN(auto not_null, object.OptionalBool("not_null"));
    column.not_null = not_null.value_or(false);
    const iceberg::NestedField* field = nullptr;
    for (const auto& candidate : schema.fields()) {
      if (candidate.name == column.name) field = &candidate;
    }
    if (field == nullptr) return Conflict("column \"{}\" does not exist in the Iceberg table", column.name);
    if (!seen.insert(column.name).second) return InvalidInput("column \"{}\" is listed twice", column.name);
    column.field = *field;
    columns.push_back(std::move(column));
  }
  for (const auto& field : schema.fields()) {
    if (!columns.empty() && field.required && seen.count(field.name) == 0) {
      return Conflict("column \"{}\" is required by the Iceberg table but not written", field.name);
    }
  }
  return columns;
}

/// Format version 3: one more column of the stream, the row ids of rows that are updated.
Status ParseLineage(const JsonObject& object, const iceberg::TableMetadata& table, WriteSpec& spec) {
  const Json* json = object.Find("lineage");
  if (json == nullptr) return {};
  if (table.format_version < 3) return InvalidInput("rows have ids in format version 3 only");
  JsonObject lineage(*json, "lineage of a write");
  LAKE_ASSIGN_OR_RETURN(spec.lineage_base, lineage.String("base"));
  LAKE_ASSIGN_OR_RETURN(spec.lineage_changes, lineage.String("changes"));
  spec.lineage = true;
  StreamColumn column;
  column.field = RowIdField();
  column.name = column.field.name;
  column.wire = "int8";
  spec.columns.push_back(std::move(column));
  return {};
}

}  // namespace

Result<WriteSpec> ParseWriteSpec(const Json& json, const iceberg::TableMetadata& table) {
  JsonObject object(json, "specification of a write");
  WriteSpec spec;
  LAKE_ASSIGN_OR_RETURN(spec.files.data_prefix, object.String("data_prefix"));
  auto location = storage::ParseLocation(spec.files.data_prefix);
  if (!location.ok()) return std::move(location).error();
  LAKE_ASSIGN_OR_RETURN(const Json* columns, object.Array("columns"));
  LAKE_ASSIGN_OR_RETURN(spec.columns, ParseColumns(*columns, table.current_schema()));
  LAKE_RETURN_IF_ERROR(ParseLineage(object, table, spec));
  LAKE_ASSIGN_OR_RETURN(auto file_bytes, object.OptionalInt64("target_file_size"));
  LAKE_ASSIGN_OR_RETURN(auto group_bytes, object.OptionalInt64("row_group_size"));
  if (file_bytes && *file_bytes > 0) spec.files.target_file_size = *file_bytes;
  if (group_bytes && *group_bytes > 0) spec.files.row_group_size = *group_bytes;
  LAKE_ASSIGN_OR_RETURN(auto open_files, object.OptionalInt64("max_open_files"));
  if (open_files && *open_files > 0) spec.files.max_open_files = *open_files;
  LAKE_ASSIGN_OR_RETURN(auto compression, object.OptionalString("compression"));
  spec.files.compression = CompressionOf(table);
  if (compression) {
    LAKE_ASSIGN_OR_RETURN(spec.files.compression, ParseCompression(*compression));
  }
  return spec;
}

std::vector<iceberg::NestedField> FieldsOf(const std::vector<StreamColumn>& columns) {
  std::vector<iceberg::NestedField> fields;
  for (const StreamColumn& column : columns) fields.push_back(column.field);
  return fields;
}

}  // namespace lake::server
