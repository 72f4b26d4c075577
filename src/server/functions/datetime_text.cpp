// See the header.
#include "server/functions/datetime_text.h"

#include <cstdlib>

#include <fmt/format.h>

#include "base/civil_time.h"
#include "server/engine/lake_exception.h"
#include "server/functions/datetime_functions.h"
#include "server/functions/interval_arithmetic.h"
#include "server/functions/pg_datetime.h"
#include "server/functions/vector_function.h"

namespace lake::server {

namespace {

constexpr size_t kMaxAbbreviation = 10;  // of a zone; longer ones are cut

constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

int32_t ShownYear(int32_t year) { return year > 0 ? year : 1 - year; }

/// Of the absolute value; the fraction without its trailing zeros.
void AppendSeconds(std::string& text, int32_t seconds, int32_t micros, bool two_digits = true) {
  fmt::format_to(std::back_inserter(text), "{:0{}}", std::abs(seconds), two_digits ? 2 : 1);
  if (micros == 0) return;
  fmt::format_to(std::back_inserter(text), ".{:06}", std::abs(micros));
  text.erase(text.find_last_not_of('0') + 1);
}

void AppendTime(std::string& text, const DateTime& clock) {
  fmt::format_to(std::back_inserter(text), "{:02}:{:02}:", clock.hour, clock.minute);
  AppendSeconds(text, clock.second, clock.micros);
}

void AppendOffset(std::string& text, int32_t offset) {
  int32_t seconds = std::abs(offset);
  fmt::format_to(std::back_inserter(text), "{}{:02}", offset >= 0 ? '+' : '-', seconds / 3600);
  if (seconds % 3600 != 0) fmt::format_to(std::back_inserter(text), ":{:02}", seconds / 60 % 60);
  if (seconds % 60 != 0) fmt::format_to(std::back_inserter(text), ":{:02}", seconds % 60);
}

void AppendDate(std::string& text, const DateTime& date, const DateStyle& style) {
  auto out = std::back_inserter(text);
  int32_t year = ShownYear(date.year);
  int32_t first = style.day_first ? date.day : date.month;
  int32_t second = style.day_first ? date.month : date.day;
  switch (style.format) {
    case DateStyle::Format::kIso: fmt::format_to(out, "{:04}-{:02}-{:02}", year, date.month, date.day); return;
    case DateStyle::Format::kSql: fmt::format_to(out, "{:02}/{:02}/{:04}", first, second, year); return;
    case DateStyle::Format::kGerman: fmt::format_to(out, "{:02}.{:02}.{:04}", date.day, date.month, year); return;
    case DateStyle::Format::kPostgres: fmt::format_to(out, "{:02}-{:02}-{:04}", first, second, year); return;
  }
}

/// "Sat Feb 29 13:14:15 2020"
void AppendPostgresTimestamp(std::string& text, const DateTime& clock, bool day_first) {
  text += kDays[DayOfWeek(DayNumber(clock.year, clock.month, clock.day))];
  const char* month = kMonths[clock.month - 1];
  if (day_first) {
    fmt::format_to(std::back_inserter(text), " {:02} {} ", clock.day, month);
  } else {
    fmt::format_to(std::back_inserter(text), " {} {:02} ", month, clock.day);
  }
  AppendTime(text, clock);
  fmt::format_to(std::back_inserter(text), " {:04}", ShownYear(clock.year));
}

std::string ClockText(const DateTime& clock, const DateStyle& style, const TimeZone::Period* period) {
  std::string text;
  if (style.format == DateStyle::Format::kPostgres) {
    AppendPostgresTimestamp(text, clock, style.day_first);
  } else {
    AppendDate(text, clock, style);
    text += ' ';
    AppendTime(text, clock);
  }
  if (period != nullptr && style.format == DateStyle::Format::kIso) {
    AppendOffset(text, period->offset);
  } else if (period != nullptr) {
    text += ' ';
    text += period->abbreviation.substr(0, kMaxAbbreviation);
  }
  if (clock.year <= 0) text += " BC";
  return text;
}

const char* InfinityText(bool positive) { return positive ? "infinity" : "-infinity"; }

// ---------------------------------------------------------------- intervals

bool HasTime(const IntervalFields& fields) {
  return fields.hours != 0 || fields.minutes != 0 || fields.seconds != 0 || fields.micros != 0;
}
bool IsTimeNegative(const IntervalFields& fields) {
  return fields.hours < 0 || fields.minutes < 0 || fields.seconds < 0 || fields.micros < 0;
}

/// "1 year 2 mons -3 days +04:05:06": a plus where the part before was negative.
std::string PostgresInterval(const IntervalFields& fields) {
  std::string text;
  bool is_before = false;
  auto add = [&](int64_t value, const char* unit) {
    if (value == 0) return;
    fmt::format_to(std::back_inserter(text), "{}{}{} {}{}", text.empty() ? "" : " ", is_before && value > 0 ? "+" : "",
                   value, unit, value != 1 ? "s" : "");
    is_before = value < 0;
  };
  add(fields.years, "year");
  add(fields.months, "mon");
  add(fields.days, "day");
  if (!text.empty() && !HasTime(fields)) return text;
  const char* sign = IsTimeNegative(fields) ? "-" : is_before ? "+" : "";
  fmt::format_to(std::back_inserter(text), "{}{}{:02}:{:02}:", text.empty() ? "" : " ", sign, std::abs(fields.hours),
                 std::abs(fields.minutes));
  AppendSeconds(text, fields.seconds, fields.micros);
  return text;
}

/// "@ 1 year 2 mons -3 days 4 hours ago": the first part has no sign, it says whether all is ago.
std::string VerboseInterval(const IntervalFields& fields) {
  std::string text = "@";
  bool is_zero = true;
  bool is_before = false;
  auto add = [&](int64_t value, const char* unit) {
    if (value == 0) return;
    if (is_zero) is_before = value < 0;
    if (is_before) value = -value;
    fmt::format_to(std::back_inserter(text), " {} {}{}", value, unit, value == 1 ? "" : "s");
    is_zero = false;
  };
  add(fields.years, "year");
  add(fields.months, "mon");
  add(fields.days, "day");
  add(fields.hours, "hour");
  add(fields.minutes, "min");
  if (fields.seconds != 0 || fields.micros != 0) {
    bool negative = fields.seconds < 0 || fields.micros < 0;
    if (is_zero) is_before = negative;
    text += negative != is_before ? " -" : " ";
    AppendSeconds(text, fields.seconds, fields.micros, false);
    text += std::abs(fields.seconds) != 1 || fields.micros != 0 ? " secs" : " sec";
    is_zero = false;
  }
  if (is_zero) text += " 0";
  if (is_before) text += " ago";
  return text;
}

/// "1-2", "3 4:05:06", and with all signs where it is of mixed signs or has both parts: "+1-2 -3 +4:05:06".
std::string StandardInterval(const IntervalFields& fields) {
  const int64_t parts[] = {fields.years,   fields.months,  fields.days,  fields.hours,
                           fields.minutes, fields.seconds, fields.micros};
  bool negative = false;
  bool positive = false;
  for (int64_t part : parts) {
    negative = negative || part < 0;
    positive = positive || part > 0;
  }
  bool has_months = fields.years != 0 || fields.months != 0;
  bool has_time = fields.days != 0 || HasTime(fields);
  if (!negative && !positive) return "0";
  std::string text;
  auto out = std::back_inserter(text);
  int64_t years = std::abs(static_cast<int64_t>(fields.years));
  int64_t days = std::abs(static_cast<int64_t>(fields.days));
  if ((negative && positive) || (has_months && has_time)) {
    fmt::format_to(out, "{}{}-{} {}{} {}{}:{:02}:", fields.years < 0 || fields.months < 0 ? '-' : '+', years,
                   std::abs(fields.months), fields.days < 0 ? '-' : '+', days, IsTimeNegative(fields) ? '-' : '+',
                   std::abs(fields.hours), std::abs(fields.minutes));
    AppendSeconds(text, fields.seconds, fields.micros);
    return text;
  }
  if (negative) text += '-';
  if (has_months) {
    fmt::format_to(out, "{}-{}", years, std::abs(fields.months));
    return text;
  }
  if (fields.days != 0) fmt::format_to(out, "{} ", days);
  fmt::format_to(out, "{}:{:02}:", std::abs(fields.hours), std::abs(fields.minutes));
  AppendSeconds(text, fields.seconds, fields.micros);
  return text;
}

std::string Iso8601Interval(const IntervalFields& fields) {
  std::string text = "P";
  auto add = [&](int64_t value, char unit) {
    if (value != 0) fmt::format_to(std::back_inserter(text), "{}{}", value, unit);
  };
  add(fields.years, 'Y');
  add(fields.months, 'M');
  add(fields.days, 'D');
  if (HasTime(fields)) text += 'T';
  add(fields.hours, 'H');
  add(fields.minutes, 'M');
  if (fields.seconds != 0 || fields.micros != 0) {
    if (fields.seconds < 0 || fields.micros < 0) text += '-';
    AppendSeconds(text, fields.seconds, fields.micros, false);
    text += 'S';
  }
  return text == "P" ? "PT0S" : text;
}

}  // namespace

DateStyle DateStyle::Parse(std::string_view setting) {
  DateStyle style;
  if (setting.starts_with("SQL")) style.format = Format::kSql;
  if (setting.starts_with("Postgres")) style.format = Format::kPostgres;
  if (setting.starts_with("German")) style.format = Format::kGerman;
  style.day_first = setting.ends_with("DMY");
  return style;
}

IntervalStyle ParseIntervalStyle(std::string_view setting) {
  if (setting == "postgres_verbose") return IntervalStyle::kPostgresVerbose;
  if (setting == "sql_standard") return IntervalStyle::kSqlStandard;
  return setting == "iso_8601" ? IntervalStyle::kIso8601 : IntervalStyle::kPostgres;
}

std::string DateText(int32_t days, const DateStyle& style) {
  if (!IsFiniteDate(days)) return InfinityText(days > 0);
  CivilDate civil = CivilFromDays(days);
  DateTime date;
  date.year = static_cast<int32_t>(civil.year);
  date.month = civil.month;
  date.day = civil.day;
  std::string text;
  AppendDate(text, date, style);
  if (date.year <= 0) text += " BC";
  return text;
}

std::string TimeText(int64_t time) {
  DateTime clock;
  clock.hour = static_cast<int32_t>(time / kMicrosPerHour);  // may be 24
  clock.minute = static_cast<int32_t>(time / kMicrosPerMinute % 60);
  clock.second = static_cast<int32_t>(time / kMicrosPerSecond % 60);
  clock.micros = static_cast<int32_t>(time % kMicrosPerSecond);
  std::string text;
  AppendTime(text, clock);
  return text;
}

std::string TimestampText(int64_t micros, const DateStyle& style) {
  return IsFiniteTimestamp(micros) ? ClockText(SplitTimestamp(micros), style, nullptr) : InfinityText(micros > 0);
}

std::string InstantText(int64_t micros, const DateStyle& style, ZoneCursor& zone) {
  if (!IsFiniteTimestamp(micros)) return InfinityText(micros > 0);
  const TimeZone::Period& period = zone.PeriodAt(FloorDiv(micros, kMicrosPerSecond));
  return ClockText(SplitTimestamp(micros + period.offset * kMicrosPerSecond), style, &period);
}

std::string IntervalText(interval_t span, const IntervalStyle& style) {
  IntervalFields fields = SplitInterval(span);
  switch (style) {
    case IntervalStyle::kPostgresVerbose: return VerboseInterval(fields);
    case IntervalStyle::kSqlStandard: return StandardInterval(fields);
    case IntervalStyle::kIso8601: return Iso8601Interval(fields);
    default: return PostgresInterval(fields);
  }
}

template <>
class vector_function::Argument<const DateStyle&> : public vector_function::ParsedArgument<DateStyle> {
 public:
  const DateStyle& Get(duckdb::idx_t row) { return ParsedArgument<DateStyle>::Get(row, DateStyle::Parse); }
};

template <>
class vector_function::Argument<const IntervalStyle&> : public vector_function::ParsedArgument<IntervalStyle> {
 public:
  const IntervalStyle& Get(duckdb::idx_t row) { return ParsedArgument<IntervalStyle>::Get(row, ParseIntervalStyle); }
};

void RegisterDatetimeText(duckdb::ExtensionLoader& loader) {
  using duckdb::LogicalType;
  const LogicalType& text = LogicalType::VARCHAR;
  RegisterValueFunction<DateText>(loader, "pg_date_text", {LogicalType::DATE, text}, text);
  RegisterValueFunction<TimeText>(loader, "pg_time_text", {LogicalType::TIME}, text);
  RegisterValueFunction<TimestampText>(loader, "pg_timestamp_text", {LogicalType::TIMESTAMP, text}, text);
  RegisterValueFunction<InstantText>(loader, "pg_timestamptz_text", {LogicalType::TIMESTAMP_TZ, text, text}, text);
  RegisterValueFunction<IntervalText>(loader, "pg_interval_text", {LogicalType::INTERVAL, text}, text);
}

}  // namespace lake::server
