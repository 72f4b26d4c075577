// Adds a Parquet file that is there already: iceberg_append file:///old.metadata.json file:///t/data/x.parquet rows
// bytes The last line printed is the new metadata file; making it the table is the caller's (one swap of a pointer).
#include <chrono>
#include <iostream>
#include <random>

#include "iceberg/operation/append_files.h"
#include "storage/local_store.h"

using namespace lake::iceberg;

lake::Status Run(const std::string& location, const std::string& path, int64_t rows, int64_t bytes) {
  lake::storage::LocalStore store(lake::storage::LocalPolicy({"/"}));
  LAKE_ASSIGN_OR_RETURN(std::string text, store.Get(location));
  LAKE_ASSIGN_OR_RETURN(TableMetadata table, ParseMetadata(text, location));
  DataFile file;
  file.file_path = Location(path);
  file.record_count = rows;
  file.file_size_in_bytes = bytes;
  std::string id = lake::Uuid::Random().ToString(), folder = table.location.str() + "/metadata/";
  CommitNames names;
  names.base_location = Location(location);
  names.metadata_location = Location(folder + "00001-" + id + ".metadata.json");
  names.manifest_prefix = Location(folder + id);
  names.manifest_list = Location(folder + "snap-" + id + ".avro");
  names.snapshot_id = SnapshotId{static_cast<int64_t>(std::random_device()())};
  names.timestamp_ms = std::chrono::system_clock::now().time_since_epoch() / std::chrono::milliseconds(1);
  StoreManifestSource manifests(store);
  LAKE_ASSIGN_OR_RETURN(PreparedCommit commit, AppendFiles(table, manifests).Add(std::move(file)).Prepare(names));
  for (const NewFile& made : commit.files) {
    auto put = store.Put(made.location.str(), made.bytes, {.if_absent = true});
    if (!put.ok()) return put.error();
    std::cout << made.location.str() << "\n";
  }
  return {};
}

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  auto status = Run(argv[1], argv[2], std::stoll(argv[3]), std::stoll(argv[4]));
  if (!status.ok()) std::cerr << status.error().message() << "\n";
  return status.ok() ? 0 : 1;
}
