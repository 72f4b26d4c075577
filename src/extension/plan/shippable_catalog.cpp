/*
 * shippable_catalog.cpp
 *	  Look-ups in the catalogue, by OID.
 *
 * A line names its functions and argument types as text, so that the tables can be read beside PostgreSQL's manual; the first look-up
 * of an OID compares texts, later ones find the answer, also "none", in a hash table of the backend.
 */
extern "C" {
#include "postgres.h"
#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

#include "plan/shippable_catalog.h"

typedef struct CacheKey
{
	Oid			objid;
	char		kind;			/* o, f, a, w; an aggregate may be a window function too */
} CacheKey;

typedef struct CacheEntry
{
	CacheKey	key;
	const LakeShippable *line;	/* NULL: not in the catalogue */
} CacheEntry;

static HTAB *cache = NULL;

/* True if word is one of the words of list. */
static bool
has_word(const char *list, const char *word)
{
	size_t		length = strlen(word);

	for (const char *at = list; at != NULL && *at != '\0';)
	{
		const char *end = strchr(at, ' ');
		size_t		size = end == NULL ? strlen(at) : (size_t) (end - at);

		if (size == length && memcmp(at, word, length) == 0)
			return true;
		at = end == NULL ? NULL : end + 1;
	}
	return false;
}

static const LakeShippable *
find_line_in(const LakeShippable *table, const char *name, const char *args)
{
	for (const LakeShippable *line = table; line->names != NULL || line->section != NULL; line++)
	{
		if (line->names != NULL && has_word(line->names, name) && has_word(line->args, args))
			return line;
	}
	return NULL;
}

/* In the tables of an object's kind, one or several; NULL ends them. */
static const LakeShippable *
find_line(const LakeShippable *const *tables, const char *name, const char *args)
{
	const LakeShippable *line = NULL;

	for (; *tables != NULL && line == NULL; tables++)
		line = find_line_in(*tables, name, args);
	return line;
}

static const LakeShippable *const operator_tables[] = {lake_operator_table, lake_datetime_operator_table, lake_array_operator_table, NULL};
static const LakeShippable *const function_tables[] = {lake_function_table, lake_datetime_function_table, lake_array_function_table, NULL};
static const LakeShippable *const aggregate_tables[] = {lake_aggregate_table, lake_datetime_aggregate_table, NULL};
static const LakeShippable *const window_tables[] = {lake_window_table, NULL};

static void
append_type(StringInfo args, Oid typid)
{
	HeapTuple	tuple;

	if (!OidIsValid(typid))
		return;
	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(typid));
	if (!HeapTupleIsValid(tuple))
		return;
	appendStringInfo(args, "%s%s", args->len > 0 ? "," : "", NameStr(((Form_pg_type) GETSTRUCT(tuple))->typname));
	ReleaseSysCache(tuple);
}

static const LakeShippable *
search_operator(Oid opno)
{
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(opno));
	const LakeShippable *line = NULL;
	Form_pg_operator form;
	StringInfoData args;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	form = (Form_pg_operator) GETSTRUCT(tuple);
	initStringInfo(&args);
	append_type(&args, form->oprleft);
	append_type(&args, form->oprright);
	if (form->oprnamespace == PG_CATALOG_NAMESPACE)
		line = find_line(operator_tables, NameStr(form->oprname), args.data);
	ReleaseSysCache(tuple);
	pfree(args.data);
	return line;
}

static const LakeShippable *
search_function(Oid funcid, const LakeShippable *const *tables)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(funcid));
	const LakeShippable *line = NULL;
	Form_pg_proc form;
	StringInfoData args;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	form = (Form_pg_proc) GETSTRUCT(tuple);
	initStringInfo(&args);
	for (int i = 0; i < form->pronargs; i++)
		append_type(&args, form->proargtypes.values[i]);
	if (form->pronamespace == PG_CATALOG_NAMESPACE)
		line = find_line(tables, NameStr(form->proname), args.len == 0 ? "-" : args.data);
	ReleaseSysCache(tuple);
	pfree(args.data);
	return line;
}

static const LakeShippable *
lookup(Oid objid, char kind)
{
	CacheKey	key;
	CacheEntry *entry;
	bool		found;

	/* what a user can create, and so drop and create again with another meaning, is never in the catalogue */
	if (objid >= FirstNormalObjectId)
		return NULL;
	if (cache == NULL)
	{
		HASHCTL		ctl = {};

		ctl.keysize = sizeof(CacheKey);
		ctl.entrysize = sizeof(CacheEntry);
		cache = hash_create("lake shippable objects", 256, &ctl, HASH_ELEM | HASH_BLOBS);
	}
	memset(&key, 0, sizeof(key));
	key.objid = objid;
	key.kind = kind;
	entry = (CacheEntry *) hash_search(cache, &key, HASH_FIND, NULL);
	if (entry == NULL)
	{
		const LakeShippable *line = kind == 'o' ? search_operator(objid) :
			search_function(objid, kind == 'f' ? function_tables : kind == 'a' ? aggregate_tables : window_tables);

		entry = (CacheEntry *) hash_search(cache, &key, HASH_ENTER, &found);
		entry->line = line;
	}
	return entry->line;
}

/* A line that says why it stays is no line to those who ship. */
static const LakeShippable *
lookup_shipped(Oid objid, char kind)
{
	const LakeShippable *line = lookup(objid, kind);

	return line != NULL && line->stays == NULL ? line : NULL;
}

const LakeShippable *
lake_shippable_operator(Oid opno)
{
	return lookup_shipped(opno, 'o');
}

const LakeShippable *
lake_shippable_function(Oid funcid)
{
	return lookup_shipped(funcid, 'f');
}

const LakeShippable *
lake_shippable_aggregate(Oid funcid)
{
	return lookup_shipped(funcid, 'a');
}

bool
lake_gives_text_form(Oid funcid)
{
	const LakeShippable *line = lake_shippable_aggregate(funcid);

	return line != NULL && (line->conditions & LAKE_TEXT_FORM) != 0;
}

const LakeShippable *
lake_shippable_window(Oid funcid)
{
	return lookup_shipped(funcid, 'w');
}

static const char *
stays(Oid objid, const char *kinds)
{
	const char *why = NULL;

	for (const char *kind = kinds; *kind != '\0' && why == NULL; kind++)
	{
		const LakeShippable *line = lookup(objid, *kind);

		why = line == NULL ? NULL : line->stays;
	}
	return why;
}

const char *
lake_operator_stays(Oid opno)
{
	return stays(opno, "o");
}

const char *
lake_function_stays(Oid funcid)
{
	return stays(funcid, "faw");
}
