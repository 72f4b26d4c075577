// RFC 4122 UUIDs: random (version 4), text form in lower case with dashes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lake {

struct Uuid {
  std::array<uint8_t, 16> bytes{};  // big-endian, as Iceberg and Parquet store it

  /// A random version-4 UUID from the operating system's generator.
  static Uuid Random();
  /// Parses the 36-character form, either case. kInvalidInput names the text.
  static Result<Uuid> Parse(std::string_view text);
  std::string ToString() const;

  bool operator==(const Uuid&) const = default;
};

}  // namespace lake
