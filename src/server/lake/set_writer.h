// Writes of whole queries, whose rows never leave the server: COPY (query) TO .. (FORMAT lake, SPEC '<json>') of
// docs/link.md. Rows are inserted, updated or deleted, as their columns say; lake_written() answers with the change.
#pragma once

namespace duckdb {
class ExtensionLoader;
}

namespace lake::server {

void RegisterSetWriter(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
