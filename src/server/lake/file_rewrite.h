// A data file written anew without some of its rows (copy on write): as the table's current schema sees it, of the
// same partition, in the same order or, where the file does not have it yet, in the table's sort order.
#pragma once

#include <string>

#include "iceberg/scan.h"
#include "server/lake/lake_instance.h"
#include "server/lake/parquet_file.h"
#include "server/lake/row_set.h"

namespace lake::server {

/// Whether the columns can be written as the specification wants them: not so columns of type fixed, which DuckDB
/// writes as strings of any length.
bool CanRewrite(const iceberg::Schema& schema);

/// Writes the rows of the task's file that are not in `gone` to `location`, in format version 3 with what they inherit
/// (row_lineage.h); memory is bounded by a row group
/// (a sort spills). What DuckDB's reader throws passes through, and so does the end of a cancelled query.
Result<iceberg::DataFile> RewriteFile(duckdb::ClientContext& context, LakeInstance& lake,
                                      const LakeInstance::MetadataPtr& table, const iceberg::ScanTask& task,
                                      const RowSet& gone, const std::string& location, Compression compression);

}  // namespace lake::server
