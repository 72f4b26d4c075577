/*
 * table_size.cpp
 *	  pg_table_size() in queries (surface.md, FN-8): PostgreSQL's counts the table's files in the data directory, where an Iceberg table has an
 *	  empty one. Queries, psql's \dt+ among them, call lake_iceberg.table_size() instead, which is pg_table_size() for all other relations.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_func.h"
#include "utils/fmgroids.h"
#include "nodes/value.h"
}

#include "catalog/lake_relation.h"
#include "compat/compat.h"
#include "plan/plan.h"

/* Without CREATE EXTENSION there is nothing to call. */
static Oid
table_size_function(void)
{
	List	   *name = list_make2(makeString(pstrdup("lake_iceberg")), makeString(pstrdup("table_size")));
	const Oid	argtypes[] = {REGCLASSOID};

	return lake_extension_exists() ? LookupFuncName(name, 1, argtypes, true) : InvalidOid;
}

static bool
replace_walker(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, LAKE_WALKER(replace_walker), context, 0);
	if (IsA(node, FuncExpr) && ((FuncExpr *) node)->funcid == F_PG_TABLE_SIZE)
	{
		Oid			function = table_size_function();

		if (OidIsValid(function))
			((FuncExpr *) node)->funcid = function;
	}
	return expression_tree_walker(node, LAKE_WALKER(replace_walker), context);
}

void
lake_replace_table_size(Query *query)
{
	(void) replace_walker((Node *) query, NULL);
}
