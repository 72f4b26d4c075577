#include "server/session/session.h"
#include "server/engine/version.h"

#include <spdlog/spdlog.h>

#include <cstdlib>

#include "duckdb/common/error_data.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/connection.hpp"
#include "duckdb/main/valid_checker.hpp"
#include "duckdb/transaction/meta_transaction.hpp"
#include "server/engine/database.h"
#include "server/engine/session_functions.h"

namespace lake::server {

namespace {
constexpr int kStartupTimeoutMs = 60'000;
constexpr size_t kKeepOutBytes = 1024 * 1024;
constexpr size_t kFlushBytes = 64 * 1024;

/// The body of a message whose frame is right: a malformed one fails the statement, not the connection.
template <typename T>
T Parsed(Result<T> body) {
  if (!body.ok()) ThrowReport("08P01", body.error().message());
  return std::move(body).value();
}

}  // namespace

Session::Session(ServerContext& server, int fd)
    : server_(server),
      control_(server.sessions.Add()),
      turn_(server.admission, *control_),
      socket_(fd, *control_, [this] { turn_.Release(); }) {
  server_.watcher.Watch(*control_, fd);
}

Session::~Session() {
  copy_in_.reset();
  ClosePortals();
  prepared_.clear();
  control_->Attach(nullptr);
  connection_.reset();
  limited_.reset();
  server_.sessions.Remove(*control_);
  server_.watcher.ClearDeadline(*control_);
  if (started_) --server_.started;
}

void Session::Run() {
  try {
    Startup();
    while (state_ != State::kClosed) {
      std::optional<wire::Message> message = ReadMessage();
      if (!message) break;
      Handle(*message);
    }
  } catch (const std::exception& exception) {
    spdlog::error("session {} ended: {}", control_->id(), exception.what());
  }
  Flush();
}

void Session::Startup() {
  while (state_ == State::kStartup) {
    auto packet = reader_.NextStartup();
    if (!packet.ok()) return Fatal("08P01", packet.error().message());
    if (*packet) {
      auto startup = wire::ParseStartup(**packet);
      if (!startup.ok()) {
        return Fatal(startup.error().kind() == ErrorKind::kUnsupported ? "0A000" : "08P01", startup.error().message());
      }
      AcceptStartup(*startup);
      continue;
    }
    if (socket_.WaitReadable(kStartupTimeoutMs, false) != ClientSocket::Wait::kReadable) {
      state_ = State::kClosed;
      return;
    }
    auto [at, room] = reader_.Room();
    size_t count = socket_.Receive(at, room);
    reader_.Received(count);
    if (count == 0) state_ = State::kClosed;
  }
}

void Session::AcceptStartup(const wire::Startup& startup) {
  switch (startup.kind) {
    case wire::Startup::Kind::kSslRequest:
    case wire::Startup::Kind::kGssRequest:
      out_.AppendByte('N');
      Flush();
      return;
    case wire::Startup::Kind::kCancel:
      server_.sessions.Cancel(startup.process_id, startup.secret_key);
      state_ = State::kClosed;
      return;
    case wire::Startup::Kind::kSession: try { Start(startup);
      } catch (const std::exception& exception) {
        Report report = ReportOf(duckdb::ErrorData(exception));
        Fatal(report.sqlstate.c_str(), report.message);
      }
      return;
  }
}

void Session::Start(const wire::Startup& startup) {
  started_ = true;
  if (++server_.started > server_.max_clients) {
    spdlog::warn("A new client rejected as it exceeds {} clients", server_.max_clients);
    return Fatal("53300", "sorry, too many clients already");
  }
  std::vector<std::string_view> unknown;
  for (auto& [name, value] : startup.parameters) {
    if (name.starts_with("_pq_.")) unknown.push_back(name);
    if (SessionSettings::Knows(name)) ThrowIfError(settings_.Set(name, value));
    if (name != "options") continue;
    for (auto& [option, option_value] : ValueOrThrow(wire::ParseOptions(value))) {
      if (SessionSettings::Knows(option)) ThrowIfError(settings_.Set(option, option_value));
    }
  }
  settings_.Started();
  if (startup.version != wire::kProtocolVersion3 || !unknown.empty())
    wire::AppendNegotiateProtocolVersion(out_, unknown);
  if (std::string limit = settings_.Get("query_memory_limit"); limit != "0") {
    limited_ = ValueOrThrow(server_.database.WithLimit(limit));
    turn_.SetLimit(limited_->MemoryLimitBytes());
  }
  connection_ = (limited_ ? *limited_ : server_.database).Connect();
  SetConnectionId(*connection_->context, control_->id());
  control_->Attach(connection_->context.get());
  control_->SetApplication(std::string(settings_.Get("application_name")));
  wire::AppendAuthenticationOk(out_);
  for (const char* name : {"server_version", "server_encoding", "client_encoding", "application_name", "is_superuser",
                           "session_authorization", "integer_datetimes", "standard_conforming_strings"}) {
    wire::AppendParameterStatus(out_, name, settings_.Get(name));
  }
  wire::AppendParameterStatus(out_, "DateStyle", settings_.Get("datestyle"));
  wire::AppendParameterStatus(out_, "IntervalStyle", settings_.Get("intervalstyle"));
  wire::AppendParameterStatus(out_, "extra_float_digits", settings_.Get("extra_float_digits"));
  wire::AppendParameterStatus(out_, "TimeZone", "UTC");
  wire::AppendParameterStatus(out_, "pg_lake_link", kLinkVersion);
  wire::AppendBackendKeyData(out_, control_->id(), control_->key());
  SendReady();
}

/// nullopt when the session is over.
std::optional<wire::Message> Session::ReadMessage() {
  for (;;) {
    auto message = reader_.Next();
    if (!message.ok()) {
      Fatal("08P01", message.error().message());
      return std::nullopt;
    }
    if (*message) return *message;
    bool copying = state_ == State::kCopyIn;
    if (socket_.WaitReadable(-1, copying) == ClientSocket::Wait::kInterrupted) {
      if (control_->reason() == InterruptReason::kShutdown) {
        Fatal("57P01", "terminating connection due to administrator command");
      }
      if (control_->must_end()) return std::nullopt;
      // A cancelled COPY FROM STDIN: the rows that still come are dropped, as PostgreSQL does.
      try {
        ThrowInterrupted(control_->reason());
      } catch (const std::exception& exception) {
        LeaveCopyIn();
        ReportError(ReportOf(duckdb::ErrorData(exception)));
      }
      continue;
    }
    auto [at, room] = reader_.Room();
    size_t count = socket_.Receive(at, room);
    if (count == 0) return std::nullopt;
    reader_.Received(count);
  }
}

/// The one place where the errors of statements end.
void Session::Handle(const wire::Message& message) {
  try {
    Dispatch(message);
  } catch (const std::bad_alloc&) {
    ReportError({"53200", "out of memory", "", ""});
  } catch (const std::exception& exception) {
    ReportError(ReportOf(duckdb::ErrorData(exception)));
    CheckEngine();
  }
}

void Session::Dispatch(const wire::Message& message) {
  if (message.type == 'X') {
    state_ = State::kClosed;
    return;
  }
  if (state_ == State::kCopyIn) return CopyInMessage(message);
  if (state_ == State::kSkipToSync && message.type != 'S') return;
  switch (message.type) {
    case 'Q': return SimpleQuery(Parsed(wire::ParseString(message.body)));
    case 'P': state_ = State::kExtended; return ParseStatement(Parsed(wire::ParseParse(message.body)));
    case 'B': state_ = State::kExtended; return Bind(Parsed(wire::ParseBind(message.body)));
    case 'D': state_ = State::kExtended; return Describe(Parsed(wire::ParseNamed(message.body)));
    case 'C': state_ = State::kExtended; return Close(Parsed(wire::ParseNamed(message.body)));
    case 'E': state_ = State::kExtended; return ExecutePortal(Parsed(wire::ParseExecute(message.body)));
    case 'H': Flush(); return;
    case 'S': return Sync();
    case 'd':
    case 'c':
    case 'f': return;  // what is left of a COPY that failed
    case 'F': ReportError({"0A000", "function calls of the protocol are not supported: use SELECT", "", ""}); return;
    default: Fatal("08P01", fmt::format("invalid frontend message type {}", static_cast<int>(message.type)));
  }
}

/// Ends what was running, answers, and goes to where the protocol continues after an error.
void Session::ReportError(const Report& report, std::string_view severity) {
  EndStatement();
  wire::AppendErrorResponse(out_, {severity, report.sqlstate, report.message, report.detail, report.hint});
  if (server_.log_queries) spdlog::info("session {}: error {}: {}", control_->id(), report.sqlstate, report.message);
  commands_.clear();
  if (state_ == State::kExtended) {
    state_ = State::kSkipToSync;
    Flush();  // the client may wait for it before it sends Sync
  } else if (state_ == State::kIdle) {
    SendReady();
  }
}

void Session::Fatal(const char* sqlstate, const std::string& message) {
  wire::AppendErrorResponse(out_, {"FATAL", sqlstate, message, "", ""});
  state_ = State::kClosed;
}

void Session::SendReady() {
  state_ = State::kIdle;
  wire::AppendReadyForQuery(out_, transaction_status());
  Flush();
}

bool Session::Flush() {
  bool sent = out_.empty() || socket_.Send(out_.view());
  out_.Release(kKeepOutBytes);
  if (!sent) state_ = State::kClosed;
  return sent;
}

/// Between rows: a client that is gone, or that never reads again while the server ends, stops the statement.
void Session::FlushRows() {
  if (out_.size() >= kFlushBytes && !Flush()) ThrowInterrupted(InterruptReason::kDisconnect);
}

wire::TransactionStatus Session::transaction_status() const {
  auto& transaction = connection_->context->transaction;
  if (transaction.IsAutoCommit() || !transaction.HasActiveTransaction()) {
    return transaction.IsAutoCommit() ? wire::TransactionStatus::kIdle : wire::TransactionStatus::kInTransaction;
  }
  bool failed = duckdb::ValidChecker::IsInvalidated(transaction.ActiveTransaction());
  return failed ? wire::TransactionStatus::kFailed : wire::TransactionStatus::kInTransaction;
}

/// After a fatal error of the engine every statement fails until the process is new: say so and let the supervisor
/// start it.
void Session::CheckEngine() {
  std::string reason;
  if (limited_ && limited_->IsInvalidated(reason)) return Fatal("58000", reason);
  if (!server_.database.IsInvalidated(reason)) return;
  Flush();
  spdlog::critical("the query engine cannot go on, pgduck_server exits: {}", reason);
  spdlog::shutdown();
  std::_Exit(EXIT_FAILURE);
}

}  // namespace lake::server
