// Rows of PostgreSQL's that a query here is to read: COPY lake_write('{"stage": ..}') FROM STDIN puts them into a
// temporary table of the connection (docs/link.md, "Rows for a query").
#pragma once

#include "base/json.h"
#include "server/lake/row_writer.h"

namespace lake::server {

struct StageColumns {
  std::string table;
  std::vector<std::string> names;
  duckdb::vector<duckdb::LogicalType> types;
};

/// What the table of a specification is.
Result<StageColumns> ParseStage(const Json& spec);

/// Makes the temporary table, in place of one of that name. kInvalidInput for a specification that makes no sense.
Result<std::unique_ptr<RowWriter>> OpenStageWriter(duckdb::ClientContext& context, const Json& spec);

}  // namespace lake::server
