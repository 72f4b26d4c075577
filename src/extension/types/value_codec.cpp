/*
 * value_codec.cpp
 *	  Values of one scalar type; nested_codec.cpp has the others.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/float.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"
}

#include "types/value_codec.h"
#include "types/wire_bytes.h"

/* Iceberg's and every reader's common range (TYPE-17), in PostgreSQL's units. */
#define LAKE_MIN_DATE	(38 - POSTGRES_EPOCH_JDATE)	/* date2j(-4712, 1, 1) */
#define LAKE_MAX_DATE	(5373484 - POSTGRES_EPOCH_JDATE)	/* date2j(9999, 12, 31) */
#define LAKE_MIN_TIMESTAMP ((int64) (1721426 - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY)	/* date2j(1, 1, 1) */
#define LAKE_MAX_TIMESTAMP ((int64) (LAKE_MAX_DATE + 1) * USECS_PER_DAY - 1)

/* Output functions of enums, json, inet, uuid and such know of no settings; those of other types may. */
static bool
heeds_settings(Oid typid)
{
	char		typtype = get_typtype(typid);

	switch (typid)
	{
		case JSONBOID:
		case INETOID:
		case CIDROID:
		case MACADDROID:
		case MACADDR8OID:
		case BITOID:
		case VARBITOID:
		case NAMEOID:
		case CHAROID:
		case BPCHAROID:
		case NUMERICOID:
			return false;
		default:
			return typtype != TYPTYPE_ENUM;
	}
}

void
lake_init_value_codec(LakeValueCodec *codec, const char *name, const LakeTypeInfo *type, bool for_decoding)
{
	codec->name = name;
	codec->typid = type->typid;
	codec->typmod = type->typmod;
	codec->wire = type->wire;
	codec->attnum = type->attnum;
	codec->raw_text = type->wire == LAKE_WIRE_TEXT &&
		(type->typid == TEXTOID || type->typid == VARCHAROID || type->typid == JSONOID ||
		 (type->typid == BPCHAROID && !for_decoding));
	if (type->wire == LAKE_WIRE_TEXT && !codec->raw_text)
	{
		Oid			function;
		bool		is_varlena;

		if (for_decoding)
			getTypeInputInfo(type->typid, &function, &codec->text_param);
		else
			getTypeOutputInfo(type->typid, &function, &is_varlena);
		fmgr_info(function, &codec->text_function);
		codec->heeds_settings = heeds_settings(type->typid);
	}
	if (type->geometry != LAKE_NO_GEOMETRY && type->wire == LAKE_WIRE_BYTEA)
		codec->geometry = lake_make_geometry_codec(type->typid, type->srid, for_decoding);
	if (type->nfields > 0)
		lake_init_nested_codec(codec, type, for_decoding);
}

/* ---------------------------------------------------------------- encoding */

static int64
check_timestamp(const LakeCodecRules *rules, const LakeValueCodec *codec, int64 value)
{
	if ((value >= LAKE_MIN_TIMESTAMP && value <= LAKE_MAX_TIMESTAMP) || rules->any_time)
		return value;
	if (rules->clamp)
		return value < LAKE_MIN_TIMESTAMP ? LAKE_MIN_TIMESTAMP : LAKE_MAX_TIMESTAMP;
	if (TIMESTAMP_NOT_FINITE(value))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
				 errmsg("infinite timestamps are not allowed in iceberg tables"),
				 errdetail("Column \"%s\" got %s.", codec->name, TIMESTAMP_IS_NOBEGIN(value) ? "-infinity" : "infinity"),
				 errhint("Use the table option out_of_range_values = 'clamp' to store the nearest limit.")));
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
			 errmsg("timestamp out of range"),
			 errdetail("Column \"%s\" of an iceberg table holds timestamps from 0001-01-01 to 9999-12-31 23:59:59.999999.",
					   codec->name),
			 errhint("Use the table option out_of_range_values = 'clamp' to store the nearest limit.")));
	return 0;
}

