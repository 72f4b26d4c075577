/*
 * partition_by.cpp
 *	  See partition_by.h.
 *
 *	  list		:= field { "," field }
 *	  field		:= column | transform "(" column ")" | transform "(" integer "," column ")"
 *	  column	:= identifier, as SQL folds it | "quoted"
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "parser/scansup.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"
}

#include "ddl/options.h"
#include "ddl/partition_by.h"
#include "types/type_map.h"

typedef enum Transform
{
	TRANSFORM_IDENTITY,
	TRANSFORM_YEAR,
	TRANSFORM_MONTH,
	TRANSFORM_DAY,
	TRANSFORM_HOUR,
	TRANSFORM_BUCKET,
	TRANSFORM_TRUNCATE,
	TRANSFORM_VOID
} Transform;

static const char *const transform_names[] = {"identity", "year", "month", "day", "hour", "bucket", "truncate", "void"};

typedef struct PartitionField
{
	char	   *column;
	Transform	transform;
	int			size;			/* of a bucket's count or a truncation's width */
} PartitionField;

/* ---------------------------------------------------------------- the grammar */

static void
fail(const char *message)
{
	ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR), errmsg("%s", message)));
}

static void
skip_spaces(const char **at)
{
	while (scanner_isspace(**at))
		(*at)++;
}

static bool
begins_name(char c)
{
	return c == '"' || c == '_' || IS_HIGHBIT_SET(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char *
scan_quoted(const char **at)
{
	StringInfoData name;

	initStringInfo(&name);
	for ((*at)++;; (*at)++)
	{
		if (**at == '\0')
			fail("missing closing quote");
		if (**at == '"' && *++(*at) != '"')
			return name.data;
		appendStringInfoChar(&name, **at);
	}
}

static char *
scan_name(const char **at)
{
	const char *begin = *at;

	if (*begin == '"')
		return scan_quoted(at);
	while (begins_name(**at) || (**at >= '0' && **at <= '9') || **at == '$')
	{
		if (**at == '"')
			break;
		(*at)++;
	}
	return downcase_truncate_identifier(begin, *at - begin, false);
}

static int
scan_size(const char **at)
{
	char	   *end;
	long		size;

	errno = 0;
	size = strtol(*at, &end, 10);
	if (end == *at)
		fail("expected integer parameter for partition transform");
	if (errno != 0 || size < 1 || size > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("bucket or truncate size must be between 1 and %d", PG_INT32_MAX)));
	*at = end;
	return (int) size;
}

static Transform
transform_of(const char *name)
{
	for (int i = 0; i < (int) lengthof(transform_names); i++)
	{
		if (strcmp(transform_names[i], name) != 0)
			continue;
		if (i == TRANSFORM_VOID)
			ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("void partition transform is not supported")));
		return (Transform) i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_SYNTAX_ERROR), errmsg("unknown partition transform \"%s\"", name),
			 errhint("Partition transforms are year, month, day, hour, bucket(N, column) and truncate(N, column).")));
}

/* From behind the opening parenthesis to behind the closing one. */
static void
scan_arguments(const char **at, PartitionField *field)
{
	skip_spaces(at);
	if (field->transform == TRANSFORM_BUCKET || field->transform == TRANSFORM_TRUNCATE)
	{
		field->size = scan_size(at);
		skip_spaces(at);
		if (**at != ',')
			fail("expected comma after the parameter of a partition transform");
		(*at)++;
		skip_spaces(at);
	}
	if (!begins_name(**at))
		fail(**at == '\0' ? "missing closing parenthesis in partition transform" : "invalid token while parsing transform");
	field->column = scan_name(at);
	skip_spaces(at);
	if (**at != ')')
		fail("missing closing parenthesis in partition transform");
	(*at)++;
}

static void
unexpected_character(const char *at)
{
	ereport(ERROR,
			(errcode(ERRCODE_SYNTAX_ERROR), errmsg("unexpected character \"%.*s\" in partition_by string", pg_mblen(at), at)));
}

