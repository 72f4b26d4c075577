#include "server/session/command.h"

#include "duckdb/common/string_util.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/expression/star_expression.hpp"
#include "duckdb/parser/parsed_data/copy_info.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/copy_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "server/engine/lake_exception.h"
#include "server/session/session_settings.h"
#include "server/session/sql_scanner.h"

namespace lake::server {

namespace {

using duckdb::SQLStatement;
using duckdb::StatementType;

char SingleByte(const std::string& option, const std::string& value) {
  if (value.size() == 1) return value[0];
  ThrowLakeError(InvalidInput("COPY {} must be a single one-byte character", option));
}

bool BooleanOption(const std::string& option, std::string value) {
  value = duckdb::StringUtil::Lower(value);
  if (value.empty() || value == "true" || value == "on" || value == "1" || value == "t") return true;
  if (value == "false" || value == "off" || value == "0" || value == "f") return false;
  ThrowReport("42601", fmt::format("{} requires a Boolean value", option));
}

/// PostgreSQL's options of COPY TO: format, delimiter, null, header, quote, escape, force_quote; and text_fields.
void ReadCopyOptions(const CopyToStdout& copy, Command& command) {
  std::string format;
  bool has_escape = false;
  for (auto& [name, value] : copy.options) {
    if (name == "format") format = duckdb::StringUtil::Lower(value);
    if (name == "escape") has_escape = true;
  }
  command.copy_binary = format == "binary";
  command.copy_text.csv = format == "csv";
  if (command.copy_text.csv) {
    command.copy_text.delimiter = ',';
    command.copy_text.null = "";
  } else if (!command.copy_binary && !format.empty() && format != "text") {
    ThrowReport("42601",
                fmt::format("COPY format \"{}\" not recognized: COPY TO STDOUT has binary, text and csv", format));
  }
  CopyTextOptions& text = command.copy_text;
  for (auto& [option, value] : copy.options) {
    if (option == "format") continue;
    if (command.copy_binary && option == "text_fields") {
      command.text_fields = BooleanOption(option, value);
    } else if (command.copy_binary) {
      ThrowReport("42601", fmt::format("cannot specify {} in BINARY mode", duckdb::StringUtil::Upper(option)));
    } else if (option == "delimiter") {
      text.delimiter = SingleByte(option, value);
    } else if (option == "null") {
      text.null = value;
    } else if (option == "header") {
      text.header = BooleanOption(option, value);
    } else if (option == "quote" && text.csv) {
      text.quote = SingleByte(option, value);
      if (!has_escape) text.escape = text.quote;
    } else if (option == "escape" && text.csv) {
      text.escape = SingleByte(option, value);
    } else if (option == "force_quote" && text.csv && value == "*") {
      text.force_quote = true;
    } else {
      ThrowReport("42601", fmt::format("option \"{}\" not recognized for COPY TO STDOUT", option));
    }
  }
}

/// COPY t (a, b) TO STDOUT as SELECT a, b FROM t.
duckdb::unique_ptr<duckdb::QueryNode> TableQuery(const duckdb::CopyInfo& info) {
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  auto table = duckdb::make_uniq<duckdb::BaseTableRef>();
  table->catalog_name = info.catalog;
  table->schema_name = info.schema;
  table->table_name = info.table;
  node->from_table = std::move(table);
  for (auto& column : info.select_list)
    node->select_list.push_back(duckdb::make_uniq<duckdb::ColumnRefExpression>(column));
  if (node->select_list.empty()) node->select_list.push_back(duckdb::make_uniq<duckdb::StarExpression>());
  return std::move(node);
}

/// DuckDB takes STDIN and STDOUT for files of the server's process.
void RefuseServerStreams(const Command& command) {
  auto& info = *command.statement->Cast<duckdb::CopyStatement>().info;
  if (info.is_from && info.file_path == "/dev/stdin") {
    ThrowReport("0A000", "COPY FROM STDIN is only supported into lake_write('<json>')");
  }
  if (!info.is_from && info.file_path == "/dev/stdout") ThrowReport("42601", "syntax error in COPY TO STDOUT");
}

/// The parsed COPY ... TO STDOUT becomes the query whose rows go out.
void MakeCopyOut(Command& command) {
  auto& info = *command.statement->Cast<duckdb::CopyStatement>().info;
  auto select = duckdb::make_uniq<duckdb::SelectStatement>();
  select->node = info.select_statement ? std::move(info.select_statement) : TableQuery(info);
  select->named_param_map = command.statement->named_param_map;
  select->query = command.statement->query;
  select->stmt_location = command.statement->stmt_location;
  select->stmt_length = command.statement->stmt_length;
  command.kind = Command::Kind::kCopyOut;
  command.statement = std::move(select);
}

void Parse(duckdb::ClientContext& context, std::string_view text, std::vector<Command>& commands,
           bool to_stdout = false) {
  for (auto& statement : context.ParseStatements(std::string(text))) {
    Command command;
    command.query = statement->query.substr(std::min<size_t>(statement->stmt_location, statement->query.size()),
                                            statement->stmt_length == 0 ? std::string::npos : statement->stmt_length);
    command.statement = std::move(statement);
    if (command.statement->type == StatementType::COPY_STATEMENT && !to_stdout) RefuseServerStreams(command);
    commands.push_back(std::move(command));
  }
}

/// A statement that DuckDB's parser would not take. False when it is none of those.
bool ParseOwn(duckdb::ClientContext& context, std::string_view statement, const SessionSettings& settings,
              std::vector<Command>& commands) {
  if (auto copy = MatchCopyLakeWrite(statement)) {
    if (!copy->error.empty()) ThrowReport("42601", copy->error);
    Command command;
    command.kind = Command::Kind::kCopyIn;
    command.text = std::move(copy->spec);
    command.query = statement;
    commands.push_back(std::move(command));
    return true;
  }
  if (auto copy = MatchCopyToStdout(statement)) {
    if (!copy->error.empty()) ThrowReport("42601", copy->error);
    Parse(context, copy->statement, commands, true);
    if (commands.back().kind != Command::Kind::kStatement ||
        commands.back().statement->type != StatementType::COPY_STATEMENT) {
      ThrowReport("42601", "syntax error in COPY TO STDOUT");
    }
    MakeCopyOut(commands.back());
    ReadCopyOptions(*copy, commands.back());
    commands.back().query = statement;
    return true;
  }
  if (auto query = MatchTransmit(statement)) {
    Parse(context, *query, commands);
    if (commands.empty() || commands.back().kind != Command::Kind::kStatement)
      ThrowReport("42601", "transmit needs a query");
    commands.back().kind = Command::Kind::kCopyOut;
    commands.back().copy_text.csv = true;
    commands.back().copy_text.delimiter = ',';
    return true;
  }
  if (auto name = MatchDeallocate(statement)) {
    Command command;
    command.kind = Command::Kind::kDeallocate;
    command.text = std::move(*name);
    command.query = statement;
    commands.push_back(std::move(command));
    return true;
  }
  if (auto set = MatchSet(statement); set && SessionSettings::Knows(set->name)) {
    Command command;
    command.kind = set->reset ? Command::Kind::kReset : Command::Kind::kSet;
    command.text = std::move(set->name);
    command.value = std::move(set->value);
    command.query = statement;
    commands.push_back(std::move(command));
    return true;
  }
  if (auto name = MatchShow(statement); name && SessionSettings::Knows(*name)) {
    std::string value = duckdb::StringUtil::Replace(settings.Get(*name), "'", "''");
    Parse(context, fmt::format("SELECT '{}' AS \"{}\"", value, *name), commands);
    return true;
  }
  return false;
}

bool MayBeOwn(std::string_view statement) {
  SqlScanner scanner(statement);
  Token first = scanner.Next();
  return first.Is("copy") || first.Is("transmit") || first.Is("set") || first.Is("reset") || first.Is("show") ||
         first.Is("deallocate") || first.Is("discard");
}

}  // namespace

std::vector<Command> ParseCommands(duckdb::ClientContext& context, std::string_view text,
                                   const SessionSettings& settings) {
  std::vector<Command> commands;
  std::vector<std::string_view> statements = SplitStatements(text);
  bool any_own = false;
  for (std::string_view statement : statements) any_own = any_own || MayBeOwn(statement);
  if (!any_own) {
    if (!statements.empty()) Parse(context, text, commands);  // as a whole: error positions are those of the text
    return commands;
  }
  for (std::string_view statement : statements) {
    if (!ParseOwn(context, statement, settings, commands)) Parse(context, statement, commands);
  }
  return commands;
}

}  // namespace lake::server
