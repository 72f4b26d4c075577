// The extended protocol's statements and portals, and the values bound to them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "duckdb/main/prepared_statement.hpp"
#include "duckdb/planner/expression/bound_parameter_data.hpp"
#include "server/engine/execution.h"
#include "server/engine/result_encoder.h"
#include "server/session/command.h"
#include "wire/frontend.h"

namespace lake::server {

/// What Parse made. An empty query has no command.
struct PreparedCommand {
  std::optional<Command> command;
  std::vector<wire::Oid> declared;                   // as the client declared them; may be fewer than parameters
  std::shared_ptr<duckdb::PreparedStatement> plan;   // null for statements that are run from a copy of their text form
  bool planned_late = false;                         // when it is executed, once: with its values, if it has any
  std::map<std::string, duckdb::LogicalType> casts;  // of one that is: what its values become
  size_t parameter_count = 0;

  wire::Oid declared_type(size_t index) const {
    return index < declared.size() ? declared[index] : wire::kUnspecifiedOid;
  }
};

struct Portal {
  std::shared_ptr<PreparedCommand> prepared;
  duckdb::case_insensitive_map_t<duckdb::BoundParameterData> values;
  std::vector<wire::Format> result_formats;  // as in Bind
  std::unique_ptr<Execution> execution;      // once it was started
  std::unique_ptr<ResultEncoder> encoder;    // once rows were asked for
  bool is_complete = false;                  // ran to its end: executing it again gives nothing
};

/// Prepares the command: declared parameter types become casts around the parameters, so that the statement is planned
/// for them. Throws what DuckDB's binder finds. A COPY that runs once (`once`) and says itself what type each parameter
/// has is left for StatementWith(): DuckDB would bind it now, and bind and optimise it anew with the values.
void Prepare(duckdb::ClientContext& context, PreparedCommand& prepared, bool once);

/// The types a client has to send, one for each parameter: as declared, as DuckDB infers, text where neither knows.
std::vector<wire::Oid> ParameterOids(const PreparedCommand& prepared);

/// A plan for describing rows when parameters without a type keep the real one from having columns: those are taken for
/// text. Null when that does not help either.
duckdb::unique_ptr<duckdb::PreparedStatement> PlanForDescription(duckdb::ClientContext& context,
                                                                 const PreparedCommand& prepared);

/// Bind's parameters as DuckDB values. Throws for values that do not have their type's form.
duckdb::case_insensitive_map_t<duckdb::BoundParameterData> BindValues(duckdb::ClientContext& context,
                                                                      const PreparedCommand& prepared,
                                                                      const wire::BindMessage& message);

/// The statement with the values in place of its parameters.
duckdb::unique_ptr<duckdb::SQLStatement> StatementWith(
    const PreparedCommand& prepared, const duckdb::case_insensitive_map_t<duckdb::BoundParameterData>& values);

/// Whether the plan's columns are the ones that executing with these values gives.
bool PlanFits(const PreparedCommand& prepared,
              const duckdb::case_insensitive_map_t<duckdb::BoundParameterData>& values);

}  // namespace lake::server
