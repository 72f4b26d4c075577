// See the header.
#include "server/engine/query_profile.h"

#include "base/json.h"
#include "duckdb/common/render_tree.hpp"
#include "duckdb/common/string_util.hpp"
#include "duckdb/main/client_config.hpp"
#include "duckdb/main/query_profiler.hpp"

namespace lake::server {

using duckdb::MetricType;
using duckdb::ProfilingNode;

namespace {

/// What distinguishes scans of lake tables from others (lake/lake_scan.cpp).
constexpr const char* kDataFilesScanned = "Data Files Scanned";

void AddMetric(Json& json, const char* name, const duckdb::ProfilingInfo& info, MetricType metric, double factor = 1) {
  auto at = info.metrics.find(metric);
  if (at == info.metrics.end() || at->second.IsNull()) return;
  json[name] = at->second.GetValue<double>() * factor;
}

Json ToJson(ProfilingNode& node) {
  const duckdb::ProfilingInfo& info = node.GetProfilingInfo();
  Json json = Json::object();
  json["name"] = info.GetMetricValue<std::string>(MetricType::OPERATOR_NAME);
  AddMetric(json, "rows", info, MetricType::OPERATOR_CARDINALITY);
  AddMetric(json, "milliseconds", info, MetricType::OPERATOR_TIMING, 1000);
  Json extra = Json::object();
  if (info.metrics.count(MetricType::EXTRA_INFO) > 0) {
    using ExtraInfo = duckdb::InsertionOrderPreservingMap<std::string>;
    for (const auto& [key, value] : info.GetMetricValue<ExtraInfo>(MetricType::EXTRA_INFO)) {
      bool is_estimate = key == duckdb::RenderTreeNode::ESTIMATED_CARDINALITY;
      auto lines = duckdb::StringUtil::Split(value, "\n");
      std::string name = is_estimate ? "Estimated Cardinality" : key;
      if (duckdb::StringUtil::StartsWith(name, "__")) name = duckdb::StringUtil::Title(name.substr(2, name.size() - 4));
      if (lines.size() == 1) extra[name] = value;
      if (lines.size() > 1) extra[name] = Json(std::vector<std::string>(lines.begin(), lines.end()));
    }
  }
  auto all = info.metrics.find(MetricType::OPERATOR_TOTAL_ROW_GROUPS_TO_SCAN);
  if (all != info.metrics.end() && extra.contains(kDataFilesScanned)) {
    auto scanned = info.GetMetricValue<int64_t>(MetricType::OPERATOR_ROW_GROUPS_SCANNED);
    extra["Row Groups Scanned"] = std::to_string(scanned);
    extra["Row Groups Skipped"] = std::to_string(all->second.GetValue<int64_t>() - scanned);
  }
  json["extra_info"] = std::move(extra);
  Json children = Json::array();
  for (duckdb::idx_t i = 0; i < node.GetChildCount(); ++i) children.push_back(ToJson(*node.GetChild(i)));
  json["children"] = std::move(children);
  return json;
}

/// The operators below the root, which only hands rows out.
std::string PlanOf(duckdb::ClientContext& context) {
  std::string text;
  duckdb::QueryProfiler::Get(context).GetRootUnderLock([&](duckdb::optional_ptr<ProfilingNode> root) {
    if (!root) return;
    Json plans = Json::array();
    for (duckdb::idx_t i = 0; i < root->GetChildCount(); ++i) plans.push_back(ToJson(*root->GetChild(i)));
    if (auto dumped = DumpJson(plans); dumped.ok()) text = std::move(*dumped);
  });
  return text;
}

}  // namespace

void QueryCounters::ScanBegun(const void* scan, int64_t data_files) {
  std::lock_guard lock(mutex_);
  scans_[scan] = data_files;
}

void QueryCounters::DataFileOpened(const void* scan, const std::string& location, int64_t delete_files) {
  std::lock_guard lock(mutex_);
  if (opened_.emplace(scan, location).second) delete_files_ += delete_files;
}

void QueryCounters::BytesRead(const std::string& location, uint64_t bytes) {
  std::lock_guard lock(mutex_);
  bytes_read_ += static_cast<int64_t>(bytes);
  ++reads_;
  fetched_.insert(location);
}

QuerySummary QueryCounters::Sum() {
  std::lock_guard lock(mutex_);
  QuerySummary sum;
  sum.data_files_scanned = static_cast<int64_t>(opened_.size());
  for (const auto& [scan, location] : opened_) sum.data_files_cached += fetched_.count(location) == 0 ? 1 : 0;
  for (const auto& [scan, files] : scans_) sum.data_files_skipped += files;
  sum.data_files_skipped = std::max<int64_t>(sum.data_files_skipped - sum.data_files_scanned, 0);
  sum.delete_files_scanned = delete_files_;
  sum.bytes_read = bytes_read_;
  sum.reads = reads_;
  return sum;
}

QueryProfile& QueryProfile::Of(duckdb::ClientContext& context) {
  return *context.registered_state->GetOrCreate<QueryProfile>("lake_profile");
}

std::shared_ptr<QueryCounters> QueryProfile::CountersOf(duckdb::ClientContext& context) {
  QueryProfile& profile = Of(context);
  std::lock_guard lock(profile.mutex_);
  return profile.counters_;
}

void QueryProfile::ProfileNext(duckdb::ClientContext& context) {
  auto& config = duckdb::ClientConfig::GetConfig(context);
  config.enable_profiler = true;
  config.emit_profiler_output = false;
  config.profiling_coverage = duckdb::ProfilingCoverage::ALL;
  config.profiler_settings.insert(MetricType::OPERATOR_ROW_GROUPS_SCANNED);
  config.profiler_settings.insert(MetricType::OPERATOR_TOTAL_ROW_GROUPS_TO_SCAN);
  profiling_ = Profiling::kNext;
}

void QueryProfile::QueryBegin(duckdb::ClientContext&) {
  std::lock_guard lock(mutex_);
  counters_ = std::make_shared<QueryCounters>();
  began_ = std::chrono::steady_clock::now();
  if (profiling_ == Profiling::kNext) profiling_ = Profiling::kRunning;
}

void QueryProfile::QueryEnd(duckdb::ClientContext& context) {
  QuerySummary summary = counters_->Sum();
  auto elapsed = std::chrono::steady_clock::now() - began_;
  summary.microseconds = std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count();
  if (profiling_ == Profiling::kRunning) {
    summary.plan = PlanOf(context);
    duckdb::ClientConfig::GetConfig(context).enable_profiler = false;
    profiling_ = Profiling::kOff;
  }
  last_ = std::move(summary);
}

}  // namespace lake::server
