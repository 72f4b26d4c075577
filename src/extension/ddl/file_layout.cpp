/*
 * file_layout.cpp
 *	  See file_layout.h.
 *
 *	  list		:= field { "," field }				of partition_by
 *				 | sorted { "," sorted }			of sort_by
 *	  sorted	:= field [ ASC | DESC ] [ NULLS ( FIRST | LAST ) ]
 *	  field		:= column | transform "(" column ")" | transform "(" integer "," column ")"
 *	  column	:= name { "." name }				the names behind the first are fields of composites, for partition_by alone
 *	  name		:= identifier, as SQL folds it | "quoted"
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

#include "ddl/column_list.h"
#include "ddl/file_layout.h"
#include "ddl/options.h"
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

typedef struct LayoutField
{
	List	   *names;			/* of the column, and of fields within it: char * */
	char	   *column;			/* the names, with dots: as Iceberg names the field */
	Transform	transform;
	int			size;			/* of a bucket's count or a truncation's width */
	bool		descending;
	bool		nulls_first;
} LayoutField;

/* An option, and how messages speak of it. */
typedef struct LayoutOption
{
	const char *name;
	const char *kind;
	const char *result;
	bool		sorts;
} LayoutOption;

static const LayoutOption layout_options[] = {
	{LAKE_PARTITION_BY_OPTION, "partition", "partition spec", false},
	{LAKE_SORT_BY_OPTION, "sort", "sort order", true},
};

static const LayoutOption *
find_option(const char *name)
{
	for (const LayoutOption &option : layout_options)
		if (strcmp(option.name, name) == 0)
			return &option;
	return NULL;
}

bool
lake_is_layout_option(const char *name)
{
	return find_option(name) != NULL;
}

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

static void
scan_column(const LayoutOption *option, const char **at, LayoutField *field, char *first)
{
	field->names = list_make1(first);
	field->column = first;
	while (**at == '.')
	{
		char	   *name;

		(*at)++;
		if (!begins_name(**at))
			fail("expected the name of a field after \".\"");
		name = scan_name(at);
		field->names = lappend(field->names, name);
		field->column = psprintf("%s.%s", field->column, name);
	}
	if (option->sorts && list_length(field->names) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("%s of a field of a composite column is not supported: \"%s\"", option->name, field->column)));
}

static int
scan_size(const LayoutOption *option, const char **at)
{
	char	   *end;
	long		size;

	errno = 0;
	size = strtol(*at, &end, 10);
	if (end == *at)
		fail(psprintf("expected integer parameter for %s transform", option->kind));
	if (errno != 0 || size < 1 || size > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("bucket or truncate size must be between 1 and %d", PG_INT32_MAX)));
	*at = end;
	return (int) size;
}

static Transform
transform_of(const LayoutOption *option, const char *name)
{
	for (int i = 0; i < (int) lengthof(transform_names); i++)
	{
		if (strcmp(transform_names[i], name) != 0)
			continue;
		if (i == TRANSFORM_VOID)
			ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("void %s transform is not supported", option->kind)));
		return (Transform) i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_SYNTAX_ERROR), errmsg("unknown %s transform \"%s\"", option->kind, name),
			 errhint("Transforms are year, month, day, hour, bucket(N, column) and truncate(N, column).")));
}

/* From behind the opening parenthesis to behind the closing one. */
static void
scan_arguments(const LayoutOption *option, const char **at, LayoutField *field)
{
	skip_spaces(at);
	if (field->transform == TRANSFORM_BUCKET || field->transform == TRANSFORM_TRUNCATE)
	{
		field->size = scan_size(option, at);
		skip_spaces(at);
		if (**at != ',')
			fail(psprintf("expected comma after the parameter of a %s transform", option->kind));
		(*at)++;
		skip_spaces(at);
	}
	if (!begins_name(**at))
		fail(**at == '\0' ? psprintf("missing closing parenthesis in %s transform", option->kind) : "invalid token while parsing transform");
	scan_column(option, at, field, scan_name(at));
	skip_spaces(at);
	if (**at != ')')
		fail(psprintf("missing closing parenthesis in %s transform", option->kind));
	(*at)++;
}

static void
unexpected_character(const LayoutOption *option, const char *at)
{
	ereport(ERROR,
			(errcode(ERRCODE_SYNTAX_ERROR), errmsg("unexpected character \"%.*s\" in %s string", pg_mblen(at), at, option->name)));
}

