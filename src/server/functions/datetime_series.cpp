// generate_series over timestamps: pg_generate_series(start, stop, step [, zone rules]).
#include "duckdb/function/function_set.hpp"
#include "duckdb/function/table_function.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "server/engine/lake_exception.h"
#include "server/functions/datetime_arithmetic.h"
#include "server/functions/datetime_functions.h"
#include "server/functions/interval_arithmetic.h"

namespace lake::server {

namespace {

using duckdb::LogicalType;

struct SeriesBind : public duckdb::TableFunctionData {
  bool is_empty = false;  // an argument is NULL
  int64_t start = 0;
  int64_t stop = 0;
  interval_t step{};
  bool is_ascending = true;
  std::shared_ptr<const TimeZone> zone;  // null: of timestamps without a zone
};

struct SeriesState : public duckdb::GlobalTableFunctionState {
  int64_t next = 0;
  bool has_next = false;
  ZoneCursor zone;
};

duckdb::unique_ptr<duckdb::FunctionData> Bind(duckdb::ClientContext&, duckdb::TableFunctionBindInput& input,
                                              duckdb::vector<LogicalType>& types, duckdb::vector<std::string>& names) {
  types.push_back(input.table_function.arguments[0]);
  names.emplace_back("generate_series");
  auto bind = duckdb::make_uniq<SeriesBind>();
  for (const duckdb::Value& argument : input.inputs) bind->is_empty = bind->is_empty || argument.IsNull();
  if (bind->is_empty) return bind;
  bind->start = input.inputs[0].GetValueUnsafe<int64_t>();
  bind->stop = input.inputs[1].GetValueUnsafe<int64_t>();
  bind->step = input.inputs[2].GetValueUnsafe<interval_t>();
  if (input.inputs.size() > 3) bind->zone = TimeZone::Get(duckdb::StringValue::Get(input.inputs[3]));
  __int128 span = IntervalSpan(bind->step);
  bind->is_ascending = span > 0;
  if (span == 0) ThrowReport("22023", "step size cannot equal zero");
  return bind;
}

bool IsWithin(const SeriesBind& bind, int64_t micros) {
  return bind.is_ascending ? micros <= bind.stop : micros >= bind.stop;
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> Init(duckdb::ClientContext&,
                                                          duckdb::TableFunctionInitInput& input) {
  auto& bind = input.bind_data->Cast<SeriesBind>();
  auto state = duckdb::make_uniq<SeriesState>();
  state->next = bind.start;
  state->has_next = !bind.is_empty && IsWithin(bind, bind.start);
  state->zone = ZoneCursor(bind.zone);
  return state;
}

void Produce(duckdb::ClientContext&, duckdb::TableFunctionInput& input, duckdb::DataChunk& output) {
  auto& bind = input.bind_data->Cast<SeriesBind>();
  auto& state = input.global_state->Cast<SeriesState>();
  auto* values = duckdb::FlatVector::GetData<int64_t>(output.data[0]);
  duckdb::idx_t count = 0;
  for (; state.has_next && count < STANDARD_VECTOR_SIZE; ++count) {
    values[count] = state.next;
    state.next = bind.zone ? AddToInstant(state.next, bind.step, state.zone) : AddToTimestamp(state.next, bind.step);
    state.has_next = IsWithin(bind, state.next);
  }
  output.SetCardinality(count);
}

}  // namespace

void RegisterDatetimeSeries(duckdb::ExtensionLoader& loader) {
  const LogicalType& timestamp = LogicalType::TIMESTAMP;
  const LogicalType& instant = LogicalType::TIMESTAMP_TZ;
  const LogicalType& interval = LogicalType::INTERVAL;
  duckdb::TableFunctionSet series("pg_generate_series");
  series.AddFunction(duckdb::TableFunction({timestamp, timestamp, interval}, Produce, Bind, Init));
  series.AddFunction(duckdb::TableFunction({instant, instant, interval, LogicalType::VARCHAR}, Produce, Bind, Init));
  loader.RegisterFunction(series);
}

}  // namespace lake::server
