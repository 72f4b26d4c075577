// One client, from its first byte to its last: the state machine of the protocol, on a thread of its own.
//
// The session owns the DuckDB connection, its named statements and its portals. Everything that can fail throws
// (DuckDB's way); one place catches (Handle), answers ErrorResponse and goes to the state in which the protocol
// continues. Only the end of the connection leaves Run().
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/engine/execution.h"
#include "server/engine/lake_exception.h"
#include "server/engine/result_encoder.h"
#include "server/lake/row_writer.h"
#include "server/listener/watcher.h"
#include "server/session/client_socket.h"
#include "server/session/command.h"
#include "server/session/prepared.h"
#include "server/session/session_settings.h"
#include "wire/backend.h"
#include "wire/frontend.h"

namespace duckdb {
class Connection;
}

namespace lake::server {

class Database;

/// What all sessions share.
struct ServerContext {
  Database& database;
  SessionRegistry& sessions;
  Watcher& watcher;
  Admission& admission;
  int max_clients = 0;
  bool log_queries = false;
  /// How many sessions are past their start-up packet.
  std::atomic<int> started{0};
};

class Session {
 public:
  /// Takes the socket over.
  Session(ServerContext& server, int fd);
  ~Session();

  /// Serves the client until it leaves, breaks the protocol, or the server ends.
  void Run();

 private:
  enum class State {
    kStartup,     // nothing accepted but start-up packets; no DuckDB connection yet
    kIdle,        // ReadyForQuery was sent and nothing has come since
    kExtended,    // extended-protocol messages have come since; Sync ends it
    kCopyIn,      // CopyInResponse was sent: rows go to copy_in_, until CopyDone or CopyFail
    kSkipToSync,  // an extended-protocol message failed: everything up to Sync is dropped
    kClosed,      // nothing more is read; what is buffered is sent as far as it goes
  };

  // session.cpp: start, messages, errors
  void Startup();
  void AcceptStartup(const wire::Startup& startup);
  void Start(const wire::Startup& startup);
  std::optional<wire::Message> ReadMessage();
  void Handle(const wire::Message& message);
  void Dispatch(const wire::Message& message);
  void ReportError(const Report& report, std::string_view severity = "ERROR");
  void Fatal(const char* sqlstate, const std::string& message);
  void SendReady();
  bool Flush();
  void FlushRows();
  wire::TransactionStatus transaction_status() const;
  void CheckEngine();

  // simple_query.cpp
  void SimpleQuery(std::string_view text);
  void ContinueCommands();
  void RunCommand(Command& command);
  void RunStatement(Command& command);
  bool RunSettingCommand(Command& command);
  void ReportTimeZone();
  std::string_view RowlessTag(const Command& command) const;

  // result rows, both protocols (simple_query.cpp)
  void SendRowDescription(const duckdb::vector<std::string>& names, const duckdb::vector<duckdb::LogicalType>& types,
                          const std::vector<wire::Format>& formats);
  void SendCopyOut(Execution& execution, const Command& command);
  int64_t DrainChangedRows(Execution& execution);
  std::unique_ptr<Execution> Execute(duckdb::unique_ptr<duckdb::SQLStatement> statement);
  std::unique_ptr<Execution> Execute(std::shared_ptr<duckdb::PreparedStatement> plan,
                                     duckdb::case_insensitive_map_t<duckdb::BoundParameterData> values);
  void BeginStatement(std::string_view query);
  void EndStatement();
  /// Makes the DuckDB connection free for another statement.
  void ReleaseConnection();

  // copy_in.cpp
  void StartCopyIn(const Command& command);
  void CopyInMessage(const wire::Message& message);
  void FinishCopyIn();
  void LeaveCopyIn();

  // extended_query.cpp
  void ParseStatement(const wire::ParseMessage& message);
  void Bind(const wire::BindMessage& message);
  void Describe(const wire::NamedMessage& message);
  void Close(const wire::NamedMessage& message);
  void ExecutePortal(const wire::ExecuteMessage& message);
  void Sync();
  void DescribeStatement(PreparedCommand& prepared);
  void DescribePortal(Portal& portal);
  void SendRows(Portal& portal, size_t max_rows);
  void StartPortal(Portal& portal);
  PreparedCommand& FindPrepared(std::string_view name);
  Portal& FindPortal(std::string_view name);
  void ClosePortals();

  ServerContext& server_;
  std::shared_ptr<SessionControl> control_;
  Turn turn_;
  ClientSocket socket_;
  State state_ = State::kStartup;
  wire::MessageReader reader_;
  wire::OutBuffer out_;
  SessionSettings settings_;
  std::string time_zone_ = "UTC";      // as the client knows it
  std::unique_ptr<Database> limited_;  // of a session with a memory limit of its own; else none
  std::unique_ptr<duckdb::Connection> connection_;
  bool started_ = false;            // counted in server_.started
  bool statement_running_ = false;  // between BeginStatement and EndStatement
  bool has_deadline_ = false;       // the watcher knows of a timeout of the running statement

  // A simple query that a COPY FROM STDIN interrupts goes on where it stopped.
  std::vector<Command> commands_;
  size_t next_command_ = 0;
  bool copy_in_simple_ = false;  // the COPY came by the simple protocol

  std::unique_ptr<RowWriter> copy_in_;
  std::map<std::string, std::shared_ptr<PreparedCommand>, std::less<>> prepared_;
  std::map<std::string, Portal, std::less<>> portals_;
};

}  // namespace lake::server
