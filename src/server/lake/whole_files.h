// Conditions by which whole data files go (surface.md, DML-3): those of a DELETE on one table, as far as bounds can
// tell.
//
//   [{"column": "day", "op": "=", "value": "2026-01-01"}, {"column": "id", "op": "is not null"}, ...]      all must
//   hold
//
// op: < <= = >= > "is null" "is not null". Values are text as DuckDB casts it to the column's type.
#pragma once

#include <string>

#include "iceberg/expression.h"
#include "iceberg/schema.h"

namespace lake::server {

/// The filter, unbound. kInvalidInput for what is none of the above.
Result<iceberg::Expression> ParseConditions(const std::string& json, const iceberg::Schema& schema);

}  // namespace lake::server
