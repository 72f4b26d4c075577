// Text forms of shipped queries: as PostgreSQL 15 prints and reads them.
#include "server/functions/pg_text_form.h"

#include <cmath>
#include <random>

#include "sql_answers.h"

namespace lake::server {
namespace {

TEST(ShortestFloat, PrintsAsPostgresDoes) {
  EXPECT_EQ(ShortestFloat(0.1), "0.1");
  EXPECT_EQ(ShortestFloat(-0.0), "-0");
  EXPECT_EQ(ShortestFloat(100000.0), "100000");
  EXPECT_EQ(ShortestFloat(123456789012345.0), "123456789012345");
  EXPECT_EQ(ShortestFloat(1e15), "1e+15");
  EXPECT_EQ(ShortestFloat(0.0001), "0.0001");
  EXPECT_EQ(ShortestFloat(0.00001234), "1.234e-05");
  EXPECT_EQ(ShortestFloat(5e-324), "5e-324");
  EXPECT_EQ(ShortestFloat(1.7976931348623157e308), "1.7976931348623157e+308");
  EXPECT_EQ(ShortestFloat(100000.0F), "100000");
  EXPECT_EQ(ShortestFloat(1000000.0F), "1e+06");
  EXPECT_EQ(ShortestFloat(0.1F), "0.1");
  EXPECT_EQ(ShortestFloat(1.4e-45F), "1e-45");
  EXPECT_EQ(ShortestFloat(INFINITY), "Infinity");
  EXPECT_EQ(ShortestFloat(std::nan("")), "NaN");
}

TEST(ShortestFloat, DoesNotTakeADecimalOnAMidpoint) {
  // 2^-44 and 9e22 have shorter decimals that read back only by rounding to even
  EXPECT_EQ(ShortestFloat(std::ldexp(1.0, -44)), "5.684341886080802e-14");
  EXPECT_EQ(ShortestFloat(9007199254740992.0 * 4), "3.602879701896397e+16");
  EXPECT_EQ(ShortestFloat(16777216.0F), "1.6777216e+07");
}

TEST(ShortestFloat, ReadsBack) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20000; ++i) {
    uint64_t bits = random();
    double value;
    std::memcpy(&value, &bits, sizeof(value));
    if (std::isfinite(value)) {
      EXPECT_EQ(std::strtod(ShortestFloat(value).c_str(), nullptr), value);
    }
  }
}

class PgTextForm : public SqlAnswers {
 protected:
  PgTextForm() : SqlAnswers(RegisterPgTextForm) {}
};

TEST_F(PgTextForm, Floats) {
  EXPECT_EQ(Ask("pg_float8out(0.1::DOUBLE + 0.2::DOUBLE, 1)"), "0.30000000000000004");
  EXPECT_EQ(Ask("pg_float8out(0.1::DOUBLE + 0.2::DOUBLE, 0)"), "0.3");
  EXPECT_EQ(Ask("pg_float8out(12345.678::DOUBLE, -12)"), "1.23e+04");
  EXPECT_EQ(Ask("pg_float8in(' 1e3 ')"), "1000.0");
  EXPECT_EQ(Ask("pg_float8in('1e400')"), "22003 \"1e400\" is out of range for type double precision");
  EXPECT_EQ(Ask("pg_float8in('')"), "22P02 invalid input syntax for type double precision: \"\"");
  EXPECT_EQ(Ask("pg_float4in('1.5x')"), "22P02 invalid input syntax for type real: \"1.5x\"");
}

TEST_F(PgTextForm, Integers) {
  EXPECT_EQ(Ask("pg_int2in(' -32768 ', false)"), "-32768");
  EXPECT_EQ(Ask("pg_int2in('32768', false)"), "22003 value \"32768\" is out of range for type smallint");
  EXPECT_EQ(Ask("pg_int4in('0x1F', false)"), "22P02 invalid input syntax for type integer: \"0x1F\"");
  EXPECT_EQ(Ask("pg_int4in('-0x1F', true)"), "-31");
  EXPECT_EQ(Ask("pg_int8in('1_000', true)"), "1000");
  EXPECT_EQ(Ask("pg_int8in('1__0', true)"), "22P02 invalid input syntax for type bigint: \"1__0\"");
  EXPECT_EQ(Ask("pg_int8in('99999999999999999999999999999999999999999999', false)"),
            "22003 value \"99999999999999999999999999999999999999999999\" is out of range for type bigint");
}

TEST_F(PgTextForm, Others) {
  EXPECT_EQ(Ask("pg_boolin(' TrU ')"), "true");
  EXPECT_EQ(Ask("pg_boolin('of')"), "false");
  EXPECT_EQ(Ask("pg_boolin('o')"), "22P02 invalid input syntax for type boolean: \"o\"");
  EXPECT_EQ(Ask("pg_uuid_in('{a0eebc999c0b-4ef8bb6d-6bb9bd380a11}')"), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
  EXPECT_EQ(Ask("pg_uuid_in('a0eebc99')"), "22P02 invalid input syntax for type uuid: \"a0eebc99\"");
}

}  // namespace
}  // namespace lake::server
