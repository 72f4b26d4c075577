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

// Where DuckDB's type says less than PostgreSQL's SQLSTATE, or PostgreSQL has words of its own: by parts of the
// message.
struct KnownMessage {
  duckdb::ExceptionType type;
  const char* part;
  const char* other_part;
  const char* sqlstate;
  const char* message;  // PostgreSQL's, or null: DuckDB's
};

constexpr auto kConversion = duckdb::ExceptionType::CONVERSION;
constexpr auto kOutOfRange = duckdb::ExceptionType::OUT_OF_RANGE;

constexpr KnownMessage kKnownMessages[] = {
    {kOutOfRange, "Overflow in ", " of INT16 ", "22003", "smallint out of range"},  // numeric_value_out_of_range
    {kOutOfRange, "Overflow in ", " of INT32 ", "22003", "integer out of range"},
    {kOutOfRange, "Overflow in ", " of INT64 ", "22003", "bigint out of range"},
    {kOutOfRange, "Overflow on abs(-32768)", "", "22003", "smallint out of range"},
    {kOutOfRange, "Overflow on abs(-2147483648)", "", "22003", "integer out of range"},
    {kOutOfRange, "Overflow on abs(-9223372036854775808)", "", "22003", "bigint out of range"},
    {kConversion, "out of range", "the destination type INT16", "22003", "smallint out of range"},
    {kConversion, "out of range", "the destination type INT32", "22003", "integer out of range"},
    {kConversion, "out of range", "the destination type INT64", "22003", "bigint out of range"},
    {kConversion, "Failed to cast decimal value", "to type INT16", "22003", "smallint out of range"},
    {kConversion, "Failed to cast decimal value", "to type INT32", "22003", "integer out of range"},
    {kConversion, "Failed to cast decimal value", "to type INT64", "22003", "bigint out of range"},
    {kConversion, "to type DECIMAL(", "out of range", "22003", "numeric field overflow"},
    {kConversion, "out of range", "", "22003", nullptr},
    {kConversion, "Failed to cast decimal value", "", "22003", nullptr},
    {kOutOfRange, "Date out of range", "", "22008", "date out of range"},  // datetime_field_overflow
    {kOutOfRange, "Timestamp out of range", "", "22008", "timestamp out of range"},
    {kOutOfRange, "square root of a negative", "", "2201F",  // invalid_argument_for_power_function
     "cannot take square root of a negative number"},
    {duckdb::ExceptionType::INVALID_INPUT, "More than one row returned by a subquery", "", "21000",
     "more than one row returned by a subquery used as an expression"},  // cardinality_violation
};

Report ReportOfDuckDbError(const duckdb::ErrorData& error) {
  const std::string& raw = error.RawMessage();
  for (const KnownMessage& known : kKnownMessages) {
    if (error.Type() == known.type && raw.find(known.part) != std::string::npos &&
        raw.find(known.other_part) != std::string::npos) {
      return {known.sqlstate, known.message == nullptr ? error.Message() : known.message, "", ""};
    }
  }
  return {SqlStateOf(error.Type()), error.Message(), "", ""};
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

void ThrowReport(const char* sqlstate, const std::string& message, const std::string& hint) {
  duckdb::unordered_map<std::string, std::string> extra{{kSqlStateKey, sqlstate}, {kMessageKey, message}};
  if (!hint.empty()) extra[kHintKey] = hint;
  throw duckdb::Exception(extra, duckdb::ExceptionType::INVALID_INPUT, message);
}

Report ReportOf(const Error& error) { return {SqlState(error.kind()), error.message(), error.detail(), error.hint()}; }

Report ReportOf(const duckdb::ErrorData& error) {
  std::string sqlstate = Find(error, kSqlStateKey);
  if (sqlstate.empty()) return ReportOfDuckDbError(error);
  return {sqlstate, Find(error, kMessageKey), Find(error, kDetailKey), Find(error, kHintKey)};
}

}  // namespace lake::server
