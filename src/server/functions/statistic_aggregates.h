// Variance, correlation and regression as PostgreSQL computes them.
//
//   pg_var_pop, pg_var_samp, pg_stddev_pop, pg_stddev_samp
//     (BIGINT | DECIMAL | VARCHAR, a numeric in text form) -> VARCHAR: exact sums, divided with PostgreSQL's scale
//   pg_float_var_pop, .._var_samp, .._stddev_pop, .._stddev_samp (DOUBLE) -> DOUBLE
//   pg_covar_pop, pg_covar_samp, pg_corr, pg_regr_sxx, _syy, _sxy, _avgx, _avgy, _r2, _slope, _intercept
//     (y DOUBLE, x DOUBLE) -> DOUBLE
//   pg_regr_count (DOUBLE, DOUBLE) -> BIGINT
//
//   pg_percentile_cont(values DOUBLE[], fraction DOUBLE) -> DOUBLE: of values in their order
//
// Rows with a NULL are left out. Floats are summed by the method of Youngs and Cramer, whose last bits depend on the
// order of rows.
#pragma once

namespace duckdb {
class ExtensionLoader;
}

namespace lake::server {

void RegisterVariances(duckdb::ExtensionLoader& loader);
void RegisterRegressions(duckdb::ExtensionLoader& loader);

}  // namespace lake::server
