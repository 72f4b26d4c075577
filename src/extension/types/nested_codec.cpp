/*
 * nested_codec.cpp
 *	  Arrays and composites as the link carries them.
 *
 *	  list:   int32 number of elements, then each element as a field
 *	  map:    a list of structs of key and value; in PostgreSQL an array of such composites (surface.md MAP-1)
 *	  struct: its fields, one after the other
 *	  field:  int32 length (-1 = null) and that many bytes
 *
 * Iceberg's lists have one dimension and count from 1; what an array has beyond that is refused, or clamped (TYPE-18).
 */
extern "C" {
#include "postgres.h"
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"
}

#include "types/value_codec.h"
#include "types/wire_bytes.h"

/* The composite of key and value. */
static LakeTypeInfo *
entry_of_map(const LakeTypeInfo *map)
{
	LakeTypeInfo *entry = (LakeTypeInfo *) palloc(sizeof(LakeTypeInfo));

	*entry = *map;
	entry->typid = get_element_type(map->typid);
	entry->wire = LAKE_WIRE_STRUCT;
	entry->name = "entry";
	return entry;
}

void
lake_init_nested_codec(LakeValueCodec *codec, const LakeTypeInfo *type, bool for_decoding)
{
	const LakeTypeInfo *fields = type->wire == LAKE_WIRE_MAP ? entry_of_map(type) : type->fields;

	codec->nfields = type->wire == LAKE_WIRE_MAP ? 1 : type->nfields;
	codec->fields = (LakeValueCodec *) palloc0(sizeof(LakeValueCodec) * codec->nfields);
	for (int i = 0; i < codec->nfields; i++)
		lake_init_value_codec(&codec->fields[i], psprintf("%s.%s", codec->name, fields[i].name), &fields[i], for_decoding);
	if (type->wire != LAKE_WIRE_STRUCT)
	{
		codec->element_type = get_element_type(type->typid);
		get_typlenbyvalalign(codec->element_type, &codec->element_length, &codec->element_by_value, &codec->element_align);
	}
	else if (type->typid != INTERVALOID)
		codec->desc = lookup_rowtype_tupdesc_copy(type->typid, -1);
}

/* ---------------------------------------------------------------- encoding */

/* Leaves room for the length of what follows; store_length fills it in. */
static int
begin_field(StringInfo out)
{
	int			at = out->len;

	append_int32(out, 0);
	return at;
}

static void
store_length(StringInfo out, int at)
{
	store_int32(out->data + at, out->len - at - (int) sizeof(int32));
}

/* Where they go to a query, PostgreSQL can answer it. */
static void
refuse_array(const LakeCodecRules *rules, const LakeValueCodec *codec, const char *what)
{
	if (rules->any_time)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s in column \"%s\" cannot be sent to the query engine", what, codec->name),
				 errhint("Set pg_lake_table.enable_full_query_pushdown to off to run the statement in PostgreSQL.")));
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("%s are not supported in Iceberg tables", what),
			 errdetail("Column \"%s\" is an Iceberg list.", codec->name)));
}

void
lake_encode_list(const LakeCodecRules *rules, LakeValueCodec *codec, Datum value, StringInfo out)
{
	ArrayType  *array = DatumGetArrayTypeP(value);
	Datum	   *values;
	bool	   *nulls;
	int			count;
	int			at;

	if (ARR_NDIM(array) > 1)
	{
		if (!rules->clamp)
			refuse_array(rules, codec, "multidimensional arrays");
		append_int32(out, -1);
		return;
	}
	if (ARR_NDIM(array) == 1 && ARR_LBOUND(array)[0] != 1 && !rules->clamp)
		refuse_array(rules, codec, "arrays with a lower bound other than 1");
	deconstruct_array(array, codec->element_type, codec->element_length, codec->element_by_value, codec->element_align, &values, &nulls, &count);
	at = begin_field(out);
	append_int32(out, count);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			append_int32(out, -1);
		else
			lake_encode_value(rules, &codec->fields[0], values[i], out);
	}
	store_length(out, at);
}

