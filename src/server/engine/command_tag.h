// CommandComplete's tags (surface.md, DUCK-10).
#pragma once

#include <cstdint>
#include <string>

#include "duckdb/parser/sql_statement.hpp"

namespace lake::server {

/// "SELECT 3", "INSERT 0 3", "CREATE" ...; `rows` is sent or changed rows.
std::string CommandTag(const duckdb::SQLStatement& statement, int64_t rows);
/// The same for a planned statement, whose text form is gone.
std::string CommandTag(duckdb::StatementType type, int64_t rows);

}  // namespace lake::server
