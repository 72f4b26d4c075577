// The simple protocol, and what both protocols share: running a statement and sending its rows.
#include <spdlog/spdlog.h>

#include "duckdb/main/client_context.hpp"
#include "duckdb/main/connection.hpp"
#include "duckdb/main/prepared_statement_data.hpp"
#include "duckdb/parser/statement/transaction_statement.hpp"
#include "server/engine/command_tag.h"
#include "server/engine/result_type.h"
#include "server/session/secret_text.h"
#include "server/session/session.h"
#include "wire/binary_value.h"
#include "wire/copy_format.h"

namespace lake::server {

namespace {
constexpr size_t kBatchBytes = 64 * 1024;

bool IsCommit(const duckdb::SQLStatement& statement) {
  return statement.type == duckdb::StatementType::TRANSACTION_STATEMENT &&
         statement.Cast<duckdb::TransactionStatement>().info->type == duckdb::TransactionType::COMMIT;
}

}  // namespace

void Session::SimpleQuery(std::string_view text) {
  state_ = State::kIdle;
  ThrowIfError(wire::CheckText(text));
  portals_.erase("");
  BeginStatement(text);
  ReleaseConnection();
  commands_ = ParseCommands(*connection_->context, text, settings_);
  next_command_ = 0;
  copy_in_simple_ = true;
  if (commands_.empty()) wire::AppendEmptyQueryResponse(out_);
  ContinueCommands();
}

/// Runs what is left of a simple query; COPY FROM STDIN interrupts it until its data is in.
void Session::ContinueCommands() {
  while (next_command_ < commands_.size()) {
    Command& command = commands_[next_command_++];
    if (command.kind == Command::Kind::kCopyIn) return StartCopyIn(command);
    RunCommand(command);
  }
  commands_.clear();
  EndStatement();
  if (connection_->context->transaction.IsAutoCommit()) ClosePortals();
  SendReady();
}

void Session::RunCommand(Command& command) {
  if (RunSettingCommand(command)) {
    wire::AppendCommandComplete(out_, RowlessTag(command));
  } else if (command.kind == Command::Kind::kCopyOut) {
    auto execution = Execute(std::move(command.statement));
    SendCopyOut(*execution, command);
  } else {
    RunStatement(command);
  }
}

/// Commands that do not go to DuckDB. False for the others.
bool Session::RunSettingCommand(Command& command) {
  switch (command.kind) {
    case Command::Kind::kSet: ThrowIfError(settings_.Set(command.text, command.value)); return true;
    case Command::Kind::kReset: settings_.Reset(command.text); return true;
    case Command::Kind::kDeallocate:
      if (command.text.empty()) {
        std::erase_if(prepared_, [](auto& entry) { return !entry.first.empty(); });
      } else if (prepared_.erase(command.text) == 0) {
        ThrowReport("26000", fmt::format("prepared statement \"{}\" does not exist", command.text));
      }
      return true;
    default: return false;
  }
}

std::string_view Session::RowlessTag(const Command& command) const {
  switch (command.kind) {
    case Command::Kind::kSet: return "SET";
    case Command::Kind::kReset: return "RESET";
    default: return command.text.empty() ? "DEALLOCATE ALL" : "DEALLOCATE";
  }
}

void Session::RunStatement(Command& command) {
  auto& statement = *command.statement;
  bool rolls_back = IsCommit(statement) && transaction_status() == wire::TransactionStatus::kFailed;
  if (rolls_back) {  // as PostgreSQL: COMMIT of a failed transaction is a ROLLBACK that says so
    statement.Cast<duckdb::TransactionStatement>().info->type = duckdb::TransactionType::ROLLBACK;
  }
  std::string tag = CommandTag(statement, 0);
  bool sets_zone = statement.type == duckdb::StatementType::SET_STATEMENT;
  auto execution = Execute(std::move(command.statement));
  int64_t rows = 0;
  if (execution->return_type() == duckdb::StatementReturnType::QUERY_RESULT) {
    std::vector<wire::Format> formats(execution->types().size(), wire::Format::kText);
    SendRowDescription(execution->names(), execution->types(), formats);
    ResultEncoder encoder(*connection_->context, execution->types(), formats, Framing::kDataRow);
    while (duckdb::DataChunk* chunk = execution->Next()) {
      encoder.Begin(*chunk);
      while (size_t count = encoder.Next(out_, kBatchBytes, 0)) {
        rows += static_cast<int64_t>(count);
        FlushRows();
      }
    }
  } else {
    rows = DrainChangedRows(*execution);
  }
  if (tag.ends_with(" 0")) tag = CommandTag(execution->statement_type(), rows);
  if (sets_zone) ReportTimeZone();
  wire::AppendCommandComplete(out_, tag);
}

/// Clients render timestamps by it.
void Session::ReportTimeZone() {
  duckdb::Value zone;
  if (!connection_->context->TryGetCurrentSetting("TimeZone", zone) || zone.ToString() == time_zone_) return;
  time_zone_ = zone.ToString();
  wire::AppendParameterStatus(out_, "TimeZone", time_zone_);
}

/// Runs a statement without result rows to its end. The number of changed rows, when it is one that says it.
int64_t Session::DrainChangedRows(Execution& execution) {
  int64_t rows = 0;
  while (duckdb::DataChunk* chunk = execution.Next()) {
    if (execution.return_type() != duckdb::StatementReturnType::CHANGED_ROWS || chunk->ColumnCount() == 0) continue;
    rows = chunk->GetValue(0, 0).DefaultCastAs(duckdb::LogicalType::BIGINT).GetValue<int64_t>();
  }
  return rows;
}

void Session::SendRowDescription(const duckdb::vector<std::string>& names,
                                 const duckdb::vector<duckdb::LogicalType>& types,
                                 const std::vector<wire::Format>& formats) {
  std::vector<wire::ColumnDescription> columns;
  for (size_t i = 0; i < types.size(); ++i) {
    wire::Oid oid = OidOf(types[i]);
    columns.push_back({names[i], oid, SizeOf(oid), ModifierOf(types[i]), formats[i]});
  }
  wire::AppendRowDescription(out_, columns);
}

/// CopyOutResponse, CopyData messages of whole rows, CopyDone, CommandComplete (docs/link.md, "Reading").
void Session::SendCopyOut(Execution& execution, const Command& command) {
  auto format = command.copy_binary ? wire::Format::kBinary : wire::Format::kText;
  wire::AppendCopyOutResponse(out_, format, execution.types().size());
  auto append_copy_data = [&](auto append) {
    size_t start = out_.size();
    out_.Extend(wire::kCopyDataHeader);
    append();
    wire::WriteCopyDataHeader(out_.data() + start, out_.size() - start - wire::kCopyDataHeader);
  };
  if (command.copy_binary) {
    append_copy_data([&] { wire::AppendCopyHeader(out_); });
  } else if (command.copy_text.header) {
    append_copy_data([&] { AppendCopyHeaderLine(out_, command.copy_text, execution.names()); });
  }
  std::vector<wire::Format> formats(execution.types().size(), command.text_fields ? wire::Format::kText : format);
  ResultEncoder encoder(*connection_->context, execution.types(), formats,
                        command.copy_binary ? Framing::kCopyBinary : Framing::kCopyText, command.copy_text);
  int64_t rows = 0;
  while (duckdb::DataChunk* chunk = execution.Next()) {
    encoder.Begin(*chunk);
    while (size_t count = encoder.Next(out_, kBatchBytes, 0)) {
      rows += static_cast<int64_t>(count);
      FlushRows();
    }
  }
  if (command.copy_binary) append_copy_data([&] { wire::AppendCopyTrailer(out_); });
  wire::AppendCopyDone(out_);
  wire::AppendCommandComplete(out_, fmt::format("COPY {}", rows));
}

/// Queries are prepared first: their plan says whether they have to wait for a turn.
std::unique_ptr<Execution> Session::Execute(duckdb::unique_ptr<duckdb::SQLStatement> statement) {
  ReleaseConnection();
  auto& context = *connection_->context;
  if (statement->type != duckdb::StatementType::SELECT_STATEMENT &&
      statement->type != duckdb::StatementType::COPY_STATEMENT) {
    std::shared_ptr<duckdb::SQLStatement> shared(std::move(statement));
    auto start = [&context, shared] { return context.PendingQuery(shared->Copy(), duckdb::QueryParameters(true)); };
    return std::make_unique<Execution>(Launch{start}, context, *control_, turn_);
  }
  std::shared_ptr<duckdb::PreparedStatement> plan(context.Prepare(std::move(statement)));
  if (plan->HasError()) plan->error.Throw();
  // A table function makes DuckDB plan a prepared statement anew for each execution. This one is executed right now.
  plan->data->properties.always_require_rebind = false;
  auto execution = Execute(plan, {});
  plan->data->properties.always_require_rebind = true;
  return execution;
}

std::unique_ptr<Execution> Session::Execute(std::shared_ptr<duckdb::PreparedStatement> plan,
                                            duckdb::case_insensitive_map_t<duckdb::BoundParameterData> values) {
  auto& context = *connection_->context;
  const auto& physical = plan->data->physical_plan;
  Launch launch;
  launch.needs_turn = !physical || NeedsTurn(physical->Root());
  launch.may_repeat =
      plan->GetStatementType() == duckdb::StatementType::SELECT_STATEMENT && context.transaction.IsAutoCommit();
  launch.forget = [plan] {  // operators keep what they had collected; the next execution plans anew
    plan->data->properties.always_require_rebind = true;
    plan->data->physical_plan.reset();
  };
  launch.start = [plan = std::move(plan), values = std::move(values)]() mutable {
    return plan->PendingQuery(values, true);
  };
  return std::make_unique<Execution>(std::move(launch), context, *control_, turn_);
}

void Session::BeginStatement(std::string_view query) {
  if (server_.log_queries) spdlog::info("session {}: {}", control_->id(), RedactSecrets(query));
  control_->BeginStatement(query);
  statement_running_ = true;
  if (int64_t timeout = settings_.statement_timeout_ms(); timeout > 0) {
    has_deadline_ = true;
    server_.watcher.SetDeadline(*control_, std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout));
  }
}

void Session::EndStatement() {
  if (!statement_running_) return;
  statement_running_ = false;
  turn_.Release();
  if (has_deadline_) server_.watcher.ClearDeadline(*control_);
  has_deadline_ = false;
  control_->EndStatement();
}

void Session::ReleaseConnection() {
  for (auto& [name, portal] : portals_) {
    if (portal.execution && portal.execution->holds_connection()) portal.execution->Spool();
  }
}

}  // namespace lake::server
