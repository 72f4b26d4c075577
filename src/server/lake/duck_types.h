// Iceberg's types and values as DuckDB's, and back.
//
// boolean BOOLEAN, int INTEGER, long BIGINT, float FLOAT, double DOUBLE, decimal(p,s) DECIMAL(p,s), date DATE, time
// TIME, timestamp and timestamp_ns TIMESTAMP, timestamptz and timestamptz_ns TIMESTAMP WITH TIME ZONE (nanoseconds.h),
// string VARCHAR, uuid UUID, fixed and binary BLOB, struct STRUCT, list LIST, map MAP, unknown VARCHAR (always null),
// variant VARCHAR (JSON, variant_column.h), geometry and geography BLOB (Well-Known Binary).
#pragma once

#include <optional>

#include "duckdb/common/types.hpp"
#include "duckdb/common/types/value.hpp"
#include "iceberg/literal.h"

namespace lake::server {

/// kUnsupported `unsupported Iceberg type: variant` and alike; `name` says which column.
Result<duckdb::LogicalType> DuckType(const iceberg::Type& type, const std::string& name);

/// The literal as a value of DuckType(literal.type()).
duckdb::Value DuckValue(const iceberg::Literal& literal);

/// The value as a literal of the Iceberg type nearest to its own; nullopt when there is none (null, infinity, nested,
/// intervals, integers beyond 64 bits). Not yet cast to a column's type.
std::optional<iceberg::Literal> LiteralOf(const duckdb::Value& value);

/// Whether values that are read as `shown` sort and compare as the column's own values do: then filters on what is
/// shown may prune by the column's bounds. True for equal types and among integers.
bool KeepsOrder(const iceberg::Type& type, const duckdb::LogicalType& shown);

}  // namespace lake::server
