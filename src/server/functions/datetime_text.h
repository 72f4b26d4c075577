// Dates, times and intervals as PostgreSQL writes them under the session's DateStyle and IntervalStyle.
#pragma once

#include <string>
#include <string_view>

#include "duckdb/common/types/interval.hpp"
#include "server/functions/time_zone.h"

namespace lake::server {

/// The setting DateStyle: "ISO, MDY".
struct DateStyle {
  enum class Format { kIso, kSql, kPostgres, kGerman };
  Format format = Format::kIso;
  bool day_first = false;

  static DateStyle Parse(std::string_view setting);
};

enum class IntervalStyle { kPostgres, kPostgresVerbose, kSqlStandard, kIso8601 };
IntervalStyle ParseIntervalStyle(std::string_view setting);

std::string DateText(int32_t days, const DateStyle& style);
std::string TimeText(int64_t time);
std::string TimestampText(int64_t micros, const DateStyle& style);
std::string InstantText(int64_t micros, const DateStyle& style, ZoneCursor& zone);
std::string IntervalText(duckdb::interval_t span, const IntervalStyle& style);

}  // namespace lake::server
