// See the header.
//
// First the text is read node by node: a field takes as many characters as its keyword has, or all digits there are
// when nothing with digits follows it or in fill mode. Then the fields become a date and a time; of those that say the
// same thing in several ways the more precise one counts.
#include "server/functions/datetime_from_char.h"

#include <algorithm>
#include <cctype>
#include <limits>

#include <fmt/format.h>

#include "base/civil_time.h"
#include "server/engine/lake_exception.h"
#include "server/functions/datetime_arithmetic.h"
#include "server/functions/datetime_functions.h"
#include "server/functions/datetime_to_char.h"
#include "server/functions/pg_datetime.h"
#include "server/functions/vector_function.h"

namespace lake::server {

namespace {

constexpr const char* kInvalidFormat = "22007";

/// What the fields of a text said; 0 is nothing.
struct Fields {
  DateConvention convention = DateConvention::kNone;
  int hour = 0;
  int pm = 0;
  int minute = 0;
  int second = 0;
  int second_of_day = 0;
  int week_day = 0;  // 1 is Sunday
  int day = 0;
  int year_day = 0;
  int month = 0;
  int millis = 0;
  int year = 0;
  int bc = 0;
  int week = 0;
  int month_week = 0;
  int century = 0;
  int julian = 0;
  int micros = 0;
  int year_digits = 0;
  bool twelve_hours = false;
  int zone_sign = 0;
  int zone_hour = 0;
  int zone_minute = 0;
  int precision = 0;
};

[[noreturn]] void ThrowFieldOverflow(std::string_view text) {
  ThrowReport("22008", fmt::format("date/time field value out of range: \"{}\"", text));
}

// ---------------------------------------------------------------- reading

class Reader {
 public:
  Reader(std::string_view text, const Picture& picture) : rest_(text), text_(text), nodes_(picture.nodes()) {}

  Fields Read() {
    for (at_ = 0; at_ < nodes_.size() && !rest_.empty(); ++at_) {
      const PictureNode& node = nodes_[at_];
      bool is_field = node.kind == PictureNode::Kind::kField;
      bool is_fixed = is_field && node.keyword->field == PictureField::kFx;
      if (!fixed_ && !is_fixed && (is_field || at_ == 0)) SkipSpaces();
      if (!is_field) {
        SkipCharacter(node);
        continue;
      }
      TakeConvention(node.keyword->convention);
      ReadField(node);
      if (!fixed_) {
        extra_skip_ = 0;
        SkipSpaces();
      }
    }
    return fields_;
  }

 private:
  bool StartsWithSpace() const { return !rest_.empty() && IsPictureSpace(rest_.front()); }

  void SkipSpaces() {
    for (; StartsWithSpace(); ++extra_skip_) rest_.remove_prefix(1);
  }

  /// A blank, a separator, or a character of the picture. What it is does not matter, how many there are does.
  void SkipCharacter(const PictureNode& node) {
    if (fixed_) {
      rest_.remove_prefix(CharacterLength(rest_));
    } else if (node.kind != PictureNode::Kind::kCharacter) {
      extra_skip_--;
      if (StartsWithSpace() || (!rest_.empty() && IsPictureSeparator(rest_.front()))) {
        rest_.remove_prefix(1);
        extra_skip_++;
      }
    } else if (extra_skip_ > 0) {
      extra_skip_--;  // skipped before: it may be part of the next field
    } else {
      rest_.remove_prefix(CharacterLength(rest_));
    }
  }

  void TakeConvention(DateConvention convention) {
    if (convention == DateConvention::kNone) return;
    if (fields_.convention != DateConvention::kNone && fields_.convention != convention)
      ThrowReport(kInvalidFormat, "invalid combination of date conventions");
    fields_.convention = convention;
  }

  void Set(int& field, int value) const {
    if (field != 0 && field != value) {
      ThrowReport(kInvalidFormat, fmt::format("conflicting values for \"{}\" field in formatting string", Name()));
    }
    field = value;
  }

  std::string_view Name() const { return nodes_[at_].keyword->name; }

  /// Nothing that is made of digits follows the field.
  bool IsDelimited() const {
    const PictureNode& node = nodes_[at_];
    if (node.ordinal || at_ + 1 == nodes_.size()) return true;
    const PictureNode& next = nodes_[at_ + 1];
    if (next.kind == PictureNode::Kind::kField) return !next.keyword->is_digit;
    return !(next.character.size() == 1 && std::isdigit(static_cast<unsigned char>(next.character.front())) != 0);
  }

