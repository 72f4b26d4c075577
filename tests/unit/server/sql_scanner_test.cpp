#include "server/session/sql_scanner.h"

#include <gmock/gmock.h>

namespace lake::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(SqlScannerTest, SplitsOutsideOfQuotesAndComments) {
  EXPECT_THAT(SplitStatements(""), IsEmpty());
  EXPECT_THAT(SplitStatements(" ; -- x;\n /* ; /* ; */ ; */ ;"), IsEmpty());
  EXPECT_THAT(SplitStatements("a;b"), ElementsAre("a", "b"));
  EXPECT_THAT(SplitStatements("SELECT ';' ; SELECT \";\"; SELECT $$;$$; SELECT $a$;$$;$a$"),
              ElementsAre("SELECT ';' ", " SELECT \";\"", " SELECT $$;$$", " SELECT $a$;$$;$a$"));
  EXPECT_THAT(SplitStatements("SELECT 'it''s;' ; SELECT E'\\';' ; SELECT '\\'; SELECT 1"),
              ElementsAre("SELECT 'it''s;' ", " SELECT E'\\';' ", " SELECT '\\'", " SELECT 1"));
  EXPECT_THAT(SplitStatements("SELECT $1; SELECT a$b$c; x"), ElementsAre("SELECT $1", " SELECT a$b$c", " x"));
  EXPECT_THAT(SplitStatements("SELECT 'open; SELECT 1"), ElementsAre("SELECT 'open; SELECT 1"));
  EXPECT_THAT(SplitStatements("SELECT $q$open; SELECT 1"), ElementsAre("SELECT $q$open; SELECT 1"));
  EXPECT_THAT(SplitStatements("SELECT 1 /* open; SELECT 1"), ElementsAre("SELECT 1 /* open; SELECT 1"));
}

TEST(SqlScannerTest, CopyLakeWrite) {
  for (const char* text : {"COPY lake_write('{\"a\": \"it''s\"}') FROM STDIN (FORMAT binary)",
                           "/* c */ copy LAKE_WRITE ( '{\"a\": \"it''s\"}' ) from stdin with (format 'binary')",
                           "copy lake_write('{\"a\": \"it''s\"}') from stdin",
                           "copy lake_write('{\"a\": \"it''s\"}') from stdin binary"}) {
    auto copy = MatchCopyLakeWrite(text);
    ASSERT_TRUE(copy.has_value()) << text;
    EXPECT_EQ(copy->error, "") << text;
    EXPECT_EQ(copy->spec, "{\"a\": \"it's\"}");
  }
  for (const char* text : {"copy lake_write(1) from stdin", "copy lake_write('x') to stdout",
                           "copy lake_write('x') from stdin (format csv)",
                           "copy lake_write('x') from stdin (format binary) where true", "copy lake_write('x"}) {
    auto copy = MatchCopyLakeWrite(text);
    ASSERT_TRUE(copy.has_value()) << text;
    EXPECT_NE(copy->error, "") << text;
  }
  EXPECT_FALSE(MatchCopyLakeWrite("copy t from stdin").has_value());
  EXPECT_FALSE(MatchCopyLakeWrite("copy lake_write from stdin").has_value());
  EXPECT_FALSE(MatchCopyLakeWrite("select 'copy lake_write('").has_value());
}

TEST(SqlScannerTest, CopyToStdout) {
  auto copy = MatchCopyToStdout(
      "COPY (SELECT 'to stdout (' FROM t) TO STDOUT WITH (FORMAT csv, HEADER, QUOTE '''', FORCE_QUOTE (a, b))");
  ASSERT_TRUE(copy.has_value());
  EXPECT_EQ(copy->error, "");
  EXPECT_EQ(copy->statement, "COPY (SELECT 'to stdout (' FROM t) TO STDOUT");
  EXPECT_THAT(copy->options,
              ElementsAre(Pair("format", "csv"), Pair("header", ""), Pair("quote", "'"), Pair("force_quote", "a,b")));
  copy = MatchCopyToStdout("copy t (a) to stdout csv");
  ASSERT_TRUE(copy.has_value());
  EXPECT_THAT(copy->options, ElementsAre(Pair("format", "csv")));
  for (const char* text : {"copy t to stdout (", "copy t to stdout (format", "copy t to stdout (format csv",
                           "copy t to stdout ()", "copy t to stdout (format csv) x", "copy t to stdout nonsense"}) {
    copy = MatchCopyToStdout(text);
    ASSERT_TRUE(copy.has_value()) << text;
    EXPECT_NE(copy->error, "") << text;
  }
  EXPECT_FALSE(MatchCopyToStdout("copy t to 'stdout'").has_value());
  EXPECT_FALSE(MatchCopyToStdout("copy (select 1) to '/x'").has_value());
  EXPECT_FALSE(MatchCopyToStdout("copy (select 1 to stdout").has_value());
}

TEST(SqlScannerTest, Set) {
  auto set = MatchSet("SET SESSION DateStyle = ISO, 'MDY'");
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(set->name, "datestyle");
  EXPECT_EQ(set->value, "ISO, MDY");
  EXPECT_TRUE(MatchSet("SET x TO DEFAULT")->reset);
  EXPECT_TRUE(MatchSet("RESET x")->reset);
  EXPECT_EQ(MatchSet("SET NAMES 'utf8'")->name, "client_encoding");
  EXPECT_EQ(MatchSet("SET NAMES 'utf8'")->value, "utf8");
  EXPECT_EQ(MatchSet("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")->name, "transaction_isolation");
  EXPECT_EQ(MatchSet("SET statement_timeout TO -1")->value, "-1");
  EXPECT_FALSE(MatchSet("SET GLOBAL x = 1").has_value());
  EXPECT_FALSE(MatchSet("UPDATE t SET x = 1").has_value());
  EXPECT_FALSE(MatchSet("SET x = 'open").has_value());
}

TEST(SqlScannerTest, OtherBeginnings) {
  EXPECT_EQ(MatchTransmit(" transmit SELECT 1"), " SELECT 1");
  EXPECT_FALSE(MatchTransmit("transmitter SELECT 1").has_value());
  EXPECT_EQ(MatchShow("SHOW DateStyle"), "datestyle");
  EXPECT_EQ(MatchShow("show transaction isolation level"), "transaction_isolation");
  EXPECT_FALSE(MatchShow("SHOW ALL TABLES").has_value());
  EXPECT_EQ(MatchDeallocate("DEALLOCATE ALL"), "");
  EXPECT_EQ(MatchDeallocate("discard all"), "");
  EXPECT_EQ(MatchDeallocate("DEALLOCATE PREPARE \"A b\""), "A b");
  EXPECT_EQ(MatchDeallocate("DEALLOCATE Abc"), "abc");
  EXPECT_FALSE(MatchDeallocate("DISCARD TEMP").has_value());
}

}  // namespace
}  // namespace lake::server
