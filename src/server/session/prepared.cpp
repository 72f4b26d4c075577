#include "server/session/prepared.h"

#include <functional>

#include "duckdb/main/client_context.hpp"
#include "duckdb/main/prepared_statement_data.hpp"
#include "duckdb/parser/expression/cast_expression.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/parameter_expression.hpp"
#include "duckdb/parser/expression/subquery_expression.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/query_node.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "server/engine/lake_exception.h"
#include "server/engine/parameter.h"
#include "server/engine/result_type.h"

namespace lake::server {

namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::StatementType;

/// Names of positional parameters are their numbers; a statement may leave some out.
size_t ParameterNumber(const std::string& name, size_t index) {
  size_t number = 0;
  for (char c : name) {
    if (c < '0' || c > '9' || number > 65535) return index;
    number = number * 10 + static_cast<size_t>(c - '0');
  }
  return number == 0 ? index : number;
}

using ExpressionPtr = duckdb::unique_ptr<duckdb::ParsedExpression>;
/// `cast` is the type of the cast around the parameter, null where there is none.
using ParameterVisitor = std::function<void(ExpressionPtr& parameter, const LogicalType* cast)>;

void VisitParameters(duckdb::QueryNode& node, const ParameterVisitor& visit);

void VisitParameters(ExpressionPtr& expression, const ParameterVisitor& visit, const LogicalType* cast = nullptr) {
  if (expression->GetExpressionClass() == duckdb::ExpressionClass::PARAMETER) return visit(expression, cast);
  if (expression->GetExpressionClass() == duckdb::ExpressionClass::SUBQUERY) {
    VisitParameters(*expression->Cast<duckdb::SubqueryExpression>().subquery->node, visit);
  }
  cast = expression->GetExpressionClass() == duckdb::ExpressionClass::CAST
             ? &expression->Cast<duckdb::CastExpression>().cast_type
             : nullptr;
  duckdb::ParsedExpressionIterator::EnumerateChildren(
      *expression, [&](ExpressionPtr& child) { VisitParameters(child, visit, cast); });
}

void VisitParameters(duckdb::QueryNode& node, const ParameterVisitor& visit) {
  duckdb::ParsedExpressionIterator::EnumerateQueryNodeChildren(
      node, [&](ExpressionPtr& child) { VisitParameters(child, visit); });
}

std::string& NameOf(ExpressionPtr& parameter) { return parameter->Cast<duckdb::ParameterExpression>().identifier; }

/// The type of parameter `number`, 0 for a named one; UNKNOWN leaves the parameter alone.
using TypeOf = std::function<LogicalType(size_t number)>;

/// Puts CAST($n AS type) in place of parameters. Only in queries: elsewhere DuckDB takes the types from the target
/// columns, or from the values.
void CastParameters(duckdb::SQLStatement& statement, const TypeOf& type_of) {
  if (statement.type != StatementType::SELECT_STATEMENT) return;
  VisitParameters(*statement.Cast<duckdb::SelectStatement>().node, [&](ExpressionPtr& parameter, const LogicalType*) {
    LogicalType type = type_of(ParameterNumber(NameOf(parameter), 0));
    if (type.id() == LogicalTypeId::UNKNOWN) return;
    auto alias = parameter->GetAlias();
    parameter = duckdb::make_uniq<duckdb::CastExpression>(type, std::move(parameter));
    if (!alias.empty()) parameter->SetAlias(alias);
  });
}

/// INVALID for types that only a catalog knows.
LogicalType BuiltInType(const LogicalType& parsed) {
  try {
    return duckdb::UnboundType::TryDefaultBind(parsed);
  } catch (const duckdb::Exception&) {
    return LogicalType::INVALID;
  }
}

/// The type that each parameter is cast to; empty where one is not, or to several.
std::map<std::string, LogicalType> CastsOfParameters(duckdb::SQLStatement& statement) {
  std::map<std::string, LogicalType> casts;
  if (statement.type != StatementType::SELECT_STATEMENT) return casts;
  bool known = true;
  VisitParameters(*statement.Cast<duckdb::SelectStatement>().node,
                  [&](ExpressionPtr& parameter, const LogicalType* cast) {
                    LogicalType type = cast == nullptr ? LogicalType(LogicalType::INVALID) : BuiltInType(*cast);
                    known = known && type.id() != LogicalTypeId::INVALID &&
                            casts.emplace(NameOf(parameter), type).first->second == type;
                  });
  if (!known || casts.size() != statement.named_param_map.size()) casts.clear();
  return casts;
}

duckdb::unique_ptr<duckdb::PreparedStatement> Plan(duckdb::ClientContext& context,
                                                   duckdb::unique_ptr<duckdb::SQLStatement> statement) {
  auto plan = context.Prepare(std::move(statement));
  if (plan->HasError()) plan->GetErrorObject().Throw();
  return plan;
}

/// Statements that answer nothing and that DuckDB need not plan ahead.
bool NeedsPlan(const duckdb::SQLStatement& statement) {
  if (!statement.named_param_map.empty()) return true;
  switch (statement.type) {
    case StatementType::TRANSACTION_STATEMENT:
    case StatementType::SET_STATEMENT:
    case StatementType::VARIABLE_SET_STATEMENT:
    case StatementType::LOAD_STATEMENT:
    case StatementType::ATTACH_STATEMENT:
    case StatementType::DETACH_STATEMENT:
    case StatementType::PREPARE_STATEMENT: return false;
    default: return true;
  }
}

LogicalType ExpectedType(const PreparedCommand& prepared, const std::string& name) {
  if (auto cast = prepared.casts.find(name); cast != prepared.casts.end()) return cast->second;
  LogicalType type = LogicalType::UNKNOWN;
  if (!prepared.plan || !prepared.plan->data->TryGetType(name, type)) return LogicalType::UNKNOWN;
  // Not inferred: DuckDB has such types for "anything" and for a bare null.
  bool open =
      type.id() == LogicalTypeId::SQLNULL || type.id() == LogicalTypeId::ANY || type.id() == LogicalTypeId::INVALID;
  return open ? LogicalType::UNKNOWN : type;
}

}  // namespace

