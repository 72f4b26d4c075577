#include "iceberg/schema.h"

#include "base/result_matchers.h"
#include "iceberg/literal.h"

namespace lake::iceberg {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Type, NamesRoundTrip) {  // rule 8
  for (const char* name : {"boolean",
                           "int",
                           "long",
                           "float",
                           "double",
                           "date",
                           "time",
                           "timestamp",
                           "timestamptz",
                           "timestamp_ns",
                           "timestamptz_ns",
                           "string",
                           "uuid",
                           "binary",
                           "fixed[16]",
                           "decimal(9, 2)",
                           "unknown",
                           "variant",
                           "geometry",
                           "geometry(OGC:CRS84)",
                           "geography(OGC:CRS84, spherical)"}) {
    ASSERT_OK_AND_ASSIGN(Type type, ParseTypeName(name));
    EXPECT_EQ(type.ToString(), name);
  }
  EXPECT_EQ(*ParseTypeName("decimal(9,2)"), Type::Decimal(9, 2));
  EXPECT_THAT(ParseTypeName("decimal(39, 2)"), HasKind(ErrorKind::kInvalidInput));
  EXPECT_THAT(ParseTypeName("decimal(9)"), HasKind(ErrorKind::kInvalidInput));
  EXPECT_THAT(ParseTypeName("fixed[-1]"), HasKind(ErrorKind::kInvalidInput));
  EXPECT_THAT(ParseTypeName("money"),
              AllOf(HasKind(ErrorKind::kUnsupported), HasMessage("unsupported Iceberg type: money")));
}

constexpr const char* kNested = R"json({"type":"struct","schema-id":3,"identifier-field-ids":[1],"fields":[
  {"id":1,"name":"id","required":true,"type":"long","doc":"the key"},
  {"id":2,"name":"m","required":false,"type":{"type":"map","key-id":3,"key":"string","value-id":4,"value-required":false,
     "value":{"type":"struct","fields":[{"id":5,"name":"x","required":false,"type":"int"}]}}},
  {"id":6,"name":"l","required":false,"type":{"type":"list","element-id":7,"element-required":true,"element":"date"}},
  {"id":8,"name":"s","required":false,"type":{"type":"struct","fields":[{"id":9,"name":"y.z","required":false,"type":"decimal(9,2)"}]}}]})json";

TEST(Schema, NestedFieldsAreFoundByIdAndName) {
  ASSERT_OK_AND_ASSIGN(Schema schema, ParseSchema(Json::parse(kNested)));
  EXPECT_EQ(schema.id(), SchemaId{3});
  EXPECT_EQ(schema.FullName(FieldId{5}), "m.value.x");
  EXPECT_EQ(schema.FindByName("l.element")->id, FieldId{7});
  EXPECT_EQ(schema.FindByName("s.y.z")->id, FieldId{9});
  EXPECT_TRUE(schema.IsRepeated(FieldId{5}));
  EXPECT_TRUE(schema.IsRepeated(FieldId{7}));
  EXPECT_FALSE(schema.IsRepeated(FieldId{9}));
  EXPECT_EQ(schema.HighestFieldId(), FieldId{9});  // rule 2
  EXPECT_EQ(schema.Find(FieldId{1})->doc, "the key");
  EXPECT_EQ(*ParseSchema(SchemaToJson(schema)), schema);
}

TEST(Schema, ImpossibleSchemasAreRefused) {
  auto with = [](const char* fields) {
    return ParseSchema(Json::parse(std::string(R"({"type":"struct","fields":)") + fields + "}"));
  };
  EXPECT_THAT(
      with(R"([{"id":1,"name":"a","required":true,"type":"int"},{"id":1,"name":"b","required":true,"type":"int"}])"),
      HasMessage(HasSubstr("more than one field with id 1")));
  EXPECT_THAT(
      with(R"([{"id":1,"name":"a","required":true,"type":"int"},{"id":2,"name":"a","required":true,"type":"int"}])"),
      HasMessage(HasSubstr("named \"a\"")));
  EXPECT_THAT(with(R"([{"id":1,"name":"a","type":"int"}])"),
              HasMessage("missing field in schema field \"a\": required"));
  std::string deep = "\"int\"";
  for (int i = 0; i < 70; i++)
    deep = R"({"type":"list","element-id":1,"element-required":true,"element":)" + deep + "}";
  EXPECT_THAT(with((R"([{"id":1,"name":"a","required":true,"type":)" + deep + "}]").c_str()),
              HasMessage(HasSubstr("deeper")));
}

TEST(Schema, LaterTypesAndDefaultsNeedVersion3) {  // rules 9 and 11
  Schema variant(SchemaId{0}, {NestedField{FieldId{1}, "v", false, TypeId::kVariant, std::nullopt}});
  EXPECT_THAT(CheckSchema(variant, 2),
              AllOf(HasKind(ErrorKind::kUnsupported), HasMessage(HasSubstr("variant is not supported until v3"))));
  EXPECT_OK(CheckSchema(variant, 3));
  ASSERT_OK_AND_ASSIGN(
      Schema defaults,
      ParseSchema(Json::parse(
          R"({"type":"struct","fields":[{"id":1,"name":"a","required":true,"type":"int","initial-default":5,"write-default":6}]})")));
  EXPECT_EQ(*defaults.Find(FieldId{1})->initial_default, Literal::Int(5));
  EXPECT_EQ(*ParseSchema(SchemaToJson(defaults)), defaults);
  EXPECT_THAT(CheckSchema(defaults, 2), HasMessage(HasSubstr("default values")));
}

TEST(Schema, FieldIdsAreAssignedInPreOrder) {  // ICE-19
  ASSERT_OK_AND_ASSIGN(Schema schema, ParseSchema(Json::parse(kNested)));
  FieldId next{100};
  Schema renumbered(SchemaId{0}, AssignFieldIds(schema.fields(), next));
  EXPECT_EQ(next, FieldId{109});
  std::vector<int> ids;
  for (FieldId id : renumbered.AllFieldIds()) ids.push_back(id.value);
  EXPECT_THAT(ids, ElementsAre(100, 101, 102, 103, 104, 105, 106, 107, 108));
  EXPECT_EQ(renumbered.FullName(FieldId{104}), "m.value.x");
}

TEST(Type, PromotionsOfTheSpecificationOnly) {  // rule 6
  EXPECT_TRUE(IsPromotion(TypeId::kInt, TypeId::kLong, 2));
  EXPECT_TRUE(IsPromotion(TypeId::kFloat, TypeId::kDouble, 2));
  EXPECT_TRUE(IsPromotion(Type::Decimal(9, 2), Type::Decimal(12, 2), 2));
  EXPECT_FALSE(IsPromotion(Type::Decimal(9, 2), Type::Decimal(12, 3), 2));
  EXPECT_FALSE(IsPromotion(TypeId::kDate, TypeId::kTimestamp, 2));
  EXPECT_TRUE(IsPromotion(TypeId::kDate, TypeId::kTimestamp, 3));
  EXPECT_FALSE(IsPromotion(TypeId::kDate, TypeId::kTimestampTz, 3));
  EXPECT_FALSE(IsPromotion(TypeId::kLong, TypeId::kInt, 3));
}

}  // namespace
}  // namespace lake::iceberg
