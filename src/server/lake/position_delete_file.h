// Reads and writes position delete files (specification, "Position Delete Files"): Parquet with the columns file_path
// (field id 2147483546) and pos (2147483545), sorted by both.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "duckdb/common/open_file_info.hpp"
#include "iceberg/manifest.h"
#include "server/lake/parquet_file.h"
#include "server/lake/row_set.h"

namespace lake::server {

/// Deleted rows by data file location.
using PositionDeletes = std::unordered_map<std::string, RowSet>;

using PositionDeleteVisitor = std::function<Status(std::string_view path, int64_t row)>;

/// Hands every line of a position delete file to `visit`, in the file's order, until that fails. kCorrupt when the
/// columns file_path and pos are missing, of other types, or null. What DuckDB throws (storage errors among it) passes
/// through.
Status VisitPositionDeletes(duckdb::ClientContext& context, const duckdb::OpenFileInfo& info,
                            const PositionDeleteVisitor& visit);

/// kCorrupt when the columns file_path and pos are missing, of other types, or hold what is no row; kUnsupported for
/// formats other than Parquet. What DuckDB throws (storage errors among it) passes through.
Result<PositionDeletes> ReadPositionDeleteFile(duckdb::ClientContext& context, const iceberg::DataFile& file);

/// Rows to delete in one data file; neither is owned.
struct RowsOfFile {
  const iceberg::DataFile* file;
  const RowSet* rows;
};

/// Writes the rows (none of the sets empty) of data files of one partition; memory is bounded by a row group, however
/// many there are. The answer has exact bounds, and names the data file outright when there is one only. DuckDB writes
/// the columns as optional, though they hold no nulls. kCancelled when the context's query is.
Result<iceberg::DataFile> WritePositionDeleteFile(duckdb::ClientContext& context, storage::ObjectStore& store,
                                                  const std::string& location, std::vector<RowsOfFile> files,
                                                  Compression compression);

}  // namespace lake::server
