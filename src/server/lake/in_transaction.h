// DuckDB looks functions, and reference systems of geometries, up in its catalog, which needs a transaction of its own.
#pragma once

#include "duckdb/main/client_context.hpp"

namespace lake::server {

/// Calls `work` in the query's transaction, or in one for it alone: rows that stream in are no query.
template <typename Work>
void InTransaction(duckdb::ClientContext& context, Work&& work) {
  context.transaction.HasActiveTransaction() ? work() : context.RunFunctionInTransaction(work);
}

}  // namespace lake::server
