/*
 * unique_key.cpp
 *	  See unique_key.h.
 */
extern "C" {
#include "postgres.h"
#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
}

#include "catalog/lake_relation.h"
#include "ddl/column_list.h"
#include "ddl/options.h"
#include "ddl/unique_key.h"
#include "plan/ship_type.h"
#include "types/type_map.h"

static List *
columns_of(Relation rel, TupleDesc desc, const char *value)
{
	List	   *attnums = NIL;
	ListCell   *lc;

	foreach(lc, lake_column_list(LAKE_UNIQUE_KEY_OPTION, value))
		attnums = lappend_int(attnums, lake_listed_column(rel, desc, LAKE_UNIQUE_KEY_OPTION, (char *) lfirst(lc)));
	return attnums;
}

static void
check_type(Relation rel, Form_pg_attribute att)
{
	LakeTypeInfo type;

	if (!lake_type_is_comparable(att->atttypid) || !lake_lookup_type(att->atttypid, att->atttypmod, &type) || type.nfields > 0 ||
		lake_is_numeric_as_text(&type))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("column \"%s\" of table \"%s\" has type %s, which cannot be in a unique key", NameStr(att->attname),
						RelationGetRelationName(rel), format_type_with_typemod(att->atttypid, att->atttypmod)),
				 errhint("A unique key has columns of type boolean, integer, float, numeric, text, bytea, uuid, date, time or timestamp.")));
	if (!lake_collation_is_deterministic(att->attcollation))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("column \"%s\" of table \"%s\" has a nondeterministic collation and cannot be in a unique key", NameStr(att->attname),
						RelationGetRelationName(rel))));
}

/* ---------------------------------------------------------------- the key of a table */

bool
lake_has_unique_key(Oid relid)
{
	return lake_relation_option(relid, LAKE_UNIQUE_KEY_OPTION) != NULL;
}

List *
lake_unique_key(Relation rel)
{
	char	   *value = lake_relation_option(RelationGetRelid(rel), LAKE_UNIQUE_KEY_OPTION);

	return value == NULL ? NIL : columns_of(rel, RelationGetDescr(rel), value);
}

char *
lake_unique_key_name(Relation rel)
{
	return psprintf("%s_unique_key", RelationGetRelationName(rel));
}

void
lake_check_unique_key_columns(Relation rel)
{
	List	   *key = lake_unique_key(rel);
	ListCell   *lc;

	if (key != NIL && rel->rd_rel->relkind != RELKIND_RELATION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("option \"%s\" is not supported for materialized views", LAKE_UNIQUE_KEY_OPTION)));
	foreach(lc, key)
		check_type(rel, TupleDescAttr(RelationGetDescr(rel), lfirst_int(lc) - 1));
}

/* ---------------------------------------------------------------- ALTER TABLE */

static void
set_option(Oid relid, const char *value)
{
	DefElem    *option = makeDefElem(pstrdup(LAKE_UNIQUE_KEY_OPTION), value == NULL ? NULL : (Node *) makeString(pstrdup(value)), -1);

	lake_change_table_options(relid, list_make1(option), value == NULL);
}

void
lake_drop_unique_key(Oid relid)
{
	set_option(relid, NULL);
}

void
lake_follow_unique_key(Relation rel, TupleDesc before)
{
	char	   *value = lake_relation_option(RelationGetRelid(rel), LAKE_UNIQUE_KEY_OPTION);
	StringInfoData now;
	bool		renamed = false;
	ListCell   *lc;

	if (value == NULL)
		return;
	initStringInfo(&now);
	foreach(lc, columns_of(rel, before, value))
	{
		Form_pg_attribute was = TupleDescAttr(before, lfirst_int(lc) - 1);
		Form_pg_attribute is = TupleDescAttr(RelationGetDescr(rel), lfirst_int(lc) - 1);

		if (is->attisdropped)
		{
			lake_drop_unique_key(RelationGetRelid(rel));
			return;
		}
		check_type(rel, is);
		renamed |= strcmp(NameStr(was->attname), NameStr(is->attname)) != 0;
		appendStringInfo(&now, "%s%s", now.len > 0 ? ", " : "", quote_identifier(NameStr(is->attname)));
	}
	if (renamed)
		set_option(RelationGetRelid(rel), now.data);
}
