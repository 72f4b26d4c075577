// pg_string_agg(value, delimiter) over VARCHAR or BLOB: the values, each but the first behind the delimiter of its own
// row, as PostgreSQL's string_agg has them (DuckDB's takes a constant). Rows where either is NULL are left out; no rows
// give NULL.
#pragma once

namespace duckdb {
class ExtensionLoader;
}

namespace lake::server {

void RegisterStringAggregate(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
