/*
 * struct_type.cpp
 *	  See struct_type.h.
 *
 * The name is every field's name and an underscore, then 8 hexadecimal digits: the CRC-32C over that and over the fields' type OIDs, 4 bytes each,
 * little-endian. Blanks become underscores. It tells definitions apart but for their typmods: a second one of a name gets a number behind it.
 */
extern "C" {
#include "postgres.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/typecmds.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "nodes/makefuncs.h"
#include "port/pg_crc32c.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
}

#include "types/struct_type.h"

#define SCHEMA "lake_struct"
#define HASH_DIGITS 8

static uint32
hash_of(const char *base, const LakeStructField *fields, int nfields)
{
	pg_crc32c	crc;

	INIT_CRC32C(crc);
	COMP_CRC32C(crc, base, strlen(base));
	for (int i = 0; i < nfields; i++)
	{
		unsigned char bytes[4];

		for (int byte = 0; byte < 4; byte++)
			bytes[byte] = (unsigned char) (fields[i].typid >> (8 * byte));
		COMP_CRC32C(crc, bytes, sizeof(bytes));
	}
	FIN_CRC32C(crc);
	return crc;
}

/* A long name loses its end, but not the hash, nor `suffix`. */
static char *
name_of(const LakeStructField *fields, int nfields, const char *suffix)
{
	StringInfoData base;
	int			room = NAMEDATALEN - 1 - HASH_DIGITS - (int) strlen(suffix);
	char	   *name;

	initStringInfo(&base);
	for (int i = 0; i < nfields; i++)
		appendStringInfo(&base, "%s_", fields[i].name);
	name = psprintf("%.*s%8x%s", pg_mbcliplen(base.data, base.len, room), base.data, hash_of(base.data, fields, nfields), suffix);
	for (char *at = name; *at != '\0'; at++)
		if (*at == ' ')
			*at = '_';
	return name;
}

static bool
has_fields(Oid typid, const LakeStructField *fields, int nfields)
{
	TupleDesc	desc;
	bool		same;

	if (get_typtype(typid) != TYPTYPE_COMPOSITE)
		return false;
	desc = lookup_rowtype_tupdesc(typid, -1);
	same = desc->natts == nfields;
	for (int i = 0; i < nfields && same; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		same = !att->attisdropped && strcmp(NameStr(att->attname), fields[i].name) == 0 && att->atttypid == fields[i].typid &&
			att->atttypmod == fields[i].typmod;
	}
	ReleaseTupleDesc(desc);
	return same;
}

static Oid
create_type(const char *name, const LakeStructField *fields, int nfields)
{
	List	   *columns = NIL;
	Oid			typid;

	for (int i = 0; i < nfields; i++)
		columns = lappend(columns, makeColumnDef(fields[i].name, fields[i].typid, fields[i].typmod, get_typcollation(fields[i].typid)));
	typid = DefineCompositeType(makeRangeVar(pstrdup(SCHEMA), pstrdup(name), -1), columns).objectId;
	CommandCounterIncrement();
	return typid;
}

Oid
lake_make_struct_type(const LakeStructField *fields, int nfields)
{
	Oid			schema = get_namespace_oid(SCHEMA, false);

	for (int number = 1;; number++)
	{
		char	   *name = name_of(fields, nfields, number == 1 ? "" : psprintf("_%d", number));
		Oid			typid = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name), ObjectIdGetDatum(schema));

		if (!OidIsValid(typid))
			return create_type(name, fields, nfields);
		if (has_fields(typid, fields, nfields))
			return typid;
	}
}

extern "C" {
PG_FUNCTION_INFO_V1(lake_struct_type);
}

/* lake_engine.struct_type(names text[], types regtype[]) */
Datum
lake_struct_type(PG_FUNCTION_ARGS)
{
	Datum	   *names;
	Datum	   *types;
	bool	   *name_nulls;
	bool	   *type_nulls;
	int			nnames;
	int			ntypes;
	LakeStructField *fields;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false, TYPALIGN_INT, &names, &name_nulls, &nnames);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), REGTYPEOID, sizeof(Oid), true, TYPALIGN_INT, &types, &type_nulls, &ntypes);
	if (nnames != ntypes || nnames == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a struct needs as many types as names, and at least one"),
				 errdetail("There are %d names and %d types.", nnames, ntypes)));
	fields = (LakeStructField *) palloc(sizeof(LakeStructField) * nnames);
	for (int i = 0; i < nnames; i++)
	{
		if (name_nulls[i] || type_nulls[i])
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("names and types of a struct must not be null")));
		fields[i].name = TextDatumGetCString(names[i]);
		fields[i].typid = DatumGetObjectId(types[i]);
		fields[i].typmod = -1;
	}
	PG_RETURN_OID(lake_make_struct_type(fields, nnames));
}
