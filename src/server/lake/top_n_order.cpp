#include "server/lake/top_n_order.h"

#include "duckdb/common/multi_file/multi_file_states.hpp"
#include "duckdb/execution/operator/join/join_filter_pushdown.hpp"
#include "duckdb/main/config.hpp"
#include "duckdb/main/database.hpp"
#include "duckdb/optimizer/join_filter_pushdown_optimizer.hpp"
#include "duckdb/optimizer/optimizer_extension.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/logical_operator_visitor.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "duckdb/planner/operator/logical_top_n.hpp"
#include "server/lake/scan_file_list.h"

namespace lake::server {

namespace {

void OrderScan(const duckdb::LogicalTopN& top_n) {
  const duckdb::BoundOrderByNode& key = top_n.orders[0];
  if (key.expression->GetExpressionType() != duckdb::ExpressionType::BOUND_COLUMN_REF) return;
  const auto& column = key.expression->Cast<duckdb::BoundColumnRefExpression>();
  duckdb::vector<duckdb::JoinFilterPushdownColumn> columns{{column.binding, column.return_type}};
  duckdb::vector<duckdb::PushdownFilterTarget> targets;
  duckdb::JoinFilterPushdownOptimizer::GetPushdownFilterTargets(*top_n.children[0], std::move(columns), targets);
  for (const duckdb::PushdownFilterTarget& target : targets) {
    duckdb::LogicalGet& get = target.get;
    if (get.function.name != "lake_scan" || target.columns.empty()) continue;
    const auto& index = get.GetColumnIds()[target.columns[0].probe_column_index.column_index];
    if (index.IsVirtualColumn() || index.HasChildren()) continue;
    auto& files = get.bind_data->Cast<duckdb::MultiFileBindData>().file_list->Cast<ScanFileList>();
    files.ReadInOrder(index.GetPrimaryIndex(), key.type == duckdb::OrderType::DESCENDING,
                      key.null_order == duckdb::OrderByNullType::NULLS_FIRST);
  }
}

class TopNVisitor : public duckdb::LogicalOperatorVisitor {
 public:
  void VisitOperator(duckdb::LogicalOperator& op) override {
    if (op.type == duckdb::LogicalOperatorType::LOGICAL_TOP_N) OrderScan(op.Cast<duckdb::LogicalTopN>());
    VisitOperatorChildren(op);
  }
};

void OrderScans(duckdb::OptimizerExtensionInput&, duckdb::unique_ptr<duckdb::LogicalOperator>& plan) {
  TopNVisitor().VisitOperator(*plan);
}

}  // namespace

void RegisterTopNOrder(duckdb::DatabaseInstance& db) {
  duckdb::OptimizerExtension extension;
  extension.optimize_function = OrderScans;
  duckdb::OptimizerExtension::Register(db.config, std::move(extension));
}

}  // namespace lake::server
