#include "iceberg/operation/update_schema.h"

#include "test_table.h"

namespace lake::iceberg {
namespace {

using ::testing::HasSubstr;

constexpr CommitContext At(int64_t timestamp_ms) { return {timestamp_ms, std::nullopt}; }

std::string Columns(const TableMetadata& metadata) {
  std::string text;
  for (const NestedField& field : metadata.current_schema().fields()) {
    text += fmt::format("{}{}:{} {}{}", text.empty() ? "" : ", ", field.id.value, field.name, field.type.ToString(),
                        field.required ? " required" : "");
  }
  return text;
}

TEST(UpdateSchema, StepsInOrder) {
  TestTable table;
  ASSERT_OK_AND_ASSIGN(TableMetadata changed, UpdateSchema(table.metadata)
                                                  .Rename("name", "label")
                                                  .Add({"name", TypeId::kInt})
                                                  .ChangeType("name", TypeId::kLong)
                                                  .Drop("ts")
                                                  .SetRequired("label", true)
                                                  .Build(At(5000)));
  EXPECT_EQ(Columns(changed), "1:id long required, 2:label string required, 4:name long");
  EXPECT_EQ(changed.current_schema_id, SchemaId{1});
  EXPECT_EQ(changed.last_column_id, FieldId{4});
  EXPECT_EQ(changed.schemas.size(), 2u);  // the old one stays: snapshots were written with it
}

TEST(UpdateSchema, DroppedNameGetsANewId) {
  TestTable table;
  ASSERT_OK_AND_ASSIGN(TableMetadata dropped, UpdateSchema(table.metadata).Drop("ts").Build(At(1)));
  ASSERT_OK_AND_ASSIGN(TableMetadata back, UpdateSchema(dropped).Add({"ts", TypeId::kTimestamp}).Build(At(2)));
  EXPECT_EQ(Columns(back), "1:id long required, 2:name string, 4:ts timestamp");
}

TEST(UpdateSchema, NestedColumnsGetIds) {
  TestTable table;
  Type list = Type::List(FieldId{0}, TypeId::kString, false);
  ASSERT_OK_AND_ASSIGN(TableMetadata changed,
                       UpdateSchema(table.metadata).Add({"tags", list}).Add({"x", TypeId::kInt}).Build(At(1)));
  EXPECT_EQ(changed.current_schema().FindByName("tags.element")->id, FieldId{5});
  EXPECT_EQ(changed.current_schema().FindByName("x")->id, FieldId{6});
  EXPECT_EQ(changed.last_column_id, FieldId{6});
}

TEST(UpdateSchema, RequiredNeedsAnEmptyTable) {  // rule 10
  TestTable table;
  ASSERT_OK_AND_ASSIGN(TableMetadata empty, UpdateSchema(table.metadata).Add({"x", TypeId::kInt, true}).Build(At(1)));
  EXPECT_TRUE(empty.current_schema().FindByName("x")->required);
  EXPECT_OK(table.Append({table.File("a", 1, 10)}));
  ASSERT_OK_AND_ASSIGN(TableMetadata full, UpdateSchema(table.metadata).Add({"x", TypeId::kInt, true}).Build(At(1)));
  EXPECT_FALSE(full.current_schema().FindByName("x")->required);
}

TEST(UpdateSchema, DefaultsOfVersion3) {  // rules 10 and 11
  TestTable table;
  EXPECT_OK(table.Append({table.File("a", 1, 10)}));
  auto literal = [](Literal value) { return std::make_shared<const Literal>(std::move(value)); };
  NewColumn column{"x", TypeId::kInt, true, std::nullopt, literal(Literal::Int(7)), literal(Literal::Int(8))};
  EXPECT_THAT(UpdateSchema(table.metadata).Add(column).Build(At(1)), HasMessage(HasSubstr("default values")));
  table.metadata.format_version = 3;
  table.metadata.next_row_id = 0;
  ASSERT_OK_AND_ASSIGN(TableMetadata changed,
                       UpdateSchema(table.metadata)
                           .Add(column)
                           .ChangeType("x", TypeId::kLong)
                           .Add({"day", TypeId::kDate, false, std::nullopt, literal(Literal::Date(1))})
                           .ChangeType("day", TypeId::kTimestampNs)
                           .Build(At(1)));
  const NestedField& x = *changed.current_schema().FindByName("x");
  EXPECT_TRUE(x.required);
  EXPECT_EQ(*x.initial_default, Literal::Long(7));
  EXPECT_EQ(*x.write_default, Literal::Long(8));
  EXPECT_EQ(*changed.current_schema().FindByName("day")->initial_default,
            Literal(TypeId::kTimestampNs, int64_t{86400000000000}));
  ASSERT_OK_AND_ASSIGN(changed, UpdateSchema(changed).SetWriteDefault("x", literal(Literal::Int(9))).Build(At(2)));
  EXPECT_EQ(*changed.current_schema().FindByName("x")->write_default, Literal::Long(9));
  EXPECT_EQ(*changed.current_schema().FindByName("x")->initial_default, Literal::Long(7));
  EXPECT_THAT(UpdateSchema(changed).SetWriteDefault("x", literal(Literal::String("9"))).Build(At(3)),
              HasMessage("default 9 of column \"x\" is no value of type long"));
  ASSERT_OK_AND_ASSIGN(changed, UpdateSchema(changed).SetWriteDefault("x", nullptr).Build(At(3)));
  EXPECT_EQ(changed.current_schema().FindByName("x")->write_default, nullptr);
}

TEST(UpdateSchema, NothingChanged) {
  TestTable table;
  ASSERT_OK_AND_ASSIGN(TableMetadata same, UpdateSchema(table.metadata).SetRequired("id", true).Build(At(99)));
  EXPECT_EQ(MetadataToJson(same), MetadataToJson(table.metadata));
}

TEST(UpdateSchema, MetadataLog) {
  TestTable table;
  Location before("file:///t/metadata/00000-x.metadata.json");
  ASSERT_OK_AND_ASSIGN(TableMetadata changed, UpdateSchema(table.metadata).Drop("ts").Build(CommitContext{1, before}));
  ASSERT_FALSE(changed.metadata_log.empty());
  EXPECT_EQ(changed.metadata_log.back().metadata_file, before);
}

TEST(UpdateSchema, Refusals) {
  TestTable table;
  auto message = [&](UpdateSchema update) {
    auto result = update.Build(At(1));
    return result.ok() ? std::string("ok") : result.error().message();
  };
  UpdateSchema update(table.metadata);
  EXPECT_THAT(message(UpdateSchema(update).Drop("nowhere")), HasSubstr("column \"nowhere\" does not exist"));
  EXPECT_THAT(message(UpdateSchema(update).Add({"id", TypeId::kInt})), HasSubstr("\"id\" is given more than once"));
  EXPECT_THAT(message(UpdateSchema(update).Rename("id", "ts")), HasSubstr("\"ts\" is given more than once"));
  EXPECT_THAT(message(UpdateSchema(update).ChangeType("id", TypeId::kInt)),
              HasSubstr("cannot change type of column \"id\" from long to int"));
  TestTable partitioned({{"ts", Transform::Day(), ""}});
  EXPECT_THAT(message(UpdateSchema(partitioned.metadata).Drop("ts")), HasSubstr("used in the partition spec"));
}

}  // namespace
}  // namespace lake::iceberg
