// Columns of Iceberg's type fixed: FIXED_LEN_BYTE_ARRAY in Parquet, which DuckDB reads as BLOB and does not write.
#pragma once

#include <vector>

#include "base/result.h"
#include "duckdb/common/types/data_chunk.hpp"
#include "iceberg/schema.h"

namespace duckdb {
class ParquetWriter;
}

namespace lake::server {

/// Has the writer's BLOB columns that are fixed in `fields` written as such, wherever they lie. To be called before it
/// has seen a row.
void WriteFixed(duckdb::ParquetWriter& writer, const std::vector<iceberg::NestedField>& fields);

/// Whether there is such a column.
bool HasFixed(const std::vector<iceberg::NestedField>& fields);

/// kInvalidInput for a value of another length than its column's, in flat vectors of the fields' DuckType.
Status CheckFixed(duckdb::DataChunk& chunk, const std::vector<iceberg::NestedField>& fields);

}  // namespace lake::server
