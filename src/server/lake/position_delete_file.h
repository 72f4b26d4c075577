// Reads a position delete file with DuckDB's Parquet reader.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "iceberg/manifest.h"

namespace duckdb {
class ClientContext;
}

namespace lake::server {

/// Deleted positions by data file location, in the file's order.
using PositionDeletes = std::unordered_map<std::string, std::vector<int64_t>>;

/// kCorrupt when the columns file_path and pos are missing, of other types, or hold nulls; kUnsupported for formats
/// other than Parquet. What DuckDB throws (storage errors among it) passes through.
Result<PositionDeletes> ReadPositionDeleteFile(duckdb::ClientContext& context, const iceberg::DataFile& file);

}  // namespace lake::server
