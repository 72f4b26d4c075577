// See the header.
#include "server/functions/number_picture.h"

#include <algorithm>

#include "server/engine/lake_exception.h"
#include "server/functions/utf8.h"

namespace lake::server {

namespace {

using enum NumberPattern;

struct Keyword {
  std::string_view name;
  NumberPattern pattern;
};

// The longest that fits is meant: a keyword stands before those that it begins with. All are known in lower case, too.
constexpr Keyword kKeywords[] = {
    {",", kComma},    {".", kPoint},      {"0", kZero},        {"9", kNine},      {"B", kBlank},
    {"C", kIgnored},  {"D", kLocalPoint}, {"EEEE", kExponent}, {"FM", kFillMode}, {"G", kLocalGroup},
    {"L", kCurrency}, {"MI", kMinus},     {"PL", kPlus},       {"PR", kBrackets}, {"RN", kRoman},
    {"SG", kSign},    {"SP", kIgnored},   {"S", kLocalSign},   {"TH", kOrdinal},  {"V", kShift},
};

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool StartsWith(std::string_view text, std::string_view name, bool lower) {
  if (text.size() < name.size()) return false;
  for (size_t i = 0; i < name.size(); ++i) {
    if (text[i] != (lower ? Lower(name[i]) : name[i])) return false;
  }
  return true;
}

[[noreturn]] void ThrowPicture(const char* message) { ThrowReport("42601", message); }

void CheckDigit(const NumberShape& shape, const char* message) {
  if (shape.has_brackets) ThrowPicture(message);
}

void AddNine(NumberShape& shape) {
  CheckDigit(shape, "\"9\" must be ahead of \"PR\"");
  if (shape.has_shift) {
    ++shape.shift;
  } else if (shape.has_point) {
    ++shape.behind;
  } else {
    ++shape.before;
  }
}

void AddZero(NumberShape& shape) {
  CheckDigit(shape, "\"0\" must be ahead of \"PR\"");
  if (!shape.has_zero && !shape.has_point) {
    shape.has_zero = true;
    shape.zero_start = shape.before + 1;
  }
  ++(shape.has_point ? shape.behind : shape.before);
  shape.zero_end = shape.before + shape.behind;
}

void AddPoint(NumberShape& shape) {
  if (shape.has_point) ThrowPicture("multiple decimal points");
  if (shape.has_shift) ThrowPicture("cannot use \"V\" and decimal point together");
  shape.has_point = true;
}

void AddLocalSign(NumberShape& shape) {
  if (shape.has_local_sign) ThrowPicture("cannot use \"S\" twice");
  if (shape.has_plus || shape.has_minus || shape.has_brackets)
    ThrowPicture("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
  shape.has_local_sign = true;
  shape.local_sign = shape.has_point ? NumberShape::LocalSign::kBehind : NumberShape::LocalSign::kBefore;
  if (!shape.has_point) shape.digits_before_sign = shape.before;
}

void AddSign(NumberShape& shape, NumberPattern pattern) {
  if (shape.has_local_sign)
    ThrowPicture(pattern == kMinus  ? "cannot use \"S\" and \"MI\" together"
                 : pattern == kPlus ? "cannot use \"S\" and \"PL\" together"
                                    : "cannot use \"S\" and \"SG\" together");
  shape.has_minus |= pattern != kPlus;
  shape.has_plus |= pattern != kMinus;
}

void AddBrackets(NumberShape& shape) {
  if (shape.has_local_sign || shape.has_plus || shape.has_minus)
    ThrowPicture("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
  shape.has_brackets = true;
}

void AddExponent(NumberShape& shape) {
  if (shape.is_scientific) ThrowPicture("cannot use \"EEEE\" twice");
  if (shape.has_blank || shape.fill_mode || shape.has_local_sign || shape.has_brackets || shape.has_minus ||
      shape.has_plus || shape.is_roman || shape.has_shift)
    ThrowPicture("\"EEEE\" is incompatible with other formats");
  shape.is_scientific = true;
}

void AddShift(NumberShape& shape) {
  if (shape.has_point) ThrowPicture("cannot use \"V\" and decimal point together");
  shape.has_shift = true;
}

}  // namespace

void NumberPicture::Add(NumberPattern pattern, bool is_lower) {
  if (shape_.is_scientific && pattern != kExponent) ThrowPicture("\"EEEE\" must be the last pattern used");
  switch (pattern) {
    case kNine: AddNine(shape_); break;
    case kZero: AddZero(shape_); break;
    case kLocalPoint: shape_.has_local_point = true; [[fallthrough]];
    case kPoint: AddPoint(shape_); break;
    case kBlank: shape_.has_blank |= shape_.before == 0 && shape_.behind == 0 && !shape_.has_zero; break;
    case kFillMode: shape_.fill_mode = true; break;
    case kLocalSign: AddLocalSign(shape_); break;
    case kMinus:
    case kPlus:
    case kSign: AddSign(shape_, pattern); break;
    case kBrackets: AddBrackets(shape_); break;
    case kRoman: shape_.is_roman = true; break;
    case kShift: AddShift(shape_); break;
    case kExponent: AddExponent(shape_); break;
    default: break;
  }
  elements_.push_back({true, pattern, is_lower, {}});
}

NumberPicture NumberPicture::Parse(std::string_view text) {
  NumberPicture picture;
  picture.is_empty_ = text.empty();
  bool quoted = false;
  for (size_t at = 0; at < text.size();) {
    std::string_view rest = text.substr(at);
    bool is_pattern = false;
    for (const Keyword& keyword : kKeywords) {
      bool is_lower = !StartsWith(rest, keyword.name, false);
      if (quoted || (is_lower && !StartsWith(rest, keyword.name, true))) continue;
      picture.Add(keyword.pattern, is_lower);
      at += keyword.name.size();
      is_pattern = true;
      break;
    }
    if (is_pattern) continue;
    if (rest[0] == '"') {
      quoted = !quoted;
      ++at;
      continue;
    }
    // a backslash quotes any character between quotes, and a quote elsewhere
    if (rest[0] == '\\' && rest.size() > 1 && (quoted || rest[1] == '"')) rest.remove_prefix(1), ++at;
    size_t size = CharBytes(rest);
    picture.elements_.push_back({false, kIgnored, false, std::string(rest.substr(0, size))});
    at += size;
  }
  return picture;
}

NumberSymbols NumberSymbols::Parse(std::string_view text) {
  NumberSymbols symbols;
  std::string* const fields[] = {&symbols.point, &symbols.group, &symbols.currency, &symbols.minus, &symbols.plus};
  if (text.empty()) return symbols;
  for (std::string* field : fields) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.empty()) *field = line;
  }
  return symbols;
}

}  // namespace lake::server
