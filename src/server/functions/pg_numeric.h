// Arithmetic with PostgreSQL's results and errors, where DuckDB's own differs (docs/pushdown.md):
//   pg_int_divide, pg_int_modulo      division by zero is an error, not NULL; the smallest integer divided by -1 is out
//   of range pg_float_add .. pg_float_divide   overflow, underflow and division by zero are errors, not infinities and
//   zeros pg_decimal_multiply(DECIMAL, DECIMAL)   the exact product in 128 bits, where DuckDB's overflows 64; more than
//   38 digits are an error pg_numeric_divide_text(DECIMAL, DECIMAL)   numeric division, and avg() as sum / count: the
//   text of PostgreSQL's numeric
// NULL arguments give NULL.
#pragma once

#include <cstdint>
#include <string>

namespace duckdb {
class ExtensionLoader;
}

namespace lake::server {

// left / right as PostgreSQL's numeric division prints it, with the scale that select_div_scale() of its numeric.c
// would choose: at least 16 significant digits, counted in groups of four. The arguments are unscaled: a value is left
// * 10^-left_scale. right != 0.
std::string NumericQuotient(__int128 left, int left_scale, __int128 right, int right_scale);

// The first of a number's digits of base 10000 that is not zero, and where it stands; all 0 for zero.
struct NumericGroup {
  int weight = 0;
  int digit = 0;
};

// The scale of a quotient; display_scale is the larger one of the arguments.
int NumericQuotientScale(const NumericGroup& left, const NumericGroup& right, int display_scale);

// The same. Digits are decimal, without sign and leading zeros ("0" for zero), the last one at position -scale.
int NumericQuotientScale(const std::string& left_digits, int left_scale, const std::string& right_digits,
                         int right_scale);

void RegisterPgNumeric(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
