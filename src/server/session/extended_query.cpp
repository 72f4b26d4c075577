// The extended protocol: Parse, Bind, Describe, Execute, Close, Sync.
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/connection.hpp"
#include "duckdb/main/prepared_statement_data.hpp"
#include "duckdb/parser/statement/transaction_statement.hpp"
#include "server/engine/command_tag.h"
#include "server/engine/result_type.h"
#include "server/session/session.h"
#include "wire/binary_value.h"

namespace lake::server {

namespace {

constexpr size_t kBatchBytes = 64 * 1024;

std::vector<wire::Format> ColumnFormats(const std::vector<wire::Format>& formats, size_t columns) {
  if (formats.size() > 1 && formats.size() != columns) {
    ThrowReport("08P01",
                fmt::format("bind message has {} result formats but query has {} columns", formats.size(), columns));
  }
  std::vector<wire::Format> all;
  for (size_t i = 0; i < columns; ++i) all.push_back(wire::FormatAt(formats, i));
  return all;
}

}  // namespace

PreparedCommand& Session::FindPrepared(std::string_view name) {
  auto found = prepared_.find(name);
  if (found != prepared_.end()) return *found->second;
  ThrowReport("26000", name.empty() ? "unnamed prepared statement does not exist"
                                    : fmt::format("prepared statement \"{}\" does not exist", name));
}

Portal& Session::FindPortal(std::string_view name) {
  auto found = portals_.find(name);
  if (found != portals_.end()) return found->second;
  ThrowReport("34000", fmt::format("portal \"{}\" does not exist", name));
}

void Session::ClosePortals() { portals_.clear(); }

void Session::ParseStatement(const wire::ParseMessage& message) {
  ThrowIfError(wire::CheckText(message.query));
  ThrowIfError(wire::CheckText(message.statement));
  if (message.statement.empty()) {
    prepared_.erase("");
  } else if (prepared_.contains(message.statement)) {
    ThrowReport("42P05", fmt::format("prepared statement \"{}\" already exists", message.statement));
  }
  BeginStatement(message.query);
  ReleaseConnection();
  auto commands = ParseCommands(*connection_->context, message.query, settings_);
  if (commands.size() > 1) ThrowReport("42601", "cannot insert multiple commands into a prepared statement");
  auto prepared = std::make_shared<PreparedCommand>();
  prepared->declared = message.parameter_types;
  if (!commands.empty()) {
    prepared->command = std::move(commands[0]);
    Prepare(*connection_->context, *prepared, message.statement.empty());
  }
  prepared_[std::string(message.statement)] = std::move(prepared);
  EndStatement();
  wire::AppendParseComplete(out_);
}

void Session::Bind(const wire::BindMessage& message) {
  auto found = prepared_.find(message.statement);
  if (found == prepared_.end()) FindPrepared(message.statement);
  std::shared_ptr<PreparedCommand> prepared = found->second;
  size_t expected = std::max(prepared->parameter_count, prepared->declared.size());
  if (message.parameters.size() != expected) {
    ThrowReport("08P01", fmt::format("bind message supplies {} parameters, but prepared statement \"{}\" requires {}",
                                     message.parameters.size(), message.statement, expected));
  }
  if (!message.portal.empty() && portals_.contains(message.portal)) {
    ThrowReport("42P03", fmt::format("portal \"{}\" already exists", message.portal));
  }
  ThrowIfError(wire::CheckText(message.portal));
  portals_.erase("");
  if (prepared->parameter_count > 0) ReleaseConnection();
  Portal portal;
  portal.values = BindValues(*connection_->context, *prepared, message);
  portal.prepared = std::move(prepared);
  portal.result_formats = message.result_formats;
  portals_.insert_or_assign(std::string(message.portal), std::move(portal));
  wire::AppendBindComplete(out_);
}

void Session::Describe(const wire::NamedMessage& message) {
  if (message.kind == wire::NamedMessage::Kind::kStatement) {
    DescribeStatement(FindPrepared(message.name));
  } else {
    DescribePortal(FindPortal(message.name));
  }
}

void Session::DescribeStatement(PreparedCommand& prepared) {
  wire::AppendParameterDescription(out_, ParameterOids(prepared));
  if (!prepared.plan || !prepared.command->has_result_rows()) return wire::AppendNoData(out_);
  auto* plan = prepared.plan.get();
  duckdb::unique_ptr<duckdb::PreparedStatement> described;
  if (!plan->data->properties.bound_all_parameters) {
    ReleaseConnection();
    described = PlanForDescription(*connection_->context, prepared);
    plan = described.get();
  }
  if (plan == nullptr || plan->GetStatementProperties().return_type != duckdb::StatementReturnType::QUERY_RESULT) {
    return wire::AppendNoData(out_);
  }
  SendRowDescription(plan->GetNames(), plan->GetTypes(),
                     std::vector<wire::Format>(plan->GetTypes().size(), wire::Format::kText));
}

void Session::DescribePortal(Portal& portal) {
  PreparedCommand& prepared = *portal.prepared;
  if (!prepared.plan || !prepared.command->has_result_rows()) return wire::AppendNoData(out_);
  // Columns that depend on the values are only known once the statement is planned with them, which starts it.
  bool start = !portal.execution && !PlanFits(prepared, portal.values);
  if (start) StartPortal(portal);
  auto& names = portal.execution ? portal.execution->names() : prepared.plan->GetNames();
  auto& types = portal.execution ? portal.execution->types() : prepared.plan->GetTypes();
  auto return_type =
      portal.execution ? portal.execution->return_type() : prepared.plan->GetStatementProperties().return_type;
  if (return_type != duckdb::StatementReturnType::QUERY_RESULT) return wire::AppendNoData(out_);
  SendRowDescription(names, types, ColumnFormats(portal.result_formats, types.size()));
}

void Session::StartPortal(Portal& portal) {
  PreparedCommand& prepared = *portal.prepared;
  if (!prepared.casts.empty()) {
    portal.execution = Execute(StatementWith(prepared, portal.values));
    return;
  }
  if (!prepared.plan) {
    portal.execution = Execute(prepared.command->statement->Copy());
    return;
  }
  ReleaseConnection();
  if (!statement_running_) BeginStatement(prepared.command->query);
  portal.execution = Execute(prepared.plan, portal.values);
}

void Session::ExecutePortal(const wire::ExecuteMessage& message) {
  Portal& portal = FindPortal(message.portal);
  PreparedCommand& prepared = *portal.prepared;
  if (!prepared.command) return wire::AppendEmptyQueryResponse(out_);
  Command& command = *prepared.command;
  BeginStatement(command.query);
  if (RunSettingCommand(command)) {
    wire::AppendCommandComplete(out_, RowlessTag(command));
    return EndStatement();
  }
  if (command.kind == Command::Kind::kCopyIn) {
    copy_in_simple_ = false;
    return StartCopyIn(command);
  }
  if (!prepared.plan && !prepared.planned_late) {
    Command once;
    once.statement = command.statement->Copy();
    RunStatement(once);
    portal.is_complete = true;
    return EndStatement();
  }
  if (portal.is_complete) {
    wire::AppendCommandComplete(out_, CommandTag(command.statement->type, 0));
    return EndStatement();
  }
  if (!portal.execution) StartPortal(portal);
  if (command.kind == Command::Kind::kCopyOut) {
    SendCopyOut(*portal.execution, command);
    portal.is_complete = true;
  } else if (portal.execution->return_type() == duckdb::StatementReturnType::QUERY_RESULT) {
    SendRows(portal, message.max_rows > 0 ? static_cast<size_t>(message.max_rows) : 0);
  } else {
    int64_t rows = DrainChangedRows(*portal.execution);
    portal.is_complete = true;
    wire::AppendCommandComplete(out_, CommandTag(portal.execution->statement_type(), rows));
  }
  EndStatement();
}

/// Sends up to max_rows rows (0: all): CommandComplete when there are no more, else PortalSuspended.
void Session::SendRows(Portal& portal, size_t max_rows) {
  Execution& execution = *portal.execution;
  if (!portal.encoder) {
    portal.encoder = std::make_unique<ResultEncoder>(*connection_->context, execution.types(),
                                                     ColumnFormats(portal.result_formats, execution.types().size()),
                                                     Framing::kDataRow);
  }
  size_t sent = 0;
  for (;;) {
    if (portal.encoder->chunk_done()) {
      duckdb::DataChunk* chunk = execution.Next();
      if (chunk == nullptr) break;
      portal.encoder->Begin(*chunk);
    }
    if (max_rows > 0 && sent == max_rows) return wire::AppendPortalSuspended(out_);
    sent += portal.encoder->Next(out_, kBatchBytes, max_rows == 0 ? 0 : max_rows - sent);
    FlushRows();
  }
  portal.is_complete = true;
  wire::AppendCommandComplete(out_, CommandTag(execution.statement_type(), static_cast<int64_t>(sent)));
}

void Session::Close(const wire::NamedMessage& message) {
  if (message.kind == wire::NamedMessage::Kind::kStatement) {
    if (auto found = prepared_.find(message.name); found != prepared_.end()) prepared_.erase(found);
  } else if (auto found = portals_.find(message.name); found != portals_.end()) {
    portals_.erase(found);
  }
  wire::AppendCloseComplete(out_);
}

void Session::Sync() {
  EndStatement();
  // Outside a transaction block a portal lives until here.
  if (connection_->context->transaction.IsAutoCommit()) ClosePortals();
  SendReady();
}

}  // namespace lake::server
