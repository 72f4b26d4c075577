// One statement of a client, classified: DuckDB's own, or one of the few that only this server knows.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "duckdb/parser/sql_statement.hpp"
#include "server/engine/copy_text.h"

namespace duckdb {
class ClientContext;
}

namespace lake::server {

struct Command {
  enum class Kind {
    kStatement,   // statement is DuckDB's
    kCopyOut,     // statement is the query whose rows go out in COPY's format
    kCopyIn,      // COPY lake_write: text is the specification
    kSet,         // SET of a PostgreSQL setting that DuckDB does not know: text is the name, value the value
    kReset,       // RESET of one
    kDeallocate,  // text is the name, empty for all
  };
  Kind kind = Kind::kStatement;
  duckdb::unique_ptr<duckdb::SQLStatement> statement;
  std::string text;
  std::string value;
  std::string query;          // the source, for the activity view and the log
  bool copy_binary = false;   // kCopyOut
  bool text_fields = false;   // kCopyOut, binary: the fields are text all the same
  CopyTextOptions copy_text;  // kCopyOut, not binary

  bool has_result_rows() const { return kind == Kind::kStatement; }
};

class SessionSettings;

/// All statements of a text; none for an empty one. Nothing has run when one of them is malformed. `settings` answers
/// SHOW. Throws duckdb exceptions (parser errors) and lake errors.
std::vector<Command> ParseCommands(duckdb::ClientContext& context, std::string_view text,
                                   const SessionSettings& settings);

}  // namespace lake::server
