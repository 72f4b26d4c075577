// lake_alter of docs/link.md: a base with another schema.
#pragma once

#include <string>

#include "server/lake/lake_instance.h"

namespace lake::server {

/// Applies the operations to the base and answers the new metadata as an inline base. Writes nothing.
/// kInvalidInput for an operation that the schema does not permit.
Result<std::string> AlterTableBase(LakeInstance& lake, const std::string& json);

}  // namespace lake::server
