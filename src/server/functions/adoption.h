// The functions by which PostgreSQL takes metadata that other engines wrote (docs/link.md, "Tables of other engines").
#pragma once

namespace duckdb {
class ExtensionLoader;
}

namespace lake::server {

void RegisterAdoption(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
