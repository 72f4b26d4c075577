// lake_write_statistics and lake_column_ndv of docs/link.md: statistics files with a theta sketch of each column, and
// what such files of ours and of other engines tell.
#pragma once

namespace duckdb {
class ExtensionLoader;
}

namespace lake::server {

void RegisterTableStatistics(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
