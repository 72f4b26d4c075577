// A table in memory for tests: files by location, a manifest source over them, and commits with made-up names.
#pragma once

#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "base/result_matchers.h"
#include "iceberg/location.h"
#include "iceberg/operation/create_table.h"
#include "iceberg/operation/snapshot_update.h"

namespace lake::iceberg {

class MapSource : public ManifestSource {
 public:
  Result<ListPtr> List(const Location& list) override {
    LAKE_ASSIGN_OR_RETURN(std::string bytes, Read(list));
    LAKE_ASSIGN_OR_RETURN(auto lines, ReadManifestList(bytes, list.str()));
    return ListPtr(std::make_shared<const std::vector<ManifestFile>>(std::move(lines)));
  }
  Result<ManifestPtr> Get(const ManifestFile& manifest) override {
    LAKE_ASSIGN_OR_RETURN(std::string bytes, Read(manifest.manifest_path));
    LAKE_ASSIGN_OR_RETURN(Manifest parsed, ReadManifest(bytes, manifest));
    manifests_read++;
    return ManifestPtr(std::make_shared<const Manifest>(std::move(parsed)));
  }
  Result<std::string> Read(const Location& location) {
    auto at = files.find(location);
    if (at == files.end()) return NotFound("file \"{}\" does not exist", location);
    return at->second;
  }

  std::map<Location, std::string> files;
  int manifests_read = 0;
};

/// What a metadata file of it would hold.
inline Json MetadataToJson(const TableMetadata& metadata) {
  auto text = MetadataToText(metadata);
  EXPECT_OK(text);
  return Json::parse(*text);
}

/// The folder data/<name> under the locations that its metadata says.
inline TableMetadata LoadFixture(const std::string& name, MapSource& source) {
  std::string folder = std::string(LAKE_ICEBERG_TEST_DATA) + "/" + name;
  auto slurp = [](const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  auto metadata = ParseMetadata(slurp(folder + "/current.metadata.json"), name);
  EXPECT_OK(metadata);
  auto add = [&](const Location& location) {
    source.files[location] = slurp(folder + "/" + location.str().substr(location.str().rfind('/') + 1));
  };
  for (const Snapshot& snapshot : metadata->snapshots) {
    add(snapshot.manifest_list);
    auto list = source.List(snapshot.manifest_list);
    EXPECT_OK(list);
    for (const ManifestFile& manifest : **list) add(manifest.manifest_path);
  }
  return *metadata;
}

/// A table with columns id long, name string, ts timestamp.
class TestTable {
 public:
  explicit TestTable(std::vector<NewPartitionField> partition = {}, Properties properties = {}) {
    auto created = CreateTable(Location("file:///t"), {{"id", TypeId::kLong, true, std::nullopt},
                                                       {"name", TypeId::kString, false, std::nullopt},
                                                       {"ts", TypeId::kTimestamp, false, std::nullopt}})
                       .PartitionBy(std::move(partition))
                       .WithProperties(std::move(properties))
                       .Build(1000);
    EXPECT_OK(created);
    metadata = *created;
  }

  /// A data file of `rows` rows with ids low to high.
  DataFile File(const std::string& name, int64_t low, int64_t high, PartitionTuple partition = {}) const {
    DataFile file;
    file.file_path = Location("file:///t/data/" + name);
    file.partition = std::move(partition);
    file.record_count = high - low + 1;
    file.file_size_in_bytes = 100;
    file.value_counts.Set(FieldId{1}, file.record_count);
    file.null_value_counts.Set(FieldId{1}, 0);
    file.lower_bounds.Set(FieldId{1}, Literal::Long(low).ToBinary());
    file.upper_bounds.Set(FieldId{1}, Literal::Long(high).ToBinary());
    return file;
  }

  CommitNames NextNames() {
    CommitNames names;
    commits_++;
    names.base_location = current;
    names.metadata_location = Location(fmt::format("file:///t/metadata/{:05}-x.metadata.json", commits_));
    names.manifest_prefix = Location(fmt::format("file:///t/metadata/c{}", commits_));
    names.manifest_list = Location(fmt::format("file:///t/metadata/snap-{}.avro", commits_));
    names.snapshot_id = SnapshotId{1000 + commits_};
    names.timestamp_ms = 1000 + commits_ * 10;
    names.engine_version = "1.0";
    return names;
  }

  Result<PreparedCommit> Apply(const SnapshotUpdate& update) {
    CommitNames names = NextNames();
    auto prepared = update.Prepare(names);
    if (!prepared.ok()) return prepared;
    for (const NewFile& file : prepared->files) source.files[file.location] = file.bytes;
    metadata = prepared->metadata;
    current = names.metadata_location;
    return prepared;
  }

  Result<PreparedCommit> Append(std::vector<DataFile> files) {
    SnapshotUpdate update(metadata, source);
    for (DataFile& file : files) update.AddDataFile(std::move(file));
    return Apply(update);
  }

  std::vector<std::string> Scan(const Expression& filter = {}) {
    auto plan = PlanScan(metadata, metadata.current_snapshot(), filter, source);
    EXPECT_OK(plan);
    std::vector<std::string> names;
    for (const ScanTask& task : plan->tasks) names.push_back(task.file->file_path.str().substr(15));
    return names;
  }

  MapSource source;
  TableMetadata metadata;
  std::optional<Location> current;

 private:
  int commits_ = 0;
};

}  // namespace lake::iceberg
