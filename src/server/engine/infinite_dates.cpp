#include "server/engine/infinite_dates.h"

#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/main/config.hpp"
#include "duckdb/main/database.hpp"
#include "duckdb/optimizer/optimizer_extension.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression/bound_comparison_expression.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/logical_operator_visitor.hpp"

namespace lake::server {

namespace {

using duckdb::BoundComparisonExpression;
using duckdb::Expression;
using duckdb::LogicalTypeId;

bool IsDateAsTimestamp(const Expression& expression) {
  if (expression.GetExpressionClass() != duckdb::ExpressionClass::BOUND_CAST) return false;
  const auto& cast = expression.Cast<duckdb::BoundCastExpression>();
  return cast.return_type.id() == LogicalTypeId::TIMESTAMP && cast.child->return_type.id() == LogicalTypeId::DATE;
}

class InfiniteDates : public duckdb::LogicalOperatorVisitor {
 public:
  explicit InfiniteDates(duckdb::ClientContext& context) : context_(context) {}

 protected:
  duckdb::unique_ptr<Expression> VisitReplace(BoundComparisonExpression& comparison,
                                              duckdb::unique_ptr<Expression>*) override {
    Replace(comparison.left, comparison.right);
    Replace(comparison.right, comparison.left);
    return nullptr;
  }

 private:
  void Replace(duckdb::unique_ptr<Expression>& date, duckdb::unique_ptr<Expression>& constant) {
    if (!IsDateAsTimestamp(*date) || constant->return_type.id() != LogicalTypeId::TIMESTAMP || !constant->IsFoldable())
      return;
    duckdb::Value value;
    if (!duckdb::ExpressionExecutor::TryEvaluateScalar(context_, *constant, value) || value.IsNull()) return;
    auto timestamp = value.GetValue<duckdb::timestamp_t>();
    if (duckdb::Timestamp::IsFinite(timestamp)) return;
    auto infinite = timestamp > duckdb::timestamp_t(0) ? duckdb::date_t::infinity() : duckdb::date_t::ninfinity();
    date = std::move(date->Cast<duckdb::BoundCastExpression>().child);
    constant = duckdb::make_uniq<duckdb::BoundConstantExpression>(duckdb::Value::DATE(infinite));
  }

  duckdb::ClientContext& context_;
};

void ReplaceInfiniteDates(duckdb::OptimizerExtensionInput& input, duckdb::unique_ptr<duckdb::LogicalOperator>& plan) {
  InfiniteDates(input.context).VisitOperator(*plan);
}

}  // namespace

void RegisterInfiniteDates(duckdb::DatabaseInstance& db) {
  duckdb::OptimizerExtension extension;
  extension.pre_optimize_function = ReplaceInfiniteDates;
  duckdb::OptimizerExtension::Register(db.config, std::move(extension));
}

}  // namespace lake::server
