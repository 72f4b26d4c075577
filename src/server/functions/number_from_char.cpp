// See the header. Like PostgreSQL's formatting.c this takes what can be a part of a number and steps over the rest: a
// text that does not fit its picture is rarely an error.
#include "server/functions/number_from_char.h"

#include <algorithm>
#include <optional>

#include "server/engine/lake_exception.h"
#include "server/functions/number_argument.h"
#include "server/functions/numeric_value.h"
#include "server/functions/utf8.h"

namespace lake::server {

namespace {

using enum NumberPattern;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

class Reader {
 public:
  Reader(std::string_view text, const NumberShape& shape, const NumberSymbols& symbols)
      : text_(text), shape_(shape), symbols_(symbols) {}

  NumericValue Read(const NumberPicture& picture);

 private:
  void ReadElement(const NumberElement& element);
  void ReadNumberPart(NumberPattern pattern);
  void ReadSignBefore();
  bool ReadDigitOrPoint();
  void ReadSignBehind(bool has_read);
  void ReadSymbol(std::string_view symbol);
  void ReadSign(bool minus, bool plus);
  void SkipOtherCharacters(int64_t count);

  bool at_end() const { return at_ >= text_.size(); }
  bool IsAt(std::string_view symbol) const {
    return !symbol.empty() && text_.substr(std::min(at_, text_.size())).starts_with(symbol);
  }
  bool has_digits() const { return digits_before_ + digits_behind_ > 0; }

  std::string_view text_;
  const NumberShape& shape_;
  const NumberSymbols& symbols_;
  size_t at_ = 0;
  char sign_ = ' ';
  std::string number_;  // digits and the point
  int digits_before_ = 0;
  int digits_behind_ = 0;
  bool has_point_ = false;
};

void Reader::ReadSignBefore() {
  if (shape_.has_local_sign && shape_.local_sign == NumberShape::LocalSign::kBefore) {
    for (char sign : {'-', '+'}) {
      const std::string& symbol = sign == '-' ? symbols_.minus : symbols_.plus;
      if (!IsAt(symbol)) continue;
      at_ += symbol.size();
      sign_ = sign;
      return;
    }
  } else if (text_[at_] == '-' || text_[at_] == '+' || (shape_.has_brackets && text_[at_] == '<')) {
    sign_ = text_[at_] == '+' ? '+' : '-';
    ++at_;
  }
}

/// Stays on the last byte of what it has read.
bool Reader::ReadDigitOrPoint() {
  if (IsDigit(text_[at_])) {
    number_ += text_[at_];
    ++(has_point_ ? digits_behind_ : digits_before_);
    return true;
  }
  std::string_view point = symbols_.Point(shape_);
  if (!shape_.has_point || has_point_ || !IsAt(point)) return false;
  at_ += point.size() - 1;
  number_ += '.';
  return has_point_ = true;
}

/// S stands behind the last digit; the place of MI, PL and SG is not known where the text is shorter than the picture.
void Reader::ReadSignBehind(bool has_read) {
  if (shape_.has_local_sign && has_read && at_ + 1 < text_.size() && !IsDigit(text_[at_ + 1])) {
    ++at_;
    for (char sign : {'-', '+'}) {
      const std::string& symbol = sign == '-' ? symbols_.minus : symbols_.plus;
      if (!IsAt(symbol)) continue;
      at_ += symbol.size() - 1;
      sign_ = sign;
      return;
    }
    --at_;
  } else if (!has_read && !shape_.has_local_sign && (shape_.has_plus || shape_.has_minus) &&
             (text_[at_] == '-' || text_[at_] == '+')) {
    sign_ = text_[at_];
  }
}

void Reader::ReadNumberPart(NumberPattern pattern) {
  if (text_[at_] == ' ') ++at_;
  if (at_end()) return;
  if (sign_ == ' ' && (pattern == kZero || pattern == kNine) && !has_digits()) ReadSignBefore();
  if (at_end()) return;
  if (IsDigit(text_[at_]) && has_point_ && digits_behind_ == shape_.behind) return;
  bool has_read = ReadDigitOrPoint();
  if (sign_ == ' ' && has_digits()) ReadSignBehind(has_read);
}

void Reader::SkipOtherCharacters(int64_t count) {
  for (; count > 0 && !at_end() && std::string_view("0123456789.,+-").find(text_[at_]) == std::string_view::npos;
       --count)
    at_ += CharBytes(text_.substr(at_));
}

void Reader::ReadSign(bool minus, bool plus) {
  if ((minus && text_[at_] == '-') || (plus && text_[at_] == '+')) {
    sign_ = text_[at_++];
  } else {
    SkipOtherCharacters(1);
  }
}

void Reader::ReadSymbol(std::string_view symbol) {
  if (!shape_.fill_mode && IsAt(symbol)) at_ += symbol.size();
}

void Reader::ReadElement(const NumberElement& element) {
  switch (element.pattern) {
    case kNine:
    case kZero:
    case kPoint:
    case kLocalPoint:
      ReadNumberPart(element.pattern);
      ++at_;
      break;
    case kComma: ReadSymbol(","); break;
    case kLocalGroup: ReadSymbol(symbols_.Group(shape_)); break;
    case kCurrency: SkipOtherCharacters(CountChars(symbols_.currency)); break;
    case kOrdinal:
      if (!shape_.has_point) SkipOtherCharacters(2);
      break;
    case kMinus: ReadSign(true, false); break;
    case kPlus: ReadSign(false, true); break;
    case kSign: ReadSign(true, true); break;
    default: break;
  }
}

NumericValue Reader::Read(const NumberPicture& picture) {
  if (shape_.is_scientific) ThrowReport("0A000", "\"EEEE\" not supported for input");
  for (const NumberElement& element : picture.elements()) {
    if (at_end()) break;
    if (element.is_pattern) {
      ReadElement(element);
    } else {
      at_ += CharBytes(text_.substr(at_));
    }
  }
  if (!number_.empty() && number_.back() == '.') number_.pop_back();
  return NumericValue::Parse(sign_ + number_).Fitted(shape_.before + digits_behind_, digits_behind_);
}

std::optional<std::string> ToNumber(std::string_view text, const NumberPicture& picture, const NumberSymbols& symbols) {
  if (picture.is_empty()) return std::nullopt;
  return Reader(text, picture.shape(), symbols).Read(picture).ToText();
}

}  // namespace

void RegisterNumberFromChar(duckdb::ExtensionLoader& loader) {
  const duckdb::LogicalType text = duckdb::LogicalType::VARCHAR;
  RegisterValueFunction<ToNumber>(loader, "pg_to_number", {text, text, text}, text);
}

}  // namespace lake::server