static int32
check_date(const LakeCodecRules *rules, const LakeValueCodec *codec, int32 value)
{
	if ((value >= LAKE_MIN_DATE && value <= LAKE_MAX_DATE) || rules->any_time)
		return value;
	if (rules->clamp)
		return value < LAKE_MIN_DATE ? LAKE_MIN_DATE : LAKE_MAX_DATE;
	if (DATE_NOT_FINITE(value))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
				 errmsg("infinite dates are not allowed in iceberg tables"),
				 errdetail("Column \"%s\" got %s.", codec->name, DATE_IS_NOBEGIN(value) ? "-infinity" : "infinity"),
				 errhint("Use the table option out_of_range_values = 'clamp' to store the nearest limit.")));
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
			 errmsg("date out of range"),
			 errdetail("Column \"%s\" of an iceberg table holds dates from 4713-01-01 BC to 9999-12-31.", codec->name),
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
append_numeric(const LakeCodecRules *rules, const LakeValueCodec *codec, Datum value, StringInfo out)
{
	Numeric		num = DatumGetNumeric(value);

	if (numeric_is_nan(num) || numeric_is_inf(num))
	{
		if (rules->clamp)
		{
			append_int32(out, -1);
			return;
		}
		if (rules->any_time)
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s in column \"%s\" cannot be sent to the query engine", numeric_is_nan(num) ? "NaN" : "Infinity", codec->name),
					 errhint("Set pg_lake_table.enable_full_query_pushdown to off to run the statement in PostgreSQL.")));
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s is not supported for Iceberg decimal", numeric_is_nan(num) ? "NaN" : "Infinity"),
				 errdetail("Column \"%s\" is an Iceberg decimal.", codec->name),
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

/*
 * Dates in ranges, floats in points and so on are written as the settings say. What is stored must not depend on them, nor what is read.
 */
typedef struct TextSettings
{
	int			date_style;
	int			date_order;
	int			interval_style;
	int			extra_digits;
	pg_tz	   *time_zone;
} TextSettings;

static TextSettings
fix_text_settings(void)
{
	TextSettings saved = {DateStyle, DateOrder, IntervalStyle, extra_float_digits, session_timezone};

	DateStyle = USE_ISO_DATES;
	DateOrder = DATEORDER_YMD;
	IntervalStyle = INTSTYLE_POSTGRES;
	extra_float_digits = 1;
	session_timezone = pg_tzset("GMT");
	return saved;
}

static void
restore_text_settings(const TextSettings *saved)
{
	DateStyle = saved->date_style;
	DateOrder = saved->date_order;
	IntervalStyle = saved->interval_style;
	extra_float_digits = saved->extra_digits;
	session_timezone = saved->time_zone;
}

static char *
output_text(LakeValueCodec *codec, Datum value)
{
	TextSettings saved;
	char	   *volatile text = NULL;

	if (!codec->heeds_settings)
		return OutputFunctionCall(&codec->text_function, value);
	saved = fix_text_settings();
	PG_TRY();
	{
		text = OutputFunctionCall(&codec->text_function, value);
	}
	PG_FINALLY();
	{
		restore_text_settings(&saved);
	}
	PG_END_TRY();
	return text;
}

static Datum
input_text(LakeValueCodec *codec, char *text)
{
	TextSettings saved;
	volatile Datum value = (Datum) 0;

	if (!codec->heeds_settings)
		return InputFunctionCall(&codec->text_function, text, codec->text_param, codec->typmod);
	saved = fix_text_settings();
	PG_TRY();
	{
		value = InputFunctionCall(&codec->text_function, text, codec->text_param, codec->typmod);
	}
	PG_FINALLY();
	{
		restore_text_settings(&saved);
	}
	PG_END_TRY();
	return value;
}

static void
refuse_size(const LakeValueCodec *codec, const char *kind, int size, int limit)
{
	ereport(ERROR,
			(errcode(ERRCODE_STRING_DATA_RIGHT_TRUNCATION),
			 errmsg("value exceeds Snowflake %s column limit", kind),
			 errdetail("Column \"%s\" of a table with compatibility_mode 'snowflake' got %d bytes, it holds %d.", codec->name, size, limit),
			 errhint("Use the table option out_of_range_values = 'clamp' to store what fits, or NULL.")));
}

