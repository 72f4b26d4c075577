// DuckDB's code on bytes from outside: an InternalException that got out would invalidate the whole instance.
#pragma once

#include <stdexcept>

#include "duckdb/common/error_data.hpp"
#include "duckdb/common/exception.hpp"
#include "server/engine/lake_exception.h"

namespace lake::server {

/// What `function` returns; of exceptions, those that say a broken invariant of DuckDB's become kCorrupt.
template <typename Function>
auto Guarded(Function&& function) {
  try {
    return function();
  } catch (const duckdb::InternalException& exception) {
    ThrowLakeError(Corrupt("a data file cannot be read: {}", duckdb::ErrorData(exception).RawMessage()));
  } catch (const std::out_of_range& exception) {
    ThrowLakeError(Corrupt("a data file cannot be read: {}", exception.what()));
  }
}

}  // namespace lake::server
