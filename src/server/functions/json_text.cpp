// See the header.
#include "server/functions/json_text.h"

#include <algorithm>
#include <vector>

#include "fmt/format.h"
#include "server/engine/lake_exception.h"
#include "server/functions/utf8.h"

namespace lake::server {

namespace {

constexpr int kMaxDepth = 6000;                // PostgreSQL's stack of 2 MB ends somewhere there
constexpr int64_t kMaxNumericDigits = 131072;  // before the point
constexpr int64_t kMaxNumericScale = 16383;

[[noreturn]] void ThrowSyntax() { ThrowReport("22P02", "invalid input syntax for type json"); }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The four digits behind \u, at the start of text; -1 when they are not four.
int UnicodeEscape(std::string_view text) {
  if (text.size() < 4) return -1;
  int code = 0;
  for (int i = 0; i < 4; ++i) {
    int digit = HexDigit(text[static_cast<size_t>(i)]);
    if (digit < 0) return -1;
    code = code * 16 + digit;
  }
  return code;
}

bool IsHighSurrogate(int code) { return (code & 0xfc00) == 0xd800; }
bool IsLowSurrogate(int code) { return (code & 0xfc00) == 0xdc00; }

// Takes one escape off, the text starting behind its backslash, and appends what it stands for.
void TakeEscape(std::string_view& text, bool check, std::string& decoded) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (text.empty()) ThrowSyntax();
  char letter = text[0];
  text.remove_prefix(1);
  if (letter != 'u') {
    size_t at = kLetters.find(letter);
    if (at == kLetters.npos) ThrowSyntax();
    decoded += kMeanings[at];
    return;
  }
  int code = UnicodeEscape(text);
  if (code < 0) ThrowSyntax();
  text.remove_prefix(4);
  if (!check) return;
  if (code == 0) ThrowReport("22P05", "unsupported Unicode escape sequence");
  if (IsHighSurrogate(code)) {
    int low = text.substr(0, 2) == "\\u" ? UnicodeEscape(text.substr(2)) : -1;
    if (!IsLowSurrogate(low)) ThrowSyntax();
    text.remove_prefix(6);
    code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
  } else if (IsLowSurrogate(code)) {
    ThrowSyntax();
  }
  AppendCodePoint(decoded, static_cast<uint32_t>(code));
}

// What numeric_out prints for a JSON number.
std::string NumericText(std::string_view number) {
  bool negative = number[0] == '-';
  if (negative) number.remove_prefix(1);
  size_t e = std::min(number.find_first_of("eE"), number.size());
  size_t point = std::min(number.find('.'), e);
  std::string digits(number.substr(0, point));
  if (point < e) digits += number.substr(point + 1, e - point - 1);
  int64_t exponent = 0;
  for (size_t i = e + 1; i < number.size() && exponent < 1'000'000'000; ++i) {
    if (IsDigit(number[i])) exponent = exponent * 10 + (number[i] - '0');
  }
  if (e + 1 < number.size() && number[e + 1] == '-') exponent = -exponent;

  int64_t before_point = static_cast<int64_t>(point) + exponent;
  int64_t scale = std::max<int64_t>(static_cast<int64_t>(digits.size()) - before_point, 0);
  bool is_zero = digits.find_first_not_of('0') == digits.npos;
  auto leading_zeros = static_cast<int64_t>(std::min(digits.find_first_not_of('0'), digits.size()));
  if (scale > kMaxNumericScale || (!is_zero && before_point - leading_zeros > kMaxNumericDigits))
    ThrowReport("22003", "value overflows numeric format");
  if (is_zero) return scale > 0 ? "0." + std::string(static_cast<size_t>(scale), '0') : "0";

  if (before_point <= 0) digits.insert(0, static_cast<size_t>(1 - before_point), '0');
  before_point = std::max<int64_t>(before_point, 1);
  if (static_cast<int64_t>(digits.size()) < before_point)
    digits.append(static_cast<size_t>(before_point) - digits.size(), '0');
  size_t zeros = std::min(digits.find_first_not_of('0'), static_cast<size_t>(before_point) - 1);
  digits.erase(0, zeros);
  before_point -= static_cast<int64_t>(zeros);
  if (scale > 0) digits.insert(static_cast<size_t>(before_point), 1, '.');
  return negative ? "-" + digits : digits;
}

// Recursive descent. Each Read takes one thing off the text; `built` gets its jsonb text when there is one to build.
class JsonReader {
 public:
  JsonReader(std::string_view text, bool check_escapes) : rest_(text), check_escapes_(check_escapes) {}

