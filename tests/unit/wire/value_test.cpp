// Text and binary values against PostgreSQL 15.
#include "base/result_matchers.h"
#include "wire/array_value.h"
#include "wire/binary_value.h"
#include "wire/hex.h"
#include "wire/type_oid.h"
#include "wire/value_text.h"

namespace lake::wire {
namespace {

using testing::HasSubstr;

template <typename Append>
std::string TextOf(Append append) {
  OutBuffer out;
  append(out);
  return std::string(out.view());
}

TEST(ValueTest, Float8) {
  const std::pair<const char*, const char*> vectors[] = {{"0", "0000000000000000"},
                                                         {"-0", "8000000000000000"},
                                                         {"1", "3ff0000000000000"},
                                                         {"0.1", "3fb999999999999a"},
                                                         {"1e+15", "430c6bf526340000"},
                                                         {"123456789012345", "42dc12218377de40"},
                                                         {"100000000000000", "42d6bcc41e900000"},
                                                         {"0.0001", "3f1a36e2eb1c432d"},
                                                         {"1e-05", "3ee4f8b588e368f1"},
                                                         {"1.5e+300", "7e41eb2d66005835"},
                                                         {"5e-324", "0000000000000001"},
                                                         {"1.7976931348623157e+308", "7fefffffffffffff"},
                                                         {"123456.789", "40fe240c9fbe76c9"},
                                                         {"1e+22", "4480f0cf064dd592"},
                                                         {"NaN", "7ff8000000000000"},
                                                         {"Infinity", "7ff0000000000000"},
                                                         {"-Infinity", "fff0000000000000"}};
  for (auto [text, hex] : vectors) {
    ASSERT_OK_AND_ASSIGN(double value, DecodeFloat8(FromHex(hex)));
    EXPECT_EQ(TextOf([&](OutBuffer& out) { AppendFloat8Text(out, value); }), text);
  }
}

TEST(ValueTest, Float4) {
  const std::pair<const char*, const char*> vectors[] = {
      {"0", "00000000"},      {"0.1", "3dcccccd"},           {"1e+06", "49742400"},
      {"999999", "497423f0"}, {"100000", "47c35000"},        {"0.0001", "38d1b717"},
      {"1e-05", "3727c5ac"},  {"3.4028235e+38", "7f7fffff"}, {"1.6777216e+07", "4b800000"},
      {"1e-45", "00000001"}};
  for (auto [text, hex] : vectors) {
    ASSERT_OK_AND_ASSIGN(float value, DecodeFloat4(FromHex(hex)));
    EXPECT_EQ(TextOf([&](OutBuffer& out) { AppendFloat4Text(out, value); }), text);
  }
}

TEST(ValueTest, Date) {
  const std::pair<const char*, const char*> vectors[] = {{"2000-01-01", "00000000"},    {"1970-01-01", "ffffd533"},
                                                         {"0001-01-01", "fff4dbf9"},    {"0001-12-31 BC", "fff4dbf8"},
                                                         {"4713-11-24 BC", "ffda9915"}, {"5874897-12-31", "7fda970c"},
                                                         {"9999-12-31", "002c95d3"},    {"10000-01-01", "002c95d4"}};
  for (auto [text, hex] : vectors) {
    ASSERT_OK_AND_ASSIGN(int32_t days, DecodeDate(FromHex(hex)));
    EXPECT_EQ(TextOf([&](OutBuffer& out) { AppendDateText(out, days); }), text);
    char bytes[4];
    ASSERT_TRUE(EncodeDate(bytes, days));
    EXPECT_EQ(ToHex({bytes, 4}), hex);
  }
  char bytes[4];
  ASSERT_TRUE(EncodeDate(bytes, kInfinityDays));
  EXPECT_EQ(ToHex({bytes, 4}), "7fffffff");
  EXPECT_FALSE(EncodeDate(bytes, kMinDate + kEpochDays - 1));
  EXPECT_FALSE(EncodeDate(bytes, kNegativeInfinityDays + 1));
  EXPECT_THAT(DecodeDate(FromHex("7ffffffe")), HasKind(ErrorKind::kCorrupt));
}

TEST(ValueTest, Timestamp) {
  const std::pair<const char*, const char*> vectors[] = {{"2000-01-01 00:00:00", "0000000000000000"},
                                                         {"1969-12-31 23:59:59.999999", "fffca2fec4c81fff"},
                                                         {"0044-03-15 12:00:00.5 BC", "ff1af9e8fb4e7120"},
                                                         {"4713-11-24 00:00:00 BC", "fd0f9983eb0ae000"},
                                                         {"2024-02-29 13:45:00.1", "0002b5843bfbf5a0"}};
  for (auto [text, hex] : vectors) {
    ASSERT_OK_AND_ASSIGN(int64_t micros, DecodeTimestamp(FromHex(hex)));
    EXPECT_EQ(TextOf([&](OutBuffer& out) { AppendTimestampText(out, micros); }), text);
    char bytes[8];
    ASSERT_TRUE(EncodeTimestamp(bytes, micros));
    EXPECT_EQ(ToHex({bytes, 8}), hex);
  }
  char bytes[8];
  EXPECT_FALSE(EncodeTimestamp(bytes, kNegativeInfinityMicros + 1));
  ASSERT_TRUE(EncodeTimestamp(bytes, kInfinityMicros - 1));
  ASSERT_OK_AND_ASSIGN(int64_t latest, DecodeTimestamp({bytes, 8}));
  EXPECT_EQ(latest, kInfinityMicros - 1);
  EXPECT_THAT(DecodeTimestamp(FromHex("7ffffffffffffffe")), HasKind(ErrorKind::kCorrupt));
  EXPECT_EQ(TextOf([](OutBuffer& out) { AppendTimestampTzText(out, 0); }), "1970-01-01 00:00:00+00");
}

TEST(ValueTest, Interval) {
  const std::pair<const char*, const char*> vectors[] = {
      {"00:00:00", "00000000000000000000000000000000"},
      {"1 year 2 mons 3 days 04:05:06.7", "000000036c966ee0000000030000000e"},
      {"-1 mons +5 days", "000000000000000000000005ffffffff"},
      {"-1 years -2 mons", "000000000000000000000000fffffff2"},
      {"1 mon -1 days", "0000000000000000ffffffff00000001"},
      {"100:00:00", "00000053d1ac10000000000000000000"},
      {"-00:00:00.000001", "ffffffffffffffff0000000000000000"},
      {"1 day -01:00:00", "ffffffff296c5c000000000100000000"},
      {"-1 days +01:00:00", "00000000d693a400ffffffff00000000"},
      {"11 mons", "0000000000000000000000000000000b"},
      {"178956970 years", "0000000000000000000000007ffffff8"}};
  for (auto [text, hex] : vectors) {
    ASSERT_OK_AND_ASSIGN(Interval interval, DecodeInterval(FromHex(hex)));
    EXPECT_EQ(TextOf([&](OutBuffer& out) { AppendIntervalText(out, interval.months, interval.days, interval.micros); }),
              text);
    char bytes[16];
    EncodeInterval(bytes, interval);
    EXPECT_EQ(ToHex({bytes, 16}), hex);
  }
}

TEST(ValueTest, TimeTz) {
  const std::pair<const char*, const char*> vectors[] = {{"00:00:00+00", "000000000000000000000000"},
                                                         {"24:00:00-15:59:59", "000000141dd760000000e0ff"},
                                                         {"13:45:00.25+05:30", "0000000b8671df90ffffb2a8"}};
  for (auto [text, hex] : vectors) {
    ASSERT_OK_AND_ASSIGN(TimeTz time, DecodeTimeTz(FromHex(hex)));
    EXPECT_EQ(TextOf([&](OutBuffer& out) { AppendTimeTzText(out, time.micros, time.offset); }), text);
    char bytes[12];
    EncodeTimeTz(bytes, time);
    EXPECT_EQ(ToHex({bytes, 12}), hex);
  }
  EXPECT_THAT(DecodeTime(FromHex("000000141dd76001")), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(DecodeTimeTz(FromHex("00000000000000000000e100")), HasKind(ErrorKind::kCorrupt));
}

TEST(ValueTest, Bit) {
  const std::pair<const char*, const char*> vectors[] = {
      {"", "00000000"}, {"1", "0000000180"}, {"10110000111", "0000000bb0e0"}, {"11111111", "00000008ff"}};
  for (auto [text, hex] : vectors) {
    EXPECT_EQ(ToHex(TextOf([&](OutBuffer& out) { EncodeBit(out, text); })), hex);
    ASSERT_OK_AND_ASSIGN(std::string bits, DecodeBit(FromHex(hex)));
    EXPECT_EQ(bits, text);
  }
  EXPECT_THAT(DecodeBit(FromHex("ffffffff80")), HasKind(ErrorKind::kCorrupt));
}

TEST(ValueTest, Bytea) {
  std::string bytes("\x00\xff\\a", 4);
  EXPECT_EQ(TextOf([&](OutBuffer& out) { AppendByteaText(out, bytes); }), "\\x00ff5c61");
  for (const char* text : {"\\x00ff5c61", "\\x00FF5C61", "\\000\\377\\\\a"}) {
    ASSERT_OK_AND_ASSIGN(std::string parsed, ParseByteaText(text));
    EXPECT_EQ(parsed, bytes) << text;
  }
  for (const char* text : {"\\x0", "\\xzz", "\\", "\\1", "\\400", "\\08"}) {
    EXPECT_THAT(ParseByteaText(text), HasKind(ErrorKind::kInvalidInput)) << text;
  }
}

TEST(ValueTest, LengthsAreChecked) {
  EXPECT_THAT(DecodeBool(""), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(DecodeInt2("abc"), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(DecodeInt4("abc"), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(DecodeInt8("abc"), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(DecodeUuid("abc"), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(DecodeInterval("abc"), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(DecodeTimeTz("abc"), HasKind(ErrorKind::kCorrupt));
}

TEST(ValueTest, TextIsUtf8WithoutZeroBytes) {
  EXPECT_THAT(CheckText("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), IsOk());
  for (std::string_view bad :
       {std::string_view("a\0b", 3), std::string_view("\xff"), std::string_view("\xC0\x80"),
        std::string_view("\xE0\x80\x80"), std::string_view("\xED\xA0\x80"), std::string_view("\xF4\x90\x80\x80"),
        std::string_view("\xE2\x82"), std::string_view("x\xF0\x9F\x98")}) {
    EXPECT_THAT(CheckText(bad), HasKind(ErrorKind::kInvalidInput));
  }
}

TEST(ArrayTest, Binary) {
  std::string bytes = FromHex("00000001000000010000001700000003000000010000000400000001ffffffff0000000400000003");
  ASSERT_OK_AND_ASSIGN(BinaryArray array, DecodeArray(bytes));
  EXPECT_EQ(array.element, kInt4Oid);
  ASSERT_EQ(array.elements.size(), 3u);
  EXPECT_EQ(ToHex(*array.elements[0]), "00000001");
  EXPECT_FALSE(array.elements[1].has_value());
  OutBuffer out;
  AppendArrayHeader(out, kInt4Oid, 3, true);
  EXPECT_EQ(out.view(), std::string_view(bytes).substr(0, 20));
  out.Clear();
  AppendArrayHeader(out, kInt4Oid, 0, false);
  EXPECT_EQ(ToHex(out.view()), "000000000000000000000017");
  ASSERT_OK_AND_ASSIGN(BinaryArray empty, DecodeArray(out.view()));
  EXPECT_TRUE(empty.elements.empty());
}

TEST(ArrayTest, EveryCutAndEveryWrongByteIsAnErrorOrAnArray) {
  std::string bytes = FromHex("00000001000000010000001700000002000000010000000400000001ffffffff");
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(DecodeArray(std::string_view(bytes).substr(0, length)).ok()) << length;
  }
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string wrong = bytes;
    wrong[i] = static_cast<char>(wrong[i] ^ 0xff);
    auto array = DecodeArray(wrong);
    if (array.ok()) EXPECT_LE(array->elements.size(), 2u);
  }
  EXPECT_THAT(DecodeArray(FromHex("000000020000000000000017"
                                  "0000000100000001"
                                  "0000000100000001")),
              HasKind(ErrorKind::kUnsupported));
}

TEST(ArrayTest, Text) {
  std::vector<std::optional<std::string>> values = {"a",    "",  "NULL", "null",       "a b", "q\"",
                                                    "b\\s", "{", "x,y",  std::nullopt, "é"};
  OutBuffer out;
  out.AppendByte('{');
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out.AppendByte(',');
    AppendArrayElement(out, values[i] ? std::optional<std::string_view>(*values[i]) : std::nullopt);
  }
  out.AppendByte('}');
  EXPECT_EQ(out.view(), R"({a,"","NULL","null","a b","q\"","b\\s","{","x,y",NULL,é})");
  ASSERT_OK_AND_ASSIGN(auto parsed, ParseArrayText(out.view()));
  EXPECT_EQ(parsed, values);
  ASSERT_OK_AND_ASSIGN(parsed, ParseArrayText("  { a b , \"c\" , nUlL }  "));
  EXPECT_EQ(parsed, (std::vector<std::optional<std::string>>{"a b", "c", std::nullopt}));
  ASSERT_OK_AND_ASSIGN(parsed, ParseArrayText("{}"));
  EXPECT_TRUE(parsed.empty());
  for (const char* bad : {"", "{", "}", "{a", "{a,}", "{,a}", "{a}x", "{\"a}", "{a\"b\"}", "{\"a\"b}", "a", "{a\\"}) {
    EXPECT_THAT(ParseArrayText(bad), HasKind(ErrorKind::kInvalidInput)) << bad;
  }
  EXPECT_THAT(ParseArrayText("{{1},{2}}"), HasKind(ErrorKind::kUnsupported));
}

}  // namespace
}  // namespace lake::wire
