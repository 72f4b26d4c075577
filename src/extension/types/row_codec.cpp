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
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"
}

#include "types/row_codec.h"

/* Iceberg's and every reader's common range (TYPE-17), in PostgreSQL's units. */
#define LAKE_MIN_DATE	(38 - POSTGRES_EPOCH_JDATE)	/* date2j(-4712, 1, 1) */
#define LAKE_MAX_DATE	(5373484 - POSTGRES_EPOCH_JDATE)	/* date2j(9999, 12, 31) */
#define LAKE_MIN_TIMESTAMP ((int64) (1721426 - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY)	/* date2j(1, 1, 1) */
#define LAKE_MAX_TIMESTAMP ((int64) (LAKE_MAX_DATE + 1) * USECS_PER_DAY - 1)

static void
init_column(LakeCodecColumn *column, AttrNumber attnum, const char *name, Oid typid, int32 typmod, const LakeTypeInfo *type,
			bool for_decoding)
{
	column->attnum = attnum;
	column->name = name;
	column->typid = type->typid;
	column->typmod = type->typmod;
	column->wire = type->wire;
	column->raw_text = type->wire == LAKE_WIRE_TEXT &&
		(type->typid == TEXTOID || type->typid == VARCHAROID || type->typid == JSONOID ||
		 (type->typid == BPCHAROID && !for_decoding));
	if (type->wire == LAKE_WIRE_TEXT && !column->raw_text)
	{
		Oid			function;
		bool		is_varlena;

		if (for_decoding)
			getTypeInputInfo(type->typid, &function, &column->text_param);
		else
			getTypeOutputInfo(type->typid, &function, &is_varlena);
		fmgr_info(function, &column->text_function);
	}
}

LakeRowCodec *
lake_make_relation_codec(Relation rel, TupleDesc desc, bool for_decoding, bool clamp)
{
	LakeRowCodec *codec = (LakeRowCodec *) palloc0(sizeof(LakeRowCodec));

	codec->columns = (LakeCodecColumn *) palloc0(sizeof(LakeCodecColumn) * Max(desc->natts, 1));
	codec->clamp = clamp;
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
		init_column(&codec->columns[codec->ncolumns++], att->attnum, pstrdup(NameStr(att->attname)), att->atttypid,
					att->atttypmod, &type, for_decoding);
	}
	codec->scratch = AllocSetContextCreate(CurrentMemoryContext, "lake row codec", ALLOCSET_SMALL_SIZES);
	return codec;
}

LakeRowCodec *
lake_make_stream_codec(TupleDesc desc)
{
	LakeRowCodec *codec = (LakeRowCodec *) palloc0(sizeof(LakeRowCodec));

	codec->columns = (LakeCodecColumn *) palloc0(sizeof(LakeCodecColumn) * Max(desc->natts, 1));
	codec->any_time = true;
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		LakeTypeInfo type;

		if (!lake_lookup_type(att->atttypid, att->atttypmod, &type))
			elog(ERROR, "unexpected type %s of a streamed column", format_type_be(att->atttypid));
		init_column(&codec->columns[codec->ncolumns++], i + 1, pstrdup(NameStr(att->attname)), att->atttypid, att->atttypmod, &type, false);
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

		/* A numeric result needs no typmod to be decoded: its digits carry the scale. */
		if (getBaseType(typid) == NUMERICOID)
		{
			memset(&type, 0, sizeof(type));
			type.typid = NUMERICOID;
			type.typmod = -1;
			type.wire = typmod == LAKE_TYPMOD_TEXT_FORM ? LAKE_WIRE_TEXT : LAKE_WIRE_NUMERIC;
		}
		else if (!lake_lookup_type(typid, typmod, &type))
			elog(ERROR, "unexpected result type %s of a shipped query", format_type_be(typid));
		init_column(&codec->columns[i], attnums == NIL ? i + 1 : list_nth_int(attnums, i), psprintf("%d", i + 1), typid, typmod,
					&type, true);
	}
	return codec;
}

/* ---------------------------------------------------------------- encoding */

