#include "iceberg/metadata.h"

#include <zlib.h>

#include "iceberg/location.h"
#include "iceberg/metrics_config.h"
#include "test_table.h"

namespace lake::iceberg {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Json Minimal(int version = 2) {
  return Json::parse(
             R"({"table-uuid":"f79c3e09-677c-4bbd-a479-3f349cb785e7","location":"s3://b/t","last-sequence-number":5,
    "last-updated-ms":1,"last-column-id":1,"current-schema-id":0,"default-spec-id":0,"last-partition-id":999,
    "schemas":[{"type":"struct","schema-id":0,"fields":[{"id":1,"name":"a","required":false,"type":"int"}]}],
    "partition-specs":[{"spec-id":0,"fields":[]}],"sort-orders":[{"order-id":0,"fields":[]}],"default-sort-order-id":0})")
      .patch({{{"op", "add"}, {"path", "/format-version"}, {"value", version}}});
}

Json SnapshotJson(int64_t id, int64_t sequence_number) {
  return {{"snapshot-id", id},
          {"sequence-number", sequence_number},
          {"timestamp-ms", id},
          {"manifest-list", "s3://b/t/m.avro"},
          {"summary", {{"operation", "append"}, {"odd", "kept"}}}};
}

Result<TableMetadata> Parse(const Json& json) { return ParseMetadata(json.dump(), "s3://b/t/metadata/x.json"); }

std::string Gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(Metadata, AbsentKeysAreFine) {  // META-5
  ASSERT_OK_AND_ASSIGN(TableMetadata metadata, Parse(Minimal()));
  EXPECT_EQ(metadata.current_snapshot(), nullptr);
  EXPECT_TRUE(metadata.properties.empty());
}

TEST(Metadata, NoSnapshotInEverySpelling) {  // rule 47
  for (Json value : {Json(-1), Json(nullptr)}) {
    Json json = Minimal();
    json["current-snapshot-id"] = value;
    ASSERT_OK_AND_ASSIGN(TableMetadata metadata, Parse(json));
    EXPECT_EQ(metadata.current_snapshot_id, std::nullopt);
    EXPECT_EQ(MetadataToJson(metadata)["current-snapshot-id"], -1);
  }
  ASSERT_OK_AND_ASSIGN(TableMetadata v3, Parse(Minimal(3)));
  EXPECT_TRUE(MetadataToJson(v3)["current-snapshot-id"].is_null());
}

TEST(Metadata, UnknownKeysSurviveARoundTrip) {
  Json json = Minimal(3);
  json["next-row-id"] = 77;
  json["encryption-keys"] = Json::array({{{"key-id", "k"}}});
  json["from-the-future"] = {{"a", 1}};
  json["properties"] = {{"some.unknown", "x"}, {"number", 5}};
  json["statistics"] =
      Json::array({{{"snapshot-id", 9}, {"statistics-path", "s3://b/s.puffin"}, {"file-size-in-bytes", 5}}});
  Json snapshot = SnapshotJson(9, 5);
  snapshot["first-row-id"] = 0;
  snapshot["added-rows"] = 77;
  snapshot["new-thing"] = true;
  json["snapshots"] = Json::array({snapshot});
  json["current-snapshot-id"] = 9;
  ASSERT_OK_AND_ASSIGN(TableMetadata metadata, Parse(json));
  Json out = MetadataToJson(metadata);
  EXPECT_EQ(out["from-the-future"], json["from-the-future"]);
  EXPECT_EQ(out["encryption-keys"], json["encryption-keys"]);
  EXPECT_EQ(out["next-row-id"], 77);
  EXPECT_EQ(out["snapshots"], json["snapshots"]);
  EXPECT_EQ(out["statistics"], json["statistics"]);
  EXPECT_EQ(out["properties"]["some.unknown"], "x");
  EXPECT_EQ(out["properties"]["number"], "5");
  EXPECT_EQ(out["refs"]["main"]["snapshot-id"], 9);
  ASSERT_OK_AND_ASSIGN(TableMetadata again, Parse(out));
  EXPECT_EQ(MetadataToJson(again), out);
}

