// lake_alter of docs/link.md: a base with another schema, partition spec, sort order, properties, branches or current
// snapshot.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "iceberg/operation/update_sort_order.h"
#include "iceberg/operation/update_spec.h"
#include "server/lake/lake_instance.h"

namespace lake::server {

/// Applies the operations to the base and answers the new metadata as an inline base. Writes nothing.
/// kInvalidInput or kUnsupported for an operation that the schema does not permit.
Result<std::string> AlterTableBase(LakeInstance& lake, const std::string& json);

/// [{"column", "transform"}, ...], as lake_create and lake_alter take them.
Result<std::vector<iceberg::NewPartitionField>> ParseNewPartitionFields(const Json& list);
/// [{"column", "transform", "descending", "nulls_first"}, ...], likewise.
Result<std::vector<iceberg::NewSortField>> ParseNewSortFields(const Json& list);

}  // namespace lake::server