/* Room for so many bytes at the end. The terminating zero of a StringInfo is not kept up: nobody reads it here. */
static inline char *
reserve(StringInfo out, int length)
{
	char	   *at;

	if (out->len + length >= out->maxlen)
		enlargeStringInfo(out, length);
	at = out->data + out->len;
	out->len += length;
	return at;
}

static inline void
store_int32(char *at, int32 value)
{
	uint32		net = pg_hton32((uint32) value);

	memcpy(at, &net, sizeof(net));
}

static inline void
append_int32(StringInfo out, int32 value)
{
	store_int32(reserve(out, sizeof(value)), value);
}

static inline void
append_fixed(StringInfo out, const void *bytes, int32 length)
{
	char	   *at = reserve(out, length + sizeof(int32));

	store_int32(at, length);
	memcpy(at + sizeof(int32), bytes, length);
}

static inline void
append_int64_field(StringInfo out, int64 value)
{
	uint64		net = pg_hton64((uint64) value);

	append_fixed(out, &net, sizeof(net));
}

static inline void
append_int32_field(StringInfo out, int32 value)
{
	uint32		net = pg_hton32((uint32) value);

	append_fixed(out, &net, sizeof(net));
}

static int64
check_timestamp(LakeRowCodec *codec, LakeCodecColumn *column, int64 value)
{
	if ((value >= LAKE_MIN_TIMESTAMP && value <= LAKE_MAX_TIMESTAMP) || codec->any_time)
		return value;
	if (codec->clamp)
		return value < LAKE_MIN_TIMESTAMP ? LAKE_MIN_TIMESTAMP : LAKE_MAX_TIMESTAMP;
	if (TIMESTAMP_NOT_FINITE(value))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
				 errmsg("infinite timestamps are not allowed in iceberg tables"),
				 errdetail("Column \"%s\" got %s.", column->name, TIMESTAMP_IS_NOBEGIN(value) ? "-infinity" : "infinity"),
				 errhint("Use the table option out_of_range_values = 'clamp' to store the nearest limit.")));
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
			 errmsg("timestamp out of range"),
			 errdetail("Column \"%s\" of an iceberg table holds timestamps from 0001-01-01 to 9999-12-31 23:59:59.999999.",
					   column->name),
			 errhint("Use the table option out_of_range_values = 'clamp' to store the nearest limit.")));
	return 0;
}

static int32
check_date(LakeRowCodec *codec, LakeCodecColumn *column, int32 value)
{
	if ((value >= LAKE_MIN_DATE && value <= LAKE_MAX_DATE) || codec->any_time)
		return value;
	if (codec->clamp)
		return value < LAKE_MIN_DATE ? LAKE_MIN_DATE : LAKE_MAX_DATE;
	if (DATE_NOT_FINITE(value))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
				 errmsg("infinite dates are not allowed in iceberg tables"),
				 errdetail("Column \"%s\" got %s.", column->name, DATE_IS_NOBEGIN(value) ? "-infinity" : "infinity"),
				 errhint("Use the table option out_of_range_values = 'clamp' to store the nearest limit.")));
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
			 errmsg("date out of range"),
			 errdetail("Column \"%s\" of an iceberg table holds dates from 4713-01-01 BC to 9999-12-31.", column->name),
			 errhint("Use the table option out_of_range_values = 'clamp' to store the nearest limit.")));
	return 0;
}

/*
 * What numeric_send makes of a finite number, without its three allocations: they were a tenth of a COPY. The layout is that of numeric.c,
 * "NumericShort" and "NumericLong", which is the format on disk.
 */
