// A bound parameter: bytes from the wire to a DuckDB value.
#pragma once

#include <optional>
#include <string_view>

#include "duckdb/common/types/value.hpp"
#include "wire/frontend.h"
#include "wire/type_oid.h"

namespace duckdb {
class ClientContext;
}

namespace lake::server {

/// `oid`: how the bytes are to be read. `expected`: what the statement wants where the client left the type open
/// (UNKNOWN: text stays text). nullopt is null. Throws lake errors and DuckDB's conversion errors.
duckdb::Value ParameterValue(duckdb::ClientContext& context, std::optional<std::string_view> bytes, wire::Format format,
                             wire::Oid oid, const duckdb::LogicalType& expected);

}  // namespace lake::server
