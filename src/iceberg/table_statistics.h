// Statistics files ("Table Statistics" in the specification): entries of the metadata about Puffin files, one for a
// snapshot, of which readers use what the entry says of the blobs without reading the file.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "iceberg/metadata.h"
#include "iceberg/puffin.h"

namespace lake::iceberg {

/// Of a theta sketch's blob: how many distinct values the column has.
inline constexpr const char* kDistinctValuesProperty = "ndv";

/// An entry of "statistics" or "partition-statistics"; `name` says which, for errors.
Result<StatisticsFile> ParseStatisticsFile(const Json& json, std::string_view name);

/// The entry of a snapshot; nullptr when it has none.
const StatisticsFile* FindStatistics(const TableMetadata& metadata, SnapshotId id);

/// An entry for a whole Puffin file with these blobs.
StatisticsFile MakeStatistics(SnapshotId id, const Location& path, std::string_view file,
                              const std::vector<PuffinBlob>& blobs);

/// Distinct values by column, as the snapshot's statistics tell, or those of its nearest ancestor that has some.
/// What makes no sense in an entry is passed over.
std::map<FieldId, int64_t> DistinctValues(const TableMetadata& metadata, const Snapshot& snapshot);

}  // namespace lake::iceberg
