#include "avro/schema.h"

#include "base/result_matchers.h"

namespace lake::avro {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Result<SchemaPtr> Parse(std::string_view text) {
  LAKE_ASSIGN_OR_RETURN(Json json, ParseJson(text, "schema"));
  return ParseSchema(json);
}

TEST(AvroSchema, KeepsFieldIdsAndLogicalTypes) {
  ASSERT_OK_AND_ASSIGN(SchemaPtr schema, Parse(R"({"type":"record","name":"r","fields":[
      {"name":"a","type":["null",{"type":"long","logicalType":"timestamp-micros","adjust-to-utc":true}],"field-id":7},
      {"name":"b","type":{"type":"array","items":"int","element-id":9},"field-id":8}]})"));
  EXPECT_EQ(schema->fields[0].IntAttribute("field-id"), 7);
  EXPECT_EQ(schema->fields[0].type->WithoutNull().logical_type, "timestamp-micros");
  EXPECT_TRUE(schema->fields[0].type->WithoutNull().BoolAttribute("adjust-to-utc"));
  EXPECT_EQ(schema->fields[1].type->IntAttribute("element-id"), 9);
}

TEST(AvroSchema, NamesReferToEarlierTypes) {
  ASSERT_OK_AND_ASSIGN(SchemaPtr schema, Parse(R"({"type":"record","name":"x.r","fields":[
      {"name":"a","type":{"type":"fixed","name":"f","size":3}}, {"name":"b","type":"f"}, {"name":"c","type":"x.f"}]})"));
  EXPECT_EQ(schema->fields[2].type->fixed_size, 3);
  EXPECT_EQ(schema->fields[1].type, schema->fields[0].type);
}

TEST(AvroSchema, SecondDefinitionOfANameIsAccepted) {  // rule 37
  ASSERT_OK_AND_ASSIGN(SchemaPtr schema, Parse(R"({"type":"record","name":"r","fields":[
      {"name":"a","type":{"type":"fixed","name":"f","size":3}}, {"name":"b","type":{"type":"fixed","name":"f","size":4}}]})"));
  EXPECT_EQ(schema->fields[1].type->fixed_size, 4);
}

TEST(AvroSchema, HostileSchemasAreRefused) {
  EXPECT_THAT(Parse(R"({"type":"record","name":"r","fields":[{"name":"a","type":"r"}]})"),
              AllOf(HasKind(ErrorKind::kUnsupported), HasMessage(HasSubstr("contains itself"))));
  EXPECT_THAT(Parse(R"({"type":"fixed","name":"f","size":99999999999})"), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(Parse(R"({"type":"fixed","name":"f","size":-1})"), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(Parse(R"("nothing")"), HasMessage(HasSubstr("unknown type \"nothing\"")));
  EXPECT_THAT(Parse("[]"), HasKind(ErrorKind::kCorrupt));
  EXPECT_THAT(Parse("3"), HasKind(ErrorKind::kCorrupt));
  std::string deep;
  for (int i = 0; i < 90; i++) deep += R"({"type":"array","items":)";
  deep += "\"int\"" + std::string(90, '}');
  EXPECT_THAT(Parse(deep), HasMessage(HasSubstr("deeper")));
}

TEST(AvroSchema, KnowsWhatTakesNoBytes) {
  ASSERT_OK_AND_ASSIGN(SchemaPtr schema, Parse(R"({"type":"record","name":"r","fields":[
      {"name":"a","type":"null"}, {"name":"b","type":{"type":"record","name":"s","fields":[]}}]})"));
  EXPECT_TRUE(schema->always_empty);
}

}  // namespace
}  // namespace lake::avro
