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

/// Of all values that are numbers, as integers of one scale: the largest seen.
struct Sums {
  int64_t count = 0;
  int64_t specials = 0;  // NaN, infinities
  int scale = 0;
  mpz_class sum = 0;
  mpz_class squares = 0;
  __int128 small_sum = 0;  // of integers, to be added to the above
  __int128 small_squares = 0;

  void Widen(int wider) {
    if (wider <= scale) return;
    AddSmall();
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
  void Add(int64_t value, int64_t times) {
    constexpr int64_t kSmall = int64_t{1} << 31;  // 2^63 squares of such values are less than 2^126
    if (scale > 0 || value >= kSmall || value <= -kSmall) return Add(mpz_class(value), times);
    count += times;
    small_sum += static_cast<__int128>(value) * times;
    small_squares += static_cast<__int128>(value * value) * times;
  }
  void AddSmall() {
    sum += ToInteger(small_sum);
    squares += ToInteger(small_squares);
    small_sum = small_squares = 0;
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
    other.AddSmall();
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
  Sums* sums;
};

enum class Statistic : uint8_t { kVarPop, kVarSamp, kStddevPop, kStddevSamp };

template <Statistic kStatistic>
struct Variance {
  static constexpr bool kSample = kStatistic == Statistic::kVarSamp || kStatistic == Statistic::kStddevSamp;
  static constexpr bool kRoot = kStatistic == Statistic::kStddevPop || kStatistic == Statistic::kStddevSamp;

  template <class STATE>
  static void Initialize(STATE& state) {
    state.sums = nullptr;
  }
  static bool IgnoreNull() { return true; }

  static void Add(Sums& sums, int64_t value, int64_t times, duckdb::AggregateInputData&) { sums.Add(value, times); }
  static void Add(Sums& sums, duckdb::hugeint_t value, int64_t times, duckdb::AggregateInputData& input) {
    sums.Widen(input.bind_data->Cast<Scale>().value);
    sums.Add(ToInteger(value), times);
  }
  static void Add(Sums& sums, const string_t& value, int64_t times, duckdb::AggregateInputData&) {
    sums.Add(NumericValue::Parse({value.GetData(), value.GetSize()}), times);
  }
  template <class INPUT, class STATE, class OP>
  static void ConstantOperation(STATE& state, const INPUT& value, duckdb::AggregateUnaryInput& input,
                                duckdb::idx_t count) {
    if (state.sums == nullptr) state.sums = new Sums;
    Add(*state.sums, value, static_cast<int64_t>(count), input.input);
  }
  template <class INPUT, class STATE, class OP>
  static void Operation(STATE& state, const INPUT& value, duckdb::AggregateUnaryInput& input) {
    ConstantOperation<INPUT, STATE, OP>(state, value, input, 1);
  }
  template <class STATE, class OP>
  static void Combine(const STATE& source, STATE& target, duckdb::AggregateInputData&) {
    if (source.sums == nullptr) return;
    if (target.sums == nullptr) target.sums = new Sums;
    target.sums->Add(*source.sums);
  }

  static NumericValue Result(Sums& sums) {
    sums.AddSmall();
    if (sums.specials > 0) return NumericValue::Special(NumericValue::Kind::kNaN);
    mpz_class count(sums.count);
    mpz_class numerator = count * sums.squares - sums.sum * sums.sum;
    if (numerator <= 0) return {};
    mpz_class denominator = kSample ? mpz_class(count * (count - 1)) : mpz_class(count * count);
    NumericValue variance =
        Divide(NumericValue(std::move(numerator), 2 * sums.scale), NumericValue(std::move(denominator), 0));
    return kRoot ? SquareRoot(variance) : variance;
  }
  /// The same for integers whose sums are small; false for others.
  static bool SmallResult(const Sums& sums, SmallNumeric& result) {
    constexpr int64_t kFewRows = int64_t{1} << 31;
    __int128 squares, square;
    if (sums.scale != 0 || sums.specials != 0 || sums.sum != 0 || sums.squares != 0 || sums.count >= kFewRows)
      return false;
    if (__builtin_mul_overflow(sums.small_squares, static_cast<__int128>(sums.count), &squares) ||
        __builtin_mul_overflow(sums.small_sum, sums.small_sum, &square))
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
    if (state.sums == nullptr || (kSample && state.sums->count + state.sums->specials <= 1)) {
      finalize.ReturnNull();
    } else if (SmallResult(*state.sums, small)) {
      auto text = SmallNumericBytes::Text(small);
      target = duckdb::StringVector::AddStringOrBlob(finalize.result, text.view().data(), text.view().size());
    } else {
      target = duckdb::StringVector::AddString(finalize.result, Result(*state.sums).ToText());
    }
  }
  template <class STATE>
  static void Destroy(STATE& state, duckdb::AggregateInputData&) {
    delete state.sums;
    state.sums = nullptr;
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