static void
append_finite_numeric(Numeric num, StringInfo out)
{
	const char *body = VARDATA(num);
	int			nbytes = VARSIZE(num) - VARHDRSZ;
	uint16		header;
	int16		weight;
	uint16		sign;
	uint16		dscale;
	int			header_size;
	int			ndigits;
	char	   *at;

	memcpy(&header, body, sizeof(header));
	if ((header & 0xC000) == 0x8000)
	{
		header_size = sizeof(uint16);
		weight = (int16) ((header & 0x0040 ? ~0x003F : 0) | (header & 0x003F));
		sign = header & 0x2000 ? 0x4000 : 0;
		dscale = (header & 0x1F80) >> 7;
	}
	else
	{
		header_size = 2 * sizeof(uint16);
		memcpy(&weight, body + sizeof(uint16), sizeof(weight));
		sign = header & 0xC000;
		dscale = header & 0x3FFF;
	}
	ndigits = (nbytes - header_size) / (int) sizeof(int16);
	at = reserve(out, sizeof(int32) + (4 + ndigits) * sizeof(int16));
	store_int32(at, (4 + ndigits) * (int) sizeof(int16));
	at += sizeof(int32);
	for (int i = -4; i < ndigits; i++, at += sizeof(int16))
	{
		uint16		word;

		switch (i)
		{
			case -4: word = (uint16) ndigits; break;
			case -3: word = (uint16) weight; break;
			case -2: word = sign; break;
			case -1: word = dscale; break;
			default: memcpy(&word, body + header_size + i * sizeof(int16), sizeof(word)); break;
		}
		word = pg_hton16(word);
		memcpy(at, &word, sizeof(word));
	}
}

static void
append_numeric(LakeRowCodec *codec, LakeCodecColumn *column, Datum value, StringInfo out)
{
	Numeric		num = DatumGetNumeric(value);

	if (numeric_is_nan(num) || numeric_is_inf(num))
	{
		if (codec->clamp)
		{
			append_int32(out, -1);
			return;
		}
		if (codec->any_time)
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s in column \"%s\" cannot be sent to the query engine", numeric_is_nan(num) ? "NaN" : "Infinity", column->name),
					 errhint("Set pg_lake_table.enable_full_query_pushdown to off to run the statement in PostgreSQL.")));
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s is not supported for Iceberg decimal", numeric_is_nan(num) ? "NaN" : "Infinity"),
				 errdetail("Column \"%s\" is an Iceberg decimal.", column->name),
				 errhint("Use a float column, or the table option out_of_range_values = 'clamp' to store NULL.")));
	}
	append_finite_numeric(num, out);
}

/* int64 microseconds, int32 days, int32 months */
static void
append_interval(const Interval *interval, StringInfo out)
{
	uint64		time = pg_hton64((uint64) interval->time);
	uint32		day = pg_hton32((uint32) interval->day);
	uint32		month = pg_hton32((uint32) interval->month);

	append_int32(out, 16);
	appendBinaryStringInfo(out, (const char *) &time, sizeof(time));
	appendBinaryStringInfo(out, (const char *) &day, sizeof(day));
	appendBinaryStringInfo(out, (const char *) &month, sizeof(month));
}

static void
append_text_form(LakeCodecColumn *column, Datum value, StringInfo out)
{
	if (column->raw_text)
	{
		struct varlena *text = PG_DETOAST_DATUM_PACKED(value);

		append_fixed(out, VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text));
	}
	else
	{
		char	   *text = OutputFunctionCall(&column->text_function, value);

		append_fixed(out, text, strlen(text));
	}
}

