// PostgreSQL's numeric: a decimal number of any length that knows how many decimals it displays, NaN, or an infinity.
// Results, their scales and errors are those of numeric.c.
//
// Text is how such values travel through DuckDB: what numeric_out prints.
#pragma once

#include <gmpxx.h>

#include <string>
#include <string_view>

namespace lake::server {

/// The first byte of a key.
enum class NumericKeyClass : char { kLowest, kNegative, kZero, kPositive, kHighest, kNotANumber };

class NumericValue {
 public:
  enum class Kind { kNegativeInfinity, kFinite, kInfinity, kNaN };

  NumericValue() = default;
  /// unscaled * 10^-scale; scale >= 0.
  NumericValue(mpz_class unscaled, int scale) : unscaled_(std::move(unscaled)), scale_(scale) {}

  /// What PostgreSQL accepts as numeric: blanks around, a sign, an exponent, NaN, Infinity. Throws 22P02 (invalid input
  /// syntax).
  static NumericValue Parse(std::string_view text);
  static NumericValue Special(Kind kind);

  std::string ToText() const;
  /// Bytes that compare as the values do: equal numbers of different scales have the same, NaN comes last.
  std::string ToKey() const;

  Kind kind() const { return kind_; }
  bool is_finite() const { return kind_ == Kind::kFinite; }
  const mpz_class& unscaled() const { return unscaled_; }
  int scale() const { return scale_; }
  /// -1, 0 or 1; 1 for NaN.
  int sign() const;

  NumericValue Negated() const;
  NumericValue Absolute() const;
  /// To so many decimals (negative: before the point), half away from zero. The result displays no negative number of
  /// decimals.
  NumericValue Rounded(int decimals) const;
  NumericValue Truncated(int decimals) const;
  NumericValue Ceiling() const;
  NumericValue Floor() const;
  /// As a column numeric(precision, scale) holds it: 22003 (numeric field overflow) when it does not.
  NumericValue Fitted(int precision, int scale) const;
  /// Rounded half away from zero; 22003 with the type's name, 0A000 for NaN and infinities.
  int64_t ToInteger(int64_t min, int64_t max, const char* type_name) const;

 private:
  Kind kind_ = Kind::kFinite;
  mpz_class unscaled_ = 0;
  int scale_ = 0;
};

NumericValue Add(const NumericValue& left, const NumericValue& right);
NumericValue Subtract(const NumericValue& left, const NumericValue& right);
NumericValue Multiply(const NumericValue& left, const NumericValue& right);
/// 22012 by zero.
NumericValue Divide(const NumericValue& left, const NumericValue& right);
/// The remainder of the truncated quotient, with the sign of `left`; 22012 by zero.
NumericValue Modulo(const NumericValue& left, const NumericValue& right);

}  // namespace lake::server
