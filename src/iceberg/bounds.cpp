// Truncated bounds of strings and bytes (rule 25): the lower bound is a prefix, the upper bound a prefix with its last
// code point or byte incremented, so that lower <= value <= upper still holds.
#include "iceberg/literal.h"
#include "iceberg/partition.h"

namespace lake::iceberg {

namespace {

struct CodePoint {
  uint32_t value = 0;
  size_t size = 1;     // bytes
  bool valid = false;  // false: a byte that is not UTF-8, taken as one unit
};

CodePoint Decode(std::string_view text, size_t at) {
  auto byte = [&](size_t i) { return static_cast<uint8_t>(text[at + i]); };
  uint8_t lead = byte(0);
  size_t size = lead < 0x80 ? 1 : (lead >> 5 == 6 ? 2 : (lead >> 4 == 14 ? 3 : (lead >> 3 == 30 ? 4 : 0)));
  if (size == 0 || at + size > text.size()) return {};
  static constexpr uint32_t kLowest[] = {0, 0, 0x80, 0x800, 0x10000};
  uint32_t value = size == 1 ? lead : lead & (0x7f >> size);
  for (size_t i = 1; i < size; i++) {
    if (byte(i) >> 6 != 2) return {};
    value = value << 6 | (byte(i) & 0x3f);
  }
  if (value < kLowest[size]) return {};  // longer than it need be: the next one, written as it should be, sorts below
  return {value, size, true};
}

std::string Encode(uint32_t value) {
  std::string out;
  if (value < 0x80) {
    out.push_back(static_cast<char>(value));
  } else if (value < 0x800) {
    out.push_back(static_cast<char>(0xc0 | value >> 6));
    out.push_back(static_cast<char>(0x80 | (value & 0x3f)));
  } else if (value < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | value >> 12));
    out.push_back(static_cast<char>(0x80 | (value >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (value & 0x3f)));
  } else {
    out.push_back(static_cast<char>(0xf0 | value >> 18));
    out.push_back(static_cast<char>(0x80 | (value >> 12 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (value >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (value & 0x3f)));
  }
  return out;
}

/// The starts of the first `width` code points; `rest` is where the next one starts (the end if there is none).
std::vector<size_t> CodePointStarts(std::string_view text, size_t width, size_t& rest) {
  std::vector<size_t> starts;
  rest = 0;
  while (rest < text.size() && starts.size() < width) {
    starts.push_back(rest);
    rest += Decode(text, rest).size;
  }
  return starts;
}

std::optional<std::string> IncrementString(std::string_view text, const std::vector<size_t>& starts) {
  for (size_t i = starts.size(); i-- > 0;) {
    CodePoint point = Decode(text, starts[i]);
    if (!point.valid || point.value >= 0x10ffff) continue;
    uint32_t next = point.value + 1;
    if (next >= 0xd800 && next <= 0xdfff) next = 0xe000;  // surrogates are not characters
    return std::string(text.substr(0, starts[i])) + Encode(next);
  }
  return std::nullopt;
}

std::optional<std::string> IncrementBytes(std::string bytes) {
  while (!bytes.empty() && static_cast<uint8_t>(bytes.back()) == 0xff) bytes.pop_back();
  if (bytes.empty()) return std::nullopt;
  bytes.back() = static_cast<char>(static_cast<uint8_t>(bytes.back()) + 1);
  return bytes;
}

}  // namespace

std::string_view FirstCodePoints(std::string_view text, int count) {
  size_t end = 0;
  for (int i = 0; i < count && end < text.size(); i++) end += Decode(text, end).size;
  return text.substr(0, end);
}

Literal TruncateLowerBound(const Literal& value, int width) {
  auto limit = static_cast<size_t>(width);
  if (value.type().id() == TypeId::kString) {
    const auto& text = value.as<std::string>();
    std::string_view kept = FirstCodePoints(text, width);
    return kept.size() == text.size() ? value : Literal::String(std::string(kept));
  }
  if (value.type().id() == TypeId::kBinary && value.as<std::string>().size() > limit) {
    return Literal::Binary(value.as<std::string>().substr(0, limit));
  }
  return value;
}

std::optional<Literal> TruncateUpperBound(const Literal& value, int width) {
  auto limit = static_cast<size_t>(width);
  if (value.type().id() == TypeId::kString) {
    const auto& text = value.as<std::string>();
    size_t rest = 0;
    auto starts = CodePointStarts(text, limit, rest);
    if (rest >= text.size()) return value;
    auto upper = IncrementString(text, starts);
    return upper ? std::optional(Literal::String(*std::move(upper))) : std::nullopt;
  }
  if (value.type().id() == TypeId::kBinary && value.as<std::string>().size() > limit) {
    auto upper = IncrementBytes(value.as<std::string>().substr(0, limit));
    return upper ? std::optional(Literal::Binary(*std::move(upper))) : std::nullopt;
  }
  return value;
}

}  // namespace lake::iceberg
