// See the header.
#include "server/functions/small_numeric.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "server/functions/numeric_value.h"
#include "server/functions/pg_numeric.h"

namespace lake::server {

namespace {

using uint128 = unsigned __int128;

constexpr int kDigitsPerGroup = 4;  // PostgreSQL's digits are of base 10000

constexpr auto kPowersOfTen = [] {
  std::array<uint128, kMaxSmallDigits + 1> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

uint128 Magnitude(__int128 value) { return value < 0 ? -static_cast<uint128>(value) : static_cast<uint128>(value); }

/// 0 for zero.
int CountDigits(uint128 value) {
  auto high = static_cast<uint64_t>(value >> 64);
  auto low = static_cast<uint64_t>(value);
  if (value == 0) return 0;
  int bits = high != 0 ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll(low);
  int digits = bits * 1233 >> 12;  // log10(2)
  return value >= kPowersOfTen[static_cast<size_t>(digits)] ? digits + 1 : digits;
}

/// With so many decimals more.
bool Scale(__int128 value, int decimals, __int128& result) {
  int digits = CountDigits(Magnitude(value));
  if (digits > 0 && digits + decimals > kMaxSmallDigits) return false;
  result = digits == 0 ? 0 : value * static_cast<__int128>(kPowersOfTen[static_cast<size_t>(decimals)]);
  return true;
}

/// Both as integers of one scale.
bool Align(const SmallNumeric& left, const SmallNumeric& right, __int128& a, __int128& b, int& scale) {
  scale = std::max(left.scale, right.scale);
  return Scale(left.unscaled, scale - left.scale, a) && Scale(right.unscaled, scale - right.scale, b);
}

bool Fits(__int128 value) { return Magnitude(value) < kPowersOfTen[kMaxSmallDigits]; }

constexpr auto kDigitPairs = [] {
  std::array<char, 200> pairs{};
  for (size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

/// The lowest `count` digits, which end before `end`.
char* WriteLowDigits(uint64_t value, int count, char* end) {
  for (; count >= 2; count -= 2, value /= 100) {
    end -= 2;
    std::memcpy(end, kDigitPairs.data() + value % 100 * 2, 2);
  }
  if (count > 0) *--end = static_cast<char>('0' + value % 10);
  return end;
}

/// Writes the digits so that they end before `end`; at least `least` of them.
char* WriteDigits(uint128 value, int least, char* end) {
  char* at = end;
  while (value > UINT64_MAX) {
    constexpr uint64_t kChunk = 10'000'000'000'000'000'000ULL;  // 10^19
    auto chunk = static_cast<uint64_t>(value % kChunk);
    value /= kChunk;
    at = WriteLowDigits(chunk, 19, at);
  }
  at = WriteLowDigits(static_cast<uint64_t>(value), CountDigits(static_cast<uint64_t>(value)), at);
  while (end - at < least) *--at = '0';
  return at;
}

/// Of the first base 10000 digit that is not zero; all 0 for zero.
NumericGroup FirstGroup(uint128 value, int scale) {
  NumericGroup first;
  int count = CountDigits(value);
  if (count == 0) return first;
  int exponent = count - 1 - scale;
  first.weight = exponent >= 0 ? exponent / kDigitsPerGroup : -((-exponent + kDigitsPerGroup - 1) / kDigitsPerGroup);
  int length = exponent - first.weight * kDigitsPerGroup + 1;
  uint128 digits = length <= count ? value / kPowersOfTen[static_cast<size_t>(count - length)]
                                   : value * kPowersOfTen[static_cast<size_t>(length - count)];
  first.digit = static_cast<int>(digits);
  return first;
}

/// Of eight characters; false where one is no digit. Characters are taken all at once, as bytes of one number.
bool ParseEight(const char* text, uint64_t& value) {
  uint64_t bytes;
  std::memcpy(&bytes, text, 8);
  bytes -= 0x3030303030303030U;
  if (((bytes + 0x7676767676767676U) | bytes) & 0x8080808080808080U) return false;
  bytes = bytes * 10 + (bytes >> 8);  // pairs, then fours, then all of them
  value = ((bytes & 0x000000FF000000FFU) * 0x000F424000000064U +
           (bytes >> 16 & 0x000000FF000000FFU) * 0x0000271000000001U) >>
          32;
  return true;
}

}  // namespace

bool ParseSmall(std::string_view text, SmallNumeric& value) {
  const char* at = text.data();
  const char* end = at + text.size();
  bool negative = at < end && *at == '-';
  if (negative) ++at;
  const char* point = nullptr;
  const char* first = at;
  uint64_t low = 0;  // 18 digits at a time
  int count = 0;
  uint128 total = 0;
  while (at < end) {
    uint64_t eight;
    if (count % 18 <= 9 && count + 8 <= kMaxSmallDigits && end - at >= 8 && ParseEight(at, eight)) {
      low = low * 100'000'000 + eight;
      count += 8;
      at += 8;
      continue;
    }
    auto digit = static_cast<unsigned char>(*at - '0');
    if (digit > 9) {
      if (*at != '.' || point != nullptr) return false;
      point = at++;
      continue;
    }
    ++at;
    low = low * 10 + digit;
    if (++count % 18 == 0) {
      total = total * kPowersOfTen[18] + low;
      low = 0;
    }
    if (count > kMaxSmallDigits) return false;
  }
  if (count == 0 || first == point) return false;
  total = total * kPowersOfTen[static_cast<size_t>(count % 18)] + low;
  value.unscaled = negative ? -static_cast<__int128>(total) : static_cast<__int128>(total);
  value.scale = point == nullptr ? 0 : static_cast<int>(end - point - 1);
  return true;
}

bool AddSmall(const SmallNumeric& left, const SmallNumeric& right, SmallNumeric& result) {
  __int128 a;
  __int128 b;
  return Align(left, right, a, b, result.scale) && !__builtin_add_overflow(a, b, &result.unscaled) &&
         Fits(result.unscaled);
}

bool SubtractSmall(const SmallNumeric& left, const SmallNumeric& right, SmallNumeric& result) {
  return AddSmall(left, {-right.unscaled, right.scale}, result);
}

bool MultiplySmall(const SmallNumeric& left, const SmallNumeric& right, SmallNumeric& result) {
  result.scale = left.scale + right.scale;
  return result.scale <= kMaxSmallScale && !__builtin_mul_overflow(left.unscaled, right.unscaled, &result.unscaled) &&
         Fits(result.unscaled);
}

bool DivideSmall(const SmallNumeric& left, const SmallNumeric& right, SmallNumeric& result) {
  if (right.unscaled == 0 || !Fits(left.unscaled) || !Fits(right.unscaled)) return false;
  uint128 dividend = Magnitude(left.unscaled);
  uint128 divisor = Magnitude(right.unscaled);
  int scale = NumericQuotientScale(FirstGroup(dividend, left.scale), FirstGroup(divisor, right.scale),
                                   std::max(left.scale, right.scale));
  int shift = scale - left.scale + right.scale;  // the quotient of the unscaled numbers has so many decimals less
  int room = kMaxSmallDigits - CountDigits(divisor);
  if (scale > kMaxSmallScale || room == 0) return false;
  int now = std::min(shift, kMaxSmallDigits - CountDigits(dividend));
  dividend *= kPowersOfTen[static_cast<size_t>(now)];
  uint128 quotient = dividend / divisor;
  uint128 remainder = dividend - quotient * divisor;
  for (shift -= now; shift > 0; shift -= now) {  // long division, several digits at a time
    now = std::min(shift, room);
    if (CountDigits(quotient) + now > kMaxSmallDigits) return false;
    remainder *= kPowersOfTen[static_cast<size_t>(now)];
    uint128 digits = remainder / divisor;
    quotient = quotient * kPowersOfTen[static_cast<size_t>(now)] + digits;
    remainder -= digits * divisor;
  }
  if (remainder >= divisor - remainder) ++quotient;
  result.scale = scale;
  result.unscaled =
      (left.unscaled < 0) != (right.unscaled < 0) ? -static_cast<__int128>(quotient) : static_cast<__int128>(quotient);
  return Fits(result.unscaled);
}

bool SquareRootSmall(const SmallNumeric& value, SmallNumeric& result) {
  __int128 square;
  if (value.unscaled < 0 || !Scale(value.unscaled, value.scale, square)) return false;
  auto number = static_cast<uint128>(square);
  auto root = static_cast<uint128>(std::sqrt(static_cast<long double>(number)));
  while (root * root > number) --root;
  while ((root + 1) * (root + 1) <= number) ++root;
  if (number - root * root > root) ++root;  // nearer to the next one
  result = {static_cast<__int128>(root), value.scale};
  return true;
}

bool ModuloSmall(const SmallNumeric& left, const SmallNumeric& right, SmallNumeric& result) {
  __int128 a;
  __int128 b;
  if (right.unscaled == 0 || !Align(left, right, a, b, result.scale)) return false;
  result.unscaled = a % b;
  return true;
}

SmallNumericBytes SmallNumericBytes::Text(const SmallNumeric& value) {
  SmallNumericBytes text;
  char* end = text.buffer_.data() + text.buffer_.size();
  char* at = WriteDigits(Magnitude(value.unscaled), value.scale + 1, value.scale > 0 ? end - 1 : end);
  if (value.scale > 0) {  // the decimals make room for the point
    std::copy_backward(end - 1 - value.scale, end - 1, end);
    end[-1 - value.scale] = '.';
  }
  if (value.unscaled < 0) *--at = '-';
  text.begin_ = static_cast<size_t>(at - text.buffer_.data());
  text.size_ = static_cast<size_t>(end - at);
  return text;
}

SmallNumericBytes SmallNumericBytes::Key(const SmallNumeric& value) {
  SmallNumericBytes key;
  char* out = key.buffer_.data();
  if (value.unscaled == 0) {
    *out = static_cast<char>(NumericKeyClass::kZero);
    key.size_ = 1;
    return key;
  }
  std::array<char, kMaxSmallDigits + 1> digits;
  const char* end = digits.data() + digits.size() - 1;
  const char* first = WriteDigits(Magnitude(value.unscaled), 1, digits.data() + digits.size() - 1);
  uint32_t biased = static_cast<uint32_t>(static_cast<int>(end - first) - value.scale) + 0x80000000U;
  while (end[-1] == '0') --end;
  char flip = value.unscaled < 0 ? '\xff' : '\0';
  *out++ = static_cast<char>(value.unscaled < 0 ? NumericKeyClass::kNegative : NumericKeyClass::kPositive);
  for (int shift = 24; shift >= 0; shift -= 8) *out++ = static_cast<char>(static_cast<char>(biased >> shift) ^ flip);
  for (; first < end; first += 2) {
    int pair = (first[0] - '0') * 10 + (first + 1 < end ? first[1] - '0' : 0);
    *out++ = static_cast<char>(static_cast<char>(pair + 1) ^ flip);
  }
  *out++ = flip;
  key.size_ = static_cast<size_t>(out - key.buffer_.data());
  return key;
}

}  // namespace lake::server
