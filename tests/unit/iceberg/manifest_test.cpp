#include "iceberg/manifest.h"

#include "avro/file.h"
#include "iceberg/content_file_json.h"
#include "test_table.h"

namespace lake::iceberg {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const Location kLocation("file:///t/metadata/x-m0.avro");

DataFile RichFile(const TestTable& table) {
  DataFile file = table.File("a.parquet", 1, 10);
  file.column_sizes.Set(FieldId{1}, 55);
  file.nan_value_counts.Set(FieldId{3}, 2);
  file.key_metadata = "key";
  file.split_offsets = {4, 1000};
  file.sort_order_id = SortOrderId{0};
  return file;
}

ManifestWriteOptions Options(const TestTable& table) {
  ManifestWriteOptions options;
  options.schema = table.metadata.current_schema();
  options.spec = table.metadata.default_spec();
  return options;
}

ManifestEntry Added(DataFile file) {
  ManifestEntry entry;
  entry.file = std::move(file);
  return entry;
}

TEST(Manifest, RoundTripKeepsEverything) {  // META-6
  TestTable table;
  ManifestEntry existing = Added(table.File("b.parquet", 11, 20));
  existing.status = ManifestEntry::Status::kExisting;
  existing.snapshot_id = SnapshotId{5};
  existing.sequence_number = SequenceNumber{3};
  existing.file_sequence_number = SequenceNumber{4};
  ASSERT_OK_AND_ASSIGN(auto written, WriteManifest(Options(table), kLocation, SnapshotId{7}, SequenceNumber{9},
                                                   {Added(RichFile(table)), existing}));
  EXPECT_EQ(written.file.manifest_length, static_cast<int64_t>(written.bytes.size()));
  EXPECT_EQ(written.file.min_sequence_number, SequenceNumber{3});  // rule 40
  EXPECT_EQ(written.file.added_files_count, 1);
  EXPECT_EQ(written.file.existing_rows_count, 10);
  ASSERT_OK_AND_ASSIGN(Manifest read, ReadManifest(written.bytes, written.file));
  ASSERT_EQ(read.entries.size(), 2u);
  EXPECT_EQ(read.entries[0].file, RichFile(table));
  EXPECT_EQ(read.schema, table.metadata.current_schema());
  // Inheritance (rule 39): added entries take the list's numbers, others have their own.
  EXPECT_EQ(read.entries[0].sequence_number, std::nullopt);
  EXPECT_EQ(read.entries[0].SequenceNumberIn(written.file), SequenceNumber{9});
  EXPECT_EQ(read.entries[0].SnapshotIdIn(written.file), SnapshotId{7});
  EXPECT_EQ(read.entries[1].SequenceNumberIn(written.file), SequenceNumber{3});
  EXPECT_EQ(read.entries[1].FileSequenceNumberIn(written.file), SequenceNumber{4});
}

TEST(Manifest, PartitionValuesOfEveryTypeRoundTrip) {  // rules 21, 35, 36, 42
  std::vector<Literal> values = {Literal::Boolean(true),
                                 Literal::Int(-5),
                                 Literal::Long(1LL << 40),
                                 Literal::Float(1.5f),
                                 Literal::Double(-0.0),
                                 Literal::Decimal(-123, 9, 2),
                                 Literal::Decimal(PowerOfTen(38) - 1, 38, 0),
                                 Literal::Decimal(5, 9, 2),
                                 Literal::Date(-1),
                                 Literal::Time(1),
                                 Literal::Timestamp(-1),
                                 Literal::TimestampTz(1),
                                 Literal::String("ä/b"),
                                 Literal::Binary("\xff"),
                                 Literal::Fixed("abc"),
                                 Literal::Uuid(*lake::Uuid::Parse("f79c3e09-677c-4bbd-a479-3f349cb785e7"))};
  std::vector<NestedField> fields;
  PartitionSpec spec;
  for (size_t i = 0; i < values.size(); i++) {
    FieldId id{static_cast<int32_t>(i + 1)};
    fields.push_back(NestedField{id, fmt::format("{}/col", i), false, values[i].type(), std::nullopt});
    spec.fields.push_back({{id}, FieldId{1000 + static_cast<int32_t>(i)}, fields.back().name, Transform::Identity()});
  }
  TestTable table;
  ManifestWriteOptions options{2, ManifestContent::kData, Schema(SchemaId{0}, fields), spec, true};
  DataFile full = table.File("a.parquet", 1, 1, PartitionTuple(values.begin(), values.end()));
  DataFile nulls = table.File("b.parquet", 1, 1, PartitionTuple(values.size()));
  ASSERT_OK_AND_ASSIGN(
      auto written, WriteManifest(options, kLocation, SnapshotId{7}, SequenceNumber{1}, {Added(full), Added(nulls)}));
  ASSERT_OK_AND_ASSIGN(Manifest read, ReadManifest(written.bytes, written.file));
  EXPECT_EQ(read.entries[0].file.partition, full.partition);
  EXPECT_EQ(read.entries[1].file.partition, nulls.partition);
  EXPECT_EQ(read.spec, spec);
  ASSERT_EQ(written.file.partitions.size(), values.size());
  for (size_t i = 0; i < values.size(); i++) {
    EXPECT_TRUE(written.file.partitions[i].contains_null);
    EXPECT_EQ(written.file.partitions[i].lower_bound, values[i].ToBinary()) << i;
  }
  std::string schema = *avro::FileReader::Open(written.bytes, "x")->FindMetadata("avro.schema");
  EXPECT_THAT(schema, HasSubstr("\"name\":\"_0_x2Fcol\""));
  EXPECT_THAT(schema, HasSubstr("\"iceberg-field-name\":\"0/col\""));
}

TEST(Manifest, DroppedPartitionColumnsAreStillWritten) {
  TestTable table({{"name", Transform::Identity(), ""}});
  ManifestWriteOptions options = Options(table);
  options.schema = Schema(SchemaId{1}, {table.metadata.current_schema().fields()[0]});
  DataFile file = table.File("a.parquet", 1, 1, {Literal::String("x")});
  ASSERT_OK_AND_ASSIGN(auto written,
                       WriteManifest(options, kLocation, SnapshotId{7}, SequenceNumber{1}, {Added(file)}));
  ASSERT_OK_AND_ASSIGN(Manifest read, ReadManifest(written.bytes, written.file));
  EXPECT_EQ(read.entries[0].file.partition, file.partition);
}

TEST(Manifest, HeaderIsThatOfTheSpecification) {  // rules 33 and 34
  TestTable table;
  ASSERT_OK_AND_ASSIGN(auto written, WriteManifest(Options(table), kLocation, SnapshotId{7}, SequenceNumber{1}, {}));
  ASSERT_OK_AND_ASSIGN(auto reader, avro::FileReader::Open(written.bytes, "x"));
  EXPECT_EQ(*reader.FindMetadata("partition-spec"), "[]");
  EXPECT_EQ(*reader.FindMetadata("partition-spec-id"), "0");
  EXPECT_EQ(*reader.FindMetadata("format-version"), "2");
  EXPECT_EQ(*reader.FindMetadata("content"), "data");
  EXPECT_EQ(*reader.FindMetadata("avro.codec"), "deflate");
  EXPECT_THAT(*reader.FindMetadata("schema"), HasSubstr("\"schema-id\":0"));
}

TEST(Manifest, BrokenInvariantsAreOurs) {
  TestTable table;
  ManifestEntry entry = Added(table.File("a.parquet", 1, 1));
  entry.status = ManifestEntry::Status::kDeleted;
  EXPECT_THAT(WriteManifest(Options(table), kLocation, SnapshotId{7}, SequenceNumber{1}, {entry}),
              HasKind(ErrorKind::kInternal));
  ManifestWriteOptions v1 = Options(table);
  v1.format_version = 1;
  EXPECT_THAT(WriteManifest(v1, kLocation, SnapshotId{7}, SequenceNumber{1}, {}), HasKind(ErrorKind::kUnsupported));
}

/// A manifest with one entry whose fields have no ids and whose values are as given.
std::string HandMade(const std::string& path, int64_t rows, const char* format = "PARQUET") {
  const char* schema = R"({"type":"record","name":"manifest_entry","fields":[{"name":"status","type":"int"},
    {"name":"snapshot_id","type":["long","null"]},{"name":"data_file","type":{"type":"record","name":"r2","fields":[
      {"name":"file_path","type":"string"},{"name":"file_format","type":"string"},
      {"name":"partition","type":{"type":"record","name":"r102","fields":[]}},{"name":"record_count","type":"long"},
      {"name":"file_size_in_bytes","type":"int"},{"name":"block_size_in_bytes","type":"long"}]}}]})";
  avro::FileWriter writer(schema, {{"format-version", "1"}}, avro::Codec::kNull);
  avro::Encoder& e = writer.encoder();
  e.Int(1);
  e.Branch(0);
  e.Long(42);
  e.Bytes(path);
  e.Bytes(format);
  e.Long(rows);
  e.Int(100);
  e.Long(67108864);
  EXPECT_OK(writer.EndObject());
  return *std::move(writer).Finish();
}