TEST(Metadata, GzipIsRecognisedByContent) {  // rule 58
  EXPECT_OK(ParseMetadata(Gzip(Minimal().dump()), "s3://b/t/metadata/00000-x.metadata.json"));
  std::string torn = Gzip(Minimal().dump());
  torn.resize(torn.size() / 2);
  EXPECT_THAT(ParseMetadata(torn, "s3://b/x"), AllOf(HasKind(ErrorKind::kCorrupt), HasMessage(HasSubstr("s3://b/x"))));
}

TEST(Metadata, VersionsThatAreNotReadAreNamed) {  // META-4, rule 32
  for (int version : {0, 4, 99}) {
    EXPECT_THAT(Parse(Minimal(version)),
                AllOf(HasKind(ErrorKind::kUnsupported),
                      HasMessage(HasSubstr(fmt::format("unsupported iceberg format version {}", version)))));
  }
}

TEST(Metadata, MissingFieldsAreNamed) {
  for (const char* key : {"format-version", "table-uuid", "location", "last-updated-ms", "last-column-id", "schemas",
                          "current-schema-id", "partition-specs", "default-spec-id", "last-sequence-number"}) {
    Json json = Minimal();
    json.erase(key);
    EXPECT_THAT(Parse(json),
                AllOf(HasKind(ErrorKind::kCorrupt),
                      HasMessage(HasSubstr(fmt::format("missing field in Iceberg table metadata: {}", key)))));
  }
}

TEST(Metadata, WhatWouldReadWrongDataIsRefused) {
  Json json = Minimal();
  json["current-snapshot-id"] = 5;
  EXPECT_THAT(Parse(json), HasMessage(HasSubstr("current snapshot 5 is not among")));
  json["snapshots"] = Json::array({SnapshotJson(5, 5), SnapshotJson(6, 4)});
  EXPECT_OK(Parse(json));
  json["refs"] = {{"main", {{"snapshot-id", 6}, {"type", "branch"}}}};
  EXPECT_THAT(Parse(json), HasMessage(HasSubstr("branch main is at snapshot 6")));
  json = Minimal();
  json["snapshots"] = Json::array({SnapshotJson(5, 6)});
  EXPECT_THAT(Parse(json), HasMessage(HasSubstr("sequence number 6")));
  json = Minimal();
  json["current-schema-id"] = 7;
  EXPECT_THAT(Parse(json), HasMessage(HasSubstr("current schema 7")));
  for (const char* location : {"/plain/path", "metadata/x.avro", "", "s3:", "file:///a\n"}) {
    json = Minimal();
    json["location"] = location;
    EXPECT_THAT(Parse(json), HasKind(ErrorKind::kCorrupt)) << location;
  }
}

TEST(Metadata, LastColumnIdIsCorrectedUpwards) {  // rule 2
  Json json = Minimal();
  json["schemas"][0]["fields"].push_back({{"id", 9}, {"name", "b"}, {"required", false}, {"type", "int"}});
  EXPECT_EQ(Parse(json)->last_column_id, FieldId{9});
}

TEST(Metadata, Version1WithSingleSchemaAndSpec) {
  Json json = Json::parse(R"({"format-version":1,"location":"s3://b/t","last-updated-ms":1,"last-column-id":1,
    "schema":{"type":"struct","fields":[{"id":1,"name":"a","required":false,"type":"int"}]},
    "partition-spec":[{"source-id":1,"name":"a","transform":"identity"}],
    "snapshots":[{"snapshot-id":3,"timestamp-ms":1,"manifests":["s3://b/t/m1.avro"]}],"current-snapshot-id":3})");
  ASSERT_OK_AND_ASSIGN(TableMetadata metadata, Parse(json));
  EXPECT_EQ(metadata.table_uuid, std::nullopt);
  EXPECT_EQ(metadata.last_partition_id, FieldId{1000});
  EXPECT_EQ(metadata.current_snapshot()->sequence_number, SequenceNumber{0});
  EXPECT_EQ(metadata.current_snapshot()->manifests.front(), Location("s3://b/t/m1.avro"));
  EXPECT_EQ(MetadataToJson(*ParseMetadataJson(MetadataToJson(metadata), "again")), MetadataToJson(metadata));
}