static PartitionField *
scan_field(const char **at)
{
	PartitionField *field = (PartitionField *) palloc0(sizeof(PartitionField));
	bool		quoted = **at == '"';

	if (!begins_name(**at))
		unexpected_character(*at);
	field->column = scan_name(at);
	skip_spaces(at);
	if (**at == '(' && !quoted)
	{
		field->transform = transform_of(field->column);
		(*at)++;
		scan_arguments(at, field);
		skip_spaces(at);
		if (begins_name(**at))
			fail("expected comma after transform name");
	}
	else if (begins_name(**at))
		fail("expected comma after column name");
	return field;
}

/* List of PartitionField *. */
static List *
parse_fields(const char *value)
{
	List	   *fields = NIL;
	const char *at = value;

	skip_spaces(&at);
	if (*at == '\0')
		fail("partition_by option cannot be empty");
	for (;;)
	{
		fields = lappend(fields, scan_field(&at));
		if (*at == '\0')
			return fields;
		if (*at != ',')
			unexpected_character(at);
		at++;
		skip_spaces(&at);
		if (*at == '\0')
			fail("expected transform name or column name after comma");
	}
}

void
lake_check_partition_by_value(const char *name, const char *value)
{
	List	   *fields = parse_fields(value);

	for (int i = 0; i < list_length(fields); i++)
		for (int j = 0; j < i; j++)
		{
			const PartitionField *one = (const PartitionField *) list_nth(fields, i);
			const PartitionField *other = (const PartitionField *) list_nth(fields, j);

			if (strcmp(one->column, other->column) == 0 && one->transform == other->transform && one->size == other->size)
				ereport(ERROR,
						(errcode(ERRCODE_DUPLICATE_OBJECT),
						 errmsg("\"%s\" transform on column \"%s\" appears multiple times in partition spec",
								transform_names[one->transform], one->column)));
		}
}

/* ---------------------------------------------------------------- columns */

static AttrNumber
find_column(TupleDesc desc, const char *name)
{
	for (int i = 0; i < desc->natts; i++)
		if (!TupleDescAttr(desc, i)->attisdropped && strcmp(NameStr(TupleDescAttr(desc, i)->attname), name) == 0)
			return i + 1;
	return InvalidAttrNumber;
}

static bool
is_one_of(const char *type, const char *const *list, int length)
{
	for (int i = 0; i < length; i++)
		if (strcmp(list[i], type) == 0)
			return true;
	return false;
}

/* What the transform takes, where it does not take the type; else NULL. */
static const char *
wanted_type(Transform transform, Form_pg_attribute att)
{
	static const char *const days[] = {"date", "timestamp", "timestamptz"};
	static const char *const widths[] = {"int", "long", "string", "binary"};
	static const char *const buckets[] = {"int", "long", "string", "binary", "uuid", "date", "time", "timestamp", "timestamptz"};
	LakeTypeInfo type;
	bool		known = lake_lookup_type(att->atttypid, att->atttypmod, &type);
	bool		decimal = known && type.wire == LAKE_WIRE_NUMERIC;
	bool		other_text = known && type.wire == LAKE_WIRE_TEXT && type.type_class == LAKE_TYPE_OPAQUE;

	switch (transform)
	{
		case TRANSFORM_YEAR:
		case TRANSFORM_MONTH:
		case TRANSFORM_DAY:
			return known && is_one_of(type.iceberg_type, days, lengthof(days)) ? NULL : "a date or timestamp";
		case TRANSFORM_HOUR:
			return known && is_one_of(type.iceberg_type, days + 1, lengthof(days) - 1) ? NULL : "a timestamp";
		case TRANSFORM_TRUNCATE:
			return decimal || (known && !other_text && is_one_of(type.iceberg_type, widths, lengthof(widths)))
				? NULL : "an integer, numeric, text or bytea";
		case TRANSFORM_BUCKET:
			return decimal || (known && !other_text && is_one_of(type.iceberg_type, buckets, lengthof(buckets)))
				? NULL : "an integer, numeric, text, bytea, uuid, date, time or timestamp";
		default:
			return known && type.wire != LAKE_WIRE_INTERVAL && OidIsValid(lookup_type_cache(type.typid, TYPECACHE_EQ_OPR)->eq_opr)
				? NULL : "a scalar";
	}
}