TEST(Manifest, FieldsAreFoundByNameWhenIdsAreMissing) {  // rules 35 and 40; v1, no spec in the header
  ManifestFile line;
  line.manifest_path = kLocation;
  ASSERT_OK_AND_ASSIGN(Manifest read, ReadManifest(HandMade("s3://b/a.parquet", 3), line));
  ASSERT_EQ(read.entries.size(), 1u);
  EXPECT_EQ(read.entries[0].file.record_count, 3);
  EXPECT_EQ(read.entries[0].file.content, FileContent::kData);
  EXPECT_EQ(read.entries[0].SnapshotIdIn(line), SnapshotId{42});
  EXPECT_EQ(read.entries[0].SequenceNumberIn(line), SequenceNumber{0});
}

TEST(Manifest, BadContentNamesTheManifest) {
  ManifestFile line;
  line.manifest_path = kLocation;
  auto names_it = HasMessage(HasSubstr(kLocation.str()));
  EXPECT_THAT(ReadManifest(HandMade("relative.parquet", 3), line), AllOf(HasKind(ErrorKind::kCorrupt), names_it));
  EXPECT_THAT(ReadManifest(HandMade("s3://b/a.parquet", -3), line), AllOf(HasKind(ErrorKind::kCorrupt), names_it));
  EXPECT_THAT(ReadManifest(HandMade("s3://b/a.parquet", INT64_MAX), line),
              HasMessage(HasSubstr("\"s3://b/a.parquet\" cannot have 9223372036854775807 rows in 100 bytes")));
  EXPECT_THAT(ReadManifest(HandMade("s3://b/a.lance", 3, "LANCE"), line), HasKind(ErrorKind::kUnsupported));
  line.content = ManifestContent::kDeletes;
  EXPECT_THAT(ReadManifest(HandMade("s3://b/a.parquet", 3), line), HasMessage(HasSubstr("does not belong")));
  EXPECT_THAT(ReadManifest("", line), names_it);
}

