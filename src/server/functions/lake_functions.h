// The functions of docs/link.md other than lake_scan: commits, creation, removal, and the views of metadata.
#pragma once

namespace duckdb {
class ExtensionLoader;
}

namespace lake::server {

void RegisterLakeFunctions(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
