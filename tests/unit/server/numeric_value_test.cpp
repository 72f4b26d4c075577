// Numerics as PostgreSQL 15 has them: texts, order, scales, errors.
#include "server/functions/numeric_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "duckdb.hpp"

namespace lake::server {
namespace {

NumericValue N(const char* text) { return NumericValue::Parse(text); }

std::string ErrorOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::exception& exception) {
    return exception.what();
  }
  return "no error";
}

TEST(NumericValue, ReadsWhatPostgresReads) {
  const char* pairs[][2] = {{" 1.50 ", "1.50"},
                            {"-.5", "-0.5"},
                            {"+7", "7"},
                            {"1e3", "1000"},
                            {"1.25e-3", "0.00125"},
                            {"12.5E1", "125"},
                            {"nan", "NaN"},
                            {"-inf", "-Infinity"},
                            {"Infinity", "Infinity"},
                            {"-0.00", "0.00"},
                            {"5.", "5"},
                            {"0001", "1"},
                            {"123456789012345678901234567890.123", "123456789012345678901234567890.123"}};
  for (auto& pair : pairs) EXPECT_EQ(N(pair[0]).ToText(), pair[1]) << pair[0];
  for (const char* bad : {"", " ", "x", "1.2.3", "1e", "--1", "1 2", "e5", "infinit", "1e5x", "."})
    EXPECT_THAT(ErrorOf([&] { N(bad); }), testing::HasSubstr("invalid input syntax for type numeric")) << bad;
  EXPECT_THAT(ErrorOf([] { N("1e200000"); }), testing::HasSubstr("value overflows numeric format"));
}

TEST(NumericValue, KeysCompareAsNumbersDo) {
  const char* ascending[] = {"-Infinity", "-1e40", "-100.5", "-100.25", "-100",    "-99.999",  "-1",
                             "-0.5",      "-0.05", "-0.049", "0",       "0.00001", "0.0001",   "0.05",
                             "0.051",     "0.5",   "1",      "1.0001",  "9.99",    "10",       "10.01",
                             "99",        "100",   "101",    "1e10",    "1e40",    "Infinity", "NaN"};
  for (size_t i = 0; i < std::size(ascending); i++)
    for (size_t j = 0; j < std::size(ascending); j++)
      EXPECT_EQ(N(ascending[i]).ToKey() < N(ascending[j]).ToKey(), i < j) << ascending[i] << " and " << ascending[j];
  EXPECT_EQ(N("1.50").ToKey(), N("1.5").ToKey());
  EXPECT_EQ(N("-100").ToKey(), N("-1e2").ToKey());
  EXPECT_EQ(N("0.000").ToKey(), N("-0").ToKey());
}

TEST(NumericValue, CalculatesWithPostgresScales) {
  EXPECT_EQ(Add(N("1.50"), N("2.125")).ToText(), "3.625");
  EXPECT_EQ(Subtract(N("1.5"), N("1.50")).ToText(), "0.00");
  EXPECT_EQ(Multiply(N("-1.50"), N("0.20")).ToText(), "-0.3000");
  EXPECT_EQ(Divide(N("1"), N("3")).ToText(), "0.33333333333333333333");
  EXPECT_EQ(Divide(N("-2"), N("3")).ToText(), "-0.66666666666666666667");
  EXPECT_EQ(Divide(N("100000.00"), N("7")).ToText(), "14285.714285714286");
  EXPECT_EQ(Divide(N("5"), N("Infinity")).ToText(), "0");
  EXPECT_EQ(Divide(N("-Infinity"), N("2")).ToText(), "-Infinity");
  EXPECT_EQ(Add(N("Infinity"), N("-Infinity")).ToText(), "NaN");
  EXPECT_EQ(Multiply(N("Infinity"), N("0")).ToText(), "NaN");
  EXPECT_EQ(Modulo(N("-7.5"), N("2")).ToText(), "-1.5");
  EXPECT_EQ(Modulo(N("7"), N("-Infinity")).ToText(), "7");
  EXPECT_THAT(ErrorOf([] { Divide(N("1"), N("0.00")); }), testing::HasSubstr("division by zero"));
  EXPECT_THAT(ErrorOf([] { Modulo(N("Infinity"), N("0")); }), testing::HasSubstr("division by zero"));
  EXPECT_THAT(ErrorOf([] { Multiply(N("1e100000"), N("1e100000")); }),
              testing::HasSubstr("value overflows numeric format"));
}

TEST(NumericValue, RoundsHalfAwayFromZero) {
  EXPECT_EQ(N("2.5").Rounded(0).ToText(), "3");
  EXPECT_EQ(N("-2.5").Rounded(0).ToText(), "-3");
  EXPECT_EQ(N("1.005").Rounded(2).ToText(), "1.01");
  EXPECT_EQ(N("1.5").Rounded(3).ToText(), "1.500");
  EXPECT_EQ(N("1551").Rounded(-2).ToText(), "1600");
  EXPECT_EQ(N("-1.99").Truncated(1).ToText(), "-1.9");
  EXPECT_EQ(N("1599").Truncated(-2).ToText(), "1500");
  EXPECT_EQ(N("-1.1").Floor().ToText(), "-2");
  EXPECT_EQ(N("-1.1").Ceiling().ToText(), "-1");
  EXPECT_EQ(N("99.994").Fitted(4, 2).ToText(), "99.99");
  EXPECT_THAT(ErrorOf([] { N("99.995").Fitted(4, 2); }), testing::HasSubstr("numeric field overflow"));
  EXPECT_EQ(N("-2147483648.4").ToInteger(INT32_MIN, INT32_MAX, "integer"), INT32_MIN);
  EXPECT_THAT(ErrorOf([] { N("2147483647.5").ToInteger(INT32_MIN, INT32_MAX, "integer"); }),
              testing::HasSubstr("integer out of range"));
  EXPECT_THAT(ErrorOf([] { N("NaN").ToInteger(0, 1, "bigint"); }), testing::HasSubstr("cannot convert NaN to bigint"));
}

}  // namespace
}  // namespace lake::server
