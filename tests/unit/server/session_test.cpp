// Parts of sessions that need neither a socket nor a database.
#include "base/result_matchers.h"
#include "duckdb/common/error_data.hpp"
#include "duckdb/common/exception.hpp"
#include "duckdb/common/exception/parser_exception.hpp"
#include "duckdb/common/optional_idx.hpp"
#include "server/engine/copy_text.h"
#include "server/engine/lake_exception.h"
#include "server/engine/sqlstate.h"
#include "server/listener/session_registry.h"
#include "server/session/secret_text.h"
#include "server/session/session_settings.h"

namespace lake::server {
namespace {

/// What arrives on the other side of DuckDB: it keeps exceptions as text, and may add to their message.
duckdb::ErrorData Caught(const Error& error) {
  try {
    ThrowLakeError(error);
  } catch (const std::exception& exception) {
    duckdb::ErrorData data(exception);
    data.AddQueryLocation(duckdb::optional_idx(3));
    data.AddErrorLocation("SELECT lake_scan('x')");
    try {
      data.Throw("somewhere: ");
    } catch (const std::exception& again) {
      return duckdb::ErrorData(again);
    }
  }
  return {};
}

TEST(LakeExceptionTest, AnErrorKeepsItsPartsOnItsWayThroughDuckDb) {
  Report report =
      ReportOf(Caught(Conflict("table \"{}\" was changed", "a\"b\n").WithDetail("Detail.").WithHint("Try {again}.")));
  EXPECT_EQ(report.sqlstate, "40001");
  EXPECT_EQ(report.message, "table \"a\"b\n\" was changed");
  EXPECT_EQ(report.detail, "Detail.");
  EXPECT_EQ(report.hint, "Try {again}.");
}

TEST(LakeExceptionTest, NoKindInvalidatesTheInstance) {
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::kInternal); ++kind) {
    Error error(static_cast<ErrorKind>(kind), "m");
    duckdb::ErrorData data = Caught(error);
    EXPECT_FALSE(duckdb::Exception::InvalidatesDatabase(data.Type()));
    EXPECT_NE(data.Type(), duckdb::ExceptionType::INTERNAL);
    EXPECT_EQ(ReportOf(data).sqlstate, SqlState(error.kind()));
  }
}

TEST(LakeExceptionTest, DuckDbsOwnErrorsKeepTheirText) {
  Report report = ReportOf(duckdb::ErrorData(duckdb::ParserException("syntax error")));
  EXPECT_EQ(report.sqlstate, "42601");
  EXPECT_EQ(report.message, "Parser Error: syntax error");
}

TEST(LakeExceptionTest, EveryTypeHasASqlState) {
  for (int type = 0; type <= 42; ++type) {
    EXPECT_EQ(std::string_view(SqlStateOf(static_cast<duckdb::ExceptionType>(type))).size(), 5u);
  }
}

TEST(SecretTextTest, HidesStatementsThatSpeakOfSecrets) {
  EXPECT_EQ(RedactSecrets("SELECT 1"), "SELECT 1");
  EXPECT_EQ(RedactSecrets("create SECRET x (key 'y')"), "<secret statement redacted>");
  EXPECT_EQ(RedactSecrets("CREATE /* */ Secret broken '"), "<secret statement redacted>");
}

TEST(SessionSettingsTest, Values) {
  SessionSettings settings;
  EXPECT_TRUE(SessionSettings::Knows("DateStyle"));
  EXPECT_FALSE(SessionSettings::Knows("memory_limit"));
  EXPECT_THAT(settings.Set("Application_Name", "x"), IsOk());
  EXPECT_EQ(settings.Get("application_name"), "x");
  settings.Reset("APPLICATION_NAME");
  EXPECT_EQ(settings.Get("application_name"), "");
  EXPECT_THAT(settings.Set("client_encoding", "UTF-8"), IsOk());
  EXPECT_THAT(settings.Set("client_encoding", "SQL_ASCII"), HasKind(ErrorKind::kInvalidInput));
  EXPECT_THAT(settings.Set("statement_timeout", "2min"), IsOk());
  EXPECT_EQ(settings.statement_timeout_ms(), 120'000);
  settings.Reset("statement_timeout");
  EXPECT_EQ(settings.statement_timeout_ms(), 0);
}

TEST(SessionSettingsTest, Milliseconds) {
  const std::pair<const char*, int64_t> good[] = {{"0", 0},         {"500", 500},      {"5ms", 5},
                                                  {"30 s", 30'000}, {"1h", 3'600'000}, {"1d", 86'400'000}};
  for (auto [text, value] : good) {
    ASSERT_OK_AND_ASSIGN(int64_t parsed, ParseMilliseconds(text));
    EXPECT_EQ(parsed, value);
  }
  for (const char* bad : {"", "x", "-1", "5 parsecs", "99999999999", "9999999999999999999999", "1e3"}) {
    EXPECT_THAT(ParseMilliseconds(bad), HasKind(ErrorKind::kInvalidInput)) << bad;
  }
}

TEST(SessionRegistryTest, OnlyARunningStatementCanBeCancelled) {
  SessionRegistry registry;
  auto session = registry.Add();
  EXPECT_FALSE(registry.Cancel(session->id(), session->key()));
  EXPECT_EQ(session->reason(), InterruptReason::kNone);
  session->BeginStatement("SELECT 1");
  EXPECT_FALSE(registry.Cancel(session->id(), session->key() + 1));
  EXPECT_EQ(session->reason(), InterruptReason::kNone);
  EXPECT_TRUE(registry.Cancel(session->id(), session->key()));
  EXPECT_EQ(session->reason(), InterruptReason::kCancel);
  session->EndStatement();
  session->BeginStatement("SELECT 2");
  EXPECT_EQ(session->reason(), InterruptReason::kNone);
}

TEST(SessionRegistryTest, TheEndOfASessionIsNotForgotten) {
  SessionRegistry registry;
  auto session = registry.Add();
  session->Interrupt(InterruptReason::kShutdown);
  session->BeginStatement("SELECT 1");
  session->Interrupt(InterruptReason::kCancel);
  EXPECT_EQ(session->reason(), InterruptReason::kShutdown);
  EXPECT_TRUE(session->must_end());
  registry.Remove(*session);
  EXPECT_EQ(registry.size(), 0u);
}

TEST(CopyTextTest, TextAndCsv) {
  auto field = [](const CopyTextOptions& options, std::string_view text, bool single = false) {
    wire::OutBuffer out;
    AppendCopyField(out, options, text, false, single);
    return std::string(out.view());
  };
  CopyTextOptions text;
  EXPECT_EQ(field(text,
                  "a\tb\\c\nd\re\x0b"
                  "f\x08g\x0ch"),
            "a\\tb\\\\c\\nd\\re\\vf\\bg\\fh");
  text.delimiter = '|';
  EXPECT_EQ(field(text, "a|b"), "a\\|b");
  CopyTextOptions csv;
  csv.csv = true;
  csv.delimiter = ',';
  csv.null = "";
  EXPECT_EQ(field(csv, "plain"), "plain");
  EXPECT_EQ(field(csv, ""), "\"\"");
  EXPECT_EQ(field(csv, "a\"b,"), "\"a\"\"b,\"");
  EXPECT_EQ(field(csv, "\\."), "\\.");
  EXPECT_EQ(field(csv, "\\.", true), "\"\\.\"");
  csv.escape = '\\';
  EXPECT_EQ(field(csv, "a\"\\,"), "\"a\\\"\\\\,\"");
}

}  // namespace
}  // namespace lake::server
