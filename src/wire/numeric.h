// numeric values in PostgreSQL's binary and text formats (numeric_send, numeric_out), from and to 128-bit integers.
//
//   numeric := ndigits:int16 weight:int16 sign:uint16 dscale:int16 digit:int16*
//
// Digits are in base 10000, most significant first, the first one has the value digit * 10000^weight; zeros at either
// end are left out. sign is 0x0000, 0x4000 (negative), 0xC000 (NaN), 0xD000 (infinity) or 0xF000 (-infinity).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/int128.h"
#include "base/result.h"

namespace lake::wire {

using UInt128 = unsigned __int128;

/// What EncodeNumeric writes at most: 8 bytes and the digits of 128 bits at any scale up to 38.
inline constexpr size_t kMaxNumericBytes = 8 + 2 * 24;
/// What FormatNumeric writes at most: sign, 39 digits, "0." and up to 38 zeros.
inline constexpr size_t kMaxNumericText = 48 + 38;

/// Writes the binary form of (-1)^negative * magnitude / 10^scale, scale 0 to 38; returns its length in bytes.
size_t EncodeNumeric(char* out, bool negative, UInt128 magnitude, int scale);
size_t EncodeNumeric(char* out, Int128 unscaled, int scale);
/// The same for 64 bits: faster.
size_t EncodeNumeric64(char* out, int64_t unscaled, int scale);

/// Writes the text form ("-12.50": all `scale` digits behind the point); returns its length.
size_t FormatNumeric(char* out, bool negative, UInt128 magnitude, int scale);
size_t FormatNumeric(char* out, Int128 unscaled, int scale);

struct Numeric {
  enum class Kind { kFinite, kNaN, kInfinity, kNegativeInfinity };
  Kind kind = Kind::kFinite;
  Int128 unscaled = 0;  // the value is unscaled / 10^scale
  int scale = 0;        // the display scale that came, 0 to 38
};

/// Decodes the binary form at its own scale. kInvalidInput when it needs more than 38 digits or behind the point;
/// kCorrupt when the bytes are no numeric.
Result<Numeric> DecodeNumeric(std::string_view bytes);

/// Decodes the binary form into the unscaled value of a decimal(precision, scale). kInvalidInput for NaN, infinity,
/// digits beyond `scale` (nothing is rounded) and values that have more than `precision` digits.
Result<Int128> DecodeDecimal(std::string_view bytes, int precision, int scale);

}  // namespace lake::wire
