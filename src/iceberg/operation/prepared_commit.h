// What every table operation yields: the files to write, and the metadata that makes them the table. Operations write
// nothing themselves; the caller puts the files (in parallel, in any order) and then swaps its pointer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "iceberg/metadata.h"
#include "iceberg/scan.h"

namespace lake::iceberg {

/// In the summary of every snapshot that we make; the scan takes the files that such snapshots added for our own.
inline constexpr const char* kEngineNameKey = "engine-name";
inline constexpr const char* kEngineName = "pg_lake";

/// Names and times that the caller has chosen (and recorded, so that they can be cleaned up) beforehand.
struct CommitNames {
  std::optional<Location> base_location;  // the base's metadata file; absent when the base was never written
  Location metadata_location;             // the new metadata file
  Location manifest_prefix;               // manifests are "<prefix>-m<N>.avro", N from 0
  Location manifest_list;
  SnapshotId snapshot_id;
  int64_t timestamp_ms = 0;
  std::string engine_name = kEngineName;  // summary: engine-name, engine-version
  std::string engine_version;
};

struct NewFile {
  Location location;
  std::string bytes;
};

struct PreparedCommit {
  TableMetadata metadata;      // of the new state
  std::vector<NewFile> files;  // manifests, the manifest list, and last the metadata file
  TableTotals totals;          // of the new state
  bool has_snapshot = false;   // false: nothing but the metadata file is new
};

/// No snapshot, only the metadata: a table just created, or changed by updates.
Result<PreparedCommit> PrepareMetadata(TableMetadata metadata, const Location& metadata_location,
                                       ManifestSource& source);

}  // namespace lake::iceberg
