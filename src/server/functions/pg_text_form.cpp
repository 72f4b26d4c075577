// See the header.
//
// Shortest float text: PostgreSQL's Ryu takes the fewest digits of a decimal that lies strictly between the midpoints
// to the neighbouring values; std::to_chars also takes one that lies on a midpoint, which reads back by rounding to
// even. Such a decimal is detected exactly (a midpoint is an odd number times a power of two, so few decimals are one)
// and replaced by the nearest one with a digit more.
#include "server/functions/pg_text_form.h"

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

#include "fmt/format.h"
#include "server/engine/lake_exception.h"
#include "server/functions/scalar_function.h"

namespace lake::server {

namespace {

using uint128 = unsigned __int128;

// ---------------------------------------------------------------- floats

// digits * 10^exponent, digits > 0
struct Decimal {
  uint64_t digits = 0;
  int exponent = 0;
};

// 1.2345e-07 as {12345, -11}
Decimal ReadScientific(std::string_view text) {
  Decimal decimal;
  size_t at = 0;
  int decimals = 0;
  for (bool after_point = false; at < text.size() && text[at] != 'e'; ++at) {
    if (text[at] == '.') {
      after_point = true;
    } else {
      decimal.digits = decimal.digits * 10 + static_cast<uint64_t>(text[at] - '0');
      decimals += after_point ? 1 : 0;
    }
  }
  decimal.exponent = std::atoi(text.substr(at + 1).data()) - decimals;
  while (decimal.digits % 10 == 0) {
    decimal.digits /= 10;
    decimal.exponent++;
  }
  return decimal;
}

// Is digits * 10^exponent equal to odd * 2^power? 5^27 is the largest power of five below 2^64.
bool IsEqual(Decimal decimal, uint64_t odd, int power) {
  if (decimal.exponent < -27 || decimal.exponent > 27) return false;
  uint128 left = decimal.digits;
  uint128 right = odd;
  for (int i = 0; i < std::abs(decimal.exponent); ++i) (decimal.exponent < 0 ? right : left) *= 5;
  int left_power = decimal.exponent;
  for (; left % 2 == 0; left /= 2) left_power++;
  return left == right && left_power == power;
}

// Halfway between value, which is positive, and one of its neighbours.
template <class T>
bool IsMidpoint(Decimal decimal, T value) {
  int power;
  constexpr int kBits = std::numeric_limits<T>::digits;
  auto mantissa = static_cast<uint64_t>(std::ldexp(std::frexp(value, &power), kBits));
  power -= kBits;
  if (power < std::numeric_limits<T>::min_exponent - kBits) {  // a denormal number has fewer bits
    mantissa >>= std::numeric_limits<T>::min_exponent - kBits - power;
    power = std::numeric_limits<T>::min_exponent - kBits;
  }
  bool is_power_of_two = (mantissa & (mantissa - 1)) == 0;  // values below it lie twice as close
  return IsEqual(decimal, mantissa * 2 + 1, power - 1) || IsEqual(decimal, mantissa * 2 - 1, power - 1) ||
         (is_power_of_two && IsEqual(decimal, mantissa * 4 - 1, power - 2));
}

// Positive and finite.
template <class T>
Decimal ShortestDecimal(T value) {
  char buffer[64];
  auto end = std::to_chars(buffer, buffer + sizeof(buffer) - 1, value, std::chars_format::scientific);
  *end.ptr = '\0';
  Decimal decimal = ReadScientific({buffer, end.ptr});
  int precision = static_cast<int>(std::to_string(decimal.digits).size());
  while (IsMidpoint(decimal, value)) {
    end = std::to_chars(buffer, buffer + sizeof(buffer) - 1, value, std::chars_format::scientific, precision++);
    *end.ptr = '\0';
    decimal = ReadScientific({buffer, end.ptr});
  }
  return decimal;
}

template <class T>
std::string Shortest(T value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  std::string sign = std::signbit(value) ? "-" : "";
  if (value == 0) return sign + "0";
  Decimal decimal = ShortestDecimal(std::abs(value));
  std::string digits = std::to_string(decimal.digits);
  int size = static_cast<int>(digits.size());
  int exponent = decimal.exponent + size - 1;
  if (exponent < -4 || exponent >= std::numeric_limits<T>::digits10) {
    if (size > 1) digits.insert(1, 1, '.');
    return fmt::format("{}{}e{}{:02}", sign, digits, exponent < 0 ? '-' : '+', std::abs(exponent));
  }
  if (exponent < 0) return sign + "0." + std::string(static_cast<size_t>(-exponent - 1), '0') + digits;
  if (decimal.exponent >= 0) return sign + digits + std::string(static_cast<size_t>(decimal.exponent), '0');
  return sign + digits.insert(static_cast<size_t>(exponent) + 1, 1, '.');
}

template <class T>
std::string FloatOut(T value, int32_t extra_float_digits) {
  if (extra_float_digits > 0 || !std::isfinite(value)) return Shortest(value);
  int digits = std::max(std::numeric_limits<T>::digits10 + extra_float_digits, 1);
  char buffer[64];
  std::snprintf(buffer, sizeof(buffer), "%.*g", digits, static_cast<double>(value));
  return buffer;
}

// ---------------------------------------------------------------- reading

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

[[noreturn]] void ThrowSyntax(const char* type, std::string_view text) {
  ThrowReport("22P02", fmt::format("invalid input syntax for type {}: \"{}\"", type, text));
}

int DigitOf(char c, int base) {
  int digit = c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : 99;
  return digit < base ? digit : -1;
}

// Takes 0x, 0o or 0b off.
int TakeBase(std::string_view& text) {
  if (text.size() < 2 || text[0] != '0') return 10;
  int base = (text[1] | 0x20) == 'x' ? 16 : (text[1] | 0x20) == 'o' ? 8 : (text[1] | 0x20) == 'b' ? 2 : 10;
  if (base != 10) text.remove_prefix(2);
  return base;
}

// The digits' value, or nothing when there is something else among them. Too large a value is above 2^64.
std::optional<uint128> Magnitude(std::string_view text, bool with_radix) {
  int base = with_radix ? TakeBase(text) : 10;
  if (base != 10 && !text.empty() && text[0] == '_') text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  uint128 value = 0;
  bool after_digit = false;
  for (char c : text) {
    int digit = DigitOf(c, base);
    if (digit < 0 && !(with_radix && c == '_' && after_digit)) return std::nullopt;
    after_digit = digit >= 0;
    if (after_digit && value >> 64 == 0) value = value * static_cast<uint128>(base) + static_cast<uint128>(digit);
  }
  return after_digit ? std::optional(value) : std::nullopt;
}

template <class T>
T IntegerIn(std::string_view text, bool with_radix) {
  constexpr const char* kName = sizeof(T) == 2 ? "smallint" : sizeof(T) == 4 ? "integer" : "bigint";
  std::string_view digits = Trimmed(text);
  bool negative = !digits.empty() && digits[0] == '-';
  if (negative || (!digits.empty() && digits[0] == '+')) digits.remove_prefix(1);
  std::optional<uint128> value = Magnitude(digits, with_radix);
  if (!value) ThrowSyntax(kName, text);
  uint128 limit = static_cast<uint128>(std::numeric_limits<T>::max()) + (negative ? 1 : 0);
  if (*value > limit) ThrowReport("22003", fmt::format("value \"{}\" is out of range for type {}", text, kName));
  return static_cast<T>(negative ? -static_cast<__int128>(*value) : static_cast<__int128>(*value));
}

float Parse(const char* text, char** end, float) { return std::strtof(text, end); }
double Parse(const char* text, char** end, double) { return std::strtod(text, end); }

// PostgreSQL asks strtod, too, which knows infinities and hexadecimal numbers.
template <class T>
T FloatIn(std::string_view text) {
  constexpr const char* kName = sizeof(T) == 4 ? "real" : "double precision";
  std::string number(Trimmed(text));
  char* end = nullptr;
  errno = 0;
  T value = Parse(number.c_str(), &end, T());
  if (errno == ERANGE && (value == 0 || std::isinf(value))) {
    number.resize(static_cast<size_t>(end - number.c_str()));
    ThrowReport("22003", fmt::format("\"{}\" is out of range for type {}", number, kName));
  }
  if (end == number.c_str() || *end != '\0') ThrowSyntax(kName, text);
  return value;
}

// Any beginning of true, false, yes, no, off (of two letters), on; 1, 0.
bool BoolIn(std::string_view text) {
  std::string word(Trimmed(text));
  for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  auto begins = [&](std::string_view whole) { return !word.empty() && whole.substr(0, word.size()) == word; };
  if (begins("true") || begins("yes") || word == "on" || word == "1") return true;
  if (begins("false") || begins("no") || word == "0" || (word.size() > 1 && begins("off"))) return false;
  ThrowSyntax("boolean", text);
}

// 32 hexadecimal digits, a hyphen behind any four of them, in braces or not.
duckdb::hugeint_t UuidIn(std::string_view text) {
  std::string_view rest = text;
  bool braces = !rest.empty() && rest.front() == '{';
  if (braces) rest.remove_prefix(1);
  uint128 value = 0;
  for (int i = 0; i < 32; ++i) {
    int digit = rest.empty() ? -1 : DigitOf(rest[0], 16);
    if (digit < 0) ThrowSyntax("uuid", text);
    value = value << 4 | static_cast<uint128>(digit);
    rest.remove_prefix(1);
    if (i % 4 == 3 && i < 31 && !rest.empty() && rest[0] == '-') rest.remove_prefix(1);
  }
  if (rest != (braces ? "}" : "")) ThrowSyntax("uuid", text);
  duckdb::hugeint_t result;
  result.lower = static_cast<uint64_t>(value);
  result.upper = static_cast<int64_t>(static_cast<uint64_t>(value >> 64) ^ (uint64_t{1} << 63));  // DuckDB's sort order
  return result;
}

}  // namespace

std::string ShortestFloat(double value) { return Shortest(value); }
std::string ShortestFloat(float value) { return Shortest(value); }

void RegisterPgTextForm(duckdb::ExtensionLoader& loader) {
  RegisterScalar<FloatOut<float>>(loader, "pg_float4out");
  RegisterScalar<FloatOut<double>>(loader, "pg_float8out");
  RegisterScalar<IntegerIn<int16_t>>(loader, "pg_int2in");
  RegisterScalar<IntegerIn<int32_t>>(loader, "pg_int4in");
  RegisterScalar<IntegerIn<int64_t>>(loader, "pg_int8in");
  RegisterScalar<FloatIn<float>>(loader, "pg_float4in");
  RegisterScalar<FloatIn<double>>(loader, "pg_float8in");
  RegisterScalar<BoolIn>(loader, "pg_boolin");
  RegisterScalar<UuidIn>(loader, "pg_uuid_in");
}

}  // namespace lake::server
