// See the header.
#include "server/lake/stored_types.h"

#include <algorithm>
#include <array>
#include <map>

#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression/bound_reference_expression.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "parquet_reader.hpp"
#include "parquet_writer.hpp"
#include "server/lake/duck_types.h"
#include "server/lake/nanoseconds.h"
#include "server/lake/parquet_internals.h"
#include "server/lake/variant_column.h"

namespace lake::server {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::MultiFileColumnDefinition;
using duckdb::ParquetColumnSchema;
using duckdb_parquet::FileMetaData;
using duckdb_parquet::SchemaElement;
using iceberg::NestedField;
using iceberg::TypeId;

namespace {

// ---- reading

/// The schema of a file and what is matched by it are two trees of one shape.
bool Keep(ParquetColumnSchema& schema, MultiFileColumnDefinition& column, bool is_inside);

bool KeepGeometry(ParquetColumnSchema& schema, MultiFileColumnDefinition& column) {
  ParquetColumnSchema bytes = schema.children.front();
  bytes.name = schema.name;
  bytes.parent_schema_index = schema.parent_schema_index;
  schema = std::move(bytes);
  column.type = schema.type;
  return true;
}

bool KeepNanoseconds(ParquetColumnSchema& schema, MultiFileColumnDefinition& column) {
  if (schema.type.id() != LogicalTypeId::TIMESTAMP_TZ || schema.type_info != duckdb::ParquetExtraTypeInfo::UNIT_NS) {
    return false;
  }
  schema.type = column.type = NanosecondsInUtc();
  return true;
}

/// The type of a group with such children.
LogicalType GroupOf(const LogicalType& type, duckdb::child_list_t<LogicalType> children) {
  if (type.id() == LogicalTypeId::STRUCT) return LogicalType::STRUCT(std::move(children));
  const LogicalType& only = children.front().second;
  if (type.id() == LogicalTypeId::LIST) return LogicalType::LIST(only);
  return LogicalType::MAP(only);  // of key and value
}

bool KeepVariant(ParquetColumnSchema& schema, MultiFileColumnDefinition& column, bool is_inside) {
  duckdb::child_list_t<LogicalType> fields;
  for (size_t i = 0; i < schema.children.size() && i < column.children.size(); ++i) {
    Keep(schema.children[i], column.children[i], true);
    fields.emplace_back(schema.children[i].name, schema.children[i].type);
  }
  schema.schema_type = duckdb::ParquetColumnSchemaType::COLUMN;
  schema.type = VariantGroup(std::move(fields));
  column.type = is_inside ? VariantText() : schema.type;
  column.children.clear();  // they have no ids: the group is cast as a whole
  return true;
}

bool Keep(ParquetColumnSchema& schema, MultiFileColumnDefinition& column, bool is_inside) {
  if (schema.schema_type == duckdb::ParquetColumnSchemaType::VARIANT) return KeepVariant(schema, column, is_inside);
  if (schema.schema_type == duckdb::ParquetColumnSchemaType::GEOMETRY) return KeepGeometry(schema, column);
  if (schema.children.empty()) return KeepNanoseconds(schema, column);
  bool changed = false;
  for (size_t i = 0; i < schema.children.size() && i < column.children.size(); ++i) {
    changed |= Keep(schema.children[i], column.children[i], true);
  }
  if (!changed) return false;
  duckdb::child_list_t<LogicalType> stored, matched;
  for (const auto& child : schema.children) stored.emplace_back(child.name, child.type);
  for (const auto& child : column.children) matched.emplace_back(child.name, child.type);
  column.type = GroupOf(schema.type, std::move(matched));
  schema.type = GroupOf(schema.type, std::move(stored));
  return true;
}

// ---- writing

/// The specification has plain int32 and int64. DuckDB calls them INT_32 and INT_64 besides, and Spark cannot read such
/// a column any more once it is a bigint.
void LeaveIntegersPlain(SchemaElement& element) {
  if (element.__isset.converted_type && (element.converted_type == duckdb_parquet::ConvertedType::INT_32 ||
                                         element.converted_type == duckdb_parquet::ConvertedType::INT_64)) {
    element.__isset.converted_type = false;
  }
}

/// "geography(srid:4326, karney)"; what is not said is the default in Parquet as well.
void AnnotateGeography(SchemaElement& element, const std::string& parameters) {
  using Algorithm = duckdb_parquet::EdgeInterpolationAlgorithm;
  static const std::map<std::string, Algorithm::type> kAlgorithms = {{"spherical", Algorithm::SPHERICAL},
                                                                     {"vincenty", Algorithm::VINCENTY},
                                                                     {"thomas", Algorithm::THOMAS},
                                                                     {"andoyer", Algorithm::ANDOYER},
                                                                     {"karney", Algorithm::KARNEY}};
  duckdb_parquet::GeographyType geography;
  size_t comma = parameters.find(',');
  std::string crs = parameters.substr(0, comma);
  if (!crs.empty()) geography.__set_crs(crs);
  if (comma != std::string::npos) {
    size_t begin = std::min(parameters.find_first_not_of(' ', comma + 1), parameters.size());
    auto algorithm = kAlgorithms.find(parameters.substr(begin));
    if (algorithm != kAlgorithms.end()) geography.__set_algorithm(algorithm->second);
  }
  element.logicalType.__set_GEOGRAPHY(geography);
}

void Annotate(SchemaElement& element, const iceberg::Type& type) {
  switch (type.id()) {
    case TypeId::kTimestampTzNs:  // DuckDB has no nanoseconds in UTC
      if (element.__isset.logicalType) element.logicalType.TIMESTAMP.isAdjustedToUTC = true;
      return;
    case TypeId::kVariant: {
      duckdb_parquet::VariantType variant;
      variant.__set_specification_version(1);
      element.logicalType.__set_VARIANT(variant);
      break;
    }
    case TypeId::kGeometry: {
      duckdb_parquet::GeometryType geometry;
      if (!type.parameters().empty()) geometry.__set_crs(type.parameters());
      element.logicalType.__set_GEOMETRY(geometry);
      break;
    }
    case TypeId::kGeography: AnnotateGeography(element, type.parameters()); break;
    default: return;
  }
  element.__isset.logicalType = true;
}

using TypesById = std::map<int32_t, iceberg::Type>;

void CollectTypes(const NestedField& field, TypesById& types) {
  types.emplace(field.id.value, field.type);
  for (const NestedField& child : field.type.fields()) CollectTypes(child, types);
}

bool IsGeometry(const iceberg::Type& type) { return type.id() == TypeId::kGeometry || type.id() == TypeId::kGeography; }

void RequireParts(duckdb::ColumnWriter& column) {
  for (const auto& child : column.ChildWriters()) {
    if (IsVariantGroup(column.Type())) {
      child->MarkRepetitionRequired();
    } else {
      RequireParts(*child);
    }
  }
}

/// Bytes of geometries have no order.
void DropBounds(FileMetaData& footer, size_t leaf) {
  for (auto& group : footer.row_groups) {
    auto& statistics = group.columns[leaf].meta_data.statistics;
    statistics.__isset.min = statistics.__isset.max = false;
    statistics.__isset.min_value = statistics.__isset.max_value = false;
    statistics.__isset.is_min_value_exact = statistics.__isset.is_max_value_exact = false;
  }
}

}  // namespace

Result<LogicalType> TypeInFile(const iceberg::Type& type, const std::string& name) {
  switch (type.id()) {
    case TypeId::kTimestampNs: return LogicalType(LogicalTypeId::TIMESTAMP_NS);
    case TypeId::kTimestampTzNs: return NanosecondsInUtc();
    case TypeId::kVariant: return VariantInFile();
    case TypeId::kUnknown:
      return Unsupported("column \"{}\" has type unknown inside another, which is not written", name);
    case TypeId::kList: {
      LAKE_ASSIGN_OR_RETURN(auto element, TypeInFile(type.element().type, name + ".element"));
      return LogicalType::LIST(element);
    }
    case TypeId::kMap: {
      LAKE_ASSIGN_OR_RETURN(auto key, TypeInFile(type.key().type, name + ".key"));
      LAKE_ASSIGN_OR_RETURN(auto value, TypeInFile(type.value().type, name + ".value"));
      return LogicalType::MAP(key, value);
    }
    case TypeId::kStruct: {
      duckdb::child_list_t<LogicalType> children;
      for (const NestedField& field : type.fields()) {
        LAKE_ASSIGN_OR_RETURN(auto child, TypeInFile(field.type, name + "." + field.name));
        children.emplace_back(field.name, child);
      }
      return LogicalType::STRUCT(std::move(children));
    }
    default: return DuckType(type, name);
  }
}

bool LosesWhenRead(const iceberg::Type& type) {
  if (type.id() == TypeId::kVariant || HasNanoseconds(type)) return true;
  const auto& fields = type.fields();
  return std::any_of(fields.begin(), fields.end(), [](const auto& field) { return LosesWhenRead(field.type); });
}

void ReadAsStored(duckdb::BaseFileReader& reader) {
  auto& children = reader.Cast<duckdb::ParquetReader>().root_schema->children;
  for (size_t i = 0; i < children.size() && i < reader.columns.size(); ++i) {
    Keep(children[i], reader.columns[i], false);
  }
}

void ReadVariantsInside(duckdb::ClientContext& context, duckdb::BaseFileReader& reader) {
  const auto& children = reader.Cast<duckdb::ParquetReader>().root_schema->children;
  for (duckdb::idx_t read = 0; read < reader.column_ids.size(); ++read) {
    const duckdb::idx_t i = reader.column_ids[duckdb::MultiFileLocalIndex(read)].GetId();
    if (i >= children.size() || children[i].type == reader.columns[i].type) continue;
    duckdb::unique_ptr<duckdb::Expression> json = duckdb::BoundCastExpression::AddCastToType(
        context, duckdb::make_uniq<duckdb::BoundReferenceExpression>(children[i].type, 0), reader.columns[i].type);
    auto& expression = reader.expression_map[i];
    if (!expression) {
      expression = std::move(json);
      continue;
    }
    // The mapping has put one there, for a filter: of what it has been promised.
    duckdb::ExpressionIterator::VisitExpressionMutable<duckdb::BoundReferenceExpression>(
        expression, [&](duckdb::BoundReferenceExpression&, duckdb::unique_ptr<duckdb::Expression>& reference) {
          reference = json->Copy();
        });
  }
}

void RequireVariantParts(duckdb::ParquetWriter& writer) {
  for (const auto& column : ColumnsOf(writer)) RequireParts(*column);
}

void AnnotateStoredTypes(duckdb::ParquetWriter& writer, const std::vector<NestedField>& fields) {
  TypesById types;
  for (const NestedField& field : fields) CollectTypes(field, types);
  FileMetaData& footer = FooterOf(writer);
  size_t leaf = 0;
  for (SchemaElement& element : footer.schema) {
    LeaveIntegersPlain(element);
    auto type = element.__isset.field_id ? types.find(element.field_id) : types.end();
    if (type != types.end()) {
      Annotate(element, type->second);
      if (IsGeometry(type->second)) DropBounds(footer, leaf);
    }
    if (element.__isset.type) ++leaf;
  }
}

}  // namespace lake::server
