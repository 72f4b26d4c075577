// See the header.
#include "server/functions/datetime_to_char.h"

#include <cstdlib>

#include <fmt/format.h>

#include "base/civil_time.h"
#include "server/engine/lake_exception.h"
#include "server/functions/interval_arithmetic.h"
#include "server/functions/pg_datetime.h"

namespace lake::server {

namespace {

/// What a picture shows: the fields of a clock, or of an interval.
struct Shown {
  bool is_interval = false;
  int32_t year = 0;  // astronomical
  int32_t month = 0;
  int32_t day = 0;
  int64_t hour = 0;
  int32_t minute = 0;
  int32_t second = 0;
  int32_t micros = 0;
  int32_t week_day = 0;  // 0 is Sunday
  int32_t year_day = 0;
  int32_t offset = 0;
  std::string_view abbreviation;
};

// ---------------------------------------------------------------- days and weeks
// The fields of an interval are no date, and these formulas give for them what PostgreSQL's give.

int32_t JulianDay(int32_t year, int32_t month, int32_t day) {
  if (month > 2) {
    month += 1;
    year += 4800;
  } else {
    month += 13;
    year += 4799;
  }
  int32_t century = year / 100;
  return year * 365 - 32167 + year / 4 - century + century / 4 + 7834 * month / 256 + day;
}

/// The Monday of the first ISO week.
int32_t FirstMonday(int32_t year) {
  int32_t fourth = JulianDay(year, 1, 4);
  return fourth - static_cast<int32_t>(FloorMod(fourth, 7));
}

struct IsoDay {
  int32_t year;
  int32_t week;
  int32_t year_day;
};

IsoDay IsoDayOf(const Shown& shown) {
  int32_t julian = JulianDay(shown.year, shown.month, shown.day);
  int32_t year = shown.year;
  int32_t monday = FirstMonday(year);
  if (julian < monday) monday = FirstMonday(--year);
  int32_t week = (julian - monday) / 7 + 1;
  if (week >= 52 && julian >= FirstMonday(shown.year + 1)) {
    year = shown.year + 1;
    monday = FirstMonday(year);
    week = (julian - monday) / 7 + 1;
  }
  return {year, week, julian - FirstMonday(year) + 1};
}

// ---------------------------------------------------------------- writing

class Writer {
 public:
  explicit Writer(const Shown& shown) : shown_(shown) {}

  std::string Write(const Picture& picture) {
    for (const PictureNode& node : picture.nodes()) {
      if (node.kind == PictureNode::Kind::kField) {
        WriteField(node);
      } else {
        text_ += node.character;
      }
    }
    return std::move(text_);
  }

 private:
  void WriteField(const PictureNode& node) {
    if (shown_.is_interval) RefuseForInterval(node);
    if (!WriteTimeField(node) && !WriteZoneField(node) && !WriteNameField(node) && !WriteYearField(node))
      WriteDayField(node);
  }

  bool WriteTimeField(const PictureNode& node);
  bool WriteZoneField(const PictureNode& node);
  bool WriteNameField(const PictureNode& node);
  bool WriteYearField(const PictureNode& node);
  void WriteDayField(const PictureNode& node);
  void WriteRomanMonth(const PictureNode& node);
  void WriteFraction(const PictureNode& node, int digits);
  static void RefuseForInterval(const PictureNode& node);

  /// Zeros before it up to the width, one more for a minus; none in fill mode.
  void WriteNumber(const PictureNode& node, int64_t number, int width, bool widen_for_sign = true) {
    if (node.fill_mode) width = 1;
    if (widen_for_sign && number < 0 && !node.fill_mode) width++;
    Finish(node, fmt::format("{:0{}}", number, width));
  }
  void Finish(const PictureNode& node, std::string number) {
    if (node.ordinal) number += OrdinalSuffix(number, node.ordinal_is_upper);
    text_ += number;
  }
  static const char* OrdinalSuffix(const std::string& number, bool upper) {
    char last = number.back();
    if (last < '0' || last > '9') ThrowReport("22P02", "\"" + number + "\" is not a number");
    if (number.size() > 1 && number[number.size() - 2] == '1') last = '0';
    switch (last) {
      case '1': return upper ? "ST" : "st";
      case '2': return upper ? "ND" : "nd";
      case '3': return upper ? "RD" : "rd";
      default: return upper ? "TH" : "th";
    }
  }