static void
append_field(LakeRowCodec *codec, LakeCodecColumn *column, Datum value, StringInfo out)
{
	switch (column->wire)
	{
		case LAKE_WIRE_BOOL:
			{
				char		byte = DatumGetBool(value) ? 1 : 0;

				append_fixed(out, &byte, 1);
				break;
			}
		case LAKE_WIRE_INT2:
			{
				uint16		net = pg_hton16((uint16) DatumGetInt16(value));

				append_fixed(out, &net, sizeof(net));
				break;
			}
		case LAKE_WIRE_INT4:
			append_int32_field(out, DatumGetInt32(value));
			break;
		case LAKE_WIRE_INT8:
			append_int64_field(out, column->typid == OIDOID ? (int64) DatumGetObjectId(value) : DatumGetInt64(value));
			break;
		case LAKE_WIRE_FLOAT4:
			{
				float4		number = DatumGetFloat4(value);
				int32		bits;

				memcpy(&bits, &number, sizeof(bits));
				append_int32_field(out, bits);
				break;
			}
		case LAKE_WIRE_FLOAT8:
			{
				float8		number = DatumGetFloat8(value);
				int64		bits;

				memcpy(&bits, &number, sizeof(bits));
				append_int64_field(out, bits);
				break;
			}
		case LAKE_WIRE_NUMERIC:
			append_numeric(codec, column, value, out);
			break;
		case LAKE_WIRE_DATE:
			append_int32_field(out, check_date(codec, column, DatumGetDateADT(value)));
			break;
		case LAKE_WIRE_TIME:
			if (column->typid == TIMETZOID)
			{
				TimeTzADT  *timetz = DatumGetTimeTzADTP(value);
				int64		utc = (timetz->time + (int64) timetz->zone * USECS_PER_SEC) % USECS_PER_DAY;

				append_int64_field(out, utc < 0 ? utc + USECS_PER_DAY : utc);
			}
			else
				append_int64_field(out, DatumGetTimeADT(value));
			break;
		case LAKE_WIRE_TIMESTAMP:
		case LAKE_WIRE_TIMESTAMPTZ:
			append_int64_field(out, check_timestamp(codec, column, DatumGetTimestamp(value)));
			break;
		case LAKE_WIRE_UUID:
			append_fixed(out, DatumGetUUIDP(value)->data, UUID_LEN);
			break;
		case LAKE_WIRE_BYTEA:
			{
				struct varlena *bytes = PG_DETOAST_DATUM_PACKED(value);

				append_fixed(out, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
				break;
			}
		case LAKE_WIRE_TEXT:
			append_text_form(column, value, out);
			break;
		case LAKE_WIRE_INTERVAL:
			append_interval(DatumGetIntervalP(value), out);
			break;
	}
}

void
lake_encode_row(LakeRowCodec *codec, TupleTableSlot *slot, StringInfo out)
{
	MemoryContext old = MemoryContextSwitchTo(codec->scratch);
	uint16		nfields = pg_hton16((uint16) codec->ncolumns);

	memcpy(reserve(out, sizeof(nfields)), &nfields, sizeof(nfields));
	for (int i = 0; i < codec->ncolumns; i++)
	{
		LakeCodecColumn *column = &codec->columns[i];
		int			index = column->attnum - 1;

		if (slot->tts_isnull[index])
			append_int32(out, -1);
		else
			append_field(codec, column, slot->tts_values[index], out);
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(codec->scratch);
}

/* ---------------------------------------------------------------- decoding */

static void
malformed(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROTOCOL_VIOLATION), errmsg("malformed row from the query engine: %s", what)));
}

static inline void
check_length(LakeCodecColumn *column, int32 length, int32 expected)
{
	if (length != expected)
		malformed(psprintf("column %s has %d bytes, expected %d", column->name, length, expected));
}

static inline int16
read_int16(const char *bytes)
{
	uint16		net;

	memcpy(&net, bytes, sizeof(net));
	return (int16) pg_ntoh16(net);
}

static inline int32
read_int32(const char *bytes)
{
	uint32		net;

	memcpy(&net, bytes, sizeof(net));
	return (int32) pg_ntoh32(net);
}

static inline int64
read_int64(const char *bytes)
{
	uint64		net;

	memcpy(&net, bytes, sizeof(net));
	return (int64) pg_ntoh64(net);
}

static Datum
decode_text_form(LakeCodecColumn *column, const char *bytes, int32 length)
{
	char	   *text;

	if (column->raw_text)
		return PointerGetDatum(cstring_to_text_with_len(bytes, length));
	text = pnstrdup(bytes, length);
	return InputFunctionCall(&column->text_function, text, column->text_param, column->typmod);
}

static Datum
decode_numeric(LakeCodecColumn *column, const char *bytes, int32 length)
{
	StringInfoData buffer;

	buffer.data = (char *) bytes;
	buffer.len = length;
	buffer.maxlen = length;
	buffer.cursor = 0;
	return DirectFunctionCall3(numeric_recv, PointerGetDatum(&buffer), ObjectIdGetDatum(InvalidOid), Int32GetDatum(column->typmod));
}

