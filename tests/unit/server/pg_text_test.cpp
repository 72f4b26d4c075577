// Text functions of shipped queries: PostgreSQL 15's results and errors.
#include "server/functions/pg_text.h"

#include "sql_answers.h"

namespace lake::server {
namespace {

class PgText : public SqlAnswers {
 protected:
  PgText() : SqlAnswers(RegisterPgText) {}
};

TEST_F(PgText, SubstringsCountPositionsBeforeTheFirst) {
  EXPECT_EQ(Ask("pg_substring('hello', -1, 4)"), "he");
  EXPECT_EQ(Ask("pg_substring('hello', -5)"), "hello");
  EXPECT_EQ(Ask("pg_substring('häßlich', 2, 2147483647)"), "äßlich");
  EXPECT_EQ(Ask("pg_substring('hello', 2, -1)"), "22011 negative substring length not allowed");
  EXPECT_EQ(Ask("pg_substring(NULL, 2)"), "NULL");
}

TEST_F(PgText, Padding) {
  EXPECT_EQ(Ask("pg_lpad('hi', 5, 'xy')"), "xyxhi");
  EXPECT_EQ(Ask("pg_rpad('hi', 7, 'äö')"), "hiäöäöä");
  EXPECT_EQ(Ask("pg_lpad('hello', 3, 'x')"), "hel");
  EXPECT_EQ(Ask("pg_lpad('hi', 5, '')"), "hi");
  EXPECT_EQ(Ask("pg_lpad('hi', -5, 'x')"), "");
  EXPECT_EQ(Ask("pg_rpad('hi', 2147483647, 'x')"), "54000 requested length too large");
}

TEST_F(PgText, FieldsFromTheEnd) {
  EXPECT_EQ(Ask("pg_split_part('a,b,c', ',', -1)"), "c");
  EXPECT_EQ(Ask("pg_split_part('a,b,c', ',', -3)"), "a");
  EXPECT_EQ(Ask("pg_split_part('a,b,c', ',', -4)"), "");
  EXPECT_EQ(Ask("pg_split_part('abc', '', -1)"), "abc");
  EXPECT_EQ(Ask("pg_split_part('abc', ',', 0)"), "22023 field position must not be zero");
}

TEST_F(PgText, Letters) {
  EXPECT_EQ(Ask("pg_reverse('añb€')"), "€bña");
  EXPECT_EQ(Ask("pg_ascii('€')"), "8364");
  EXPECT_EQ(Ask("pg_chr(8364)"), "€");
  EXPECT_EQ(Ask("pg_chr(0)"), "54000 null character not permitted");
  EXPECT_EQ(Ask("pg_translate('12345', '143', 'ax')"), "a2x5");
  EXPECT_EQ(Ask("pg_initcap('hELLO wORLD-x2y 3z')"), "Hello World-X2y 3z");
  EXPECT_EQ(Ask("pg_to_hex((-1)::INTEGER)"), "ffffffff");
  EXPECT_EQ(Ask("pg_quote_literal('it''s \\')"), "E'it''s \\\\'");
}

TEST_F(PgText, PatternsOfRows) {
  EXPECT_EQ(Ask("pg_like('häßlich', '_ä%l_c%')"), "true");
  EXPECT_EQ(Ask("pg_like('100%', '100\\%')"), "true");
  EXPECT_EQ(Ask("pg_like('abc', '%c_')"), "false");
  EXPECT_EQ(Ask("pg_like('abc', 'x\\')"), "false");  // the escape is never met
  EXPECT_EQ(Ask("pg_like('abc', 'abc\\')"), "false");
  EXPECT_EQ(Ask("pg_like('abcd', 'abc\\')"), "22025 LIKE pattern must not end with escape character");
  EXPECT_EQ(Ask("pg_like_escape('a#%b\\%', '#')"), "a\\%b\\\\%");
  EXPECT_EQ(Ask("pg_like_escape('x', 'ab')"), "22025 invalid escape string");
}

}  // namespace
}  // namespace lake::server
