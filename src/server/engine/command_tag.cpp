#include "server/engine/command_tag.h"

#include <fmt/format.h>

#include "duckdb/parser/statement/transaction_statement.hpp"

namespace lake::server {

using duckdb::StatementType;

std::string CommandTag(const duckdb::SQLStatement& statement, int64_t rows) {
  if (statement.type == StatementType::TRANSACTION_STATEMENT) {
    switch (statement.Cast<duckdb::TransactionStatement>().info->type) {
      case duckdb::TransactionType::BEGIN_TRANSACTION: return "BEGIN";
      case duckdb::TransactionType::COMMIT: return "COMMIT";
      default: return "ROLLBACK";
    }
  }
  return CommandTag(statement.type, rows);
}

std::string CommandTag(StatementType type, int64_t rows) {
  switch (type) {
    case StatementType::SELECT_STATEMENT: return fmt::format("SELECT {}", rows);
    case StatementType::INSERT_STATEMENT: return fmt::format("INSERT 0 {}", rows);
    case StatementType::UPDATE_STATEMENT: return fmt::format("UPDATE {}", rows);
    case StatementType::DELETE_STATEMENT: return fmt::format("DELETE {}", rows);
    case StatementType::MERGE_INTO_STATEMENT: return fmt::format("MERGE {}", rows);
    case StatementType::COPY_STATEMENT: return fmt::format("COPY {}", rows);
    case StatementType::CREATE_STATEMENT: return "CREATE";
    case StatementType::CREATE_FUNC_STATEMENT: return "CREATE FUNCTION";
    case StatementType::ALTER_STATEMENT: return "ALTER";
    case StatementType::DROP_STATEMENT: return "DROP";
    case StatementType::PREPARE_STATEMENT: return "PREPARE";
    case StatementType::EXECUTE_STATEMENT: return "EXECUTE";
    case StatementType::EXPLAIN_STATEMENT: return "EXPLAIN";
    case StatementType::TRANSACTION_STATEMENT: return "TRANSACTION";
    case StatementType::ANALYZE_STATEMENT: return "ANALYZE";
    case StatementType::VACUUM_STATEMENT: return "VACUUM";
    case StatementType::VARIABLE_SET_STATEMENT:
    case StatementType::SET_STATEMENT: return "SET";
    case StatementType::PRAGMA_STATEMENT: return "PRAGMA";
    case StatementType::CALL_STATEMENT: return "CALL";
    case StatementType::LOAD_STATEMENT: return "LOAD";
    case StatementType::ATTACH_STATEMENT: return "ATTACH";
    case StatementType::DETACH_STATEMENT: return "DETACH";
    case StatementType::EXPORT_STATEMENT: return "EXPORT";
    default: return "DUCK";
  }
}

}  // namespace lake::server
