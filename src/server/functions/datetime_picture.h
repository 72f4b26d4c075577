// Templates of to_char, to_date and to_timestamp, PostgreSQL's "format pictures" of dates and times.
//
// A picture is a row of nodes: fields (YYYY, Mon, HH24 ..) with their modifiers (FM, TH), separators, blanks, and other
// characters that stand for themselves. TM, names in the language of lc_time, is not known here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lake::server {

enum class PictureField : uint8_t {
  kAdDots,
  kAd,
  kAmDots,
  kAm,
  kCc,
  kDay,
  kDdd,
  kDd,
  kDy,
  kD,
  kFf,
  kFx,
  kHh24,
  kHh12,
  kIddd,
  kId,
  kIw,
  kIyyy,
  kIyy,
  kIy,
  kI,
  kJ,
  kMi,
  kMm,
  kMonth,
  kMon,
  kMs,
  kOf,
  kQ,
  kRm,
  kSsss,
  kSs,
  kTzh,
  kTzm,
  kTz,
  kUs,
  kWw,
  kW,
  kYCommaYyy,
  kYyyy,
  kYyy,
  kYy,
  kY
};

enum class LetterCase : uint8_t { kUpper, kLower, kFirstUpper };
enum class DateConvention : uint8_t { kNone, kGregorian, kIsoWeek };

struct PictureKeyword {
  std::string_view name;
  PictureField field;
  bool is_digit;  // what it stands for is made of digits
  DateConvention convention = DateConvention::kNone;
  LetterCase letters = LetterCase::kUpper;
};

struct PictureNode {
  enum class Kind : uint8_t { kField, kSeparator, kSpace, kCharacter };
  Kind kind = Kind::kField;
  bool fill_mode = false;         // FM
  bool ordinal = false;           // TH, th
  bool ordinal_is_upper = false;  // TH
  const PictureKeyword* keyword = nullptr;
  std::string_view character;  // of the picture's text; one, in UTF-8
};

class Picture {
 public:
  static Picture Parse(std::string_view text);
  const std::vector<PictureNode>& nodes() const { return nodes_; }
  bool is_empty() const { return is_empty_; }
  Picture(Picture&&) = default;
  Picture& operator=(Picture&&) = default;

 private:
  Picture() = default;
  std::vector<char> text_;  // the nodes' characters lie in it, also when the picture is moved
  std::vector<PictureNode> nodes_;
  bool is_empty_ = true;
};

/// A printable ASCII character that is neither letter nor digit, nor a blank.
bool IsPictureSeparator(char c);
bool IsPictureSpace(char c);
/// The bytes of the UTF-8 character that begins there.
size_t CharacterLength(std::string_view text);

inline constexpr const char* kDayNames[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                            "Thursday", "Friday", "Saturday"};
inline constexpr const char* kMonthNames[] = {"January", "February", "March",     "April",   "May",      "June",
                                              "July",    "August",   "September", "October", "November", "December"};
/// December comes first.
inline constexpr const char* kRomanMonths[] = {"XII", "XI", "X",  "IX",  "VIII", "VII",
                                               "VI",  "V",  "IV", "III", "II",   "I"};

}  // namespace lake::server
