#include "iceberg/metrics_config.h"

#include <algorithm>
#include <charconv>

namespace lake::iceberg {

namespace {

constexpr std::string_view kDefaultProperty = "write.metadata.metrics.default";
constexpr std::string_view kColumnPrefix = "write.metadata.metrics.column.";
constexpr std::string_view kLimitProperty = "write.metadata.metrics.max-inferred-column-defaults";
constexpr int kDefaultLimit = 100;

std::optional<MetricsMode> ModeProperty(const Properties& properties, const std::string& name) {
  auto at = properties.find(name);
  if (at == properties.end()) return std::nullopt;
  auto mode = ParseMetricsMode(at->second);
  return mode.ok() ? std::optional(*mode) : std::nullopt;
}

}  // namespace

Result<MetricsMode> ParseMetricsMode(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  if (lower == "none") return MetricsMode{MetricsMode::Kind::kNone, 0};
  if (lower == "counts") return MetricsMode{MetricsMode::Kind::kCounts, 0};
  if (lower == "full") return MetricsMode{MetricsMode::Kind::kFull, 0};
  if (lower.starts_with("truncate(") && lower.ends_with(')')) {
    const char* begin = lower.data() + 9;
    const char* end = lower.data() + lower.size() - 1;
    int width = 0;
    auto [stop, error] = std::from_chars(begin, end, width);
    if (error == std::errc() && stop == end && width > 0) return MetricsMode{MetricsMode::Kind::kTruncate, width};
  }
  return InvalidInput("invalid metrics mode \"{}\": expected none, counts, truncate(N) or full", text);
}

std::map<FieldId, MetricsMode> MetricsModes(const Schema& schema, const Properties& properties) {
  std::map<FieldId, MetricsMode> modes;
  auto general = ModeProperty(properties, std::string(kDefaultProperty));
  int limit = kDefaultLimit;
  if (auto at = properties.find(std::string(kLimitProperty)); at != properties.end()) {
    int value = 0;
    auto [end, error] = std::from_chars(at->second.data(), at->second.data() + at->second.size(), value);
    if (error == std::errc() && value >= 0) limit = value;
  }
  int leaves = 0;
  for (FieldId id : schema.AllFieldIds()) {
    if (schema.Find(id)->type.is_nested()) continue;
    leaves++;
    MetricsMode mode = general.value_or(leaves > limit ? MetricsMode{MetricsMode::Kind::kNone, 0} : MetricsMode());
    if (auto own = ModeProperty(properties, std::string(kColumnPrefix) + schema.FullName(id))) mode = *own;
    if (schema.IsRepeated(id)) mode = MetricsMode{MetricsMode::Kind::kNone, 0};
    modes.emplace(id, mode);
  }
  return modes;
}

}  // namespace lake::iceberg