  void WriteName(const PictureNode& node, std::string name, size_t width) {
    for (char& c : name) {
      if (node.keyword->letters == LetterCase::kUpper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
      if (node.keyword->letters == LetterCase::kLower && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (!node.fill_mode && name.size() < width) name.resize(width, ' ');
    text_ += name;
  }

  int32_t Year(int32_t year) const { return shown_.is_interval || year > 0 ? year : 1 - year; }

  const Shown& shown_;
  std::string text_;
};

void Writer::RefuseForInterval(const PictureNode& node) {
  switch (node.keyword->field) {
    case PictureField::kTz:
    case PictureField::kTzh:
    case PictureField::kTzm:
    case PictureField::kOf:
    case PictureField::kAd:
    case PictureField::kAdDots:
    case PictureField::kMonth:
    case PictureField::kMon:
    case PictureField::kDay:
    case PictureField::kDy:
    case PictureField::kD:
    case PictureField::kId: ThrowReport("22007", "invalid format specification for an interval value");
    default: return;
  }
}

void Writer::WriteFraction(const PictureNode& node, int digits) {
  int32_t value = shown_.micros;
  for (int i = digits; i < 6; i++) value /= 10;
  Finish(node, fmt::format("{:0{}}", value, digits));  // fill mode does not matter, nor a sign
}

bool Writer::WriteTimeField(const PictureNode& node) {
  bool negative = shown_.hour < 0;
  switch (node.keyword->field) {
    case PictureField::kAmDots: WriteName(node, shown_.hour % 24 >= 12 ? "P.M." : "A.M.", 0); return true;
    case PictureField::kAm: WriteName(node, shown_.hour % 24 >= 12 ? "PM" : "AM", 0); return true;
    case PictureField::kHh12: {
      int64_t hour = shown_.hour % 12 == 0 ? 12 : shown_.hour % 12;
      WriteNumber(node, hour, negative ? 3 : 2, false);
      return true;
    }
    case PictureField::kHh24: WriteNumber(node, shown_.hour, 2); return true;
    case PictureField::kMi: WriteNumber(node, shown_.minute, 2); return true;
    case PictureField::kSs: WriteNumber(node, shown_.second, 2); return true;
    case PictureField::kFf: WriteFraction(node, node.keyword->name[2] - '0'); return true;
    case PictureField::kMs: WriteFraction(node, 3); return true;
    case PictureField::kUs: WriteFraction(node, 6); return true;
    case PictureField::kSsss:
      Finish(node, fmt::format("{}", shown_.hour * 3600 + shown_.minute * 60 + shown_.second));
      return true;
    default: return false;
  }
}

bool Writer::WriteZoneField(const PictureNode& node) {
  int32_t seconds = std::abs(shown_.offset);
  char sign = shown_.offset >= 0 ? '+' : '-';
  switch (node.keyword->field) {
    case PictureField::kTz:
      if (node.keyword->letters == LetterCase::kLower) {
        WriteName(node, std::string(shown_.abbreviation), 0);
      } else {
        text_ += shown_.abbreviation;
      }
      return true;
    case PictureField::kTzh: text_ += fmt::format("{}{:02}", sign, seconds / 3600); return true;
    case PictureField::kTzm: text_ += fmt::format("{:02}", seconds / 60 % 60); return true;
    case PictureField::kOf:
      text_ += fmt::format("{}{:0{}}", sign, seconds / 3600, node.fill_mode ? 1 : 2);
      if (seconds % 3600 != 0) text_ += fmt::format(":{:02}", seconds / 60 % 60);
      return true;
    default: return false;
  }
}

bool Writer::WriteNameField(const PictureNode& node) {
  switch (node.keyword->field) {
    case PictureField::kAdDots: WriteName(node, shown_.year <= 0 ? "B.C." : "A.D.", 0); return true;
    case PictureField::kAd: WriteName(node, shown_.year <= 0 ? "BC" : "AD", 0); return true;
    case PictureField::kMonth: WriteName(node, kMonthNames[shown_.month - 1], 9); return true;
    case PictureField::kMon: WriteName(node, std::string(kMonthNames[shown_.month - 1], 3), 0); return true;
    case PictureField::kDay: WriteName(node, kDayNames[shown_.week_day], 9); return true;
    case PictureField::kDy: WriteName(node, std::string(kDayNames[shown_.week_day], 3), 0); return true;
    case PictureField::kRm: WriteRomanMonth(node); return true;
    case PictureField::kFx: return true;
    default: return false;
  }
}

/// Whole years of an interval show as the twelfth month, negative months from the end of the year.
void Writer::WriteRomanMonth(const PictureNode& node) {
  if (shown_.month == 0 && shown_.year == 0) return;
  int32_t index = 12 - shown_.month;
  if (shown_.month == 0) index = shown_.year >= 0 ? 0 : 11;
  if (shown_.month < 0) index = -(shown_.month + 1);
  WriteName(node, kRomanMonths[index], 4);
}

bool Writer::WriteYearField(const PictureNode& node) {
  PictureField field = node.keyword->field;
  bool is_iso = field == PictureField::kIyyy || field == PictureField::kIyy || field == PictureField::kIy ||
                field == PictureField::kI;
  int32_t year = Year(is_iso ? IsoDayOf(shown_).year : shown_.year);
  int width_for_sign = Year(shown_.year) >= 0 ? 0 : 1;
  switch (field) {
    case PictureField::kYCommaYyy:
      Finish(node, fmt::format("{},{:03}", year / 1000, year - year / 1000 * 1000));
      return true;
    case PictureField::kYyyy:
    case PictureField::kIyyy: WriteNumber(node, year, 4 + width_for_sign, false); return true;
    case PictureField::kYyy:
    case PictureField::kIyy: WriteNumber(node, year % 1000, 3 + width_for_sign, false); return true;
    case PictureField::kYy:
    case PictureField::kIy: WriteNumber(node, year % 100, 2 + width_for_sign, false); return true;
    case PictureField::kY:
    case PictureField::kI: WriteNumber(node, year % 10, 1, false); return true;
    case PictureField::kCc: {
      int32_t century = shown_.is_interval ? shown_.year / 100
                        : shown_.year > 0  ? (shown_.year - 1) / 100 + 1
                                           : shown_.year / 100 - 1;
      WriteNumber(node, century, century <= 99 && century >= -99 ? 2 : 1);
      return true;
    }
    default: return false;
  }
}

void Writer::WriteDayField(const PictureNode& node) {
  switch (node.keyword->field) {
    case PictureField::kMm: WriteNumber(node, shown_.month, 2); return;
    case PictureField::kDdd: WriteNumber(node, shown_.year_day, 3, false); return;
    case PictureField::kIddd: WriteNumber(node, IsoDayOf(shown_).year_day, 3, false); return;
    case PictureField::kDd: WriteNumber(node, shown_.day, 2, false); return;
    case PictureField::kD: WriteNumber(node, shown_.week_day + 1, 1); return;
    case PictureField::kId: WriteNumber(node, shown_.week_day == 0 ? 7 : shown_.week_day, 1); return;
    case PictureField::kWw: WriteNumber(node, (shown_.year_day - 1) / 7 + 1, 2, false); return;
    case PictureField::kIw: WriteNumber(node, IsoDayOf(shown_).week, 2, false); return;
    case PictureField::kW: WriteNumber(node, (shown_.day - 1) / 7 + 1, 1, false); return;
    case PictureField::kQ:
      if (shown_.month != 0) WriteNumber(node, (shown_.month - 1) / 3 + 1, 1, false);
      return;
    default: WriteNumber(node, JulianDay(shown_.year, shown_.month, shown_.day), 1, false); return;
  }
}

Shown ShownClock(int64_t micros) {
  DateTime clock = SplitTimestamp(micros);
  int64_t days = DayNumber(clock.year, clock.month, clock.day);
  Shown shown;
  shown.year = clock.year;
  shown.month = clock.month;
  shown.day = clock.day;
  shown.hour = clock.hour;
  shown.minute = clock.minute;
  shown.second = clock.second;
  shown.micros = clock.micros;
  shown.week_day = DayOfWeek(days);
  shown.year_day = DayOfYear(days, clock.year);
  return shown;
}

}  // namespace

std::optional<std::string> TimestampToChar(int64_t micros, const Picture& picture) {
  if (!IsFiniteTimestamp(micros) || picture.is_empty()) return std::nullopt;
  return Writer(ShownClock(micros)).Write(picture);
}

std::optional<std::string> InstantToChar(int64_t micros, const Picture& picture, ZoneCursor& zone) {
  if (!IsFiniteTimestamp(micros) || picture.is_empty()) return std::nullopt;
  const TimeZone::Period& period = zone.PeriodAt(FloorDiv(micros, kMicrosPerSecond));
  Shown shown = ShownClock(micros + period.offset * kMicrosPerSecond);
  shown.offset = period.offset;
  shown.abbreviation = period.abbreviation;
  return Writer(shown).Write(picture);
}

std::optional<std::string> IntervalToChar(interval_t span, const Picture& picture) {
  if (picture.is_empty()) return std::nullopt;
  IntervalFields fields = SplitInterval(span);
  Shown shown;
  shown.is_interval = true;
  shown.year = fields.years;
  shown.month = fields.months;
  shown.day = fields.days;
  shown.hour = fields.hours;
  shown.minute = fields.minutes;
  shown.second = fields.seconds;
  shown.micros = fields.micros;
  shown.year_day = (fields.years * 12 + fields.months) * 30 + fields.days;
  return Writer(shown).Write(picture);
}

}  // namespace lake::server
