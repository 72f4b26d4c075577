// See the header.
#include "server/lake/column_mapping.h"

#include "duckdb/parser/expression/constant_expression.hpp"
#include "server/lake/duck_types.h"
#include "server/lake/variant_column.h"

namespace lake::server {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::MultiFileColumnDefinition;
using iceberg::NestedField;
using iceberg::TypeId;

namespace {

using Definitions = duckdb::vector<MultiFileColumnDefinition>;

constexpr int kMaxDepth = 100;

/// What rows of a file without the field have (rules 4 and 11). A struct's default says that its fields have theirs.
duckdb::Value MissingValue(const NestedField& field, const LogicalType& type) {
  if (!field.initial_default) return duckdb::Value(type);
  if (field.type.id() != TypeId::kStruct) return DuckValue(*field.initial_default);
  duckdb::vector<duckdb::Value> values;
  for (size_t i = 0; i < field.type.fields().size(); ++i) {
    values.push_back(MissingValue(field.type.fields()[i], duckdb::StructType::GetChildType(type, i)));
  }
  return duckdb::Value::STRUCT(type, std::move(values));
}

Result<MultiFileColumnDefinition> Definition(const NestedField& field, const std::string& name) {
  LAKE_ASSIGN_OR_RETURN(LogicalType type, DuckType(field.type, field.name));
  MultiFileColumnDefinition definition(name, type);
  definition.identifier = duckdb::Value::INTEGER(field.id.value);
  definition.default_expression = duckdb::make_uniq<duckdb::ConstantExpression>(MissingValue(field, type));
  for (const NestedField& child : field.type.fields()) {
    // DuckDB knows the parts of lists and maps by these names, which are also Iceberg's.
    LAKE_ASSIGN_OR_RETURN(MultiFileColumnDefinition nested, Definition(child, child.name));
    definition.children.push_back(std::move(nested));
  }
  return definition;
}

/// The element of a list, or a map's key and value, however deep DuckDB's definition of a file keeps them.
bool MayHold(const iceberg::Type& type, const MultiFileColumnDefinition& column, int depth);

bool MayHoldChildren(const iceberg::Type& type, const Definitions& columns, int depth) {
  for (const MultiFileColumnDefinition& column : columns) {
    if (column.identifier.IsNull()) continue;
    for (const NestedField& field : type.fields()) {
      if (field.id.value == column.GetIdentifierFieldId() && !MayHold(field.type, column, depth + 1)) return false;
    }
  }
  return true;
}

bool MayHoldPrimitive(const iceberg::Type& type, const LogicalType& found) {
  switch (type.id()) {
    case TypeId::kBoolean: return found.id() == LogicalTypeId::BOOLEAN;
    case TypeId::kLong:
      if (found.id() == LogicalTypeId::BIGINT || found.id() == LogicalTypeId::UINTEGER) return true;
      [[fallthrough]];
    case TypeId::kInt:
      switch (found.id()) {
        case LogicalTypeId::TINYINT:
        case LogicalTypeId::SMALLINT:
        case LogicalTypeId::INTEGER:
        case LogicalTypeId::UTINYINT:
        case LogicalTypeId::USMALLINT: return true;
        default: return false;
      }
    case TypeId::kDouble:
      if (found.id() == LogicalTypeId::DOUBLE) return true;
      [[fallthrough]];
    case TypeId::kFloat: return found.id() == LogicalTypeId::FLOAT;
    case TypeId::kDecimal:
      return found.id() == LogicalTypeId::DECIMAL && duckdb::DecimalType::GetScale(found) == type.scale() &&
             duckdb::DecimalType::GetWidth(found) <= type.precision();
    case TypeId::kDate: return found.id() == LogicalTypeId::DATE;
    case TypeId::kTime: return found.id() == LogicalTypeId::TIME || found.id() == LogicalTypeId::TIME_NS;
    case TypeId::kTimestamp:
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTz:
    case TypeId::kTimestampTzNs:
      switch (found.id()) {
        case LogicalTypeId::TIMESTAMP:
        case LogicalTypeId::TIMESTAMP_MS:
        case LogicalTypeId::TIMESTAMP_NS:
        case LogicalTypeId::TIMESTAMP_TZ: return true;
        case LogicalTypeId::DATE: return type.id() == TypeId::kTimestamp || type.id() == TypeId::kTimestampNs;
        default: return false;
      }
    case TypeId::kString:
    case TypeId::kBinary:
    case TypeId::kFixed: return found.id() == LogicalTypeId::VARCHAR || found.id() == LogicalTypeId::BLOB;
    case TypeId::kUuid: return found.id() == LogicalTypeId::UUID;
    // DuckDB's own, where nobody has asked for what is stored (stored_types.h).
    case TypeId::kVariant:
      return IsVariantGroup(found) || found == VariantText() || found.id() == LogicalTypeId::VARIANT;
    case TypeId::kGeometry:
    case TypeId::kGeography: return found.id() == LogicalTypeId::BLOB || found.id() == LogicalTypeId::GEOMETRY;
    default: return true;  // unknown: hidden before
  }
}

bool MayHold(const iceberg::Type& type, const MultiFileColumnDefinition& column, int depth) {
  if (depth > kMaxDepth) return false;
  switch (type.id()) {
    case TypeId::kStruct:
      return column.type.id() == LogicalTypeId::STRUCT && !IsVariantGroup(column.type) &&
             MayHoldChildren(type, column.children, depth);
    case TypeId::kList: return column.type.id() == LogicalTypeId::LIST && MayHoldChildren(type, column.children, depth);
    case TypeId::kMap: return column.type.id() == LogicalTypeId::MAP && MayHoldChildren(type, column.children, depth);
    default: return MayHoldPrimitive(type, column.type);
  }
}

}  // namespace

Result<Definitions> ColumnDefinitions(const iceberg::Schema& schema, const std::map<std::string, LogicalType>& types) {
  Definitions result;
  for (const NestedField& field : schema.fields()) {
    LAKE_ASSIGN_OR_RETURN(MultiFileColumnDefinition definition, Definition(field, field.name));
    auto shown = types.find(field.name);
    if (shown != types.end() && shown->second != definition.type) {
      duckdb::Value missing = MissingValue(field, definition.type);
      definition.type = shown->second;
      definition.children.clear();  // cast as a whole
      definition.default_expression =
          duckdb::make_uniq<duckdb::ConstantExpression>(missing.DefaultCastAs(shown->second));
    }
    result.push_back(std::move(definition));
  }
  return result;
}

Result<NameMapping::Nodes> NameMapping::ParseNodes(const Json& json, int depth) {
  if (!json.is_array() || depth > kMaxDepth) return Corrupt("schema.name-mapping.default is not a list of fields");
  Nodes nodes;
  for (const Json& entry : json) {
    JsonObject object(entry, "field of schema.name-mapping.default");
    LAKE_ASSIGN_OR_RETURN(const Json* names, object.Array("names"));
    Node node;
    LAKE_ASSIGN_OR_RETURN(node.id, object.OptionalInt32("field-id"));
    if (const Json* children = object.Find("fields")) {
      LAKE_ASSIGN_OR_RETURN(Nodes parsed, ParseNodes(*children, depth + 1));
      node.children = std::make_shared<const Nodes>(std::move(parsed));
    }
    for (const Json& name : *names) {
      if (!name.is_string()) return Corrupt("schema.name-mapping.default has a name that is not a string");
      nodes[name.get<std::string>()] = node;
    }
  }
  return nodes;
}

Result<NameMapping> NameMapping::Parse(std::string_view text) {
  LAKE_ASSIGN_OR_RETURN(Json json, ParseJson(text, "schema.name-mapping.default"));
  NameMapping mapping;
  LAKE_ASSIGN_OR_RETURN(mapping.roots_, ParseNodes(json, 0));
  return mapping;
}

void NameMapping::ApplyTo(const Nodes& nodes, Definitions& columns) {
  for (MultiFileColumnDefinition& column : columns) ApplyTo(nodes, column.name, column);
}

void NameMapping::ApplyTo(const Nodes& nodes, const std::string& name, MultiFileColumnDefinition& column) {
  auto at = nodes.find(name);
  if (at == nodes.end()) return;
  if (at->second.id) column.identifier = duckdb::Value::INTEGER(*at->second.id);
  if (!at->second.children) return;
  const Nodes& children = *at->second.children;
  // The parts of lists and maps have names of their own here, whatever the file calls them; a map's lie in a group.
  Definitions* parts = &column.children;
  if (column.type.id() == LogicalTypeId::MAP && parts->size() == 1) parts = &parts->front().children;
  if (column.type.id() == LogicalTypeId::MAP && parts->size() == 2) {
    ApplyTo(children, "key", parts->front());
    ApplyTo(children, "value", parts->back());
  } else if (column.type.id() == LogicalTypeId::LIST && parts->size() == 1) {
    ApplyTo(children, "element", parts->front());
  } else {
    ApplyTo(children, *parts);
  }
}

void NameMapping::Apply(Definitions& columns) const { ApplyTo(roots_, columns); }

bool HasFieldIds(const Definitions& columns) {
  for (const MultiFileColumnDefinition& column : columns) {
    if (!column.identifier.IsNull() || HasFieldIds(column.children)) return true;
  }
  return false;
}

void FillMissingIds(Definitions& columns) {
  int32_t next = -1;
  for (MultiFileColumnDefinition& column : columns) {
    if (column.identifier.IsNull()) column.identifier = duckdb::Value::INTEGER(next--);
    FillMissingIds(column.children);
  }
}

void HideUnknown(const iceberg::Schema& schema, Definitions& columns) {
  for (MultiFileColumnDefinition& column : columns) {
    HideUnknown(schema, column.children);
    if (column.identifier.IsNull()) continue;
    const NestedField* field = schema.Find(iceberg::FieldId{column.GetIdentifierFieldId()});
    if (field != nullptr && field->type.id() == TypeId::kUnknown) column.identifier = duckdb::Value();
  }
}

Status CheckFileColumns(const iceberg::Schema& schema, const Definitions& columns, const std::string& file) {
  for (const MultiFileColumnDefinition& column : columns) {
    if (column.identifier.IsNull()) continue;
    const NestedField* field = schema.Find(iceberg::FieldId{column.GetIdentifierFieldId()});
    if (field == nullptr || MayHold(field->type, column, 0)) continue;
    return Corrupt("data file \"{}\" has column \"{}\" of type {}, which cannot be read as {}", file, column.name,
                   column.type.ToString(), field->type.ToString());
  }
  return {};
}

}  // namespace lake::server
