/*
 * value_functions.cpp
 *	  pg_catalog.to_date(double precision) and to_postgres (surface.md, FN-2).
 */
extern "C" {
#include "postgres.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/date.h"
}

#include <cmath>

extern "C" {
PG_FUNCTION_INFO_V1(lake_to_date);
PG_FUNCTION_INFO_V1(lake_to_postgres);
}

/* The date of an instant that is so many days after 1970-01-01 00:00: Parquet's encoding of dates. Errors are those of to_timestamp(). */
Datum
lake_to_date(PG_FUNCTION_ARGS)
{
	float8		days = PG_GETARG_FLOAT8(0);
	float8		date = floor(days) + (UNIX_EPOCH_JDATE - POSTGRES_EPOCH_JDATE);

	if (std::isnan(days))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("date cannot be NaN")));
	if (std::isinf(days))
		PG_RETURN_DATEADT(days > 0 ? DATEVAL_NOEND : DATEVAL_NOBEGIN);
	if (date < DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE || date >= DATE_END_JULIAN - POSTGRES_EPOCH_JDATE)
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("date out of range: \"%g\"", days)));
	PG_RETURN_DATEADT((DateADT) date);
}

/* Its argument. That the server does not know it, and that it is volatile, keeps what is around it in PostgreSQL. */
Datum
lake_to_postgres(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}
