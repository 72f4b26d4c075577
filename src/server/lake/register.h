// Makes a DuckDB instance a lake: file systems over the object store, the secret type s3, lake_scan and the functions
// of docs/link.md. Called once, before the first connection.
#pragma once

#include <string>
#include <vector>

namespace duckdb {
class DatabaseInstance;
}

namespace lake::server {

struct LakeOptions {
  std::vector<std::string> local_roots;  // directories below which file:// may be read and written
  std::string fault_spec;                // tests only: what storage/faulty_store.h does to calls; empty: nothing
};

void RegisterLake(duckdb::DatabaseInstance& db, const LakeOptions& options);
/// The same for an instance beside one that is a lake: with its storage, its secrets and its cache.
void ShareLake(duckdb::DatabaseInstance& db, duckdb::DatabaseInstance& lake);

}  // namespace lake::server
