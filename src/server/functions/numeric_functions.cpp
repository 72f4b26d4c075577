// See the header.
#include "server/functions/numeric_functions.h"

#include <cmath>
#include <limits>

#include "duckdb/common/types/decimal.hpp"
#include "duckdb/common/vector_operations/binary_executor.hpp"
#include "duckdb/common/vector_operations/ternary_executor.hpp"
#include "duckdb/common/vector_operations/unary_executor.hpp"
#include "duckdb/function/aggregate_function.hpp"
#include "duckdb/function/function_set.hpp"
#include "duckdb/function/scalar_function.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/planner/expression.hpp"
#include "fmt/format.h"
#include "server/engine/hugeint.h"
#include "server/engine/lake_exception.h"
#include "server/functions/number_from_char.h"
#include "server/functions/number_to_char.h"
#include "server/functions/numeric_value.h"
#include "server/functions/pg_numeric.h"
#include "server/functions/small_numeric.h"
#include "server/functions/statistic_aggregates.h"

namespace lake::server {

namespace {

using duckdb::BinaryExecutor;
using duckdb::DataChunk;
using duckdb::ExpressionState;
using duckdb::LogicalType;
using duckdb::string_t;
using duckdb::TernaryExecutor;
using duckdb::UnaryExecutor;
using duckdb::Vector;

std::string_view View(string_t text) { return {text.GetData(), text.GetSize()}; }

NumericValue Parse(string_t text) { return NumericValue::Parse(View(text)); }

string_t Put(Vector& result, const NumericValue& value) {
  return duckdb::StringVector::AddString(result, value.ToText());
}

void Register(duckdb::ExtensionLoader& loader, const char* name, duckdb::vector<LogicalType> arguments,
              LogicalType type, duckdb::scalar_function_t execute) {
  duckdb::ScalarFunction function(name, std::move(arguments), std::move(type), std::move(execute));
  function.SetFallible();  // filters must not be reordered around it
  loader.RegisterFunction(function);
}

// ---------------------------------------------------------------- scalar functions

string_t Put(Vector& result, const SmallNumericBytes& bytes) {
  std::string_view view = bytes.view();
  return duckdb::StringVector::AddStringOrBlob(result, view.data(), view.size());
}

using BinaryOperation = NumericValue (*)(const NumericValue&, const NumericValue&);
using SmallOperation = bool (*)(const SmallNumeric&, const SmallNumeric&, SmallNumeric&);

/// The small operation where it can.
template <BinaryOperation kOperation, SmallOperation kSmall>
void Binary(DataChunk& args, ExpressionState&, Vector& result) {
  BinaryExecutor::Execute<string_t, string_t, string_t>(
      args.data[0], args.data[1], result, args.size(), [&](string_t left, string_t right) {
        SmallNumeric a, b, small;
        if (ParseSmall(View(left), a) && ParseSmall(View(right), b) && kSmall(a, b, small))
          return Put(result, SmallNumericBytes::Text(small));
        return Put(result, kOperation(Parse(left), Parse(right)));
      });
}

template <NumericValue (NumericValue::*Operation)() const>
void Unary(DataChunk& args, ExpressionState&, Vector& result) {
  UnaryExecutor::Execute<string_t, string_t>(args.data[0], result, args.size(),
                                             [&](string_t value) { return Put(result, (Parse(value).*Operation)()); });
}

/// Where only the sign may change.
template <NumericValue (NumericValue::*Operation)() const, bool (*Changes)(__int128)>
void Signed(DataChunk& args, ExpressionState&, Vector& result) {
  UnaryExecutor::Execute<string_t, string_t>(args.data[0], result, args.size(), [&](string_t value) {
    SmallNumeric small;
    if (!ParseSmall(View(value), small)) return Put(result, (Parse(value).*Operation)());
    if (Changes(small.unscaled)) small.unscaled = -small.unscaled;
    return Put(result, SmallNumericBytes::Text(small));
  });
}

bool Always(__int128) { return true; }
bool IfNegative(__int128 value) { return value < 0; }

void Sign(DataChunk& args, ExpressionState&, Vector& result) {
  UnaryExecutor::Execute<string_t, string_t>(args.data[0], result, args.size(), [&](string_t text) {
    NumericValue value = Parse(text);
    return Put(result, value.kind() == NumericValue::Kind::kNaN ? value : NumericValue(value.sign(), 0));
  });
}

template <NumericValue (NumericValue::*Operation)(int) const>
void WithDecimals(DataChunk& args, ExpressionState&, Vector& result) {
  BinaryExecutor::Execute<string_t, int32_t, string_t>(
      args.data[0], args.data[1], result, args.size(),
      [&](string_t value, int32_t decimals) { return Put(result, (Parse(value).*Operation)(decimals)); });
}

void Fit(DataChunk& args, ExpressionState&, Vector& result) {
  TernaryExecutor::Execute<string_t, int32_t, int32_t, string_t>(
      args.data[0], args.data[1], args.data[2], result, args.size(),
      [&](string_t value, int32_t precision, int32_t scale) {
        return Put(result, Parse(value).Fitted(precision, scale));
      });
}

void Canonical(DataChunk& args, ExpressionState&, Vector& result) {
  UnaryExecutor::Execute<string_t, string_t>(args.data[0], result, args.size(),
                                             [&](string_t value) { return Put(result, Parse(value)); });
}

void Key(DataChunk& args, ExpressionState&, Vector& result) {
  UnaryExecutor::Execute<string_t, string_t>(args.data[0], result, args.size(), [&](string_t value) {
    SmallNumeric small;
    if (ParseSmall(View(value), small)) return Put(result, SmallNumericBytes::Key(small));
    return duckdb::StringVector::AddStringOrBlob(result, Parse(value).ToKey());
  });
}

void KeyOfDecimal(DataChunk& args, ExpressionState&, Vector& result) {
  int scale = duckdb::DecimalType::GetScale(args.data[0].GetType());
  UnaryExecutor::Execute<duckdb::hugeint_t, string_t>(args.data[0], result, args.size(), [&](duckdb::hugeint_t value) {
    return Put(result, SmallNumericBytes::Key({FromHugeint(value), scale}));
  });
}

/// A DECIMAL, with no other than zeros behind so many decimals.
void AtScale(DataChunk& args, ExpressionState&, Vector& result) {
  int own_scale = duckdb::DecimalType::GetScale(args.data[0].GetType());
  auto at_scale = [&](duckdb::hugeint_t value, int32_t scale) {
    SmallNumeric number{FromHugeint(value), own_scale};
    for (; number.scale > scale; --number.scale) number.unscaled /= 10;
    return Put(result, SmallNumericBytes::Text(number));
  };
  BinaryExecutor::Execute<duckdb::hugeint_t, int32_t, string_t>(args.data[0], args.data[1], result, args.size(),
                                                                at_scale);
}

/// The widest DECIMAL of the argument's scale; integers count as DECIMAL(38,0).
LogicalType WidestDecimal(const duckdb::Expression& argument) {
  const LogicalType& type = argument.return_type;
  uint8_t scale = type.id() == duckdb::LogicalTypeId::DECIMAL ? duckdb::DecimalType::GetScale(type) : 0;
  return LogicalType::DECIMAL(duckdb::DecimalType::MaxWidth(), scale);
}

duckdb::unique_ptr<duckdb::FunctionData> BindDecimal(
    duckdb::ClientContext&, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  function.arguments[0] = WidestDecimal(*arguments[0]);
  return nullptr;
}

template <class T>
constexpr const char* kIntegerName = sizeof(T) == 2   ? "smallint"
                                     : sizeof(T) == 4 ? "integer"
                                                      : "bigint";

template <class T>
void ToInteger(DataChunk& args, ExpressionState&, Vector& result) {
  UnaryExecutor::Execute<string_t, T>(args.data[0], result, args.size(), [](string_t value) {
    return static_cast<T>(
        Parse(value).ToInteger(std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), kIntegerName<T>));
  });
}

/// The nearest double, by way of the text, as PostgreSQL goes.
void ToFloat(DataChunk& args, ExpressionState&, Vector& result) {
  UnaryExecutor::Execute<string_t, double>(args.data[0], result, args.size(), [](string_t text) {
    std::string value = text.GetString();
    double number = std::strtod(value.c_str(), nullptr);
    if (std::isinf(number) && value.find("Inf") == std::string::npos)
      ThrowReport("22003", fmt::format("\"{}\" is out of range for type double precision", value));
    return number;
  });
}

/// With as many digits as the type is sure of: 6 and 15.
template <class T>
void OfFloat(DataChunk& args, ExpressionState&, Vector& result) {
  UnaryExecutor::Execute<T, string_t>(args.data[0], result, args.size(), [&](T value) {
    if (std::isnan(value)) return Put(result, NumericValue::Special(NumericValue::Kind::kNaN));
    if (std::isinf(value))
      return Put(result, NumericValue::Special(value > 0 ? NumericValue::Kind::kInfinity
                                                         : NumericValue::Kind::kNegativeInfinity));
    return Put(result, NumericValue::Parse(fmt::format("{:.{}g}", value, std::numeric_limits<T>::digits10)));
  });
}

// ---------------------------------------------------------------- sum

struct SumState {
  NumericValue* total;  // what no longer fits, or null
  int64_t small_high;   // what is to be added to it; DuckDB does not align states to 16 bytes
  uint64_t small_low;
  int small_scale;
  bool any;

