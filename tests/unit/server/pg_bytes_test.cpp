// Functions of bytea in shipped queries: PostgreSQL 15's results and errors.
#include "server/functions/pg_bytes.h"

#include "sql_answers.h"

namespace lake::server {
namespace {

class PgBytes : public SqlAnswers {
 protected:
  PgBytes() : SqlAnswers(RegisterPgBytes) {}
};

TEST_F(PgBytes, TextForm) {
  EXPECT_EQ(Ask("pg_byteaout('\\x00a'::BLOB, 'hex')"), "\\x0061");
  EXPECT_EQ(Ask("pg_byteaout('\\x00a\\xFF'::BLOB, 'escape')"), "\\000a\\377");
  EXPECT_EQ(Ask("hex(pg_byteain('\\x61 62'))"), "6162");
  EXPECT_EQ(Ask("hex(pg_byteain('a\\\\\\377'))"), "615CFF");
  EXPECT_EQ(Ask("pg_byteain('\\x6')"), "22023 invalid hexadecimal data: odd number of digits");
  EXPECT_EQ(Ask("pg_byteain('\\8')"), "22P02 invalid input syntax for type bytea");
}

TEST_F(PgBytes, Formats) {
  EXPECT_EQ(Ask("pg_encode('abcd'::BLOB, 'BASE64')"), "YWJjZA==");
  EXPECT_EQ(Ask("pg_encode(repeat('abc', 20)::BLOB, 'base64')").find('\n'), 76U);
  EXPECT_EQ(Ask("pg_encode('a\\x00\\x01'::BLOB, 'escape')"), "a\\000\x01");
  EXPECT_EQ(Ask("hex(pg_decode('YWJj\nZA==', 'base64'))"), "61626364");
  EXPECT_EQ(Ask("pg_decode('YWJ', 'base64')"), "22023 invalid base64 end sequence");
  EXPECT_EQ(Ask("pg_decode('Y=', 'base64')"), "22023 unexpected \"=\" while decoding base64 sequence");
  EXPECT_EQ(Ask("pg_decode('Y!', 'base64')"), "22023 invalid symbol \"!\" found while decoding base64 sequence");
  EXPECT_EQ(Ask("pg_decode('0g', 'hex')"), "22023 invalid hexadecimal digit: \"g\"");
  EXPECT_EQ(Ask("pg_decode('', 'rot13')"), "22023 unrecognized encoding: \"rot13\"");
}

TEST_F(PgBytes, Parts) {
  EXPECT_EQ(Ask("hex(pg_bytes_substring('abcd'::BLOB, (-1)::INTEGER, 4::INTEGER))"), "6162");
  EXPECT_EQ(Ask("hex(pg_bytes_substring('abcd'::BLOB, 3::INTEGER, 2147483647::INTEGER))"), "6364");
  EXPECT_EQ(Ask("pg_bytes_substring('abcd'::BLOB, 2::INTEGER, (-1)::INTEGER)"),
            "22011 negative substring length not allowed");
  EXPECT_EQ(Ask("pg_get_byte('abc'::BLOB, 2::INTEGER)"), "99");
  EXPECT_EQ(Ask("pg_get_byte('abc'::BLOB, 3::INTEGER)"), "2202E index 3 out of valid range, 0..2");
}

}  // namespace
}  // namespace lake::server
