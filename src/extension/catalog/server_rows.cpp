/*
 * server_rows.cpp
 *	  See server_rows.h.
 */
extern "C" {
#include "postgres.h"
#include "funcapi.h"
#include "utils/snapmgr.h"
}

#include "catalog/pointer.h"
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

const char *
lake_visible_base(Oid relid)
{
	LakePointer pointer;

	return lake_pointer_get(relid, GetActiveSnapshot(), &pointer) ? lake_pointer_base(&pointer) : NULL;
}

Datum
lake_return_table_rows(FunctionCallInfo fcinfo, const char *sql)
{
	const char *base = lake_visible_base(PG_GETARG_OID(0));

	if (base != NULL)
		return lake_return_server_rows(fcinfo, sql, base);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	return (Datum) 0;
}
