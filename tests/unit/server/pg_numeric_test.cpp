// Arithmetic of shipped queries: quotients as PostgreSQL 15 prints them, errors with its texts.
#include "server/functions/pg_numeric.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace lake::server {
namespace {

using testing::HasSubstr;

struct Quotient {
  const char* left;
  const char* right;
  const char* text;  // SELECT left::numeric / right::numeric
};

__int128 Unscaled(const std::string& text, int& scale) {
  __int128 value = 0;
  scale = 0;
  bool after_point = false;
  for (char c : text) {
    if (c == '.') after_point = true;
    if (c < '0' || c > '9') continue;
    value = value * 10 + (c - '0');
    if (after_point) scale++;
  }
  return text[0] == '-' ? -value : value;
}

TEST(PgNumeric, QuotientsPrintAsInPostgres) {
  const Quotient quotients[] = {
      {"1", "3", "0.33333333333333333333"},
      {"1.00", "3", "0.33333333333333333333"},
      {"100.00", "3", "33.3333333333333333"},
      {"0", "7", "0.00000000000000000000"},
      {"0.00", "2", "0.00000000000000000000"},
      {"9999", "10000", "0.99990000000000000000"},
      {"10000", "9999", "1.0001000100010001"},
      {"-1", "8", "-0.12500000000000000000"},
      {"2", "3", "0.66666666666666666667"},
      {"-2", "-3", "0.66666666666666666667"},
      {"12345678901234567890.12", "0.000007", "1763668414462081127160000.000000"},
      {"1", "10000000000000000000", "0.000000000000000000100000000000000000"},
      {"99999999999999999999999999999999999999", "3", "33333333333333333333333333333333333333"},
      {"0.00000000000000000000000000000000000001", "99999999999999999999999999999999999999",
       "0.00000000000000000000000000000000000000000000000000000000000000000000000000010000000000000000"},
  };
  for (const Quotient& quotient : quotients) {
    int left_scale;
    int right_scale;
    __int128 left = Unscaled(quotient.left, left_scale);
    __int128 right = Unscaled(quotient.right, right_scale);
    EXPECT_EQ(NumericQuotient(left, left_scale, right, right_scale), quotient.text)
        << quotient.left << " / " << quotient.right;
  }
}

class PgNumericSql : public testing::Test {
 protected:
  PgNumericSql() : connection_(db_) {
    duckdb::ExtensionLoader loader(*db_.instance, "pg_lake");
    RegisterPgNumeric(loader);
  }

  // The one value of the query, or the error.
  std::string Ask(const std::string& expression) {
    auto result = connection_.Query("SELECT " + expression);
    return result->HasError() ? result->GetError() : result->GetValue(0, 0).ToString();
  }

  duckdb::DuckDB db_{nullptr};
  duckdb::Connection connection_;
};

TEST_F(PgNumericSql, IntegersTruncateTowardZero) {
  EXPECT_EQ(Ask("pg_int_divide((-7)::INTEGER, 2::INTEGER)"), "-3");
  EXPECT_EQ(Ask("pg_int_modulo((-7)::SMALLINT, 2::SMALLINT)"), "-1");
  EXPECT_EQ(Ask("pg_int_modulo((-9223372036854775808)::BIGINT, (-1)::BIGINT)"), "0");
  EXPECT_EQ(Ask("pg_int_divide(NULL::BIGINT, 0::BIGINT)"), "NULL");
}

TEST_F(PgNumericSql, IntegerErrors) {
  EXPECT_THAT(Ask("pg_int_divide(1::INTEGER, 0::INTEGER)"), HasSubstr("division by zero"));
  EXPECT_THAT(Ask("pg_int_modulo(1::BIGINT, 0::BIGINT)"), HasSubstr("division by zero"));
  EXPECT_THAT(Ask("pg_int_divide((-32768)::SMALLINT, (-1)::SMALLINT)"), HasSubstr("smallint out of range"));
}

TEST_F(PgNumericSql, FloatErrors) {
  EXPECT_THAT(Ask("pg_float_divide(1.0::DOUBLE, 0.0::DOUBLE)"), HasSubstr("division by zero"));
  EXPECT_THAT(Ask("pg_float_multiply(1e300::DOUBLE, 1e300::DOUBLE)"), HasSubstr("overflow"));
  EXPECT_THAT(Ask("pg_float_multiply(1e-300::DOUBLE, 1e-300::DOUBLE)"), HasSubstr("underflow"));
  EXPECT_THAT(Ask("pg_float_add(3e38::FLOAT, 3e38::FLOAT)"), HasSubstr("overflow"));
  EXPECT_EQ(Ask("pg_float_divide('nan'::DOUBLE, 0.0::DOUBLE)"), "nan");
  EXPECT_EQ(Ask("pg_float_add('inf'::DOUBLE, 1.0::DOUBLE)"), "inf");
}

TEST_F(PgNumericSql, ProductsHave38Digits) {
  EXPECT_EQ(Ask("pg_decimal_multiply('123456789012345678'::DECIMAL(18,0), '-10.5'::DECIMAL(3,1))"),
            "-1296296284629629619.0");
  EXPECT_EQ(Ask("typeof(pg_decimal_multiply(1::DECIMAL(15,2), 1::DECIMAL(16,2)))"), "DECIMAL(31,4)");
  EXPECT_THAT(Ask("pg_decimal_multiply('99999999999999999999'::DECIMAL(38,0), '99999999999999999999'::DECIMAL(38,0))"),
              HasSubstr("more than 38 digits"));
}

TEST_F(PgNumericSql, AverageIsSumByCount) {
  EXPECT_EQ(Ask("pg_numeric_divide_text(sum(i)::DECIMAL(38,0), count(i)::DECIMAL(38,0)) FROM range(1, 3) AS r(i)"),
            "1.5000000000000000");
  EXPECT_EQ(Ask("pg_numeric_divide_text(sum(i)::DECIMAL(38,0), count(i)::DECIMAL(38,0)) FROM range(0) AS r(i)"),
            "NULL");
}

}  // namespace
}  // namespace lake::server
