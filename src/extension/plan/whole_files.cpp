/*
 * whole_files.cpp
 *	  See whole_files.h. Only what bounds of data files tell exactly: types that Iceberg orders as PostgreSQL does.
 */
extern "C" {
#include "postgres.h"
#include "access/transam.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
}

#include "link/text_form.h"
#include "plan/ship_type.h"
#include "plan/whole_files.h"
#include "types/type_map.h"

static void
begin_condition(StringInfo json, Query *query, Var *column, const char *op)
{
	RangeTblEntry *rte = rt_fetch(column->varno, query->rtable);

	appendStringInfoString(json, json->len > 1 ? ", {\"column\": " : "{\"column\": ");
	escape_json(json, get_attname(rte->relid, column->varattno, false));
	appendStringInfo(json, ", \"op\": \"%s\"", op);
}

/* A column that files have counts and bounds for: a scalar one in Iceberg. */
static Var *
column_of(Node *node, Index target)
{
	LakeTypeInfo type;

	while (IsA(node, RelabelType))
		node = (Node *) ((RelabelType *) node)->arg;
	if (!IsA(node, Var) || ((Var *) node)->varno != (int) target || ((Var *) node)->varlevelsup > 0 || ((Var *) node)->varattno <= 0)
		return NULL;
	if (!lake_lookup_type(((Var *) node)->vartype, ((Var *) node)->vartypmod, &type) || type.nfields > 0 || type.wire == LAKE_WIRE_INTERVAL)
		return NULL;
	return (Var *) node;
}

/* Types whose order the bounds have, and whose text DuckDB reads as PostgreSQL writes it. */
static bool
has_order_of_bounds(Var *column, Const *constant, Oid collation, bool is_equality)
{
	Oid			typid = getBaseType(column->vartype);

	switch (typid)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return constant->consttype == typid;
		case TEXTOID:
		case VARCHAROID:
			return constant->consttype == TEXTOID &&
				(is_equality ? lake_collation_is_deterministic(collation) : lake_collation_is_binary(collation));
		default:
			return false;
	}
}

static char *
constant_text(Const *constant)
{
	Oid			function;
	bool		is_varlena;
	int			nest_level = lake_set_transmission_modes();
	char	   *text;

	getTypeOutputInfo(constant->consttype, &function, &is_varlena);
	text = OidOutputFunctionCall(function, constant->constvalue);
	lake_reset_transmission_modes(nest_level);
	return text;
}

static bool
append_comparison(StringInfo json, Query *query, Index target, OpExpr *op)
{
	Node	   *left = (Node *) linitial(op->args);
	Node	   *right = list_length(op->args) == 2 ? (Node *) lsecond(op->args) : NULL;
	Oid			opno = op->opno;
	Var		   *column;
	char	   *name;
	char	   *text;

	if (right == NULL)
		return false;
	if (IsA(left, Const))
	{
		Node	   *swap = left;

		left = right;
		right = swap;
		opno = get_commutator(opno);
	}
	column = column_of(left, target);
	if (column == NULL || !IsA(right, Const) || ((Const *) right)->constisnull || !OidIsValid(opno) || opno >= FirstNormalObjectId)
		return false;
	name = get_opname(opno);
	if (strcmp(name, "<") != 0 && strcmp(name, "<=") != 0 && strcmp(name, "=") != 0 && strcmp(name, ">=") != 0 && strcmp(name, ">") != 0)
		return false;
	if (!has_order_of_bounds(column, (Const *) right, op->inputcollid, strcmp(name, "=") == 0))
		return false;
	text = constant_text((Const *) right);
	/* DuckDB has other words for years before Christ */
	if (((Const *) right)->consttype != TEXTOID && strstr(text, "BC") != NULL)
		return false;
	begin_condition(json, query, column, name);
	appendStringInfoString(json, ", \"value\": ");
	escape_json(json, text);
	appendStringInfoChar(json, '}');
	return true;
}

static bool
append_condition(StringInfo json, Query *query, Index target, Node *node)
{
	ListCell   *lc;
	Var		   *column;

	if (IsA(node, BoolExpr) && ((BoolExpr *) node)->boolop == AND_EXPR)
	{
		foreach(lc, ((BoolExpr *) node)->args)
			if (!append_condition(json, query, target, (Node *) lfirst(lc)))
				return false;
		return true;
	}
	if (IsA(node, OpExpr))
		return append_comparison(json, query, target, (OpExpr *) node);
	if (!IsA(node, NullTest) || ((NullTest *) node)->argisrow || (column = column_of((Node *) ((NullTest *) node)->arg, target)) == NULL)
		return false;
	begin_condition(json, query, column, ((NullTest *) node)->nulltesttype == IS_NULL ? "is null" : "is not null");
	appendStringInfoChar(json, '}');
	return true;
}

char *
lake_whole_file_conditions(Query *query, Index target)
{
	StringInfoData json;

	if (query->jointree == NULL || list_length(query->jointree->fromlist) != 1 || !IsA(linitial(query->jointree->fromlist), RangeTblRef))
		return NULL;
	initStringInfo(&json);
	appendStringInfoChar(&json, '[');
	if (query->jointree->quals != NULL && !append_condition(&json, query, target, query->jointree->quals))
		return NULL;
	appendStringInfoChar(&json, ']');
	return json.data;
}