  SmallNumeric small() const {
    return {static_cast<__int128>(static_cast<unsigned __int128>(small_high) << 64 | small_low), small_scale};
  }
  void set_small(const SmallNumeric& value) {
    small_high = static_cast<int64_t>(value.unscaled >> 64);
    small_low = static_cast<uint64_t>(value.unscaled);
    small_scale = value.scale;
    any = true;
  }
};

struct SumOperation {
  template <class STATE>
  static void Initialize(STATE& state) {
    state = {nullptr, 0, 0, 0, false};
  }
  static void AddLarge(SumState& state, const NumericValue& value) {
    if (state.total == nullptr)
      state.total = new NumericValue(value);
    else
      *state.total = Add(*state.total, value);
  }
  static void AddSmallTo(SumState& state, const SmallNumeric& value) {
    SmallNumeric sum;
    if (!AddSmall(state.small(), value, sum)) {
      AddLarge(state, NumericValue::Parse(SmallNumericBytes::Text(state.small()).view()));
      sum = value;
    }
    state.set_small(sum);
  }
  template <class INPUT, class STATE, class OP>
  static void Operation(STATE& state, const INPUT& input, duckdb::AggregateUnaryInput&) {
    SmallNumeric small;
    if (ParseSmall(View(input), small)) return AddSmallTo(state, small);
    AddLarge(state, Parse(input));
    state.any = true;
  }
  template <class INPUT, class STATE, class OP>
  static void ConstantOperation(STATE& state, const INPUT& input, duckdb::AggregateUnaryInput&, duckdb::idx_t count) {
    NumericValue value = Parse(input);
    AddLarge(state,
             value.is_finite() ? NumericValue(value.unscaled() * static_cast<long>(count), value.scale()) : value);
    state.any = true;
  }
  template <class STATE, class OP>
  static void Combine(const STATE& source, STATE& target, duckdb::AggregateInputData&) {
    if (!source.any) return;
    if (source.total != nullptr) AddLarge(target, *source.total);
    AddSmallTo(target, source.small());
  }
  template <class RESULT, class STATE>
  static void Finalize(STATE& state, RESULT& target, duckdb::AggregateFinalizeData& data) {
    if (!state.any) return data.ReturnNull();
    if (state.total == nullptr) {
      target = Put(data.result, SmallNumericBytes::Text(state.small()));
      return;
    }
    AddLarge(state, NumericValue::Parse(SmallNumericBytes::Text(state.small()).view()));
    target = Put(data.result, *state.total);
  }
  template <class STATE>
  static void Destroy(STATE& state, duckdb::AggregateInputData&) {
    delete state.total;
    state.total = nullptr;
  }
  static bool IgnoreNull() { return true; }
};

/// The scales of a quotient's sides.
struct QuotientScales : public duckdb::FunctionData {
  QuotientScales(int left, int right) : left(left), right(right) {}
  int left;
  int right;
  duckdb::unique_ptr<FunctionData> Copy() const override { return duckdb::make_uniq<QuotientScales>(left, right); }
  bool Equals(const FunctionData& other) const override {
    const auto& scales = other.Cast<QuotientScales>();
    return scales.left == left && scales.right == right;
  }
};

struct QuotientSumOperation : SumOperation {
  template <class A, class B, class STATE, class OP>
  static void Operation(STATE& state, const A& left, const B& right, duckdb::AggregateBinaryInput& input) {
    const auto& scales = input.input.bind_data->Cast<QuotientScales>();
    __int128 dividend = FromHugeint(left);
    __int128 divisor = FromHugeint(right);
    SmallNumeric small;
    if (DivideSmall({dividend, scales.left}, {divisor, scales.right}, small)) return AddSmallTo(state, small);
    if (divisor == 0) ThrowReport("22012", "division by zero");
    AddLarge(state, NumericValue::Parse(NumericQuotient(dividend, scales.left, divisor, scales.right)));
    state.any = true;
  }
};

duckdb::unique_ptr<duckdb::FunctionData> BindQuotientSum(
    duckdb::ClientContext&, duckdb::AggregateFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  for (size_t i = 0; i < 2; i++) function.arguments[i] = WidestDecimal(*arguments[i]);
  return duckdb::make_uniq<QuotientScales>(duckdb::DecimalType::GetScale(function.arguments[0]),
                                           duckdb::DecimalType::GetScale(function.arguments[1]));
}

}  // namespace

