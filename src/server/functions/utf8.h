// Steps over valid UTF-8 text, in which every function of PostgreSQL's counts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lake::server {

inline bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

/// Bytes of the character at the start of text, which is not empty.
inline size_t CharBytes(std::string_view text) {
  size_t size = 1;
  while (size < text.size() && IsContinuation(text[size])) ++size;
  return size;
}

inline int64_t CountChars(std::string_view text) {
  int64_t count = 0;
  for (char byte : text) count += IsContinuation(byte) ? 0 : 1;
  return count;
}

/// The byte at which `count` characters end; all of the text when it has fewer.
inline size_t BytesOfChars(std::string_view text, int64_t count) {
  size_t at = 0;
  for (; count > 0 && at < text.size(); --count) at += CharBytes(text.substr(at));
  return at;
}

/// The code point of the character at the start of text, which is not empty.
inline uint32_t CodePoint(std::string_view text) {
  auto first = static_cast<unsigned char>(text[0]);
  size_t size = CharBytes(text);
  uint32_t code = size == 1 ? first : first & (0x7f >> size);
  for (size_t i = 1; i < size; ++i) code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3f);
  return code;
}

inline void AppendCodePoint(std::string& text, uint32_t code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xc0 | code >> 6);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xe0 | code >> 12);
    text += static_cast<char>(0x80 | (code >> 6 & 0x3f));
  } else {
    text += static_cast<char>(0xf0 | code >> 18);
    text += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    text += static_cast<char>(0x80 | (code >> 6 & 0x3f));
  }
  if (code >= 0x80) text += static_cast<char>(0x80 | (code & 0x3f));
}

}  // namespace lake::server
