// Data and delete files as JSON, shaped like REST's ContentFile (and Java's ContentFileParser): hyphenated keys, maps
// as
// {"keys": [..], "values": [..]}, bounds as upper-case hex of their binary form. Loses nothing.
#pragma once

#include "iceberg/manifest.h"

namespace lake::iceberg {

Json DataFileToJson(const DataFile& file);

/// `specs` finds the spec of the file's spec-id, `schema` types its partition values. kCorrupt names the member.
Result<DataFile> ParseDataFile(const Json& json, const std::vector<PartitionSpec>& specs, const Schema& schema);

}  // namespace lake::iceberg
