// Which statistics a writer keeps for a column: the write.metadata.metrics.* properties.
#pragma once

#include <map>

#include "iceberg/metadata.h"

namespace lake::iceberg {

struct MetricsMode {
  enum class Kind { kNone, kCounts, kTruncate, kFull };
  Kind kind = Kind::kTruncate;
  int width = 16;  // kTruncate

  bool keeps_counts() const { return kind != Kind::kNone; }
  bool keeps_bounds() const { return kind == Kind::kTruncate || kind == Kind::kFull; }
  bool operator==(const MetricsMode&) const = default;
};

/// "none", "counts", "full", "truncate(N)", any letter case; kInvalidInput otherwise.
Result<MetricsMode> ParseMetricsMode(std::string_view text);

/// The mode of every leaf column of the schema. Columns inside lists and maps: kNone (rule 27). A property that does
/// not parse counts as absent. Beyond write.metadata.metrics.max-inferred-column-defaults (100) leaf columns the
/// default is kNone unless a property names one.
std::map<FieldId, MetricsMode> MetricsModes(const Schema& schema, const Properties& properties);

}  // namespace lake::iceberg
