// extract, date_part and date_trunc.
//
// pg_extract_FIELD(x) gives what extract() does, as a DECIMAL with PostgreSQL's scale: whole numbers, seconds and epoch
// with six decimals, milliseconds with three. pg_part_FIELD(x) gives date_part's double, which PostgreSQL computes by
// itself: its last bit is not that of the decimal. Infinity has no fields but those that only grow; these are infinite,
// which a DECIMAL cannot be.
#include <cmath>
#include <string>

#include "base/civil_time.h"
#include "server/engine/lake_exception.h"
#include "server/functions/datetime_arithmetic.h"
#include "server/functions/datetime_functions.h"
#include "server/functions/interval_arithmetic.h"
#include "server/functions/pg_datetime.h"
#include "server/functions/vector_function.h"

namespace lake::server {

namespace {

using duckdb::LogicalType;

enum class Field {
  kDay,
  kMonth,
  kQuarter,
  kYear,
  kDecade,
  kCentury,
  kMillennium,
  kWeek,
  kIsoYear,
  kDow,
  kIsoDow,
  kDoy,
  kJulian
};

constexpr bool Grows(Field field) {
  return field == Field::kYear || field == Field::kDecade || field == Field::kCentury || field == Field::kMillennium ||
         field == Field::kIsoYear || field == Field::kJulian;
}

// ---------------------------------------------------------------- fields of a date

constexpr int32_t DecadeOf(int32_t year) { return year >= 0 ? year / 10 : -((8 - (year - 1)) / 10); }
constexpr int32_t CenturyOf(int32_t year) { return year > 0 ? (year + 99) / 100 : -((99 - (year - 1)) / 100); }
constexpr int32_t MillenniumOf(int32_t year) { return year > 0 ? (year + 999) / 1000 : -((999 - (year - 1)) / 1000); }

template <Field kField>
int32_t FieldOfDay(int64_t days) {
  if constexpr (kField == Field::kDow) return DayOfWeek(days);
  if constexpr (kField == Field::kIsoDow) return DayOfWeek(days) == 0 ? 7 : DayOfWeek(days);
  if constexpr (kField == Field::kWeek) return IsoWeek(days);
  if constexpr (kField == Field::kIsoYear) return WrittenYear(IsoYear(days));
  if constexpr (kField == Field::kJulian) return static_cast<int32_t>(days + kJulianDayOf1970);
  CivilDate date = CivilFromDays(days);
  auto year = static_cast<int32_t>(date.year);
  if constexpr (kField == Field::kDay) return date.day;
  if constexpr (kField == Field::kMonth) return date.month;
  if constexpr (kField == Field::kQuarter) return (date.month - 1) / 3 + 1;
  if constexpr (kField == Field::kYear) return WrittenYear(year);
  if constexpr (kField == Field::kDecade) return DecadeOf(year);
  if constexpr (kField == Field::kCentury) return CenturyOf(year);
  if constexpr (kField == Field::kMillennium) return MillenniumOf(year);
  return DayOfYear(days, year);
}

[[noreturn]] void ThrowInfiniteNumeric() {
  ThrowReport("22003", "numeric value out of range: the field of an infinite date or timestamp is infinite");
}

template <Field kField>
std::optional<int32_t> ExtractFromDate(int32_t days) {
  if (IsFiniteDate(days)) return FieldOfDay<kField>(days);
  if (Grows(kField)) ThrowInfiniteNumeric();
  return std::nullopt;
}

template <Field kField>
std::optional<int32_t> ExtractFromTimestamp(int64_t micros) {
  if (IsFiniteTimestamp(micros)) return FieldOfDay<kField>(FloorDiv(micros, kMicrosPerDay));
  if (Grows(kField)) ThrowInfiniteNumeric();
  return std::nullopt;
}

double InfinityOf(int64_t micros) { return micros > 0 ? HUGE_VAL : -HUGE_VAL; }

template <Field kField>
std::optional<double> PartOfTimestamp(int64_t micros) {
  if (!IsFiniteTimestamp(micros)) return Grows(kField) ? std::optional<double>(InfinityOf(micros)) : std::nullopt;
  double part = FieldOfDay<kField>(FloorDiv(micros, kMicrosPerDay));
  if constexpr (kField == Field::kJulian) {
    int64_t time = FloorMod(micros, kMicrosPerDay);
    auto seconds = static_cast<double>(time / kMicrosPerSecond);
    part += (seconds + static_cast<double>(time % kMicrosPerSecond) / 1000000.0) / static_cast<double>(kSecondsPerDay);
  }
  return part;
}

template <Field kField>
void RegisterDateField(duckdb::ExtensionLoader& loader, const std::string& name) {
  const LogicalType number = LogicalType::DECIMAL(9, 0);
  duckdb::ScalarFunctionSet extract("pg_extract_" + name);
  extract.AddFunction(MakeValueFunction<ExtractFromDate<kField>>("", {LogicalType::DATE}, number));
  // the julian day of a timestamp has a fraction, and PostgreSQL's numeric quotient a scale of its own
  if (kField != Field::kJulian)
    extract.AddFunction(MakeValueFunction<ExtractFromTimestamp<kField>>("", {LogicalType::TIMESTAMP}, number));
  loader.RegisterFunction(extract);
  RegisterValueFunction<PartOfTimestamp<kField>>(loader, ("pg_part_" + name).c_str(), {LogicalType::TIMESTAMP},
                                                 LogicalType::DOUBLE);
}

// ---------------------------------------------------------------- fields of the time

enum class ClockField { kMicroseconds, kMilliseconds, kSecond, kMinute, kHour };

/// Seconds and their parts in microseconds. Of a time of day, or of an interval: then the sign is the time's.
template <ClockField kField>
int64_t FieldOfTime(int64_t time) {
  if constexpr (kField == ClockField::kHour) return time / kMicrosPerHour;
  if constexpr (kField == ClockField::kMinute) return time % kMicrosPerHour / kMicrosPerMinute;
  return time % kMicrosPerMinute;
}

template <ClockField kField>
double PartOfTime(int64_t time) {
  int64_t field = FieldOfTime<kField>(time);
  auto seconds = static_cast<double>(field / kMicrosPerSecond);
  auto fraction = static_cast<double>(field % kMicrosPerSecond);
  if constexpr (kField == ClockField::kSecond) return seconds + fraction / 1000000.0;
  if constexpr (kField == ClockField::kMilliseconds) return seconds * 1000.0 + fraction / 1000.0;
  return static_cast<double>(field);
}

template <ClockField kField>
std::optional<int32_t> ExtractClockFromTimestamp(int64_t micros) {
  if (!IsFiniteTimestamp(micros)) return std::nullopt;
  return static_cast<int32_t>(FieldOfTime<kField>(FloorMod(micros, kMicrosPerDay)));
}

template <ClockField kField>
std::optional<double> PartOfTimestampClock(int64_t micros) {
  if (!IsFiniteTimestamp(micros)) return std::nullopt;
  return PartOfTime<kField>(FloorMod(micros, kMicrosPerDay));
}

template <ClockField kField>
int32_t ExtractFromTime(int64_t time) {
  return static_cast<int32_t>(FieldOfTime<kField>(time));
}

template <ClockField kField>
int64_t ExtractClockFromInterval(interval_t span) {
  return FieldOfTime<kField>(span.micros);
}

template <ClockField kField>
double PartOfIntervalClock(interval_t span) {
  return PartOfTime<kField>(span.micros);
}

template <ClockField kField>
void RegisterClockField(duckdb::ExtensionLoader& loader, const std::string& name, uint8_t scale) {
  const LogicalType number = LogicalType::DECIMAL(9, scale);
  duckdb::ScalarFunctionSet extract("pg_extract_" + name);
  extract.AddFunction(MakeValueFunction<ExtractClockFromTimestamp<kField>>("", {LogicalType::TIMESTAMP}, number));
  extract.AddFunction(MakeValueFunction<ExtractFromTime<kField>>("", {LogicalType::TIME}, number));
  extract.AddFunction(MakeValueFunction<ExtractClockFromInterval<kField>>("", {LogicalType::INTERVAL},
                                                                          LogicalType::DECIMAL(18, scale)));
  loader.RegisterFunction(extract);
  duckdb::ScalarFunctionSet part("pg_part_" + name);
  part.AddFunction(MakeValueFunction<PartOfTimestampClock<kField>>("", {LogicalType::TIMESTAMP}, LogicalType::DOUBLE));
  part.AddFunction(MakeValueFunction<PartOfTime<kField>>("", {LogicalType::TIME}, LogicalType::DOUBLE));
  part.AddFunction(MakeValueFunction<PartOfIntervalClock<kField>>("", {LogicalType::INTERVAL}, LogicalType::DOUBLE));
  loader.RegisterFunction(part);
}

// ---------------------------------------------------------------- fields of an interval

enum class SpanField { kDay, kMonth, kQuarter, kYear, kDecade, kCentury, kMillennium };

template <SpanField kField>
int64_t ExtractFromInterval(interval_t span) {
  IntervalFields fields = SplitInterval(span);
  if constexpr (kField == SpanField::kDay) return fields.days;
  if constexpr (kField == SpanField::kMonth) return fields.months;
  if constexpr (kField == SpanField::kQuarter) return fields.months / 3 + 1;
  if constexpr (kField == SpanField::kYear) return fields.years;
  if constexpr (kField == SpanField::kDecade) return fields.years / 10;
  if constexpr (kField == SpanField::kCentury) return fields.years / 100;
  return fields.years / 1000;
}

template <SpanField kField>
double PartOfInterval(interval_t span) {
  return static_cast<double>(ExtractFromInterval<kField>(span));
}

template <SpanField kField>
void RegisterSpanField(duckdb::ExtensionLoader& loader, const std::string& name) {
  RegisterValueFunction<ExtractFromInterval<kField>>(loader, ("pg_interval_extract_" + name).c_str(),
                                                     {LogicalType::INTERVAL}, LogicalType::DECIMAL(18, 0));
  RegisterValueFunction<PartOfInterval<kField>>(loader, ("pg_interval_part_" + name).c_str(), {LogicalType::INTERVAL},
                                                LogicalType::DOUBLE);
}

// ---------------------------------------------------------------- epoch, time zone

duckdb::hugeint_t EpochOfTimestamp(int64_t micros) {
  if (!IsFiniteTimestamp(micros)) ThrowInfiniteNumeric();
  return duckdb::hugeint_t(micros);
}

/// PostgreSQL subtracts in its own count from 2000, which does not overflow for any timestamp that fits here.
double EpochPartOfTimestamp(int64_t micros) {
  return IsFiniteTimestamp(micros) ? static_cast<double>(micros) / 1000000.0 : InfinityOf(micros);
}

int64_t EpochOfDate(int32_t days) {
  if (!IsFiniteDate(days)) ThrowInfiniteNumeric();
  return days * kSecondsPerDay;
}

int64_t EpochOfTime(int64_t time) { return time; }
double EpochPartOfTime(int64_t time) { return static_cast<double>(time) / 1000000.0; }

/// A year is 365.25 days, a month 30.
duckdb::hugeint_t EpochOfInterval(interval_t span) {
  int64_t quarter_days =
      int64_t{1461} * (span.months / 12) + int64_t{120} * (span.months % 12) + int64_t{4} * span.days;
  __int128 micros = static_cast<__int128>(quarter_days) * (kMicrosPerDay / 4) + span.micros;
  duckdb::hugeint_t result;
  result.lower = static_cast<uint64_t>(micros);
  result.upper = static_cast<int64_t>(micros >> 64);
  return result;
}

double EpochPartOfInterval(interval_t span) {
  auto day = static_cast<double>(kSecondsPerDay);
  double epoch = static_cast<double>(span.micros) / 1000000.0;
  epoch += 365.25 * day * (span.months / 12);
  epoch += 30.0 * day * (span.months % 12);
  epoch += day * span.days;
  return epoch;
}

enum class ZoneField { kOffset, kHour, kMinute };

template <ZoneField kField>
std::optional<int32_t> ExtractZone(int64_t micros, ZoneCursor& zone) {
  if (!IsFiniteTimestamp(micros)) return std::nullopt;
  int32_t offset = zone.PeriodAt(FloorDiv(micros, kMicrosPerSecond)).offset;
  if (kField == ZoneField::kHour) return offset / 3600;
  if (kField == ZoneField::kMinute) return offset / 60 % 60;
  return offset;
}

void RegisterEpoch(duckdb::ExtensionLoader& loader) {
  duckdb::ScalarFunctionSet extract("pg_extract_epoch");
  for (const LogicalType& type : {LogicalType(LogicalType::TIMESTAMP), LogicalType(LogicalType::TIMESTAMP_TZ)})
    extract.AddFunction(MakeValueFunction<EpochOfTimestamp>("", {type}, LogicalType::DECIMAL(19, 6)));
  extract.AddFunction(MakeValueFunction<EpochOfDate>("", {LogicalType::DATE}, LogicalType::DECIMAL(18, 0)));
  extract.AddFunction(MakeValueFunction<EpochOfTime>("", {LogicalType::TIME}, LogicalType::DECIMAL(18, 6)));
  extract.AddFunction(MakeValueFunction<EpochOfInterval>("", {LogicalType::INTERVAL}, LogicalType::DECIMAL(38, 6)));
  loader.RegisterFunction(extract);
  duckdb::ScalarFunctionSet part("pg_part_epoch");
  for (const LogicalType& type : {LogicalType(LogicalType::TIMESTAMP), LogicalType(LogicalType::TIMESTAMP_TZ)})
    part.AddFunction(MakeValueFunction<EpochPartOfTimestamp>("", {type}, LogicalType::DOUBLE));
  part.AddFunction(MakeValueFunction<EpochPartOfTime>("", {LogicalType::TIME}, LogicalType::DOUBLE));
  part.AddFunction(MakeValueFunction<EpochPartOfInterval>("", {LogicalType::INTERVAL}, LogicalType::DOUBLE));
  loader.RegisterFunction(part);

  const duckdb::vector<LogicalType> instant_and_zone = {LogicalType::TIMESTAMP_TZ, LogicalType::VARCHAR};
  const LogicalType number = LogicalType::DECIMAL(9, 0);
  RegisterValueFunction<ExtractZone<ZoneField::kOffset>>(loader, "pg_extract_timezone", instant_and_zone, number);
  RegisterValueFunction<ExtractZone<ZoneField::kHour>>(loader, "pg_extract_timezone_hour", instant_and_zone, number);
  RegisterValueFunction<ExtractZone<ZoneField::kMinute>>(loader, "pg_extract_timezone_minute", instant_and_zone,
                                                         number);
}

// ---------------------------------------------------------------- date_trunc

enum class Unit {
  kMicroseconds,
  kMilliseconds,
  kSecond,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kQuarter,
  kYear,
  kDecade,
  kCentury,
  kMillennium
};

Unit ParseUnit(std::string_view name) {
  static constexpr std::string_view kNames[] = {"microseconds", "milliseconds", "second",    "minute",  "hour",
                                                "day",          "week",         "month",     "quarter", "year",
                                                "decade",       "century",      "millennium"};
  for (size_t i = 0; i < std::size(kNames); ++i)
    if (kNames[i] == name) return static_cast<Unit>(i);
  ThrowReport("22023", "unit \"" + std::string(name) + "\" not recognized");
}

int32_t FirstYear(int32_t year, Unit unit) {
  switch (unit) {
    case Unit::kMillennium:
      return year > 0 ? (year + 999) / 1000 * 1000 - 999 : -((999 - (year - 1)) / 1000) * 1000 + 1;
    case Unit::kCentury: return year > 0 ? (year + 99) / 100 * 100 - 99 : -((99 - (year - 1)) / 100) * 100 + 1;
    case Unit::kDecade: return year > 0 ? year / 10 * 10 : -((8 - (year - 1)) / 10) * 10;
    default: return year;
  }
}

int64_t FirstDay(int64_t days, Unit unit) {
  if (unit == Unit::kDay) return days;
  if (unit == Unit::kWeek) return days - FloorMod(days + 3, 7);
  CivilDate date = CivilFromDays(days);
  auto year = static_cast<int32_t>(date.year);
  if (unit == Unit::kMonth) return DayNumber(year, date.month, 1);
  if (unit == Unit::kQuarter) return DayNumber(year, (date.month - 1) / 3 * 3 + 1, 1);
  year = FirstYear(year, unit);
  return DayNumber(year, 1, 1);
}

int64_t MicrosOf(Unit unit) {
  static constexpr int64_t kMicros[] = {1, 1000, kMicrosPerSecond, kMicrosPerMinute, kMicrosPerHour};
  return kMicros[static_cast<size_t>(unit)];
}

}  // namespace

template <>
class vector_function::Argument<Unit> : public vector_function::ParsedArgument<Unit> {
 public:
  Unit Get(duckdb::idx_t row) { return ParsedArgument<Unit>::Get(row, ParseUnit); }
};

namespace {

int64_t TruncateTimestamp(Unit unit, int64_t micros) {
  if (!IsFiniteTimestamp(micros)) return micros;
  if (unit < Unit::kDay) return micros - FloorMod(micros, MicrosOf(unit));
  return CheckTimestamp(static_cast<__int128>(FirstDay(FloorDiv(micros, kMicrosPerDay), unit)) * kMicrosPerDay);
}

/// By the clock in the zone. From a day on the offset is that of the result, below it stays the value's own.
int64_t TruncateInstant(Unit unit, int64_t micros, ZoneCursor& zone) {
  if (!IsFiniteTimestamp(micros)) return micros;
  int64_t clock = ClockOfInstant(micros, zone);
  if (unit < Unit::kDay) return micros - FloorMod(clock, MicrosOf(unit));
  return InstantOfClock(TruncateTimestamp(unit, clock), zone);
}

interval_t TruncateInterval(Unit unit, interval_t span) {
  if (unit < Unit::kDay) return {span.months, span.days, span.micros / MicrosOf(unit) * MicrosOf(unit)};
  if (unit == Unit::kDay) return {span.months, span.days, 0};
  switch (unit) {
    case Unit::kMonth: return {span.months, 0, 0};
    case Unit::kQuarter: return {span.months / 3 * 3, 0, 0};
    case Unit::kYear: return {span.months / 12 * 12, 0, 0};
    case Unit::kDecade: return {span.months / 120 * 120, 0, 0};
    case Unit::kCentury: return {span.months / 1200 * 1200, 0, 0};
    default: return {span.months / 12000 * 12000, 0, 0};
  }
}

}  // namespace

void RegisterDatetimeFields(duckdb::ExtensionLoader& loader) {
  RegisterDateField<Field::kDay>(loader, "day");
  RegisterDateField<Field::kMonth>(loader, "month");
  RegisterDateField<Field::kQuarter>(loader, "quarter");
  RegisterDateField<Field::kYear>(loader, "year");
  RegisterDateField<Field::kDecade>(loader, "decade");
  RegisterDateField<Field::kCentury>(loader, "century");
  RegisterDateField<Field::kMillennium>(loader, "millennium");
  RegisterDateField<Field::kWeek>(loader, "week");
  RegisterDateField<Field::kIsoYear>(loader, "isoyear");
  RegisterDateField<Field::kDow>(loader, "dow");
  RegisterDateField<Field::kIsoDow>(loader, "isodow");
  RegisterDateField<Field::kDoy>(loader, "doy");
  RegisterDateField<Field::kJulian>(loader, "julian");
  RegisterClockField<ClockField::kMicroseconds>(loader, "microseconds", 0);
  RegisterClockField<ClockField::kMilliseconds>(loader, "milliseconds", 3);
  RegisterClockField<ClockField::kSecond>(loader, "second", 6);
  RegisterClockField<ClockField::kMinute>(loader, "minute", 0);
  RegisterClockField<ClockField::kHour>(loader, "hour", 0);
  RegisterSpanField<SpanField::kDay>(loader, "day");
  RegisterSpanField<SpanField::kMonth>(loader, "month");
  RegisterSpanField<SpanField::kQuarter>(loader, "quarter");
  RegisterSpanField<SpanField::kYear>(loader, "year");
  RegisterSpanField<SpanField::kDecade>(loader, "decade");
  RegisterSpanField<SpanField::kCentury>(loader, "century");
  RegisterSpanField<SpanField::kMillennium>(loader, "millennium");
  RegisterEpoch(loader);

  const LogicalType& text = LogicalType::VARCHAR;
  duckdb::ScalarFunctionSet truncate("pg_date_trunc");
  truncate.AddFunction(
      MakeValueFunction<TruncateTimestamp>("", {text, LogicalType::TIMESTAMP}, LogicalType::TIMESTAMP));
  truncate.AddFunction(
      MakeValueFunction<TruncateInstant>("", {text, LogicalType::TIMESTAMP_TZ, text}, LogicalType::TIMESTAMP_TZ));
  truncate.AddFunction(MakeValueFunction<TruncateInterval>("", {text, LogicalType::INTERVAL}, LogicalType::INTERVAL));
  loader.RegisterFunction(truncate);
}

}  // namespace lake::server
