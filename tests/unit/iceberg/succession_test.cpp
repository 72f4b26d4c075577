#include "iceberg/succession.h"

#include "iceberg/operation/update_schema.h"
#include "test_table.h"

namespace lake::iceberg {
namespace {

using ::testing::HasSubstr;

constexpr CommitContext kLater{5000, std::nullopt};

std::string Told(const std::vector<ColumnChange>& changes) {
  static constexpr const char* kNames[] = {"drop", "rename", "type", "optional", "add", "required", "default"};
  std::string text;
  for (const ColumnChange& change : changes) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", kNames[static_cast<int>(change.kind)], change.name);
    if (!change.new_name.empty()) text += " to " + change.new_name;
  }
  return text;
}

TEST(Succession, ChangesOfColumnsFollowIds) {
  TestTable table;
  ASSERT_OK_AND_ASSIGN(TableMetadata after, UpdateSchema(table.metadata)
                                                .Drop("ts")
                                                .Rename("name", "label")
                                                .Add({"ts", TypeId::kTimestamp})
                                                .SetRequired("id", false)
                                                .Build(kLater));
  EXPECT_OK(CheckSuccession(table.metadata, after));
  EXPECT_EQ(Told(ColumnChanges(table.metadata.current_schema(), after.current_schema())),
            "drop ts, rename name to label, optional id, add ts");
  EXPECT_TRUE(ColumnChanges(after.current_schema(), after.current_schema()).empty());
}

TEST(Succession, RowsThatCome) {
  TestTable table;
  ASSERT_OK(table.Append({table.File("a", 1, 10)}));
  TableMetadata before = table.metadata;
  EXPECT_EQ(RowChangeOf(before, before), RowChange::kNone);
  ASSERT_OK(table.Append({table.File("b", 11, 20)}));
  ASSERT_OK(table.Append({table.File("c", 21, 30)}));
  EXPECT_OK(CheckSuccession(before, table.metadata));
  EXPECT_EQ(RowChangeOf(before, table.metadata), RowChange::kAppend);
  SnapshotUpdate update(table.metadata, table.source);
  update.RemoveFile(Location("file:///t/data/a"));
  ASSERT_OK(table.Apply(update));
  EXPECT_EQ(RowChangeOf(before, table.metadata), RowChange::kOther);
}

TEST(Succession, WhatIsTheOwners) {
  TestTable table;
  ASSERT_OK(table.Append({table.File("a", 1, 10)}));
  TableMetadata before = table.metadata;
  ASSERT_OK(table.Append({table.File("b", 11, 20)}));
  EXPECT_FALSE(Administers(before, table.metadata));
  TableMetadata after = table.metadata;
  after.properties["a"] = "b";
  EXPECT_TRUE(Administers(before, after));
  after = table.metadata;
  after.refs["tag"] = {before.current_snapshot()->snapshot_id, SnapshotRef::Kind::kTag, {}, {}, {}};
  EXPECT_TRUE(Administers(before, after));
  after = table.metadata;
  after.snapshots.EraseIf([&](const Snapshot& snapshot) { return snapshot.snapshot_id == before.current_snapshot_id; });
  EXPECT_TRUE(Administers(before, after));
}

// Rules 2, 14 and 56.
TEST(Succession, WhatMayNotChange) {
  TestTable table;
  ASSERT_OK(table.Append({table.File("a", 1, 10)}));
  auto refused = [&](auto change) {
    TableMetadata after = table.metadata;
    change(after);
    Status status = CheckSuccession(table.metadata, after);
    return status.ok() ? std::string("accepted") : status.error().message();
  };
  EXPECT_EQ(refused([](TableMetadata&) {}), "accepted");
  EXPECT_THAT(refused([](TableMetadata& after) { after.table_uuid = Uuid::Random(); }), HasSubstr("table-uuid is"));
  EXPECT_THAT(refused([](TableMetadata& after) { after.table_uuid.reset(); }), HasSubstr("table-uuid is missing"));
  EXPECT_THAT(refused([](TableMetadata& after) { after.location = Location("s3://b/t"); }), HasSubstr("location"));
  EXPECT_EQ(refused([](TableMetadata& after) { after.last_column_id = FieldId{2}; }),
            "last-column-id goes back from 3 to 2");
  EXPECT_THAT(refused([](TableMetadata& after) { after.last_sequence_number = SequenceNumber{0}; }),
              HasSubstr("last-sequence-number goes back"));
  EXPECT_THAT(refused([](TableMetadata& after) {
                Snapshot snapshot = after.snapshots[0];
                snapshot.snapshot_id = SnapshotId{7};
                after.snapshots.push_back(snapshot);
              }),
              HasSubstr("snapshot 7 is new, but its sequence number 1 is not above 1"));
}

// Rules 6 and 10.
TEST(Succession, ColumnsThatLie) {
  TestTable table;
  ASSERT_OK(table.Append({table.File("a", 1, 10)}));
  auto with = [&](std::vector<NestedField> fields) {
    TableMetadata after = table.metadata;
    after.schemas.emplace_back(SchemaId{9}, std::move(fields));
    after.current_schema_id = SchemaId{9};
    after.last_column_id = FieldId{10};
    Status status = CheckSuccession(table.metadata, after);
    return status.ok() ? std::string("accepted") : status.error().message();
  };
  NestedField id{FieldId{1}, "id", true, TypeId::kLong, std::nullopt};
  EXPECT_EQ(with({id}), "accepted");
  EXPECT_THAT(with({id, {FieldId{2}, "name", false, TypeId::kLong, std::nullopt}}),
              HasSubstr("column \"name\" changes from string to long"));
  EXPECT_THAT(with({{FieldId{1}, "id", true, TypeId::kInt, std::nullopt}}), HasSubstr("from long to int"));
  EXPECT_EQ(with({id, {FieldId{4}, "new", false, TypeId::kInt, std::nullopt}}), "accepted");
  EXPECT_THAT(with({id, {FieldId{4}, "new", true, TypeId::kInt, std::nullopt}}), HasSubstr("new and required"));
}

TEST(Succession, Defaults) {  // rule 11
  TestTable table;
  table.metadata.format_version = 3;
  auto seven = std::make_shared<const Literal>(Literal::Int(7));
  ASSERT_OK_AND_ASSIGN(
      TableMetadata before,
      UpdateSchema(table.metadata).Add({"x", TypeId::kInt, false, std::nullopt, seven, seven}).Build(kLater));
  auto nine = std::make_shared<const Literal>(Literal::Long(9));
  ASSERT_OK_AND_ASSIGN(TableMetadata wider, UpdateSchema(before).ChangeType("x", TypeId::kLong).Build(kLater));
  EXPECT_OK(CheckSuccession(before, wider));
  EXPECT_EQ(Told(ColumnChanges(before.current_schema(), wider.current_schema())), "type x");
  ASSERT_OK_AND_ASSIGN(TableMetadata after, UpdateSchema(wider).SetWriteDefault("x", nine).Build(kLater));
  EXPECT_OK(CheckSuccession(before, after));
  EXPECT_EQ(Told(ColumnChanges(before.current_schema(), after.current_schema())), "type x, default x");
  std::vector<NestedField> fields = before.current_schema().fields();
  fields.back().initial_default = nine;
  after.schemas.emplace_back(SchemaId{9}, std::move(fields));
  after.current_schema_id = SchemaId{9};
  EXPECT_THAT(CheckSuccession(before, after), HasMessage("initial-default of column \"x\" is not what it was"));
}

TEST(Succession, PartitionsAsTheOptionSpellsThem) {
  TestTable table(
      {{"name", Transform::Identity(), ""}, {"ts", Transform::Day(), ""}, {"id", Transform::Bucket(8), ""}});
  const Schema& schema = table.metadata.current_schema();
  ASSERT_OK_AND_ASSIGN(auto text, PartitionByText(table.metadata.default_spec(), schema));
  EXPECT_EQ(text, "name, day(ts), bucket(8, id)");
  ASSERT_OK_AND_ASSIGN(text, PartitionByText(PartitionSpec{}, schema));
  EXPECT_EQ(text, std::nullopt);
  PartitionSpec spec = table.metadata.default_spec();
  spec.fields[0].transform = Transform::Void();
  ASSERT_OK_AND_ASSIGN(TableMetadata renamed, UpdateSchema(table.metadata).Rename("ts", "At \"x\"").Build(kLater));
  ASSERT_OK_AND_ASSIGN(text, PartitionByText(spec, renamed.current_schema()));
  EXPECT_EQ(text, "day(\"At \"\"x\"\"\"), bucket(8, id)");
  ASSERT_OK_AND_ASSIGN(spec.fields[1].transform, Transform::Parse("curvature[3]"));
  EXPECT_THAT(PartitionByText(spec, schema), HasKind(ErrorKind::kUnsupported));
}

}  // namespace
}  // namespace lake::iceberg
