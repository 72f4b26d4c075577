#include "iceberg/commit.h"

#include "test_table.h"

namespace lake::iceberg {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

CommitContext At(int64_t timestamp_ms) { return {timestamp_ms, Location("file:///t/metadata/00000-a.metadata.json")}; }

Snapshot MakeSnapshot(int64_t id, int64_t sequence_number) {
  Snapshot snapshot;
  snapshot.snapshot_id = SnapshotId{id};
  snapshot.sequence_number = SequenceNumber{sequence_number};
  snapshot.timestamp_ms = 2000 + id;
  snapshot.manifest_list = Location("file:///t/metadata/snap.avro");
  return snapshot;
}

SnapshotRef RefTo(SnapshotId id) {
  SnapshotRef ref;
  ref.snapshot_id = id;
  return ref;
}

std::vector<Update> AddAndSet(const Snapshot& snapshot) {
  return {AddSnapshot{snapshot}, SetSnapshotRef{"main", RefTo(snapshot.snapshot_id)}};
}

TEST(Requirements, ConflictsNameExpectedAndFound) {
  TableMetadata metadata = TestTable().metadata;
  auto check = [&](Requirement requirement) { return CheckRequirements(&metadata, {requirement}); };
  EXPECT_OK(check(AssertTableUuid{*metadata.table_uuid}));
  EXPECT_THAT(check(AssertTableUuid{lake::Uuid()}), HasKind(ErrorKind::kConflict));
  EXPECT_OK(check(AssertRefSnapshotId{"main", std::nullopt}));
  EXPECT_THAT(check(AssertRefSnapshotId{"main", SnapshotId{5}}),
              AllOf(HasKind(ErrorKind::kConflict), HasMessage(HasSubstr("\"main\" at snapshot 5, found none"))));
  EXPECT_OK(check(AssertLastAssignedFieldId{FieldId{3}}));
  EXPECT_THAT(check(AssertLastAssignedFieldId{FieldId{2}}),
              HasMessage(HasSubstr("expected last assigned field id 2, found 3")));
  EXPECT_THAT(check(AssertCurrentSchemaId{SchemaId{1}}), HasKind(ErrorKind::kConflict));
  EXPECT_THAT(check(AssertLastAssignedPartitionId{FieldId{1000}}), HasKind(ErrorKind::kConflict));
  EXPECT_THAT(check(AssertDefaultSpecId{SpecId{1}}), HasKind(ErrorKind::kConflict));
  EXPECT_THAT(check(AssertDefaultSortOrderId{SortOrderId{1}}), HasKind(ErrorKind::kConflict));
  EXPECT_THAT(check(AssertCreate{}), HasKind(ErrorKind::kAlreadyExists));
  EXPECT_OK(CheckRequirements(nullptr, {AssertCreate{}}));
  EXPECT_THAT(CheckRequirements(nullptr, {AssertCurrentSchemaId{SchemaId{0}}}), HasKind(ErrorKind::kConflict));
}

TEST(Updates, NothingChangesNothing) {
  TableMetadata metadata = TestTable().metadata;
  EXPECT_EQ(MetadataToJson(*ApplyUpdates(&metadata, {}, At(5000))), MetadataToJson(metadata));
}

TEST(Updates, LogsAreKept) {  // rules 48 to 50
  TableMetadata metadata = TestTable({}, {{"write.metadata.previous-versions-max", "2"}}).metadata;
  for (int i = 1; i <= 4; i++) {
    CommitContext context{5000 + i, Location(fmt::format("file:///t/metadata/{:05}-a.metadata.json", i - 1))};
    ASSERT_OK_AND_ASSIGN(metadata, ApplyUpdates(&metadata, AddAndSet(MakeSnapshot(i, i)), context));
  }
  ASSERT_EQ(metadata.metadata_log.size(), 2u);
  EXPECT_EQ(metadata.metadata_log.back().metadata_file.str(), "file:///t/metadata/00003-a.metadata.json");
  EXPECT_EQ(metadata.metadata_log.back().timestamp_ms, 5003);  // the previous file's last-updated-ms
  EXPECT_EQ(metadata.snapshot_log.size(), 4u);
  EXPECT_EQ(metadata.last_updated_ms, 5004);
  // A branch advances the sequence number, not the current snapshot or its log.
  ASSERT_OK_AND_ASSIGN(
      metadata, ApplyUpdates(&metadata, {AddSnapshot{MakeSnapshot(9, 9)}, SetSnapshotRef{"dev", RefTo(SnapshotId{9})}},
                             At(6000)));
  EXPECT_EQ(metadata.current_snapshot_id, SnapshotId{4});
  EXPECT_EQ(metadata.last_sequence_number, SequenceNumber{9});
  EXPECT_EQ(metadata.snapshot_log.size(), 4u);
  // An expired snapshot cuts the log: before it nothing is known.
  ASSERT_OK_AND_ASSIGN(metadata, ApplyUpdates(&metadata, {RemoveSnapshots{{SnapshotId{2}}}}, At(7000)));
  ASSERT_EQ(metadata.snapshot_log.size(), 2u);
  EXPECT_EQ(metadata.snapshot_log.front().snapshot_id, SnapshotId{3});
  EXPECT_THAT(ParseMetadataJson(MetadataToJson(metadata), "again"), IsOk());
}

TEST(Updates, ClocksThatGoBackDoNot) {  // rule 50
  TableMetadata metadata = TestTable().metadata;
  metadata.last_updated_ms = 9000;
  ASSERT_OK_AND_ASSIGN(metadata, ApplyUpdates(&metadata, {SetProperties{{{"a", "b"}}}}, At(5)));
  EXPECT_EQ(metadata.last_updated_ms, 9000);
}

TEST(Updates, HeadsPassedThroughLeaveNoTrace) {
  TableMetadata metadata = TestTable().metadata;
  auto updates = AddAndSet(MakeSnapshot(1, 1));
  for (Update& update : AddAndSet(MakeSnapshot(2, 2))) updates.push_back(update);
  ASSERT_OK_AND_ASSIGN(metadata, ApplyUpdates(&metadata, updates, At(5000)));
  ASSERT_EQ(metadata.snapshot_log.size(), 1u);
  EXPECT_EQ(metadata.snapshot_log[0].snapshot_id, SnapshotId{2});
}

TEST(Updates, StaleSequenceNumbersConflict) {
  TableMetadata metadata = TestTable().metadata;
  ASSERT_OK_AND_ASSIGN(metadata, ApplyUpdates(&metadata, AddAndSet(MakeSnapshot(1, 1)), At(5000)));
  EXPECT_THAT(ApplyUpdates(&metadata, AddAndSet(MakeSnapshot(2, 1)), At(5000)), HasKind(ErrorKind::kConflict));
  EXPECT_THAT(ApplyUpdates(&metadata, AddAndSet(MakeSnapshot(1, 2)), At(5000)), HasKind(ErrorKind::kInvalidInput));
  EXPECT_THAT(ApplyUpdates(&metadata, {SetSnapshotRef{"main", RefTo(SnapshotId{77})}}, At(5000)),
              HasMessage(HasSubstr("snapshot 77")));
}

TEST(Updates, SchemasAreAddedAndReused) {  // rule 2
  TableMetadata metadata = TestTable().metadata;
  auto fields = metadata.current_schema().fields();
  fields.push_back(NestedField{FieldId{4}, "extra", false, TypeId::kInt, std::nullopt});
  Schema wider(SchemaId{99}, fields);
  ASSERT_OK_AND_ASSIGN(
      metadata, ApplyUpdates(&metadata, {AddSchema{wider, FieldId{4}}, SetCurrentSchema{SchemaId{-1}}}, At(5000)));
  EXPECT_EQ(metadata.current_schema_id, SchemaId{1});
  EXPECT_EQ(metadata.last_column_id, FieldId{4});
  ASSERT_OK_AND_ASSIGN(
      metadata, ApplyUpdates(&metadata, {AddSchema{metadata.schemas[0], std::nullopt}, SetCurrentSchema{SchemaId{-1}}},
                             At(5000)));
  EXPECT_EQ(metadata.current_schema_id, SchemaId{0});
  EXPECT_EQ(metadata.schemas.size(), 2u);
  EXPECT_EQ(metadata.last_column_id, FieldId{4});  // never goes back
  EXPECT_THAT(ApplyUpdates(&metadata, {AddSchema{wider, FieldId{3}}}, At(5000)),
              HasMessage(HasSubstr("below the table's 4")));
  EXPECT_THAT(ApplyUpdates(&metadata, {SetCurrentSchema{SchemaId{-1}}}, At(5000)),
              HasMessage(HasSubstr("no schema was added")));
  EXPECT_THAT(ApplyUpdates(&metadata, {SetCurrentSchema{SchemaId{5}}}, At(5000)), HasKind(ErrorKind::kInvalidInput));
  EXPECT_THAT(ApplyUpdates(&metadata, {RemoveSchemas{{SchemaId{0}}}}, At(5000)), HasKind(ErrorKind::kInvalidInput));
}

PartitionSpec SpecOf(FieldId source, Transform transform, const std::string& name) {
  return {SpecId{0}, {{{source}, FieldId{1000}, name, std::move(transform)}}};
}

TEST(Updates, EquivalentPartitionFieldsKeepTheirIds) {  // rules 14 and 15
  TableMetadata metadata = TestTable({{"ts", Transform::Day(), ""}}).metadata;
  auto add = [&](const PartitionSpec& spec) {
    auto changed = ApplyUpdates(&metadata, {AddSpec{spec}, SetDefaultSpec{SpecId{-1}}}, At(5000));
    EXPECT_OK(changed);
    metadata = *changed;
    return metadata.default_spec();
  };
  PartitionSpec hours = add(SpecOf(FieldId{3}, Transform::Hour(), "ts_hour"));
  EXPECT_EQ(hours.spec_id, SpecId{1});
  EXPECT_EQ(hours.fields[0].field_id, FieldId{1001});
  EXPECT_EQ(add(SpecOf(FieldId{3}, Transform::Day(), "ts_day")).spec_id, SpecId{0});  // the whole spec again
  EXPECT_EQ(add(SpecOf(FieldId{3}, Transform::Day(), "other")).fields[0].field_id, FieldId{1000});  // renamed
  EXPECT_EQ(metadata.last_partition_id, FieldId{1001});
  EXPECT_THAT(ApplyUpdates(&metadata, {AddSpec{SpecOf(FieldId{3}, *Transform::Parse("zorder"), "z")}}, At(5000)),
              HasKind(ErrorKind::kUnsupported));  // rule 23
  EXPECT_THAT(ApplyUpdates(&metadata, {AddSpec{SpecOf(FieldId{2}, Transform::Day(), "z")}}, At(5000)),
              HasKind(ErrorKind::kInvalidInput));
}

TEST(Updates, SmallOnes) {
  TableMetadata metadata = TestTable().metadata;
  SortOrder order{SortOrderId{0}, {SortField{Transform::Identity(), {FieldId{1}}, true, true}}};
  ASSERT_OK_AND_ASSIGN(metadata, ApplyUpdates(&metadata,
                                              {SetProperties{{{"a", "1"}, {"b", "2"}, {"current-schema", "x"}}},
                                               RemoveProperties{{"a"}}, SetLocation{Location("s3://b/x")},
                                               AddSortOrder{order}, SetDefaultSortOrder{SortOrderId{-1}},
                                               SetStatistics{{SnapshotId{5}, Location("s3://b/s"), Json::object()}}},
                                              At(5000)));
  EXPECT_EQ(metadata.properties, (Properties{{"b", "2"}}));  // rule 80
  EXPECT_EQ(metadata.location.str(), "s3://b/x");
  EXPECT_EQ(metadata.default_sort_order_id, SortOrderId{1});
  EXPECT_EQ(metadata.statistics.size(), 1u);
  EXPECT_THAT(ApplyUpdates(&metadata, {AssignUuid{lake::Uuid::Random()}}, At(5000)),
              HasKind(ErrorKind::kInvalidInput));  // rule 56
  EXPECT_THAT(ApplyUpdates(&metadata, {UpgradeFormatVersion{4}}, At(5000)), HasKind(ErrorKind::kUnsupported));
  EXPECT_THAT(ApplyUpdates(&metadata, {UpgradeFormatVersion{1}}, At(5000)), HasKind(ErrorKind::kInvalidInput));
  EXPECT_THAT(ApplyUpdates(&metadata, {SetLocation{Location("x")}}, At(5000)), HasKind(ErrorKind::kInvalidInput));
}

TEST(Updates, Version1IsUpgraded) {
  MapSource source;
  TableMetadata metadata = LoadFixture("plain_v1", source);
  ASSERT_OK_AND_ASSIGN(metadata, ApplyUpdates(&metadata, {UpgradeFormatVersion{2}}, At(5000)));
  EXPECT_EQ(metadata.format_version, 2);
  EXPECT_OK(ParseMetadataJson(MetadataToJson(metadata), "again"));
}

TEST(Updates, BuildAWholeTable) {
  Schema schema = TestTable().metadata.current_schema();
  std::vector<Update> updates = {AssignUuid{lake::Uuid::Random()}, AddSchema{schema, std::nullopt},
                                 SetCurrentSchema{SchemaId{-1}},   AddSpec{SpecOf(FieldId{3}, Transform::Day(), "d")},
                                 SetDefaultSpec{SpecId{-1}},       SetLocation{Location("s3://b/t")}};
  ASSERT_OK_AND_ASSIGN(TableMetadata metadata, Commit(nullptr, {AssertCreate{}}, updates, {5000, std::nullopt}));
  EXPECT_EQ(metadata.default_spec().fields[0].field_id, FieldId{1000});
  EXPECT_TRUE(metadata.metadata_log.empty());
  EXPECT_OK(ParseMetadataJson(MetadataToJson(metadata), "again"));
  updates.pop_back();
  EXPECT_THAT(Commit(nullptr, {AssertCreate{}}, updates, {5000, std::nullopt}),
              HasMessage(HasSubstr("needs a location")));
}

}  // namespace
}  // namespace lake::iceberg
