// Arithmetic with PostgreSQL's results and errors.
//
// Scale of a quotient (numeric.c, select_div_scale): a numeric is a row of base 10000 digits, aligned at the decimal
// point. From the positions and values of the first nonzero digits of both sides follows a lower bound for the position
// of the quotient's first digit; the result gets 16 decimal digits from there on, and never fewer decimals than an
// argument displays. It is rounded half away from zero.
#include "server/functions/pg_numeric.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "duckdb/common/types/decimal.hpp"
#include "duckdb/common/types/hugeint.hpp"
#include "duckdb/common/vector_operations/binary_executor.hpp"
#include "duckdb/function/scalar_function.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/planner/expression.hpp"
#include "server/engine/hugeint.h"
#include "server/engine/lake_exception.h"
#include "server/functions/small_numeric.h"

namespace lake::server {

namespace {

using duckdb::LogicalType;
using uint128 = unsigned __int128;

constexpr int kDigitsPerGroup = 4;
constexpr int kMinSignificantDigits = 16;

[[noreturn]] void ThrowDivisionByZero() { ThrowReport("22012", "division by zero"); }
[[noreturn]] void ThrowOutOfRange(const std::string& message) { ThrowReport("22003", message); }

// ---------------------------------------------------------------- integers

template <class T>
constexpr const char* kIntegerName = sizeof(T) == 2   ? "smallint"
                                     : sizeof(T) == 4 ? "integer"
                                                      : "bigint";

struct IntDivide {
  template <class T>
  static T Operation(T left, T right) {
    if (right == 0) ThrowDivisionByZero();
    if (right == -1 && left == std::numeric_limits<T>::min())
      ThrowOutOfRange(kIntegerName<T> + std::string(" out of range"));
    return static_cast<T>(left / right);
  }
};

struct IntModulo {
  template <class T>
  static T Operation(T left, T right) {
    if (right == 0) ThrowDivisionByZero();
    return right == -1 ? 0 : static_cast<T>(left % right);  // the smallest integer modulo -1 traps on some machines
  }
};

// ---------------------------------------------------------------- floats

template <class T>
T CheckOverflow(T result, bool operands_infinite) {
  if (std::isinf(result) && !operands_infinite) ThrowOutOfRange("value out of range: overflow");
  return result;
}

struct FloatAdd {
  template <class T>
  static T Operation(T left, T right) {
    return CheckOverflow<T>(left + right, std::isinf(left) || std::isinf(right));
  }
};

struct FloatSubtract {
  template <class T>
  static T Operation(T left, T right) {
    return CheckOverflow<T>(left - right, std::isinf(left) || std::isinf(right));
  }
};

struct FloatMultiply {
  template <class T>
  static T Operation(T left, T right) {
    T result = CheckOverflow<T>(left * right, std::isinf(left) || std::isinf(right));
    if (result == 0 && left != 0 && right != 0) ThrowOutOfRange("value out of range: underflow");
    return result;
  }
};

struct FloatDivide {
  template <class T>
  static T Operation(T left, T right) {
    if (right == 0 && !std::isnan(left)) ThrowDivisionByZero();
    T result = CheckOverflow<T>(left / right, std::isinf(left));
    if (result == 0 && left != 0 && !std::isinf(right)) ThrowOutOfRange("value out of range: underflow");
    return result;
  }
};

// ---------------------------------------------------------------- registration

template <class T, class OP>
void ExecuteBinary(duckdb::DataChunk& args, duckdb::ExpressionState&, duckdb::Vector& result) {
  duckdb::BinaryExecutor::Execute<T, T, T>(args.data[0], args.data[1], result, args.size(),
                                           [](T left, T right) { return OP::template Operation<T>(left, right); });
}

template <class T, class OP>
void AddOverload(duckdb::ScalarFunctionSet& set, const LogicalType& type) {
  duckdb::ScalarFunction function({type, type}, type, ExecuteBinary<T, OP>);
  function.SetFallible();  // filters must not be reordered around it
  set.AddFunction(function);
}

template <class OP>
void RegisterInteger(duckdb::ExtensionLoader& loader, const char* name) {
  duckdb::ScalarFunctionSet set(name);
  AddOverload<int16_t, OP>(set, LogicalType::SMALLINT);
  AddOverload<int32_t, OP>(set, LogicalType::INTEGER);
  AddOverload<int64_t, OP>(set, LogicalType::BIGINT);
  loader.RegisterFunction(set);
}

template <class OP>
void RegisterFloat(duckdb::ExtensionLoader& loader, const char* name) {
  duckdb::ScalarFunctionSet set(name);
  AddOverload<float, OP>(set, LogicalType::FLOAT);
  AddOverload<double, OP>(set, LogicalType::DOUBLE);
  loader.RegisterFunction(set);
}

// ---------------------------------------------------------------- products of decimals

__int128 Widen(int64_t value) { return value; }
__int128 Widen(duckdb::hugeint_t value) { return FromHugeint(value); }

bool FitsInt64(__int128 value) { return value == static_cast<int64_t>(value); }

// Two factors of 64 bits cannot leave 127 bits; 10^38 is just below 2^127.
__int128 MultiplyDecimals(__int128 left, __int128 right) {
  if (FitsInt64(left) && FitsInt64(right))
    return static_cast<__int128>(static_cast<int64_t>(left)) * static_cast<int64_t>(right);
  constexpr __int128 kLimit =
      static_cast<__int128>(10'000'000'000'000'000'000ULL) * 10'000'000'000'000'000'000ULL;  // 10^38
  __int128 product;
  if (__builtin_mul_overflow(left, right, &product) || product >= kLimit || product <= -kLimit) {
    ThrowOutOfRange("numeric value out of range: a product needs more than 38 digits");
  }
  return product;
}

template <class L, class R>
void ExecuteDecimalMultiply(duckdb::DataChunk& args, duckdb::ExpressionState&, duckdb::Vector& result) {
  duckdb::BinaryExecutor::Execute<L, R, duckdb::hugeint_t>(
      args.data[0], args.data[1], result, args.size(),
      [](L left, R right) { return ToHugeint(MultiplyDecimals(Widen(left), Widen(right))); });
}

// Factors of up to 18 digits come as 64 bits, wider ones as 128. The product is always 128 bits wide.
duckdb::unique_ptr<duckdb::FunctionData> BindDecimalMultiply(
    duckdb::ClientContext&, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  int width = 0;
  int scale = 0;
  bool is_wide[2];
  for (int i = 0; i < 2; i++) {
    const LogicalType& type = arguments[i]->return_type;
    if (type.id() != duckdb::LogicalTypeId::DECIMAL)
      throw duckdb::BinderException("pg_decimal_multiply needs DECIMAL arguments");
    int factor_width = duckdb::DecimalType::GetWidth(type);
    width += factor_width;
    scale += duckdb::DecimalType::GetScale(type);
    is_wide[i] = factor_width > duckdb::Decimal::MAX_WIDTH_INT64;
    bool is_narrow = factor_width <= duckdb::Decimal::MAX_WIDTH_INT32;
    function.arguments[i] =
        is_narrow ? LogicalType::DECIMAL(duckdb::Decimal::MAX_WIDTH_INT64, duckdb::DecimalType::GetScale(type)) : type;
  }
  int max_width = duckdb::DecimalType::MaxWidth();
  if (scale > max_width) throw duckdb::BinderException("the product of these decimals has more than 38 decimals");
  width = std::min(std::max(width, duckdb::Decimal::MAX_WIDTH_INT64 + 1), max_width);
  function.SetReturnType(LogicalType::DECIMAL(static_cast<uint8_t>(width), static_cast<uint8_t>(scale)));
  using duckdb::hugeint_t;
  function.SetFunctionCallback(
      is_wide[0]
          ? (is_wide[1] ? ExecuteDecimalMultiply<hugeint_t, hugeint_t> : ExecuteDecimalMultiply<hugeint_t, int64_t>)
          : (is_wide[1] ? ExecuteDecimalMultiply<int64_t, hugeint_t> : ExecuteDecimalMultiply<int64_t, int64_t>));
  return nullptr;
}

// ---------------------------------------------------------------- quotients of numerics

// The base 10000 digit that holds decimal position `exponent` (0 = ones) stands at weight floor(exponent / 4).
int GroupWeight(int exponent) {
  return exponent >= 0 ? exponent / kDigitsPerGroup : -((-exponent + kDigitsPerGroup - 1) / kDigitsPerGroup);
}

// digits: decimal digits without leading zeros, the last one at position -scale.
NumericGroup FindFirstGroup(const std::string& digits, int scale) {
  NumericGroup first;
  if (digits == "0") return first;
  int exponent = static_cast<int>(digits.size()) - 1 - scale;
  first.weight = GroupWeight(exponent);
  int length = exponent - first.weight * kDigitsPerGroup + 1;
  for (int i = 0; i < length; i++)
    first.digit = first.digit * 10 + (i < static_cast<int>(digits.size()) ? digits[i] - '0' : 0);
  return first;
}

std::string ToDigits(uint128 value) {
  if (value == 0) return "0";
  std::string digits;
  for (; value > 0; value /= 10) digits.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
  std::reverse(digits.begin(), digits.end());
  return digits;
}

void AddOne(std::string& digits) {
  for (size_t i = digits.size(); i-- > 0;) {
    if (digits[i]++ != '9') return;
    digits[i] = '0';
  }
  digits.insert(digits.begin(), '1');
}

// One step of a long division: the next digit of remainder / divisor, and what is left. Times ten goes by doubling, for
// ten times a remainder of 38 digits does not fit.
int NextDigit(uint128& remainder, uint128 divisor) {
  auto twice = [&](uint128& value, int& digit) {
    value *= 2;
    digit *= 2;
    if (value >= divisor) {
      value -= divisor;
      digit++;
    }
  };
  int digit = 0;
  twice(remainder, digit);
  uint128 once_doubled = remainder;
  int once_digit = digit;
  twice(remainder, digit);
  twice(remainder, digit);
  remainder += once_doubled;
  digit += once_digit;
  if (remainder >= divisor) {
    remainder -= divisor;
    digit++;
  }
  return digit;
}

void QuotientText(duckdb::DataChunk& args, duckdb::ExpressionState&, duckdb::Vector& result) {
  int left_scale = duckdb::DecimalType::GetScale(args.data[0].GetType());
  int right_scale = duckdb::DecimalType::GetScale(args.data[1].GetType());
  duckdb::BinaryExecutor::Execute<duckdb::hugeint_t, duckdb::hugeint_t, duckdb::string_t>(
      args.data[0], args.data[1], result, args.size(), [&](duckdb::hugeint_t left, duckdb::hugeint_t right) {
        if (right == 0) ThrowDivisionByZero();
        return duckdb::StringVector::AddString(
            result, NumericQuotient(FromHugeint(left), left_scale, FromHugeint(right), right_scale));
      });
}

// Integers count as DECIMAL(38,0).
duckdb::unique_ptr<duckdb::FunctionData> BindQuotientText(
    duckdb::ClientContext&, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  for (int i = 0; i < 2; i++) {
    const LogicalType& type = arguments[i]->return_type;
    uint8_t scale = type.id() == duckdb::LogicalTypeId::DECIMAL ? duckdb::DecimalType::GetScale(type) : 0;
    function.arguments[i] = LogicalType::DECIMAL(duckdb::DecimalType::MaxWidth(), scale);
  }
  return nullptr;
}

}  // namespace

int NumericQuotientScale(const NumericGroup& left, const NumericGroup& right, int display_scale) {
  int weight = left.weight - right.weight;
  if (left.digit <= right.digit) weight--;
  return std::max(kMinSignificantDigits - weight * kDigitsPerGroup, display_scale);
}

int NumericQuotientScale(const std::string& left_digits, int left_scale, const std::string& right_digits,
                         int right_scale) {
  return NumericQuotientScale(FindFirstGroup(left_digits, left_scale), FindFirstGroup(right_digits, right_scale),
                              std::max(left_scale, right_scale));
}

std::string NumericQuotient(__int128 left, int left_scale, __int128 right, int right_scale) {
  SmallNumeric small;
  if (DivideSmall({left, left_scale}, {right, right_scale}, small))
    return std::string(SmallNumericBytes::Text(small).view());
  uint128 dividend = left < 0 ? -static_cast<uint128>(left) : static_cast<uint128>(left);
  uint128 divisor = right < 0 ? -static_cast<uint128>(right) : static_cast<uint128>(right);
  int result_scale = NumericQuotientScale(ToDigits(dividend), left_scale, ToDigits(divisor), right_scale);

  // The quotient of the unscaled numbers has left_scale - right_scale decimals; long division adds the others one by
  // one. It always adds: the result has at least as many decimals as either side displays.
  std::string digits = ToDigits(dividend / divisor);
  uint128 remainder = dividend % divisor;
  for (int i = left_scale - right_scale; i < result_scale; i++) {
    digits.push_back(static_cast<char>('0' + NextDigit(remainder, divisor)));
  }
  if (remainder * 2 >= divisor) AddOne(digits);

  auto point = static_cast<size_t>(result_scale);
  size_t first = std::min(digits.find_first_not_of('0'), digits.size());
  bool is_zero = first == digits.size();
  digits.erase(0, first);
  if (digits.size() < point + 1) digits.insert(0, point + 1 - digits.size(), '0');
  if (point > 0) digits.insert(digits.size() - point, 1, '.');
  return (left < 0) != (right < 0) && !is_zero ? "-" + digits : digits;
}

void RegisterPgNumeric(duckdb::ExtensionLoader& loader) {
  RegisterInteger<IntDivide>(loader, "pg_int_divide");
  RegisterInteger<IntModulo>(loader, "pg_int_modulo");
  RegisterFloat<FloatAdd>(loader, "pg_float_add");
  RegisterFloat<FloatSubtract>(loader, "pg_float_subtract");
  RegisterFloat<FloatMultiply>(loader, "pg_float_multiply");
  RegisterFloat<FloatDivide>(loader, "pg_float_divide");

  const LogicalType any_decimal(duckdb::LogicalTypeId::DECIMAL);
  duckdb::ScalarFunction multiply("pg_decimal_multiply", {any_decimal, any_decimal}, any_decimal, nullptr,
                                  BindDecimalMultiply);
  multiply.SetFallible();
  loader.RegisterFunction(multiply);

  duckdb::ScalarFunction quotient("pg_numeric_divide_text", {any_decimal, any_decimal}, LogicalType::VARCHAR,
                                  QuotientText, BindQuotientText);
  quotient.SetFallible();
  loader.RegisterFunction(quotient);
}

}  // namespace lake::server
