/*
 * deparse_const.cpp
 *	  Constants, exactly.
 *
 * Every constant but int4 and bool carries its type. Values without an equal in DuckDB (24:00, the last
 * years of timestamps) are refused.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_type.h"
#include "common/shortest_dec.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
}

#include "plan/deparse.h"
#include "plan/ship_type.h"

static void
append_typed(LakeDeparse *ctx, const char *text, const char *type)
{
	lake_append_literal(&ctx->sql, text);
	appendStringInfo(&ctx->sql, "::%s", type);
}

static void
append_int(LakeDeparse *ctx, int64 value, const char *type)
{
	if (type != NULL)
		appendStringInfo(&ctx->sql, "(" INT64_FORMAT ")::%s", value, type);
	else if (value < 0)
		appendStringInfo(&ctx->sql, "(" INT64_FORMAT ")", value);
	else
		appendStringInfo(&ctx->sql, INT64_FORMAT, value);
}

/* -1.5 as '-1.5'::double: DuckDB reads the shortest text back to the same bits. */
static void
append_float(LakeDeparse *ctx, Const *constant)
{
	char	   *text = constant->consttype == FLOAT4OID ?
		float_to_shortest_decimal(DatumGetFloat4(constant->constvalue)) :
		double_to_shortest_decimal(DatumGetFloat8(constant->constvalue));

	append_typed(ctx, text, constant->consttype == FLOAT4OID ? "real" : "double");
}

static void
append_numeric(LakeDeparse *ctx, Const *constant)
{
	LakeNumericShape shape;

	lake_numeric_const_shape(constant->constvalue, &shape);
	append_typed(ctx, DatumGetCString(DirectFunctionCall1(numeric_out, constant->constvalue)),
				 shape.varying ? "text" : lake_decimal_name(shape.precision, shape.scale));
}

