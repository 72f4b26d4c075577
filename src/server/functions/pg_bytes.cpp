// See the header. Follows PostgreSQL's encode.c and varlena.c.
#include "server/functions/pg_bytes.h"

#include <algorithm>

#include "fmt/format.h"
#include "server/engine/lake_exception.h"
#include "server/functions/scalar_function.h"
#include "server/functions/utf8.h"

namespace lake::server {

namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr size_t kBase64Line = 76;

unsigned Byte(char c) { return static_cast<unsigned char>(c); }
bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

// ---------------------------------------------------------------- to text

std::string HexText(std::string_view bytes) {
  std::string text;
  for (char c : bytes) text += fmt::format("{:02x}", Byte(c));
  return text;
}

std::string Base64Text(std::string_view bytes) {
  std::string text;
  size_t line = 0;
  for (size_t at = 0; at < bytes.size(); at += 3) {
    std::string_view part = bytes.substr(at, 3);
    unsigned bits = Byte(part[0]) << 16;
    if (part.size() > 1) bits |= Byte(part[1]) << 8;
    if (part.size() > 2) bits |= Byte(part[2]);
    for (size_t i = 0; i < 4; ++i) text += i <= part.size() ? kBase64[bits >> (18 - 6 * i) & 0x3f] : '=';
    line += 4;
    if (part.size() == 3 && line >= kBase64Line) {
      text += '\n';
      line = 0;
    }
  }
  return text;
}

// encode() in this format writes the zero byte and those above 127 in octal; byteaout all but printable ASCII.
std::string EscapeText(std::string_view bytes, bool printable_alone) {
  std::string text;
  for (char c : bytes) {
    if (c == '\\') {
      text += "\\\\";
    } else if (printable_alone ? Byte(c) < 0x20 || Byte(c) > 0x7e : c == '\0' || Byte(c) > 0x7f) {
      text += fmt::format("\\{:03o}", Byte(c));
    } else {
      text += c;
    }
  }
  return text;
}

std::string ByteaOut(Blob value, std::string_view format) {
  return format == "escape" ? EscapeText(value.bytes, true) : "\\x" + HexText(value.bytes);
}

// ---------------------------------------------------------------- from text

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

int TakeHexDigit(std::string_view text, size_t at) {
  int digit = HexDigit(text[at]);
  if (digit < 0)
    ThrowReport("22023", fmt::format("invalid hexadecimal digit: \"{}\"", text.substr(at, CharBytes(text.substr(at)))));
  return digit;
}

std::string FromHex(std::string_view text) {
  std::string bytes;
  for (size_t at = 0; at < text.size(); ++at) {
    if (IsBlank(text[at])) continue;
    int high = TakeHexDigit(text, at++);
    if (at >= text.size()) ThrowReport("22023", "invalid hexadecimal data: odd number of digits");
    bytes += static_cast<char>(high << 4 | TakeHexDigit(text, at));
  }
  return bytes;
}

std::string FromBase64(std::string_view text) {
  std::string bytes;
  unsigned bits = 0;
  int position = 0;
  int end = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (IsBlank(c)) continue;
    size_t value = 0;
    if (c == '=') {
      if (end == 0) {
        if (position != 2 && position != 3) ThrowReport("22023", "unexpected \"=\" while decoding base64 sequence");
        end = position == 2 ? 1 : 2;
      }
    } else {
      value = kBase64.find(c);
      if (value == kBase64.npos) {
        ThrowReport("22023", fmt::format("invalid symbol \"{}\" found while decoding base64 sequence",
                                         text.substr(at, CharBytes(text.substr(at)))));
      }
    }
    bits = bits << 6 | static_cast<unsigned>(value);
    if (++position < 4) continue;
    bytes += static_cast<char>(bits >> 16 & 0xff);
    if (end == 0 || end > 1) bytes += static_cast<char>(bits >> 8 & 0xff);
    if (end == 0 || end > 2) bytes += static_cast<char>(bits & 0xff);
    bits = 0;
    position = 0;
  }
  if (position != 0) ThrowReport("22023", "invalid base64 end sequence");
  return bytes;
}

std::string FromEscape(std::string_view text) {
  std::string bytes;
  auto digit = [&](size_t at, char most) { return at < text.size() && text[at] >= '0' && text[at] <= most; };
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      bytes += text[at];
    } else if (digit(at + 1, '3') && digit(at + 2, '7') && digit(at + 3, '7')) {
      bytes += static_cast<char>((text[at + 1] - '0') << 6 | (text[at + 2] - '0') << 3 | (text[at + 3] - '0'));
      at += 3;
    } else if (at + 1 < text.size() && text[at + 1] == '\\') {
      bytes += '\\';
      ++at;
    } else {
      ThrowReport("22P02", "invalid input syntax for type bytea");
    }
  }
  return bytes;
}

BlobText ByteaIn(std::string_view text) {
  return {text.substr(0, 2) == "\\x" ? FromHex(text.substr(2)) : FromEscape(text)};
}

// ---------------------------------------------------------------- formats

enum class Format { kHex, kBase64, kEscape };

Format FormatOf(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (lower == "hex") return Format::kHex;
  if (lower == "base64") return Format::kBase64;
  if (lower == "escape") return Format::kEscape;
  ThrowReport("22023", fmt::format("unrecognized encoding: \"{}\"", name));
}

std::string Encode(Blob value, std::string_view format) {
  switch (FormatOf(format)) {
    case Format::kHex: return HexText(value.bytes);
    case Format::kBase64: return Base64Text(value.bytes);
    default: return EscapeText(value.bytes, false);
  }
}

BlobText Decode(std::string_view text, std::string_view format) {
  switch (FormatOf(format)) {
    case Format::kHex: return {FromHex(text)};
    case Format::kBase64: return {FromBase64(text)};
    default: return {FromEscape(text)};
  }
}

// ---------------------------------------------------------------- parts

BlobText SubstringFor(Blob value, int32_t start, int32_t length) {
  if (length < 0) ThrowReport("22011", "negative substring length not allowed");
  int64_t size = static_cast<int64_t>(value.bytes.size());
  int64_t first = std::clamp<int64_t>(start, 1, size + 1);
  int64_t end = std::clamp<int64_t>(static_cast<int64_t>(start) + length, first, size + 1);
  return {std::string(value.bytes.substr(static_cast<size_t>(first - 1), static_cast<size_t>(end - first)))};
}

BlobText Substring(Blob value, int32_t start) {
  size_t skip = static_cast<size_t>(std::max(start, 1) - 1);
  return {std::string(value.bytes.substr(std::min(skip, value.bytes.size())))};
}

int32_t GetByte(Blob value, int32_t position) {
  if (position < 0 || position >= static_cast<int64_t>(value.bytes.size())) {
    ThrowReport("2202E", fmt::format("index {} out of valid range, 0..{}", position,
                                     static_cast<int64_t>(value.bytes.size()) - 1));
  }
  return static_cast<int32_t>(Byte(value.bytes[static_cast<size_t>(position)]));
}

}  // namespace

void RegisterPgBytes(duckdb::ExtensionLoader& loader) {
  RegisterScalar<ByteaOut>(loader, "pg_byteaout");
  RegisterScalar<ByteaIn>(loader, "pg_byteain");
  RegisterScalar<Encode>(loader, "pg_encode");
  RegisterScalar<Decode>(loader, "pg_decode");
  RegisterScalar<Substring, SubstringFor>(loader, "pg_bytes_substring");
  RegisterScalar<GetByte>(loader, "pg_get_byte");
}

}  // namespace lake::server