void Prepare(duckdb::ClientContext& context, PreparedCommand& prepared, bool once) {
  if (!prepared.command || !prepared.command->statement) return;
  auto& statement = *prepared.command->statement;
  for (auto& [name, index] : statement.named_param_map) {
    prepared.parameter_count = std::max(prepared.parameter_count, ParameterNumber(name, index));
  }
  if (!NeedsPlan(statement)) return;
  // DuckDB would plan it for Parse and again for Execute, because of the table functions in it.
  if (once && (prepared.command->kind == Command::Kind::kCopyOut || statement.type == StatementType::COPY_STATEMENT)) {
    prepared.casts = CastsOfParameters(statement);
    prepared.planned_late = prepared.casts.size() == statement.named_param_map.size();
  }
  if (prepared.planned_late) return;
  auto copy = statement.Copy();
  CastParameters(*copy, [&](size_t number) {
    return number == 0 ? LogicalType(LogicalType::UNKNOWN) : ParameterType(prepared.declared_type(number - 1));
  });
  prepared.plan = Plan(context, std::move(copy));
}

std::vector<wire::Oid> ParameterOids(const PreparedCommand& prepared) {
  std::vector<wire::Oid> oids(std::max(prepared.parameter_count, prepared.declared.size()), wire::kTextOid);
  if (prepared.command && prepared.command->statement) {
    for (auto& [name, index] : prepared.command->statement->named_param_map) {
      LogicalType type = ExpectedType(prepared, name);
      if (type.id() != LogicalTypeId::UNKNOWN) oids[ParameterNumber(name, index) - 1] = OidOf(type);
    }
  }
  for (size_t i = 0; i < prepared.declared.size(); ++i) {
    if (prepared.declared[i] != wire::kUnspecifiedOid && prepared.declared[i] != wire::kUnknownOid)
      oids[i] = prepared.declared[i];
  }
  return oids;
}

duckdb::unique_ptr<duckdb::PreparedStatement> PlanForDescription(duckdb::ClientContext& context,
                                                                 const PreparedCommand& prepared) {
  auto copy = prepared.command->statement->Copy();
  CastParameters(*copy, [&](size_t number) {
    LogicalType type =
        number == 0 ? LogicalType(LogicalType::UNKNOWN) : ParameterType(prepared.declared_type(number - 1));
    return type.id() == LogicalTypeId::UNKNOWN ? LogicalType(LogicalType::VARCHAR) : type;
  });
  auto plan = context.Prepare(std::move(copy));
  if (plan->HasError() || !plan->data->properties.bound_all_parameters) return nullptr;
  return plan;
}

duckdb::case_insensitive_map_t<duckdb::BoundParameterData> BindValues(duckdb::ClientContext& context,
                                                                      const PreparedCommand& prepared,
                                                                      const wire::BindMessage& message) {
  duckdb::case_insensitive_map_t<duckdb::BoundParameterData> values;
  if (!prepared.plan && !prepared.planned_late) return values;
  context.RunFunctionInTransaction([&] {  // casts look at settings and catalogs
    for (auto& [name, index] : prepared.command->statement->named_param_map) {
      size_t at = ParameterNumber(name, index) - 1;
      values[name] = duckdb::BoundParameterData(
          ParameterValue(context, message.parameters[at], wire::FormatAt(message.parameter_formats, at),
                         prepared.declared_type(at), ExpectedType(prepared, name)));
    }
  });
  return values;
}

duckdb::unique_ptr<duckdb::SQLStatement> StatementWith(
    const PreparedCommand& prepared, const duckdb::case_insensitive_map_t<duckdb::BoundParameterData>& values) {
  auto copy = prepared.command->statement->Copy();
  // Inside of its cast: a bare number would be a column's in ORDER BY and GROUP BY.
  VisitParameters(*copy->Cast<duckdb::SelectStatement>().node, [&](ExpressionPtr& parameter, const LogicalType*) {
    parameter = duckdb::make_uniq<duckdb::ConstantExpression>(values.at(NameOf(parameter)).GetValue());
  });
  copy->named_param_map.clear();
  return copy;
}

bool PlanFits(const PreparedCommand& prepared,
              const duckdb::case_insensitive_map_t<duckdb::BoundParameterData>& values) {
  if (!prepared.plan || !prepared.plan->data->properties.bound_all_parameters) return false;
  for (auto& [name, value] : values) {
    LogicalType type;
    if (!prepared.plan->data->TryGetType(name, type) || type != value.GetValue().type()) return false;
  }
  return true;
}

}  // namespace lake::server