  void ReadAll(std::string* built) {
    ReadValue(built, 0);
    SkipBlanks();
    if (!rest_.empty()) ThrowSyntax();
  }

 private:
  void SkipBlanks() {
    while (!rest_.empty() && IsBlank(rest_[0])) rest_.remove_prefix(1);
  }

  bool Take(char c) {
    SkipBlanks();
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void ReadValue(std::string* built, int depth) {
    if (depth > kMaxDepth) ThrowReport("54001", "stack depth limit exceeded");
    if (Take('{')) return ReadObject(built, depth);
    if (Take('[')) return ReadArray(built, depth);
    if (Take('"')) {
      std::string text = ReadString();
      if (built != nullptr) *built += QuoteJson(text);
      return;
    }
    if (rest_.empty()) ThrowSyntax();
    if (rest_[0] == '-' || IsDigit(rest_[0])) return ReadNumber(built);
    for (std::string_view word : {"null", "true", "false"}) {
      if (rest_.substr(0, word.size()) != word) continue;
      rest_.remove_prefix(word.size());
      if (!rest_.empty() && IsWordByte(rest_[0])) ThrowSyntax();
      if (built != nullptr) *built += word;
      return;
    }
    ThrowSyntax();
  }

  static bool IsWordByte(char c) {
    return IsDigit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' || (c & 0x80) != 0;
  }

  void ReadArray(std::string* built, int depth) {
    if (built != nullptr) *built += '[';
    for (bool first = true; !Take(']'); first = false) {
      if (!first && !Take(',')) ThrowSyntax();
      if (!first && built != nullptr) *built += ", ";
      ReadValue(built, depth + 1);
    }
    if (built != nullptr) *built += ']';
  }

  void ReadObject(std::string* built, int depth) {
    std::vector<std::pair<std::string, std::string>> members;
    for (bool first = true; !Take('}'); first = false) {
      if (!first && !Take(',')) ThrowSyntax();
      if (!Take('"')) ThrowSyntax();
      std::string key = ReadString();
      if (!Take(':')) ThrowSyntax();
      std::string value;
      ReadValue(built == nullptr ? nullptr : &value, depth + 1);
      if (built != nullptr) members.emplace_back(std::move(key), std::move(value));
    }
    if (built != nullptr) Write(members, *built);
  }

  static void Write(std::vector<std::pair<std::string, std::string>>& members, std::string& built) {
    std::stable_sort(members.begin(), members.end(), [](const auto& left, const auto& right) {
      return std::pair(left.first.size(), std::string_view(left.first)) <
             std::pair(right.first.size(), std::string_view(right.first));
    });
    built += '{';
    bool first = true;
    for (size_t i = 0; i < members.size(); ++i) {
      if (i + 1 < members.size() && members[i + 1].first == members[i].first) continue;
      if (!first) built += ", ";
      first = false;
      built += QuoteJson(members[i].first) + ": " + members[i].second;
    }
    built += '}';
  }

  // Behind the opening quote.
  std::string ReadString() {
    std::string text;
    for (;;) {
      size_t size = 0;
      while (size < rest_.size() && rest_[size] != '"' && rest_[size] != '\\' &&
             static_cast<unsigned char>(rest_[size]) >= 0x20)
        ++size;
      text += rest_.substr(0, size);
      rest_.remove_prefix(size);
      if (rest_.empty() || static_cast<unsigned char>(rest_[0]) < 0x20) ThrowSyntax();
      char end = rest_[0];
      rest_.remove_prefix(1);
      if (end == '"') return text;
      TakeEscape(rest_, check_escapes_, text);
    }
  }

  size_t TakeDigits(size_t at) {
    if (at >= rest_.size() || !IsDigit(rest_[at])) ThrowSyntax();
    while (at < rest_.size() && IsDigit(rest_[at])) ++at;
    return at;
  }

  void ReadNumber(std::string* built) {
    size_t at = rest_[0] == '-' ? 1 : 0;
    at = at < rest_.size() && rest_[at] == '0' ? at + 1 : TakeDigits(at);
    if (at < rest_.size() && rest_[at] == '.') at = TakeDigits(at + 1);
    if (at < rest_.size() && (rest_[at] | 0x20) == 'e') {
      bool has_sign = at + 1 < rest_.size() && (rest_[at + 1] == '+' || rest_[at + 1] == '-');
      at = TakeDigits(at + (has_sign ? 2 : 1));
    }
    if (at < rest_.size() && (IsWordByte(rest_[at]) || rest_[at] == '.')) ThrowSyntax();
    if (built != nullptr) *built += NumericText(rest_.substr(0, at));
    rest_.remove_prefix(at);
  }

  std::string_view rest_;
  bool check_escapes_;
};

// ---------------------------------------------------------------- walking

// Where the string that starts at `at` with its quote ends.
size_t EndOfString(std::string_view text, size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) at += text[at] == '\\' ? 1 : 0;
  return at + 1;
}

size_t EndOfValue(std::string_view text, size_t at) {
  int depth = 0;
  while (at < text.size()) {
    char c = text[at];
    if (c == '"') {
      at = EndOfString(text, at);
    } else if (c == '{' || c == '[') {
      ++depth;
      ++at;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return at;
      --depth;
      ++at;
    } else if (depth == 0 && (c == ',' || c == ':' || IsBlank(c))) {
      return at;
    } else {
      ++at;
      continue;
    }
    if (depth == 0) return at;
  }
  return at;
}

size_t SkipTo(std::string_view text, size_t at) {
  while (at < text.size() && (IsBlank(text[at]) || text[at] == ',' || text[at] == ':')) ++at;
  return at;
}

}  // namespace

