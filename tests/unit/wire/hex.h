// Bytes of test vectors, written as PostgreSQL's encode(..., 'hex') gives them.
#pragma once

#include <string>

#include "base/text_encoding.h"

namespace lake::wire {

inline std::string FromHex(std::string_view text) {
  auto bytes = HexDecode(text);
  return bytes.ok() ? *bytes : "not hexadecimal: " + std::string(text);
}

inline std::string ToHex(std::string_view bytes) {
  std::string text = HexEncode(bytes);
  for (char& c : text) c = c >= 'A' && c <= 'F' ? static_cast<char>(c | 0x20) : c;
  return text;
}

/// A literal with the zero bytes in it.
template <size_t kSize>
std::string Bytes(const char (&literal)[kSize]) {
  return std::string(literal, kSize - 1);
}

}  // namespace lake::wire
