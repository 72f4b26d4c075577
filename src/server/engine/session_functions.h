// SQL functions about the server's own sessions (surface.md, DUCK-21) and lake_version() (docs/link.md).
#pragma once

#include <cstdint>

namespace duckdb {
class ClientContext;
class DatabaseInstance;
}  // namespace duckdb

namespace lake::server {

class SessionRegistry;

/// pg_lake_stat_activity(), pg_lake_stat_progress(), pg_lake_connection_id(), pg_lake_query_progress(id),
/// pg_lake_sleep(seconds), lake_version(). `sessions` must outlive the instance.
void RegisterSessionFunctions(duckdb::DatabaseInstance& db, SessionRegistry& sessions);

/// Says which session a DuckDB connection belongs to, for pg_lake_connection_id().
void SetConnectionId(duckdb::ClientContext& context, uint32_t id);

}  // namespace lake::server
