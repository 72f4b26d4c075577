// Dates, intervals and time zones, with values that PostgreSQL 15 gave.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "server/functions/datetime_functions.h"
#include "server/functions/time_zone.h"

namespace lake::server {
namespace {

using testing::HasSubstr;

// Berlin of two years, and then as 400 years before: it has one transition every spring and one every autumn.
constexpr const char* kBerlin =
    "3600 0 CET,7200 1 CEST;0;-,1735686000;1679792400 1,18748800 0,13305600 1,18144000 0";  // 2023-03-26 .. 2024-10-27

class Datetime : public testing::Test {
 protected:
  Datetime() : connection_(db_) {
    duckdb::ExtensionLoader loader(*db_.instance, "test");
    RegisterDatetimeFunctions(loader);
    RegisterDatetimeFields(loader);
    RegisterDatetimeText(loader);
    RegisterDatetimePictures(loader);
    RegisterIntervalFunctions(loader);
  }

  std::string Get(std::string expression) {
    for (size_t at; (at = expression.find("$z")) != std::string::npos;)
      expression.replace(at, 2, std::string("'") + kBerlin + "'");
    auto result = connection_.Query("SELECT (" + expression + ")::VARCHAR");
    return result->HasError() ? result->GetError() : result->GetValue(0, 0).ToString();
  }

