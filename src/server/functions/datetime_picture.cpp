// See the header.
#include "server/functions/datetime_picture.h"

#include <algorithm>

namespace lake::server {

namespace {

using enum PictureField;
constexpr auto kGregorian = DateConvention::kGregorian;
constexpr auto kIsoWeek = DateConvention::kIsoWeek;
constexpr auto kNone = DateConvention::kNone;
constexpr auto kLower = LetterCase::kLower;
constexpr auto kFirstUpper = LetterCase::kFirstUpper;

// The longest that fits is meant: a keyword stands before those that it begins with.
constexpr PictureKeyword kKeywords[] = {
    {"A.D.", kAdDots, false},
    {"A.M.", kAmDots, false},
    {"AD", kAd, false},
    {"AM", kAm, false},
    {"B.C.", kAdDots, false},
    {"BC", kAd, false},
    {"CC", kCc, true},
    {"DAY", kDay, false},
    {"DDD", kDdd, true, kGregorian},
    {"DD", kDd, true, kGregorian},
    {"DY", kDy, false},
    {"Day", kDay, false, kNone, kFirstUpper},
    {"Dy", kDy, false, kNone, kFirstUpper},
    {"D", kD, true, kGregorian},
    {"FF1", kFf, true},
    {"FF2", kFf, true},
    {"FF3", kFf, true},
    {"FF4", kFf, true},
    {"FF5", kFf, true},
    {"FF6", kFf, true},
    {"FX", kFx, false},
    {"HH24", kHh24, true},
    {"HH12", kHh12, true},
    {"HH", kHh12, true},
    {"IDDD", kIddd, true, kIsoWeek},
    {"ID", kId, true, kIsoWeek},
    {"IW", kIw, true, kIsoWeek},
    {"IYYY", kIyyy, true, kIsoWeek},
    {"IYY", kIyy, true, kIsoWeek},
    {"IY", kIy, true, kIsoWeek},
    {"I", kI, true, kIsoWeek},
    {"J", kJ, true},
    {"MI", kMi, true},
    {"MM", kMm, true, kGregorian},
    {"MONTH", kMonth, false, kGregorian},
    {"MON", kMon, false, kGregorian},
    {"MS", kMs, true},
    {"Month", kMonth, false, kGregorian, kFirstUpper},
    {"Mon", kMon, false, kGregorian, kFirstUpper},
    {"OF", kOf, false},
    {"P.M.", kAmDots, false},
    {"PM", kAm, false},
    {"Q", kQ, true},
    {"RM", kRm, false, kGregorian},
    {"SSSSS", kSsss, true},
    {"SSSS", kSsss, true},
    {"SS", kSs, true},
    {"TZH", kTzh, false},
    {"TZM", kTzm, true},
    {"TZ", kTz, false},
    {"US", kUs, true},
    {"WW", kWw, true, kGregorian},
    {"W", kW, true, kGregorian},
    {"Y,YYY", kYCommaYyy, true, kGregorian},
    {"YYYY", kYyyy, true, kGregorian},
    {"YYY", kYyy, true, kGregorian},
    {"YY", kYy, true, kGregorian},
    {"Y", kY, true, kGregorian},
    {"a.d.", kAdDots, false, kNone, kLower},
    {"a.m.", kAmDots, false, kNone, kLower},
    {"ad", kAd, false, kNone, kLower},
    {"am", kAm, false, kNone, kLower},
    {"b.c.", kAdDots, false, kNone, kLower},
    {"bc", kAd, false, kNone, kLower},
    {"cc", kCc, true},
    {"day", kDay, false, kNone, kLower},
    {"ddd", kDdd, true, kGregorian},
    {"dd", kDd, true, kGregorian},
    {"dy", kDy, false, kNone, kLower},
    {"d", kD, true, kGregorian},
    {"ff1", kFf, true},
    {"ff2", kFf, true},
    {"ff3", kFf, true},
    {"ff4", kFf, true},
    {"ff5", kFf, true},
    {"ff6", kFf, true},
    {"fx", kFx, false},
    {"hh24", kHh24, true},
    {"hh12", kHh12, true},
    {"hh", kHh12, true},
    {"iddd", kIddd, true, kIsoWeek},
    {"id", kId, true, kIsoWeek},
    {"iw", kIw, true, kIsoWeek},
    {"iyyy", kIyyy, true, kIsoWeek},
    {"iyy", kIyy, true, kIsoWeek},
    {"iy", kIy, true, kIsoWeek},
    {"i", kI, true, kIsoWeek},
    {"j", kJ, true},
    {"mi", kMi, true},
    {"mm", kMm, true, kGregorian},
    {"month", kMonth, false, kGregorian, kLower},
    {"mon", kMon, false, kGregorian, kLower},
    {"ms", kMs, true},
    {"of", kOf, false},
    {"p.m.", kAmDots, false, kNone, kLower},
    {"pm", kAm, false, kNone, kLower},
    {"q", kQ, true},
    {"rm", kRm, false, kGregorian, kLower},
    {"sssss", kSsss, true},
    {"ssss", kSsss, true},
    {"ss", kSs, true},
    {"tzh", kTzh, false},
    {"tzm", kTzm, true},
    {"tz", kTz, false, kNone, kLower},
    {"us", kUs, true},
    {"ww", kWw, true, kGregorian},
    {"w", kW, true, kGregorian},
    {"y,yyy", kYCommaYyy, true, kGregorian},
    {"yyyy", kYyyy, true, kGregorian},
    {"yyy", kYyy, true, kGregorian},
    {"yy", kYy, true, kGregorian},
    {"y", kY, true, kGregorian},
};

const PictureKeyword* FindKeyword(std::string_view text) {
  for (const PictureKeyword& keyword : kKeywords)
    if (text.starts_with(keyword.name)) return &keyword;
  return nullptr;
}

bool Skip(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

PictureNode TakeCharacter(std::string_view& rest, PictureNode::Kind kind) {
  PictureNode node;
  node.kind = kind;
  node.character = rest.substr(0, CharacterLength(rest));
  rest.remove_prefix(node.character.size());
  return node;
}

void TakeQuoted(std::string_view& rest, std::vector<PictureNode>& nodes) {
  rest.remove_prefix(1);
  while (!rest.empty()) {
    if (Skip(rest, "\"")) return;
    if (rest.size() > 1 && rest.front() == '\\') rest.remove_prefix(1);
    nodes.push_back(TakeCharacter(rest, PictureNode::Kind::kCharacter));
  }
}

}  // namespace

bool IsPictureSeparator(char c) {
  return c > 0x20 && c < 0x7F && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9');
}

bool IsPictureSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

size_t CharacterLength(std::string_view text) {
  if (text.empty()) return 0;
  auto first = static_cast<unsigned char>(text.front());
  size_t length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  return std::min(length, text.size());
}

Picture Picture::Parse(std::string_view text) {
  Picture picture;
  picture.is_empty_ = text.empty();
  picture.text_.assign(text.begin(), text.end());
  std::string_view rest(picture.text_.data(), picture.text_.size());
  while (!rest.empty()) {
    PictureNode node;
    if (rest.starts_with("FM") || rest.starts_with("fm")) {
      node.fill_mode = true;
      rest.remove_prefix(2);
    }
    node.keyword = FindKeyword(rest);
    if (node.keyword != nullptr) {
      rest.remove_prefix(node.keyword->name.size());
      node.ordinal_is_upper = rest.starts_with("TH");
      node.ordinal = Skip(rest, "TH") || Skip(rest, "th");
      if (!node.ordinal) Skip(rest, "SP");  // spelling numbers out is not implemented in PostgreSQL either
      picture.nodes_.push_back(node);
    } else if (!rest.empty() && rest.front() == '"') {
      TakeQuoted(rest, picture.nodes_);
    } else if (!rest.empty()) {
      // outside quotes a backslash matters before a quote alone
      if (rest.starts_with("\\\"")) rest.remove_prefix(1);
      auto kind = IsPictureSeparator(rest.front()) ? PictureNode::Kind::kSeparator
                  : IsPictureSpace(rest.front())   ? PictureNode::Kind::kSpace
                                                   : PictureNode::Kind::kCharacter;
      picture.nodes_.push_back(TakeCharacter(rest, kind));
    }
  }
  return picture;
}

}  // namespace lake::server
