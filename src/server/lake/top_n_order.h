// ORDER BY .. LIMIT reads those files first whose rows come first, so that the others' row groups are passed over.
#pragma once

namespace duckdb {
class DatabaseInstance;
}  // namespace duckdb

namespace lake::server {

/// An optimiser step behind DuckDB's own: where a top-N's first key is a column of a lake_scan, the scan's files are
/// sorted by their bounds of it. DuckDB's top-N tells the scan below it what a row must beat, and row groups whose
/// statistics cannot are not read.
void RegisterTopNOrder(duckdb::DatabaseInstance& db);

}  // namespace lake::server