/* Whether the word comes next, in any case; skips it. */
static bool
skip_word(const char **at, const char *word)
{
	size_t		length = strlen(word);

	if (pg_strncasecmp(*at, word, length) != 0 || begins_name((*at)[length]) || isdigit((unsigned char) (*at)[length]))
		return false;
	*at += length;
	skip_spaces(at);
	return true;
}

/* PostgreSQL's defaults: nulls are larger than all else. */
static void
scan_direction(const char **at, LayoutField *field)
{
	if (!skip_word(at, "asc"))
		field->descending = skip_word(at, "desc");
	field->nulls_first = field->descending;
	if (!skip_word(at, "nulls"))
		return;
	field->nulls_first = skip_word(at, "first");
	if (!field->nulls_first && !skip_word(at, "last"))
		fail("expected FIRST or LAST after NULLS");
}

static LayoutField *
scan_field(const LayoutOption *option, const char **at)
{
	LayoutField *field = (LayoutField *) palloc0(sizeof(LayoutField));
	bool		quoted = **at == '"';
	char	   *name;

	if (!begins_name(**at))
		unexpected_character(option, *at);
	name = scan_name(at);
	if (**at == '.')
		scan_column(option, at, field, name);
	skip_spaces(at);
	if (field->column == NULL && **at == '(' && !quoted)
	{
		field->transform = transform_of(option, name);
		(*at)++;
		scan_arguments(option, at, field);
		skip_spaces(at);
	}
	else if (field->column == NULL)
		scan_column(option, at, field, name);
	if (option->sorts)
		scan_direction(at, field);
	if (begins_name(**at))
		fail(field->transform == TRANSFORM_IDENTITY ? "expected comma after column name" : "expected comma after transform name");
	return field;
}

/* List of LayoutField *. */
static List *
parse_fields(const LayoutOption *option, const char *value)
{
	List	   *fields = NIL;
	const char *at = value;

	skip_spaces(&at);
	if (*at == '\0')
		fail(psprintf("%s option cannot be empty", option->name));
	for (;;)
	{
		fields = lappend(fields, scan_field(option, &at));
		if (*at == '\0')
			return fields;
		if (*at != ',')
			unexpected_character(option, at);
		at++;
		skip_spaces(&at);
		if (*at == '\0')
			fail("expected transform name or column name after comma");
	}
}

void
lake_check_layout_value(const char *name, const char *value)
{
	const LayoutOption *option = find_option(name);
	List	   *fields = parse_fields(option, value);

	for (int i = 0; i < list_length(fields); i++)
		for (int j = 0; j < i; j++)
		{
			const LayoutField *one = (const LayoutField *) list_nth(fields, i);
			const LayoutField *other = (const LayoutField *) list_nth(fields, j);

			if (strcmp(one->column, other->column) == 0 && one->transform == other->transform && one->size == other->size)
				ereport(ERROR,
						(errcode(ERRCODE_DUPLICATE_OBJECT),
						 errmsg("\"%s\" transform on column \"%s\" appears multiple times in %s",
								transform_names[one->transform], one->column, option->result)));
		}
}

/* ---------------------------------------------------------------- columns */

/* The field of a composite column where the names lead, as an attribute of its type. NULL: there is none. */
static Form_pg_attribute
find_field(TupleDesc desc, const LayoutField *field)
{
	Form_pg_attribute found = NULL;
	ListCell   *lc;

	foreach(lc, field->names)
	{
		AttrNumber	attnum;

		if (found != NULL)
		{
			Oid			type = getBaseType(found->atttypid);

			if (get_typtype(type) != TYPTYPE_COMPOSITE)
				return NULL;
			desc = lookup_rowtype_tupdesc_copy(type, -1);
		}
		attnum = lake_find_column(desc, (const char *) lfirst(lc));
		if (attnum == InvalidAttrNumber)
			return NULL;
		found = TupleDescAttr(desc, attnum - 1);
	}
	return found;
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
	bool		is_geometry = known && type.geometry != LAKE_NO_GEOMETRY;
	bool		other_text = is_geometry || (known && type.wire == LAKE_WIRE_TEXT && type.type_class == LAKE_TYPE_OPAQUE);

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
			return known && !is_geometry && type.wire != LAKE_WIRE_INTERVAL && OidIsValid(lookup_type_cache(type.typid, TYPECACHE_EQ_OPR)->eq_opr)
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
check_column(const LayoutOption *option, const LayoutField *field, Form_pg_attribute att)
{
	const char *wanted;

	if (!is_scalar(att->atttypid))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("%s transform column \"%s\" must be a scalar type", option->kind, field->column),
				 errdetail("Its type is %s.", format_type_with_typemod(att->atttypid, att->atttypmod))));
	wanted = wanted_type(field->transform, att);
	if (wanted != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("%s transform requires %s column, but type is %s", transform_names[field->transform], wanted,
						format_type_with_typemod(att->atttypid, att->atttypmod)),
				 errdetail("The column is \"%s\".", field->column)));
	/* A file is sorted by bytes, whatever the collation: rows are found by their bounds, never returned by their place. */
	if (!option->sorts && OidIsValid(att->attcollation) && att->attcollation != DEFAULT_COLLATION_OID && att->attcollation != C_COLLATION_OID)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("Columns with collation are not supported in partition_by: \"%s\"", field->column)));
}