TEST(ManifestList, RoundTrip) {  // rules 34 and 41
  ManifestFile line;
  line.manifest_path = kLocation;
  line.manifest_length = 123;
  line.partition_spec_id = SpecId{2};
  line.content = ManifestContent::kDeletes;
  line.sequence_number = SequenceNumber{9};
  line.min_sequence_number = SequenceNumber{3};
  line.added_snapshot_id = SnapshotId{77};
  line.added_files_count = 1;
  line.existing_files_count = 2;
  line.deleted_files_count = 3;
  line.added_rows_count = 4;
  line.existing_rows_count = 5;
  line.deleted_rows_count = 1LL << 40;
  line.partitions = {{true, false, "a", "b"}, {false, std::nullopt, std::nullopt, std::nullopt}};
  line.key_metadata = "k";
  ManifestListHeader header;
  header.snapshot_id = SnapshotId{77};
  header.sequence_number = SequenceNumber{9};
  ASSERT_OK_AND_ASSIGN(std::string bytes, WriteManifestList(header, {line, line}));
  ASSERT_OK_AND_ASSIGN(auto read, ReadManifestList(bytes, "file:///t/list.avro"));
  EXPECT_EQ(read, (std::vector<ManifestFile>{line, line}));
  EXPECT_EQ(*avro::FileReader::Open(bytes, "x")->FindMetadata("parent-snapshot-id"), "null");
  line.added_rows_count.reset();
  EXPECT_THAT(WriteManifestList(header, {line}), HasKind(ErrorKind::kInternal));
}

TEST(ContentFileJson, RoundTrip) {
  TestTable table({{"name", Transform::Truncate(2), ""}});
  DataFile file = RichFile(table);
  file.partition = {Literal::String("ab")};
  file.lower_bounds.Set(FieldId{2}, std::string("\x00\xff", 2));
  file.referenced_data_file = Location("file:///t/data/z.parquet");
  const auto& metadata = table.metadata;
  ASSERT_OK_AND_ASSIGN(std::string text, DumpJson(DataFileToJson(file)));
  ASSERT_OK_AND_ASSIGN(DataFile read,
                       ParseDataFile(Json::parse(text), metadata.partition_specs, metadata.current_schema()));
  EXPECT_EQ(read, file);
  Json bad = Json::parse(text);
  bad["spec-id"] = 9;
  EXPECT_THAT(ParseDataFile(bad, metadata.partition_specs, metadata.current_schema()),
              HasMessage(HasSubstr("partition spec 9")));
  bad = Json::parse(text);
  bad["lower-bounds"]["values"].push_back("00");
  EXPECT_THAT(ParseDataFile(bad, metadata.partition_specs, metadata.current_schema()), HasKind(ErrorKind::kCorrupt));
  bad = Json::parse(text);
  bad["partition"] = Json::array();
  EXPECT_THAT(ParseDataFile(bad, metadata.partition_specs, metadata.current_schema()), HasKind(ErrorKind::kCorrupt));
}

}  // namespace
}  // namespace lake::iceberg
