// The text forms PostgreSQL gives values (its output functions), with DateStyle ISO, IntervalStyle postgres,
// extra_float_digits 1, bytea_output hex. Each function appends to `out`.
//
// Dates and timestamps count from 1970-01-01, proleptic Gregorian; years before 1 are written with " BC".
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "wire/out_buffer.h"

namespace lake::wire {

void AppendBoolText(OutBuffer& out, bool value);  // t, f
void AppendInt64Text(OutBuffer& out, int64_t value);
void AppendUInt64Text(OutBuffer& out, uint64_t value);
void AppendFloat4Text(OutBuffer& out, float value);  // shortest that reads back; NaN, Infinity, 1e+20
void AppendFloat8Text(OutBuffer& out, double value);
void AppendDateText(OutBuffer& out, int64_t days);                                      // 2024-02-29
void AppendTimeText(OutBuffer& out, int64_t micros);                                    // 13:45:00.5
void AppendTimeTzText(OutBuffer& out, int64_t micros, int32_t offset_seconds_east);     // 13:45:00+05:30
void AppendTimestampText(OutBuffer& out, int64_t micros);                               // 2024-02-29 13:45:00
void AppendTimestampTzText(OutBuffer& out, int64_t micros);                             // the same in UTC, with +00
void AppendIntervalText(OutBuffer& out, int32_t months, int32_t days, int64_t micros);  // 1 year 2 mons 3 days 04:05:06
void AppendByteaText(OutBuffer& out, std::string_view bytes);                           // \xdeadbeef
void AppendUuidText(OutBuffer& out, const uint8_t (&bytes)[16]);

/// "\xdead" or the escape form ("a\\b\001"). kInvalidInput for anything else.
Result<std::string> ParseByteaText(std::string_view text);

}  // namespace lake::wire
