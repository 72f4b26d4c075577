/*
 * create_table.cpp
 *	  Before: decide whether the statement makes a lake table, take its options out, refuse what cannot be, replace numerics that Iceberg cannot
 *	  hold (TYPE-20). After: store the options, make the Iceberg side.
 */
extern "C" {
#include "postgres.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_coerce.h"
#include "parser/parse_relation.h"
#include "parser/parse_type.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/rel.h"
}

#include "catalog/lake_relation.h"
#include "ddl/create_table.h"
#include "ddl/options.h"
#include "ddl/table_identity.h"
#include "ddl/unique_key.h"
#include "hooks/settings.h"
#include "types/type_map.h"

static void
refuse_feature(const char *what)
{
	ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("%s are not allowed for pg_lake_iceberg tables", what)));
}

/*
 * The access method decides. By default_table_access_method alone, what cannot be a lake table becomes a heap table, as do the tables of extensions
 * (EXT-6, SRV-7); with USING it is an error.
 */
static bool
decide_access_method(char **access_method, const RangeVar *relation, bool partitioned)
{
	bool		implicit = *access_method == NULL;

	if (partitioned)
		return false;
	if (!lake_is_lake_access_method(implicit ? default_table_access_method : *access_method))
		return false;
	if (relation->relpersistence == RELPERSISTENCE_PERMANENT && !(implicit && creating_extension))
		return true;
	if (!implicit)
		refuse_feature(relation->relpersistence == RELPERSISTENCE_TEMP ? "temporary tables" : "unlogged tables");
	*access_method = pstrdup("heap");
	return false;
}

/* Another one of the name may come before it or behind it in search_path. */
Oid
lake_created_relation(const RangeVar *relation)
{
	return get_relname_relid(relation->relname, RangeVarGetCreationNamespace(relation));
}

/* ---------------------------------------------------------------- CREATE TABLE (...) */

static void
check_constraint(const Constraint *constraint)
{
	const char *kind = NULL;

	switch (constraint->contype)
	{
		case CONSTR_PRIMARY:
			kind = "primary key";
			break;
		case CONSTR_UNIQUE:
			kind = "unique";
			break;
		case CONSTR_EXCLUSION:
			kind = "exclusion";
			break;
		default:
			return;
	}
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("%s constraints are not supported on iceberg tables", kind),
			 errhint("Iceberg tables have no indexes that could enforce it.")));
}

/* Numerics that no Iceberg decimal can hold become double precision, unless the options say otherwise. */
static bool
replaces_numerics(List *options)
{
	ListCell   *lc;

	foreach(lc, options)
		if (strcmp(lfirst_node(DefElem, lc)->defname, LAKE_UNSUPPORTED_NUMERIC_OPTION) == 0)
			return strcmp(defGetString(lfirst_node(DefElem, lc)), "double") == 0;
	return lake_unsupported_numeric_as_double;
}

/* The type to use for numeric and numeric[] without precision, or with more than 38 digits; else invalid (TYPE-20). */
static Oid
replacement(Oid typid, int32 typmod)
{
	LakeTypeInfo info;

	if (getBaseType(typid) == NUMERICOID && lake_lookup_type(typid, typmod, &info) && lake_is_numeric_as_text(&info))
		return FLOAT8OID;
	if (typid == NUMERICARRAYOID && lake_lookup_type(typid, typmod, &info) && lake_is_numeric_as_text(&info))
		return FLOAT8ARRAYOID;
	return InvalidOid;
}

static void
replace_numeric(ColumnDef *column)
{
	Type		type;
	int32		typmod;
	Oid			typid;

	if (column->typeName == NULL)
		return;
	type = LookupTypeName(NULL, column->typeName, &typmod, true);
	if (type == NULL)
		return;
	typid = typeTypeId(type);
	ReleaseSysCache(type);
	if (typid != NUMERICOID && typid != NUMERICARRAYOID)
		return;
	typid = replacement(typid, typmod);
	if (!OidIsValid(typid))
		return;
	ereport(NOTICE,
			(errmsg("column \"%s\" has type that cannot be stored as an Iceberg decimal, converting to double precision",
					column->colname)));
	column->typeName = makeTypeNameFromOid(typid, -1);
}

static void
check_like_clause(const TableLikeClause *like)
{
	Oid			relid;
	Relation	source;

	if (!(like->options & CREATE_TABLE_LIKE_INDEXES))
		return;
	relid = RangeVarGetRelid(like->relation, AccessShareLock, true);
	if (!OidIsValid(relid))
		return;
	source = relation_open(relid, NoLock);
	if (source->rd_rel->relhasindex)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("LIKE \"%s\" INCLUDING INDEXES is not supported for iceberg tables", RelationGetRelationName(source)),
				 errhint("Iceberg tables have no indexes; leave INCLUDING INDEXES out.")));
	relation_close(source, NoLock);
}

static void
check_table_elements(List *elements, bool replaces)
{
	ListCell   *lc;
	ListCell   *item;

	foreach(lc, elements)
	{
		Node	   *element = (Node *) lfirst(lc);

		if (IsA(element, ColumnDef))
		{
			foreach(item, ((ColumnDef *) element)->constraints)
				check_constraint((Constraint *) lfirst(item));
			if (replaces)
				replace_numeric((ColumnDef *) element);
		}
		else if (IsA(element, Constraint))
			check_constraint((Constraint *) element);
		else if (IsA(element, TableLikeClause))
			check_like_clause((TableLikeClause *) element);
	}
}

