// See the header. The results are those of PostgreSQL's formatting.c, so its steps are followed where they show: a
// number becomes a text of digits with a point, and the picture's elements pick from it.
#include "server/functions/number_to_char.h"

#include <cmath>
#include <cstdio>
#include <limits>

#include "fmt/format.h"
#include "server/engine/lake_exception.h"
#include "server/functions/number_argument.h"
#include "server/functions/numeric_value.h"
#include "server/functions/utf8.h"

namespace lake::server {

namespace {

using enum NumberPattern;
using LocalSign = NumberShape::LocalSign;

constexpr int kRomanWidth = 15;

/// What the elements pick from.
struct Digits {
  std::string text;    // without a sign; # where they do not fit
  char sign = 0;       // + or -; 0 where the text has it
  int pre_spaces = 0;  // places of the picture before the first digit
};

// ---------------------------------------------------------------- elements

class Writer {
 public:
  Writer(const NumberPicture& picture, const NumberShape& shape, const Digits& digits, const NumberSymbols& symbols)
      : picture_(picture), shape_(shape), digits_(digits), symbols_(symbols) {}

  std::string Write();

 private:
  static constexpr size_t kNowhere = std::string::npos;

  void Prepare();
  void FindLastRelevant();
  void WriteElement(const NumberElement& element);
  void WriteDigit(NumberPattern pattern);
  void WriteSignBeforeDigit();
  void WriteSignBehindDigits();
  void WriteCurrent(NumberPattern pattern);
  void WriteOrdinal(bool is_lower);
  void WriteRoman(bool is_lower);

  char Current() const { return at_ < digits_.text.size() ? digits_.text[at_] : '\0'; }
  bool last_is_point() const { return last_relevant_ != kNowhere && digits_.text[last_relevant_] == '.'; }
  const std::string& local_sign() const { return digits_.sign == '-' ? symbols_.minus : symbols_.plus; }
  /// The 0 before the point of a number below 1 is not shown.
  bool IsHiddenZero() const { return !shape_.has_zero && at_ == 0 && Current() == '0' && shape_.behind != 0; }

