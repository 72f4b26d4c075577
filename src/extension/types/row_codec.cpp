/*
 * row_codec.cpp
 *	  Encoding and decoding of binary COPY tuples.
 *
 * A tuple is: int16 number of fields, then per field int32 length (-1 = null) and that many bytes, all big-endian; -1 instead of
 * the number of fields ends the stream. A stream starts with "PGCOPY\n\377\r\n\0", int32 flags, int32 extension length.
 */
extern "C" {
#include "postgres.h"
#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
}

#include "types/row_codec.h"
#include "types/wire_bytes.h"

static void
init_column(LakeCodecColumn *column, AttrNumber attnum, const char *name, const LakeTypeInfo *type, bool for_decoding)
{
	column->attnum = attnum;
	column->name = name;
	column->wire_type = lake_wire_type_text(type);
	lake_init_value_codec(&column->value, name, type, for_decoding);
}

LakeRowCodec *
lake_make_relation_codec(Relation rel, TupleDesc desc, bool for_decoding, bool clamp)
{
	LakeRowCodec *codec = (LakeRowCodec *) palloc0(sizeof(LakeRowCodec));

	codec->columns = (LakeCodecColumn *) palloc0(sizeof(LakeCodecColumn) * Max(desc->natts, 1));
	codec->rules.clamp = clamp;
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		LakeTypeInfo type;

		if (att->attisdropped)
			continue;
		if (!lake_lookup_type(att->atttypid, att->atttypmod, &type))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("column \"%s\" of table \"%s\" has type %s, which is currently not supported for iceberg tables",
							NameStr(att->attname), RelationGetRelationName(rel),
							format_type_with_typemod(att->atttypid, att->atttypmod))));
		init_column(&codec->columns[codec->ncolumns++], att->attnum, pstrdup(NameStr(att->attname)), &type, for_decoding);
	}
	codec->scratch = AllocSetContextCreate(CurrentMemoryContext, "lake row codec", ALLOCSET_SMALL_SIZES);
	return codec;
}

LakeRowCodec *
lake_make_stream_codec(TupleDesc desc)
{
	LakeRowCodec *codec = (LakeRowCodec *) palloc0(sizeof(LakeRowCodec));

	codec->columns = (LakeCodecColumn *) palloc0(sizeof(LakeCodecColumn) * Max(desc->natts, 1));
	codec->rules.any_time = true;
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		LakeTypeInfo type;

		if (!lake_lookup_type(att->atttypid, att->atttypmod, &type))
			elog(ERROR, "unexpected type %s of a streamed column", format_type_be(att->atttypid));
		init_column(&codec->columns[codec->ncolumns++], i + 1, pstrdup(NameStr(att->attname)), &type, false);
	}
	codec->scratch = AllocSetContextCreate(CurrentMemoryContext, "lake row codec", ALLOCSET_SMALL_SIZES);
	return codec;
}

LakeRowCodec *
lake_make_result_codec(List *typids, List *typmods, List *attnums)
{
	LakeRowCodec *codec = (LakeRowCodec *) palloc0(sizeof(LakeRowCodec));
	int			n = list_length(typids);

	codec->columns = (LakeCodecColumn *) palloc0(sizeof(LakeCodecColumn) * Max(n, 1));
	codec->ncolumns = n;
	for (int i = 0; i < n; i++)
	{
		LakeTypeInfo type;
		Oid			typid = list_nth_oid(typids, i);
		int32		typmod = list_nth_int(typmods, i);

		if (!lake_lookup_result_type(typid, typmod, &type))
			elog(ERROR, "unexpected result type %s of a shipped query", format_type_be(typid));
		if (typmod == LAKE_TYPMOD_TEXT_FORM && type.typid == NUMERICOID)
			type.wire = LAKE_WIRE_TEXT;
		init_column(&codec->columns[i], attnums == NIL ? i + 1 : list_nth_int(attnums, i), psprintf("%d", i + 1), &type, true);
	}
	return codec;
}

void
lake_encode_row(LakeRowCodec *codec, TupleTableSlot *slot, StringInfo out)
{
	MemoryContext old = MemoryContextSwitchTo(codec->scratch);
	uint16		nfields = pg_hton16((uint16) codec->ncolumns);

	memcpy(reserve(out, sizeof(nfields)), &nfields, sizeof(nfields));
	for (int i = 0; i < codec->ncolumns; i++)
	{
		int			index = codec->columns[i].attnum - 1;

		if (slot->tts_isnull[index])
			append_int32(out, -1);
		else
			lake_encode_value(&codec->rules, &codec->columns[i].value, slot->tts_values[index], out);
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(codec->scratch);
}

/* The fields of the tuple at *cursor, which moves behind their number; false at the trailer. */
static bool
begin_row(LakeRowCodec *codec, const char **cursor, const char *end, int *nfields)
{
	if (end - *cursor < 2)
		lake_malformed_value("a message ends inside a row");
	*nfields = read_int16(*cursor);
	*cursor += 2;
	if (*nfields == -1)
		return false;
	/* A query that needs no columns still has to select something: a codec without columns skips it. */
	if (*nfields != codec->ncolumns && !(codec->ncolumns == 0 && *nfields == 1))
		lake_malformed_value(psprintf("%d columns, expected %d", *nfields, codec->ncolumns));
	return true;
}

/* The length of the field at *cursor, which moves behind it; -1: null. */
static inline int32
begin_field(const char **cursor, const char *end)
{
	int32		length;

	if (end - *cursor < 4)
		lake_malformed_value("a message ends inside a row");
	length = read_int32(*cursor);
	*cursor += 4;
	if (length < -1 || length > end - *cursor)
		lake_malformed_value("a message ends inside a row");
	return length;
}

bool
lake_skip_row(LakeRowCodec *codec, const char **cursor, const char *end)
{
	int			nfields;

	if (!begin_row(codec, cursor, end, &nfields))
		return false;
	for (int i = 0; i < nfields; i++)
	{
		int32		length = begin_field(cursor, end);

		*cursor += Max(length, 0);
	}
	return true;
}

bool
lake_decode_row(LakeRowCodec *codec, const char **cursor, const char *end, Datum *values, bool *isnull)
{
	const char *at = *cursor;
	int			nfields;

	if (!begin_row(codec, &at, end, &nfields))
	{
		*cursor = at;
		return false;
	}
	for (int i = 0; i < nfields; i++)
	{
		LakeCodecColumn *column = i < codec->ncolumns ? &codec->columns[i] : NULL;
		int32		length = begin_field(&at, end);

		if (column != NULL && column->attnum == SelfItemPointerAttributeNumber)
		{
			codec->row_id = DatumGetInt64(lake_decode_value(&column->value, at, length));
			at += length;
			continue;
		}
		if (column == NULL || length == -1)
		{
			if (column != NULL)
			{
				values[column->attnum - 1] = (Datum) 0;
				isnull[column->attnum - 1] = true;
			}
			at += Max(length, 0);
			continue;
		}
		values[column->attnum - 1] = lake_decode_value(&column->value, at, length);
		isnull[column->attnum - 1] = false;
		at += length;
	}
	*cursor = at;
	return true;
}
