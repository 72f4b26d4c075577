// DuckDB's filters as Iceberg's, to prune files with. What has no equal there becomes true, which prunes nothing: the
// filters themselves are always evaluated by DuckDB, on every row.
#pragma once

#include <functional>
#include <optional>

#include "duckdb/planner/expression.hpp"
#include "duckdb/planner/table_filter.hpp"
#include "iceberg/expression.h"

namespace duckdb {
class ClientContext;
}

namespace lake::server {

/// Finds the field behind a column reference, if bounds of that field may be compared with values of the column's shown
/// type; nullopt for columns that must not prune.
using FieldOfReference = std::function<std::optional<iceberg::FieldId>(const duckdb::Expression&)>;

/// A filter expression, in negation-free context. Not translated parts of a conjunction are left out, a disjunction is
/// translated as a whole or not at all.
iceberg::Expression TranslateFilter(duckdb::ClientContext& context, const duckdb::Expression& filter,
                                    const FieldOfReference& field_of);

/// A filter on one column.
iceberg::Expression TranslateFilter(const duckdb::TableFilter& filter, iceberg::FieldId field);

}  // namespace lake::server
