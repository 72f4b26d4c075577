#include "iceberg/partition.h"

#include <limits>

#include "base/result_matchers.h"

namespace lake::iceberg {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Optional = std::optional<Literal>;

TEST(BucketHash, SpotValuesOfTheSpecification) {  // rule 18, appendix B
  EXPECT_EQ(*BucketHash(Literal::Int(34)), 2017239379);
  EXPECT_EQ(*BucketHash(Literal::Long(34)), 2017239379);
  EXPECT_EQ(*BucketHash(Literal::Decimal(1420, 9, 2)), -500754589);
  EXPECT_EQ(*BucketHash(Literal::Date(17486)), -653330422);
  EXPECT_EQ(*BucketHash(Literal::Time(81068000000)), -662762989);
  EXPECT_EQ(*BucketHash(Literal::Timestamp(1510871468000000)), -2047944441);
  EXPECT_EQ(*BucketHash(Literal::TimestampTz(1510871468000000)), -2047944441);
  EXPECT_EQ(*BucketHash(Literal::Timestamp(1510871468000001)), -1207196810);
  EXPECT_EQ(*BucketHash(Literal(TypeId::kTimestampNs, int64_t{1510871468000001001})), -1207196810);
  EXPECT_EQ(*BucketHash(Literal::String("iceberg")), 1210000089);
  EXPECT_EQ(*BucketHash(Literal::Uuid(*lake::Uuid::Parse("f79c3e09-677c-4bbd-a479-3f349cb785e7"))), 1488055340);
  EXPECT_EQ(*BucketHash(Literal::Fixed(std::string("\x00\x01\x02\x03", 4))), -188683207);
  EXPECT_EQ(*BucketHash(Literal::Binary(std::string("\x00\x01\x02\x03", 4))), -188683207);
  EXPECT_THAT(BucketHash(Literal::Double(1)), HasKind(ErrorKind::kInvalidInput));
}

Literal Apply(const Transform& transform, Literal value) {
  auto result = transform.Apply(Optional(std::move(value)));
  EXPECT_OK(result);
  return **result;
}

TEST(Transform, BucketIsPositive) {
  EXPECT_EQ(Apply(Transform::Bucket(16), Literal::Decimal(1420, 9, 2)), Literal::Int((-500754589 & 0x7fffffff) % 16));
  EXPECT_EQ(Apply(Transform::Bucket(16), Literal::Long(34)), Literal::Int(3));
}

TEST(Transform, TruncateGoesTowardMinusInfinity) {  // rule 19
  EXPECT_EQ(Apply(Transform::Truncate(10), Literal::Int(-1)), Literal::Int(-10));
  EXPECT_EQ(Apply(Transform::Truncate(10), Literal::Int(1)), Literal::Int(0));
  EXPECT_EQ(Apply(Transform::Truncate(10), Literal::Long(-10)), Literal::Long(-10));
  EXPECT_EQ(Apply(Transform::Truncate(50), Literal::Decimal(1065, 9, 2)), Literal::Decimal(1050, 9, 2));
  EXPECT_EQ(Apply(Transform::Truncate(10), Literal::Decimal(-5, 9, 2)), Literal::Decimal(-10, 9, 2));
  EXPECT_EQ(Apply(Transform::Truncate(3), Literal::String("iceberg")), Literal::String("ice"));
  EXPECT_EQ(Apply(Transform::Truncate(2), Literal::String("äöü")), Literal::String("äö"));
  EXPECT_EQ(Apply(Transform::Truncate(1), Literal::Binary("ä")), Literal::Binary("\xc3"));
}

TEST(Transform, TimesFloorBeforeTheEpoch) {  // rule 20
  EXPECT_EQ(Apply(Transform::Year(), Literal::Timestamp(-1)), Literal::Int(-1));
  EXPECT_EQ(Apply(Transform::Month(), Literal::Timestamp(-1)), Literal::Int(-1));
  EXPECT_EQ(Apply(Transform::Day(), Literal::Timestamp(-1)), Literal::Date(-1));
  EXPECT_EQ(Apply(Transform::Hour(), Literal::TimestampTz(-1)), Literal::Int(-1));
  EXPECT_EQ(Apply(Transform::Year(), Literal::Date(17486)), Literal::Int(47));
  EXPECT_EQ(Apply(Transform::Month(), Literal::Date(17486)), Literal::Int(574));
  EXPECT_EQ(Apply(Transform::Day(), Literal::Date(17486)), Literal::Date(17486));
  EXPECT_EQ(Apply(Transform::Hour(), Literal::Timestamp(1510871468000000)), Literal::Int(419686));
  EXPECT_THAT(Transform::Hour().Apply(Optional(Literal::Date(1))), HasKind(ErrorKind::kInvalidInput));
  EXPECT_THAT(Transform::Hour().Apply(Optional(Literal::Timestamp(std::numeric_limits<int64_t>::max()))),
              HasMessage(HasSubstr("out of range")));
}

TEST(Transform, NullStaysNullAndVoidForgets) {  // rules 16 and 24
  for (const char* text : {"identity", "bucket[4]", "truncate[4]", "year", "void"}) {
    EXPECT_EQ(*Transform::Parse(text)->Apply(std::nullopt), std::nullopt) << text;
  }
  EXPECT_EQ(*Transform::Void().Apply(Optional(Literal::Int(1))), std::nullopt);
}

TEST(Transform, NansAreOnePartition) {  // rule 22
  double negative = -std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(Apply(Transform::Identity(), Literal::Double(negative)),
            Literal::Double(std::numeric_limits<double>::quiet_NaN()));
}

TEST(Transform, TextRoundTripAndUnknownOnesAreKept) {  // rule 23
  for (const char* text :
       {"identity", "bucket[16]", "truncate[3]", "year", "month", "day", "hour", "void", "zorder[2]", "bucket[x]"}) {
    EXPECT_EQ(Transform::Parse(text)->ToString(), text);
  }
  EXPECT_EQ(Transform::Parse("zorder[2]")->kind(), Transform::Kind::kUnknown);
  EXPECT_THAT(Transform::Parse("bucket[0]"), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(Transform::Parse("zorder")->Apply(Optional(Literal::Int(1))), HasKind(ErrorKind::kUnsupported));
}

TEST(PartitionSpec, JsonWithAndWithoutFieldIds) {
  ASSERT_OK_AND_ASSIGN(
      auto fields,
      ParsePartitionFields(Json::parse(
          R"([{"source-id":1,"name":"a","transform":"identity"},{"source-id":2,"name":"b","transform":"day"}])")));
  EXPECT_EQ(fields[1].field_id, FieldId{1001});
  ASSERT_OK_AND_ASSIGN(
      auto spec,
      ParsePartitionSpec(Json::parse(
          R"({"spec-id":3,"fields":[{"source-ids":[1,2],"field-id":1005,"name":"m","transform":"hilbert"}]})")));
  EXPECT_EQ(*ParsePartitionSpec(PartitionSpecToJson(spec)), spec);
  EXPECT_THAT(CheckSpec(spec, Schema()), HasKind(ErrorKind::kUnsupported));
}

TEST(PartitionSpec, PathsAreEncoded) {
  PartitionSpec spec{SpecId{0},
                     {{{FieldId{1}}, FieldId{1000}, "a b", Transform::Identity()},
                      {{FieldId{2}}, FieldId{1001}, "h", Transform::Hour()},
                      {{FieldId{3}}, FieldId{1002}, "m", Transform::Month()},
                      {{FieldId{4}}, FieldId{1003}, "y", Transform::Year()}}};
  EXPECT_EQ(PartitionPath(spec, {Literal::String("x/y"), Literal::Int(-1), Literal::Int(574), std::nullopt}),
            "a%20b=x%2Fy/h=1969-12-31-23/m=2017-11/y=null");
}

}  // namespace
}  // namespace lake::iceberg
