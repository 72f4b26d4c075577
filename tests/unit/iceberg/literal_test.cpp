#include "iceberg/literal.h"

#include <cmath>
#include <limits>

#include "base/result_matchers.h"
#include "base/text_encoding.h"

namespace lake::iceberg {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct Sample {
  Literal literal;
  std::string hex;  // appendix D binary
  std::string json;
};

std::vector<Sample> Samples() {
  return {
      {Literal::Boolean(true), "01", "true"},
      {Literal::Int(34), "22000000", "34"},
      {Literal::Long(-1), "FFFFFFFFFFFFFFFF", "-1"},
      {Literal::Float(1.5f), "0000C03F", "1.5"},
      {Literal::Double(-2.25), "00000000000002C0", "-2.25"},
      {Literal::Decimal(1420, 9, 2), "058C", "\"14.20\""},
      {Literal::Decimal(-5, 9, 2), "FB", "\"-0.05\""},
      {Literal::Decimal(7, 9, 0), "07", "\"7\""},
      {Literal::Date(17486), "4E440000", "\"2017-11-16\""},
      {Literal::Time(81068123456), "406509E012000000", "\"22:31:08.123456\""},
      {Literal::Timestamp(1510871468000001), "01C3262D215E0500", "\"2017-11-16T22:31:08.000001\""},
      {Literal::TimestampTz(0), "0000000000000000", "\"1970-01-01T00:00:00+00:00\""},
      {Literal(TypeId::kTimestampNs, int64_t{1}), "0100000000000000", "\"1970-01-01T00:00:00.000000001\""},
      {Literal::String("iceberg"), "69636562657267", "\"iceberg\""},
      {Literal::Uuid(*lake::Uuid::Parse("f79c3e09-677c-4bbd-a479-3f349cb785e7")), "F79C3E09677C4BBDA4793F349CB785E7",
       "\"f79c3e09-677c-4bbd-a479-3f349cb785e7\""},
      {Literal::Fixed("xyz"), "78797A", "\"78797A\""},
      {Literal::Binary(""), "", "\"\""},
  };
}

TEST(Literal, AppendixDRoundTrips) {  // META-9, rules 13 and 28
  for (const Sample& sample : Samples()) {
    SCOPED_TRACE(sample.json);
    EXPECT_EQ(sample.literal.ToJson().dump(), sample.json);
    ASSERT_OK_AND_ASSIGN(Literal from_json, Literal::FromJson(sample.literal.type(), Json::parse(sample.json)));
    EXPECT_EQ(from_json, sample.literal);
    ASSERT_OK_AND_ASSIGN(Literal from_binary, Literal::FromBinary(sample.literal.type(), sample.literal.ToBinary()));
    EXPECT_EQ(from_binary, sample.literal);
  }
}

TEST(Literal, BinaryFormIsTheSpecifications) {
  for (const Sample& sample : Samples()) {
    EXPECT_EQ(HexEncode(sample.literal.ToBinary()), sample.hex) << sample.json;
  }
}

TEST(Literal, PromotedColumnsHaveShortBounds) {  // rule 7
  EXPECT_EQ(*Literal::FromBinary(TypeId::kLong, Literal::Int(-3).ToBinary()), Literal::Long(-3));
  EXPECT_EQ(*Literal::FromBinary(TypeId::kDouble, Literal::Float(1.5f).ToBinary()), Literal::Double(1.5));
  EXPECT_EQ(*Literal::FromBinary(TypeId::kTimestamp, Literal::Date(-1).ToBinary()), Literal::Timestamp(-86400000000));
  EXPECT_THAT(Literal::FromBinary(TypeId::kTimestamp, Literal::Date(2147483647).ToBinary()),
              HasMessage(HasSubstr("range")));
}

TEST(Literal, WrongLengthsAreCorrupt) {
  for (Type type : {Type(TypeId::kInt), Type(TypeId::kLong), Type(TypeId::kDouble), Type(TypeId::kUuid),
                    Type(TypeId::kBoolean), Type(TypeId::kDate), Type(TypeId::kTimestampTz), Type::Decimal(9, 2)}) {
    EXPECT_THAT(Literal::FromBinary(type, ""), HasKind(ErrorKind::kCorrupt)) << type.ToString();
    EXPECT_THAT(Literal::FromBinary(type, std::string(17, 'x')), HasKind(ErrorKind::kCorrupt)) << type.ToString();
  }
  EXPECT_THAT(Literal::FromBinary(TypeId::kVariant, "x"), HasKind(ErrorKind::kUnsupported));
}

TEST(Literal, JsonAcceptsEitherCaseOfHexAndRefusesNonsense) {  // rule 13
  EXPECT_EQ(*Literal::FromJson(TypeId::kBinary, "78797a"), Literal::Binary("xyz"));
  EXPECT_THAT(Literal::FromJson(TypeId::kDate, "2024-02-30"), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(Literal::FromJson(TypeId::kTimestampTz, "2024-02-29T00:00:00"), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(Literal::FromJson(TypeId::kInt, int64_t{1} << 40), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(Literal::FromJson(Type::Decimal(9, 2), "1.234"), HasKind(ErrorKind::kCorrupt));
  EXPECT_EQ(*Literal::FromJson(Type::Decimal(9, 2), "1.2"), Literal::Decimal(120, 9, 2));
  EXPECT_THAT(Literal::FromJson(TypeId::kFloat, 1e300), HasKind(ErrorKind::kCorrupt));
}

TEST(Literal, FloatsHaveATotalOrder) {  // rules 22 and 24
  double nan = std::numeric_limits<double>::quiet_NaN();
  double inf = std::numeric_limits<double>::infinity();
  std::vector<double> order = {std::copysign(nan, -1.0), -inf, -1, -0.0, 0.0, 1, inf, nan};
  for (size_t i = 0; i + 1 < order.size(); i++) {
    EXPECT_LT(Literal::Compare(Literal::Double(order[i]), Literal::Double(order[i + 1])), 0) << i;
    auto a = static_cast<float>(order[i]);
    auto b = static_cast<float>(order[i + 1]);
    EXPECT_LT(Literal::Compare(Literal::Float(a), Literal::Float(b)), 0) << i;
  }
}

TEST(Literal, BytesCompareUnsigned) {  // rule 29
  EXPECT_LT(Literal::Compare(Literal::Binary("\x7f"), Literal::Binary("\x80")), 0);
  EXPECT_LT(Literal::Compare(Literal::String("z"), Literal::String("ä")), 0);
  lake::Uuid low{};
  lake::Uuid high{};
  high.bytes[0] = 0x80;
  EXPECT_LT(Literal::Compare(Literal::Uuid(low), Literal::Uuid(high)), 0);
}

TEST(Literal, CastsOnlyWhatIsEqual) {
  EXPECT_EQ(*Literal::Int(5).CastTo(TypeId::kLong), Literal::Long(5));
  EXPECT_EQ(*Literal::Long(5).CastTo(TypeId::kInt), Literal::Int(5));
  EXPECT_FALSE(Literal::Long(1LL << 40).CastTo(TypeId::kInt));
  EXPECT_EQ(*Literal::Int(5).CastTo(Type::Decimal(5, 2)), Literal::Decimal(500, 5, 2));
  EXPECT_FALSE(Literal::Int(12345).CastTo(Type::Decimal(5, 2)));
  EXPECT_FALSE(Literal::Decimal(125, 5, 2).CastTo(TypeId::kInt));
  EXPECT_EQ(*Literal::Double(2.0).CastTo(TypeId::kLong), Literal::Long(2));
  EXPECT_FALSE(Literal::Double(2.5).CastTo(TypeId::kLong));
  EXPECT_FALSE(Literal::Double(0.1).CastTo(TypeId::kFloat));
  EXPECT_FALSE(Literal::Double(1e300).CastTo(TypeId::kFloat));
  EXPECT_FALSE(Literal::Long((1LL << 53) + 1).CastTo(TypeId::kDouble));
  EXPECT_EQ(*Literal::Date(1).CastTo(TypeId::kTimestamp), Literal::Timestamp(86400000000));
  EXPECT_FALSE(Literal::Timestamp(1).CastTo(TypeId::kDate));
  EXPECT_FALSE(Literal::Timestamp(0).CastTo(TypeId::kTimestampTz));
}

TEST(Bounds, StringsAreCutAtCodePoints) {  // rule 25
  EXPECT_EQ(TruncateLowerBound(Literal::String("äöü"), 2), Literal::String("äö"));
  EXPECT_EQ(*TruncateUpperBound(Literal::String("äöü"), 2), Literal::String("ä÷"));
  EXPECT_EQ(*TruncateUpperBound(Literal::String("abc"), 3), Literal::String("abc"));
  EXPECT_EQ(*TruncateUpperBound(Literal::String("a\xf4\x8f\xbf\xbfx"), 2), Literal::String("b"));
  EXPECT_EQ(TruncateUpperBound(Literal::String("\xf4\x8f\xbf\xbf\xf4\x8f\xbf\xbf"), 1), std::nullopt);
  EXPECT_EQ(*TruncateUpperBound(Literal::String("\xed\x9f\xbfx"), 1),
            Literal::String("\xee\x80\x80"));  // over the surrogates
}

TEST(Bounds, WhatIsNoUtf8IsStillWithinThem) {  // of footers of others; \xc0\xbe is a longer form of \x3e
  Literal value = Literal::String("\xc0\xbe\xc2\xbe");
  auto upper = TruncateUpperBound(value, 1);
  EXPECT_TRUE(!upper || Literal::Compare(*upper, value) >= 0) << upper->ToString();
  EXPECT_LE(Literal::Compare(TruncateLowerBound(value, 1), value), 0);
}

TEST(Bounds, BytesAreIncrementedAndOthersLeftAlone) {
  EXPECT_EQ(TruncateLowerBound(Literal::Binary("abc"), 2), Literal::Binary("ab"));
  EXPECT_EQ(*TruncateUpperBound(Literal::Binary("a\xff"
                                                "c"),
                                2),
            Literal::Binary("b"));
  EXPECT_EQ(TruncateUpperBound(Literal::Binary("\xff\xff\xff"), 2), std::nullopt);
  EXPECT_EQ(*TruncateUpperBound(Literal::Decimal(123456789, 20, 2), 1), Literal::Decimal(123456789, 20, 2));
}

TEST(Bounds, HoldForEveryWidth) {
  std::string text = "aß€😀\x7f\xff zz";
  for (int width = 1; width < 12; width++) {
    Literal value = Literal::String(text);
    EXPECT_LE(Literal::Compare(TruncateLowerBound(value, width), value), 0) << width;
    auto upper = TruncateUpperBound(value, width);
    ASSERT_TRUE(upper) << width;
    EXPECT_GE(Literal::Compare(*upper, value), 0) << width;
  }
}

}  // namespace
}  // namespace lake::iceberg
