// Comparisons of a function of a column with a constant, as ranges of the column: extract(year from ts) = 2026,
// date_trunc('month', ts) >= .., ts::date BETWEEN .. AND ... The functions never fall as the column grows, so the range
// is found by evaluating them, in some sixty steps, as DuckDB will for every row.
//
// Through a time zone a function may fall, where clocks are set back. Two values that lie further apart than kDisorder
// are in order whatever the zone; near a transition the range is wider by that much.
#pragma once

#include <functional>
#include <optional>

#include "duckdb/planner/expression.hpp"
#include "iceberg/expression.h"

namespace duckdb {
class ClientContext;
}

namespace lake::server {

/// What must hold of the column where `function type value` holds: true where the function is none of those, or of no
/// column that may prune.
iceberg::Expression RangeWhere(
    duckdb::ClientContext& context, const duckdb::Expression& function, duckdb::ExpressionType type,
    const duckdb::Value& value,
    const std::function<std::optional<iceberg::FieldId>(const duckdb::Expression&)>& field_of);

}  // namespace lake::server
