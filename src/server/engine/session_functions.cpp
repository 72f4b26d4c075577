#include "server/engine/session_functions.h"

#include <thread>

#include "duckdb/function/scalar_function.hpp"
#include "duckdb/function/table_function.hpp"
#include "duckdb/main/client_context.hpp"
#include "duckdb/main/client_context_state.hpp"
#include "duckdb/main/database.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "server/engine/version.h"
#include "server/listener/session_registry.h"

namespace lake::server {

namespace {

using duckdb::ClientContext;
using duckdb::DataChunk;
using duckdb::LogicalType;
using duckdb::ScalarFunction;
using duckdb::TableFunction;
using duckdb::Value;

constexpr const char* kStateKey = "pg_lake_session";

struct SessionState : duckdb::ClientContextState {
  explicit SessionState(uint32_t id) : id(id) {}
  uint32_t id;
};

void ConnectionId(DataChunk&, duckdb::ExpressionState& state, duckdb::Vector& result) {
  auto session = state.GetContext().registered_state->Get<SessionState>(kStateKey);
  result.Reference(session ? Value::BIGINT(session->id) : Value(LogicalType::BIGINT));
}

void Version(DataChunk&, duckdb::ExpressionState&, duckdb::Vector& result) { result.Reference(Value(kVersionText)); }

/// Sleeps in slices short enough for a cancel to be noticed.
void Sleep(DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  auto& context = state.GetContext();
  duckdb::UnaryExecutor::Execute<double, bool>(arguments.data[0], result, arguments.size(), [&](double seconds) {
    using Clock = std::chrono::steady_clock;
    if (!(seconds >= 0 && seconds <= 1e9)) throw duckdb::InvalidInputException("cannot sleep for %f seconds", seconds);
    auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    while (Clock::now() < end) {
      if (context.IsInterrupted()) throw duckdb::InterruptException();
      std::this_thread::sleep_for(std::min<Clock::duration>(end - Clock::now(), std::chrono::milliseconds(10)));
    }
    return true;
  });
}

struct RegistryInfo : duckdb::TableFunctionInfo {
  explicit RegistryInfo(SessionRegistry& sessions) : sessions(sessions) {}
  SessionRegistry& sessions;
};

/// Rows made when the scan starts: few, and all of the same moment.
struct RowsState : duckdb::GlobalTableFunctionState {
  std::vector<std::vector<Value>> rows;
  size_t next = 0;
};

void ScanRows(ClientContext&, duckdb::TableFunctionInput& input, DataChunk& output) {
  auto& state = input.global_state->Cast<RowsState>();
  duckdb::idx_t count = 0;
  for (; state.next < state.rows.size() && count < STANDARD_VECTOR_SIZE; ++state.next, ++count) {
    for (size_t i = 0; i < state.rows[state.next].size(); ++i) output.SetValue(i, count, state.rows[state.next][i]);
  }
  output.SetCardinality(count);
}

struct BindInfo : duckdb::FunctionData {
  BindInfo(SessionRegistry& sessions, Value argument) : sessions(sessions), argument(std::move(argument)) {}
  duckdb::unique_ptr<FunctionData> Copy() const override { return duckdb::make_uniq<BindInfo>(sessions, argument); }
  bool Equals(const FunctionData& other) const override { return this == &other; }
  SessionRegistry& sessions;
  Value argument;
};

duckdb::unique_ptr<duckdb::FunctionData> MakeBindInfo(duckdb::TableFunctionBindInput& input) {
  Value argument = input.inputs.empty() ? Value() : input.inputs[0];
  return duckdb::make_uniq<BindInfo>(input.info->Cast<RegistryInfo>().sessions, argument);
}

Value StartOf(const SessionControl::Activity& activity) {
  auto micros = std::chrono::duration_cast<std::chrono::microseconds>(activity.start->time_since_epoch()).count();
  return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(duckdb::timestamp_t(micros)));
}

duckdb::unique_ptr<duckdb::FunctionData> BindActivity(ClientContext&, duckdb::TableFunctionBindInput& input,
                                                      duckdb::vector<LogicalType>& types,
                                                      duckdb::vector<std::string>& names) {
  types = {LogicalType::BIGINT, LogicalType::VARCHAR, LogicalType::TIMESTAMP_TZ};
  names = {"connection_id", "query", "query_start"};
  return MakeBindInfo(input);
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> InitActivity(ClientContext&,
                                                                  duckdb::TableFunctionInitInput& input) {
  auto state = duckdb::make_uniq<RowsState>();
  for (auto& session : input.bind_data->Cast<BindInfo>().sessions.All()) {
    auto activity = session->activity();
    if (!activity.active) continue;
    state->rows.push_back({Value::BIGINT(activity.id), Value(activity.query), StartOf(activity)});
  }
  return std::move(state);
}

duckdb::unique_ptr<duckdb::FunctionData> BindProgress(ClientContext&, duckdb::TableFunctionBindInput& input,
                                                      duckdb::vector<LogicalType>& types,
                                                      duckdb::vector<std::string>& names) {
  types = {LogicalType::DOUBLE, LogicalType::BIGINT, LogicalType::BIGINT};
  names = {"percentage", "rows_processed", "total_rows_to_process"};
  return MakeBindInfo(input);
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> InitProgress(ClientContext&,
                                                                  duckdb::TableFunctionInitInput& input) {
  auto state = duckdb::make_uniq<RowsState>();
  auto& bind = input.bind_data->Cast<BindInfo>();
  if (bind.argument.IsNull()) return std::move(state);
  auto session = bind.sessions.Find(static_cast<uint32_t>(bind.argument.GetValue<int64_t>()));
  if (!session) return std::move(state);
  auto activity = session->activity();
  state->rows.push_back({Value::DOUBLE(activity.progress), Value::BIGINT(static_cast<int64_t>(activity.rows_processed)),
                         Value::BIGINT(static_cast<int64_t>(activity.rows_total))});
  return std::move(state);
}

duckdb::unique_ptr<duckdb::FunctionData> BindStatProgress(ClientContext&, duckdb::TableFunctionBindInput& input,
                                                          duckdb::vector<LogicalType>& types,
                                                          duckdb::vector<std::string>& names) {
  types = {LogicalType::VARCHAR, LogicalType::BIGINT, LogicalType::TIMESTAMP_TZ, LogicalType::BOOLEAN,
           LogicalType::DOUBLE,  LogicalType::BIGINT, LogicalType::BIGINT};
  names = {"application_name", "connection_id",  "query_start",          "waiting",
           "percentage",       "rows_processed", "total_rows_to_process"};
  return MakeBindInfo(input);
}

/// NULL for what DuckDB does not know (yet).
duckdb::unique_ptr<duckdb::GlobalTableFunctionState> InitStatProgress(ClientContext&,
                                                                      duckdb::TableFunctionInitInput& input) {
  auto state = duckdb::make_uniq<RowsState>();
  for (auto& session : input.bind_data->Cast<BindInfo>().sessions.All()) {
    auto activity = session->activity();
    if (!activity.active) continue;
    bool known = activity.progress >= 0;
    auto number = [&](uint64_t value) {
      return known ? Value::BIGINT(static_cast<int64_t>(value)) : Value(LogicalType::BIGINT);
    };
    state->rows.push_back({Value(activity.application), Value::BIGINT(activity.id), StartOf(activity),
                           Value::BOOLEAN(activity.waiting),
                           known ? Value::DOUBLE(activity.progress) : Value(LogicalType::DOUBLE),
                           number(activity.rows_processed), number(activity.rows_total)});
  }
  return std::move(state);
}

TableFunction MakeTableFunction(const char* name, duckdb::vector<LogicalType> arguments,
                                duckdb::table_function_bind_t bind, duckdb::table_function_init_global_t init,
                                SessionRegistry& sessions) {
  TableFunction function(name, std::move(arguments), ScanRows, bind, init);
  function.function_info = duckdb::make_shared_ptr<RegistryInfo>(sessions);
  return function;
}

}  // namespace

void SetConnectionId(ClientContext& context, uint32_t id) {
  context.registered_state->Insert(kStateKey, duckdb::make_shared_ptr<SessionState>(id));
}

void RegisterSessionFunctions(duckdb::DatabaseInstance& db, SessionRegistry& sessions) {
  duckdb::ExtensionLoader loader(db, "pg_lake_session");
  ScalarFunction id("pg_lake_connection_id", {}, LogicalType::BIGINT, ConnectionId);
  id.SetStability(duckdb::FunctionStability::VOLATILE);
  loader.RegisterFunction(id);
  ScalarFunction sleep("pg_lake_sleep", {LogicalType::DOUBLE}, LogicalType::BOOLEAN, Sleep);
  sleep.SetStability(duckdb::FunctionStability::VOLATILE);
  loader.RegisterFunction(sleep);
  loader.RegisterFunction(ScalarFunction("lake_version", {}, LogicalType::VARCHAR, Version));
  loader.RegisterFunction(MakeTableFunction("pg_lake_stat_activity", {}, BindActivity, InitActivity, sessions));
  loader.RegisterFunction(MakeTableFunction("pg_lake_stat_progress", {}, BindStatProgress, InitStatProgress, sessions));
  loader.RegisterFunction(
      MakeTableFunction("pg_lake_query_progress", {LogicalType::BIGINT}, BindProgress, InitProgress, sessions));
}

}  // namespace lake::server
