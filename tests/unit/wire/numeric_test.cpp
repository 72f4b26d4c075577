// numeric against numeric_send and numeric_out of PostgreSQL 15.
#include "wire/numeric.h"

#include "base/result_matchers.h"
#include "wire/hex.h"

namespace lake::wire {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct Vector {
  const char* text;
  const char* unscaled;
  int scale;
  const char* hex;
};

const Vector kVectors[] = {
    {"0", "0", 0, "0000000000000000"},
    {"0.00", "0", 2, "0000000000000002"},
    {"1", "1", 0, "00010000000000000001"},
    {"-1", "-1", 0, "00010000400000000001"},
    {"0.0001", "1", 4, "0001ffff000000040001"},
    {"0.001", "1", 3, "0001ffff00000003000a"},
    {"0.10", "10", 2, "0001ffff0000000203e8"},
    {"10000", "10000", 0, "00010001000000000001"},
    {"9999", "9999", 0, "0001000000000000270f"},
    {"100000000", "100000000", 0, "00010002000000000001"},
    {"12345678.9", "123456789", 1, "000300010000000104d2162e2328"},
    {"-12.34", "-1234", 2, "0002000040000002000c0d48"},
    {"1234567890123456789.123456789", "1234567890123456789123456789", 9,
     "0008000400000009007b11d722c509291a8504d2162e2328"},
    {"99999999999999999999999999999999999999", "99999999999999999999999999999999999999", 0,
     "000a0009000000000063270f270f270f270f270f270f270f270f270f"},
    {"0.00000000000000000000000000000000000001", "1", 38, "0001fff6000000260064"},
};

TEST(NumericTest, MatchesPostgres) {
  for (const Vector& vector : kVectors) {
    SCOPED_TRACE(vector.text);
    ASSERT_OK_AND_ASSIGN(Int128 unscaled, ParseInt128(vector.unscaled));
    char bytes[kMaxNumericBytes];
    EXPECT_EQ(ToHex({bytes, EncodeNumeric(bytes, unscaled, vector.scale)}), vector.hex);
    char text[kMaxNumericText];
    EXPECT_EQ(std::string(text, FormatNumeric(text, unscaled, vector.scale)), vector.text);
    ASSERT_OK_AND_ASSIGN(Numeric numeric, DecodeNumeric(FromHex(vector.hex)));
    EXPECT_EQ(Int128ToString(numeric.unscaled), vector.unscaled);
    EXPECT_EQ(numeric.scale, vector.scale);
    ASSERT_OK_AND_ASSIGN(Int128 decimal, DecodeDecimal(FromHex(vector.hex), 38, vector.scale));
    EXPECT_EQ(Int128ToString(decimal), vector.unscaled);
  }
}

TEST(NumericTest, BothWaysOfEncoding64BitsAgree) {
  int64_t value = 1;
  for (int i = 0; i < 400;
       ++i, value = static_cast<int64_t>(static_cast<uint64_t>(value) * 6364136223846793005u + 1442695040888963407u)) {
    int scale = i % 19;
    char narrow[kMaxNumericBytes];
    char wide[kMaxNumericBytes];
    std::string encoded(narrow, EncodeNumeric64(narrow, value, scale));
    EXPECT_EQ(encoded, std::string(wide, EncodeNumeric(wide, Int128{value}, scale)));
    ASSERT_OK_AND_ASSIGN(Int128 decoded, DecodeDecimal(encoded, 38, scale));
    EXPECT_EQ(static_cast<int64_t>(decoded), value);
  }
}

TEST(NumericTest, The128BitLimits) {
  char bytes[kMaxNumericBytes];
  Int128 min = static_cast<Int128>(UInt128{1} << 127);
  EXPECT_EQ(ToHex({bytes, EncodeNumeric(bytes, min, 0)}), "000a00094000000000aa0583209a01d5090d0c601c871bf620da1660");
  char text[kMaxNumericText];
  EXPECT_EQ(std::string(text, FormatNumeric(text, false, ~UInt128{0}, 0)), "340282366920938463463374607431768211455");
}

TEST(NumericTest, DecodesToAnotherScale) {
  std::string value = FromHex("00010000000000000001");  // 1
  ASSERT_OK_AND_ASSIGN(Int128 cents, DecodeDecimal(value, 5, 2));
  EXPECT_EQ(static_cast<int>(cents), 100);
  value = FromHex("0001ffff0000000203e8");  // 0.10
  ASSERT_OK_AND_ASSIGN(Int128 tenths, DecodeDecimal(value, 5, 1));
  EXPECT_EQ(static_cast<int>(tenths), 1);
}

TEST(NumericTest, WhatDoesNotFitIsInvalidInput) {
  EXPECT_THAT(DecodeDecimal(FromHex("000300010000000104d2162e2328"), 38, 0),
              AllOf(HasKind(ErrorKind::kInvalidInput), HasMessage(HasSubstr("more than 0 digits after"))));
  EXPECT_THAT(DecodeDecimal(FromHex("0001000000000000270f"), 3, 0),
              AllOf(HasKind(ErrorKind::kInvalidInput), HasMessage(HasSubstr("decimal(3, 0)"))));
  EXPECT_THAT(DecodeDecimal(FromHex("00000000c0000000"), 38, 0), HasMessage(HasSubstr("NaN")));
  EXPECT_THAT(DecodeDecimal(FromHex("00000000f0000020"), 38, 0), HasMessage(HasSubstr("infinity")));
  EXPECT_THAT(DecodeNumeric(FromHex("00010010000000000001")), HasKind(ErrorKind::kInvalidInput));  // 10^64
  EXPECT_THAT(DecodeNumeric(FromHex("000a00090000000000aa0583209a01d5090d0c601c871bf620da165f")),
              HasKind(ErrorKind::kInvalidInput));
}

TEST(NumericTest, SpecialValues) {
  ASSERT_OK_AND_ASSIGN(Numeric nan, DecodeNumeric(FromHex("00000000c0000000")));
  EXPECT_EQ(nan.kind, Numeric::Kind::kNaN);
  ASSERT_OK_AND_ASSIGN(Numeric infinity, DecodeNumeric(FromHex("00000000d0000020")));
  EXPECT_EQ(infinity.kind, Numeric::Kind::kInfinity);
}

TEST(NumericTest, MalformedBytesAreCorrupt) {
  for (const char* hex :
       {"", "00", "00010000000000", "00010000000000000001ff", "ffff00000000000000", "00020000000000000001",
        "00010000123400000001", "00010000000000002710", "0001000000007fff0001"}) {
    EXPECT_THAT(DecodeNumeric(FromHex(hex)), HasKind(ErrorKind::kCorrupt)) << hex;
  }
}

}  // namespace
}  // namespace lake::wire