  duckdb::DuckDB db_;
  duckdb::Connection connection_;
};

TEST(TimeZoneRules, MalformedTextsAreRefused) {
  for (const char* rules :
       {"", ";", "0 0 UTC", "0 0 UTC;1;-,-;", "x 0 UTC;0;-,-;", "0 0 UTC;0;-;1", "0 0 UTC;0;-,-;1 7",
        "0 0 UTC;0;-,-;5 0,0 0", "0 0 UTC;0;-,-;1", "0 0 UTC;0;a,-;", "0 0 UTC;0;-,-;9223372036854775807 0,1 0"}) {
    EXPECT_FALSE(TimeZone::Parse(rules).ok()) << rules;
  }
  EXPECT_TRUE(TimeZone::Parse("0 0 UTC;0;-,-;").ok());
}

TEST(TimeZoneRules, StretchesCoverAllOfTimeAndRepeatBehindTheWindow) {
  constexpr int64_t kCycle = int64_t{146097} * 86400;
  auto zone = TimeZone::Parse(kBerlin);
  ASSERT_TRUE(zone.ok());
  auto first = zone.value().StretchAt(-62135596800);
  EXPECT_EQ(first.period->abbreviation, "CET");
  EXPECT_EQ(first.end, 1679792400);
  EXPECT_EQ(zone.value().StretchAt(1679792400).period->abbreviation, "CEST");
  EXPECT_EQ(zone.value().StretchAt(1679792399).period->abbreviation, "CET");
  for (int64_t cycle : {1, 2, 19}) {
    auto later = zone.value().StretchAt(1679792400 + cycle * kCycle);
    EXPECT_EQ(later.period->abbreviation, "CEST");
    EXPECT_EQ(later.begin, 1679792400 + cycle * kCycle);
    EXPECT_EQ(zone.value().StretchAt(1679792399 + cycle * kCycle).period->abbreviation, "CET");
  }
}

TEST_F(Datetime, ClocksInAZone) {
  EXPECT_EQ(Get("pg_clock('2024-03-31 00:59:59.999999+00'::timestamptz, $z)"), "2024-03-31 01:59:59.999999");
  EXPECT_EQ(Get("pg_clock('2024-03-31 01:00:00+00'::timestamptz, $z)"), "2024-03-31 03:00:00");
  // an hour that does not exist, and one that comes twice
  EXPECT_EQ(Get("pg_clock(pg_instant('2024-03-31 02:30:00'::timestamp, $z), $z)"), "2024-03-31 03:30:00");
  EXPECT_EQ(Get("epoch_us(pg_instant('2024-10-27 02:30:00'::timestamp, $z)) // 1000000"), "1729992600");
  EXPECT_EQ(Get("epoch_us(pg_instant('2424-07-01'::timestamp, $z)) // 1000000"), "14342565600");
  EXPECT_EQ(Get("pg_clock('infinity'::timestamptz, $z)"), "infinity");
  EXPECT_EQ(Get("pg_clock(NULL::timestamptz, $z) IS NULL"), "true");
}

TEST_F(Datetime, MonthsAndDaysAreAddedByTheClock) {
  EXPECT_EQ(Get("pg_timestamp_add('2024-01-31'::timestamp, INTERVAL '1 month')"), "2024-02-29 00:00:00");
  EXPECT_EQ(Get("pg_timestamp_subtract('2024-03-31'::timestamp, INTERVAL '13 months')"), "2023-02-28 00:00:00");
  EXPECT_EQ(Get("pg_clock(pg_timestamptz_add('2024-03-30 11:00:00+00'::timestamptz, INTERVAL '1 day', $z), $z)"),
            "2024-03-31 12:00:00");
  EXPECT_EQ(Get("pg_clock(pg_timestamptz_add('2024-03-30 11:00:00+00'::timestamptz, INTERVAL '24 hours', $z), $z)"),
            "2024-03-31 13:00:00");
  EXPECT_THAT(Get("pg_timestamp_add('294000-01-01'::timestamp, INTERVAL '1000 years')"),
              HasSubstr("timestamp out of range"));
  EXPECT_EQ(Get("pg_time_add('23:00'::time, INTERVAL '3 hours')"), "02:00:00");
}

TEST_F(Datetime, AgesAreSymbolicDifferences) {
  EXPECT_EQ(Get("pg_interval_text(pg_age('2024-03-01'::timestamp, '2024-01-31'::timestamp), 'postgres')"),
            "1 mon 1 day");
  EXPECT_EQ(Get("pg_interval_text(pg_age('2024-01-31'::timestamp, '2024-03-01 00:00:01'::timestamp), 'postgres')"),
            "-1 mons -1 days -00:00:01");
  EXPECT_EQ(Get("pg_interval_text(pg_timestamp_difference('2024-03-01'::timestamp, '2024-01-31 12:00'::timestamp), "
                "'postgres')"),
            "29 days 12:00:00");
}

TEST_F(Datetime, IntervalsAreWrittenInFourStyles) {
  const char* mixed = "INTERVAL '-14 months' + INTERVAL '3 days' + INTERVAL '-04:05:06.5'";
  auto text = [&](const char* span, const char* style) {
    return Get(std::string("pg_interval_text(") + span + ", '" + style + "')");
  };
  EXPECT_EQ(text(mixed, "postgres"), "-1 years -2 mons +3 days -04:05:06.5");
  EXPECT_EQ(text(mixed, "postgres_verbose"), "@ 1 year 2 mons -3 days 4 hours 5 mins 6.5 secs ago");
  EXPECT_EQ(text(mixed, "sql_standard"), "-1-2 +3 -4:05:06.5");
  EXPECT_EQ(text(mixed, "iso_8601"), "P-1Y-2M3DT-4H-5M-6.5S");
  EXPECT_EQ(text("INTERVAL '0 days'", "postgres"), "00:00:00");
  EXPECT_EQ(text("INTERVAL '0 days'", "postgres_verbose"), "@ 0");
  EXPECT_EQ(text("INTERVAL '0 days'", "sql_standard"), "0");
  EXPECT_EQ(text("INTERVAL '0 days'", "iso_8601"), "PT0S");
}

TEST_F(Datetime, DatesAreWrittenByDateStyle) {
  EXPECT_EQ(Get("pg_date_text('2024-02-03'::date, 'SQL, DMY')"), "03/02/2024");
  EXPECT_EQ(Get("pg_date_text('2024-02-03'::date, 'Postgres, MDY')"), "02-03-2024");
  EXPECT_EQ(Get("pg_date_text('0044-03-15 (BC)'::date, 'German, DMY')"), "15.03.0044 BC");
  EXPECT_EQ(Get("pg_timestamp_text('2024-02-03 04:05:06.70'::timestamp, 'Postgres, DMY')"),
            "Sat 03 Feb 04:05:06.7 2024");
  EXPECT_EQ(Get("pg_timestamptz_text('2024-07-03 04:05:06+00'::timestamptz, 'SQL, MDY', $z)"),
            "07/03/2024 06:05:06 CEST");
  EXPECT_EQ(Get("pg_timestamptz_text('2024-07-03 04:05:06+00'::timestamptz, 'ISO, MDY', $z)"),
            "2024-07-03 06:05:06+02");
}

TEST_F(Datetime, EqualIntervalsAreEqualWhateverTheirParts) {
  EXPECT_EQ(Get("pg_interval_order(INTERVAL '1 month' - INTERVAL '1 day') = pg_interval_order(INTERVAL '29 days')"),
            "true");
  EXPECT_EQ(Get("pg_interval_text(pg_interval_divide(INTERVAL '1 month', 7), 'postgres')"), "4 days 06:51:25.6896");
  EXPECT_EQ(Get("pg_interval_text(pg_interval_multiply(INTERVAL '1 month 1 day', 1.5), 'postgres')"),
            "1 mon 16 days 12:00:00");
  EXPECT_THAT(Get("pg_interval_divide(INTERVAL '1 month', 0)"), HasSubstr("division by zero"));
  EXPECT_THAT(Get("pg_interval_multiply(INTERVAL '1 month', 1e10)"), HasSubstr("interval out of range"));
}

TEST_F(Datetime, PicturesWrite) {
  auto to_char = [&](const char* picture) {
    return Get(std::string("pg_to_char('2024-02-03 04:05:06.789012'::timestamp, '") + picture + "')");
  };
  EXPECT_EQ(to_char("YYYY-MM-DD HH24:MI:SS.US"), "2024-02-03 04:05:06.789012");
  EXPECT_EQ(to_char("Day, FMDDth FMMonth Y,YYY"), "Saturday , 3rd February 2,024");
  EXPECT_EQ(to_char("IYYY-IW-ID DDD J RM Q CC W WW"), "2024-05-6 034 2460344 II   1 21 1 05");
  EXPECT_EQ(to_char("\"YYYY\" \\\"YYYY\\\" hh12 a.m."), "YYYY \"2024\" 04 a.m.");
  EXPECT_EQ(Get("pg_to_char('2024-07-03 04:05:06+00'::timestamptz, 'HH24 TZ tz TZH:TZM OF', $z)"),
            "06 CEST cest +02:00 +02");
  EXPECT_EQ(Get("pg_to_char(INTERVAL '-1 year' + INTERVAL '-5 hours', 'YYYY HH24 SSSS')"), "-0001 -05 -18000");
  EXPECT_THAT(Get("pg_to_char(INTERVAL '1 day', 'Day')"),
              HasSubstr("invalid format specification for an interval value"));
}

TEST_F(Datetime, PicturesRead) {
  EXPECT_EQ(Get("pg_to_date('2024-060', 'YYYY-DDD')"), "2024-02-29");
  EXPECT_EQ(Get("pg_to_date('  3 feb 24', 'DD Mon YY')"), "2024-02-03");
  EXPECT_EQ(Get("pg_to_date('2024-05-6', 'IYYY-IW-ID')"), "2024-02-03");
  EXPECT_EQ(Get("pg_to_date('44 BC', 'YYYY BC')"), "0044-01-01 (BC)");
  EXPECT_EQ(Get("pg_clock(pg_parse_timestamp('20240703040506789', 'YYYYMMDDHH24MISSMS', $z), $z)"),
            "2024-07-03 04:05:06.789");
  EXPECT_EQ(Get("pg_clock(pg_parse_timestamp('2024-07-03 04 -02', 'YYYY-MM-DD HH24 TZH', $z), $z)"),
            "2024-07-03 08:00:00");
  EXPECT_THAT(Get("pg_to_date('2024-13-01', 'YYYY-MM-DD')"), HasSubstr("date/time field value out of range"));
  EXPECT_THAT(Get("pg_to_date('x', 'YYYY')"), HasSubstr("invalid value \"x\" for \"YYYY\""));
  EXPECT_THAT(Get("pg_to_date('2024 5', 'YYYY IW')"), HasSubstr("invalid combination of date conventions"));
}

}  // namespace
}  // namespace lake::server
