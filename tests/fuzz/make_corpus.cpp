// Writes seeds for the fuzz targets: small files in which every part of the formats occurs once, uncompressed so that
// mutations reach the content.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "iceberg/operation/create_table.h"
#include "iceberg/operation/snapshot_update.h"

namespace lake::iceberg {
namespace {

void Write(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

ManifestEntry EntryOf(FileContent content, PartitionTuple partition) {
  ManifestEntry entry;
  entry.file.content = content;
  entry.file.file_path = Location("s3://b/t/a.parquet");
  entry.file.partition = std::move(partition);
  entry.file.record_count = 3;
  entry.file.file_size_in_bytes = 400;
  entry.file.value_counts.Set(FieldId{1}, 3);
  entry.file.null_value_counts.Set(FieldId{1}, 0);
  entry.file.lower_bounds.Set(FieldId{1}, Literal::Long(1).ToBinary());
  entry.file.upper_bounds.Set(FieldId{1}, Literal::Long(3).ToBinary());
  entry.file.lower_bounds.Set(FieldId{2}, "abc");
  entry.file.split_offsets = {4};
  if (content == FileContent::kEqualityDeletes) entry.file.equality_ids = {FieldId{1}};
  return entry;
}

Status Make(const std::filesystem::path& folder) {
  std::vector<NewColumn> columns = {
      {"id", TypeId::kLong, true, "key"},
      {"s", TypeId::kString, false, std::nullopt},
      {"d", Type::Decimal(9, 2), false, std::nullopt},
      {"u", TypeId::kUuid, false, std::nullopt},
      {"l", Type::List(FieldId{0}, TypeId::kDate, true), false, std::nullopt},
      {"m",
       Type::Map(FieldId{0}, TypeId::kString, FieldId{0},
                 Type::Struct({{FieldId{0}, "x", false, TypeId::kDouble, std::nullopt}}), false),
       false, std::nullopt},
      {"t", TypeId::kTimestampTz, false, std::nullopt}};
  LAKE_ASSIGN_OR_RETURN(TableMetadata metadata, CreateTable(Location("s3://b/t"), columns)
                                                    .PartitionBy({{"id", Transform::Bucket(4), ""},
                                                                  {"d", Transform::Truncate(10), ""},
                                                                  {"u", Transform::Identity(), ""},
                                                                  {"t", Transform::Day(), ""}})
                                                    .WithProperties({{"write.format.default", "parquet"}})
                                                    .WithUuid(lake::Uuid())
                                                    .Build(1700000000000));
  LAKE_ASSIGN_OR_RETURN(std::string text, MetadataToText(metadata));
  Write(folder / "metadata" / "created.json", text);
  Snapshot snapshot;
  snapshot.snapshot_id = SnapshotId{5};
  snapshot.sequence_number = metadata.last_sequence_number = SequenceNumber{1};
  snapshot.manifest_list = Location("s3://b/t/metadata/l.avro");
  snapshot.summary = {{"operation", "append"}};
  metadata.snapshots.push_back(snapshot);
  metadata.current_snapshot_id = snapshot.snapshot_id;
  metadata.refs["main"].snapshot_id = snapshot.snapshot_id;
  metadata.snapshot_log = {{1, snapshot.snapshot_id}};
  metadata.metadata_log = {{1, Location("s3://b/t/metadata/0.json")}};
  LAKE_ASSIGN_OR_RETURN(text, MetadataToText(metadata));
  Write(folder / "metadata" / "snapshot.json", text);
  metadata.format_version = 3;
  metadata.next_row_id = 7;
  LAKE_ASSIGN_OR_RETURN(text, MetadataToText(metadata));
  Write(folder / "metadata" / "version3.json", text);
  metadata.format_version = 1;
  LAKE_ASSIGN_OR_RETURN(text, MetadataToText(metadata));
  Write(folder / "metadata" / "version1.json", text);

  PartitionTuple full = {Literal::Int(3), Literal::Decimal(-10, 9, 2), Literal::Uuid(lake::Uuid()),
                         Literal::Date(19000)};
  std::vector<ManifestFile> lines;
  for (ManifestContent content : {ManifestContent::kData, ManifestContent::kDeletes}) {
    bool data = content == ManifestContent::kData;
    ManifestWriteOptions options{2, content, metadata.current_schema(), metadata.default_spec(), false};
    std::vector<ManifestEntry> entries = {
        EntryOf(data ? FileContent::kData : FileContent::kPositionDeletes, full),
        EntryOf(data ? FileContent::kData : FileContent::kEqualityDeletes, PartitionTuple(4))};
    for (bool compress : {false, true}) {
      options.compress = compress;
      LAKE_ASSIGN_OR_RETURN(
          auto written, WriteManifest(options, Location("s3://b/t/m.avro"), SnapshotId{5}, SequenceNumber{1}, entries));
      Write(folder / "avro" / fmt::format("{}{}.avro", data ? "data" : "deletes", compress ? "-deflate" : ""),
            written.bytes);
      lines.push_back(written.file);
    }
  }
  ManifestListHeader header;
  header.snapshot_id = SnapshotId{5};
  header.sequence_number = SequenceNumber{1};
  header.compress = false;
  LAKE_ASSIGN_OR_RETURN(std::string list, WriteManifestList(header, lines));
  Write(folder / "avro" / "list.avro", list);
  return {};
}

}  // namespace
}  // namespace lake::iceberg

int main(int argc, char** argv) {
  auto status = lake::iceberg::Make(argc > 1 ? argv[1] : "corpus");
  if (!status.ok()) std::cerr << status.error().message() << "\n";
  return status.ok() ? 0 : 1;
}
