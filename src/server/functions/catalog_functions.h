// The table functions behind the views of schema lake_table (surface CAT-6 to CAT-8) and lake_iceberg.data_file_stats
// (FN-6): what a base's current snapshot holds, one function per view. Their columns are laid down in docs/link.md.
//
// Nothing is kept between calls but what the instance's cache keeps. Delete files are read only where their entries do
// not say which data file they are about.
#pragma once

namespace duckdb {
class ExtensionLoader;
}

namespace lake::server {

void RegisterCatalogFunctions(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