/* In ISO form whatever DateStyle says. Timestamps behind the year 294246 do not fit DuckDB's microseconds since 1970. */
static bool
append_datetime(LakeDeparse *ctx, Const *constant)
{
	struct pg_tm tm = {};
	fsec_t		fsec = 0;
	bool		is_date = constant->consttype == DATEOID;
	DateADT		date = is_date ? DatumGetDateADT(constant->constvalue) : 0;
	Timestamp	timestamp = is_date ? 0 : DatumGetTimestamp(constant->constvalue);
	const char *type = lake_ship_type_name(constant->consttype);
	StringInfoData text;

	if (is_date ? DATE_NOT_FINITE(date) : TIMESTAMP_NOT_FINITE(timestamp))
	{
		append_typed(ctx, date > 0 || timestamp > 0 ? "infinity" : "-infinity", type);
		return true;
	}
	if (is_date)
		j2date(date + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
	else if (timestamp2tm(timestamp, NULL, &tm, &fsec, NULL, NULL) != 0 || tm.tm_year > 294246)
		return false;
	initStringInfo(&text);
	appendStringInfo(&text, "%04d-%02d-%02d%s", tm.tm_year > 0 ? tm.tm_year : 1 - tm.tm_year, tm.tm_mon, tm.tm_mday,
					 tm.tm_year > 0 ? "" : " (BC)");
	if (!is_date)
		appendStringInfo(&text, " %02d:%02d:%02d.%06d%s", tm.tm_hour, tm.tm_min, tm.tm_sec, (int) fsec,
						 constant->consttype == TIMESTAMPTZOID ? "+00" : "");
	append_typed(ctx, text.data, type);
	pfree(text.data);
	return true;
}

static bool
append_time(LakeDeparse *ctx, Const *constant)
{
	TimeADT		time = DatumGetTimeADT(constant->constvalue);
	struct pg_tm tm = {};
	fsec_t		fsec = 0;
	char		buffer[MAXDATELEN + 1];

	if (time == USECS_PER_DAY)
		return false;
	time2tm(time, &tm, &fsec);
	snprintf(buffer, sizeof(buffer), "%02d:%02d:%02d.%06d", tm.tm_hour, tm.tm_min, tm.tm_sec, (int) fsec);
	append_typed(ctx, buffer, "time");
	return true;
}

static void
append_bytea(LakeDeparse *ctx, Const *constant)
{
	bytea	   *value = DatumGetByteaPP(constant->constvalue);
	const unsigned char *bytes = (const unsigned char *) VARDATA_ANY(value);

	appendStringInfoChar(&ctx->sql, '\'');
	for (Size i = 0; i < VARSIZE_ANY_EXHDR(value); i++)
		appendStringInfo(&ctx->sql, "\\x%02X", bytes[i]);
	appendStringInfoString(&ctx->sql, "'::blob");
}

/* The largest and the smallest interval stand for infinity from PostgreSQL 17 on. */
static bool
append_interval(LakeDeparse *ctx, Const *constant)
{
	Interval   *interval = DatumGetIntervalP(constant->constvalue);

	if (interval->month == PG_INT32_MAX || interval->month == PG_INT32_MIN)
		return false;
	append_typed(ctx,
				 psprintf("%d months %d days " INT64_FORMAT " microseconds", interval->month, interval->day, interval->time),
				 "interval");
	return true;
}

/* json, jsonb, enums: what is shipped as its text form. */
static void
append_text_form(LakeDeparse *ctx, Const *constant)
{
	Oid			function;
	bool		varlena;

	getTypeOutputInfo(constant->consttype, &function, &varlena);
	append_typed(ctx, OidOutputFunctionCall(function, constant->constvalue), "text");
}

/* Of a non-NULL value of a type with a name in DuckDB; false when DuckDB has no such value. */
static bool
append_value(LakeDeparse *ctx, Const *constant)
{
	switch (constant->consttype)
	{
		case BOOLOID:
			appendStringInfoString(&ctx->sql, DatumGetBool(constant->constvalue) ? "true" : "false");
			return true;
		case INT2OID:
			append_int(ctx, DatumGetInt16(constant->constvalue), "smallint");
			return true;
		case INT4OID:
			append_int(ctx, DatumGetInt32(constant->constvalue),
					   DatumGetInt32(constant->constvalue) == PG_INT32_MIN ? "integer" : NULL);
			return true;
		case INT8OID:
			append_int(ctx, DatumGetInt64(constant->constvalue), "bigint");
			return true;
		case FLOAT4OID:
		case FLOAT8OID:
			append_float(ctx, constant);
			return true;
		case NUMERICOID:
			append_numeric(ctx, constant);
			return true;
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return append_datetime(ctx, constant);
		case TIMEOID:
			return append_time(ctx, constant);
		case INTERVALOID:
			return append_interval(ctx, constant);
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
			append_typed(ctx, TextDatumGetCString(constant->constvalue), "text");
			return true;
		case UNKNOWNOID:
			append_typed(ctx, DatumGetCString(constant->constvalue), "text");
			return true;
		case BYTEAOID:
			append_bytea(ctx, constant);
			return true;
		case UUIDOID:
			append_typed(ctx, DatumGetCString(DirectFunctionCall1(uuid_out, constant->constvalue)), "uuid");
			return true;
		default:
			if (OidIsValid(get_element_type(constant->consttype)))
				return lake_deparse_array_const(ctx, constant);
			append_text_form(ctx, constant);
			return true;
	}
}

void
lake_deparse_const(LakeDeparse *ctx, Const *constant)
{
	Const		base = *constant;
	const char *type;

	base.consttype = getBaseType(constant->consttype);
	type = base.consttype == UNKNOWNOID ? "text" : lake_ship_type_name(base.consttype);
	if (type == NULL)
	{
		lake_refuse_type(ctx, constant->consttype);
		return;
	}
	if (constant->constisnull)
		appendStringInfo(&ctx->sql, "(NULL)::%s", base.consttype == NUMERICOID ? "decimal(1,0)" : type);
	else if (!append_value(ctx, &base))
		lake_refuse_type(ctx, constant->consttype);
}
