// A gap in DuckDB's optimizer: comparing a date with an infinite timestamp fails.
#pragma once

namespace duckdb {
class DatabaseInstance;
}  // namespace duckdb

namespace lake::server {

/// Before DuckDB's own rules run, `date::TIMESTAMP < infinite timestamp` becomes `date < infinite date`. DuckDB 1.5's
/// rule for such comparisons asks for the constant's time of day, which an infinite timestamp has not got, and the
/// statement fails with "Can't get TIME of infinite TIMESTAMP".
void RegisterInfiniteDates(duckdb::DatabaseInstance& db);

}  // namespace lake::server
