// Defaults of columns as the extension sends them: a value as it travels in rows (docs/link.md, "Tables and commits").
//
//   {"wire": "int4", "value": "0000002a"}     the bytes in hexadecimal
#pragma once

#include <memory>
#include <string>

#include "base/json.h"
#include "iceberg/literal.h"

namespace lake::server {

/// The member "initial_default" of an operation; null when there is none. kInvalidInput for a value that no JSON holds
/// (NaN, infinity): rows are to be written with it instead.
Result<std::shared_ptr<const iceberg::Literal>> ParseInitialDefault(const JsonObject& object, const std::string& column,
                                                                    const iceberg::Type& type);

/// The member "write_default"; null also when Iceberg has no such default: other writers then ask for the value.
Result<std::shared_ptr<const iceberg::Literal>> ParseWriteDefault(const JsonObject& object, const std::string& column,
                                                                  const iceberg::Type& type);

}  // namespace lake::server
