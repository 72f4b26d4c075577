// What we know about a data file before it is opened, as DuckDB's readers take it: with size and immutability told
// here, opening costs no request (fs/lake_file_system.h) and repeated reads come from DuckDB's cache without asking
// again.
#pragma once

#include "duckdb/common/open_file_info.hpp"
#include "iceberg/manifest.h"

namespace lake::server {

/// Keys of OpenFileInfo's options that are ours. The others are DuckDB's.
inline constexpr const char* kOrdinalOption = "lake_ordinal";

/// kUnsupported or kInvalidInput for locations that the object store would not take either: DuckDB must never be asked
/// to open those, because it would by means of its own.
Result<duckdb::OpenFileInfo> OpenInfoOf(const iceberg::DataFile& file);

}  // namespace lake::server