void RegisterNumericFunctions(duckdb::ExtensionLoader& loader) {
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType integer = LogicalType::INTEGER;
  Register(loader, "pg_numeric_add", {text, text}, text, Binary<Add, AddSmall>);
  Register(loader, "pg_numeric_subtract", {text, text}, text, Binary<Subtract, SubtractSmall>);
  Register(loader, "pg_numeric_multiply", {text, text}, text, Binary<Multiply, MultiplySmall>);
  Register(loader, "pg_numeric_divide", {text, text}, text, Binary<Divide, DivideSmall>);
  Register(loader, "pg_numeric_modulo", {text, text}, text, Binary<Modulo, ModuloSmall>);
  Register(loader, "pg_numeric_negate", {text}, text, Signed<&NumericValue::Negated, Always>);
  Register(loader, "pg_numeric_abs", {text}, text, Signed<&NumericValue::Absolute, IfNegative>);
  Register(loader, "pg_numeric_ceil", {text}, text, Unary<&NumericValue::Ceiling>);
  Register(loader, "pg_numeric_floor", {text}, text, Unary<&NumericValue::Floor>);
  Register(loader, "pg_numeric_sign", {text}, text, Sign);
  Register(loader, "pg_numeric_round", {text, integer}, text, WithDecimals<&NumericValue::Rounded>);
  Register(loader, "pg_numeric_trunc", {text, integer}, text, WithDecimals<&NumericValue::Truncated>);
  Register(loader, "pg_numeric_fit", {text, integer, integer}, text, Fit);
  Register(loader, "pg_numeric_in", {text}, text, Canonical);
  Register(loader, "pg_numeric_int2", {text}, LogicalType::SMALLINT, ToInteger<int16_t>);
  Register(loader, "pg_numeric_int4", {text}, LogicalType::INTEGER, ToInteger<int32_t>);
  Register(loader, "pg_numeric_int8", {text}, LogicalType::BIGINT, ToInteger<int64_t>);
  Register(loader, "pg_numeric_float8", {text}, LogicalType::DOUBLE, ToFloat);
  const LogicalType any_decimal(duckdb::LogicalTypeId::DECIMAL);
  loader.RegisterFunction(
      duckdb::ScalarFunction("pg_numeric_at_scale", {any_decimal, integer}, text, AtScale, BindDecimal));
  duckdb::ScalarFunctionSet key("pg_numeric_key");
  key.AddFunction(duckdb::ScalarFunction({text}, LogicalType::BLOB, Key));
  key.AddFunction(duckdb::ScalarFunction({any_decimal}, LogicalType::BLOB, KeyOfDecimal, BindDecimal));
  loader.RegisterFunction(key);
  duckdb::ScalarFunctionSet of_float("pg_numeric_of_float");
  of_float.AddFunction(duckdb::ScalarFunction({LogicalType::FLOAT}, text, OfFloat<float>));
  of_float.AddFunction(duckdb::ScalarFunction({LogicalType::DOUBLE}, text, OfFloat<double>));
  loader.RegisterFunction(of_float);

  using duckdb::AggregateFunction;
  using duckdb::hugeint_t;
  duckdb::AggregateFunctionSet sum("pg_numeric_sum");
  sum.AddFunction(AggregateFunction::UnaryAggregateDestructor<SumState, string_t, string_t, SumOperation>(text, text));
  auto quotients = AggregateFunction::BinaryAggregate<SumState, hugeint_t, hugeint_t, string_t, QuotientSumOperation>(
      any_decimal, any_decimal, text);
  quotients.SetStateDestructorCallback(AggregateFunction::StateDestroy<SumState, QuotientSumOperation>);
  quotients.SetBindCallback(BindQuotientSum);
  sum.AddFunction(quotients);
  loader.RegisterFunction(sum);

  RegisterVariances(loader);
  RegisterRegressions(loader);
  RegisterNumberToChar(loader);
  RegisterNumberFromChar(loader);
}

}  // namespace lake::server
