// What the connection's last COPY lake_write(...) wrote, for lake_written() to answer.
#pragma once

#include <optional>

#include "duckdb/main/client_context.hpp"
#include "duckdb/main/client_context_state.hpp"
#include "server/lake/row_writer.h"

namespace lake::server {

struct LastWritten : public duckdb::ClientContextState {
  std::optional<Written> written;

  static LastWritten& Of(duckdb::ClientContext& context) {
    return *context.registered_state->GetOrCreate<LastWritten>("lake_written");
  }
};

}  // namespace lake::server
