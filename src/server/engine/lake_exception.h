// How a lake::Error travels through DuckDB, which only knows exceptions.
//
// Our code inside DuckDB (file systems, table functions, the writer) throws with ThrowLakeError. DuckDB passes the
// exception between threads as JSON text and adds to the message (its type, "LINE 1: ..."), so the error's own parts
// travel as extra information and are found again, unchanged, where the session builds its ErrorResponse.
//
// The DuckDB type is one that neither invalidates the instance nor the process: never INTERNAL, never FATAL.
#pragma once

#include "base/result.h"

namespace duckdb {
class ErrorData;
}

namespace lake::server {

[[noreturn]] void ThrowLakeError(const Error& error);

inline void ThrowIfError(const Status& status) {
  if (!status.ok()) ThrowLakeError(status.error());
}

template <typename T>
T ValueOrThrow(Result<T> result) {
  if (!result.ok()) ThrowLakeError(result.error());
  return std::move(result).value();
}

/// What an ErrorResponse says.
struct Report {
  std::string sqlstate;  // five characters
  std::string message;
  std::string detail;  // may be empty
  std::string hint;    // may be empty
};

/// Throws an error whose SQLSTATE is none of an ErrorKind: protocol states ("26000"), feature refusals ("0A000").
[[noreturn]] void ThrowReport(const char* sqlstate, const std::string& message, const std::string& hint = {});

/// The report of an error of a library of ours.
Report ReportOf(const Error& error);
/// The report of what DuckDB raised: a lake::Error's own parts, or DuckDB's message with the SQLSTATE of its type.
Report ReportOf(const duckdb::ErrorData& error);

}  // namespace lake::server
