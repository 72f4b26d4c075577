// Avro files as a bucket could hold them: read generically, as a manifest and as a manifest list; what was read is used
// the way a scan does, and what can be read can be written and read again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "avro/file.h"
#include "iceberg/expression.h"

namespace lake::iceberg {
namespace {

void Generic(std::string_view bytes) {
  auto reader = avro::FileReader::Open(bytes, "fuzz");
  if (!reader.ok()) return;
  auto status = reader->ForEach([&](avro::Decoder& decoder) -> Status {
    decoder.Skip(reader->schema());
    return {};
  });
  static_cast<void>(status.ok());
}

/// A filter over every primitive column, with constants taken from the bounds themselves.
void Prune(const Manifest& manifest) {
  for (const ManifestEntry& entry : manifest.entries) {
    for (FieldId id : manifest.schema.AllFieldIds()) {
      const std::string* bytes = entry.file.lower_bounds.Find(id);
      if (bytes == nullptr) continue;
      auto literal = Literal::FromBinary(manifest.schema.Find(id)->type, *bytes);
      if (!literal.ok()) continue;
      auto bound = Bind(Expression::Not(Expression::Compare(Expression::Kind::kLt, id, *literal)), manifest.schema);
      if (!bound.ok()) std::abort();
      MetricsMayMatch(*bound, manifest.schema, entry.file);
      TupleMayMatch(ProjectToPartition(*bound, manifest.spec, manifest.schema), manifest.spec, entry.file.partition);
      static_cast<void>(TruncateUpperBound(*literal, 3));
      static_cast<void>(literal->ToJson());
    }
    static_cast<void>(PartitionPath(manifest.spec, entry.file.partition));
  }
}

void WriteAgain(const Manifest& manifest) {
  std::vector<ManifestEntry> entries = manifest.entries;
  for (ManifestEntry& entry : entries) {
    entry.status = ManifestEntry::Status::kAdded;
    entry.file.spec_id = manifest.spec.spec_id;
    if (entry.file.partition.size() != manifest.spec.fields.size()) return;
    if (entry.file.file_format == FileFormat::kPuffin) return;  // v3
  }
  ManifestWriteOptions options{2, manifest.content, manifest.schema, manifest.spec, false};
  auto written = WriteManifest(options, Location("file:///f"), SnapshotId{1}, SequenceNumber{1}, entries);
  if (!written.ok()) return;  // text that is not UTF-8 has no JSON
  auto again = ReadManifest(written->bytes, written->file);
  if (!again.ok() || again->entries.size() != entries.size()) std::abort();
}

}  // namespace
}  // namespace lake::iceberg

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lake::iceberg;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Generic(bytes);
  for (ManifestContent content : {ManifestContent::kData, ManifestContent::kDeletes}) {
    ManifestFile line;
    line.manifest_path = Location("file:///fuzz");
    line.content = content;
    auto manifest = ReadManifest(bytes, line);
    if (!manifest.ok()) continue;
    Prune(*manifest);
    WriteAgain(*manifest);
  }
  auto list = ReadManifestList(bytes, "fuzz");
  if (list.ok()) {
    for (const ManifestFile& line : *list) static_cast<void>(line.may_have_live_files());
  }
  return 0;
}