char *
lake_layout_json(Relation rel, const char *name, const char *value)
{
	const LayoutOption *option = find_option(name);
	TupleDesc	desc = RelationGetDescr(rel);
	StringInfoData json;
	ListCell   *lc;

	if (value == NULL)
		return pstrdup("[]");
	initStringInfo(&json);
	foreach(lc, parse_fields(option, value))
	{
		const LayoutField *field = (const LayoutField *) lfirst(lc);
		Form_pg_attribute att = find_field(desc, field);

		if (att == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("column \"%s\" does not exist in relation \"%s\"", field->column, RelationGetRelationName(rel))));
		check_column(option, field, att);
		appendStringInfoString(&json, json.len == 0 ? "[{\"column\": " : ", {\"column\": ");
		escape_json(&json, field->column);
		appendStringInfo(&json, ", \"transform\": \"%s", transform_names[field->transform]);
		if (field->size > 0)
			appendStringInfo(&json, "[%d]", field->size);
		appendStringInfoChar(&json, '"');
		if (option->sorts)
			appendStringInfo(&json, ", \"descending\": %s, \"nulls_first\": %s", field->descending ? "true" : "false",
							 field->nulls_first ? "true" : "false");
		appendStringInfoChar(&json, '}');
	}
	appendStringInfoChar(&json, ']');
	return json.data;
}

/* ---------------------------------------------------------------- the table */

bool
lake_reorders_rows(Relation rel)
{
	for (const LayoutOption &option : layout_options)
		if (lake_table_option(rel, option.name) != NULL)
			return true;
	return false;
}

static void
check_option_columns(const LayoutOption *option, Relation rel, TupleDesc before)
{
	char	   *value = lake_table_option(rel, option->name);
	ListCell   *lc;

	if (value == NULL)
		return;
	foreach(lc, parse_fields(option, value))
	{
		const LayoutField *field = (const LayoutField *) lfirst(lc);
		const char *column = (const char *) linitial(field->names);
		AttrNumber	attnum = lake_find_column(before, column);
		Form_pg_attribute is;

		if (attnum == InvalidAttrNumber)
			continue;
		is = TupleDescAttr(RelationGetDescr(rel), attnum - 1);
		if (is->attisdropped)
			ereport(ERROR,
					(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
					 errmsg("cannot drop column \"%s\" from table \"%s\" because it is used in the %s", column,
							RelationGetRelationName(rel), option->result),
					 errhint("Set or reset option \"%s\" first.", option->name)));
		if (strcmp(NameStr(is->attname), column) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("cannot rename column \"%s\" of table \"%s\" because it is used in the %s", column,
							RelationGetRelationName(rel), option->result),
					 errhint("Set or reset option \"%s\" first.", option->name)));
		if (is->atttypid == TupleDescAttr(before, attnum - 1)->atttypid)
			continue;
		is = find_field(RelationGetDescr(rel), field);
		if (is == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
					 errmsg("cannot change column \"%s\" of table \"%s\" because field \"%s\" is used in the %s", column,
							RelationGetRelationName(rel), field->column, option->result),
					 errhint("Set or reset option \"%s\" first.", option->name)));
		check_column(option, field, is);
	}
}

void
lake_check_layout_columns(Relation rel, TupleDesc before)
{
	for (const LayoutOption &option : layout_options)
		check_option_columns(&option, rel, before);
}
