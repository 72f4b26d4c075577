#include "iceberg/operation/append_files.h"
#include "iceberg/operation/replace_all_files.h"
#include "test_table.h"

namespace lake::iceberg {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST(CreateTable, AssignsIdsAndNames) {  // ICE-5, ICE-19, PART-6
  TestTable table({{"id", Transform::Bucket(16), ""},
                   {"ts", Transform::Day(), ""},
                   {"name", Transform::Truncate(4), ""},
                   {"name", Transform::Identity(), ""}});
  const TableMetadata& metadata = table.metadata;
  std::vector<std::string> names;
  for (const PartitionField& field : metadata.default_spec().fields)
    names.push_back(fmt::format("{} {}", field.field_id, field.name));
  EXPECT_THAT(names, ElementsAre("1000 id_bucket_16", "1001 ts_day", "1002 name_trunc_4", "1003 name"));
  EXPECT_EQ(metadata.last_partition_id, FieldId{1003});
  EXPECT_EQ(metadata.last_column_id, FieldId{3});
  EXPECT_OK(ParseMetadataJson(MetadataToJson(metadata), "again"));
}

TEST(CreateTable, RefusesWhatCannotBe) {
  auto build = [](std::vector<NewColumn> columns, std::vector<NewPartitionField> partition = {}) {
    return CreateTable(Location("s3://b/t"), std::move(columns)).PartitionBy(std::move(partition)).Build(1);
  };
  NewColumn a{"a", TypeId::kDouble, false, std::nullopt};
  EXPECT_THAT(build({a, a}), HasMessage("column \"a\" is given more than once"));
  EXPECT_THAT(build({a}, {{"b", Transform::Identity(), ""}}), HasMessage("column \"b\" does not exist"));
  EXPECT_THAT(build({a}, {{"a", Transform::Bucket(4), ""}}), HasKind(ErrorKind::kInvalidInput));
  EXPECT_THAT(build({a}, {{"a", Transform::Identity(), ""}, {"a", Transform::Identity(), ""}}),
              HasMessage(HasSubstr("multiple times")));
  EXPECT_THAT(build({{"v", TypeId::kVariant, false, std::nullopt}}), HasKind(ErrorKind::kUnsupported));
  EXPECT_THAT(CreateTable(Location("/plain"), {a}).Build(1), HasKind(ErrorKind::kInvalidInput));
  EXPECT_THAT(CreateTable(Location("s3://b/t"), {a}).WithFormatVersion(4).Build(1), HasKind(ErrorKind::kUnsupported));
}

TEST(AppendFiles, SummaryIsComplete) {  // rules 44 and 45, META-3
  TestTable table;
  EXPECT_OK(table.Append({table.File("a", 1, 10), table.File("b", 11, 15)}));
  ASSERT_OK_AND_ASSIGN(PreparedCommit second, table.Append({table.File("c", 16, 20)}));
  const Snapshot& snapshot = *table.metadata.current_snapshot();
  EXPECT_EQ(snapshot.operation(), "append");
  EXPECT_EQ(snapshot.parent_snapshot_id, SnapshotId{1001});
  EXPECT_EQ(snapshot.sequence_number, SequenceNumber{2});
  EXPECT_EQ(snapshot.schema_id, SchemaId{0});
  EXPECT_THAT(snapshot.summary,
              UnorderedElementsAre(
                  Pair("operation", "append"), Pair("added-data-files", "1"), Pair("added-records", "5"),
                  Pair("added-files-size", "100"), Pair("changed-partition-count", "1"), Pair("total-data-files", "3"),
                  Pair("total-delete-files", "0"), Pair("total-records", "20"), Pair("total-files-size", "300"),
                  Pair("total-position-deletes", "0"), Pair("total-equality-deletes", "0"),
                  Pair("manifests-created", "1"), Pair("manifests-kept", "1"), Pair("manifests-replaced", "0"),
                  Pair("engine-name", "pg_lake"), Pair("engine-version", "1.0")));
  EXPECT_EQ(second.totals.records, 20);
  EXPECT_EQ(second.totals.data_files, 3);
  EXPECT_EQ(second.totals.bytes, 300);
  // Manifest, list, metadata: exactly the names the caller chose.
  std::vector<std::string> names;
  for (const NewFile& file : second.files) names.push_back(file.location.str());
  EXPECT_THAT(names, ElementsAre("file:///t/metadata/c2-m0.avro", "file:///t/metadata/snap-2.avro",
                                 "file:///t/metadata/00002-x.metadata.json"));
  EXPECT_EQ(MetadataToJson(*ParseMetadata(second.files.back().bytes, "x")), MetadataToJson(table.metadata));
}

TEST(AppendFiles, MissingPreviousTotalsAreLeftOut) {  // rule 45
  TestTable table;
  EXPECT_OK(table.Append({table.File("a", 1, 10)}));
  Snapshot incomplete = table.metadata.snapshots[0];
  incomplete.summary.erase("total-records");
  table.metadata.snapshots = {};
  table.metadata.snapshots.push_back(std::move(incomplete));
  ASSERT_OK_AND_ASSIGN(PreparedCommit prepared, table.Append({table.File("b", 11, 20)}));
  EXPECT_FALSE(table.metadata.current_snapshot()->summary.contains("total-records"));
  EXPECT_EQ(prepared.totals.records, 20);  // counted from the manifests
}

TEST(AppendFiles, RebasesOnAnyBase) {
  TestTable table;
  AppendFiles first(table.metadata, table.source);
  EXPECT_OK(table.Append({table.File("other", 1, 10)}));
  EXPECT_OK(table.Append({table.File("mine", 11, 20)}));
  EXPECT_THAT(table.Scan(), ElementsAre("other", "mine"));
}

TEST(AppendFiles, OneManifestPerSpec) {  // rule 17
  TestTable table({{"id", Transform::Truncate(10), ""}});
  DataFile old_spec = table.File("old", 1, 2, {Literal::Long(0)});
  table.metadata.partition_specs.push_back({SpecId{1}, {}});
  table.metadata.default_spec_id = SpecId{1};
  DataFile new_spec = table.File("new", 3, 4);
  new_spec.spec_id = SpecId{1};
  ASSERT_OK_AND_ASSIGN(PreparedCommit prepared, table.Append({old_spec, new_spec}));
  ASSERT_OK_AND_ASSIGN(auto list, table.source.List(table.metadata.current_snapshot()->manifest_list));
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ((*list)[0].partition_spec_id, SpecId{0});
  EXPECT_EQ((*list)[1].partition_spec_id, SpecId{1});
  DataFile unknown = table.File("x", 1, 1);
  unknown.spec_id = SpecId{9};
  EXPECT_THAT(table.Append({unknown}), HasMessage("partition spec 9 does not exist"));
}

TEST(AppendFiles, NothingToAppendWritesOnlyMetadata) {
  TestTable table;
  ASSERT_OK_AND_ASSIGN(PreparedCommit prepared, table.Append({}));
  EXPECT_FALSE(prepared.has_snapshot);
  EXPECT_EQ(prepared.files.size(), 1u);
  EXPECT_TRUE(table.metadata.snapshots.empty());
}

TEST(AppendFiles, OtherFormatVersionsAreRefused) {  // META-4
  TestTable table;
  table.metadata.format_version = 1;
  EXPECT_THAT(table.Append({table.File("a", 1, 1)}),
              AllOf(HasKind(ErrorKind::kUnsupported), HasMessage("cannot write iceberg metadata in format version 1")));
}

TEST(ReplaceAllFiles, EverythingBecomesDeleted) {  // rule 39
  TestTable table;
  EXPECT_OK(table.Append({table.File("a", 1, 10)}));
  EXPECT_OK(table.Append({table.File("b", 11, 20)}));
  SnapshotUpdate update(table.metadata, table.source);
  update.AddDataFile(table.File("forgotten", 50, 60));
  update.RemoveAll();
  update.AddDataFile(table.File("c", 21, 22));
  ASSERT_OK_AND_ASSIGN(PreparedCommit prepared, table.Apply(update));
  EXPECT_THAT(table.Scan(), ElementsAre("c"));
  EXPECT_EQ(table.metadata.current_snapshot()->operation(), "overwrite");
  EXPECT_EQ(prepared.totals.records, 2);
  EXPECT_EQ(prepared.totals.data_files, 1);
  const auto& summary = table.metadata.current_snapshot()->summary;
  EXPECT_THAT(summary, Contains(Pair("deleted-data-files", "2")));
  EXPECT_THAT(summary, Contains(Pair("deleted-records", "20")));
  EXPECT_THAT(summary, Contains(Pair("total-records", "2")));
  ASSERT_OK_AND_ASSIGN(auto list, table.source.List(table.metadata.current_snapshot()->manifest_list));
  ASSERT_EQ(list->size(), 3u);
  ASSERT_OK_AND_ASSIGN(auto manifest, table.source.Get((*list)[1]));
  const ManifestEntry& entry = manifest->entries.at(0);
  EXPECT_EQ(entry.status, ManifestEntry::Status::kDeleted);
  EXPECT_EQ(entry.snapshot_id, SnapshotId{1003});  // the deleting snapshot
  EXPECT_TRUE(entry.sequence_number && entry.file_sequence_number);
  // The next snapshot carries no manifest that has nothing live.
  EXPECT_OK(table.Append({table.File("d", 23, 24)}));
  ASSERT_OK_AND_ASSIGN(list, table.source.List(table.metadata.current_snapshot()->manifest_list));
  EXPECT_EQ(list->size(), 2u);
}

TEST(ReplaceAllFiles, TruncateAloneIsADelete) {
  TestTable table;
  EXPECT_OK(table.Append({table.File("a", 1, 10)}));
  ReplaceAllFiles truncate(table.metadata, table.source);
  ASSERT_OK_AND_ASSIGN(PreparedCommit prepared, truncate.Prepare(table.NextNames()));
  EXPECT_EQ(prepared.metadata.current_snapshot()->operation(), "delete");
  EXPECT_EQ(prepared.totals.data_files, 0);
}

TEST(ReplaceAllFiles, TruncatingAnEmptyTableMakesNoSnapshot) {
  TestTable table;
  ReplaceAllFiles truncate(table.metadata, table.source);
  ASSERT_OK_AND_ASSIGN(PreparedCommit prepared, truncate.Prepare(table.NextNames()));
  EXPECT_FALSE(prepared.has_snapshot);
}

TEST(SnapshotUpdate, RemovedFilesMustBeLive) {  // rule 55
  TestTable table;
  EXPECT_OK(table.Append({table.File("a", 1, 10), table.File("b", 11, 20)}));
  SnapshotUpdate update(table.metadata, table.source);
  update.RemoveFile(Location("file:///t/data/a"));
  EXPECT_OK(table.Apply(update));
  EXPECT_THAT(table.Scan(), ElementsAre("b"));
  ASSERT_OK_AND_ASSIGN(auto list, table.source.List(table.metadata.current_snapshot()->manifest_list));
  EXPECT_EQ((*list)[0].existing_files_count, 1);
  EXPECT_EQ((*list)[0].min_sequence_number, SequenceNumber{1});
  SnapshotUpdate again(table.metadata, table.source);
  again.RemoveFile(Location("file:///t/data/a"));
  EXPECT_THAT(table.Apply(again), AllOf(HasKind(ErrorKind::kConflict), HasMessage(HasSubstr("file:///t/data/a"))));
}

TEST(SnapshotUpdate, SmallManifestsAreMerged) {  // GUC-35
  TestTable table;
  for (int64_t i = 0; i < 9; i++) {
    SnapshotUpdate update(table.metadata, table.source);
    update.SetManifestMerge(5, 8 << 20);
    update.AddDataFile(table.File(fmt::format("{}", i), i, i));
    EXPECT_OK(table.Apply(update));
  }
  ASSERT_OK_AND_ASSIGN(auto list, table.source.List(table.metadata.current_snapshot()->manifest_list));
  EXPECT_LT(list->size(), 5u);
  EXPECT_THAT(table.Scan(), ElementsAre("0", "1", "2", "3", "4", "5", "6", "7", "8"));
  auto plan = PlanScan(table.metadata, table.metadata.current_snapshot(), {}, table.source);
  for (int64_t i = 0; i < 9; i++) EXPECT_EQ(plan->tasks[i].sequence_number, SequenceNumber{i + 1});
  EXPECT_EQ(table.metadata.current_snapshot()->summary.at("total-data-files"), "9");
}

TEST(SnapshotUpdate, MergeKeepsManifestsAboveTheTargetAndCanBeOff) {
  TestTable table({}, {{"commit.manifest-merge.enabled", "false"}, {"commit.manifest.min-count-to-merge", "2"}});
  for (int64_t i = 0; i < 4; i++) EXPECT_OK(table.Append({table.File(fmt::format("{}", i), i, i)}));
  EXPECT_EQ((*table.source.List(table.metadata.current_snapshot()->manifest_list))->size(), 4u);
  SnapshotUpdate update(table.metadata, table.source);
  update.SetManifestMerge(2, 1);
  update.AddDataFile(table.File("x", 9, 9));
  EXPECT_OK(table.Apply(update));
  EXPECT_EQ((*table.source.List(table.metadata.current_snapshot()->manifest_list))->size(), 5u);
}

TEST(SnapshotUpdate, ContinuesWhatPyIcebergWrote) {
  MapSource source;
  TableMetadata metadata = LoadFixture("partitioned", source);
  SnapshotUpdate update(metadata, source);
  update.RemoveAll();
  CommitNames names;
  names.metadata_location = Location("file:///x/1.metadata.json");
  names.manifest_prefix = Location("file:///x/m");
  names.manifest_list = Location("file:///x/l.avro");
  names.snapshot_id = SnapshotId{5};
  ASSERT_OK_AND_ASSIGN(PreparedCommit prepared, update.Prepare(names));
  EXPECT_EQ(prepared.totals.records, 0);
  ManifestFile line;
  line.manifest_path = prepared.files[0].location;
  ASSERT_OK_AND_ASSIGN(Manifest manifest, ReadManifest(prepared.files[0].bytes, line));
  EXPECT_EQ(manifest.entries.size(), 6u);
  EXPECT_EQ(manifest.entries[0].file.partition.size(), 4u);
}

}  // namespace
}  // namespace lake::iceberg
