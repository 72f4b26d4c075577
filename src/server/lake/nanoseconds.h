// Iceberg's timestamps in nanoseconds, as PostgreSQL sees them: the microseconds that they lie in, counted towards
// minus infinity, so that before 1970 the order of rows is kept as well.
#pragma once

#include "duckdb/common/types.hpp"
#include "iceberg/schema.h"

namespace duckdb {
class ExtensionLoader;
}  // namespace duckdb

namespace lake::server {

/// Of columns of timestamptz_ns in files: DuckDB's own TIMESTAMP_NS has no zone, and casts it as a local time.
duckdb::LogicalType NanosecondsInUtc();

/// Casts between nanoseconds and microseconds; DuckDB's own cut towards zero. To nanoseconds a value
/// from before 1677-09-21 or after 2262-04-11 is an error.
void RegisterNanosecondCasts(duckdb::ExtensionLoader& loader);

bool HasNanoseconds(const iceberg::Type& type);

}  // namespace lake::server
