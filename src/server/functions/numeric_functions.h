// Numerics whose scale is a matter of the value, as PostgreSQL has them: VARCHAR in its text form (numeric_value.h).
// Names of the functions:
//
//   pg_numeric_add, _subtract, _multiply, _divide, _modulo (VARCHAR, VARCHAR) -> VARCHAR
//   pg_numeric_negate, _abs, _ceil, _floor, _sign (VARCHAR) -> VARCHAR
//   pg_numeric_round, _trunc (VARCHAR, INTEGER) -> VARCHAR
//   pg_numeric_fit (VARCHAR, precision INTEGER, scale INTEGER) -> VARCHAR: as a column numeric(p,s) holds it
//   pg_numeric_key (VARCHAR | DECIMAL) -> BLOB: compares as the numbers do
//   pg_numeric_int2, _int4, _int8 (VARCHAR) -> integers; pg_numeric_float8 (VARCHAR) -> DOUBLE
//   pg_numeric_of_float (FLOAT | DOUBLE) -> VARCHAR
//   pg_numeric_in (VARCHAR) -> VARCHAR: what a user typed, in its canonical form
//   pg_numeric_sum (VARCHAR) -> VARCHAR, an aggregate; (DECIMAL, DECIMAL) -> VARCHAR: the sum of their quotients
//
// NULL arguments give NULL; the aggregates leave them out, and give NULL for no rows.
#pragma once

namespace duckdb {
class ExtensionLoader;
}

namespace lake::server {

void RegisterNumericFunctions(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