  int ReadInteger(int& field, size_t width);
  int ReadInteger(int& field) { return ReadInteger(field, Name().size()); }
  void ReadNumber(int& field, size_t width) {
    ReadInteger(field, width);
    SkipOrdinal();
  }
  void ReadNumber(int& field) { ReadNumber(field, Name().size()); }
  void SkipOrdinal() {
    if (!nodes_[at_].ordinal) return;
    for (int i = 0; i < 2; i++) rest_.remove_prefix(CharacterLength(rest_));
  }
  void ReadYear(int digits);
  void ReadYearWithComma();
  void ReadZoneHour();
  void ReadField(const PictureNode& node);
  bool ReadTimeField(PictureField field);
  bool ReadNameField(PictureField field);
  void ReadDateField(PictureField field);

  template <size_t kCount>
  int ReadName(const char* const (&names)[kCount], size_t length = std::string_view::npos);

  std::string_view rest_;
  std::string_view text_;
  const std::vector<PictureNode>& nodes_;
  size_t at_ = 0;
  bool fixed_ = false;
  int extra_skip_ = 0;  // characters skipped beyond those that the picture has
  Fields fields_;
};

/// strtol: blanks, a sign, digits. Returns how many characters that were, 0 for no number.
size_t ParseInteger(std::string_view text, long& value) {
  size_t at = 0;
  while (at < text.size() && IsPictureSpace(text[at])) at++;
  bool negative = at < text.size() && text[at] == '-';
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) at++;
  size_t first = at;
  constexpr long kLimit = std::numeric_limits<int>::max() + 1L;
  for (value = 0; at < text.size() && text[at] >= '0' && text[at] <= '9'; at++)
    value = std::min(value * 10 + (text[at] - '0'), kLimit + 1);
  if (negative) value = -value;
  return at == first ? 0 : at;
}

/// Returns how many characters were read.
int Reader::ReadInteger(int& field, size_t width) {
  std::string_view before = rest_;
  std::string_view from = rest_;
  while (!from.empty() && IsPictureSpace(from.front())) from.remove_prefix(1);
  std::string_view copy = from.substr(0, width);
  long value = 0;
  size_t used;
  if (nodes_[at_].fill_mode || IsDelimited()) {
    used = ParseInteger(before, value);
    rest_ = before.substr(used);
  } else {
    if (from.size() < width) {
      ThrowReport(kInvalidFormat, fmt::format("source string too short for \"{}\" formatting field", Name()));
    }
    used = ParseInteger(copy, value);
    if (used > 0 && used < width)
      ThrowReport(kInvalidFormat, fmt::format("invalid value \"{}\" for \"{}\"", copy, Name()));
    rest_ = from.substr(used);
  }
  if (rest_.size() == before.size())
    ThrowReport(kInvalidFormat, fmt::format("invalid value \"{}\" for \"{}\"", copy, Name()));
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max())
    ThrowReport("22008", fmt::format("value for \"{}\" in source string is out of range", Name()));
  Set(field, static_cast<int>(value));
  return static_cast<int>(before.size() - rest_.size());
}

