#include "server/engine/lake_exception.h"

#include "duckdb/common/error_data.hpp"
#include "duckdb/common/exception.hpp"
#include "server/engine/sqlstate.h"

namespace lake::server {

namespace {

constexpr const char* kSqlStateKey = "lake_sqlstate";
constexpr const char* kMessageKey = "lake_message";
constexpr const char* kDetailKey = "lake_detail";
constexpr const char* kHintKey = "lake_hint";

/// The type decides what DuckDB does with the exception (retry, invalidate the transaction), not what the user sees.
duckdb::ExceptionType DuckDbType(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidInput: return duckdb::ExceptionType::INVALID_INPUT;
    case ErrorKind::kUnsupported: return duckdb::ExceptionType::NOT_IMPLEMENTED;
    case ErrorKind::kPermissionDenied: return duckdb::ExceptionType::PERMISSION;
    case ErrorKind::kOutOfMemory: return duckdb::ExceptionType::OUT_OF_MEMORY;
    case ErrorKind::kCancelled: return duckdb::ExceptionType::INTERRUPT;
    default: return duckdb::ExceptionType::IO;
  }
}

std::string Find(const duckdb::ErrorData& error, const char* key) {
  auto entry = error.ExtraInfo().find(key);
  return entry == error.ExtraInfo().end() ? std::string() : entry->second;
}

// Where DuckDB's type says less than PostgreSQL's SQLSTATE: by a part of the message.
struct KnownMessage {
  duckdb::ExceptionType type;
  const char* part;
  const char* sqlstate;
};

constexpr KnownMessage kKnownMessages[] = {
    {duckdb::ExceptionType::CONVERSION, "out of range", "22003"},  // numeric_value_out_of_range
    {duckdb::ExceptionType::CONVERSION, "Failed to cast decimal value", "22003"},
    {duckdb::ExceptionType::OUT_OF_RANGE, "square root of a negative", "2201F"},  // invalid_argument_for_power_function
    {duckdb::ExceptionType::INVALID_INPUT, "More than one row returned by a subquery",
     "21000"},  // cardinality_violation
};

const char* SqlStateOfDuckDbError(const duckdb::ErrorData& error) {
  for (const KnownMessage& known : kKnownMessages) {
    if (error.Type() == known.type && error.RawMessage().find(known.part) != std::string::npos) return known.sqlstate;
  }
  return SqlStateOf(error.Type());
}

}  // namespace

void ThrowLakeError(const Error& error) {
  duckdb::unordered_map<std::string, std::string> extra;
  extra[kSqlStateKey] = SqlState(error.kind());
  extra[kMessageKey] = error.message();
  if (!error.detail().empty()) extra[kDetailKey] = error.detail();
  if (!error.hint().empty()) extra[kHintKey] = error.hint();
  throw duckdb::Exception(extra, DuckDbType(error.kind()), error.message());
}

void ThrowReport(const char* sqlstate, const std::string& message) {
  duckdb::unordered_map<std::string, std::string> extra{{kSqlStateKey, sqlstate}, {kMessageKey, message}};
  throw duckdb::Exception(extra, duckdb::ExceptionType::INVALID_INPUT, message);
}

Report ReportOf(const Error& error) { return {SqlState(error.kind()), error.message(), error.detail(), error.hint()}; }

Report ReportOf(const duckdb::ErrorData& error) {
  std::string sqlstate = Find(error, kSqlStateKey);
  if (sqlstate.empty()) return {SqlStateOfDuckDbError(error), error.Message(), "", ""};
  return {sqlstate, Find(error, kMessageKey), Find(error, kDetailKey), Find(error, kHintKey)};
}

}  // namespace lake::server
