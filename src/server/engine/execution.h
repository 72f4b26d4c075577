// One statement on its way through DuckDB: planned, run, and its rows fetched chunk by chunk. Nothing is materialised,
// unless somebody needs the connection for another statement while this one's portal is suspended: then Spool() keeps
// the rest.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "duckdb/main/pending_query_result.hpp"
#include "duckdb/main/query_result.hpp"
#include "server/engine/admission.h"
#include "server/listener/session_registry.h"

namespace lake::server {

/// How a statement is started.
struct Launch {
  std::function<duckdb::unique_ptr<duckdb::PendingQueryResult>()> start;
  bool needs_turn = false;
  std::function<void()> forget;  // what an execution has left in the plan: memory; empty: nothing
  bool may_repeat = false;  // it changes nothing: when it runs out of memory before its first row it is started again
};

class Execution {
 public:
  /// Waits for the statement's turn, if it needs one. Throws the error of a statement that could not be planned.
  Execution(Launch launch, duckdb::ClientContext& context, SessionControl& control, Turn& turn);
  ~Execution();
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;

  const duckdb::vector<duckdb::LogicalType>& types() const { return types_; }
  const duckdb::vector<std::string>& names() const { return names_; }
  duckdb::StatementType statement_type() const { return statement_type_; }
  duckdb::StatementReturnType return_type() const { return return_type_; }

  /// The next rows; null at the end, which for statements without rows is where they have run. Throws on errors, and
  /// when the statement was interrupted. The chunk lives until the next call.
  duckdb::DataChunk* Next();

  /// Takes all rows that are left out of DuckDB's stream, into memory that the engine limits and spills. The chunk of
  /// the last Next() stays valid.
  void Spool();
  bool is_done() const { return done_; }
  /// Whether DuckDB's connection is busy with this statement: another one would cut it off.
  bool holds_connection() const { return !done_ && !spool_; }

 private:
  void Start();
  duckdb::ErrorData RunUntilReady();
  duckdb::ErrorData FetchChunk();
  duckdb::ErrorData RepeatAlone(duckdb::ErrorData error);
  void Finish();
  duckdb::DataChunk* Fetch();
  [[noreturn]] void Fail(duckdb::ErrorData error);

  duckdb::ClientContext& context_;
  SessionControl& control_;
  Turn& turn_;
  Launch launch_;
  duckdb::unique_ptr<duckdb::PendingQueryResult> pending_;
  duckdb::unique_ptr<duckdb::QueryResult> result_;
  duckdb::unique_ptr<duckdb::DataChunk> chunk_;
  duckdb::unique_ptr<duckdb::DataChunk> last_chunk_;  // after Spool(): the chunk that is still being sent
  std::unique_ptr<duckdb::ColumnDataCollection> spool_;
  duckdb::ColumnDataScanState spool_scan_;
  duckdb::vector<duckdb::LogicalType> types_;
  duckdb::vector<std::string> names_;
  duckdb::StatementType statement_type_;
  duckdb::StatementReturnType return_type_;
  bool done_ = false;
  bool counted_ = false;  // among the statements that have memory
};

/// Throws the error of an interrupted statement: cancelled, timed out, or the session's end.
[[noreturn]] void ThrowInterrupted(InterruptReason reason);

}  // namespace lake::server
