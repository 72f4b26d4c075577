#include "iceberg/verify.h"

#include "test_table.h"

namespace lake::iceberg {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::vector<std::string> Texts(const Problems& problems) {
  std::vector<std::string> texts;
  for (const Problem& problem : problems.found()) {
    bool is_error = problem.severity == Problem::Severity::kError;
    texts.push_back(fmt::format("{} {}: {}", is_error ? "error" : "warning", problem.object, problem.text));
  }
  return texts;
}

/// What is wrong with a metadata file after a change to its JSON.
std::vector<std::string> AfterChange(const TableMetadata& metadata, const std::function<void(Json&)>& change) {
  Json json = MetadataToJson(metadata);
  change(json);
  Problems problems;
  VerifyMetadata(json.dump(), Location("file:///m.json"), problems);
  return Texts(problems);
}

/// The manifests of the current snapshot, to be damaged.
struct Current {
  explicit Current(TestTable& table) : Current(table.metadata, table.source) {}
  Current(const TableMetadata& table, MapSource& source) : metadata(table), snapshot(*table.current_snapshot()) {
    auto list = ManifestsOf(snapshot, source);
    EXPECT_OK(list);
    for (const ManifestFile& line : **list) {
      auto manifest = source.Get(line);
      EXPECT_OK(manifest);
      manifests.push_back({line, *manifest});
    }
  }

  /// A manifest of its own to change.
  Manifest& Own(size_t i) {
    auto copy = std::make_shared<Manifest>(*manifests[i].manifest);
    manifests[i].manifest = copy;
    return *copy;
  }

  std::vector<std::string> Verify(bool complete = true) const {
    Problems problems;
    VerifySnapshot(metadata, snapshot, manifests, complete, problems);
    return Texts(problems);
  }

