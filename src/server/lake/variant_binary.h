// Values of Iceberg's type variant, as Parquet's "Variant Binary Encoding" (version 1) has them, from and to JSON.
//
// A variant is two byte strings, all numbers little-endian. The metadata is a dictionary of names:
//   header       bits 0-3: version (1), bit 4: names are sorted and unique, bits 6-7: bytes of an offset, minus one
//   size, offsets[size + 1], names            each in as many bytes as an offset has
// The value begins with a byte whose bits 0-1 say what it is and whose other bits are its header:
//   0 primitive     header: the type (PrimitiveType in variant_binary.cpp), then its bytes
//   1 short string  header: the length
//   2 object        header: bits 0-1 bytes of an offset, bits 2-3 bytes of a field id, minus one, bit 4: size in 4
//   bytes
//                   size, field ids[size] in the order of their names, offsets[size + 1], values
//   3 array         header: bits 0-1 bytes of an offset, minus one, bit 2: size in 4 bytes
//                   size, offsets[size + 1], values
//
// What JSON has no value for becomes a string, as Spark's to_json writes it: dates "2024-02-29", times "13:45:00.5",
// timestamps "2024-02-29 13:45:00.5" and, of an instant, in UTC with "+00:00" behind it, binary in base64, UUIDs, and
// the floating point numbers "NaN", "Infinity" and "-Infinity".
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/int128.h"
#include "base/result.h"

namespace lake::server {

/// The names that the fields of a variant's objects have. The bytes must live as long.
class VariantNames {
 public:
  /// kCorrupt for bytes that are no metadata.
  static Result<VariantNames> Parse(std::string_view metadata);
  Result<std::string_view> At(size_t id) const;

 private:
  std::string_view offsets_, names_;
  size_t size_ = 0;
  size_t offset_bytes_ = 1;
};

// Each appends JSON, valid but not as jsonb prints it.

/// A value of the binary encoding. kCorrupt for bytes that are none, for values that overlap, and for those of more
/// than kMaxVariantDepth levels.
Status AppendVariant(const VariantNames& names, std::string_view value, std::string& json);
/// The members of an object, without braces; kCorrupt when the value is none.
Status AppendVariantMembers(const VariantNames& names, std::string_view object, std::string& json);
/// kCorrupt for bytes that are not UTF-8, or have a zero among them, which no text can hold.
Status AppendVariantString(std::string_view text, std::string& json);
void AppendVariantDouble(double value, std::string& json);
void AppendVariantFloat(float value, std::string& json);
void AppendVariantDecimal(Int128 unscaled, int scale, std::string& json);
void AppendVariantDate(int64_t days, std::string& json);
/// Nanoseconds since midnight.
void AppendVariantTime(int64_t nanos, std::string& json);
void AppendVariantTimestampMicros(int64_t micros, bool in_utc, std::string& json);
void AppendVariantTimestampNanos(int64_t nanos, bool in_utc, std::string& json);
void AppendVariantBinary(std::string_view bytes, std::string& json);

inline constexpr int kMaxVariantDepth = 1000;

struct VariantBytes {
  std::string metadata;
  std::string value;
};

/// JSON as jsonb prints it (json_text.h, NormalizeJson): integers in the fewest bytes, other numbers as decimals with
/// the scale they are written with, or as a double where that has the same value. kInvalidInput for numbers that
/// neither can hold, and for more than kMaxVariantDepth levels.
Result<VariantBytes> EncodeVariant(std::string_view json);

}  // namespace lake::server
