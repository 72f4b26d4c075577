// See statistic_aggregates.h. Numbers are summed exactly: N * sum(x^2) - sum(x)^2 is, and so is what it is divided by.
#include <gmpxx.h>

#include "duckdb/common/types/decimal.hpp"
#include "duckdb/common/types/hugeint.hpp"
#include "duckdb/function/aggregate_function.hpp"
#include "duckdb/function/function_set.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/planner/expression.hpp"
#include "server/functions/numeric_value.h"
#include "server/functions/small_numeric.h"
#include "server/functions/statistic_aggregates.h"

namespace lake::server {

namespace {

using duckdb::AggregateFunction;
using duckdb::LogicalType;
using duckdb::string_t;

mpz_class PowerOfTen(int exponent) {
  mpz_class power;
  mpz_ui_pow_ui(power.get_mpz_t(), 10, static_cast<unsigned long>(exponent));
  return power;
}

mpz_class ToInteger(int64_t high, uint64_t low) {
  mpz_class result(high);
  result <<= 64;
  return result + mpz_class(low);
}
mpz_class ToInteger(duckdb::hugeint_t value) { return ToInteger(value.upper, value.lower); }
mpz_class ToInteger(__int128 value) {
  return ToInteger(static_cast<int64_t>(value >> 64), static_cast<uint64_t>(value));
}

/// Of integers below 2^31 in absolute value. DuckDB aligns states at 8 bytes.
struct SmallSums {
  using Sum = __int128 __attribute__((aligned(8)));
  static constexpr int64_t kLimit = int64_t{1} << 31;  // 2^63 squares of such values are less than 2^126

  int64_t count;
  Sum sum;
  Sum squares;

  static bool Takes(int64_t value) { return value < kLimit && value > -kLimit; }
  void Add(int64_t value, int64_t times) {
    count += times;
    sum += static_cast<__int128>(value) * times;
    squares += static_cast<__int128>(value * value) * times;
  }
  void Add(const SmallSums& other) {
    count += other.count;
    sum += other.sum;
    squares += other.squares;
  }
};

/// Of all values that are numbers, as integers of one scale: the largest seen.
struct Sums {
  int64_t count = 0;
  int64_t specials = 0;  // NaN, infinities
  int scale = 0;
  mpz_class sum = 0;
  mpz_class squares = 0;

  void Widen(int wider) {
    if (wider <= scale) return;
    mpz_class power = PowerOfTen(wider - scale);
    sum *= power;
    squares *= power * power;
    scale = wider;
  }
  void Add(const mpz_class& value, int64_t times) {
    count += times;
    sum += value * times;
    squares += value * value * times;
  }
  void Add(const SmallSums& small) {
    mpz_class power = PowerOfTen(scale);
    count += small.count;
    sum += ToInteger(small.sum) * power;
    squares += ToInteger(small.squares) * power * power;
  }
  void Add(const NumericValue& value, int64_t times) {
    if (!value.is_finite()) {
      specials += times;
      return;
    }
    Widen(value.scale());
    Add(value.scale() < scale ? mpz_class(value.unscaled() * PowerOfTen(scale - value.scale())) : value.unscaled(),
        times);
  }
  void Add(Sums other) {
    Widen(other.scale);
    other.Widen(scale);
    count += other.count;
    specials += other.specials;
    sum += other.sum;
    squares += other.squares;
  }
};

struct Scale : public duckdb::FunctionData {
  explicit Scale(int value) : value(value) {}
  int value;
  duckdb::unique_ptr<FunctionData> Copy() const override { return duckdb::make_uniq<Scale>(value); }
  bool Equals(const FunctionData& other) const override { return other.Cast<Scale>().value == value; }
};

/// To the nearest number of as many decimals.
NumericValue SquareRoot(const NumericValue& value) {
  mpz_class square = value.unscaled() * PowerOfTen(value.scale());
  mpz_class root, rest;
  mpz_sqrtrem(root.get_mpz_t(), rest.get_mpz_t(), square.get_mpz_t());
  return NumericValue(rest > root ? mpz_class(root + 1) : root, value.scale());
}

struct State {
  SmallSums small;
  Sums* others;  // NULL: all values are in `small`

  Sums& Others() {
    if (others == nullptr) others = new Sums;
    return *others;
  }
};

enum class Statistic : uint8_t { kVarPop, kVarSamp, kStddevPop, kStddevSamp };

template <Statistic kStatistic>
struct Variance {
  static constexpr bool kSample = kStatistic == Statistic::kVarSamp || kStatistic == Statistic::kStddevSamp;
  static constexpr bool kRoot = kStatistic == Statistic::kStddevPop || kStatistic == Statistic::kStddevSamp;

  template <class STATE>
  static void Initialize(STATE& state) {
    state = {};
  }
  static bool IgnoreNull() { return true; }

