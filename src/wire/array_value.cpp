// See the header for the formats.
#include "wire/array_value.h"

#include "wire/byte_order.h"

namespace lake::wire {

namespace {

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool IsNullWord(std::string_view text) {
  if (text.size() != 4) return false;
  for (size_t i = 0; i < 4; ++i) {
    if ((text[i] | 0x20) != "null"[i]) return false;
  }
  return true;
}

Error Malformed(std::string_view text) { return InvalidInput("malformed array literal: \"{}\"", text); }

}  // namespace

void AppendArrayHeader(OutBuffer& out, Oid element, size_t count, bool has_null) {
  out.Append32(count == 0 ? 0 : 1);
  out.Append32(has_null ? 1 : 0);
  out.Append32(element);
  if (count == 0) return;
  out.Append32(static_cast<uint32_t>(count));
  out.Append32(1);
}

Result<BinaryArray> DecodeArray(std::string_view bytes) {
  if (bytes.size() < 12) return Corrupt("a binary array of {} bytes", bytes.size());
  BinaryArray array;
  uint32_t dimensions = LoadBig32(bytes.data());
  array.element = LoadBig32(bytes.data() + 8);
  if (dimensions == 0) return array;
  if (dimensions != 1) return Unsupported("arrays of {} dimensions are not supported", dimensions);
  if (bytes.size() < 20) return Corrupt("a binary array of {} bytes", bytes.size());
  size_t count = LoadBig32(bytes.data() + 12);
  bytes.remove_prefix(20);
  if (count > bytes.size() / 4) return Corrupt("a binary array claims {} elements in {} bytes", count, bytes.size());
  array.elements.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    if (bytes.size() < 4) return Corrupt("a binary array ends before element {}", i + 1);
    auto length = static_cast<int32_t>(LoadBig32(bytes.data()));
    bytes.remove_prefix(4);
    if (length == -1) {
      array.elements.emplace_back();
      continue;
    }
    if (length < 0 || static_cast<size_t>(length) > bytes.size()) {
      return Corrupt("array element {} claims {} of {} bytes", i + 1, length, bytes.size());
    }
    array.elements.emplace_back(bytes.substr(0, static_cast<size_t>(length)));
    bytes.remove_prefix(static_cast<size_t>(length));
  }
  if (!bytes.empty()) return Corrupt("{} bytes after the last array element", bytes.size());
  return array;
}

void AppendArrayElement(OutBuffer& out, std::optional<std::string_view> element) {
  if (!element) return out.Append("NULL");
  bool quote = element->empty() || IsNullWord(*element);
  for (char c : *element) quote = quote || c == '{' || c == '}' || c == ',' || c == '"' || c == '\\' || IsSpace(c);
  if (!quote) return out.Append(*element);
  out.AppendByte('"');
  for (char c : *element) {
    if (c == '"' || c == '\\') out.AppendByte('\\');
    out.AppendByte(c);
  }
  out.AppendByte('"');
}

Result<std::vector<std::optional<std::string>>> ParseArrayText(std::string_view text) {
  std::vector<std::optional<std::string>> elements;
  size_t at = 0;
  auto skip_spaces = [&] {
    while (at < text.size() && IsSpace(text[at])) ++at;
  };
  skip_spaces();
  if (at == text.size() || text[at] != '{') return Malformed(text);
  ++at;
  skip_spaces();
  bool is_empty = at < text.size() && text[at] == '}';
  if (is_empty) ++at;
  while (!is_empty) {
    std::string element;
    bool quoted = false;
    size_t significant = 0;  // unquoted text ends before trailing spaces
    skip_spaces();
    if (at < text.size() && text[at] == '{') return Unsupported("arrays of several dimensions are not supported");
    for (bool inside = false;; ++at) {
      if (at == text.size()) return Malformed(text);
      char c = text[at];
      if (c == '\\') {
        if (++at == text.size()) return Malformed(text);
        element.push_back(text[at]);
        significant = element.size();
      } else if (c == '"') {
        if (!inside && (quoted || significant > 0)) return Malformed(text);
        inside = !inside;
        quoted = true;
        significant = element.size();
      } else if (inside) {
        element.push_back(c);
        significant = element.size();
      } else if (c == ',' || c == '}') {
        break;
      } else if (c == '{') {
        return Malformed(text);
      } else if (IsSpace(c)) {
        element.push_back(c);
      } else {
        if (quoted) return Malformed(text);
        element.push_back(c);
        significant = element.size();
      }
    }
    element.resize(significant);
    if (element.empty() && !quoted) return Malformed(text);
    if (!quoted && IsNullWord(element)) {
      elements.emplace_back();
    } else {
      elements.emplace_back(std::move(element));
    }
    if (text[at++] == '}') break;
  }
  skip_spaces();
  if (at != text.size()) return Malformed(text);
  return elements;
}

}  // namespace lake::wire
