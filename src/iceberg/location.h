// Names of a table's files (META-1) and what a path found in metadata must look like.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/uuid.h"
#include "iceberg/ids.h"

namespace lake::iceberg {

/// kInvalidInput unless the text is an absolute URI: a scheme, ":/", something behind it, no control characters.
/// Whether it may be touched is the storage's decision.
Status CheckLocation(std::string_view text);

/// `base` without trailing slashes, "/", `name`.
Location JoinLocation(const Location& base, std::string_view name);

/// "<table>/metadata/00003-<uuid>.metadata.json"
Location MetadataFileLocation(const Location& table, int version, const Uuid& uuid);
/// The version in a metadata file's name; -1 when there is none (rule 57).
int MetadataVersion(const Location& metadata_file);
/// "<table>/metadata/snap-<snapshot id>-<attempt>-<uuid>.avro"
Location ManifestListLocation(const Location& table, SnapshotId snapshot_id, int attempt, const Uuid& uuid);

/// Where data and metadata files go: write.data.path and write.metadata.path, or below the table's location.
struct TableMetadata;
Location DataDirectory(const TableMetadata& metadata);
Location MetadataDirectory(const TableMetadata& metadata);

/// A random positive 63-bit id, never zero.
SnapshotId RandomSnapshotId();

}  // namespace lake::iceberg
