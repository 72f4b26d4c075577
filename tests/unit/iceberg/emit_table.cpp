// Writes an Iceberg table with the library alone, for other readers to check (pyiceberg_check.py):
//
//   emit_table file:///tmp/t < description.json      prints the location of the last metadata file
//
//   {"columns": [{"name", "type", "required"}], "partition_by": [{"column", "transform"}],
//    "commits": [{"truncate": bool, "remove": [locations], "add": [content files]}]}
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "iceberg/content_file_json.h"
#include "iceberg/location.h"
#include "iceberg/operation/create_table.h"
#include "iceberg/operation/snapshot_update.h"

namespace lake::iceberg {
namespace {

std::string PathOf(const Location& location) { return location.str().substr(std::string("file://").size()); }

int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

class DirectorySource : public ManifestSource {
 public:
  Result<ListPtr> List(const Location& list) override {
    LAKE_ASSIGN_OR_RETURN(auto lines, ReadManifestList(Slurp(list), list.str()));
    return ListPtr(std::make_shared<const std::vector<ManifestFile>>(std::move(lines)));
  }
  Result<ManifestPtr> Get(const ManifestFile& manifest) override {
    LAKE_ASSIGN_OR_RETURN(Manifest parsed, ReadManifest(Slurp(manifest.manifest_path), manifest));
    return ManifestPtr(std::make_shared<const Manifest>(std::move(parsed)));
  }

 private:
  static std::string Slurp(const Location& location) {
    std::ifstream in(PathOf(location), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
};

void WriteFiles(const PreparedCommit& prepared) {
  for (const NewFile& file : prepared.files) {
    std::filesystem::create_directories(std::filesystem::path(PathOf(file.location)).parent_path());
    std::ofstream(PathOf(file.location), std::ios::binary) << file.bytes;
  }
}

Result<TableMetadata> Create(const Location& location, const Json& description) {
  std::vector<NewColumn> columns;
  for (const Json& column : description["columns"]) {
    LAKE_ASSIGN_OR_RETURN(Type type, ParseType(column["type"]));
    columns.push_back({column["name"], type, column.value("required", false), std::nullopt});
  }
  std::vector<NewPartitionField> partition;
  for (const Json& field : description.value("partition_by", Json::array())) {
    LAKE_ASSIGN_OR_RETURN(Transform transform, Transform::Parse(field["transform"].get<std::string>()));
    partition.push_back({field["column"], transform, ""});
  }
  return CreateTable(location, columns).PartitionBy(partition).Build(NowMs());
}

Result<Location> Emit(const Location& location, const Json& description) {
  DirectorySource source;
  LAKE_ASSIGN_OR_RETURN(TableMetadata metadata, Create(location, description));
  Location current = MetadataFileLocation(location, 0, lake::Uuid::Random());
  LAKE_ASSIGN_OR_RETURN(PreparedCommit created, PrepareMetadata(metadata, current, source));
  WriteFiles(created);
  for (const Json& commit : description["commits"]) {
    SnapshotUpdate update(metadata, source);
    if (commit.value("truncate", false)) update.RemoveAll();
    for (const Json& file : commit.value("remove", Json::array())) update.RemoveFile(Location(file.get<std::string>()));
    for (const Json& file : commit.value("add", Json::array())) {
      LAKE_ASSIGN_OR_RETURN(DataFile parsed, ParseDataFile(file, metadata.partition_specs, metadata.current_schema()));
      parsed.content == FileContent::kData ? update.AddDataFile(parsed) : update.AddDeleteFile(parsed);
    }
    if (commit.contains("merge_at")) update.SetManifestMerge(commit["merge_at"], 8 << 20);
    CommitNames names;
    names.base_location = current;
    names.metadata_location = MetadataFileLocation(location, MetadataVersion(current) + 1, lake::Uuid::Random());
    names.manifest_prefix = JoinLocation(location, "metadata/" + lake::Uuid::Random().ToString());
    names.snapshot_id = RandomSnapshotId();
    names.manifest_list = ManifestListLocation(location, names.snapshot_id, 1, lake::Uuid::Random());
    names.timestamp_ms = NowMs();
    names.engine_version = "test";
    LAKE_ASSIGN_OR_RETURN(PreparedCommit prepared, update.Prepare(names));
    WriteFiles(prepared);
    metadata = prepared.metadata;
    current = names.metadata_location;
  }
  return current;
}

}  // namespace
}  // namespace lake::iceberg

int main(int argc, char** argv) {
  std::string text(std::istreambuf_iterator<char>(std::cin), {});
  auto description = lake::ParseJson(text, "description");
  if (argc != 2 || !description.ok()) {
    std::cerr << "usage: emit_table file:///directory < description.json\n";
    return 2;
  }
  auto location = lake::iceberg::Emit(lake::iceberg::Location(argv[1]), *description);
  if (!location.ok()) {
    std::cerr << location.error().message() << "\n";
    return 1;
  }
  std::cout << location->str() << "\n";
  return 0;
}
