// See the header.
//
// Soundness: a translation may only be *weaker* than the filter. So And() may drop a side (true), Or() with an
// untranslated side is true as a whole, and NOT is translated only around things whose translation is exact.
#include "server/lake/filter_translation.h"

#include "duckdb/planner/expression/bound_between_expression.hpp"
#include "duckdb/planner/expression/bound_comparison_expression.hpp"
#include "duckdb/planner/expression/bound_conjunction_expression.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "duckdb/planner/expression/bound_operator_expression.hpp"
#include "duckdb/planner/filter/conjunction_filter.hpp"
#include "duckdb/planner/filter/constant_filter.hpp"
#include "duckdb/planner/filter/dynamic_filter.hpp"
#include "duckdb/planner/filter/in_filter.hpp"
#include "duckdb/planner/filter/optional_filter.hpp"
#include "server/lake/duck_types.h"
#include "server/lake/monotone_filter.h"

namespace lake::server {

using duckdb::ExpressionType;
using iceberg::Expression;
using iceberg::FieldId;
using iceberg::Literal;

namespace {

constexpr size_t kMostSearches = 100;

std::optional<Expression::Kind> KindOf(ExpressionType type) {
  switch (type) {
    case ExpressionType::COMPARE_EQUAL: return Expression::Kind::kEq;
    case ExpressionType::COMPARE_NOTEQUAL: return Expression::Kind::kNotEq;
    case ExpressionType::COMPARE_LESSTHAN: return Expression::Kind::kLt;
    case ExpressionType::COMPARE_LESSTHANOREQUALTO: return Expression::Kind::kLtEq;
    case ExpressionType::COMPARE_GREATERTHAN: return Expression::Kind::kGt;
    case ExpressionType::COMPARE_GREATERTHANOREQUALTO: return Expression::Kind::kGtEq;
    default: return std::nullopt;
  }
}

Expression Compare(ExpressionType type, FieldId field, const duckdb::Value& value) {
  auto kind = KindOf(type);
  auto literal = LiteralOf(value);
  if (!kind || !literal) return Expression::True();
  return Expression::Compare(*kind, field, std::move(*literal));
}

const duckdb::Value* ConstantOf(const duckdb::Expression& expression) {
  if (expression.GetExpressionType() != ExpressionType::VALUE_CONSTANT) return nullptr;
  return &expression.Cast<duckdb::BoundConstantExpression>().value;
}

Expression InList(FieldId field, const duckdb::vector<duckdb::Value>& values) {
  std::vector<Literal> literals;
  for (const duckdb::Value& value : values) {
    if (value.IsNull()) continue;  // never equal to anything
    auto literal = LiteralOf(value);
    if (!literal) return Expression::True();
    literals.push_back(std::move(*literal));
  }
  if (literals.empty()) return Expression::True();
  return Expression::In(field, std::move(literals));
}

/// A comparison of a column, or of a function that grows with one (monotone_filter.h).
Expression CompareWith(duckdb::ClientContext& context, ExpressionType type, const duckdb::Expression& compared,
                       const duckdb::Value& value, const FieldOfReference& field_of) {
  if (auto field = field_of(compared)) return Compare(type, *field, value);
  return RangeWhere(context, compared, type, value, field_of);
}

Expression FromComparison(duckdb::ClientContext& context, const duckdb::BoundComparisonExpression& comparison,
                          const FieldOfReference& field_of) {
  ExpressionType type = comparison.GetExpressionType();
  if (const duckdb::Value* value = ConstantOf(*comparison.right)) {
    return CompareWith(context, type, *comparison.left, *value, field_of);
  }
  if (const duckdb::Value* value = ConstantOf(*comparison.left)) {
    return CompareWith(context, duckdb::FlipComparisonExpression(type), *comparison.right, *value, field_of);
  }
  return Expression::True();
}

Expression FromBetween(duckdb::ClientContext& context, const duckdb::BoundBetweenExpression& between,
                       const FieldOfReference& field_of) {
  Expression result;
  if (const duckdb::Value* lower = ConstantOf(*between.lower)) {
    result = CompareWith(context, between.LowerComparisonType(), *between.input, *lower, field_of);
  }
  if (const duckdb::Value* upper = ConstantOf(*between.upper)) {
    result = Expression::And(std::move(result),
                             CompareWith(context, between.UpperComparisonType(), *between.input, *upper, field_of));
  }
  return result;
}

/// function(column) IN (..), of a function that grows with the column.
Expression InListOf(duckdb::ClientContext& context, const duckdb::Expression& function,
                    const duckdb::vector<duckdb::Value>& values, const FieldOfReference& field_of) {
  Expression result = Expression::False();
  for (const duckdb::Value& value : values) {
    if (value.IsNull()) continue;
    result = Expression::Or(std::move(result),
                            RangeWhere(context, function, ExpressionType::COMPARE_EQUAL, value, field_of));
    if (result.is_true()) break;
  }
  return result;
}

Expression FromConjunction(duckdb::ClientContext& context, const duckdb::BoundConjunctionExpression& conjunction,
                           const FieldOfReference& field_of) {
  bool is_and = conjunction.GetExpressionType() == ExpressionType::CONJUNCTION_AND;
  Expression result = is_and ? Expression::True() : Expression::False();
  for (const auto& child : conjunction.children) {
    Expression translated = TranslateFilter(context, *child, field_of);
    result = is_and ? Expression::And(std::move(result), std::move(translated))
                    : Expression::Or(std::move(result), std::move(translated));
  }
  return result;
}

Expression FromOperator(duckdb::ClientContext& context, const duckdb::BoundOperatorExpression& op,
                        const FieldOfReference& field_of) {
  if (op.children.empty()) return Expression::True();
  auto field = field_of(*op.children[0]);
  switch (op.GetExpressionType()) {
    case ExpressionType::OPERATOR_IS_NULL: return field ? Expression::IsNull(*field) : Expression::True();
    case ExpressionType::OPERATOR_IS_NOT_NULL: return field ? Expression::NotNull(*field) : Expression::True();
    case ExpressionType::OPERATOR_NOT:
      if (!field) return Expression::True();
      return Expression::Compare(Expression::Kind::kEq, *field, Literal::Boolean(false));
    case ExpressionType::COMPARE_IN: {
      duckdb::vector<duckdb::Value> values;
      for (size_t i = 1; i < op.children.size(); ++i) {
        const duckdb::Value* value = ConstantOf(*op.children[i]);
        if (value == nullptr) return Expression::True();
        values.push_back(*value);
      }
      if (field) return InList(*field, values);
      // Each value takes a search of its own.
      return values.size() <= kMostSearches ? InListOf(context, *op.children[0], values, field_of) : Expression::True();
    }
    default: return Expression::True();
  }
}

/// prefix(column, 'x') and starts_with, which is also what LIKE 'x%' becomes.
Expression FromFunction(const duckdb::BoundFunctionExpression& call, const FieldOfReference& field_of) {
  const std::string& name = call.function.name;
  if (call.children.size() != 2 || (name != "prefix" && name != "starts_with" && name != "^@")) {
    return Expression::True();
  }
  auto field = field_of(*call.children[0]);
  const duckdb::Value* value = ConstantOf(*call.children[1]);
  if (!field || value == nullptr || value->IsNull() || value->type().id() != duckdb::LogicalTypeId::VARCHAR) {
    return Expression::True();
  }
  return Expression::Compare(Expression::Kind::kStartsWith, *field, Literal::String(duckdb::StringValue::Get(*value)));
}

}  // namespace

Expression TranslateFilter(duckdb::ClientContext& context, const duckdb::Expression& filter,
                           const FieldOfReference& field_of) {
  switch (filter.GetExpressionClass()) {
    case duckdb::ExpressionClass::BOUND_COMPARISON:
      return FromComparison(context, filter.Cast<duckdb::BoundComparisonExpression>(), field_of);
    case duckdb::ExpressionClass::BOUND_BETWEEN:
      return FromBetween(context, filter.Cast<duckdb::BoundBetweenExpression>(), field_of);
    case duckdb::ExpressionClass::BOUND_CONJUNCTION:
      return FromConjunction(context, filter.Cast<duckdb::BoundConjunctionExpression>(), field_of);
    case duckdb::ExpressionClass::BOUND_OPERATOR:
      return FromOperator(context, filter.Cast<duckdb::BoundOperatorExpression>(), field_of);
    case duckdb::ExpressionClass::BOUND_FUNCTION:
      return FromFunction(filter.Cast<duckdb::BoundFunctionExpression>(), field_of);
    case duckdb::ExpressionClass::BOUND_COLUMN_REF:
    case duckdb::ExpressionClass::BOUND_REF: {
      auto field = filter.return_type.id() == duckdb::LogicalTypeId::BOOLEAN ? field_of(filter) : std::nullopt;
      if (!field) return Expression::True();
      return Expression::Compare(Expression::Kind::kEq, *field, Literal::Boolean(true));
    }
    default: return Expression::True();
  }
}

Expression TranslateFilter(const duckdb::TableFilter& filter, FieldId field) {
  switch (filter.filter_type) {
    case duckdb::TableFilterType::CONSTANT_COMPARISON: {
      const auto& constant = filter.Cast<duckdb::ConstantFilter>();
      return Compare(constant.comparison_type, field, constant.constant);
    }
    case duckdb::TableFilterType::IS_NULL: return Expression::IsNull(field);
    case duckdb::TableFilterType::IS_NOT_NULL: return Expression::NotNull(field);
    case duckdb::TableFilterType::IN_FILTER: return InList(field, filter.Cast<duckdb::InFilter>().values);
    case duckdb::TableFilterType::CONJUNCTION_AND: {
      Expression result;
      for (const auto& child : filter.Cast<duckdb::ConjunctionAndFilter>().child_filters) {
        result = Expression::And(std::move(result), TranslateFilter(*child, field));
      }
      return result;
    }
    case duckdb::TableFilterType::CONJUNCTION_OR: {
      Expression result = Expression::False();
      for (const auto& child : filter.Cast<duckdb::ConjunctionOrFilter>().child_filters) {
        result = Expression::Or(std::move(result), TranslateFilter(*child, field));
      }
      return result;
    }
    case duckdb::TableFilterType::OPTIONAL_FILTER: {
      const auto& child = filter.Cast<duckdb::OptionalFilter>().child_filter;
      return child ? TranslateFilter(*child, field) : Expression::True();
    }
    case duckdb::TableFilterType::DYNAMIC_FILTER: {
      const auto& data = filter.Cast<duckdb::DynamicFilter>().filter_data;
      if (!data) return Expression::True();
      std::lock_guard lock(data->lock);
      if (!data->initialized || !data->filter) return Expression::True();
      return Compare(data->filter->comparison_type, field, data->filter->constant);
    }
    default: return Expression::True();  // struct fields, Bloom filters, general expressions
  }
}

}  // namespace lake::server
