// to_char of timestamps and intervals.
#pragma once

#include <optional>
#include <string>

#include "duckdb/common/types/interval.hpp"
#include "server/functions/datetime_picture.h"
#include "server/functions/time_zone.h"

namespace lake::server {

/// No text for infinity, nor for an empty picture.
std::optional<std::string> TimestampToChar(int64_t micros, const Picture& picture);
std::optional<std::string> InstantToChar(int64_t micros, const Picture& picture, ZoneCursor& zone);
std::optional<std::string> IntervalToChar(duckdb::interval_t span, const Picture& picture);

}  // namespace lake::server