static bool
is_scalar(Oid typid)
{
	Oid			base = getBaseType(typid);
	char		kind = get_typtype(base);

	return !OidIsValid(get_element_type(base)) && kind != TYPTYPE_COMPOSITE && kind != TYPTYPE_RANGE && kind != TYPTYPE_MULTIRANGE;
}

static void
check_column(const PartitionField *field, Form_pg_attribute att)
{
	const char *wanted;

	if (!is_scalar(att->atttypid))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("partition transform column \"%s\" must be a scalar type", field->column),
				 errdetail("Its type is %s.", format_type_with_typemod(att->atttypid, att->atttypmod))));
	wanted = wanted_type(field->transform, att);
	if (wanted != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("%s transform requires %s column, but type is %s", transform_names[field->transform], wanted,
						format_type_with_typemod(att->atttypid, att->atttypmod)),
				 errdetail("The column is \"%s\".", field->column)));
	if (OidIsValid(att->attcollation) && att->attcollation != DEFAULT_COLLATION_OID && att->attcollation != C_COLLATION_OID)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("Columns with collation are not supported in partition_by: \"%s\"", field->column)));
}

char *
lake_partition_by_json(Relation rel, const char *value)
{
	TupleDesc	desc = RelationGetDescr(rel);
	StringInfoData json;
	ListCell   *lc;

	initStringInfo(&json);
	foreach(lc, parse_fields(value))
	{
		const PartitionField *field = (const PartitionField *) lfirst(lc);
		AttrNumber	attnum = find_column(desc, field->column);

		if (attnum == InvalidAttrNumber)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("column \"%s\" does not exist in relation \"%s\"", field->column, RelationGetRelationName(rel))));
		check_column(field, TupleDescAttr(desc, attnum - 1));
		appendStringInfoString(&json, json.len == 0 ? "[{\"column\": " : ", {\"column\": ");
		escape_json(&json, field->column);
		appendStringInfo(&json, ", \"transform\": \"%s", transform_names[field->transform]);
		if (field->size > 0)
			appendStringInfo(&json, "[%d]", field->size);
		appendStringInfoString(&json, "\"}");
	}
	appendStringInfoChar(&json, ']');
	return json.data;
}

/* ---------------------------------------------------------------- the table */

bool
lake_is_partitioned_by(Relation rel)
{
	return lake_table_option(rel, LAKE_PARTITION_BY_OPTION) != NULL;
}

void
lake_check_partition_columns(Relation rel, TupleDesc before)
{
	char	   *value = lake_table_option(rel, LAKE_PARTITION_BY_OPTION);
	ListCell   *lc;

	if (value == NULL)
		return;
	foreach(lc, parse_fields(value))
	{
		const PartitionField *field = (const PartitionField *) lfirst(lc);
		AttrNumber	attnum = find_column(before, field->column);
		Form_pg_attribute is;

		if (attnum == InvalidAttrNumber)
			continue;
		is = TupleDescAttr(RelationGetDescr(rel), attnum - 1);
		if (is->attisdropped)
			ereport(ERROR,
					(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
					 errmsg("cannot drop column \"%s\" from table \"%s\" because it is used in the partition spec", field->column,
							RelationGetRelationName(rel)),
					 errhint("Set or reset option \"%s\" first.", LAKE_PARTITION_BY_OPTION)));
		if (strcmp(NameStr(is->attname), field->column) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("cannot rename column \"%s\" of table \"%s\" because it is used in the partition spec", field->column,
							RelationGetRelationName(rel)),
					 errhint("Set or reset option \"%s\" first.", LAKE_PARTITION_BY_OPTION)));
		if (is->atttypid != TupleDescAttr(before, attnum - 1)->atttypid)
			check_column(field, is);
	}
}
