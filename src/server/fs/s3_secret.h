// CREATE SECRET (TYPE s3, ...) of docs/link.md, and the credentials of a location out of DuckDB's secret manager.
//
// Rule: a secret's key, secret and session token are redacted in everything DuckDB shows; persistent secrets (files in
// the server's home directory) are refused.
#pragma once

#include <memory>

#include "storage/credentials.h"

namespace duckdb {
class DatabaseInstance;
class ExtensionLoader;
}  // namespace duckdb

namespace lake::server {

void RegisterS3Secret(duckdb::ExtensionLoader& loader);

/// Looks secrets up at every access, so CREATE and DROP SECRET work at once. `db` must outlive it.
std::shared_ptr<storage::CredentialSource> SecretCredentials(duckdb::DatabaseInstance& db);

}  // namespace lake::server