/* A NULL where Iceberg has none, or where nobody could tell it from a missing key. */
static void
check_entry(const LakeValueCodec *codec, Datum entry, bool isnull)
{
	bool		key_isnull = true;
	bool		value_isnull = true;

	if (!isnull)
	{
		GetAttributeByNum(DatumGetHeapTupleHeader(entry), codec->fields[0].fields[0].attnum, &key_isnull);
		GetAttributeByNum(DatumGetHeapTupleHeader(entry), codec->fields[0].fields[1].attnum, &value_isnull);
	}
	if (key_isnull || value_isnull)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("cannot have NULL for map entry value"),
				 errdetail("Column \"%s\" is an Iceberg map, whose keys and values are never NULL.", codec->name)));
}

static int
compare_keys(const void *left, const void *right)
{
	const char *one = *(const char *const *) left;
	const char *other = *(const char *const *) right;
	int32		length = read_int32(one);

	if (length != read_int32(other))
		return length < read_int32(other) ? -1 : 1;
	return memcmp(one + sizeof(int32), other + sizeof(int32), length);
}

/* `begin` is where the entries of an encoded map stand. Of two equal keys readers see one. */
static void
check_distinct_keys(const LakeValueCodec *codec, const char *begin, int count)
{
	const char **keys = (const char **) palloc(sizeof(char *) * Max(count, 1));
	const char *at = begin;

	for (int i = 0; i < count; i++)
	{
		keys[i] = at + sizeof(int32);	/* the first field of the entry */
		at += sizeof(int32) + read_int32(at);
	}
	qsort(keys, count, sizeof(char *), compare_keys);
	for (int i = 1; i < count; i++)
		if (compare_keys(&keys[i - 1], &keys[i]) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_UNIQUE_VIOLATION), errmsg("map has more than one entry with the same key"),
					 errdetail("Column \"%s\" is an Iceberg map.", codec->name)));
}

void
lake_encode_map(const LakeCodecRules *rules, LakeValueCodec *codec, Datum value, StringInfo out)
{
	ArrayType  *array = DatumGetArrayTypeP(value);
	Datum	   *values;
	bool	   *nulls;
	int			count;
	int			at = begin_field(out);

	deconstruct_array(array, codec->element_type, codec->element_length, codec->element_by_value, codec->element_align, &values, &nulls, &count);
	append_int32(out, count);
	for (int i = 0; i < count; i++)
	{
		check_entry(codec, values[i], nulls[i]);
		lake_encode_value(rules, &codec->fields[0], values[i], out);
	}
	store_length(out, at);
	check_distinct_keys(codec, out->data + at + 2 * sizeof(int32), count);
}

static void
encode_interval(const Interval *interval, StringInfo out)
{
	append_int64_field(out, interval->month);
	append_int64_field(out, interval->day);
	append_int64_field(out, interval->time);
}

void
lake_encode_struct(const LakeCodecRules *rules, LakeValueCodec *codec, Datum value, StringInfo out)
{
	int			at = begin_field(out);
	HeapTupleData tuple = {};
	Datum	   *values;
	bool	   *nulls;

	if (codec->desc == NULL)
	{
		encode_interval(DatumGetIntervalP(value), out);
		store_length(out, at);
		return;
	}
	tuple.t_data = DatumGetHeapTupleHeader(value);
	tuple.t_len = HeapTupleHeaderGetDatumLength(tuple.t_data);
	values = (Datum *) palloc(sizeof(Datum) * codec->desc->natts);
	nulls = (bool *) palloc(sizeof(bool) * codec->desc->natts);
	heap_deform_tuple(&tuple, codec->desc, values, nulls);
	for (int i = 0; i < codec->nfields; i++)
	{
		int			index = codec->fields[i].attnum - 1;

		if (nulls[index])
			append_int32(out, -1);
		else
			lake_encode_value(rules, &codec->fields[i], values[index], out);
	}
	store_length(out, at);
}

