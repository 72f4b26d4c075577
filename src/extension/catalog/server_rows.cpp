/*
 * server_rows.cpp
 *	  See server_rows.h.
 */
extern "C" {
#include "postgres.h"
#include "funcapi.h"
}

#include "catalog/server_rows.h"
#include "link/connection.h"

Datum
lake_return_server_rows(FunctionCallInfo fcinfo, const char *sql, const char *base)
{
	ReturnSetInfo *result;
	const char *params[1] = {base};
	char	  **values;
	int			ncolumns;
	int			nrows;
	AttInMetadata *input;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	result = (ReturnSetInfo *) fcinfo->resultinfo;
	ncolumns = result->setDesc->natts;
	nrows = lake_link_call(sql, 1, params, ncolumns, &values);
	input = TupleDescGetAttInMetadata(result->setDesc);
	for (int row = 0; row < nrows; row++)
		tuplestore_puttuple(result->setResult, BuildTupleFromCStrings(input, values + row * ncolumns));
	return (Datum) 0;
}
