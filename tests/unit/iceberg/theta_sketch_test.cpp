// Theta sketches in the bytes of Apache DataSketches, and statistics files as the metadata has them.
#include "iceberg/theta_sketch.h"

#include "base/result_matchers.h"
#include "iceberg/table_statistics.h"
#include "iceberg/verify.h"
#include "test_table.h"

namespace lake::iceberg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

std::string Long(int64_t value) { return Literal::Long(value).ToBinary(); }

std::string Hex(std::string_view bytes) {
  std::string hex;
  for (unsigned char byte : bytes) hex += fmt::format("{:02x}", byte);
  return hex;
}

/// The expected bytes are those of datasketches 5.2 for Python: update_theta_sketch(12), update(..), compact().
TEST(ThetaSketch, BytesAreThoseOfDataSketches) {  // rule 77
  ThetaSketch sketch;
  EXPECT_EQ(Hex(sketch.Serialize()), "01030300001ecc93");
  sketch.Add(Long(0));
  // One hash is marked, too (0x20), as the Java library does; others find it by the preamble.
  EXPECT_EQ(Hex(sketch.Serialize()), "01030300003acc93e56b61eec8804420");
  sketch.Add(Long(1));
  sketch.Add(Long(0));
  sketch.Add("");
  EXPECT_EQ(Hex(sketch.Serialize()), "02030300001acc93020000000000000015f97dcbbd86a105e56b61eec8804420");
}

TEST(ThetaSketch, DividedValuesGiveTheSameSketch) {  // rule 77
  ThetaSketch whole, parts[3];
  for (int64_t i = 0; i < 50000; ++i) {
    whole.Add(Long(i));
    parts[i % 7 == 0 ? 0 : i % 2 + 1].Add(Long(49999 - i));
    parts[i % 3].Add(Long(i));
  }
  parts[0].Merge(parts[1]);
  parts[2].Merge(parts[0]);
  EXPECT_EQ(parts[2].Serialize(), whole.Serialize());
  EXPECT_NEAR(whole.Estimate(), 50000, 50000 * 0.05);
  EXPECT_THAT(whole.Serialize(), SizeIs(24 + 8 * ThetaSketch::kNominalEntries));
  ASSERT_OK_AND_ASSIGN(double estimate, EstimateOfThetaSketch(whole.Serialize()));
  EXPECT_EQ(estimate, whole.Estimate());
}

TEST(ThetaSketch, FewValuesAreCounted) {
  ThetaSketch sketch;
  for (int64_t i = 0; i < 12288; ++i) sketch.Add(Long(i % 4096));
  EXPECT_EQ(sketch.Estimate(), 4096);
}

TEST(ThetaSketch, OtherBytesAreRefused) {
  ThetaSketch sketch;
  for (int64_t i = 0; i < 9; ++i) sketch.Add(Long(i));
  std::string bytes = sketch.Serialize();
  for (const std::string& broken :
       {std::string(), bytes.substr(0, 12), bytes.substr(0, 40), "\1\2\3" + bytes.substr(3)}) {
    EXPECT_FALSE(EstimateOfThetaSketch(broken).ok()) << Hex(broken);
  }
}

Json Entry(int64_t snapshot, const char* blobs) {
  return {
      {"snapshot-id", snapshot}, {"statistics-path", "s3://b/x.stats"}, {"blob-metadata", *ParseJson(blobs, "blobs")}};
}

TEST(TableStatistics, NearestAncestorsCountsAreTaken) {  // rule 77
  TestTable table;
  ASSERT_OK(table.Append({table.File("a", 1, 2)}));
  SnapshotId first = *table.metadata.current_snapshot_id;
  ASSERT_OK(table.Append({table.File("b", 1, 2)}));
  const Snapshot& current = *table.metadata.current_snapshot();
  EXPECT_THAT(DistinctValues(table.metadata, current), IsEmpty());
  auto put = [&](int64_t id, const char* blobs) {
    auto file = ParseStatisticsFile(Entry(id, blobs), "statistics");
    ASSERT_OK(file);
    table.metadata.statistics.push_back(*file);
  };
  put(first.value, R"([{"type": "apache-datasketches-theta-v1", "fields": [1], "properties": {"ndv": "12"}},
                       {"type": "apache-datasketches-theta-v1", "fields": [2], "properties": {"ndv": "x"}},
                       {"type": "apache-datasketches-theta-v1", "fields": [1, 2], "properties": {"ndv": "9"}},
                       {"type": "other", "fields": [3], "properties": {"ndv": "9"}}, 7])");
  EXPECT_THAT(DistinctValues(table.metadata, current), ElementsAre(Pair(FieldId{1}, 12)));
  put(current.snapshot_id.value,
      R"([{"type": "apache-datasketches-theta-v1", "fields": [2], "properties": {"ndv": "5"}}])");
  EXPECT_THAT(DistinctValues(table.metadata, current), ElementsAre(Pair(FieldId{2}, 5)));
}

TEST(TableStatistics, EntriesAreThoseOfTheFile) {  // rule 77
  PuffinWriter writer;
  ThetaSketch sketch;
  PuffinBlob blob;
  blob.type = kThetaSketchBlob;
  blob.fields = {FieldId{1}};
  blob.snapshot_id = 7;
  blob.properties = {{kDistinctValuesProperty, "0"}};
  std::vector<PuffinBlob> blobs = {writer.Add(blob, sketch.Serialize())};
  std::string file = *std::move(writer).Finish();
  StatisticsFile entry = MakeStatistics(SnapshotId{7}, Location("s3://b/x.stats"), file, blobs);
  EXPECT_EQ(entry.json["file-footer-size-in-bytes"], file.size() - 4 - 8);
  Problems problems;
  VerifyStatistics(entry, file, problems);
  EXPECT_THAT(problems.found(), IsEmpty());
  entry.json["blob-metadata"][0]["properties"]["ndv"] = "1";
  entry.json["file-size-in-bytes"] = 1;
  VerifyStatistics(entry, file, problems);
  EXPECT_THAT(problems.found(), SizeIs(2));
  VerifyStatistics(entry, file.substr(0, 30), problems);
  EXPECT_THAT(problems.found(), SizeIs(3));
}

}  // namespace
}  // namespace lake::iceberg
