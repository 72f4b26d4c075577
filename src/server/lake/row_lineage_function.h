// lake_row_lineage(base, snapshot_id, row_id) of docs/link.md.
#pragma once

namespace duckdb {
class ExtensionLoader;
}

namespace lake::server {

void RegisterRowLineage(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
