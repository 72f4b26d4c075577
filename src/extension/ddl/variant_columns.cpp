/*
 * variant_columns.cpp
 *	  See variant_columns.h.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
}

#include "ddl/alter_table.h"
#include "ddl/column_default.h"
#include "ddl/column_list.h"
#include "ddl/options.h"
#include "ddl/spi_statement.h"
#include "ddl/table_identity.h"
#include "ddl/variant_columns.h"
#include "txn/table_state.h"

static List *
named_columns(const char *value)
{
	return value == NULL ? NIL : lake_column_list(LAKE_VARIANT_COLUMNS_OPTION, value);
}

static bool
is_listed(List *names, const char *name)
{
	ListCell   *lc;

	foreach(lc, names)
		if (strcmp((char *) lfirst(lc), name) == 0)
			return true;
	return false;
}

static bool
is_jsonb(Form_pg_attribute att)
{
	return getBaseType(att->atttypid) == JSONBOID;
}

bool
lake_is_variant_by(const char *value, Form_pg_attribute att)
{
	return is_jsonb(att) && is_listed(named_columns(value), NameStr(att->attname));
}

bool
lake_is_variant_column(Relation rel, Form_pg_attribute att)
{
	return lake_is_variant_by(lake_table_option(rel, LAKE_VARIANT_COLUMNS_OPTION), att);
}

void
lake_check_variant_columns(Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);
	ListCell   *lc;

	foreach(lc, named_columns(lake_table_option(rel, LAKE_VARIANT_COLUMNS_OPTION)))
	{
		const char *name = (const char *) lfirst(lc);
		Form_pg_attribute att = TupleDescAttr(desc, lake_listed_column(rel, desc, LAKE_VARIANT_COLUMNS_OPTION, name) - 1);

		if (!is_jsonb(att))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("column \"%s\" of table \"%s\" has type %s and cannot be an Iceberg variant", name, RelationGetRelationName(rel),
							format_type_with_typemod(att->atttypid, att->atttypmod)),
					 errhint("Columns named in option \"%s\" have type jsonb.", LAKE_VARIANT_COLUMNS_OPTION)));
		if (lake_format_version(rel) < 3)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("column \"%s\" of table \"%s\" cannot be a variant: variant is not supported until v3", name, RelationGetRelationName(rel)),
					 errdetail("The table has format version %d.", lake_format_version(rel)),
					 errhint("Set format_version = 3.")));
	}
}

/* The column is another one from then on: values would be lost on each branch. Whoever may see the rows: row-level security must not hide one. */
static bool
has_values(Relation rel, const char *name)
{
	const char *table = lake_relation_text(rel);
	const char *column = quote_identifier(name);
	Oid			user;
	int			security;
	bool		found;

	GetUserIdAndSecContext(&user, &security);
	SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, security | SECURITY_LOCAL_USERID_CHANGE);
	found = lake_query_has_row(psprintf("SELECT 1 FROM ONLY %s WHERE %s IS NOT NULL LIMIT 1", table, column)) ||
		lake_query_has_row(psprintf("SELECT 1 FROM lake.refs(%u::regclass) AS ref, lake.at_ref(NULL::%s, ref.name) AS past "
									"WHERE ref.type = 'BRANCH' AND ref.name <> 'main' AND past.%s IS NOT NULL LIMIT 1",
									RelationGetRelid(rel), table, column));
	SetUserIdAndSecContext(user, security);
	return found;
}

void
lake_change_variant_columns(Relation rel, const char *old_value)
{
	LakeTableState *state = lake_table_state(rel, false);
	List	   *before = named_columns(old_value);
	List	   *after = named_columns(lake_table_option(rel, LAKE_VARIANT_COLUMNS_OPTION));
	StringInfoData operations;

	lake_check_variant_columns(rel);
	initStringInfo(&operations);
	for (int i = 0; i < RelationGetNumberOfAttributes(rel); i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), i);
		const char *name = NameStr(att->attname);

		if (att->attisdropped || is_listed(before, name) == is_listed(after, name))
			continue;
		if (has_values(rel, name))
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("column \"%s\" of table \"%s\" has values and cannot become %s", name, RelationGetRelationName(rel),
							is_listed(after, name) ? "a variant" : "a string"),
					 errhint("Add another column, change option \"%s\", and copy the values.", LAKE_VARIANT_COLUMNS_OPTION)));
		appendStringInfo(&operations, "%s{\"op\": \"type\", \"name\": ", operations.len > 0 ? ", " : "");
		escape_json(&operations, name);
		appendStringInfo(&operations, ", \"type\": %s, \"replace\": true}", lake_iceberg_type_json(rel, att));
	}
	if (operations.len == 0)
		return;
	if (state != NULL)
	{
		lake_flush_state(state, rel);
		state->codec = NULL;
	}
	lake_alter_base(rel, operations.data);
	/* a string has a default in the metadata, a variant has none */
	if (lake_format_version(rel) >= 3)
		lake_declare_defaults(rel);
}

static void
append_name(StringInfo value, const char *name)
{
	appendStringInfo(value, "%s%s", value->len > 0 ? ", " : "", quote_identifier(name));
}

/* What a column of the name before is called now; NULL when it is none of jsonb. One that is dropped may have a successor of its name. */
static const char *
name_now(TupleDesc before, TupleDesc after, const char *name)
{
	AttrNumber	attnum = lake_find_column(before, name);

	if (attnum == InvalidAttrNumber || TupleDescAttr(after, attnum - 1)->attisdropped)
		attnum = lake_find_column(after, name);
	if (attnum == InvalidAttrNumber || !is_jsonb(TupleDescAttr(after, attnum - 1)))
		return NULL;
	return NameStr(TupleDescAttr(after, attnum - 1)->attname);
}

void
lake_follow_variant_columns(Relation rel, TupleDesc before)
{
	const char *value = lake_table_option(rel, LAKE_VARIANT_COLUMNS_OPTION);
	StringInfoData now;
	ListCell   *lc;
	DefElem    *option;

	initStringInfo(&now);
	foreach(lc, named_columns(value))
	{
		const char *name = name_now(before, RelationGetDescr(rel), (char *) lfirst(lc));

		if (name != NULL)
			append_name(&now, name);
	}
	if (value == NULL || strcmp(value, now.data) == 0)
		return;
	option = makeDefElem(pstrdup(LAKE_VARIANT_COLUMNS_OPTION), now.len == 0 ? NULL : (Node *) makeString(now.data), -1);
	lake_change_table_options(RelationGetRelid(rel), list_make1(option), now.len == 0);
}

char *
lake_variant_columns_of(List *columns)
{
	StringInfoData value;
	ListCell   *lc;

	initStringInfo(&value);
	foreach(lc, columns)
	{
		const LakeIcebergField *column = (const LakeIcebergField *) lfirst(lc);

		if (strcmp(column->type, "variant") == 0)
			append_name(&value, column->name);
	}
	return value.len == 0 ? NULL : value.data;
}