/* How much of a text is stored; -1: nothing, but NULL. What is cut must still be a value of its type. */
static int
stored_size_of_text(const LakeCodecRules *rules, const LakeValueCodec *codec, const char *text, int size)
{
	if (!rules->for_snowflake || size <= LAKE_SNOWFLAKE_STRING)
		return size;
	if (!rules->clamp)
		refuse_size(codec, "STRING", size, LAKE_SNOWFLAKE_STRING);
	return codec->raw_text && codec->typid != JSONOID ? pg_mbcliplen(text, size, LAKE_SNOWFLAKE_STRING) : -1;
}

static void
append_text_form(const LakeCodecRules *rules, LakeValueCodec *codec, Datum value, StringInfo out)
{
	const char *text;
	int			size;

	if (codec->raw_text)
	{
		struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);

		text = VARDATA_ANY(packed);
		size = VARSIZE_ANY_EXHDR(packed);
	}
	else
	{
		text = output_text(codec, value);
		size = strlen(text);
	}
	size = stored_size_of_text(rules, codec, text, size);
	if (size < 0)
		append_int32(out, -1);
	else
		append_fixed(out, text, size);
}

static void
append_bytea(const LakeCodecRules *rules, const LakeValueCodec *codec, Datum value, StringInfo out)
{
	struct varlena *bytes = PG_DETOAST_DATUM_PACKED(codec->geometry != NULL ? lake_encode_geometry(codec->geometry, codec->name, value) : value);
	int			size = VARSIZE_ANY_EXHDR(bytes);

	if (rules->for_snowflake && size > LAKE_SNOWFLAKE_BINARY)
	{
		if (!rules->clamp)
			refuse_size(codec, "BINARY", size, LAKE_SNOWFLAKE_BINARY);
		if (codec->geometry != NULL)
		{
			append_int32(out, -1);
			return;
		}
		size = LAKE_SNOWFLAKE_BINARY;
	}
	append_fixed(out, VARDATA_ANY(bytes), size);
}

/* The field that begins at this place of the output holds other values. */
static void
limit_nested(const LakeCodecRules *rules, const LakeValueCodec *codec, StringInfo out, int begin)
{
	int			size = out->len - begin - (int) sizeof(int32);

	if (!rules->for_snowflake || size <= LAKE_SNOWFLAKE_NESTED)
		return;
	if (!rules->clamp)
		refuse_size(codec, "structured", size, LAKE_SNOWFLAKE_NESTED);
	out->len = begin;
	append_int32(out, -1);
}

void
lake_encode_value(const LakeCodecRules *rules, LakeValueCodec *codec, Datum value, StringInfo out)
{
	int			begin = out->len;

	switch (codec->wire)
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
			append_int32_field(out, codec->typid == INT2OID ? DatumGetInt16(value) : DatumGetInt32(value));
			break;
		case LAKE_WIRE_INT8:
			append_int64_field(out, codec->typid == OIDOID ? (int64) DatumGetObjectId(value) : DatumGetInt64(value));
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
			append_numeric(rules, codec, value, out);
			break;
		case LAKE_WIRE_DATE:
			append_int32_field(out, check_date(rules, codec, DatumGetDateADT(value)));
			break;
		case LAKE_WIRE_TIME:
			if (codec->typid == TIMETZOID)
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
			append_int64_field(out, check_timestamp(rules, codec, DatumGetTimestamp(value)));
			break;
		case LAKE_WIRE_UUID:
			append_fixed(out, DatumGetUUIDP(value)->data, UUID_LEN);
			break;
		case LAKE_WIRE_BYTEA:
			append_bytea(rules, codec, value, out);
			break;
		case LAKE_WIRE_TEXT:
			append_text_form(rules, codec, value, out);
			break;
		case LAKE_WIRE_INTERVAL:
			append_interval(DatumGetIntervalP(value), out);
			break;
		case LAKE_WIRE_LIST:
			lake_encode_list(rules, codec, value, out);
			limit_nested(rules, codec, out, begin);
			break;
		case LAKE_WIRE_MAP:
			lake_encode_map(rules, codec, value, out);
			limit_nested(rules, codec, out, begin);
			break;
		case LAKE_WIRE_STRUCT:
			lake_encode_struct(rules, codec, value, out);
			limit_nested(rules, codec, out, begin);
			break;
	}
}

