// See the header.
#include "server/lake/nanoseconds.h"

#include <algorithm>

#include "base/civil_time.h"
#include "duckdb/common/operator/cast_operators.hpp"
#include "duckdb/common/vector_operations/unary_executor.hpp"
#include "duckdb/function/cast/cast_function_set.hpp"
#include "duckdb/function/cast/default_casts.hpp"
#include "duckdb/function/cast_rules.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace lake::server {

using duckdb::CastParameters;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Vector;

namespace {

constexpr int64_t kNanosPerMicro = 1000;

bool ToMicros(Vector& source, Vector& result, idx_t count, CastParameters&) {
  duckdb::UnaryExecutor::Execute<int64_t, int64_t>(source, result, count,
                                                   [](int64_t nanos) { return FloorDiv(nanos, kNanosPerMicro); });
  return true;
}

bool ToNanos(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  bool all = true;
  duckdb::UnaryExecutor::ExecuteWithNulls<int64_t, int64_t>(
      source, result, count, [&](int64_t micros, duckdb::ValidityMask& validity, idx_t row) {
        int64_t nanos = 0;
        if (!__builtin_mul_overflow(micros, kNanosPerMicro, &nanos)) return nanos;
        duckdb::HandleCastError::AssignError("timestamp out of range: nanoseconds reach from 1677-09-21 to 2262-04-11",
                                             parameters);
        validity.SetInvalid(row);
        all = false;
        return int64_t{0};
      });
  return all;
}

void RegisterCast(duckdb::ExtensionLoader& loader, const LogicalType& from, const LogicalType& to,
                  duckdb::cast_function_t function) {
  loader.RegisterCastFunction(from, to, duckdb::BoundCastInfo(function), duckdb::CastRules::ImplicitCast(from, to));
}

}  // namespace

LogicalType NanosecondsInUtc() {
  LogicalType type(LogicalTypeId::TIMESTAMP_NS);
  type.SetAlias("timestamptz_ns");
  return type;
}

void RegisterNanosecondCasts(duckdb::ExtensionLoader& loader) {
  RegisterCast(loader, LogicalType::TIMESTAMP_NS, LogicalType::TIMESTAMP, ToMicros);
  RegisterCast(loader, LogicalType::TIMESTAMP, LogicalType::TIMESTAMP_NS, ToNanos);
  RegisterCast(loader, NanosecondsInUtc(), LogicalType::TIMESTAMP_TZ, ToMicros);
  RegisterCast(loader, LogicalType::TIMESTAMP_TZ, NanosecondsInUtc(), ToNanos);
}

bool HasNanoseconds(const iceberg::Type& type) {
  if (type.id() == iceberg::TypeId::kTimestampNs || type.id() == iceberg::TypeId::kTimestampTzNs) return true;
  const auto& fields = type.fields();
  return std::any_of(fields.begin(), fields.end(), [](const auto& field) { return HasNanoseconds(field.type); });
}

}  // namespace lake::server