  const NumberPicture& picture_;
  NumberShape shape_;
  const Digits& digits_;
  const NumberSymbols& symbols_;
  std::string out_;
  size_t at_ = 0;                    // in the digits
  size_t last_relevant_ = kNowhere;  // of the digits behind the point, in fill mode
  int place_ = 0;                    // among the picture's places for digits
  int last_place_ = 0;
  bool sign_is_written_ = false;
  bool inside_number_ = false;
};

void Writer::Prepare() {
  if (shape_.zero_start > 0) --shape_.zero_start;
  if (shape_.is_roman) {
    bool fill_mode = shape_.fill_mode;
    int zero_start = shape_.zero_start;
    shape_ = NumberShape{};
    shape_.is_roman = true;
    shape_.fill_mode = fill_mode;
    shape_.zero_start = zero_start;
  }
  if (shape_.has_plus || shape_.has_minus) {
    sign_is_written_ = shape_.has_minus;  // it is, or will be, an element's
  } else {
    if (digits_.sign != '-' && shape_.fill_mode) shape_.has_brackets = false;
    sign_is_written_ = digits_.sign == '+' && shape_.fill_mode && !shape_.has_local_sign;
    if (shape_.local_sign == LocalSign::kBefore && shape_.before == shape_.digits_before_sign)
      shape_.local_sign = LocalSign::kBehind;
  }
  last_place_ = shape_.behind + shape_.before - 1;
  if (shape_.fill_mode && shape_.has_point) FindLastRelevant();
  if (!sign_is_written_ && digits_.pre_spaces == 0) ++last_place_;
}

void Writer::FindLastRelevant() {
  last_relevant_ = digits_.text.find('.');
  if (last_relevant_ == kNowhere) return;
  size_t last = digits_.text.find_last_not_of('0');
  if (last > last_relevant_) last_relevant_ = last;
  if (shape_.zero_end <= digits_.pre_spaces) return;
  size_t last_zero = std::min(digits_.text.size() - 1, static_cast<size_t>(shape_.zero_end - digits_.pre_spaces));
  last_relevant_ = std::max(last_relevant_, last_zero);
}

std::string Writer::Write() {
  if (shape_.is_scientific) return digits_.text;
  Prepare();
  for (const NumberElement& element : picture_.elements()) {
    if (element.is_pattern) {
      WriteElement(element);
    } else {
      out_ += element.character;
    }
  }
  // PostgreSQL's text ends where digits were asked for behind their end
  return out_.substr(0, out_.find('\0'));
}

void Writer::WriteElement(const NumberElement& element) {
  switch (element.pattern) {
    case kNine:
    case kZero:
    case kPoint:
    case kLocalPoint: WriteDigit(element.pattern); break;
    case kComma:
      if (inside_number_) {
        out_ += ',';
      } else if (!shape_.fill_mode) {
        out_ += ' ';
      }
      break;
    case kLocalGroup:
      if (inside_number_) {
        out_ += symbols_.Group(shape_);
      } else if (!shape_.fill_mode) {
        out_.append(static_cast<size_t>(CountChars(symbols_.Group(shape_))), ' ');
      }
      break;
    case kCurrency: out_ += symbols_.currency; break;
    case kRoman: WriteRoman(element.is_lower); break;
    case kOrdinal: WriteOrdinal(element.is_lower); break;
    case kMinus:
      if (digits_.sign == '-') {
        out_ += '-';
      } else if (!shape_.fill_mode) {
        out_ += ' ';
      }
      break;
    case kPlus:
      if (digits_.sign == '+') {
        out_ += '+';
      } else if (!shape_.fill_mode) {
        out_ += ' ';
      }
      break;
    case kSign: out_ += digits_.sign; break;
    default: break;
  }
}

void Writer::WriteRoman(bool is_lower) {
  std::string number = digits_.text;
  for (char& c : number) {
    if (is_lower && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  out_ += shape_.fill_mode ? number : fmt::format("{:>{}}", number, kRomanWidth);
}

void Writer::WriteOrdinal(bool is_lower) {
  const std::string& number = digits_.text;
  if (shape_.is_roman || number[0] == '#' || digits_.sign == '-' || shape_.has_point) return;
  char last = number.back();
  if (last < '0' || last > '9') ThrowReport("22P02", "\"" + number + "\" is not a number");
  if (number.size() > 1 && number[number.size() - 2] == '1') last = '0';
  const char* suffix = last == '1' ? "ST" : last == '2' ? "ND" : last == '3' ? "RD" : "TH";
  for (const char* c = suffix; *c != '\0'; ++c) out_ += is_lower ? static_cast<char>(*c - 'A' + 'a') : *c;
}

void Writer::WriteSignBeforeDigit() {
  if (sign_is_written_ || (place_ < digits_.pre_spaces && !(shape_.has_zero && shape_.zero_start == place_)) ||
      (IsHiddenZero() && !last_is_point()))
    return;
  if (shape_.has_local_sign) {
    if (shape_.local_sign != LocalSign::kBefore) return;
    out_ += local_sign();
  } else if (shape_.has_brackets) {
    out_ += digits_.sign == '+' ? ' ' : '<';
  } else if (digits_.sign == '-') {
    out_ += '-';
  } else if (digits_.sign == '+' && !shape_.fill_mode) {
    out_ += ' ';
  } else if (digits_.sign != '+') {
    return;
  }
  sign_is_written_ = true;
}

/// The digit, or the point, that comes next.
void Writer::WriteCurrent(NumberPattern pattern) {
  if (Current() == '.') {
    if (!last_is_point() || shape_.fill_mode) out_ += symbols_.Point(shape_);
  } else if (last_relevant_ != kNowhere && at_ > last_relevant_ && pattern != kZero) {
    // a zero that fill mode leaves out
  } else if (IsHiddenZero()) {
    if (!shape_.fill_mode) {
      out_ += ' ';
    } else if (last_is_point()) {
      out_ += '0';
    }
  } else {
    out_ += Current();
    inside_number_ = true;
  }
  if (at_ < digits_.text.size()) ++at_;
}

void Writer::WriteSignBehindDigits() {
  int end = last_place_ + (digits_.pre_spaces != 0 ? 1 : 0) + (shape_.has_point ? 1 : 0);
  if (last_relevant_ != kNowhere && last_relevant_ == at_) end = place_;
  if (place_ + 1 != end) return;
  if (sign_is_written_ && shape_.has_brackets) {
    out_ += digits_.sign == '+' ? ' ' : '>';
  } else if (shape_.has_local_sign && shape_.local_sign == LocalSign::kBehind) {
    out_ += local_sign();
  }
}

void Writer::WriteDigit(NumberPattern pattern) {
  if (shape_.is_roman) return;
  inside_number_ = false;
  WriteSignBeforeDigit();
  if (place_ >= digits_.pre_spaces) {
    WriteCurrent(pattern);
  } else if (shape_.has_zero && shape_.zero_start <= place_) {
    out_ += '0';
    inside_number_ = true;
  } else if (!shape_.fill_mode) {
    out_ += ' ';
  }
  WriteSignBehindDigits();
  ++place_;
}

// ---------------------------------------------------------------- numbers as digits

std::string Roman(int64_t number) {
  if (number < 1 || number > 3999) return std::string(kRomanWidth, '#');
  static constexpr std::pair<int, const char*> kNumerals[] = {
      {1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"},
      {40, "XL"},  {10, "X"},   {9, "IX"},  {5, "V"},    {4, "IV"},  {1, "I"}};
  std::string result;
  for (const auto& [value, numeral] : kNumerals) {
    for (; number >= value; number -= value) result += numeral;
  }
  return result;
}

/// `text` (with its sign) as the picture's digits: # where there are too many.
Digits Fit(std::string text, const NumberShape& shape) {
  Digits digits;
  digits.sign = text[0] == '-' ? '-' : '+';
  digits.text = text[0] == '-' ? text.substr(1) : std::move(text);
  auto before = static_cast<int>(std::min(digits.text.find('.'), digits.text.size()));
  if (before < shape.before) {
    digits.pre_spaces = shape.before - before;
  } else if (before > shape.before) {
    digits.text = std::string(static_cast<size_t>(shape.before + shape.behind + 1), '#');
    digits.text[static_cast<size_t>(shape.before)] = '.';
  }
  return digits;
}

Digits FitInteger(const std::string& text, const NumberShape& shape) {
  return Fit(shape.behind == 0 ? text : text + '.' + std::string(static_cast<size_t>(shape.behind), '0'), shape);
}

/// What is no number has no exponent either.
std::string ScientificHashes(const NumberShape& shape) {
  std::string text(static_cast<size_t>(shape.before + shape.behind + 6), '#');
  text[0] = ' ';
  text[static_cast<size_t>(shape.before + 1)] = '.';
  return text;
}

/// As PostgreSQL's own printf writes it, which has at most 350 digits behind the point and goes on with zeros.
std::string Print(const char* format, double value, int precision) {
  constexpr int kMostDigits = 350;
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  char buffer[1024];
  int size = std::snprintf(buffer, sizeof(buffer), format, std::min(precision, kMostDigits), value);
  std::string text(buffer, static_cast<size_t>(size));
  if (precision > kMostDigits) {
    size_t end = std::min(text.find('e'), text.size());
    text.insert(end, static_cast<size_t>(precision - kMostDigits), '0');
  }
  return text;
}

std::string ScientificFloat(double value, const NumberShape& shape) {
  if (!std::isfinite(value)) return ScientificHashes(shape);
  std::string text = Print("%+.*e", value, shape.behind);
  if (text[0] == '+') text[0] = ' ';
  return text;
}

mpz_class PowerOfTen(int exponent) {
  mpz_class power;
  mpz_ui_pow_ui(power.get_mpz_t(), 10, static_cast<unsigned long>(exponent));
  return power;
}

/// The exponent is that of the first digit; rounding may give the number before it a second one.
std::string ScientificNumeric(const NumericValue& value, const NumberShape& shape) {
  if (!value.is_finite()) return ScientificHashes(shape);
  int exponent = 0;
  if (value.sign() != 0)
    exponent = static_cast<int>(mpz_class(abs(value.unscaled())).get_str().size()) - value.scale() - 1;
  mpz_class unscaled = value.unscaled();
  int scale = value.scale() + exponent;
  if (scale < 0) {
    unscaled *= PowerOfTen(-scale);
    scale = 0;
  }
  std::string text = NumericValue(std::move(unscaled), scale).Rounded(shape.behind).ToText();
  return fmt::format("{}{}e{:+03d}", text[0] == '-' ? "" : " ", text, exponent);
}

/// The power of ten must fit, too.
template <class T>
T ShiftedInteger(T value, NumberShape& shape, const char* type_name) {
  for (int i = 0; i < shape.shift; ++i) {
    if (i == std::numeric_limits<T>::digits10 || __builtin_mul_overflow(value, 10, &value))
      ThrowReport("22003", fmt::format("{} out of range", type_name));
  }
  shape.before += shape.shift;
  return value;
}

/// Roman numerals and exponents: digits without a sign of their own.
Digits Plain(std::string text) { return {std::move(text), 0, 0}; }

Digits DigitsOf(int32_t value, NumberShape& shape) {
  if (shape.is_roman) return Plain(Roman(value));
  if (shape.is_scientific) return Plain(ScientificFloat(value, shape));
  if (shape.has_shift) value = ShiftedInteger(value, shape, "integer");
  return FitInteger(fmt::format("{}", value), shape);
}

Digits DigitsOf(int64_t value, NumberShape& shape) {
  if (shape.is_roman) {
    if (value != static_cast<int32_t>(value)) ThrowReport("22003", "integer out of range");
    return Plain(Roman(value));
  }
  if (shape.is_scientific) return Plain(ScientificNumeric(NumericValue(mpz_class(value), 0), shape));
  if (shape.has_shift) value = ShiftedInteger(value, shape, "bigint");
  return FitInteger(fmt::format("{}", value), shape);
}

template <class T>
Digits DigitsOfFloat(T value, NumberShape& shape) {
  if (shape.is_roman) {
    double rounded = std::rint(static_cast<double>(value));
    return Plain(Roman(rounded >= 1 && rounded <= 3999 ? static_cast<int64_t>(rounded) : 0));
  }
  if (shape.is_scientific) return Plain(ScientificFloat(static_cast<double>(value), shape));
  if (shape.has_shift) {
    value *= static_cast<T>(std::pow(10.0, shape.shift));
    shape.before += shape.shift;
  }
  constexpr int kSureDigits = std::numeric_limits<T>::digits10;
  auto before = static_cast<int>(Print("%.*f", std::fabs(static_cast<double>(value)), 0).size());
  shape.behind = before >= kSureDigits ? 0 : std::min(shape.behind, kSureDigits - before);
  return Fit(Print("%.*f", static_cast<double>(value), shape.behind), shape);
}

Digits DigitsOf(float value, NumberShape& shape) { return DigitsOfFloat(value, shape); }
Digits DigitsOf(double value, NumberShape& shape) { return DigitsOfFloat(value, shape); }

Digits DigitsOf(std::string_view text, NumberShape& shape) {
  NumericValue value = NumericValue::Parse(text);
  if (shape.is_roman) {
    constexpr auto kMin = std::numeric_limits<int32_t>::min();
    constexpr auto kMax = std::numeric_limits<int32_t>::max();
    return Plain(Roman(value.ToInteger(kMin, kMax, "integer")));
  }
  if (shape.is_scientific) return Plain(ScientificNumeric(value, shape));
  if (shape.has_shift) {
    value = Multiply(value, NumericValue(PowerOfTen(shape.shift), 0));
    shape.before += shape.shift;
  }
  return Fit(value.Rounded(shape.behind).ToText(), shape);
}

template <class T>
std::string ToChar(T value, const NumberPicture& picture, const NumberSymbols& symbols) {
  NumberShape shape = picture.shape();
  if (picture.is_empty()) return {};
  Digits digits = DigitsOf(value, shape);
  return Writer(picture, shape, digits, symbols).Write();
}

}  // namespace

void RegisterNumberToChar(duckdb::ExtensionLoader& loader) {
  using duckdb::LogicalType;
  const LogicalType text = LogicalType::VARCHAR;
  duckdb::ScalarFunctionSet set("pg_number_to_char");
  set.AddFunction(MakeValueFunction<ToChar<int32_t>>("", {LogicalType::INTEGER, text, text}, text));
  set.AddFunction(MakeValueFunction<ToChar<int64_t>>("", {LogicalType::BIGINT, text, text}, text));
  set.AddFunction(MakeValueFunction<ToChar<float>>("", {LogicalType::FLOAT, text, text}, text));
  set.AddFunction(MakeValueFunction<ToChar<double>>("", {LogicalType::DOUBLE, text, text}, text));
  loader.RegisterFunction(set);
  RegisterValueFunction<ToChar<std::string_view>>(loader, "pg_numeric_to_char", {text, text, text}, text);
}

}  // namespace lake::server