TEST(Metadata, TimeTravelGoesByTheLog) {  // rule 49
  Json json = Minimal();
  json["snapshots"] = Json::array({SnapshotJson(5, 1), SnapshotJson(6, 2)});
  json["current-snapshot-id"] = 5;
  json["snapshot-log"] = Json::parse(R"([{"timestamp-ms":100,"snapshot-id":5},{"timestamp-ms":200,"snapshot-id":6},
                                         {"timestamp-ms":300,"snapshot-id":5}])");
  ASSERT_OK_AND_ASSIGN(TableMetadata metadata, Parse(json));
  EXPECT_EQ(metadata.SnapshotAsOf(99), nullptr);
  EXPECT_EQ(metadata.SnapshotAsOf(250)->snapshot_id, SnapshotId{6});
  EXPECT_EQ(metadata.SnapshotAsOf(300)->snapshot_id, SnapshotId{5});
}

TEST(Metadata, PyIcebergsTablesRoundTrip) {
  for (const char* name : {"plain_v1", "plain_v2", "partitioned"}) {
    MapSource source;
    TableMetadata metadata = LoadFixture(name, source);
    ASSERT_OK_AND_ASSIGN(std::string text, MetadataToText(metadata));
    ASSERT_OK_AND_ASSIGN(TableMetadata again, ParseMetadata(text, name));
    EXPECT_EQ(MetadataToJson(again), MetadataToJson(metadata)) << name;
  }
}

TEST(Location, NamesAndVersions) {  // META-1, rule 57
  lake::Uuid uuid = *lake::Uuid::Parse("f79c3e09-677c-4bbd-a479-3f349cb785e7");
  Location file = MetadataFileLocation(Location("s3://b/t/"), 12, uuid);
  EXPECT_EQ(file.str(), "s3://b/t/metadata/00012-f79c3e09-677c-4bbd-a479-3f349cb785e7.metadata.json");
  EXPECT_EQ(MetadataVersion(file), 12);
  EXPECT_EQ(MetadataVersion(Location("s3://b/t/metadata/v7.metadata.json")), 7);
  EXPECT_EQ(MetadataVersion(Location("s3://b/t/metadata/abc.metadata.json")), -1);
  EXPECT_EQ(MetadataVersion(Location("s3://b/t/metadata/99999999999-x.json")), -1);
  EXPECT_EQ(ManifestListLocation(Location("s3://b/t"), SnapshotId{5}, 1, uuid).str(),
            "s3://b/t/metadata/snap-5-1-f79c3e09-677c-4bbd-a479-3f349cb785e7.avro");
  EXPECT_GT(RandomSnapshotId(), SnapshotId{0});
}

TEST(MetricsConfig, PropertiesDecide) {  // rule 79
  Schema schema = TestTable().metadata.current_schema();
  auto modes = MetricsModes(
      schema, {{"write.metadata.metrics.default", "counts"}, {"write.metadata.metrics.column.name", "truncate(4)"}});
  EXPECT_EQ(modes.at(FieldId{1}).kind, MetricsMode::Kind::kCounts);
  EXPECT_EQ(modes.at(FieldId{2}).width, 4);
  EXPECT_EQ(MetricsModes(schema, {}).at(FieldId{3}), (MetricsMode{MetricsMode::Kind::kTruncate, 16}));
  EXPECT_THAT(ParseMetricsMode("truncate(0)"), HasKind(ErrorKind::kInvalidInput));
}

}  // namespace
}  // namespace lake::iceberg
