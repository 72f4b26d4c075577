// lake_verify: the current metadata of a table against every file that it reaches.
#pragma once

#include <string>
#include <vector>

#include "iceberg/verify.h"

namespace duckdb {
class ClientContext;
}

namespace lake::server {

/// What is wrong with the table at a metadata location; nothing, if all is well. Reads all data files of the current
/// snapshot, and sees whether those of older ones exist. Missing and broken files are among the problems; errors are
/// those of the store, or kCancelled. Nothing comes from the caches but manifests of older snapshots.
Result<std::vector<iceberg::Problem>> VerifyTable(duckdb::ClientContext& context, const std::string& location);

}  // namespace lake::server
