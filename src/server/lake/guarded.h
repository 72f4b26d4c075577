// DuckDB's code on bytes from outside: an InternalException that got out would invalidate the whole instance.
#pragma once

#include <new>
#include <string>

#include "duckdb/common/error_data.hpp"
#include "duckdb/common/exception.hpp"
#include "server/engine/lake_exception.h"

namespace lake::server {

/// What `function` returns; of exceptions, those that say a broken invariant of DuckDB's, and those that are none of
/// DuckDB's (Thrift throws its own at a footer), become kCorrupt. `file` is called then, and names the file.
template <typename Function, typename Name>
auto Guarded(Function&& function, Name&& file) {
  try {
    return function();
  } catch (const duckdb::InternalException& exception) {
    ThrowLakeError(Corrupt("{} cannot be read: {}", file(), duckdb::ErrorData(exception).RawMessage()));
  } catch (const duckdb::Exception&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& exception) {
    ThrowLakeError(Corrupt("{} cannot be read: {}", file(), exception.what()));
  }
}

template <typename Function>
auto Guarded(Function&& function) {
  return Guarded(std::forward<Function>(function), [] { return std::string("a data file"); });
}

}  // namespace lake::server
