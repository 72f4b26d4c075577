#include "base/civil_time.h"

#include "base/result_matchers.h"

namespace lake {
namespace {

TEST(CivilTime, DaysAndDatesAgreeOverManyYears) {
  for (int64_t days = -1000000; days < 4000000; days += 997) {
    CivilDate date = CivilFromDays(days);
    EXPECT_EQ(DaysFromCivil(date), days);
  }
}

TEST(CivilTime, KnownDates) {
  EXPECT_EQ(FormatDate(0), "1970-01-01");
  EXPECT_EQ(FormatDate(-1), "1969-12-31");
  EXPECT_EQ(FormatDate(19782), "2024-02-29");
  EXPECT_EQ(FormatDate(-719529), "-0001-12-31");
  EXPECT_THAT(ParseDate("2024-02-30"), HasKind(ErrorKind::kInvalidInput));
  EXPECT_THAT(ParseDate("2024-2-3"), HasKind(ErrorKind::kInvalidInput));
  EXPECT_EQ(*ParseDate("-0001-12-31"), -719529);
}

TEST(CivilTime, TimestampsFloorBelowTheEpoch) {
  EXPECT_EQ(FormatTimestampMicros(-1), "1969-12-31T23:59:59.999999");
  EXPECT_EQ(FormatTimestampNanos(1), "1970-01-01T00:00:00.000000001");
  EXPECT_EQ(FormatTimestampMicros(0), "1970-01-01T00:00:00");
}

TEST(CivilTime, ParsesOffsets) {
  ASSERT_OK_AND_ASSIGN(auto utc, ParseTimestamp("2024-02-29T12:00:00.5Z"));
  ASSERT_OK_AND_ASSIGN(auto east, ParseTimestamp("2024-02-29T14:00:00.5+02:00"));
  EXPECT_EQ(utc.seconds, east.seconds);
  EXPECT_EQ(east.nanos, 500000000);
  EXPECT_TRUE(east.has_offset);
  ASSERT_OK_AND_ASSIGN(auto local, ParseTimestamp("2024-02-29T12:00"));
  EXPECT_FALSE(local.has_offset);
  EXPECT_FALSE(ParseTimestamp("2024-02-29T12:00:00+25:00").ok());
  EXPECT_FALSE(ParseTimestamp("2024-02-29T24:00:00").ok());
}

}  // namespace
}  // namespace lake