bool EqualsIgnoringCase(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

/// The index of the first name that the text goes on with; of names longer than `length` only so much counts.
template <size_t kCount>
int Reader::ReadName(const char* const (&names)[kCount], size_t length) {
  for (size_t i = 0; i < kCount; i++) {
    std::string_view name = std::string_view(names[i]).substr(0, length);
    if (EqualsIgnoringCase(rest_.substr(0, name.size()), name)) {
      rest_.remove_prefix(name.size());
      return static_cast<int>(i);
    }
  }
  std::string_view word = rest_.substr(0, rest_.find_first_of(" \t\n\r\f\v"));
  ThrowReport(kInvalidFormat, fmt::format("invalid value \"{}\" for \"{}\"", word, Name()));
}

/// Years of less than four digits lie around 2020.
void Reader::ReadYear(int digits) {
  int length = ReadInteger(fields_.year);
  int& year = fields_.year;
  if (digits < 4 && length < 4) {
    if (year < 70) {
      year += 2000;
    } else if (year < 100) {
      year += 1900;
    } else if (year < 520) {
      year += 2000;
    } else if (year < 1000) {
      year += 1000;
    }
  }
  fields_.year_digits = digits;
  SkipOrdinal();
}

/// "2,024"
void Reader::ReadYearWithComma() {
  long thousands = 0;
  long years = 0;
  size_t used = ParseInteger(rest_, thousands);
  size_t more =
      used == 0 || rest_.size() <= used || rest_[used] != ',' ? 0 : ParseInteger(rest_.substr(used + 1, 3), years);
  if (more == 0) ThrowReport(kInvalidFormat, "invalid input string for \"Y,YYY\"");
  Set(fields_.year, static_cast<int>(thousands * 1000 + years));
  fields_.year_digits = 4;
  rest_.remove_prefix(used + 1 + more);
  SkipOrdinal();
}

/// A minus may have been taken for a separator.
void Reader::ReadZoneHour() {
  size_t taken = text_.size() - rest_.size();
  char sign = rest_.empty() ? '\0' : rest_.front();
  if (sign == '+' || sign == '-' || sign == ' ') {
    fields_.zone_sign = sign == '-' ? -1 : 1;
    rest_.remove_prefix(1);
  } else {
    fields_.zone_sign = extra_skip_ > 0 && text_[taken - 1] == '-' ? -1 : 1;
  }
  ReadInteger(fields_.zone_hour, 2);
}

bool Reader::ReadTimeField(PictureField field) {
  static constexpr const char* kHalves[] = {"am", "pm"};
  static constexpr const char* kHalvesWithDots[] = {"a.m.", "p.m."};
  static constexpr int kMicros[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
  switch (field) {
    case PictureField::kFx: fixed_ = true; return true;
    case PictureField::kAm:
    case PictureField::kAmDots:
      Set(fields_.pm, field == PictureField::kAm ? ReadName(kHalves) : ReadName(kHalvesWithDots));
      fields_.twelve_hours = true;
      return true;
    case PictureField::kHh12:
      ReadInteger(fields_.hour, 2);
      fields_.twelve_hours = true;
      SkipOrdinal();
      return true;
    case PictureField::kHh24: ReadNumber(fields_.hour, 2); return true;
    case PictureField::kMi: ReadNumber(fields_.minute); return true;
    case PictureField::kSs: ReadNumber(fields_.second); return true;
    case PictureField::kSsss: ReadNumber(fields_.second_of_day); return true;
    case PictureField::kMs: {
      int length = ReadInteger(fields_.millis, 3);
      fields_.millis *= length == 1 ? 100 : length == 2 ? 10 : 1;
      SkipOrdinal();
      return true;
    }
    case PictureField::kFf:
    case PictureField::kUs: {
      if (field == PictureField::kFf) fields_.precision = Name()[2] - '0';
      int length = ReadInteger(fields_.micros, field == PictureField::kUs ? 6 : static_cast<size_t>(fields_.precision));
      fields_.micros *= kMicros[std::min(length, 6)];
      SkipOrdinal();
      return true;
    }
    case PictureField::kTzh: ReadZoneHour(); return true;
    case PictureField::kTzm:
      if (fields_.zone_sign == 0) fields_.zone_sign = 1;
      ReadInteger(fields_.zone_minute, 2);
      return true;
    case PictureField::kTz:
    case PictureField::kOf:
      ThrowReport("0A000", fmt::format("formatting field \"{}\" is only supported in to_char", Name()));
    default: return false;
  }
}

bool Reader::ReadNameField(PictureField field) {
  static constexpr const char* kEras[] = {"ad", "bc"};
  static constexpr const char* kErasWithDots[] = {"a.d.", "b.c."};
  switch (field) {
    case PictureField::kAd: Set(fields_.bc, ReadName(kEras)); return true;
    case PictureField::kAdDots: Set(fields_.bc, ReadName(kErasWithDots)); return true;
    case PictureField::kMonth: Set(fields_.month, ReadName(kMonthNames) + 1); return true;
    case PictureField::kMon: Set(fields_.month, ReadName(kMonthNames, 3) + 1); return true;
    case PictureField::kRm: Set(fields_.month, 12 - ReadName(kRomanMonths)); return true;
    case PictureField::kDay:
    case PictureField::kDy:
      Set(fields_.week_day, ReadName(kDayNames, field == PictureField::kDay ? std::string_view::npos : 3));
      fields_.week_day++;
      return true;
    default: return false;
  }
}

void Reader::ReadDateField(PictureField field) {
  int ignored = 0;
  switch (field) {
    case PictureField::kMm: ReadNumber(fields_.month); return;
    case PictureField::kDdd: ReadNumber(fields_.year_day); return;
    case PictureField::kIddd: ReadNumber(fields_.year_day, 3); return;
    case PictureField::kDd: ReadNumber(fields_.day); return;
    case PictureField::kD: ReadNumber(fields_.week_day); return;
    case PictureField::kId:
      ReadInteger(fields_.week_day, 1);
      if (++fields_.week_day > 7) fields_.week_day = 1;
      SkipOrdinal();
      return;
    case PictureField::kWw:
    case PictureField::kIw: ReadNumber(fields_.week); return;
    case PictureField::kQ: ReadNumber(ignored); return;
    case PictureField::kCc: ReadNumber(fields_.century); return;
    case PictureField::kYCommaYyy: ReadYearWithComma(); return;
    case PictureField::kYyyy:
    case PictureField::kIyyy: ReadYear(4); return;
    case PictureField::kYyy:
    case PictureField::kIyy: ReadYear(3); return;
    case PictureField::kYy:
    case PictureField::kIy: ReadYear(2); return;
    case PictureField::kY:
    case PictureField::kI: ReadYear(1); return;
    case PictureField::kW: ReadNumber(fields_.month_week); return;
    default: ReadNumber(fields_.julian); return;
  }
}

void Reader::ReadField(const PictureNode& node) {
  PictureField field = node.keyword->field;
  if (!ReadTimeField(field) && !ReadNameField(field)) ReadDateField(field);
}

// ---------------------------------------------------------------- making a date and a time of the fields

/// The fields' date and time, and which parts of the date were named.
struct Result {
  DateTime clock;
  bool has_year = false;
  bool has_month = false;
  bool has_day = false;

  void SetDate(int64_t days) {
    CivilDate date = CivilFromDays(days);
    clock.year = static_cast<int32_t>(date.year);
    clock.month = date.month;
    clock.day = date.day;
    has_year = has_month = has_day = true;
  }
};

void MakeTimeOfDay(const Fields& fields, DateTime& clock) {
  if (fields.second_of_day != 0) {
    clock.hour = fields.second_of_day / 3600;
    clock.minute = fields.second_of_day / 60 % 60;
    clock.second = fields.second_of_day % 60;
  }
  if (fields.second != 0) clock.second = fields.second;
  if (fields.minute != 0) clock.minute = fields.minute;
  if (fields.hour != 0) clock.hour = fields.hour;
  if (fields.twelve_hours) {
    if (clock.hour < 1 || clock.hour > 12)
      ThrowReport(kInvalidFormat, fmt::format("hour \"{}\" is invalid for the 12-hour clock", clock.hour));
    if (fields.pm != 0 && clock.hour < 12) {
      clock.hour += 12;
    } else if (fields.pm == 0 && clock.hour == 12) {
      clock.hour = 0;
    }
  }
}

/// Years are astronomical from here on.
int64_t MakeYear(const Fields& fields) {
  int64_t century = fields.bc != 0 ? -int64_t{fields.century} : fields.century;
  if (fields.year == 0) return century >= 0 ? (century - 1) * 100 + 1 : century * 100 + 1;
  if (fields.century != 0 && fields.year_digits <= 2) {
    int64_t year = fields.year % 100;  // of the century; the 21st has 2001 to 2100
    if (year == 0) return century * 100 + (century >= 0 ? 0 : 1);
    return century >= 0 ? year + (century - 1) * 100 : (century + 1) * 100 - year + 1;
  }
  int64_t year = fields.bc != 0 ? -int64_t{fields.year} : fields.year;
  return year < 0 ? year + 1 : year;
}

/// The day of the year says month and day where they were not named.
void TakeYearDay(const Fields& fields, int year_day, Result& result) {
  DateTime& clock = result.clock;
  if (year_day == 0 || (clock.month > 1 && clock.day > 1)) return;
  if (clock.year == 0 && fields.bc == 0)
    ThrowReport(kInvalidFormat, "cannot calculate day of year without year information");
  if (fields.convention == DateConvention::kIsoWeek) {
    result.SetDate(FirstDayOfIsoWeek(clock.year, 1) - 1 + year_day);
    return;
  }
  int month = 1;
  int before = 0;
  while (month <= 12 && year_day > before + DaysInMonth(clock.year, month)) before += DaysInMonth(clock.year, month++);
  if (clock.month <= 1) clock.month = month;
  if (clock.day <= 1) clock.day = year_day - before;
  result.has_month = result.has_day = true;
}

bool IsInRange(const Result& result) {
  const DateTime& clock = result.clock;
  if (result.has_month && (clock.month < 1 || clock.month > 12)) return false;
  if (result.has_day && (clock.day < 1 || clock.day > 31)) return false;
  if (result.has_year && result.has_month && result.has_day && clock.day > DaysInMonth(clock.year, clock.month))
    return false;
  return clock.hour >= 0 && clock.hour < 24 && clock.minute >= 0 && clock.minute < 60 && clock.second >= 0 &&
         clock.second < 60 && clock.micros >= 0 && clock.micros < kMicrosPerSecond;
}

int NarrowField(int64_t value, std::string_view text) {
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) ThrowFieldOverflow(text);
  return static_cast<int>(value);
}

DateTime MakeClock(const Fields& fields, std::string_view text) {
  Result result;
  DateTime& clock = result.clock;
  clock.year = 0;
  MakeTimeOfDay(fields, clock);
  if (fields.year != 0 || fields.century != 0) {
    clock.year = NarrowField(MakeYear(fields), text);
    result.has_year = true;
  }
  if (fields.julian != 0) result.SetDate(fields.julian - kJulianDayOf1970);
  int64_t year_day = fields.year_day;
  if (fields.week != 0 && fields.convention == DateConvention::kIsoWeek) {
    int64_t monday = FirstDayOfIsoWeek(clock.year, fields.week);
    result.SetDate(fields.week_day == 0 ? monday : monday + (fields.week_day > 1 ? fields.week_day - 2 : 6));
  } else if (fields.week != 0) {
    year_day = (int64_t{fields.week} - 1) * 7 + 1;
  }
  int64_t day = fields.month_week != 0 ? (int64_t{fields.month_week} - 1) * 7 + 1 : fields.day;
  if (day != 0) {
    clock.day = NarrowField(day, text);
    result.has_day = true;
  }
  if (fields.month != 0) {
    clock.month = fields.month;
    result.has_month = true;
  }
  TakeYearDay(fields, NarrowField(year_day, text), result);
  clock.micros = NarrowField(int64_t{fields.millis} * 1000 + fields.micros, text);
  if (!IsInRange(result)) ThrowFieldOverflow(text);
  if (fields.zone_sign != 0 &&
      (fields.zone_hour < 0 || fields.zone_hour > 15 || fields.zone_minute < 0 || fields.zone_minute >= 60))
    ThrowReport("22009", fmt::format("time zone displacement out of range: \"{}\"", text));
  return clock;
}

}  // namespace

