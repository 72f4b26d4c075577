// The table function lake_scan of docs/link.md, on top of DuckDB's parquet_scan.
#pragma once

namespace duckdb {
class ExtensionLoader;
}

namespace lake::server {

void RegisterLakeScan(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