LakeCreation
lake_prepare_create_table(CreateStmt *stmt)
{
	LakeCreation creation = {};

	creation.relation = stmt->relation;
	creation.is_lake = decide_access_method(&stmt->accessMethod, stmt->relation, stmt->partspec != NULL);
	if (!creation.is_lake)
		return creation;
	if (stmt->tablespacename != NULL)
		refuse_feature("tablespaces");
	stmt->options = lake_options_of_new_table(stmt->options);
	lake_check_table_options(stmt->options);
	check_table_elements(stmt->tableElts, replaces_numerics(stmt->options));
	check_table_elements(stmt->constraints, false);
	creation.existed = OidIsValid(lake_created_relation(stmt->relation));
	creation.options = stmt->options;
	stmt->options = NIL;
	return creation;
}

CreateStmt *
lake_create_table_of_foreign(CreateForeignTableStmt *stmt)
{
	CreateStmt *create;

	if (strcmp(stmt->servername, "pg_lake_iceberg") != 0)
		return NULL;
	create = makeNode(CreateStmt);
	*create = stmt->base;
	create->type = T_CreateStmt;
	create->accessMethod = pstrdup("iceberg");
	create->options = stmt->options;
	return create;
}

/* ---------------------------------------------------------------- CREATE TABLE AS */

/* Wraps the query: SELECT each column, unsupported numerics cast to double precision, FROM (query). */
static Query *
wrap_with_casts(Query *inner)
{
	Query	   *outer = makeNode(Query);
	RangeTblEntry *rte;
	RangeTblRef *ref;
	Alias	   *alias = makeAlias("res", NIL);
	ParseState *pstate = make_parsestate(NULL);
	ListCell   *lc;
	AttrNumber	attnum = 0;

	rte = makeNode(RangeTblEntry);
	rte->rtekind = RTE_SUBQUERY;
	rte->subquery = inner;
	rte->inFromCl = true;
	rte->alias = NULL;
	outer->commandType = CMD_SELECT;
	outer->querySource = inner->querySource;
	outer->canSetTag = inner->canSetTag;
	outer->stmt_location = inner->stmt_location;
	outer->stmt_len = inner->stmt_len;
	foreach(lc, inner->targetList)
	{
		TargetEntry *entry = (TargetEntry *) lfirst(lc);
		Node	   *expression;
		Oid			type = exprType((Node *) entry->expr);
		int32		typmod = exprTypmod((Node *) entry->expr);

		if (entry->resjunk)
			continue;
		attnum++;
		alias->colnames = lappend(alias->colnames, makeString(pstrdup(entry->resname)));
		expression = (Node *) makeVar(1, entry->resno, type, typmod, exprCollation((Node *) entry->expr), 0);
		if (OidIsValid(replacement(type, typmod)))
		{
			ereport(NOTICE,
					(errmsg("column \"%s\" has type that cannot be stored as an Iceberg decimal, converting to double precision",
							entry->resname)));
			expression = coerce_to_target_type(pstate, expression, type, replacement(type, typmod), -1, COERCION_ASSIGNMENT, COERCE_IMPLICIT_CAST, -1);
		}
		outer->targetList = lappend(outer->targetList, makeTargetEntry((Expr *) expression, attnum, pstrdup(entry->resname), false));
	}
	rte->eref = alias;
	ref = makeNode(RangeTblRef);
	ref->rtindex = 1;
	outer->rtable = list_make1(rte);
	outer->jointree = makeFromExpr(list_make1(ref), NULL);
	free_parsestate(pstate);
	return outer;
}

static bool
needs_casts(Query *query)
{
	ListCell   *lc;

	foreach(lc, query->targetList)
	{
		TargetEntry *entry = (TargetEntry *) lfirst(lc);

		if (!entry->resjunk && OidIsValid(replacement(exprType((Node *) entry->expr), exprTypmod((Node *) entry->expr))))
			return true;
	}
	return false;
}

LakeCreation
lake_prepare_create_table_as(CreateTableAsStmt *stmt)
{
	LakeCreation creation = {};
	IntoClause *into = stmt->into;

	creation.relation = into->rel;
	creation.is_lake = decide_access_method(&into->accessMethod, into->rel, false);
	if (!creation.is_lake)
		return creation;
	if (into->tableSpaceName != NULL)
		refuse_feature("tablespaces");
	into->options = lake_options_of_new_table(into->options);
	lake_check_table_options(into->options);
	if (stmt->objtype != OBJECT_MATVIEW && replaces_numerics(into->options) && IsA(stmt->query, Query) && ((Query *) stmt->query)->commandType == CMD_SELECT &&
		needs_casts((Query *) stmt->query))
		stmt->query = (Node *) wrap_with_casts((Query *) stmt->query);
	creation.existed = OidIsValid(lake_created_relation(into->rel));
	creation.options = into->options;
	into->options = NIL;
	return creation;
}

/* ---------------------------------------------------------------- after */

void
lake_finish_creation(const LakeCreation *creation)
{
	Oid			relid;
	Relation	rel;

	if (!creation->is_lake || creation->existed)
		return;
	relid = lake_created_relation(creation->relation);
	if (!OidIsValid(relid) || !lake_is_lake_relation(relid))
		return;
	CommandCounterIncrement();
	lake_store_table_options(relid, creation->options);
	/* its pointer row comes with pg_upgrade */
	if (IsBinaryUpgrade)
		return;
	rel = table_open(relid, AccessShareLock);
	lake_check_unique_key_columns(rel);
	lake_ensure_table_identity(rel);
	table_close(rel, NoLock);
}
