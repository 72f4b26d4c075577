#include "wire/value_text.h"

#include <charconv>
#include <cmath>

#include "base/civil_time.h"

namespace lake::wire {

namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
constexpr char kHexDigits[] = "0123456789abcdef";

void AppendTwoDigits(OutBuffer& out, int value) {
  char* at = out.Extend(2);
  at[0] = static_cast<char>('0' + value / 10);
  at[1] = static_cast<char>('0' + value % 10);
}

/// hours:minutes:seconds, with as much of the fraction as is not zero. Hours may have more than two digits.
void AppendClock(OutBuffer& out, uint64_t micros) {
  uint64_t seconds = micros / kMicrosPerSecond;
  auto fraction = static_cast<uint32_t>(micros % kMicrosPerSecond);
  uint64_t hours = seconds / 3600;
  if (hours < 100) {
    AppendTwoDigits(out, static_cast<int>(hours));
  } else {
    AppendUInt64Text(out, hours);
  }
  out.AppendByte(':');
  AppendTwoDigits(out, static_cast<int>(seconds / 60 % 60));
  out.AppendByte(':');
  AppendTwoDigits(out, static_cast<int>(seconds % 60));
  if (fraction == 0) return;
  int digits = 6;
  for (; fraction % 10 == 0; fraction /= 10) --digits;
  char* at = out.Extend(static_cast<size_t>(digits) + 1);
  at[0] = '.';
  for (int i = digits; i > 0; --i, fraction /= 10) at[i] = static_cast<char>('0' + fraction % 10);
}

/// The date without its era; true when it lies before year 1.
bool AppendDateWithoutEra(OutBuffer& out, int64_t days) {
  CivilDate date = CivilFromDays(days);
  bool before_christ = date.year <= 0;
  auto year = static_cast<uint64_t>(before_christ ? 1 - date.year : date.year);
  for (uint64_t limit = 1000; limit > 1 && year < limit; limit /= 10) out.AppendByte('0');
  AppendUInt64Text(out, year);
  out.AppendByte('-');
  AppendTwoDigits(out, date.month);
  out.AppendByte('-');
  AppendTwoDigits(out, date.day);
  return before_christ;
}

/// `fixed_below`: from which decimal exponent PostgreSQL changes to 1e+15 (float8) or 1e+06 (float4).
template <typename Float>
void AppendFloat(OutBuffer& out, Float value, int fixed_below) {
  if (std::isnan(value)) return out.Append("NaN");
  if (std::isinf(value)) return out.Append(value < 0 ? "-Infinity" : "Infinity");
  char text[64];
  auto end = std::to_chars(text, text + sizeof(text), value, std::chars_format::scientific).ptr;
  std::string_view scientific(text, static_cast<size_t>(end - text));
  size_t e = scientific.rfind('e');
  int exponent = 0;
  std::string_view digits = scientific.substr(e + 1);
  if (digits.front() == '+') digits.remove_prefix(1);
  std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  if (exponent >= -4 && exponent < fixed_below) {
    char fixed[64];
    end = std::to_chars(fixed, fixed + sizeof(fixed), value, std::chars_format::fixed).ptr;
    return out.Append({fixed, static_cast<size_t>(end - fixed)});
  }
  out.Append(scientific);
}

template <typename Integer>
void AppendInteger(OutBuffer& out, Integer value) {
  char* at = out.Extend(20);
  char* end = std::to_chars(at, at + 20, value).ptr;
  out.Truncate(out.size() - static_cast<size_t>(at + 20 - end));
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> ParseByteaHex(std::string_view hex) {
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    int high = HexValue(hex[i]);
    int low = i + 1 < hex.size() ? HexValue(hex[i + 1]) : -1;
    if (high < 0 || low < 0)
      return InvalidInput("invalid input syntax for type bytea: hexadecimal digits come in pairs");
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

}  // namespace

void AppendBoolText(OutBuffer& out, bool value) { out.AppendByte(value ? 't' : 'f'); }
void AppendInt64Text(OutBuffer& out, int64_t value) { AppendInteger(out, value); }
void AppendUInt64Text(OutBuffer& out, uint64_t value) { AppendInteger(out, value); }
void AppendFloat4Text(OutBuffer& out, float value) { AppendFloat(out, value, 6); }
void AppendFloat8Text(OutBuffer& out, double value) { AppendFloat(out, value, 15); }

void AppendDateText(OutBuffer& out, int64_t days) {
  if (AppendDateWithoutEra(out, days)) out.Append(" BC");
}

void AppendTimeText(OutBuffer& out, int64_t micros) { AppendClock(out, static_cast<uint64_t>(micros)); }

void AppendTimeTzText(OutBuffer& out, int64_t micros, int32_t offset_seconds_east) {
  AppendTimeText(out, micros);
  out.AppendByte(offset_seconds_east < 0 ? '-' : '+');
  int offset = std::abs(offset_seconds_east);
  AppendTwoDigits(out, offset / 3600);
  if (offset % 3600 == 0) return;
  out.AppendByte(':');
  AppendTwoDigits(out, offset / 60 % 60);
  if (offset % 60 == 0) return;
  out.AppendByte(':');
  AppendTwoDigits(out, offset % 60);
}

void AppendTimestampText(OutBuffer& out, int64_t micros) {
  bool before_christ = AppendDateWithoutEra(out, FloorDiv(micros, kMicrosPerDay));
  out.AppendByte(' ');
  AppendTimeText(out, FloorMod(micros, kMicrosPerDay));
  if (before_christ) out.Append(" BC");
}

void AppendTimestampTzText(OutBuffer& out, int64_t micros) {
  bool before_christ = AppendDateWithoutEra(out, FloorDiv(micros, kMicrosPerDay));
  out.AppendByte(' ');
  AppendTimeText(out, FloorMod(micros, kMicrosPerDay));
  out.Append(before_christ ? "+00 BC" : "+00");
}

/// As EncodeInterval of PostgreSQL: a field after a negative one shows its plus sign, only 1 is singular.
void AppendIntervalText(OutBuffer& out, int32_t months, int32_t days, int64_t micros) {
  bool is_before = false;
  bool is_empty = true;
  auto append = [&](int64_t value, std::string_view unit) {
    if (value == 0) return;
    if (!is_empty) out.AppendByte(' ');
    if (is_before && value > 0) out.AppendByte('+');
    AppendInt64Text(out, value);
    out.AppendByte(' ');
    out.Append(unit);
    if (value != 1) out.AppendByte('s');
    is_before = value < 0;
    is_empty = false;
  };
  append(months / 12, "year");
  append(months % 12, "mon");
  append(days, "day");
  if (micros == 0 && !is_empty) return;
  if (!is_empty) out.AppendByte(' ');
  if (micros < 0) {
    out.AppendByte('-');
  } else if (is_before) {
    out.AppendByte('+');
  }
  AppendClock(out, micros < 0 ? -static_cast<uint64_t>(micros) : static_cast<uint64_t>(micros));
}

void AppendByteaText(OutBuffer& out, std::string_view bytes) {
  out.Append("\\x");
  char* at = out.Extend(2 * bytes.size());
  for (char byte : bytes) {
    auto value = static_cast<uint8_t>(byte);
    *at++ = kHexDigits[value >> 4];
    *at++ = kHexDigits[value & 15];
  }
}

void AppendUuidText(OutBuffer& out, const uint8_t (&bytes)[16]) {
  char* at = out.Extend(36);
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *at++ = '-';
    *at++ = kHexDigits[bytes[i] >> 4];
    *at++ = kHexDigits[bytes[i] & 15];
  }
}

Result<std::string> ParseByteaText(std::string_view text) {
  if (text.starts_with("\\x") || text.starts_with("\\X")) return ParseByteaHex(text.substr(2));
  auto octal = [&](size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '7'; };
  std::string bytes;
  for (size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      bytes.push_back(text[i++]);
    } else if (i + 1 < text.size() && text[i + 1] == '\\') {
      bytes.push_back('\\');
      i += 2;
    } else if (octal(i + 1) && text[i + 1] <= '3' && octal(i + 2) && octal(i + 3)) {
      bytes.push_back(static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0')));
      i += 4;
    } else {
      return InvalidInput(
          "invalid input syntax for type bytea: a backslash is followed by a backslash or three octal digits");
    }
  }
  return bytes;
}

}  // namespace lake::wire
