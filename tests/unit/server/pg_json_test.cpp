// json and jsonb of shipped queries: PostgreSQL 15's results and errors.
#include "server/functions/pg_json.h"

#include "sql_answers.h"

namespace lake::server {
namespace {

class PgJson : public SqlAnswers {
 protected:
  PgJson() : SqlAnswers(RegisterPgJson) {}
};

TEST_F(PgJson, JsonbIsNormalized) {
  EXPECT_EQ(Ask(R"(pg_jsonb_in(' {"bb":1,"a":[1.50,-0,1e3,12e-3],"a":{"x" : "\u00e4\/"}} '))"),
            R"({"a": {"x": "ä/"}, "bb": 1})");
  EXPECT_EQ(Ask("pg_jsonb_in('[1.50,-0.0,1.5e3,12e-3,0.10e1]')"), "[1.50, 0.0, 1500, 0.012, 1.0]");
  EXPECT_EQ(Ask(R"(pg_jsonb_in('"\ud83d\ude00"'))"), "\"😀\"");
}

TEST_F(PgJson, Errors) {
  const char* const wrong[] = {"",         "{",     "[1,]", "{\"a\" 1}", "01",        "1.",  "nul", "nulls",
                               "\"\x01\"", "[1 2]", "'a'",  "\"\\x\"",   "\"\\u12\"", "- 1", "1e",  "{} x"};
  for (const char* text : wrong) {
    std::string literal = text[0] == '\'' ? "'''a'''" : "'" + std::string(text) + "'";
    EXPECT_EQ(Ask("pg_json_in(" + literal + ")"), "22P02 invalid input syntax for type json") << text;
  }
  EXPECT_EQ(Ask(R"(pg_json_in('"\u0000"'))"), R"("\u0000")");
  EXPECT_EQ(Ask(R"(pg_jsonb_in('"\u0000"'))"), "22P05 unsupported Unicode escape sequence");
  EXPECT_EQ(Ask(R"(pg_jsonb_in('"\ud83d"'))"), "22P02 invalid input syntax for type json");
  EXPECT_EQ(Ask("pg_jsonb_in('1e131072')"), "22003 value overflows numeric format");
  EXPECT_EQ(Ask("pg_json_in(repeat('[', 100000))"), "54001 stack depth limit exceeded");
}

TEST_F(PgJson, LookingUp) {
  EXPECT_EQ(Ask(R"(pg_json_get('{"a": 1, "a" : [ 1 ,2 ] }', 'a'))"), "[ 1 ,2 ]");
  EXPECT_EQ(Ask(R"(pg_json_get_text('{"\u00e4": "x\ny"}', 'ä'))"), "x\ny");
  EXPECT_EQ(Ask("pg_json_get_text('[1, null]', 1::INTEGER)"), "NULL");
  EXPECT_EQ(Ask("pg_json_get('[1, null]', (-1)::INTEGER)"), "null");
  EXPECT_EQ(Ask("pg_jsonb_get('1', 0::INTEGER)"), "1");  // a scalar alone is an array of one element
  EXPECT_EQ(Ask("pg_json_get('1', 0::INTEGER)"), "NULL");
  EXPECT_EQ(Ask(R"(pg_jsonb_path_text('{"a": [{"b": "c]"}]}', '["a", "0", "b"]'))"), "c]");
  EXPECT_EQ(Ask("pg_json_array_length('{}')"), "22023 cannot get array length of a non-array");
  EXPECT_EQ(Ask("pg_json_array_length('[[1, 2], \"a,b\"]')"), "2");
}

TEST_F(PgJson, Comparing) {
  EXPECT_EQ(Ask(R"(pg_jsonb_key('[1.00, "1.00", 100, 0.50]'))"), R"([1, "1.00", 100, 0.5])");
  EXPECT_EQ(Ask(R"(pg_jsonb_contains('{"a": [1, {"b": 2.0}], "c": 3}', '{"a": [{"b": 2}]}'))"), "true");
  EXPECT_EQ(Ask("pg_jsonb_contains('[1, 2]', '1')"), "true");
  EXPECT_EQ(Ask("pg_jsonb_contains('[[1, 2]]', '[1]')"), "false");
  EXPECT_EQ(Ask(R"(pg_jsonb_exists_all('{"a": 1, "b": 2}', '["a", "b"]'))"), "true");
}

TEST_F(PgJson, Changing) {
  EXPECT_EQ(Ask(R"(pg_jsonb_concat('{"a": 1, "b": 2}', '{"a": 3}'))"), R"({"a": 3, "b": 2})");
  EXPECT_EQ(Ask("pg_jsonb_concat('1', '[2]')"), "[1, 2]");
  EXPECT_EQ(Ask("pg_jsonb_delete('[1, 2, 3]', (-1)::INTEGER)"), "[1, 2]");
  EXPECT_EQ(Ask("pg_jsonb_delete('1', 'a')"), "22023 cannot delete from scalar");
  EXPECT_EQ(Ask(R"(pg_jsonb_strip_nulls('{"a": null, "b": [null, {"c": null}]}'))"), R"({"b": [null, {}]})");
}

}  // namespace
}  // namespace lake::server