  TableMetadata metadata;
  Snapshot snapshot;
  std::vector<ListedManifest> manifests;
};

/// Rows 1 to 10 and 11 to 20 in two files and two snapshots; two rows of the first file deleted by a third.
TestTable TwoFiles() {
  TestTable table;
  EXPECT_OK(table.Append({table.File("a.parquet", 1, 10)}));
  EXPECT_OK(table.Append({table.File("b.parquet", 11, 20)}));
  DataFile deletes = table.File("d.parquet", 1, 2);
  deletes.content = FileContent::kPositionDeletes;
  deletes.referenced_data_file = Location("file:///t/data/a.parquet");
  SnapshotUpdate update(table.metadata, table.source);
  update.AddDeleteFile(deletes);
  EXPECT_OK(table.Apply(update));
  return table;
}

TEST(VerifyMetadata, WhatTheLibraryWritesIsWell) {
  TestTable table = TwoFiles();
  EXPECT_THAT(AfterChange(table.metadata, [](Json&) {}), IsEmpty());
  EXPECT_THAT(Current(table).Verify(), IsEmpty());
  EXPECT_THAT(AfterChange(TestTable().metadata, [](Json&) {}), IsEmpty());
}

TEST(VerifyMetadata, WhatPyIcebergWritesIsWell) {
  for (const char* name : {"plain_v1", "plain_v2", "partitioned"}) {
    MapSource source;
    TableMetadata metadata = LoadFixture(name, source);
    EXPECT_THAT(AfterChange(metadata, [](Json&) {}), IsEmpty()) << name;
    EXPECT_THAT(Current(metadata, source).Verify(), IsEmpty()) << name;
  }
}

TEST(VerifyMetadata, WhatCannotBeReadIsOneProblem) {
  TestTable table = TwoFiles();
  EXPECT_THAT(AfterChange(table.metadata, [](Json& json) { json["current-snapshot-id"] = 7; }),
              ElementsAre(HasSubstr("error file:///m.json: It cannot be read")));
  EXPECT_THAT(AfterChange(table.metadata, [](Json& json) { json["last-sequence-number"] = 1; }),
              ElementsAre(HasSubstr("above the last sequence number 1")));
  Problems problems;
  EXPECT_EQ(VerifyMetadata("{", Location("file:///m.json"), problems), std::nullopt);
  EXPECT_EQ(problems.found().size(), 1u);
}

TEST(VerifyMetadata, CountersAreNotBelowWhatIsUsed) {
  TestTable table({{"id", Transform::Bucket(4), ""}});
  EXPECT_THAT(AfterChange(table.metadata,
                          [](Json& json) {
                            json["last-column-id"] = 2;
                            json["last-partition-id"] = 999;
                          }),
              UnorderedElementsAre("error file:///m.json: last-column-id is 2, but id 3 is in use.",
                                   "error file:///m.json: last-partition-id is 999, but id 1000 is in use."));
}

TEST(VerifyMetadata, SnapshotsRefsAndLogsAgree) {
  TestTable table = TwoFiles();
  auto found = AfterChange(table.metadata, [](Json& json) {
    json["snapshots"][0]["schema-id"] = 5;
    json["snapshots"][1]["sequence-number"] = 1;
    json["refs"]["tag"] = {{"snapshot-id", 5}, {"type", "tag"}};
    json["snapshot-log"].push_back({{"snapshot-id", 1001}, {"timestamp-ms", 200000}});
    json["snapshot-log"].push_back({{"snapshot-id", 6}, {"timestamp-ms", 1000}});
    json["statistics"] = {{{"snapshot-id", 9}, {"statistics-path", "file:///s.puffin"}}};
  });
  EXPECT_THAT(found, UnorderedElementsAre(
                         "error snapshot 1001: It has schema 5, which the table does not have.",
                         "error snapshot 1002: It has sequence number 1, which is also that of snapshot 1001.",
                         "error snapshot 1002: It has sequence number 1, but that of its parent 1001 is 1.",
                         "error reference tag: It is at snapshot 5, which does not exist.",
                         "warning file:///s.puffin: The statistics are of snapshot 9, which does not exist.",
                         "error snapshot log: It has snapshot 6, which does not exist.",
                         "error snapshot log: The entry of snapshot 6 has time 1000, the one before it 200000.",
                         "error snapshot log: It ends with snapshot 6, but the current one is 1003."));
}

TEST(VerifySnapshot, TotalsAddUp) {
  TestTable table = TwoFiles();
  Current current(table);
  current.snapshot.summary["total-records"] = "19";
  current.snapshot.summary["total-delete-files"] = "x";
  EXPECT_THAT(
      current.Verify(),
      UnorderedElementsAre("error snapshot 1003: Its summary says total-records 19, its manifests add up to 20.",
                           "error snapshot 1003: Its summary says total-delete-files x, its manifests add up to 1."));
  EXPECT_THAT(current.Verify(false), IsEmpty()) << "nothing adds up when a manifest cannot be read";
}

TEST(VerifySnapshot, LinesAreTrueToTheirManifests) {
  TestTable table = TwoFiles();
  Current current(table);
  ManifestFile& line = current.manifests[0].line;
  const std::string name = "error " + line.manifest_path.str() + ": ";
  line.added_files_count = *line.added_files_count + 3;
  line.existing_rows_count = *line.existing_rows_count + 7;
  line.min_sequence_number = SequenceNumber{4};
  auto found = current.Verify();
  EXPECT_EQ(found.size(), 3u);
  EXPECT_THAT(found, Contains(HasSubstr(name + "The manifest list says added files: ")));
  EXPECT_THAT(found, Contains(HasSubstr(name + "The manifest list says existing rows: ")));
  EXPECT_THAT(found, Contains(HasSubstr(name + "The manifest list says min sequence number 4, but an entry has ")));
  line = Current(table).manifests[0].line;
  line.min_sequence_number = SequenceNumber{0};
  EXPECT_THAT(current.Verify(), ElementsAre(HasSubstr("warning ")));
  line.sequence_number = SequenceNumber{9};
  line.partition_spec_id = SpecId{4};
  EXPECT_THAT(current.Verify(), Contains(HasSubstr("It has partition spec 4, which the table does not have.")));
  EXPECT_THAT(current.Verify(), Contains(HasSubstr("It has sequence number 9, above 3 of snapshot 1003.")));
}

TEST(VerifySnapshot, PartitionsLieInTheirSummaries) {
  TestTable table({{"name", Transform::Identity(), ""}});
  ASSERT_OK(table.Append(
      {table.File("a.parquet", 1, 1, {Literal::String("b")}), table.File("b.parquet", 1, 1, {std::nullopt})}));
  Current current(table);
  EXPECT_THAT(current.Verify(), IsEmpty());
  FieldSummary& summary = current.manifests[0].line.partitions[0];
  summary.contains_null = false;
  summary.lower_bound = "c";
  EXPECT_THAT(current.Verify(), UnorderedElementsAre(HasSubstr("Partition value b of \"file:///t/data/a.parquet\" is "
                                                               "outside of the bounds of field 1"),
                                                     HasSubstr("partition field 1 has no null, but")));
  current.Own(0).entries[0].file.partition.clear();
  EXPECT_THAT(current.Verify(), Contains(HasSubstr("It has 0 partition values, but its spec has 1 fields.")));
}

TEST(VerifySnapshot, EntriesMakeSense) {
  TestTable table = TwoFiles();
  Current current(table);
  size_t data = current.manifests[0].line.content == ManifestContent::kData ? 0 : 1;
  ManifestEntry& entry = current.Own(data).entries[0];
  entry.sequence_number = SequenceNumber{8};
  EXPECT_THAT(current.Verify(), Contains(HasSubstr("It has sequence number 8 (file ")));
  EXPECT_THAT(current.Verify(), Contains(HasSubstr("Its data sequence number 8 is above its file sequence number ")));
  entry.status = ManifestEntry::Status::kExisting;
  entry.snapshot_id.reset();
  EXPECT_THAT(current.Verify(), Contains(HasSubstr("is not new, but lacks a snapshot id")));
}

TEST(VerifySnapshot, FilesMakeSense) {
  TestTable table = TwoFiles();
  Current current(table);
  size_t data = current.manifests[0].line.content == ManifestContent::kData ? 0 : 1;
  DataFile& file = current.Own(data).entries[0].file;
  file.split_offsets = {4, 100};
  file.null_value_counts.Set(FieldId{1}, 11);
  file.lower_bounds.Set(FieldId{1}, "abc");
  file.upper_bounds.Set(FieldId{77}, "abc");
  const std::string error = "error " + file.file_path.str() + ": ";
  EXPECT_THAT(current.Verify(),
              UnorderedElementsAre(error + "Split offset 100 is out of order or outside of its 100 bytes.",
                                   error + "Column 1 is said to have 11 null values among 10.",
                                   HasSubstr(error + "The lower bound of column 1 is no long"),
                                   HasSubstr("It has bounds (upper) of column 77, which no schema has.")));
}

TEST(VerifySnapshot, FilesAreLiveOnce) {
  TestTable table = TwoFiles();
  Current current(table);
  current.manifests.push_back(current.manifests[0]);
  EXPECT_THAT(current.Verify(), Contains(HasSubstr("It is live more than once")));
}

TEST(VerifySnapshot, DeletesAreOfLiveFiles) {
  TestTable table = TwoFiles();
  Current current(table);
  size_t deletes = current.manifests[0].line.content == ManifestContent::kDeletes ? 0 : current.manifests.size() - 1;
  ASSERT_EQ(current.manifests[deletes].line.content, ManifestContent::kDeletes);
  DataFile& file = current.Own(deletes).entries[0].file;
  file.referenced_data_file = Location("file:///t/data/z.parquet");
  EXPECT_THAT(current.Verify(), ElementsAre("warning file:///t/data/d.parquet: It deletes rows of "
                                            "\"file:///t/data/z.parquet\", which is no live data file."));
  file.content = FileContent::kData;
  EXPECT_THAT(current.Verify(), Contains(HasSubstr("It is a data file in a manifest of delete files")));
}

}  // namespace
}  // namespace lake::iceberg