int32_t DateFromChar(std::string_view text, const Picture& picture) {
  DateTime clock = MakeClock(Reader(text, picture).Read(), text);
  int64_t days = DayNumber(clock.year, clock.month, clock.day);
  if (!IsValidDay(days)) ThrowReport("22008", fmt::format("date out of range: \"{}\"", text));
  return static_cast<int32_t>(days);
}

int64_t InstantFromChar(std::string_view text, const Picture& picture, ZoneCursor& zone) {
  Fields fields = Reader(text, picture).Read();
  DateTime clock = MakeClock(fields, text);
  int32_t offset = fields.zone_sign != 0 ? fields.zone_sign * (fields.zone_hour * 3600 + fields.zone_minute * 60)
                                         : zone.OffsetOfClock(ClockSeconds(clock));
  int64_t micros = JoinTimestamp(clock, offset);
  return fields.precision != 0 ? RoundTimestamp(micros, fields.precision) : micros;
}

template <>
class vector_function::Argument<const Picture&> : public vector_function::ParsedArgument<Picture> {
 public:
  const Picture& Get(duckdb::idx_t row) { return ParsedArgument<Picture>::Get(row, Picture::Parse); }
};

void RegisterDatetimePictures(duckdb::ExtensionLoader& loader) {
  using duckdb::LogicalType;
  const LogicalType& text = LogicalType::VARCHAR;
  const LogicalType& instant = LogicalType::TIMESTAMP_TZ;
  duckdb::ScalarFunctionSet to_char("pg_to_char");
  to_char.AddFunction(MakeValueFunction<TimestampToChar>("", {LogicalType::TIMESTAMP, text}, text));
  to_char.AddFunction(MakeValueFunction<InstantToChar>("", {instant, text, text}, text));
  to_char.AddFunction(MakeValueFunction<IntervalToChar>("", {LogicalType::INTERVAL, text}, text));
  loader.RegisterFunction(to_char);
  RegisterValueFunction<DateFromChar>(loader, "pg_to_date", {text, text}, LogicalType::DATE);
  RegisterValueFunction<InstantFromChar>(loader, "pg_parse_timestamp", {text, text, text}, instant);
}

}  // namespace lake::server
