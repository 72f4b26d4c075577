// See the header. The number is an integer of any length and a scale; PostgreSQL's own digits of base 10000 matter only
// where they choose the scale of a quotient.
#include "server/functions/numeric_value.h"

#include <algorithm>
#include <charconv>

#include "fmt/format.h"
#include "server/engine/lake_exception.h"
#include "server/functions/pg_numeric.h"

namespace lake::server {

namespace {

using Kind = NumericValue::Kind;

constexpr int kMaxIntegerDigits = 131072;  // numeric.c, NUMERIC_WEIGHT_MAX
constexpr int kMaxScale = 16383;           // NUMERIC_DSCALE_MAX
constexpr int kMaxResultScale = 2000;      // NUMERIC_MAX_RESULT_SCALE
constexpr int kMaxQuotientScale = 1000;    // NUMERIC_MAX_DISPLAY_SCALE

mpz_class PowerOfTen(int exponent) {
  mpz_class power;
  mpz_ui_pow_ui(power.get_mpz_t(), 10, static_cast<unsigned long>(exponent));
  return power;
}

NumericValue NaN() { return NumericValue::Special(Kind::kNaN); }

NumericValue Infinity(int sign) { return NumericValue::Special(sign < 0 ? Kind::kNegativeInfinity : Kind::kInfinity); }

/// The quotient rounded to the nearest integer, half away from zero.
mpz_class DivideRounded(const mpz_class& dividend, const mpz_class& divisor) {
  mpz_class quotient, remainder;
  mpz_tdiv_qr(quotient.get_mpz_t(), remainder.get_mpz_t(), dividend.get_mpz_t(), divisor.get_mpz_t());
  mpz_class twice = abs(remainder) * 2;
  if (twice >= abs(divisor)) quotient += sgn(dividend) * sgn(divisor) < 0 ? -1 : 1;
  return quotient;
}

NumericValue Checked(NumericValue value) {
  // Few numbers come near: only those are written down to be counted.
  size_t digits = mpz_sizeinbase(value.unscaled().get_mpz_t(), 10);
  if (digits > static_cast<size_t>(kMaxIntegerDigits + value.scale()) &&
      value.unscaled().get_str().size() > static_cast<size_t>(kMaxIntegerDigits + value.scale())) {
    ThrowReport("22003", "value overflows numeric format");
  }
  return value;
}

/// Both as integers of the same scale.
int Align(const NumericValue& left, const NumericValue& right, mpz_class& left_out, mpz_class& right_out) {
  int scale = std::max(left.scale(), right.scale());
  left_out = left.scale() < scale ? mpz_class(left.unscaled() * PowerOfTen(scale - left.scale())) : left.unscaled();
  right_out =
      right.scale() < scale ? mpz_class(right.unscaled() * PowerOfTen(scale - right.scale())) : right.unscaled();
  return scale;
}

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

[[noreturn]] void ThrowSyntax(std::string_view text) {
  ThrowReport("22P02", fmt::format("invalid input syntax for type numeric: \"{}\"", text));
}

bool SameLetters(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

/// NaN and infinities; false for everything else.
bool ParseSpecial(std::string_view word, Kind& kind) {
  bool negative = !word.empty() && word[0] == '-';
  std::string_view name = !word.empty() && (word[0] == '-' || word[0] == '+') ? word.substr(1) : word;
  if (SameLetters(word, "nan")) {
    kind = Kind::kNaN;
  } else if (SameLetters(name, "infinity") || SameLetters(name, "inf")) {
    kind = negative ? Kind::kNegativeInfinity : Kind::kInfinity;
  } else {
    return false;
  }
  return true;
}

mpz_class ParseDigits(const std::string& digits) {
  if (digits.size() > 18) return mpz_class(digits, 10);
  int64_t value = 0;
  for (char c : digits) value = value * 10 + (c - '0');
  return mpz_class(value);
}

}  // namespace

// ---------------------------------------------------------------- text

NumericValue NumericValue::Special(Kind kind) {
  NumericValue value;
  value.kind_ = kind;
  return value;
}

NumericValue NumericValue::Parse(std::string_view text) {
  std::string_view word = text;
  while (!word.empty() && IsBlank(word.front())) word.remove_prefix(1);
  while (!word.empty() && IsBlank(word.back())) word.remove_suffix(1);
  Kind kind;
  if (ParseSpecial(word, kind)) return Special(kind);

  size_t at = 0;
  bool negative = !word.empty() && word[0] == '-';
  if (!word.empty() && (word[0] == '-' || word[0] == '+')) at++;
  std::string digits;
  int scale = 0;
  bool after_point = false;
  for (; at < word.size(); at++) {
    if (word[at] == '.' && !after_point) {
      after_point = true;
    } else if (word[at] >= '0' && word[at] <= '9') {
      digits.push_back(word[at]);
      scale += after_point;
    } else {
      break;
    }
  }
  if (digits.empty()) ThrowSyntax(text);
  int exponent = 0;
  if (at < word.size()) {
    if (word[at] != 'e' && word[at] != 'E') ThrowSyntax(text);
    const char* begin = word.data() + at + 1;
    if (begin < word.data() + word.size() && *begin == '+') begin++;
    auto [end, error] = std::from_chars(begin, word.data() + word.size(), exponent);
    if (end != word.data() + word.size() || error == std::errc::invalid_argument) ThrowSyntax(text);
    if (error != std::errc() || exponent > kMaxIntegerDigits || exponent < -kMaxIntegerDigits)
      ThrowReport("22003", "value overflows numeric format");
  }
  mpz_class unscaled = ParseDigits(digits);
  if (negative) unscaled = -unscaled;
  scale -= exponent;
  if (scale < 0) {
    unscaled *= PowerOfTen(-scale);
    scale = 0;
  }
  NumericValue value(std::move(unscaled), scale);
  return Checked(scale > kMaxScale ? value.Rounded(kMaxScale) : std::move(value));
}

std::string NumericValue::ToText() const {
  switch (kind_) {
    case Kind::kNaN: return "NaN";
    case Kind::kInfinity: return "Infinity";
    case Kind::kNegativeInfinity: return "-Infinity";
    case Kind::kFinite: break;
  }
  std::string digits = mpz_class(abs(unscaled_)).get_str();
  auto decimals = static_cast<size_t>(scale_);
  if (digits.size() < decimals + 1) digits.insert(0, decimals + 1 - digits.size(), '0');
  if (decimals > 0) digits.insert(digits.size() - decimals, 1, '.');
  return sgn(unscaled_) < 0 ? "-" + digits : digits;
}

std::string NumericValue::ToKey() const {
  auto of_class = [](NumericKeyClass key_class) { return std::string(1, static_cast<char>(key_class)); };
  if (kind_ == Kind::kNegativeInfinity) return of_class(NumericKeyClass::kLowest);
  if (kind_ == Kind::kInfinity) return of_class(NumericKeyClass::kHighest);
  if (kind_ == Kind::kNaN) return of_class(NumericKeyClass::kNotANumber);
  if (sgn(unscaled_) == 0) return of_class(NumericKeyClass::kZero);
  std::string digits = mpz_class(abs(unscaled_)).get_str();
  int exponent = static_cast<int>(digits.size()) - scale_;  // of the digit before the first one
  digits.erase(digits.find_last_not_of('0') + 1);

  std::string key;
  uint32_t biased = static_cast<uint32_t>(exponent) + 0x80000000U;
  for (int shift = 24; shift >= 0; shift -= 8) key.push_back(static_cast<char>(biased >> shift));
  for (size_t i = 0; i < digits.size(); i += 2) {
    int pair = (digits[i] - '0') * 10 + (i + 1 < digits.size() ? digits[i + 1] - '0' : 0);
    key.push_back(static_cast<char>(pair + 1));
  }
  key.push_back(0);
  bool negative = sgn(unscaled_) < 0;
  if (negative) {
    for (char& byte : key) byte = static_cast<char>(~byte);
  }
  return of_class(negative ? NumericKeyClass::kNegative : NumericKeyClass::kPositive) + key;
}

// ---------------------------------------------------------------- one value

int NumericValue::sign() const {
  return kind_ == Kind::kFinite ? sgn(unscaled_) : kind_ == Kind::kNegativeInfinity ? -1 : 1;
}

NumericValue NumericValue::Negated() const {
  if (kind_ == Kind::kNaN) return *this;
  return kind_ == Kind::kFinite ? NumericValue(-unscaled_, scale_) : Infinity(-sign());
}

NumericValue NumericValue::Absolute() const { return sign() < 0 ? Negated() : *this; }

NumericValue NumericValue::Rounded(int decimals) const {
  if (!is_finite()) return *this;
  decimals = std::clamp(decimals, -kMaxResultScale, kMaxScale);
  if (decimals >= scale_) return NumericValue(unscaled_ * PowerOfTen(decimals - scale_), decimals);
  mpz_class kept = DivideRounded(unscaled_, PowerOfTen(scale_ - decimals));
  return decimals >= 0 ? NumericValue(std::move(kept), decimals) : NumericValue(kept * PowerOfTen(-decimals), 0);
}

NumericValue NumericValue::Truncated(int decimals) const {
  if (!is_finite()) return *this;
  decimals = std::clamp(decimals, -kMaxResultScale, kMaxScale);
  if (decimals >= scale_) return NumericValue(unscaled_ * PowerOfTen(decimals - scale_), decimals);
  mpz_class kept = unscaled_ / PowerOfTen(scale_ - decimals);
  return decimals >= 0 ? NumericValue(std::move(kept), decimals) : NumericValue(kept * PowerOfTen(-decimals), 0);
}

NumericValue NumericValue::Ceiling() const {
  if (!is_finite()) return *this;
  mpz_class result;
  mpz_cdiv_q(result.get_mpz_t(), unscaled_.get_mpz_t(), PowerOfTen(scale_).get_mpz_t());
  return NumericValue(std::move(result), 0);
}

NumericValue NumericValue::Floor() const {
  if (!is_finite()) return *this;
  mpz_class result;
  mpz_fdiv_q(result.get_mpz_t(), unscaled_.get_mpz_t(), PowerOfTen(scale_).get_mpz_t());
  return NumericValue(std::move(result), 0);
}

NumericValue NumericValue::Fitted(int precision, int scale) const {
  if (kind_ == Kind::kNaN) return *this;
  NumericValue rounded = Rounded(scale);
  if (is_finite() && abs(rounded.unscaled_) < PowerOfTen(precision)) return rounded;
  ThrowReport("22003", "numeric field overflow");
}

int64_t NumericValue::ToInteger(int64_t min, int64_t max, const char* type_name) const {
  if (kind_ == Kind::kNaN) ThrowReport("0A000", fmt::format("cannot convert NaN to {}", type_name));
  if (!is_finite()) ThrowReport("0A000", fmt::format("cannot convert infinity to {}", type_name));
  mpz_class rounded = Rounded(0).unscaled_;
  if (rounded < mpz_class(min) || rounded > mpz_class(max))
    ThrowReport("22003", fmt::format("{} out of range", type_name));
  return rounded.get_si();
}

// ---------------------------------------------------------------- two values

NumericValue Add(const NumericValue& left, const NumericValue& right) {
  if (left.kind() == Kind::kNaN || right.kind() == Kind::kNaN) return NaN();
  if (!left.is_finite() || !right.is_finite()) {
    if (!left.is_finite() && !right.is_finite() && left.sign() != right.sign()) return NaN();
    return left.is_finite() ? right : left;
  }
  mpz_class a, b;
  int scale = Align(left, right, a, b);
  return Checked(NumericValue(a + b, scale));
}

NumericValue Subtract(const NumericValue& left, const NumericValue& right) { return Add(left, right.Negated()); }

NumericValue Multiply(const NumericValue& left, const NumericValue& right) {
  if (left.kind() == Kind::kNaN || right.kind() == Kind::kNaN) return NaN();
  if (!left.is_finite() || !right.is_finite()) {
    int sign = left.sign() * right.sign();
    return sign == 0 ? NaN() : Infinity(sign);
  }
  NumericValue product(left.unscaled() * right.unscaled(), left.scale() + right.scale());
  return Checked(product.scale() > kMaxScale ? product.Rounded(kMaxScale) : std::move(product));
}

NumericValue Divide(const NumericValue& left, const NumericValue& right) {
  if (left.kind() == Kind::kNaN || right.kind() == Kind::kNaN) return NaN();
  if (right.is_finite() && right.sign() == 0) ThrowReport("22012", "division by zero");
  if (!left.is_finite()) return right.is_finite() ? Infinity(left.sign() * right.sign()) : NaN();
  if (!right.is_finite()) return NumericValue();
  int scale = std::min(NumericQuotientScale(mpz_class(abs(left.unscaled())).get_str(), left.scale(),
                                            mpz_class(abs(right.unscaled())).get_str(), right.scale()),
                       kMaxQuotientScale);
  // left * 10^-ls / (right * 10^-rs) with `scale` decimals
  int shift = scale - left.scale() + right.scale();
  mpz_class dividend = shift >= 0 ? mpz_class(left.unscaled() * PowerOfTen(shift)) : left.unscaled();
  mpz_class divisor = shift >= 0 ? right.unscaled() : mpz_class(right.unscaled() * PowerOfTen(-shift));
  return Checked(NumericValue(DivideRounded(dividend, divisor), scale));
}

NumericValue Modulo(const NumericValue& left, const NumericValue& right) {
  if (left.kind() == Kind::kNaN || right.kind() == Kind::kNaN) return NaN();
  if (right.is_finite() && right.sign() == 0) ThrowReport("22012", "division by zero");
  if (!left.is_finite()) return NaN();
  if (!right.is_finite()) return left;
  mpz_class a, b;
  int scale = Align(left, right, a, b);
  return NumericValue(a % b, scale);
}

}  // namespace lake::server
