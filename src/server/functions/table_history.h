// The table functions behind lake.snapshots(tbl) and its like: what a table's metadata says of its past and of its
// current snapshot, with the columns of Iceberg's metadata tables. Their columns are laid down in docs/link.md.
#pragma once

namespace duckdb {
class ExtensionLoader;
}

namespace lake::server {

void RegisterTableHistory(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
