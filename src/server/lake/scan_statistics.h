// What DuckDB's optimiser is told about a scan: bounds and nulls of columns, and how many rows there are exactly.
#pragma once

#include "duckdb/function/partition_stats.hpp"
#include "duckdb/storage/statistics/base_statistics.hpp"
#include "server/lake/scan_file_list.h"

namespace lake::server {

/// The statistics of a column over all files of the list; null when nothing is known. Wider than the truth, never
/// narrower: files with hidden rows count whole.
duckdb::unique_ptr<duckdb::BaseStatistics> ColumnStatistics(const ScanFileList& files, duckdb::column_t column);

/// One entry per file with its exact number of live rows, and its bounds. Reads delete files where there are any.
duckdb::vector<duckdb::PartitionStatistics> FileStatistics(duckdb::ClientContext& context, const ScanFileList& files);

}  // namespace lake::server