/* ---------------------------------------------------------------- decoding */

/* The field at *at, which moves behind it. */
static Datum
decode_next(LakeValueCodec *codec, const char **at, const char *end, bool *isnull)
{
	int32		length;
	const char *bytes;

	if (end - *at < (int) sizeof(int32))
		lake_malformed_value(psprintf("column %s ends too early", codec->name));
	length = read_int32(*at);
	*at += sizeof(int32);
	if (length < -1 || length > end - *at)
		lake_malformed_value(psprintf("column %s ends too early", codec->name));
	bytes = *at;
	*isnull = length == -1;
	if (*isnull)
		return (Datum) 0;
	*at += length;
	return lake_decode_value(codec, bytes, length);
}

static void
check_end(const LakeValueCodec *codec, const char *at, const char *end)
{
	if (at != end)
		lake_malformed_value(psprintf("column %s has %d bytes too many", codec->name, (int) (end - at)));
}

Datum
lake_decode_list(LakeValueCodec *codec, const char *bytes, int32 length)
{
	const char *at = bytes + sizeof(int32);
	const char *end = bytes + length;
	Datum	   *values;
	bool	   *nulls;
	int			count;
	int			lower_bound = 1;

	if (length < (int32) sizeof(int32))
		lake_malformed_value(psprintf("column %s has %d bytes", codec->name, length));
	count = read_int32(bytes);
	if (count < 0 || count > (end - at) / (int) sizeof(int32))
		lake_malformed_value(psprintf("column %s has %d elements in %d bytes", codec->name, count, length));
	if (count == 0)
	{
		check_end(codec, at, end);
		return PointerGetDatum(construct_empty_array(codec->element_type));
	}
	values = (Datum *) palloc(sizeof(Datum) * count);
	nulls = (bool *) palloc(sizeof(bool) * count);
	for (int i = 0; i < count; i++)
		values[i] = decode_next(&codec->fields[0], &at, end, &nulls[i]);
	check_end(codec, at, end);
	return PointerGetDatum(construct_md_array(values, nulls, 1, &count, &lower_bound, codec->element_type, codec->element_length,
											  codec->element_by_value, codec->element_align));
}

static Datum
decode_interval(LakeValueCodec *codec, const char *at, const char *end)
{
	Interval   *interval = (Interval *) palloc(sizeof(Interval));
	int64		parts[3] = {};

	for (int i = 0; i < codec->nfields; i++)
	{
		bool		isnull;

		parts[i] = DatumGetInt64(decode_next(&codec->fields[i], &at, end, &isnull));
		if (isnull)
			lake_malformed_value(psprintf("column %s is null", codec->fields[i].name));
	}
	check_end(codec, at, end);
	interval->month = (int32) parts[0];
	interval->day = (int32) parts[1];
	interval->time = parts[2];
	return IntervalPGetDatum(interval);
}

Datum
lake_decode_struct(LakeValueCodec *codec, const char *bytes, int32 length)
{
	const char *at = bytes;
	const char *end = bytes + length;
	Datum	   *values;
	bool	   *nulls;

	if (codec->desc == NULL)
		return decode_interval(codec, at, end);
	values = (Datum *) palloc0(sizeof(Datum) * codec->desc->natts);
	nulls = (bool *) palloc(sizeof(bool) * codec->desc->natts);
	memset(nulls, true, sizeof(bool) * codec->desc->natts);
	for (int i = 0; i < codec->nfields; i++)
	{
		int			index = codec->fields[i].attnum - 1;

		values[index] = decode_next(&codec->fields[i], &at, end, &nulls[index]);
	}
	check_end(codec, at, end);
	return HeapTupleGetDatum(heap_form_tuple(codec->desc, values, nulls));
}
