// See datetime_functions.h; the functions are those of interval_arithmetic.h, and the aggregates of intervals.
#include "server/functions/interval_arithmetic.h"

#include "duckdb/function/aggregate_function.hpp"
#include "server/engine/hugeint.h"
#include "server/engine/lake_exception.h"
#include "server/functions/datetime_functions.h"
#include "server/functions/vector_function.h"

namespace lake::server {

namespace {

using duckdb::AggregateFunction;
using duckdb::LogicalType;

duckdb::hugeint_t IntervalOrder(interval_t span) { return ToHugeint(IntervalSpan(span)); }

// ---------------------------------------------------------------- sum and avg

// Fields are summed without limits and must fit in the end. PostgreSQL looks after every row, in the order that rows
// come, which is not defined.
struct SumState {
  int64_t months;
  int64_t days;
  duckdb::hugeint_t micros;  // DuckDB aligns states to eight bytes, which is too little for __int128
  int64_t count;
};

template <typename T, typename Sum>
T NarrowField(const Sum& value) {
  if (value < Sum(std::numeric_limits<T>::min()) || value > Sum(std::numeric_limits<T>::max()))
    ThrowReport("22008", "interval out of range");
  return static_cast<T>(value);
}

interval_t SumOf(const SumState& state) {
  return {NarrowField<int32_t>(state.months), NarrowField<int32_t>(state.days), NarrowField<int64_t>(state.micros)};
}

struct SumOperation {
  template <class STATE>
  static void Initialize(STATE& state) {
    state = STATE{};
  }
  static bool IgnoreNull() { return true; }

  template <class INPUT, class STATE, class OP>
  static void ConstantOperation(STATE& state, const INPUT& input, duckdb::AggregateUnaryInput&, duckdb::idx_t count) {
    auto times = static_cast<int64_t>(count);
    state.months += times * input.months;
    state.days += times * input.days;
    state.micros += duckdb::hugeint_t(times) * duckdb::hugeint_t(input.micros);
    state.count += times;
  }
  template <class INPUT, class STATE, class OP>
  static void Operation(STATE& state, const INPUT& input, duckdb::AggregateUnaryInput& unary) {
    ConstantOperation<INPUT, STATE, OP>(state, input, unary, 1);
  }
  template <class STATE, class OP>
  static void Combine(const STATE& source, STATE& target, duckdb::AggregateInputData&) {
    target.months += source.months;
    target.days += source.days;
    target.micros += source.micros;
    target.count += source.count;
  }
  template <class T, class STATE>
  static void Finalize(STATE& state, T& target, duckdb::AggregateFinalizeData& finalize) {
    if (state.count == 0) {
      finalize.ReturnNull();
    } else {
      target = SumOf(state);
    }
  }
};

struct AverageOperation : SumOperation {
  template <class T, class STATE>
  static void Finalize(STATE& state, T& target, duckdb::AggregateFinalizeData& finalize) {
    if (state.count == 0) {
      finalize.ReturnNull();
    } else {
      target = DivideInterval(SumOf(state), static_cast<double>(state.count));
    }
  }
};

// ---------------------------------------------------------------- min and max

struct ExtremeState {
  interval_t value;
  bool is_set;
};

template <bool kMinimum>
struct ExtremeOperation {
  template <class STATE>
  static void Initialize(STATE& state) {
    state = STATE{};
  }
  static bool IgnoreNull() { return true; }

  static void Take(ExtremeState& state, const interval_t& value) {
    // of equal intervals that are written differently the last one, as in PostgreSQL
    __int128 difference = state.is_set ? IntervalSpan(value) - IntervalSpan(state.value) : 0;
    if (kMinimum ? difference <= 0 : difference >= 0) state = {value, true};
  }
  template <class INPUT, class STATE, class OP>
  static void Operation(STATE& state, const INPUT& input, duckdb::AggregateUnaryInput&) {
    Take(state, input);
  }
  template <class INPUT, class STATE, class OP>
  static void ConstantOperation(STATE& state, const INPUT& input, duckdb::AggregateUnaryInput&, duckdb::idx_t) {
    Take(state, input);
  }
  template <class STATE, class OP>
  static void Combine(const STATE& source, STATE& target, duckdb::AggregateInputData&) {
    if (source.is_set) Take(target, source.value);
  }
  template <class T, class STATE>
  static void Finalize(STATE& state, T& target, duckdb::AggregateFinalizeData& finalize) {
    if (state.is_set) {
      target = state.value;
    } else {
      finalize.ReturnNull();
    }
  }
};

template <class STATE, class OP>
void RegisterAggregate(duckdb::ExtensionLoader& loader, const char* name) {
  auto function = AggregateFunction::UnaryAggregate<STATE, interval_t, interval_t, OP>(LogicalType::INTERVAL,
                                                                                       LogicalType::INTERVAL);
  function.name = name;
  loader.RegisterFunction(function);
}

}  // namespace

void RegisterIntervalFunctions(duckdb::ExtensionLoader& loader) {
  const LogicalType& interval = LogicalType::INTERVAL;
  const LogicalType& integer = LogicalType::INTEGER;
  const LogicalType& number = LogicalType::DOUBLE;

  RegisterValueFunction<IntervalOrder>(loader, "pg_interval_order", {interval}, LogicalType::HUGEINT);
  RegisterValueFunction<NegateInterval>(loader, "pg_interval_negate", {interval}, interval);
  RegisterValueFunction<AddIntervals>(loader, "pg_interval_add", {interval, interval}, interval);
  RegisterValueFunction<SubtractIntervals>(loader, "pg_interval_subtract", {interval, interval}, interval);
  RegisterValueFunction<MultiplyInterval>(loader, "pg_interval_multiply", {interval, number}, interval);
  RegisterValueFunction<DivideInterval>(loader, "pg_interval_divide", {interval, number}, interval);
  RegisterValueFunction<JustifyHours>(loader, "pg_justify_hours", {interval}, interval);
  RegisterValueFunction<JustifyDays>(loader, "pg_justify_days", {interval}, interval);
  RegisterValueFunction<JustifyInterval>(loader, "pg_justify_interval", {interval}, interval);
  RegisterValueFunction<MakeInterval>(loader, "pg_make_interval",
                                      {integer, integer, integer, integer, integer, integer, number}, interval);
  RegisterAggregate<SumState, SumOperation>(loader, "pg_interval_sum");
  RegisterAggregate<SumState, AverageOperation>(loader, "pg_interval_avg");
  RegisterAggregate<ExtremeState, ExtremeOperation<true>>(loader, "pg_interval_min");
  RegisterAggregate<ExtremeState, ExtremeOperation<false>>(loader, "pg_interval_max");
}

}  // namespace lake::server
