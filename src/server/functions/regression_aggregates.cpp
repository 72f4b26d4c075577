// See statistic_aggregates.h. The steps, and what becomes of infinities, are those of PostgreSQL's float.c: the method
// of Youngs and Cramer keeps sums of squares of differences from the mean.
#include <cmath>
#include <limits>
#include <optional>

#include "duckdb/common/vector_operations/binary_executor.hpp"
#include "duckdb/function/aggregate_function.hpp"
#include "duckdb/function/scalar_function.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "server/engine/lake_exception.h"
#include "server/functions/statistic_aggregates.h"

namespace lake::server {

namespace {

using duckdb::AggregateFunction;
using duckdb::LogicalType;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

[[noreturn]] void ThrowOverflow() { ThrowReport("22003", "value out of range: overflow"); }

// ---------------------------------------------------------------- sums

/// Of one variable: its sum and that of the squared differences from the mean.
struct Moments {
  double sum;
  double squares;
};

bool IsInfinite(const Moments& moments) { return std::isinf(moments.sum) || std::isinf(moments.squares); }

struct State {
  double count;
  Moments x;
  Moments y;
  double products;
};

void AddFirst(Moments& moments, double value) {
  moments.sum = value;
  moments.squares = std::isfinite(value) ? 0.0 : kNaN;
}

void AddX(State& state, double x) {
  double before = state.count++;
  if (before == 0) {
    AddFirst(state.x, x);
    return;
  }
  double sum_before = state.x.sum;
  state.x.sum += x;
  double difference = x * state.count - state.x.sum;
  state.x.squares += difference * difference / (state.count * before);
  if (!IsInfinite(state.x)) return;
  if (!std::isinf(sum_before) && !std::isinf(x)) ThrowOverflow();
  state.x.squares = kNaN;
}

void AddPair(State& state, double y, double x) {
  double before = state.count++;
  if (before == 0) {
    AddFirst(state.x, x);
    AddFirst(state.y, y);
    state.products = std::isfinite(x) && std::isfinite(y) ? 0.0 : kNaN;
    return;
  }
  double x_before = state.x.sum;
  double y_before = state.y.sum;
  state.x.sum += x;
  state.y.sum += y;
  double x_difference = x * state.count - state.x.sum;
  double y_difference = y * state.count - state.y.sum;
  double scale = 1.0 / (state.count * before);
  state.x.squares += x_difference * x_difference * scale;
  state.y.squares += y_difference * y_difference * scale;
  state.products += x_difference * y_difference * scale;
  if (!IsInfinite(state.x) && !IsInfinite(state.y) && !std::isinf(state.products)) return;
  bool x_was_finite = !std::isinf(x_before) && !std::isinf(x);
  bool y_was_finite = !std::isinf(y_before) && !std::isinf(y);
  if ((IsInfinite(state.x) && x_was_finite) || (IsInfinite(state.y) && y_was_finite) ||
      (std::isinf(state.products) && x_was_finite && y_was_finite))
    ThrowOverflow();
  for (double* value : {&state.x.squares, &state.y.squares, &state.products}) {
    if (std::isinf(*value)) *value = kNaN;
  }
}

double CheckedSum(double left, double right) {
  double sum = left + right;
  if (std::isinf(sum) && !std::isinf(left) && !std::isinf(right)) ThrowOverflow();
  return sum;
}

double CombineProducts(double one, double other, double mean_products, double weight) {
  double result = one + other + weight * mean_products;
  if (std::isinf(result) && !std::isinf(one) && !std::isinf(other)) ThrowOverflow();
  return result;
}

void CombineStates(const State& source, State& target) {
  if (source.count == 0) return;
  if (target.count == 0) {
    target = source;
    return;
  }
  double x_means = target.x.sum / target.count - source.x.sum / source.count;
  double y_means = target.y.sum / target.count - source.y.sum / source.count;
  double weight = target.count * source.count / (target.count + source.count);
  target.count += source.count;
  target.x = {CheckedSum(target.x.sum, source.x.sum),
              CombineProducts(target.x.squares, source.x.squares, x_means * x_means, weight)};
  target.y = {CheckedSum(target.y.sum, source.y.sum),
              CombineProducts(target.y.squares, source.y.squares, y_means * y_means, weight)};
  target.products = CombineProducts(target.products, source.products, x_means * y_means, weight);
}

// ---------------------------------------------------------------- results

using Result = std::optional<double>;

std::optional<double> If(bool defined, double value) { return defined ? std::optional(value) : std::nullopt; }

Result VarPop(const State& state) { return state.x.squares / state.count; }
Result VarSamp(const State& state) { return If(state.count > 1, state.x.squares / (state.count - 1)); }
Result StddevPop(const State& state) { return std::sqrt(state.x.squares / state.count); }
Result StddevSamp(const State& state) { return If(state.count > 1, std::sqrt(state.x.squares / (state.count - 1))); }
Result CovarPop(const State& state) { return state.products / state.count; }
Result CovarSamp(const State& state) { return If(state.count > 1, state.products / (state.count - 1)); }
Result Sxx(const State& state) { return state.x.squares; }
Result Syy(const State& state) { return state.y.squares; }
Result Sxy(const State& state) { return state.products; }
Result AverageX(const State& state) { return state.x.sum / state.count; }
Result AverageY(const State& state) { return state.y.sum / state.count; }
Result Corr(const State& state) {
  return If(state.x.squares != 0 && state.y.squares != 0,
            state.products / std::sqrt(state.x.squares * state.y.squares));
}
Result R2(const State& state) {
  if (state.x.squares == 0) return std::nullopt;
  if (state.y.squares == 0) return 1.0;
  return state.products * state.products / (state.x.squares * state.y.squares);
}
Result Slope(const State& state) { return If(state.x.squares != 0, state.products / state.x.squares); }
Result Intercept(const State& state) {
  return If(state.x.squares != 0, (state.y.sum - state.x.sum * state.products / state.x.squares) / state.count);
}

template <Result (*kResult)(const State&)>
struct Operations {
  template <class STATE>
  static void Initialize(STATE& state) {
    state = STATE{};
  }
  static bool IgnoreNull() { return true; }

