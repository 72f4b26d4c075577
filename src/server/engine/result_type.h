// The one table between DuckDB's types and what the wire calls them (surface.md, DUCK-16).
//
// Nested types, unions and whatever else PostgreSQL has no counterpart for travel as text in DuckDB's syntax.
#pragma once

#include "duckdb/common/types.hpp"
#include "wire/type_oid.h"

namespace lake::server {

/// The type a result column of `type` has on the wire; kTextOid for everything without a counterpart.
wire::Oid OidOf(const duckdb::LogicalType& type);
/// pg_type.typlen: bytes of a fixed-size type, else -1.
int16_t SizeOf(wire::Oid oid);
/// The type modifier of a result column: precision and scale of a decimal, else -1.
int32_t ModifierOf(const duckdb::LogicalType& type);

/// The DuckDB type of a parameter declared as `oid`, also of one-dimensional arrays. UNKNOWN when the client left it
/// open (0, unknown) or the type has no counterpart: then the statement decides.
duckdb::LogicalType ParameterType(wire::Oid oid);

}  // namespace lake::server
