// Manifests and manifest lists whose Avro is right and whose content lies: the table that they make is planned, counted
// and verified. What a manifest has is also what the table has, so that its schema and spec fit; a list is read beside
// one manifest that is as it should be.
#include <cstdlib>
#include <map>
#include <string_view>

#include "avro_bytes.h"
#include "iceberg/operation/snapshot_update.h"
#include "iceberg/scan.h"
#include "iceberg/verify.h"

namespace lake::iceberg {
namespace {

const Location kList("file:///t/metadata/snap-1.avro");

class FixedSource : public ManifestSource {
 public:
  FixedSource(std::vector<ManifestFile> lines, std::map<ManifestContent, ManifestPtr> manifests)
      : lines_(std::make_shared<const std::vector<ManifestFile>>(std::move(lines))), manifests_(std::move(manifests)) {}
  Result<ListPtr> List(const Location&) override { return lines_; }
  Result<ManifestPtr> Get(const ManifestFile& line) override {
    auto at = manifests_.find(line.content);
    if (at == manifests_.end()) return NotFound("there is no such manifest");
    return at->second;
  }

 private:
  ListPtr lines_;
  std::map<ManifestContent, ManifestPtr> manifests_;
};

TableMetadata MetadataFor(const Manifest& manifest, int version) {
  TableMetadata metadata;
  metadata.format_version = version;
  metadata.location = Location("file:///t");
  metadata.schemas = {manifest.schema};
  metadata.current_schema_id = manifest.schema.id();
  metadata.partition_specs = {manifest.spec};
  metadata.default_spec_id = manifest.spec.spec_id;
  metadata.sort_orders = {SortOrder()};
  metadata.last_sequence_number = SequenceNumber{3};
  if (version >= 3) metadata.next_row_id = 1000;
  Snapshot snapshot;
  snapshot.snapshot_id = SnapshotId{1};
  snapshot.sequence_number = SequenceNumber{2};
  snapshot.manifest_list = kList;
  snapshot.summary = {{"operation", "append"}, {"total-records", "5"}, {"total-data-files", "1"}};
  metadata.current_snapshot_id = snapshot.snapshot_id;
  metadata.refs["main"].snapshot_id = snapshot.snapshot_id;
  metadata.snapshots.push_back(std::move(snapshot));
  return metadata;
}

Expression FilterOf(const Manifest& manifest) {
  Expression filter;
  for (const ManifestEntry& entry : manifest.entries) {
    for (const auto& [id, bytes] : entry.file.lower_bounds) {
      const NestedField* field = manifest.schema.Find(id);
      if (field == nullptr) continue;
      auto literal = Literal::FromBinary(field->type, bytes);
      if (literal.ok()) filter = Expression::And(filter, Expression::Compare(Expression::Kind::kGtEq, id, *literal));
    }
  }
  return filter;
}

void Use(const TableMetadata& metadata, FixedSource& source, const Manifest& manifest) {
  const Snapshot& snapshot = *metadata.current_snapshot();
  for (const Expression& filter : {Expression(), FilterOf(manifest)}) {
    auto plan = PlanScan(metadata, &snapshot, filter, source);
    if (!plan.ok()) continue;
    for (const ScanTask& task : plan->tasks) {
      if (task.file == nullptr) std::abort();
      for (const ScanDelete& at : task.deletes) static_cast<void>(OnlyDataFileOf(*at.file));
    }
  }
  auto totals = TotalsOf(&snapshot, source);
  if (totals.ok()) static_cast<void>(totals->LiveRecords());
  static_cast<void>(ReferencedFiles(metadata, source).ok());
  Problems problems;
  std::vector<ListedManifest> listed;
  for (const ManifestFile& line : **source.List(kList)) {
    auto found = source.Get(line);
    if (found.ok()) listed.push_back({line, *found});
  }
  VerifySnapshot(metadata, snapshot, listed, true, problems);
}

ManifestFile LineFor(ManifestContent content) {
  ManifestFile line;
  line.manifest_path = Location("file:///t/metadata/m.avro");
  line.content = content;
  line.sequence_number = line.min_sequence_number = SequenceNumber{2};
  line.added_snapshot_id = SnapshotId{1};
  if (content == ManifestContent::kData) line.first_row_id = 10;
  return line;
}

/// A manifest of delete files is read beside one that has its files as data files. False for what is no manifest.
bool UseManifest(std::string_view bytes, ManifestContent content) {
  ManifestFile line = LineFor(content);  // whose content counts where the manifest does not say
  auto read = ReadManifest(bytes, line);
  if (!read.ok()) return false;
  line.content = read->content;
  line.partition_spec_id = read->spec.spec_id;
  auto manifest = std::make_shared<const Manifest>(*std::move(read));
  auto data = std::make_shared<Manifest>(*manifest);
  data->content = ManifestContent::kData;
  for (ManifestEntry& entry : data->entries) {
    if (entry.file.is_deletion_vector()) entry.file.file_format = FileFormat::kParquet;
    if (entry.file.referenced_data_file) entry.file.file_path = *entry.file.referenced_data_file;
    entry.file.content = FileContent::kData;
  }
  ManifestFile data_line = LineFor(ManifestContent::kData);
  data_line.partition_spec_id = line.partition_spec_id;
  std::map<ManifestContent, ManifestSource::ManifestPtr> manifests = {{ManifestContent::kData, data}};
  std::vector<ManifestFile> lines = {data_line};
  if (manifest->content == ManifestContent::kDeletes) {
    manifests[ManifestContent::kDeletes] = manifest;
    lines.push_back(line);
  }
  FixedSource source(lines, manifests);
  Use(MetadataFor(*manifest, manifest->format_version >= 3 ? 3 : 2), source, *manifest);
  static_cast<void>(manifest->MemoryUsage());
  return true;
}

void UseList(std::string_view bytes) {
  auto lines = ReadManifestList(bytes, "fuzz");
  if (!lines.ok()) return;
  Manifest manifest;
  manifest.schema = Schema(SchemaId{0}, {{FieldId{1}, "id", false, TypeId::kLong, std::nullopt}});
  PartitionField field;
  field.source_ids = {FieldId{1}};
  field.field_id = FieldId{1000};
  field.name = "id";
  manifest.spec.fields = {field};
  ManifestEntry entry;
  entry.file.file_path = Location("file:///t/data/a.parquet");
  entry.file.record_count = 5;
  entry.file.file_size_in_bytes = 400;
  entry.file.partition = {Literal::Long(3)};
  entry.file.lower_bounds.Set(FieldId{1}, Literal::Long(3).ToBinary());
  manifest.entries = {entry};
  auto data = std::make_shared<const Manifest>(manifest);
  manifest.content = ManifestContent::kDeletes;
  manifest.entries[0].file.content = FileContent::kPositionDeletes;
  auto deletes = std::make_shared<const Manifest>(manifest);
  FixedSource source(*lines, {{ManifestContent::kData, data}, {ManifestContent::kDeletes, deletes}});
  for (int version : {2, 3}) Use(MetadataFor(*data, version), source, *data);
}

}  // namespace
}  // namespace lake::iceberg

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lake::iceberg;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (!UseManifest(bytes, ManifestContent::kData) && !UseManifest(bytes, ManifestContent::kDeletes)) UseList(bytes);
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  return lake::fuzz::MutateAvro(data, size, max_size, seed);
}
