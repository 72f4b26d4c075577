#include "iceberg/scan.h"

#include "test_table.h"

namespace lake::iceberg {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using E = Expression;
using Kind = Expression::Kind;

ScanPlan Plan(const TableMetadata& metadata, MapSource& source, const E& filter = {}) {
  auto plan = PlanScan(metadata, metadata.current_snapshot(), filter, source);
  EXPECT_OK(plan);
  return *std::move(plan);
}

DataFile DeleteFile(const std::string& name, FileContent content, PartitionTuple partition = {}) {
  DataFile file;
  file.content = content;
  file.file_path = Location("file:///t/data/" + name);
  file.record_count = 1;
  file.partition = std::move(partition);
  if (content == FileContent::kEqualityDeletes) file.equality_ids = {FieldId{1}};
  return file;
}

std::vector<std::string> DeletesOf(const ScanPlan& plan, const std::string& name) {
  std::vector<std::string> names;
  for (const ScanTask& task : plan.tasks) {
    if (task.file->file_path.str() != "file:///t/data/" + name) continue;
    for (const ScanDelete& entry : task.deletes) names.push_back(entry.file->file_path.str().substr(15));
  }
  return names;
}

TEST(Scan, ReadsWhatPyIcebergWrote) {
  for (const char* name : {"plain_v1", "plain_v2"}) {
    SCOPED_TRACE(name);
    MapSource source;
    TableMetadata metadata = LoadFixture(name, source);
    ScanPlan plan = Plan(metadata, source);
    std::vector<int64_t> rows;
    for (const ScanTask& task : plan.tasks) rows.push_back(task.file->record_count);
    if (metadata.format_version == 1) {
      EXPECT_THAT(rows, ElementsAre(1, 5, 10, 10));  // all at sequence number 0: manifest order
      EXPECT_EQ(plan.tasks[0].sequence_number, SequenceNumber{0});
    } else {
      EXPECT_THAT(rows, ElementsAre(10, 10, 5, 1));
      EXPECT_EQ(plan.tasks[3].sequence_number, SequenceNumber{5});
    }
    plan = Plan(metadata, source, E::Compare(Kind::kEq, FieldId{1}, Literal::Long(17)));
    ASSERT_EQ(plan.tasks.size(), 1u);
    EXPECT_EQ(plan.tasks[0].file->record_count, 5);
    EXPECT_EQ(plan.counts.data_files_skipped, 3);
    ASSERT_OK_AND_ASSIGN(TableTotals totals, TotalsOf(metadata.current_snapshot(), source));
    EXPECT_EQ(totals.records, 26);
    EXPECT_EQ(totals.data_files, 4);
    ASSERT_OK_AND_ASSIGN(auto files, ReferencedFiles(metadata, source));
    // 6 metadata files, 5 lists, 6 manifests, 5 data files (one of them rewritten since)
    EXPECT_EQ(files.size(), 6u + 5u + 6u + 5u);
  }
}

TEST(Scan, TotalsAreCountedWhereTheSummarySaysNothing) {
  MapSource source;
  TableMetadata metadata = LoadFixture("plain_v2", source);
  Snapshot bare = *metadata.current_snapshot();
  bare.summary.clear();
  ASSERT_OK_AND_ASSIGN(TableTotals counted, TotalsOf(&bare, source));
  ASSERT_OK_AND_ASSIGN(TableTotals said, TotalsOf(metadata.current_snapshot(), source));
  EXPECT_EQ(counted.records, said.records);
  EXPECT_EQ(counted.bytes, said.bytes);
  EXPECT_EQ(counted.data_files, said.data_files);
}

TEST(Scan, PrunesPyIcebergsPartitions) {
  MapSource source;
  TableMetadata metadata = LoadFixture("partitioned", source);
  EXPECT_EQ(Plan(metadata, source).tasks.size(), 6u);
  auto tasks = [&](const E& filter) { return Plan(metadata, source, filter).tasks.size(); };
  EXPECT_EQ(tasks(E::Compare(Kind::kEq, FieldId{2}, Literal::String("Oslo"))), 2u);
  EXPECT_EQ(tasks(E::IsNull(FieldId{2})), 2u);
  EXPECT_EQ(tasks(E::Compare(Kind::kEq, FieldId{1}, Literal::Long(3))), 1u);
  EXPECT_EQ(tasks(E::Compare(Kind::kGtEq, FieldId{3}, Literal::TimestampTz(1709164800000000))), 3u);  // 2024-02-29
  EXPECT_EQ(tasks(E::Compare(Kind::kGt, FieldId{4}, Literal::Decimal(199, 9, 2))), 2u);
  ScanPlan plan = Plan(metadata, source, E::Compare(Kind::kEq, FieldId{2}, Literal::String("Aachen")));
  EXPECT_THAT(plan.tasks, IsEmpty());
  EXPECT_EQ(plan.counts.manifests_skipped, 1);
  EXPECT_EQ(plan.counts.data_files_skipped, 6);
}

TEST(Scan, ManifestsThatCannotMatchAreNotRead) {
  TestTable table({{"id", Transform::Truncate(100), ""}});
  for (int64_t i = 0; i < 10; i++) {
    EXPECT_OK(table.Append({table.File(fmt::format("{}", i), i * 100, i * 100 + 9, {Literal::Long(i * 100)})}));
  }
  table.source.manifests_read = 0;
  EXPECT_THAT(table.Scan(E::Compare(Kind::kEq, FieldId{1}, Literal::Long(305))), ElementsAre("3"));
  EXPECT_EQ(table.source.manifests_read, 1);
  EXPECT_THAT(table.Scan(), ElementsAre("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"));
}

TEST(Scan, EmptyTableHasNoTasksButChecksTheFilter) {
  TestTable table;
  EXPECT_THAT(Plan(table.metadata, table.source).tasks, IsEmpty());
  EXPECT_THAT(PlanScan(table.metadata, nullptr, E::IsNull(FieldId{99}), table.source),
              HasKind(ErrorKind::kInvalidInput));
}

TEST(Scan, DeletesApplyBySequenceNumber) {  // rule 59
  TestTable table;
  EXPECT_OK(table.Append({table.File("a", 1, 10)}));
  SnapshotUpdate update(table.metadata, table.source);
  update.AddDataFile(table.File("b", 11, 20));
  update.AddDeleteFile(DeleteFile("pos", FileContent::kPositionDeletes));
  update.AddDeleteFile(DeleteFile("eq", FileContent::kEqualityDeletes));
  EXPECT_OK(table.Apply(update));
  EXPECT_OK(table.Append({table.File("c", 21, 30)}));
  ScanPlan plan = Plan(table.metadata, table.source);
  EXPECT_THAT(DeletesOf(plan, "a"), ElementsAre("eq", "pos"));
  EXPECT_THAT(DeletesOf(plan, "b"), ElementsAre("pos"));  // equality deletes: strictly older data only
  EXPECT_THAT(DeletesOf(plan, "c"), IsEmpty());
  EXPECT_TRUE(plan.has_equality_deletes);
  EXPECT_FALSE(plan.has_deletion_vectors);
  EXPECT_EQ(plan.counts.delete_files_total, 2);
}

TEST(Scan, PositionDeletesStayInTheirPartitionAndFile) {  // rules 60 and 61
  TestTable table({{"name", Transform::Identity(), ""}});
  Literal x = Literal::String("x");
  Literal y = Literal::String("y");
  EXPECT_OK(table.Append({table.File("x1", 1, 2, {x}), table.File("x2", 3, 4, {x}), table.File("y1", 5, 6, {y}),
                          table.File("n", 7, 8, {std::nullopt})}));
  SnapshotUpdate update(table.metadata, table.source);
  update.AddDeleteFile(DeleteFile("for-x", FileContent::kPositionDeletes, {x}));
  DataFile named = DeleteFile("for-x2", FileContent::kPositionDeletes, {x});
  named.referenced_data_file = Location("file:///t/data/x2");
  update.AddDeleteFile(named);
  DataFile by_bounds = DeleteFile("for-y1", FileContent::kPositionDeletes, {y});
  by_bounds.lower_bounds.Set(kDeleteFilePathId, "file:///t/data/y1");
  by_bounds.upper_bounds.Set(kDeleteFilePathId, "file:///t/data/y1");
  update.AddDeleteFile(by_bounds);
  update.AddDeleteFile(DeleteFile("for-null", FileContent::kPositionDeletes, {std::nullopt}));
  EXPECT_OK(table.Apply(update));
  ScanPlan plan = Plan(table.metadata, table.source);
  EXPECT_THAT(DeletesOf(plan, "x1"), ElementsAre("for-x"));
  EXPECT_THAT(DeletesOf(plan, "x2"), ElementsAre("for-x2", "for-x"));
  EXPECT_THAT(DeletesOf(plan, "y1"), ElementsAre("for-y1"));
  EXPECT_THAT(DeletesOf(plan, "n"), ElementsAre("for-null"));
}

TEST(Scan, PositionDeletesStayWithinTheirBounds) {
  TestTable table;
  EXPECT_OK(table.Append({table.File("a", 1, 2), table.File("b", 3, 4), table.File("c", 5, 6)}));
  SnapshotUpdate update(table.metadata, table.source);
  DataFile deletes = DeleteFile("for-ab", FileContent::kPositionDeletes);
  deletes.lower_bounds.Set(kDeleteFilePathId, "file:///t/data/a");
  deletes.upper_bounds.Set(kDeleteFilePathId, "file:///t/data/b");
  update.AddDeleteFile(deletes);
  EXPECT_OK(table.Apply(update));
  ScanPlan plan = Plan(table.metadata, table.source);
  EXPECT_THAT(DeletesOf(plan, "a"), ElementsAre("for-ab"));
  EXPECT_THAT(DeletesOf(plan, "b"), ElementsAre("for-ab"));
  EXPECT_THAT(DeletesOf(plan, "c"), IsEmpty());
}

TEST(Scan, LiveRecordsAreCarriedFromCommitToCommit) {
  TestTable table;
  auto live = [&] { return TotalsOf(table.metadata.current_snapshot(), table.source)->live_records; };
  EXPECT_EQ(TotalsOf(nullptr, table.source)->LiveRecords(), 0);
  EXPECT_OK(table.Append({table.File("a", 1, 10), table.File("b", 11, 20)}));
  EXPECT_EQ(live(), 20);
  {
    SnapshotUpdate update(table.metadata, table.source);
    update.AddDeleteFile(DeleteFile("pos", FileContent::kPositionDeletes));
    update.SetLiveRecords(17);
    EXPECT_OK(table.Apply(update));
  }
  EXPECT_EQ(live(), 17);
  EXPECT_OK(table.Append({table.File("c", 21, 25)}));
  EXPECT_EQ(live(), 22);
  {
    SnapshotUpdate update(table.metadata, table.source);  // as another engine would: says nothing
    update.AddDeleteFile(DeleteFile("more", FileContent::kPositionDeletes));
    EXPECT_OK(table.Apply(update));
  }
  EXPECT_EQ(live(), std::nullopt);
  TableTotals totals = *TotalsOf(table.metadata.current_snapshot(), table.source);
  EXPECT_EQ(totals.LiveRecords(), totals.records - totals.deleted_records);
  SnapshotUpdate update(table.metadata, table.source);
  update.RemoveAll();
  update.AddDataFile(table.File("d", 1, 3));
  EXPECT_OK(table.Apply(update));
  EXPECT_EQ(live(), 3);
}

TEST(Scan, MissingManifestIsAnError) {
  TestTable table;
  EXPECT_OK(table.Append({table.File("a", 1, 10)}));
  table.source.files.erase(Location("file:///t/metadata/c1-m0.avro"));
  EXPECT_THAT(PlanScan(table.metadata, table.metadata.current_snapshot(), {}, table.source),
              HasKind(ErrorKind::kNotFound));
}

}  // namespace
}  // namespace lake::iceberg