  template <class INPUT, class STATE, class OP>
  static void Operation(STATE& state, const INPUT& x, duckdb::AggregateUnaryInput&) {
    AddX(state, x);
  }
  template <class INPUT, class STATE, class OP>
  static void ConstantOperation(STATE& state, const INPUT& x, duckdb::AggregateUnaryInput&, duckdb::idx_t count) {
    for (; count > 0; --count) AddX(state, x);
  }
  template <class A, class B, class STATE, class OP>
  static void Operation(STATE& state, const A& y, const B& x, duckdb::AggregateBinaryInput&) {
    AddPair(state, y, x);
  }
  template <class STATE, class OP>
  static void Combine(const STATE& source, STATE& target, duckdb::AggregateInputData&) {
    CombineStates(source, target);
  }
  template <class T, class STATE>
  static void Finalize(STATE& state, T& target, duckdb::AggregateFinalizeData& finalize) {
    Result result = state.count > 0 ? kResult(state) : std::nullopt;
    if (result) {
      target = *result;
    } else {
      finalize.ReturnNull();
    }
  }
};

/// No sum can overflow here.
struct CountPairs {
  template <class STATE>
  static void Initialize(STATE& state) {
    state = 0;
  }
  static bool IgnoreNull() { return true; }

  template <class A, class B, class STATE, class OP>
  static void Operation(STATE& state, const A&, const B&, duckdb::AggregateBinaryInput&) {
    ++state;
  }
  template <class STATE, class OP>
  static void Combine(const STATE& source, STATE& target, duckdb::AggregateInputData&) {
    target += source;
  }
  template <class T, class STATE>
  static void Finalize(STATE& state, T& target, duckdb::AggregateFinalizeData&) {
    target = state;
  }
};

// ---------------------------------------------------------------- percentiles

void PercentileCont(duckdb::DataChunk& args, duckdb::ExpressionState&, duckdb::Vector& result) {
  using duckdb::list_entry_t;
  duckdb::UnifiedVectorFormat format;
  duckdb::Vector& elements = duckdb::ListVector::GetEntry(args.data[0]);
  elements.ToUnifiedFormat(duckdb::ListVector::GetListSize(args.data[0]), format);
  auto values = duckdb::UnifiedVectorFormat::GetData<double>(format);
  duckdb::BinaryExecutor::Execute<list_entry_t, double, double>(
      args.data[0], args.data[1], result, args.size(), [&](list_entry_t list, double fraction) {
        double place = fraction * (static_cast<double>(list.length) - 1);
        auto at = [&](double row) { return values[format.sel->get_index(list.offset + static_cast<size_t>(row))]; };
        double low = at(std::floor(place));
        double high = at(std::ceil(place));
        return std::floor(place) == std::ceil(place) ? low : low + (place - std::floor(place)) * (high - low);
      });
}

// ---------------------------------------------------------------- registration

template <Result (*kResult)(const State&)>
void RegisterOfOne(duckdb::ExtensionLoader& loader, const char* name) {
  const LogicalType number = LogicalType::DOUBLE;
  auto function = AggregateFunction::UnaryAggregate<State, double, double, Operations<kResult>>(number, number);
  function.name = name;
  loader.RegisterFunction(function);
}

template <Result (*kResult)(const State&)>
void RegisterOfTwo(duckdb::ExtensionLoader& loader, const char* name) {
  const LogicalType number = LogicalType::DOUBLE;
  auto function =
      AggregateFunction::BinaryAggregate<State, double, double, double, Operations<kResult>>(number, number, number);
  function.name = name;
  loader.RegisterFunction(function);
}

}  // namespace

void RegisterRegressions(duckdb::ExtensionLoader& loader) {
  RegisterOfOne<VarPop>(loader, "pg_float_var_pop");
  RegisterOfOne<VarSamp>(loader, "pg_float_var_samp");
  RegisterOfOne<StddevPop>(loader, "pg_float_stddev_pop");
  RegisterOfOne<StddevSamp>(loader, "pg_float_stddev_samp");
  RegisterOfTwo<CovarPop>(loader, "pg_covar_pop");
  RegisterOfTwo<CovarSamp>(loader, "pg_covar_samp");
  RegisterOfTwo<Corr>(loader, "pg_corr");
  RegisterOfTwo<Sxx>(loader, "pg_regr_sxx");
  RegisterOfTwo<Syy>(loader, "pg_regr_syy");
  RegisterOfTwo<Sxy>(loader, "pg_regr_sxy");
  RegisterOfTwo<AverageX>(loader, "pg_regr_avgx");
  RegisterOfTwo<AverageY>(loader, "pg_regr_avgy");
  RegisterOfTwo<R2>(loader, "pg_regr_r2");
  RegisterOfTwo<Slope>(loader, "pg_regr_slope");
  RegisterOfTwo<Intercept>(loader, "pg_regr_intercept");
  loader.RegisterFunction(duckdb::ScalarFunction("pg_percentile_cont",
                                                 {LogicalType::LIST(LogicalType::DOUBLE), LogicalType::DOUBLE},
                                                 LogicalType::DOUBLE, PercentileCont));
  auto count = AggregateFunction::BinaryAggregate<int64_t, double, double, int64_t, CountPairs>(
      LogicalType::DOUBLE, LogicalType::DOUBLE, LogicalType::BIGINT);
  count.name = "pg_regr_count";
  loader.RegisterFunction(count);
}

}  // namespace lake::server
