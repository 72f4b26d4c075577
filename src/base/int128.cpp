#include "base/int128.h"

#include <algorithm>
#include <cassert>

namespace lake {

namespace {

using UInt128 = unsigned __int128;

}  // namespace

std::string Int128ToString(Int128 value) {
  UInt128 rest = value < 0 ? ~static_cast<UInt128>(value) + 1 : static_cast<UInt128>(value);
  std::string out;
  do {
    out.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest != 0);
  if (value < 0) out.push_back('-');
  std::reverse(out.begin(), out.end());
  return out;
}

Result<Int128> ParseInt128(std::string_view text) {
  std::string_view digits = text;
  bool negative = !digits.empty() && digits.front() == '-';
  if (negative) digits.remove_prefix(1);
  if (digits.empty()) return InvalidInput("invalid integer \"{}\"", text);
  // Accumulating downwards reaches the most negative value as well.
  constexpr Int128 kMin = static_cast<Int128>(UInt128{1} << 127);
  Int128 value = 0;
  for (char c : digits) {
    if (c < '0' || c > '9') return InvalidInput("invalid integer \"{}\"", text);
    int digit = c - '0';
    if (value < (kMin + digit) / 10) return InvalidInput("integer \"{}\" is out of range", text);
    value = value * 10 - digit;
  }
  if (negative) return value;
  if (value == kMin) return InvalidInput("integer \"{}\" is out of range", text);
  return -value;
}

std::string Int128ToBigEndian(Int128 value, size_t size) {
  assert(size >= 1 && size <= 16);
  std::string out(size, '\0');
  UInt128 rest = static_cast<UInt128>(value);
  for (size_t i = size; i-- > 0;) {
    out[i] = static_cast<char>(rest & 0xff);
    rest >>= 8;
  }
  return out;
}

std::string Int128ToBigEndian(Int128 value) {
  std::string all = Int128ToBigEndian(value, 16);
  const char sign = value < 0 ? '\xff' : '\0';
  size_t skip = 0;
  while (skip < 15 && all[skip] == sign && ((all[skip + 1] ^ sign) & 0x80) == 0) skip++;
  return all.substr(skip);
}

Result<Int128> Int128FromBigEndian(std::string_view bytes) {
  if (bytes.empty() || bytes.size() > 16) {
    return InvalidInput("a 128-bit integer has 1 to 16 bytes, not {}", bytes.size());
  }
  UInt128 value = (static_cast<uint8_t>(bytes[0]) & 0x80) != 0 ? ~UInt128{0} : 0;
  for (char c : bytes) value = (value << 8) | static_cast<uint8_t>(c);
  return static_cast<Int128>(value);
}

Int128 PowerOfTen(int exponent) {
  assert(exponent >= 0 && exponent <= 38);
  Int128 value = 1;
  for (int i = 0; i < exponent; i++) value *= 10;
  return value;
}

}  // namespace lake
