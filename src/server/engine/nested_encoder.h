// Lists, maps and structs on their way to the extension, as docs/link.md has them ("wire type"):
//
//   list, map := count:int32 field*     (a map's elements are structs of key and value)
//   struct    := field*
//   field     := length:int32 bytes     (-1 = null)
//
// Only in the binary COPY format: other clients get DuckDB's text, because PostgreSQL's binary forms name types by
// OIDs.
#pragma once

#include "server/engine/column_encoder.h"

namespace lake::server {

/// For a nested type; as MakeColumnEncoder() otherwise.
std::unique_ptr<ColumnEncoder> MakeNestedEncoder(duckdb::ClientContext& context, const duckdb::LogicalType& type);

}  // namespace lake::server