static Datum
decode_field(LakeCodecColumn *column, const char *bytes, int32 length)
{
	switch (column->wire)
	{
		case LAKE_WIRE_BOOL:
			check_length(column, length, 1);
			return BoolGetDatum(*bytes != 0);
		case LAKE_WIRE_INT2:
			check_length(column, length, 2);
			return Int16GetDatum(read_int16(bytes));
		case LAKE_WIRE_INT4:
		case LAKE_WIRE_DATE:
			check_length(column, length, 4);
			return Int32GetDatum(read_int32(bytes));
		case LAKE_WIRE_INT8:
			check_length(column, length, 8);
			if (column->typid == OIDOID)
				return ObjectIdGetDatum((Oid) read_int64(bytes));
			return Int64GetDatum(read_int64(bytes));
		case LAKE_WIRE_FLOAT4:
			{
				int32		bits;
				float4		number;

				check_length(column, length, 4);
				bits = read_int32(bytes);
				memcpy(&number, &bits, sizeof(number));
				return Float4GetDatum(number);
			}
		case LAKE_WIRE_FLOAT8:
			{
				int64		bits;
				float8		number;

				check_length(column, length, 8);
				bits = read_int64(bytes);
				memcpy(&number, &bits, sizeof(number));
				return Float8GetDatum(number);
			}
		case LAKE_WIRE_NUMERIC:
			return decode_numeric(column, bytes, length);
		case LAKE_WIRE_TIME:
			check_length(column, length, 8);
			if (column->typid == TIMETZOID)
			{
				TimeTzADT  *timetz = (TimeTzADT *) palloc(sizeof(TimeTzADT));

				timetz->time = read_int64(bytes);
				timetz->zone = 0;
				return TimeTzADTPGetDatum(timetz);
			}
			return TimeADTGetDatum(read_int64(bytes));
		case LAKE_WIRE_TIMESTAMP:
		case LAKE_WIRE_TIMESTAMPTZ:
			check_length(column, length, 8);
			return TimestampGetDatum(read_int64(bytes));
		case LAKE_WIRE_UUID:
			{
				pg_uuid_t  *uuid = (pg_uuid_t *) palloc(sizeof(pg_uuid_t));

				check_length(column, length, UUID_LEN);
				memcpy(uuid->data, bytes, UUID_LEN);
				return UUIDPGetDatum(uuid);
			}
		case LAKE_WIRE_BYTEA:
			return PointerGetDatum(cstring_to_text_with_len(bytes, length));
		case LAKE_WIRE_TEXT:
			return decode_text_form(column, bytes, length);
		case LAKE_WIRE_INTERVAL:
			{
				Interval   *interval = (Interval *) palloc(sizeof(Interval));

				check_length(column, length, 16);
				interval->time = read_int64(bytes);
				interval->day = read_int32(bytes + 8);
				interval->month = read_int32(bytes + 12);
				return IntervalPGetDatum(interval);
			}
	}
	malformed("unknown wire type");
	return (Datum) 0;
}

/* The fields of the tuple at *cursor, which moves behind their number; false at the trailer. */
static bool
begin_row(LakeRowCodec *codec, const char **cursor, const char *end, int *nfields)
{
	if (end - *cursor < 2)
		malformed("a message ends inside a row");
	*nfields = read_int16(*cursor);
	*cursor += 2;
	if (*nfields == -1)
		return false;
	/* A query that needs no columns still has to select something: a codec without columns skips it. */
	if (*nfields != codec->ncolumns && !(codec->ncolumns == 0 && *nfields == 1))
		malformed(psprintf("%d columns, expected %d", *nfields, codec->ncolumns));
	return true;
}

/* The length of the field at *cursor, which moves behind it; -1: null. */
static inline int32
begin_field(const char **cursor, const char *end)
{
	int32		length;

	if (end - *cursor < 4)
		malformed("a message ends inside a row");
	length = read_int32(*cursor);
	*cursor += 4;
	if (length < -1 || length > end - *cursor)
		malformed("a message ends inside a row");
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
			check_length(column, length, sizeof(int64));
			codec->row_id = DatumGetInt64(decode_field(column, at, length));
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
		values[column->attnum - 1] = decode_field(column, at, length);
		isnull[column->attnum - 1] = false;
		at += length;
	}
	*cursor = at;
	return true;
}
