#include "base/civil_time.h"

#include <optional>

namespace lake {

namespace {

constexpr int64_t kSecondsPerDay = 86400;
constexpr int64_t kNanosPerSecond = 1000000000;

bool IsLeap(int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int DaysInMonth(int64_t year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[month - 1];
}

/// Takes digits off the front of a text; nullopt when the format is not met.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}
  std::optional<int64_t> Digits(size_t min, size_t max) {
    size_t n = 0;
    int64_t value = 0;
    while (n < rest_.size() && n < max && rest_[n] >= '0' && rest_[n] <= '9') value = value * 10 + (rest_[n++] - '0');
    if (n < min) return std::nullopt;
    rest_.remove_prefix(n);
    consumed_ = n;
    return value;
  }
  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool at_end() const { return rest_.empty(); }
  size_t last_digits() const { return consumed_; }

 private:
  std::string_view rest_;
  size_t consumed_ = 0;
};

std::optional<int64_t> TakeDate(Cursor& cursor) {
  bool negative = cursor.Take('-');
  if (!negative) cursor.Take('+');
  auto year = cursor.Digits(4, 7);
  if (!year || !cursor.Take('-')) return std::nullopt;
  auto month = cursor.Digits(2, 2);
  if (!month || *month < 1 || *month > 12 || !cursor.Take('-')) return std::nullopt;
  auto day = cursor.Digits(2, 2);
  if (negative) year = -*year;
  if (!day || *day < 1 || *day > DaysInMonth(*year, static_cast<int>(*month))) return std::nullopt;
  return DaysFromCivil({*year, static_cast<int>(*month), static_cast<int>(*day)});
}

std::optional<int64_t> TakeTime(Cursor& cursor) {
  auto hour = cursor.Digits(2, 2);
  if (!hour || *hour > 23 || !cursor.Take(':')) return std::nullopt;
  auto minute = cursor.Digits(2, 2);
  if (!minute || *minute > 59) return std::nullopt;
  int64_t second = 0;
  int64_t nanos = 0;
  if (cursor.Take(':')) {
    auto value = cursor.Digits(2, 2);
    if (!value || *value > 59) return std::nullopt;
    second = *value;
    if (cursor.Take('.')) {
      auto fraction = cursor.Digits(1, 9);
      if (!fraction) return std::nullopt;
      nanos = *fraction;
      for (size_t i = cursor.last_digits(); i < 9; i++) nanos *= 10;
    }
  }
  return ((*hour * 60 + *minute) * 60 + second) * kNanosPerSecond + nanos;
}

std::string FormatTimestamp(int64_t seconds, int64_t nanos) {
  int64_t days = FloorDiv(seconds, kSecondsPerDay);
  return FormatDate(days) + "T" + FormatTimeNanos(FloorMod(seconds, kSecondsPerDay) * kNanosPerSecond + nanos);
}

}  // namespace

int64_t DaysFromCivil(const CivilDate& date) {
  // Years start in March, so that the leap day is the last day of a year; eras of 400 years repeat exactly.
  int64_t year = date.month <= 2 ? date.year - 1 : date.year;
  int64_t era = FloorDiv(year, 400);
  int64_t year_of_era = FloorMod(year, 400);
  int64_t day_of_year = (153 * (date.month > 2 ? date.month - 3 : date.month + 9) + 2) / 5 + date.day - 1;
  int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

CivilDate CivilFromDays(int64_t days) {
  days += 719468;
  int64_t era = FloorDiv(days, 146097);
  int64_t day_of_era = FloorMod(days, 146097);
  int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t shifted_month = (5 * day_of_year + 2) / 153;
  CivilDate date;
  date.day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  date.month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
  return date;
}

std::string FormatDate(int64_t days) {
  CivilDate date = CivilFromDays(days);
  const char* sign = date.year < 0 ? "-" : (date.year > 9999 ? "+" : "");
  return fmt::format("{}{:04}-{:02}-{:02}", sign, date.year < 0 ? -date.year : date.year, date.month, date.day);
}

std::string FormatTimeNanos(int64_t nanos) {
  int64_t seconds = nanos / kNanosPerSecond;
  int64_t fraction = nanos % kNanosPerSecond;
  std::string out = fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (fraction == 0) return out;
  if (fraction % 1000 != 0) return out + fmt::format(".{:09}", fraction);
  return out + fmt::format(".{:06}", fraction / 1000);
}

std::string FormatTimestampMicros(int64_t micros) {
  return FormatTimestamp(FloorDiv(micros, 1000000), FloorMod(micros, 1000000) * 1000);
}

std::string FormatTimestampNanos(int64_t nanos) {
  return FormatTimestamp(FloorDiv(nanos, kNanosPerSecond), FloorMod(nanos, kNanosPerSecond));
}

Result<int64_t> ParseDate(std::string_view text) {
  Cursor cursor(text);
  auto days = TakeDate(cursor);
  if (!days || !cursor.at_end()) return InvalidInput("invalid date \"{}\": expected YYYY-MM-DD", text);
  return *days;
}

Result<int64_t> ParseTimeNanos(std::string_view text) {
  Cursor cursor(text);
  auto nanos = TakeTime(cursor);
  if (!nanos || !cursor.at_end()) return InvalidInput("invalid time \"{}\": expected HH:MM:SS.ffffff", text);
  return *nanos;
}

Result<ParsedTimestamp> ParseTimestamp(std::string_view text) {
  auto bad = [&] { return InvalidInput("invalid timestamp \"{}\": expected YYYY-MM-DDTHH:MM:SS.ffffff", text); };
  Cursor cursor(text);
  auto days = TakeDate(cursor);
  if (!days || !(cursor.Take('T') || cursor.Take(' '))) return bad();
  auto nanos = TakeTime(cursor);
  if (!nanos) return bad();
  ParsedTimestamp parsed;
  parsed.seconds = *days * kSecondsPerDay + *nanos / kNanosPerSecond;
  parsed.nanos = static_cast<int32_t>(*nanos % kNanosPerSecond);
  if (cursor.at_end()) return parsed;
  parsed.has_offset = true;
  if (cursor.Take('Z')) return cursor.at_end() ? Result<ParsedTimestamp>(parsed) : bad();
  int sign = cursor.Take('+') ? 1 : (cursor.Take('-') ? -1 : 0);
  auto hours = cursor.Digits(2, 2);
  if (sign == 0 || !hours || *hours > 18 || !cursor.Take(':')) return bad();
  auto minutes = cursor.Digits(2, 2);
  if (!minutes || *minutes > 59 || !cursor.at_end()) return bad();
  parsed.seconds -= sign * (*hours * 3600 + *minutes * 60);
  return parsed;
}

}  // namespace lake
