// DuckDB's exceptions as errors, for code that others call by Result.
#pragma once

#include "base/result.h"
#include "duckdb/common/error_data.hpp"
#include "duckdb/common/exception.hpp"

namespace lake::server {

/// What `work`, which is called `what`, returns, or the error that it threw.
template <typename Work>
Status Attempt(const char* what, Work&& work) {
  try {
    return work();
  } catch (const std::exception& exception) {
    duckdb::ErrorData data(exception);
    if (data.Type() == duckdb::ExceptionType::OUT_OF_MEMORY) return OutOfMemory("{}", data.RawMessage());
    if (data.Type() == duckdb::ExceptionType::INTERRUPT) return Error(ErrorKind::kCancelled, data.RawMessage());
    return Internal("{}: {}", what, data.RawMessage());
  }
}

}  // namespace lake::server
