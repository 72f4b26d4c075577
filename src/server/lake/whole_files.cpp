// See the header.
#include "server/lake/whole_files.h"

#include <map>

#include "base/json.h"
#include "server/lake/duck_types.h"

namespace lake::server {

namespace {

using iceberg::Expression;

Result<const iceberg::NestedField*> FieldOf(const iceberg::Schema& schema, const std::string& column) {
  for (const auto& field : schema.fields()) {
    if (field.name == column && field.type.is_primitive()) return &field;
  }
  return InvalidInput("condition on column \"{}\", which does not exist", column);
}

Result<Expression> Comparison(Expression::Kind kind, const iceberg::NestedField& field, const std::string& text) {
  LAKE_ASSIGN_OR_RETURN(duckdb::LogicalType type, DuckType(field.type, field.name));
  duckdb::Value value;
  std::string error;
  if (!duckdb::Value(text).DefaultTryCastAs(type, value, &error)) {
    return InvalidInput("condition on column \"{}\" with value \"{}\"", field.name, text);
  }
  auto literal = LiteralOf(value);
  if (!literal) return Expression::False();  // an infinity: no file is known to pass
  return Expression::Compare(kind, field.id, std::move(*literal));
}

Result<Expression> ParseCondition(const Json& entry, const iceberg::Schema& schema) {
  static const std::map<std::string, Expression::Kind> kKinds = {{"<", Expression::Kind::kLt},
                                                                 {"<=", Expression::Kind::kLtEq},
                                                                 {"=", Expression::Kind::kEq},
                                                                 {">=", Expression::Kind::kGtEq},
                                                                 {">", Expression::Kind::kGt}};
  JsonObject object(entry, "condition");
  LAKE_ASSIGN_OR_RETURN(std::string column, object.String("column"));
  LAKE_ASSIGN_OR_RETURN(std::string op, object.String("op"));
  LAKE_ASSIGN_OR_RETURN(const iceberg::NestedField* field, FieldOf(schema, column));
  if (op == "is null") return Expression::IsNull(field->id);
  if (op == "is not null") return Expression::NotNull(field->id);
  auto kind = kKinds.find(op);
  if (kind == kKinds.end()) return InvalidInput("condition with operator \"{}\"", op);
  LAKE_ASSIGN_OR_RETURN(std::string value, object.String("value"));
  return Comparison(kind->second, *field, value);
}

}  // namespace

Result<Expression> ParseConditions(const std::string& json, const iceberg::Schema& schema) {
  LAKE_ASSIGN_OR_RETURN(Json list, ParseJson(json, "conditions"));
  if (!list.is_array()) return InvalidInput("conditions must be a JSON array");
  Expression filter;
  for (const Json& entry : list) {
    LAKE_ASSIGN_OR_RETURN(Expression condition, ParseCondition(entry, schema));
    filter = Expression::And(std::move(filter), std::move(condition));
  }
  return filter;
}

}  // namespace lake::server
