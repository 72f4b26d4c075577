// The one table from DuckDB's kinds of exceptions to SQLSTATEs.
#pragma once

#include "duckdb/common/exception.hpp"

namespace lake::server {

/// Five characters, never null.
const char* SqlStateOf(duckdb::ExceptionType type);

}  // namespace lake::server