/* ---------------------------------------------------------------- decoding */

void
lake_malformed_value(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROTOCOL_VIOLATION), errmsg("malformed row from the query engine: %s", what)));
}

static inline void
check_length(const LakeValueCodec *codec, int32 length, int32 expected)
{
	if (length != expected)
		lake_malformed_value(psprintf("column %s has %d bytes, expected %d", codec->name, length, expected));
}

static Datum
decode_text_form(LakeValueCodec *codec, const char *bytes, int32 length)
{
	if (codec->raw_text)
		return PointerGetDatum(cstring_to_text_with_len(bytes, length));
	return input_text(codec, pnstrdup(bytes, length));
}

/*
 * A numeric as it lies on disk (the "short" form of numeric.c, which pg_upgrade keeps as it is) straight from the binary form: numeric_recv() takes five
 * times as long. Returns false for what is rare and for what the type's modifier might alter or refuse: that is numeric_recv()'s.
 */
static inline bool
decode_short_numeric(int32 typmod, const char *bytes, int32 length, Datum *value)
{
	constexpr uint16 kShort = 0x8000, kShortNegative = 0x2000, kNegative = 0x4000;
	constexpr int kHeader = 4 * sizeof(int16), kMaxScale = 0x3F, kMinWeight = -0x40, kMaxWeight = 0x3F, kBase = 10000, kBaseDigits = 4;
	constexpr int16 kPowers[] = {1, 10, 100, 1000};
	int			ndigits, weight, scale, hidden;
	uint16		sign;
	struct varlena *result;
	char	   *data;
	int16	   *digits;

	if (length < kHeader)
		return false;
	ndigits = read_int16(bytes);
	weight = read_int16(bytes + 2);
	sign = (uint16) read_int16(bytes + 4);
	scale = read_int16(bytes + 6);
	if (ndigits < 0 || length != kHeader + ndigits * (int) sizeof(int16) || (sign != 0 && (sign != kNegative || ndigits == 0)) ||
		scale < 0 || scale > kMaxScale || weight < kMinWeight || weight > kMaxWeight || (ndigits == 0 && weight != 0))
		return false;
	if (typmod >= (int32) VARHDRSZ)
	{
		int			type_scale = (typmod - VARHDRSZ) & 0x7ff;
		int			type_precision = ((typmod - VARHDRSZ) >> 16) & 0xffff;

		if (scale != type_scale || (ndigits > 0 && (weight + 1) * kBaseDigits > type_precision - type_scale))
			return false;
	}
	result = (struct varlena *) palloc(VARHDRSZ + sizeof(uint16) + ndigits * sizeof(int16));
	SET_VARSIZE(result, VARHDRSZ + sizeof(uint16) + ndigits * sizeof(int16));
	data = VARDATA(result);
	*(uint16 *) data = kShort | (sign == kNegative ? kShortNegative : 0) | (scale << 7) | (weight & 0x7F);
	digits = (int16 *) (data + sizeof(uint16));
	for (int i = 0; i < ndigits; i++)
	{
		digits[i] = read_int16(bytes + kHeader + i * sizeof(int16));
		if (digits[i] < 0 || digits[i] >= kBase)
			return false;
	}
	/* no zeroes at the ends, and no digits behind the scale */
	hidden = (ndigits - weight - 1) * kBaseDigits - scale;
	if (ndigits > 0 && (digits[0] == 0 || digits[ndigits - 1] == 0 || hidden >= kBaseDigits ||
						(hidden > 0 && digits[ndigits - 1] % kPowers[hidden] != 0)))
		return false;
	*value = PointerGetDatum(result);
	return true;
}

