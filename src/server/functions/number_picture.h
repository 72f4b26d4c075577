// Templates of to_char and to_number over numbers, PostgreSQL's "format pictures" (formatting.c), and the symbols of a
// locale that they ask for.
//
// A picture is a row of elements, patterns and other characters, which stand for themselves; what the patterns say
// together (how many digits, where the sign goes) is in its shape. Errors are those that PostgreSQL raises.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lake::server {

enum class NumberPattern : uint8_t {
  kComma,
  kPoint,
  kZero,
  kNine,
  kBlank,
  kIgnored,
  kLocalPoint,
  kExponent,
  kFillMode,
  kLocalGroup,
  kCurrency,
  kMinus,
  kPlus,
  kBrackets,
  kRoman,
  kSign,
  kLocalSign,
  kOrdinal,
  kShift
};

struct NumberElement {
  bool is_pattern = false;
  NumberPattern pattern = NumberPattern::kIgnored;
  bool is_lower = false;  // rn, th
  std::string character;  // one, in UTF-8, where it is no pattern
};

struct NumberShape {
  enum class LocalSign : uint8_t { kNone, kBefore, kBehind };
  LocalSign local_sign = LocalSign::kNone;  // S
  int digits_before_sign = 0;               // before S
  int before = 0;                           // digits before the point
  int behind = 0;
  int shift = 0;       // digits behind V
  int zero_start = 0;  // the place of the first 0, from 1 on
  int zero_end = 0;    // digits up to the last 0
  bool has_zero = false;
  bool has_point = false;
  bool has_local_point = false;
  bool has_blank = false;
  bool fill_mode = false;
  bool has_local_sign = false;
  bool has_minus = false;
  bool has_plus = false;
  bool has_brackets = false;
  bool is_roman = false;
  bool has_shift = false;
  bool is_scientific = false;
};

class NumberPicture {
 public:
  static NumberPicture Parse(std::string_view text);
  const std::vector<NumberElement>& elements() const { return elements_; }
  const NumberShape& shape() const { return shape_; }
  bool is_empty() const { return is_empty_; }

 private:
  void Add(NumberPattern pattern, bool is_lower);
  std::vector<NumberElement> elements_;
  NumberShape shape_;
  bool is_empty_ = true;
};

/// Symbols of a locale, as lake_engine.number_symbols() has them: five lines; no text at all for the locale C.
struct NumberSymbols {
  std::string point = ".";
  std::string group;
  std::string currency = " ";
  std::string minus = "-";
  std::string plus = "+";
  static NumberSymbols Parse(std::string_view text);

  /// A point that is no D is the same everywhere.
  std::string_view Point(const NumberShape& shape) const {
    return shape.has_local_point ? std::string_view(point) : std::string_view(".");
  }
  /// Where the locale has none: another character than the point.
  std::string_view Group(const NumberShape& shape) const {
    if (!group.empty()) return group;
    return Point(shape) == "," ? "." : ",";
  }
};

}  // namespace lake::server
