// 128-bit integers: the unscaled values of decimals. Decimal text, and the minimal-length big-endian two's complement
// form that Iceberg, Avro and Parquet store.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lake {

using Int128 = __int128;

std::string Int128ToString(Int128 value);

/// Optional minus sign and decimal digits. kInvalidInput for anything else and for values beyond 128 bits.
Result<Int128> ParseInt128(std::string_view text);

/// Two's complement, most significant byte first, with as few bytes as possible (at least one).
std::string Int128ToBigEndian(Int128 value);

/// Two's complement, most significant byte first, in exactly `size` bytes (1 to 16); the value must fit.
std::string Int128ToBigEndian(Int128 value, size_t size);

/// 1 to 16 bytes, sign extended; kInvalidInput for any other length.
Result<Int128> Int128FromBigEndian(std::string_view bytes);

/// 10 to the power of `exponent`, 0 to 38.
Int128 PowerOfTen(int exponent);

}  // namespace lake
