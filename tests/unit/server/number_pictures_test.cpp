// to_char and to_number of numbers with a locale's symbols: what PostgreSQL 15 gives, under C and with lc_numeric and
// lc_monetary of other countries.
#include "server/functions/number_from_char.h"
#include "server/functions/number_to_char.h"
#include "sql_answers.h"

namespace lake::server {
namespace {

constexpr const char* kGerman = "',\n.\n€\n-\n'";
constexpr const char* kCommaAlone = "',\n\n\n\n'";

class NumberPictures : public SqlAnswers {
 protected:
  NumberPictures()
      : SqlAnswers([](duckdb::ExtensionLoader& loader) {
          RegisterNumberToChar(loader);
          RegisterNumberFromChar(loader);
        }) {}
  std::string ToChar(const std::string& number, const std::string& picture, const std::string& symbols = "''") {
    return Ask("pg_numeric_to_char('" + number + "', '" + picture + "', " + symbols + ")");
  }
  std::string ToNumber(const std::string& text, const std::string& picture, const std::string& symbols = "''") {
    return Ask("pg_to_number('" + text + "', '" + picture + "', " + symbols + ")");
  }
};

TEST_F(NumberPictures, Plain) {
  EXPECT_EQ(ToChar("1234.5", "9G999D99"), " 1,234.50");
  EXPECT_EQ(ToChar("-0.1", "FM9.99"), "-.1");
  EXPECT_EQ(ToChar("12", "L99"), "  12");
  EXPECT_EQ(ToChar("485", "FMrn"), "cdlxxxv");
  EXPECT_EQ(ToChar("9.99", "9.9EEEE"), " 10.0e+00");
  EXPECT_EQ(ToChar("1", "9.9.9"), "42601 multiple decimal points");
  EXPECT_EQ(Ask("pg_number_to_char(1234567::INTEGER, '9V9999', '')"), "22003 integer out of range");
}

TEST_F(NumberPictures, Locale) {
  EXPECT_EQ(ToChar("1234.5", "9G999D99", kGerman), " 1.234,50");
  EXPECT_EQ(ToChar("1234.5", "9,999.99", kGerman), " 1,234.50");
  EXPECT_EQ(ToChar("-12", "L99S", kGerman), "€12-");
  EXPECT_EQ(ToChar("1234.5", "9G999D99", kCommaAlone), " 1.234,50");
  EXPECT_EQ(ToChar("1234.5", "9G999.99", kCommaAlone), " 1,234.50");
}

TEST_F(NumberPictures, ToNumber) {
  EXPECT_EQ(ToNumber("-12,454.8", "99G999D9S"), "-12454.8");
  EXPECT_EQ(ToNumber("12.454,8-", "99G999D9S", kGerman), "-12454.8");
  EXPECT_EQ(ToNumber("€ 12", "L99", kGerman), "12");
  EXPECT_EQ(ToNumber("<485>", "999PR"), "-485");
  EXPECT_EQ(ToNumber("1234", "99D"), "22003 numeric field overflow");
  EXPECT_EQ(ToNumber("x", "99"), "22P02 invalid input syntax for type numeric: \" \"");
  EXPECT_EQ(ToNumber("1", "9EEEE"), "0A000 \"EEEE\" not supported for input");
}

}  // namespace
}  // namespace lake::server
