// Checks data and delete files against what their manifest entries say: rows, counts, bounds, deleted positions.
//
// What is wrong with a file is a problem that is added to a list; an error of these functions is one of the way to the
// file (the store does not answer, the query was cancelled), and says nothing about it.
#pragma once

#include <string>
#include <unordered_map>

#include "iceberg/verify.h"
#include "server/lake/equality_deletes.h"
#include "server/lake/lake_instance.h"
#include "server/lake/position_delete_file.h"

namespace lake::server {

/// Whether an error says that the object is missing, broken or not understood.
bool IsAboutObject(const Error& error);

/// The live data files of a snapshot, by location.
using DataFiles = std::unordered_map<std::string, const iceberg::DataFile*>;

/// A data file, or an equality delete file: that its footer and, of each column with counts or bounds, its values are
/// as the entry says. DuckDB counts them, so that this is no repetition of what wrote them. Of an equality delete file
/// also that it has the columns by which it deletes, and that these may be such (rule 62).
Status VerifyDataFile(duckdb::ClientContext& context, const iceberg::TableMetadata& metadata,
                      const iceberg::DataFile& file, iceberg::Problems& problems);

/// That all rows of a data file lie in the partition that its entry names, as far as its spec can be understood.
Status VerifyPartition(duckdb::ClientContext& context, const LakeInstance::MetadataPtr& table,
                       const iceberg::DataFile& file, iceberg::Problems& problems);

/// The rows of a file that its equality deletes hide; null: none, or they cannot be told, which is a problem then.
Result<std::shared_ptr<const RowSet>> VerifyEqualityDeletes(duckdb::ClientContext& context, EqualityDeletes& deletes,
                                                            const iceberg::ScanTask& task, iceberg::Problems& problems);

/// A position delete file or deletion vector: order, bounds, and that it names rows of data files. The answer is what
/// it deletes, as far as it can be read.
Result<PositionDeletes> VerifyPositionDeletes(duckdb::ClientContext& context, LakeInstance& lake,
                                              const iceberg::DataFile& file, const DataFiles& data_files,
                                              iceberg::Problems& problems);

}  // namespace lake::server