static Datum
decode_numeric(const LakeValueCodec *codec, const char *bytes, int32 length)
{
	StringInfoData buffer;
	Datum		value;

	if (decode_short_numeric(codec->typmod, bytes, length, &value))
		return value;
	buffer.data = (char *) bytes;
	buffer.len = length;
	buffer.maxlen = length;
	buffer.cursor = 0;
	return DirectFunctionCall3(numeric_recv, PointerGetDatum(&buffer), ObjectIdGetDatum(InvalidOid), Int32GetDatum(codec->typmod));
}

Datum
lake_decode_value(LakeValueCodec *codec, const char *bytes, int32 length)
{
	switch (codec->wire)
	{
		case LAKE_WIRE_BOOL:
			check_length(codec, length, 1);
			return BoolGetDatum(*bytes != 0);
		case LAKE_WIRE_INT2:
			check_length(codec, length, 2);
			return Int16GetDatum(read_int16(bytes));
		case LAKE_WIRE_INT4:
		case LAKE_WIRE_DATE:
			check_length(codec, length, 4);
			if (codec->typid == INT2OID)
				return Int16GetDatum((int16) read_int32(bytes));
			return Int32GetDatum(read_int32(bytes));
		case LAKE_WIRE_INT8:
			check_length(codec, length, 8);
			if (codec->typid == OIDOID)
				return ObjectIdGetDatum((Oid) read_int64(bytes));
			return Int64GetDatum(read_int64(bytes));
		case LAKE_WIRE_FLOAT4:
			{
				int32		bits;
				float4		number;

				check_length(codec, length, 4);
				bits = read_int32(bytes);
				memcpy(&number, &bits, sizeof(number));
				return Float4GetDatum(number);
			}
		case LAKE_WIRE_FLOAT8:
			{
				int64		bits;
				float8		number;

				check_length(codec, length, 8);
				bits = read_int64(bytes);
				memcpy(&number, &bits, sizeof(number));
				return Float8GetDatum(number);
			}
		case LAKE_WIRE_NUMERIC:
			return decode_numeric(codec, bytes, length);
		case LAKE_WIRE_TIME:
			check_length(codec, length, 8);
			if (codec->typid == TIMETZOID)
			{
				TimeTzADT  *timetz = (TimeTzADT *) palloc(sizeof(TimeTzADT));

				timetz->time = read_int64(bytes);
				timetz->zone = 0;
				return TimeTzADTPGetDatum(timetz);
			}
			return TimeADTGetDatum(read_int64(bytes));
		case LAKE_WIRE_TIMESTAMP:
		case LAKE_WIRE_TIMESTAMPTZ:
			check_length(codec, length, 8);
			return TimestampGetDatum(read_int64(bytes));
		case LAKE_WIRE_UUID:
			{
				pg_uuid_t  *uuid = (pg_uuid_t *) palloc(sizeof(pg_uuid_t));

				check_length(codec, length, UUID_LEN);
				memcpy(uuid->data, bytes, UUID_LEN);
				return UUIDPGetDatum(uuid);
			}
		case LAKE_WIRE_BYTEA:
			if (codec->geometry != NULL)
				return lake_decode_geometry(codec->geometry, bytes, length);
			return PointerGetDatum(cstring_to_text_with_len(bytes, length));
		case LAKE_WIRE_TEXT:
			return decode_text_form(codec, bytes, length);
		case LAKE_WIRE_INTERVAL:
			{
				Interval   *interval = (Interval *) palloc(sizeof(Interval));

				check_length(codec, length, 16);
				interval->time = read_int64(bytes);
				interval->day = read_int32(bytes + 8);
				interval->month = read_int32(bytes + 12);
				return IntervalPGetDatum(interval);
			}
		case LAKE_WIRE_LIST:
		case LAKE_WIRE_MAP:
			return lake_decode_list(codec, bytes, length);
		case LAKE_WIRE_STRUCT:
			return lake_decode_struct(codec, bytes, length);
	}
	lake_malformed_value("unknown wire type");
	return (Datum) 0;
}
