// See the header for the formats.
#include "wire/binary_value.h"

namespace lake::wire {

namespace {

Status CheckLength(std::string_view bytes, size_t length, const char* type) {
  if (bytes.size() == length) return {};
  return Corrupt("a binary {} of {} bytes, it has {}", type, bytes.size(), length);
}

/// Length in bytes of the UTF-8 sequence at the start of `text`, 0 when it is none.
size_t SequenceLength(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  auto continues = [&](size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  uint8_t first = byte(0);
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!continues(1) || !continues(2)) return 0;
    if (first == 0xE0 && byte(1) < 0xA0) return 0;  // overlong
    if (first == 0xED && byte(1) > 0x9F) return 0;  // surrogate
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    if (first == 0xF0 && byte(1) < 0x90) return 0;  // overlong
    if (first == 0xF4 && byte(1) > 0x8F) return 0;  // beyond U+10FFFF
    return 4;
  }
  return 0;
}

}  // namespace

void EncodeBit(OutBuffer& out, std::string_view text) {
  out.Append32(static_cast<uint32_t>(text.size()));
  char* at = out.Extend((text.size() + 7) / 8);
  std::memset(at, 0, (text.size() + 7) / 8);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '1') at[i / 8] = static_cast<char>(at[i / 8] | (0x80 >> (i % 8)));
  }
}

Result<bool> DecodeBool(std::string_view bytes) {
  LAKE_RETURN_IF_ERROR(CheckLength(bytes, 1, "bool"));
  return bytes[0] != 0;
}

Result<int16_t> DecodeInt2(std::string_view bytes) {
  LAKE_RETURN_IF_ERROR(CheckLength(bytes, 2, "int2"));
  return static_cast<int16_t>(LoadBig16(bytes.data()));
}

Result<int32_t> DecodeInt4(std::string_view bytes) {
  LAKE_RETURN_IF_ERROR(CheckLength(bytes, 4, "int4"));
  return static_cast<int32_t>(LoadBig32(bytes.data()));
}

Result<int64_t> DecodeInt8(std::string_view bytes) {
  LAKE_RETURN_IF_ERROR(CheckLength(bytes, 8, "int8"));
  return static_cast<int64_t>(LoadBig64(bytes.data()));
}

Result<float> DecodeFloat4(std::string_view bytes) {
  LAKE_RETURN_IF_ERROR(CheckLength(bytes, 4, "float4"));
  return std::bit_cast<float>(LoadBig32(bytes.data()));
}

Result<double> DecodeFloat8(std::string_view bytes) {
  LAKE_RETURN_IF_ERROR(CheckLength(bytes, 8, "float8"));
  return std::bit_cast<double>(LoadBig64(bytes.data()));
}

Result<int32_t> DecodeDate(std::string_view bytes) {
  LAKE_RETURN_IF_ERROR(CheckLength(bytes, 4, "date"));
  auto days = static_cast<int32_t>(LoadBig32(bytes.data()));
  if (days == kInfinityDays || days == kNegativeInfinityDays) return days;
  if (days < kMinDate || days >= kEndDate) return Corrupt("a date {} days from 2000-01-01", days);
  return days + kEpochDays;
}

Result<int64_t> DecodeTime(std::string_view bytes) {
  LAKE_RETURN_IF_ERROR(CheckLength(bytes, 8, "time"));
  auto micros = static_cast<int64_t>(LoadBig64(bytes.data()));
  if (micros < 0 || micros > kMicrosPerDay) return Corrupt("a time of {} microseconds", micros);
  return micros;
}

Result<TimeTz> DecodeTimeTz(std::string_view bytes) {
  LAKE_RETURN_IF_ERROR(CheckLength(bytes, 12, "timetz"));
  LAKE_ASSIGN_OR_RETURN(int64_t micros, DecodeTime(bytes.substr(0, 8)));
  auto west = static_cast<int32_t>(LoadBig32(bytes.data() + 8));
  if (west <= -16 * 3600 || west >= 16 * 3600) return Corrupt("a time zone {} seconds from UTC", west);
  return TimeTz{micros, -west};
}

Result<int64_t> DecodeTimestamp(std::string_view bytes) {
  LAKE_RETURN_IF_ERROR(CheckLength(bytes, 8, "timestamp"));
  auto micros = static_cast<int64_t>(LoadBig64(bytes.data()));
  if (micros == kInfinityMicros || micros == kNegativeInfinityMicros) return micros;
  if (micros < kMinTimestamp || micros >= kEndTimestamp)
    return Corrupt("a timestamp {} microseconds from 2000", micros);
  if (micros >= kInfinityMicros - kEpochMicros) return InvalidInput("timestamp out of range: later than 294247-01-10");
  return micros + kEpochMicros;
}

Result<Interval> DecodeInterval(std::string_view bytes) {
  LAKE_RETURN_IF_ERROR(CheckLength(bytes, 16, "interval"));
  return Interval{static_cast<int32_t>(LoadBig32(bytes.data() + 12)), static_cast<int32_t>(LoadBig32(bytes.data() + 8)),
                  static_cast<int64_t>(LoadBig64(bytes.data()))};
}

Result<std::array<uint8_t, 16>> DecodeUuid(std::string_view bytes) {
  LAKE_RETURN_IF_ERROR(CheckLength(bytes, 16, "uuid"));
  std::array<uint8_t, 16> uuid;
  std::memcpy(uuid.data(), bytes.data(), uuid.size());
  return uuid;
}

Result<std::string> DecodeBit(std::string_view bytes) {
  if (bytes.size() < 4) return Corrupt("a binary bit string of {} bytes", bytes.size());
  size_t length = LoadBig32(bytes.data());
  if (bytes.size() - 4 != (length + 7) / 8)
    return Corrupt("a bit string of {} bits in {} bytes", length, bytes.size() - 4);
  std::string text(length, '0');
  for (size_t i = 0; i < length; ++i) {
    if ((static_cast<uint8_t>(bytes[4 + i / 8]) & (0x80 >> (i % 8))) != 0) text[i] = '1';
  }
  return text;
}

Status CheckText(std::string_view bytes) {
  for (size_t i = 0; i < bytes.size();) {
    auto byte = static_cast<uint8_t>(bytes[i]);
    if (byte >= 1 && byte < 0x80) {
      ++i;
      continue;
    }
    size_t length = byte == 0 ? 0 : SequenceLength(bytes.substr(i));
    if (length == 0) return InvalidInput("invalid byte sequence for encoding \"UTF8\": {:#04x} at offset {}", byte, i);
    i += length;
  }
  return {};
}

}  // namespace lake::wire
