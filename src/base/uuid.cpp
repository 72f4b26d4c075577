#include "base/uuid.h"

#include <sys/random.h>

#include <cstdlib>

namespace lake {

Uuid Uuid::Random() {
  Uuid uuid;
  // getrandom never returns short for 16 bytes once the pool is seeded; anything else means a broken kernel.
  if (getrandom(uuid.bytes.data(), uuid.bytes.size(), 0) != static_cast<ssize_t>(uuid.bytes.size())) std::abort();
  uuid.bytes[6] = (uuid.bytes[6] & 0x0f) | 0x40;
  uuid.bytes[8] = (uuid.bytes[8] & 0x3f) | 0x80;
  return uuid;
}

Result<Uuid> Uuid::Parse(std::string_view text) {
  auto bad = [&] { return InvalidInput("invalid uuid \"{}\": expected 8-4-4-4-12 hexadecimal digits", text); };
  if (text.size() != 36) return bad();
  Uuid uuid;
  size_t nibble = 0;
  for (size_t i = 0; i < text.size(); i++) {
    char c = text[i];
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (c != '-') return bad();
      continue;
    }
    int digit;
    if (c >= '0' && c <= '9') {
      digit = c - '0';
    } else if (c >= 'a' && c <= 'f') {
      digit = c - 'a' + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = c - 'A' + 10;
    } else {
      return bad();
    }
    uuid.bytes[nibble / 2] = static_cast<uint8_t>((uuid.bytes[nibble / 2] << 4) | digit);
    nibble++;
  }
  return uuid;
}

std::string Uuid::ToString() const {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(36);
  for (size_t i = 0; i < bytes.size(); i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    out.push_back(kHex[bytes[i] >> 4]);
    out.push_back(kHex[bytes[i] & 15]);
  }
  return out;
}

}  // namespace lake
