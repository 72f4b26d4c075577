// Transforms (iceberg/partition.h) of many values at once, as numbers: equal where the transformed values are equal,
// and in their order. The number of a truncation is that of the interval, whose lower end may not exist in the type.
#pragma once

#include <string_view>

#include "base/civil_time.h"
#include "base/int128.h"
#include "base/uuid.h"
#include "duckdb/common/types/hugeint.hpp"
#include "duckdb/common/types/string_type.hpp"
#include "iceberg/partition.h"

namespace lake::server {

inline std::string_view ViewOf(const duckdb::string_t& text) { return {text.GetData(), text.GetSize()}; }

inline Int128 Widen(duckdb::hugeint_t value) { return (static_cast<Int128>(value.upper) << 64) | value.lower; }

/// DuckDB keeps a UUID as an integer whose highest bit is flipped.
lake::Uuid UuidOf(duckdb::hugeint_t value);

inline int64_t BucketOf(int32_t hash, const iceberg::Transform& transform) {
  return (hash & INT32_MAX) % transform.parameter();
}

/// Calls `each` with a function from an integer, date, time, timestamp (in microseconds, whatever the column has) or
/// decimal of up to 18 digits to int64_t.
template <typename Each>
void WithNumberOf(const iceberg::Transform& transform, const iceberg::Type& type, Each&& each) {
  using iceberg::Transform;
  using iceberg::TypeId;
  constexpr int64_t kSecondsPerDay = 86400;
  constexpr int64_t kMicrosPerSecond = 1000000;
  auto seconds_of = [&](int64_t value) {
    if (type.id() == TypeId::kDate) return value * kSecondsPerDay;
    return FloorDiv(value, kMicrosPerSecond);
  };
  auto month_of = [&](int64_t value) {
    CivilDate date = CivilFromDays(FloorDiv(seconds_of(value), kSecondsPerDay));
    return static_cast<int64_t>(date.year * 12 + date.month);
  };
  switch (transform.kind()) {
    case Transform::Kind::kBucket:
      if (type.id() == TypeId::kDecimal) {
        return each([&](int64_t value) {
          return BucketOf(iceberg::BucketHash(std::string_view(Int128ToBigEndian(value))), transform);
        });
      }
      return each([&](int64_t value) { return BucketOf(iceberg::BucketHash(value), transform); });
    case Transform::Kind::kTruncate: return each([&](int64_t value) { return FloorDiv(value, transform.parameter()); });
    case Transform::Kind::kYear: return each([&](int64_t value) { return FloorDiv(month_of(value) - 1, 12); });
    case Transform::Kind::kMonth: return each(month_of);
    case Transform::Kind::kDay: return each([&](int64_t value) { return FloorDiv(seconds_of(value), kSecondsPerDay); });
    case Transform::Kind::kHour: return each([&](int64_t value) { return FloorDiv(seconds_of(value), int64_t{3600}); });
    default: return each([](int64_t value) { return value; });
  }
}

/// bucket and truncate of decimals of more than 18 digits; bucket of UUIDs.
Int128 NumberOf(const iceberg::Transform& transform, const iceberg::Type& type, duckdb::hugeint_t value);

}  // namespace lake::server
