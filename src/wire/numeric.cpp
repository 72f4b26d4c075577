// See the header for the format.
#include "wire/numeric.h"

#include <cstring>

#include "wire/byte_order.h"

namespace lake::wire {

namespace {

constexpr uint16_t kNegative = 0x4000;
constexpr uint16_t kNaN = 0xC000;
constexpr uint16_t kInfinity = 0xD000;
constexpr uint16_t kNegativeInfinity = 0xF000;
constexpr int kHeader = 8;
constexpr int kMaxGroups = 24;
constexpr uint32_t kPowers[] = {1, 10, 100, 1000, 10000};

/// Digits in base 10000 of magnitude / 10^scale, least significant first; the first one is worth
/// 10000^-fraction_groups.
template <typename Magnitude>
int SplitGroups(Magnitude magnitude, int scale, uint16_t* groups) {
  int count = 0;
  if (int partial = scale % 4; partial != 0) {
    uint32_t power = kPowers[partial];
    groups[count++] = static_cast<uint16_t>(static_cast<uint32_t>(magnitude % power) * kPowers[4 - partial]);
    magnitude /= power;
  }
  while (magnitude != 0) {
    if constexpr (sizeof(Magnitude) > 8) {
      if (static_cast<UInt128>(magnitude) <= UINT64_MAX) {
        for (auto low = static_cast<uint64_t>(magnitude); low != 0; low /= 10000) groups[count++] = low % 10000;
        break;
      }
    }
    groups[count++] = static_cast<uint16_t>(magnitude % 10000);
    magnitude /= 10000;
  }
  return count;
}

template <typename Magnitude>
size_t Encode(char* out, bool negative, Magnitude magnitude, int scale) {
  uint16_t groups[kMaxGroups];
  int count = SplitGroups(magnitude, scale, groups);
  int weight = count - 1 - (scale + 3) / 4;
  int first = 0;
  while (first < count && groups[first] == 0) ++first;                // trailing zeros
  for (; count > first && groups[count - 1] == 0; --count) --weight;  // leading zeros
  if (count == first) weight = 0;
  StoreBig16(out, static_cast<uint16_t>(count - first));
  StoreBig16(out + 2, static_cast<uint16_t>(weight));
  StoreBig16(out + 4, negative && count > first ? kNegative : 0);
  StoreBig16(out + 6, static_cast<uint16_t>(scale));
  char* at = out + kHeader;
  for (int i = count; i-- > first; at += 2) StoreBig16(at, groups[i]);
  return static_cast<size_t>(at - out);
}

UInt128 Magnitude(Int128 value) { return value < 0 ? -static_cast<UInt128>(value) : static_cast<UInt128>(value); }

struct Header {
  int digits;
  int weight;
  uint16_t sign;
  int scale;
};

Result<Header> ReadHeader(std::string_view bytes) {
  if (bytes.size() < kHeader) return Corrupt("a numeric of {} bytes, at least {} are needed", bytes.size(), kHeader);
  Header header{LoadBig16(bytes.data()), static_cast<int16_t>(LoadBig16(bytes.data() + 2)), LoadBig16(bytes.data() + 4),
                LoadBig16(bytes.data() + 6)};
  if (bytes.size() != static_cast<size_t>(kHeader) + 2 * static_cast<size_t>(header.digits)) {
    return Corrupt("a numeric of {} bytes claims {} digits", bytes.size(), header.digits);
  }
  switch (header.sign) {
    case 0:
    case kNegative:
    case kNaN:
    case kInfinity:
    case kNegativeInfinity: break;
    default: return Corrupt("a numeric with sign {:#x}", header.sign);
  }
  if (header.scale > 0x3fff) return Corrupt("a numeric with scale {}", header.scale);
  return header;
}

/// The value times 10^scale. All digits behind `scale` must be zero.
Result<Int128> Unscale(const Header& header, const char* digits, int scale) {
  constexpr UInt128 kLimit = (~UInt128{0}) >> 1;
  UInt128 value = 0;
  auto too_large = [&] { return InvalidInput("numeric value does not fit into 38 digits with scale {}", scale); };
  for (int i = 0; i < header.digits; ++i) {
    uint32_t digit = LoadBig16(digits + 2 * i);
    if (digit > 9999) return Corrupt("a numeric with digit {}", digit);
    int exponent = 4 * (header.weight - i) + scale;  // of this digit, in powers of ten of the unscaled value
    if (exponent <= -4) {
      if (digit != 0) return InvalidInput("numeric value has more than {} digits after the decimal point", scale);
      continue;
    }
    if (exponent < 0) {
      if (digit % kPowers[-exponent] != 0) {
        return InvalidInput("numeric value has more than {} digits after the decimal point", scale);
      }
      digit /= kPowers[-exponent];
      exponent = 0;
    }
    if (digit == 0) continue;
    if (exponent > 38) return too_large();
    auto power = static_cast<UInt128>(PowerOfTen(exponent));
    if (power > kLimit / digit || value > kLimit - power * digit) return too_large();
    value += power * digit;
  }
  return header.sign == kNegative ? -static_cast<Int128>(value) : static_cast<Int128>(value);
}

}  // namespace

size_t EncodeNumeric(char* out, bool negative, UInt128 magnitude, int scale) {
  if (magnitude <= UINT64_MAX) return Encode(out, negative, static_cast<uint64_t>(magnitude), scale);
  return Encode(out, negative, magnitude, scale);
}

size_t EncodeNumeric(char* out, Int128 unscaled, int scale) {
  return EncodeNumeric(out, unscaled < 0, Magnitude(unscaled), scale);
}

size_t EncodeNumeric64(char* out, int64_t unscaled, int scale) {
  auto magnitude = unscaled < 0 ? -static_cast<uint64_t>(unscaled) : static_cast<uint64_t>(unscaled);
  return Encode(out, unscaled < 0, magnitude, scale);
}

size_t FormatNumeric(char* out, bool negative, UInt128 magnitude, int scale) {
  char reversed[kMaxNumericText];
  int count = 0;
  while (magnitude > UINT64_MAX) {
    reversed[count++] = static_cast<char>('0' + static_cast<int>(magnitude % 10));
    magnitude /= 10;
  }
  for (auto low = static_cast<uint64_t>(magnitude); low != 0; low /= 10) {
    reversed[count++] = static_cast<char>('0' + low % 10);
  }
  bool is_zero = count == 0;
  while (count <= scale) reversed[count++] = '0';
  char* at = out;
  if (negative && !is_zero) *at++ = '-';
  while (count > 0) {
    if (count == scale) *at++ = '.';
    *at++ = reversed[--count];
  }
  return static_cast<size_t>(at - out);
}

size_t FormatNumeric(char* out, Int128 unscaled, int scale) {
  return FormatNumeric(out, unscaled < 0, Magnitude(unscaled), scale);
}

Result<Numeric> DecodeNumeric(std::string_view bytes) {
  LAKE_ASSIGN_OR_RETURN(Header header, ReadHeader(bytes));
  Numeric numeric;
  if (header.sign == kNaN || header.sign == kInfinity || header.sign == kNegativeInfinity) {
    numeric.kind = header.sign == kNaN        ? Numeric::Kind::kNaN
                   : header.sign == kInfinity ? Numeric::Kind::kInfinity
                                              : Numeric::Kind::kNegativeInfinity;
    return numeric;
  }
  if (header.scale > 38) return InvalidInput("numeric value with scale {}, at most 38 is supported", header.scale);
  numeric.scale = header.scale;
  LAKE_ASSIGN_OR_RETURN(numeric.unscaled, Unscale(header, bytes.data() + kHeader, header.scale));
  if (Magnitude(numeric.unscaled) >= static_cast<UInt128>(PowerOfTen(38))) {
    return InvalidInput("numeric value has more than 38 digits");
  }
  return numeric;
}

Result<Int128> DecodeDecimal(std::string_view bytes, int precision, int scale) {
  LAKE_ASSIGN_OR_RETURN(Header header, ReadHeader(bytes));
  switch (header.sign) {
    case kNaN: return InvalidInput("NaN does not fit into decimal({}, {})", precision, scale);
    case kInfinity:
    case kNegativeInfinity: return InvalidInput("infinity does not fit into decimal({}, {})", precision, scale);
    default: break;
  }
  LAKE_ASSIGN_OR_RETURN(Int128 unscaled, Unscale(header, bytes.data() + kHeader, scale));
  if (Magnitude(unscaled) >= static_cast<UInt128>(PowerOfTen(precision))) {
    return InvalidInput("numeric value does not fit into decimal({}, {})", precision, scale);
  }
  return unscaled;
}

}  // namespace lake::wire
