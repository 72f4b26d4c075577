// See the header. Each function follows the one of its name in PostgreSQL's varlena.c, oracle_compat.c or like.c.
#include "server/functions/pg_text.h"

#include <algorithm>
#include <limits>

#include "fmt/format.h"
#include "server/engine/lake_exception.h"
#include "server/functions/pg_enum.h"
#include "server/functions/scalar_function.h"
#include "server/functions/string_aggregate.h"
#include "server/functions/utf8.h"

namespace lake::server {

namespace {

constexpr int64_t kMaxBytes = 0x3fffffff - 4;  // of a PostgreSQL value

[[noreturn]] void ThrowTooLarge() { ThrowReport("54000", "requested length too large"); }

// ---------------------------------------------------------------- parts

std::string_view CharRange(std::string_view text, int64_t skip, int64_t count) {
  text.remove_prefix(BytesOfChars(text, skip));
  return text.substr(0, BytesOfChars(text, count));
}

std::string_view Substring(std::string_view text, int32_t start) {
  return CharRange(text, std::max<int64_t>(start, 1) - 1, std::numeric_limits<int64_t>::max());
}

std::string_view SubstringFor(std::string_view text, int32_t start, int32_t length) {
  if (length < 0) ThrowReport("22011", "negative substring length not allowed");
  int64_t end = static_cast<int64_t>(start) + length;
  int64_t first = std::max<int64_t>(start, 1);
  return CharRange(text, first - 1, std::max<int64_t>(end - first, 0));
}

std::string Overlay(std::string_view text, std::string_view with, int32_t start, int32_t length) {
  if (start <= 0) ThrowReport("22011", "negative substring length not allowed");
  if (static_cast<int64_t>(start) + length > std::numeric_limits<int32_t>::max())
    ThrowReport("22003", "integer out of range");
  std::string result(SubstringFor(text, 1, start - 1));
  result += with;
  result += Substring(text, start + length);
  return result;
}

std::string OverlayFrom(std::string_view text, std::string_view with, int32_t start) {
  return Overlay(text, with, start, static_cast<int32_t>(CountChars(with)));
}

std::string_view SplitPart(std::string_view text, std::string_view delimiter, int32_t field) {
  if (field == 0) ThrowReport("22023", "field position must not be zero");
  if (text.empty()) return {};
  if (delimiter.empty()) return field == 1 || field == -1 ? text : std::string_view();
  if (field < 0) {
    int64_t fields = 1;
    for (size_t at = text.find(delimiter); at != text.npos; at = text.find(delimiter, at + delimiter.size())) fields++;
    if (-static_cast<int64_t>(field) > fields) return {};
    field = static_cast<int32_t>(fields + field + 1);
  }
  for (; field > 1; --field) {
    size_t at = text.find(delimiter);
    if (at == text.npos) return {};
    text.remove_prefix(at + delimiter.size());
  }
  return text.substr(0, text.find(delimiter));
}

// ---------------------------------------------------------------- padding and repeating

// What `fill` gives to bring `text` to length, and the part of the text that stays.
std::string Padding(std::string_view& text, int32_t length, std::string_view fill) {
  length = std::max(length, 0);
  if (4 * static_cast<int64_t>(length) > kMaxBytes) ThrowTooLarge();
  int64_t missing = length - CountChars(text);
  if (missing <= 0) text = CharRange(text, 0, length);
  std::string padding;
  for (size_t at = 0; missing > 0 && !fill.empty(); --missing) {
    size_t size = CharBytes(fill.substr(at));
    padding += fill.substr(at, size);
    at = at + size < fill.size() ? at + size : 0;
  }
  return padding;
}

std::string LeftPad(std::string_view text, int32_t length, std::string_view fill) {
  std::string result = Padding(text, length, fill);
  result += text;
  return result;
}

std::string RightPad(std::string_view text, int32_t length, std::string_view fill) {
  std::string padding = Padding(text, length, fill);
  return std::string(text) + padding;
}

std::string Repeat(std::string_view text, int32_t count) {
  count = std::max(count, 0);
  if (static_cast<int64_t>(text.size()) * count > kMaxBytes) ThrowTooLarge();
  std::string result;
  result.reserve(text.size() * static_cast<size_t>(count));
  for (; count > 0 && !text.empty(); --count) result += text;
  return result;
}

// ---------------------------------------------------------------- lengths of types

// The first `length` characters; of what is cut off, an implicit cast forgives blanks alone.
std::string_view CutTo(std::string_view text, int32_t length, bool is_explicit, const char* type_name) {
  std::string_view kept = CharRange(text, 0, length);
  if (!is_explicit && text.find_first_not_of(' ', kept.size()) != text.npos)
    ThrowReport("22001", fmt::format("value too long for type {}({})", type_name, length));
  return kept;
}

std::string Bpchar(std::string_view text, int32_t length, bool is_explicit) {
  std::string result(CutTo(text, length, is_explicit, "character"));
  result.append(static_cast<size_t>(length - CountChars(result)), ' ');
  return result;
}

std::string_view Varchar(std::string_view text, int32_t length) {
  return CutTo(text, length, false, "character varying");
}

// ---------------------------------------------------------------- letters

std::string Reverse(std::string_view text) {
  std::string result(text.size(), '\0');
  for (size_t at = 0; at < text.size();) {
    size_t size = CharBytes(text.substr(at));
    text.copy(&result[text.size() - at - size], size, at);
    at += size;
  }
  return result;
}

int32_t Ascii(std::string_view text) { return text.empty() ? 0 : static_cast<int32_t>(CodePoint(text)); }

std::string Chr(int32_t code) {
  if (code < 0) ThrowReport("22023", "character number must be positive");
  if (code == 0) ThrowReport("54000", "null character not permitted");
  if (code > 0x10ffff) ThrowReport("54000", fmt::format("requested character too large for encoding: {}", code));
  if (code >= 0xd800 && code <= 0xdfff)
    ThrowReport("54000", fmt::format("requested character not valid for encoding: {}", code));
  std::string result;
  AppendCodePoint(result, static_cast<uint32_t>(code));
  return result;
}

std::string Translate(std::string_view text, std::string_view from, std::string_view to) {
  std::string result;
  for (size_t at = 0; at < text.size();) {
    std::string_view letter = text.substr(at, CharBytes(text.substr(at)));
    at += letter.size();
    size_t found = from.find(letter);  // in valid UTF-8 a character is never found in the middle of others
    if (found == from.npos) {
      result += letter;
      continue;
    }
    size_t target = BytesOfChars(to, CountChars(from.substr(0, found)));
    if (target < to.size()) result += to.substr(target, CharBytes(to.substr(target)));
  }
  return result;
}

bool IsAsciiAlnum(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string Initcap(std::string_view text) {
  std::string result(text);
  bool inside = false;
  for (char& c : result) {
    if (inside && c >= 'A' && c <= 'Z')
      c = static_cast<char>(c + ('a' - 'A'));
    else if (!inside && c >= 'a' && c <= 'z')
      c = static_cast<char>(c - ('a' - 'A'));
    inside = IsAsciiAlnum(c);
  }
  return result;
}

// ---------------------------------------------------------------- text forms

std::string HexOfInteger(int32_t value) { return fmt::format("{:x}", static_cast<uint32_t>(value)); }
std::string HexOfBigint(int64_t value) { return fmt::format("{:x}", static_cast<uint64_t>(value)); }

std::string QuoteLiteral(std::string_view text) {
  std::string result = text.find('\\') == text.npos ? "'" : "E'";
  for (char c : text) {
    if (c == '\'' || c == '\\') result += c;
    result += c;
  }
  return result + "'";
}

// ---------------------------------------------------------------- LIKE

[[noreturn]] void ThrowLoneEscape() { ThrowReport("22025", "LIKE pattern must not end with escape character"); }

enum class Match { kYes, kNo, kAbort };  // kAbort: the text is too short, no later start can match

Match MatchLike(std::string_view text, std::string_view pattern);

// The pattern starts with %.
Match MatchPercent(std::string_view text, std::string_view pattern) {
  while (!pattern.empty() && (pattern[0] == '%' || pattern[0] == '_')) {
    if (pattern[0] == '_') {
      if (text.empty()) return Match::kAbort;
      text.remove_prefix(CharBytes(text));
    }
    pattern.remove_prefix(1);
  }
  if (pattern.empty()) return Match::kYes;
  if (pattern == "\\") ThrowLoneEscape();
  char first = pattern[0] == '\\' ? pattern[1] : pattern[0];
  for (; !text.empty(); text.remove_prefix(CharBytes(text))) {
    if (text[0] != first) continue;
    Match match = MatchLike(text, pattern);
    if (match != Match::kNo) return match;
  }
  return Match::kAbort;
}

Match MatchLike(std::string_view text, std::string_view pattern) {
  while (!text.empty() && !pattern.empty()) {
    if (pattern[0] == '%') return MatchPercent(text, pattern);
    if (pattern[0] == '_') {
      text.remove_prefix(CharBytes(text));
      pattern.remove_prefix(1);
      continue;
    }
    if (pattern[0] == '\\') {
      pattern.remove_prefix(1);
      if (pattern.empty()) ThrowLoneEscape();
    }
    if (pattern[0] != text[0]) return Match::kNo;
    text.remove_prefix(1);
    pattern.remove_prefix(1);
  }
  if (!text.empty()) return Match::kNo;
  pattern.remove_prefix(std::min(pattern.find_first_not_of('%'), pattern.size()));
  return pattern.empty() ? Match::kYes : Match::kAbort;
}

bool Like(std::string_view text, std::string_view pattern) { return MatchLike(text, pattern) == Match::kYes; }

// The pattern with backslash as its escape character, which it does not have when `escape` is empty.
std::string LikeEscape(std::string_view pattern, std::string_view escape) {
  std::string result;
  if (!escape.empty() && CharBytes(escape) != escape.size()) ThrowReport("22025", "invalid escape string");
  if (escape == "\\") return std::string(pattern);
  bool after_escape = false;
  for (size_t at = 0; at < pattern.size();) {
    std::string_view letter = pattern.substr(at, CharBytes(pattern.substr(at)));
    at += letter.size();
    if (letter == escape && !after_escape) {
      result += '\\';
      after_escape = true;
      continue;
    }
    if (letter == "\\" && !after_escape) result += '\\';
    result += letter;
    after_escape = false;
  }
  return result;
}

}  // namespace

void RegisterPgText(duckdb::ExtensionLoader& loader) {
  RegisterScalar<Substring, SubstringFor>(loader, "pg_substring");
  RegisterScalar<Overlay, OverlayFrom>(loader, "pg_overlay");
  RegisterScalar<SplitPart>(loader, "pg_split_part");
  RegisterScalar<LeftPad>(loader, "pg_lpad");
  RegisterScalar<RightPad>(loader, "pg_rpad");
  RegisterScalar<Repeat>(loader, "pg_repeat");
  RegisterScalar<Bpchar>(loader, "pg_bpchar");
  RegisterScalar<Varchar>(loader, "pg_varchar");
  RegisterScalar<Reverse>(loader, "pg_reverse");
  RegisterScalar<Ascii>(loader, "pg_ascii");
  RegisterScalar<Chr>(loader, "pg_chr");
  RegisterScalar<Translate>(loader, "pg_translate");
  RegisterScalar<Initcap>(loader, "pg_initcap");
  RegisterScalar<HexOfInteger, HexOfBigint>(loader, "pg_to_hex");
  RegisterScalar<QuoteLiteral>(loader, "pg_quote_literal");
  RegisterScalar<Like>(loader, "pg_like");
  RegisterScalar<LikeEscape>(loader, "pg_like_escape");
  RegisterStringAggregate(loader);
  RegisterPgEnum(loader);
}

}  // namespace lake::server
