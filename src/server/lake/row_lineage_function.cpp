// See the header.
#include "server/lake/row_lineage_function.h"

#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/function/function_binder.hpp"
#include "duckdb/function/scalar_function.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "server/engine/lake_exception.h"
#include "server/lake/row_lineage.h"

namespace lake::server {

namespace {

using duckdb::LogicalTypeId;

struct LineageBind : public duckdb::FunctionData {
  explicit LineageBind(std::shared_ptr<RowLineage> given) : lineage(std::move(given)) {}
  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override { return duckdb::make_uniq<LineageBind>(lineage); }
  bool Equals(const duckdb::FunctionData& other) const override { return lineage == other.Cast<LineageBind>().lineage; }

  std::shared_ptr<RowLineage> lineage;
};

/// Base and snapshot are constants: the snapshot is planned once.
duckdb::unique_ptr<duckdb::FunctionData> Bind(duckdb::ClientContext& context, duckdb::ScalarFunction& function,
                                              duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  for (size_t i = 0; i < 2; ++i) {
    if (!arguments[i]->IsFoldable()) throw duckdb::BinderException("lake_row_lineage needs a constant table");
  }
  duckdb::Value base = duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[0]);
  duckdb::Value snapshot = duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[1]);
  if (base.IsNull() || snapshot.IsNull()) throw duckdb::BinderException("lake_row_lineage: base must not be null");
  ScanRequest request;
  request.base = duckdb::StringValue::Get(base);
  request.at_snapshot = snapshot.GetValue<int64_t>();
  request.row_ids = true;
  auto lineage = ValueOrThrow(RowLineage::Open(context, request));
  for (size_t i = 0; i < 2; ++i) duckdb::Function::EraseArgument(function, arguments, 0);
  return duckdb::make_uniq<LineageBind>(std::move(lineage));
}

void Translate(duckdb::DataChunk& args, duckdb::ExpressionState& state, duckdb::Vector& result) {
  auto& bind = state.expr.Cast<duckdb::BoundFunctionExpression>().bind_info->Cast<LineageBind>();
  duckdb::VectorOperations::Copy(args.data[0], result, args.size(), 0, 0);
  ThrowIfError(bind.lineage->Translate(result, args.size()));
}

}  // namespace

void RegisterRowLineage(duckdb::ExtensionLoader& loader) {
  loader.RegisterFunction(duckdb::ScalarFunction("lake_row_lineage",
                                                 {LogicalTypeId::VARCHAR, LogicalTypeId::BIGINT, LogicalTypeId::BIGINT},
                                                 LogicalTypeId::BIGINT, Translate, Bind));
}

}  // namespace lake::server
