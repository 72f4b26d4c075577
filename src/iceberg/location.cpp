#include "iceberg/location.h"

#include <charconv>
#include <cstring>

#include "iceberg/metadata.h"

namespace lake::iceberg {

namespace {

constexpr size_t kMaxLocationSize = 16384;

bool IsSchemeCharacter(char c, bool first) {
  bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || (!first && ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'));
}

Location DirectoryOf(const TableMetadata& metadata, const std::string& property, std::string_view name) {
  auto at = metadata.properties.find(property);
  if (at == metadata.properties.end() || at->second.empty()) return JoinLocation(metadata.location, name);
  std::string directory = at->second;
  while (directory.size() > 1 && directory.back() == '/') directory.pop_back();
  return Location(directory);
}

}  // namespace

Status CheckLocation(std::string_view text) {
  if (text.size() > kMaxLocationSize) {
    return InvalidInput("location has {} bytes, at most {} are allowed", text.size(), kMaxLocationSize);
  }
  size_t scheme = 0;
  while (scheme < text.size() && IsSchemeCharacter(text[scheme], scheme == 0)) scheme++;
  if (scheme == 0 || !text.substr(scheme).starts_with(":/") || text.size() < scheme + 3) {
    return InvalidInput("invalid location \"{}\": expected an absolute URI such as s3://bucket/key", text);
  }
  for (char c : text) {
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7f) return InvalidInput("location contains a control character");
  }
  return {};
}

Location JoinLocation(const Location& base, std::string_view name) {
  std::string_view directory = base.str();
  while (directory.ends_with('/') && !directory.ends_with("://")) directory.remove_suffix(1);
  return Location(fmt::format("{}/{}", directory, name));
}

Location MetadataFileLocation(const Location& table, int version, const Uuid& uuid) {
  return JoinLocation(table, fmt::format("metadata/{:05}-{}.metadata.json", version, uuid.ToString()));
}

int MetadataVersion(const Location& metadata_file) {
  std::string_view name = metadata_file.str();
  name.remove_prefix(name.rfind('/') + 1);           // npos + 1 is 0
  if (name.starts_with('v')) name.remove_prefix(1);  // Hadoop tables: v3.metadata.json
  int version = -1;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), version);
  if (error != std::errc() || version < 0 || end == name.data() + name.size() || (*end != '-' && *end != '.'))
    return -1;
  return version;
}

Location ManifestListLocation(const Location& table, SnapshotId snapshot_id, int attempt, const Uuid& uuid) {
  return JoinLocation(table, fmt::format("metadata/snap-{}-{}-{}.avro", snapshot_id, attempt, uuid.ToString()));
}

Location DataDirectory(const TableMetadata& metadata) { return DirectoryOf(metadata, "write.data.path", "data"); }

Location MetadataDirectory(const TableMetadata& metadata) {
  return DirectoryOf(metadata, "write.metadata.path", "metadata");
}

SnapshotId RandomSnapshotId() {
  while (true) {
    Uuid uuid = Uuid::Random();
    int64_t high = 0;
    int64_t low = 0;
    std::memcpy(&high, uuid.bytes.data(), 8);
    std::memcpy(&low, uuid.bytes.data() + 8, 8);
    // The fixed bits of a version-4 UUID are in different places of the two halves.
    int64_t id = (high ^ low) & INT64_MAX;
    if (id != 0) return SnapshotId{id};
  }
}

}  // namespace lake::iceberg
