// Format version 3: row ids that snapshots, manifests and files are given, and deletion vectors that share an object.
#include "iceberg/row_lineage.h"

#include "iceberg/operation/append_files.h"
#include "test_table.h"

namespace lake::iceberg {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Key;
using testing::Not;
using testing::Pair;

class RowLineageTest : public testing::Test {
 protected:
  void Upgrade() {
    auto upgraded = ApplyUpdates(&table_.metadata, {UpgradeFormatVersion{3}}, {2000, std::nullopt});
    ASSERT_OK(upgraded);
    table_.metadata = *upgraded;
  }
  std::vector<ManifestFile> List() {
    auto list = table_.source.List(table_.metadata.current_snapshot()->manifest_list);
    EXPECT_OK(list);
    return **list;
  }
  /// First row ids of the live files, by path.
  std::map<std::string, std::optional<int64_t>> RowIds() {
    auto plan = PlanScan(table_.metadata, table_.metadata.current_snapshot(), {}, table_.source);
    EXPECT_OK(plan);
    std::map<std::string, std::optional<int64_t>> ids;
    for (const ScanTask& task : plan->tasks) ids[task.file->file_path.str().substr(15)] = task.first_row_id;
    return ids;
  }
  DataFile Vector(const std::string& data_file, int64_t offset, int64_t rows) {
    DataFile vector;
    vector.content = FileContent::kPositionDeletes;
    vector.file_format = FileFormat::kPuffin;
    vector.file_path = Location("file:///t/data/all.puffin");
    vector.record_count = rows;
    vector.file_size_in_bytes = 1000;
    vector.referenced_data_file = Location("file:///t/data/" + data_file);
    vector.content_offset = offset;
    vector.content_size_in_bytes = 50;
    return vector;
  }

  TestTable table_;
};

TEST_F(RowLineageTest, ATableStartsAtZeroAndSnapshotsTakeRanges) {  // rules 67 and 68
  Upgrade();
  EXPECT_EQ(table_.metadata.next_row_id, 0);
  ASSERT_OK(table_.Append({table_.File("a", 1, 10), table_.File("b", 11, 15)}));
  const Snapshot& first = *table_.metadata.current_snapshot();
  EXPECT_EQ(first.first_row_id, 0);
  EXPECT_EQ(first.added_rows, 15);
  EXPECT_EQ(table_.metadata.next_row_id, 15);
  ASSERT_OK(table_.Append({table_.File("c", 16, 18)}));
  EXPECT_EQ(table_.metadata.current_snapshot()->first_row_id, 15);
  EXPECT_THAT(RowIds(), ElementsAre(Pair("a", 0), Pair("b", 10), Pair("c", 15)));
  ASSERT_OK_AND_ASSIGN(TableMetadata again, ParseMetadataJson(MetadataToJson(table_.metadata), "again"));
  EXPECT_EQ(again.next_row_id, 18);
  EXPECT_EQ(again.current_snapshot()->added_rows, 3);
}

TEST_F(RowLineageTest, ManifestsOfBeforeTheUpgradeGetTheirsWithTheNextSnapshot) {  // rules 67, 68 and 69
  ASSERT_OK(table_.Append({table_.File("a", 1, 10)}));
  Upgrade();
  EXPECT_THAT(RowIds(), ElementsAre(Pair("a", std::nullopt)));
  ASSERT_OK(table_.Append({table_.File("b", 11, 15)}));
  std::vector<ManifestFile> list = List();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].first_row_id, 0);  // the new manifest
  EXPECT_EQ(list[1].first_row_id, 5);  // existing rows count: its file is ADDED there, but not of this snapshot
  EXPECT_EQ(table_.metadata.current_snapshot()->added_rows, 15);
  auto before = RowIds();
  ASSERT_OK(table_.Append({table_.File("c", 16, 18)}));
  EXPECT_EQ(List()[2].first_row_id, 5) << "carried manifests keep theirs";
  EXPECT_EQ(RowIds()["a"], before["a"]);
}

TEST_F(RowLineageTest, RewrittenManifestsNameTheirFilesIds) {  // rule 70
  Upgrade();
  ASSERT_OK(table_.Append({table_.File("a", 1, 10), table_.File("b", 11, 15), table_.File("c", 16, 18)}));
  SnapshotUpdate update(table_.metadata, table_.source);
  update.RemoveFile(Location("file:///t/data/b"));
  ASSERT_OK(table_.Apply(update));
  EXPECT_THAT(RowIds(), ElementsAre(Pair("a", 0), Pair("c", 15)));
  std::vector<ManifestFile> list = List();
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].first_row_id, 18) << "a new manifest takes a range, even if its files need nothing of it";
  ASSERT_OK_AND_ASSIGN(auto manifest, table_.source.Get(list[0]));
  std::vector<std::optional<int64_t>> ids;
  for (const ManifestEntry& entry : manifest->entries) ids.push_back(entry.file.first_row_id);
  EXPECT_THAT(ids, ElementsAre(0, 10, 15)) << "deleted entries too";
}

