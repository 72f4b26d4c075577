// What DuckDB's ParquetWriter keeps to itself, and there is no other way to reach.
#pragma once

#include "column_writer.hpp"
#include "parquet_writer.hpp"

namespace lake::server {

using ColumnWriters = duckdb::vector<duckdb::unique_ptr<duckdb::ColumnWriter>>;

duckdb_parquet::FileMetaData& FooterOf(duckdb::ParquetWriter& writer);
ColumnWriters& ColumnsOf(duckdb::ParquetWriter& writer);
ColumnWriters& ChildrenOf(duckdb::ColumnWriter& column);

}  // namespace lake::server