void CheckJson(std::string_view text, bool check_escapes) { JsonReader(text, check_escapes).ReadAll(nullptr); }

std::string NormalizeJson(std::string_view text) {
  std::string built;
  JsonReader(text, true).ReadAll(&built);
  return built;
}

std::string QuoteJson(std::string_view text) {
  std::string result = "\"";
  for (char c : text) {
    switch (c) {
      case '"': result += "\\\""; break;
      case '\\': result += "\\\\"; break;
      case '\b': result += "\\b"; break;
      case '\f': result += "\\f"; break;
      case '\n': result += "\\n"; break;
      case '\r': result += "\\r"; break;
      case '\t': result += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          result += fmt::format("\\u{:04x}", static_cast<int>(c));
        } else {
          result += c;
        }
    }
  }
  return result + "\"";
}

std::string_view TrimJson(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

JsonKind KindOfJson(std::string_view value) {
  switch (value.empty() ? 'n' : value[0]) {
    case '{': return JsonKind::kObject;
    case '[': return JsonKind::kArray;
    case '"': return JsonKind::kString;
    case 't':
    case 'f': return JsonKind::kBoolean;
    case 'n': return JsonKind::kNull;
    default: return JsonKind::kNumber;
  }
}

std::string DecodeJson(std::string_view string_value) {
  std::string_view rest = string_value.substr(1, string_value.size() - 2);
  std::string text;
  for (size_t at = rest.find('\\'); at != rest.npos; at = rest.find('\\')) {
    text += rest.substr(0, at);
    rest.remove_prefix(at + 1);
    TakeEscape(rest, true, text);
  }
  text += rest;
  return text;
}

void ForEachElement(std::string_view array, const std::function<bool(std::string_view value)>& function) {
  for (size_t at = SkipTo(array, 1); at < array.size() && array[at] != ']';) {
    size_t end = EndOfValue(array, at);
    if (!function(array.substr(at, end - at))) return;
    at = SkipTo(array, end);
  }
}

void ForEachMember(std::string_view object,
                   const std::function<bool(std::string_view key, std::string_view value)>& function) {
  for (size_t at = SkipTo(object, 1); at < object.size() && object[at] != '}';) {
    size_t end = EndOfString(object, at);
    std::string_view key = object.substr(at, end - at);
    at = SkipTo(object, end);
    end = EndOfValue(object, at);
    if (!function(key, object.substr(at, end - at))) return;
    at = SkipTo(object, end);
  }
}

std::optional<std::string_view> FindMember(std::string_view object, std::string_view name) {
  std::optional<std::string_view> found;
  ForEachMember(object, [&](std::string_view key, std::string_view value) {
    bool is_plain = key.find('\\') == key.npos;
    if (is_plain ? key.substr(1, key.size() - 2) == name : DecodeJson(key) == name) found = value;
    return true;
  });
  return found;
}

}  // namespace lake::server
