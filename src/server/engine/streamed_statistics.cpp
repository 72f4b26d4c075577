#include "server/engine/streamed_statistics.h"

#include "duckdb/function/table/table_scan.hpp"
#include "duckdb/main/config.hpp"
#include "duckdb/main/database.hpp"
#include "duckdb/optimizer/optimizer_extension.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "duckdb/storage/statistics/string_stats.hpp"

namespace lake::server {

namespace {

using duckdb::LogicalOperatorType;
using duckdb::StringStats;

duckdb::table_statistics_extended_t OwnStatistics() {
  static const auto own = duckdb::TableScanFunction::GetFunction().statistics_extended;
  return own;
}

duckdb::unique_ptr<duckdb::BaseStatistics> WithoutLengths(duckdb::ClientContext& context,
                                                          duckdb::TableFunctionGetStatisticsInput& input) {
  auto statistics = OwnStatistics()(context, input);
  if (statistics && statistics->GetStatsType() == duckdb::StatisticsType::STRING_STATS)
    StringStats::ResetMaxStringLength(*statistics);
  return statistics;
}

void ReplaceStatistics(duckdb::OptimizerExtensionInput& input, duckdb::unique_ptr<duckdb::LogicalOperator>& plan) {
  if (plan->type == LogicalOperatorType::LOGICAL_GET) {
    auto& function = plan->Cast<duckdb::LogicalGet>().function;
    if (function.statistics_extended == OwnStatistics()) function.statistics_extended = WithoutLengths;
  }
  for (auto& child : plan->children) ReplaceStatistics(input, child);
}

}  // namespace

void RegisterStreamedStatistics(duckdb::DatabaseInstance& db) {
  duckdb::OptimizerExtension extension;
  extension.pre_optimize_function = ReplaceStatistics;
  duckdb::OptimizerExtension::Register(db.config, std::move(extension));
}

}  // namespace lake::server