  static void Add(State& state, int64_t value, int64_t times, duckdb::AggregateInputData&) {
    if (SmallSums::Takes(value)) {
      state.small.Add(value, times);
    } else {
      state.Others().Add(NumericValue(mpz_class(value), 0), times);
    }
  }
  static void Add(State& state, duckdb::hugeint_t value, int64_t times, duckdb::AggregateInputData& input) {
    state.Others().Widen(input.bind_data->Cast<Scale>().value);
    state.Others().Add(ToInteger(value), times);
  }
  static void Add(State& state, const string_t& value, int64_t times, duckdb::AggregateInputData&) {
    state.Others().Add(NumericValue::Parse({value.GetData(), value.GetSize()}), times);
  }
  template <class INPUT, class STATE, class OP>
  static void ConstantOperation(STATE& state, const INPUT& value, duckdb::AggregateUnaryInput& input,
                                duckdb::idx_t count) {
    Add(state, value, static_cast<int64_t>(count), input.input);
  }
  template <class INPUT, class STATE, class OP>
  static void Operation(STATE& state, const INPUT& value, duckdb::AggregateUnaryInput& input) {
    Add(state, value, 1, input.input);
  }
  template <class STATE, class OP>
  static void Combine(const STATE& source, STATE& target, duckdb::AggregateInputData&) {
    target.small.Add(source.small);
    if (source.others != nullptr) target.Others().Add(*source.others);
  }

  static NumericValue Result(const Sums& sums) {
    if (sums.specials > 0) return NumericValue::Special(NumericValue::Kind::kNaN);
    mpz_class count(sums.count);
    mpz_class numerator = count * sums.squares - sums.sum * sums.sum;
    if (numerator <= 0) return {};
    mpz_class denominator = kSample ? mpz_class(count * (count - 1)) : mpz_class(count * count);
    NumericValue variance =
        Divide(NumericValue(std::move(numerator), 2 * sums.scale), NumericValue(std::move(denominator), 0));
    return kRoot ? SquareRoot(variance) : variance;
  }
  /// The same for integers; false where a step needs more than 128 bits.
  static bool SmallResult(const SmallSums& sums, SmallNumeric& result) {
    constexpr int64_t kFewRows = int64_t{1} << 31;
    __int128 squares, square;
    if (sums.count >= kFewRows) return false;
    if (__builtin_mul_overflow(sums.squares, static_cast<__int128>(sums.count), &squares) ||
        __builtin_mul_overflow(sums.sum, sums.sum, &square))
      return false;
    if (squares <= square) {
      result = {};
      return true;
    }
    int64_t denominator = sums.count * (kSample ? sums.count - 1 : sums.count);
    return DivideSmall({squares - square, 0}, {denominator, 0}, result) && (!kRoot || SquareRootSmall(result, result));
  }
  template <class T, class STATE>
  static void Finalize(STATE& state, T& target, duckdb::AggregateFinalizeData& finalize) {
    SmallNumeric small;
    int64_t count = state.small.count + (state.others == nullptr ? 0 : state.others->count + state.others->specials);
    if (count < (kSample ? 2 : 1)) {
      finalize.ReturnNull();
    } else if (state.others == nullptr && SmallResult(state.small, small)) {
      auto text = SmallNumericBytes::Text(small);
      target = duckdb::StringVector::AddStringOrBlob(finalize.result, text.view().data(), text.view().size());
    } else {
      Sums all = state.others == nullptr ? Sums() : *state.others;
      all.Add(state.small);
      target = duckdb::StringVector::AddString(finalize.result, Result(all).ToText());
    }
  }
  template <class STATE>
  static void Destroy(STATE& state, duckdb::AggregateInputData&) {
    delete state.others;
    state.others = nullptr;
  }
};

duckdb::unique_ptr<duckdb::FunctionData> BindDecimal(
    duckdb::ClientContext&, AggregateFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  const LogicalType& type = arguments[0]->return_type;
  uint8_t scale = type.id() == duckdb::LogicalTypeId::DECIMAL ? duckdb::DecimalType::GetScale(type) : 0;
  function.arguments[0] = LogicalType::DECIMAL(duckdb::DecimalType::MaxWidth(), scale);
  return duckdb::make_uniq<Scale>(scale);
}

template <Statistic kStatistic>
duckdb::AggregateFunctionSet Make(const char* name) {
  using Operation = Variance<kStatistic>;
  const LogicalType text = LogicalType::VARCHAR;
  duckdb::AggregateFunctionSet set(name);
  set.AddFunction(
      AggregateFunction::UnaryAggregateDestructor<State, int64_t, string_t, Operation>(LogicalType::BIGINT, text));
  set.AddFunction(AggregateFunction::UnaryAggregateDestructor<State, string_t, string_t, Operation>(text, text));
  auto decimal = AggregateFunction::UnaryAggregateDestructor<State, duckdb::hugeint_t, string_t, Operation>(
      LogicalType(duckdb::LogicalTypeId::DECIMAL), text);
  decimal.SetBindCallback(BindDecimal);
  set.AddFunction(decimal);
  return set;
}

}  // namespace

void RegisterVariances(duckdb::ExtensionLoader& loader) {
  loader.RegisterFunction(Make<Statistic::kVarPop>("pg_var_pop"));
  loader.RegisterFunction(Make<Statistic::kVarSamp>("pg_var_samp"));
  loader.RegisterFunction(Make<Statistic::kStddevPop>("pg_stddev_pop"));
  loader.RegisterFunction(Make<Statistic::kStddevSamp>("pg_stddev_samp"));
}

}  // namespace lake::server