TEST_F(RowLineageTest, MergedManifestsKeepIds) {  // rules 69 and 70
  Upgrade();
  for (int i = 0; i < 3; ++i) ASSERT_OK(table_.Append({table_.File(fmt::format("f{}", i), 1, 10)}));
  SnapshotUpdate update(table_.metadata, table_.source);
  update.AddDataFile(table_.File("g", 1, 1));
  update.SetManifestMerge(2, 1 << 20);
  ASSERT_OK(table_.Apply(update));
  EXPECT_EQ(List().size(), 2u);
  EXPECT_THAT(RowIds(), ElementsAre(Pair("f0", 0), Pair("f1", 10), Pair("f2", 20), Pair("g", 30)));
}

TEST_F(RowLineageTest, DeletionVectorsAreEntriesOfTheirOwn) {  // rules 46, 63 and 64
  Upgrade();
  ASSERT_OK(table_.Append({table_.File("a", 1, 10), table_.File("b", 11, 20)}));
  SnapshotUpdate add(table_.metadata, table_.source);
  add.AddDeleteFile(Vector("a", 4, 2));
  add.AddDeleteFile(Vector("b", 54, 3));
  ASSERT_OK_AND_ASSIGN(PreparedCommit added, table_.Apply(add));
  const auto& summary = table_.metadata.current_snapshot()->summary;
  EXPECT_THAT(summary,
              AllOf(Contains(Pair("added-dvs", "2")), Contains(Pair("added-delete-files", "2")),
                    Contains(Pair("added-position-deletes", "5")), Not(Contains(Key("added-position-delete-files")))));
  EXPECT_EQ(added.totals.bytes, 200 + 2 * 50) << "of the shared object each has its part";
  EXPECT_EQ(table_.metadata.current_snapshot()->added_rows, 0);

  SnapshotUpdate replace(table_.metadata, table_.source);
  replace.RemoveDeletionVector(Location("file:///t/data/a"));
  DataFile newer = Vector("a", 4, 4);
  newer.file_path = Location("file:///t/data/newer.puffin");
  replace.AddDeleteFile(newer);
  ASSERT_OK(table_.Apply(replace));
  ASSERT_OK_AND_ASSIGN(ScanPlan plan, PlanScan(table_.metadata, table_.metadata.current_snapshot(), {}, table_.source));
  ASSERT_EQ(plan.tasks.size(), 2u);
  for (const ScanTask& task : plan.tasks) {
    ASSERT_EQ(task.deletes.size(), 1u);
    EXPECT_EQ(task.deletes[0].file->referenced_data_file, task.file->file_path);
    EXPECT_EQ(task.deletes[0].file->content_size_in_bytes, 50);
    EXPECT_EQ(task.deletes[0].file->record_count, task.file->file_path.str().ends_with("a") ? 4 : 3);
  }
  SnapshotUpdate gone(table_.metadata, table_.source);
  gone.RemoveDeletionVector(Location("file:///t/data/c"));
  EXPECT_THAT(table_.Apply(gone), AllOf(HasKind(ErrorKind::kConflict), HasMessage(HasSubstr("deletion vector"))));
}

TEST_F(RowLineageTest, DeletionVectorsNeedVersion3) {  // rule 63
  ASSERT_OK(table_.Append({table_.File("a", 1, 10)}));
  SnapshotUpdate add(table_.metadata, table_.source);
  add.AddDeleteFile(Vector("a", 4, 2));
  EXPECT_THAT(table_.Apply(add), HasKind(ErrorKind::kInternal));
}

TEST_F(RowLineageTest, ListsOfVersion3SayWhereTheyBegin) {  // rule 34
  Upgrade();
  ASSERT_OK(table_.Append({table_.File("a", 1, 10)}));
  ASSERT_OK(table_.Append({table_.File("b", 1, 10)}));
  ASSERT_OK_AND_ASSIGN(std::string bytes, table_.source.Read(table_.metadata.current_snapshot()->manifest_list));
  EXPECT_THAT(bytes, HasSubstr("first-row-id"));
  EXPECT_THAT(bytes, HasSubstr("\"field-id\":520"));
}

}  // namespace
}  // namespace lake::iceberg
