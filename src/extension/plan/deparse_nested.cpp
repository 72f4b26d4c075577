/*
 * deparse_nested.cpp
 *	  Arrays and composites as DuckDB SQL: constructors, subscripts, fields, x = ANY (array), and the rules of the catalogue for arrays.
 *
 * An array is shipped as a list of its elements as Iceberg stores them (types/type_map.h), so an element or a field is converted when it is taken out.
 * Arrays whose elements are only passed on (numeric, interval, composites) can be looked into as well, but nothing is computed from them as a whole.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "rewrite/rewriteManip.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"
}

#include "plan/deparse.h"
#include "plan/deparse_rule.h"
#include "plan/ship_type.h"
#include "plan/shippable_catalog.h"
#include "types/type_map.h"

/* ---------------------------------------------------------------- constructors */

bool
lake_deparse_array_const(LakeDeparse *ctx, Const *constant)
{
	ArrayType  *array = DatumGetArrayTypeP(constant->constvalue);
	List	   *elements = NIL;
	ListCell   *lc;

	if ((ARR_NDIM(array) == 1 && ARR_LBOUND(array)[0] != 1) || !lake_array_elements(constant, constant->constcollid, &elements))
		return false;
	appendStringInfoString(&ctx->sql, "([");
	foreach(lc, elements)
	{
		appendStringInfoString(&ctx->sql, foreach_current_index(lc) > 0 ? ", " : "");
		lake_deparse_const(ctx, lfirst_node(Const, lc));
	}
	appendStringInfo(&ctx->sql, "])::%s", lake_ship_type_name(constant->consttype));
	return true;
}

/* ARRAY[a, b] */
void
lake_deparse_array_expr(LakeDeparse *ctx, ArrayExpr *expr)
{
	ListCell   *lc;

	if (expr->multidims)
	{
		lake_refuse(ctx, "SQL Syntax", "multidimensional array");
		return;
	}
	appendStringInfoString(&ctx->sql, "([");
	foreach(lc, expr->elements)
	{
		appendStringInfoString(&ctx->sql, foreach_current_index(lc) > 0 ? ", " : "");
		lake_deparse_expr(ctx, (Node *) lfirst(lc));
	}
	appendStringInfo(&ctx->sql, "])::%s", lake_ship_type_name(expr->array_typeid));
}

/* ---------------------------------------------------------------- parts of columns */

/* A column, or a part of one: something whose value is in DuckDB as Iceberg stores it. */
static bool
is_stored(Node *node)
{
	if (IsA(node, FieldSelect))
		return is_stored((Node *) ((FieldSelect *) node)->arg);
	if (IsA(node, SubscriptingRef))
		return is_stored((Node *) ((SubscriptingRef *) node)->refexpr);
	return IsA(node, Var) && ((Var *) node)->varattno > 0;
}

bool
lake_is_opaque_part(Node *node)
{
	return (IsA(node, FieldSelect) || IsA(node, SubscriptingRef)) && lake_ship_type_name(getBaseType(exprType(node))) == NULL;
}

/* An array that DuckDB's list stands for: a stored one, or an expression of a type that has a name. */
static void
deparse_list(LakeDeparse *ctx, Node *node)
{
	if (is_stored(node))
		lake_deparse_stored(ctx, node);
	else
		lake_deparse_expr(ctx, node);
}

static bool
is_bound(Node *bound, int64 *value)
{
	if (!lake_is_nonnull_const(bound))
		return false;
	*value = DatumGetInt32(((Const *) bound)->constvalue);
	return true;
}

/* a[2:3]: DuckDB counts from the end for what is below 1. */
static void
deparse_slice(LakeDeparse *ctx, SubscriptingRef *ref)
{
	Node	   *lower = (Node *) linitial(ref->reflowerindexpr);
	Node	   *upper = (Node *) linitial(ref->refupperindexpr);
	int64		from = 1;
	int64		to = 0;

	if ((lower != NULL && !is_bound(lower, &from)) || (upper != NULL && !is_bound(upper, &to)))
	{
		lake_refuse(ctx, "SQL Syntax", "array slice with bounds that are not constant");
		return;
	}
	from = Max(from, 1);
	appendStringInfoString(&ctx->sql, "list_slice(");
	deparse_list(ctx, (Node *) ref->refexpr);
	appendStringInfo(&ctx->sql, ", " INT64_FORMAT ", ", upper == NULL || to >= from ? from : 2);
	if (upper != NULL)
		appendStringInfo(&ctx->sql, INT64_FORMAT ")", to >= from ? to : 1);
	else
	{
		appendStringInfoString(&ctx->sql, "len(");
		deparse_list(ctx, (Node *) ref->refexpr);
		appendStringInfoString(&ctx->sql, "))");
	}
}

/* a[i]: NULL for what is below 1, where DuckDB counts from the end. */
static void
deparse_element(LakeDeparse *ctx, SubscriptingRef *ref)
{
	Node	   *index = (Node *) linitial(ref->refupperindexpr);
	int64		value;

	appendStringInfoString(&ctx->sql, "list_extract(");
	deparse_list(ctx, (Node *) ref->refexpr);
	if (is_bound(index, &value))
		appendStringInfo(&ctx->sql, ", " INT64_FORMAT ")", Max(value, 0));
	else
	{
		appendStringInfoString(&ctx->sql, ", greatest(");
		lake_deparse_expr(ctx, index);
		appendStringInfoString(&ctx->sql, ", 0 * ");
		lake_deparse_expr(ctx, index);
		appendStringInfoString(&ctx->sql, "))");
	}
}

/* A domain over an array of pairs, which is no list to DuckDB. */
static bool
is_map(Node *node)
{
	LakeTypeInfo type;

	return lake_lookup_result_type(exprType(node), exprTypmod(node), &type) && type.wire == LAKE_WIRE_MAP;
}

static void
deparse_subscript(LakeDeparse *ctx, SubscriptingRef *ref)
{
	if (is_map((Node *) ref->refexpr))
		lake_refuse(ctx, "SQL Syntax", "subscripts of a map");
	else if (ref->refassgnexpr != NULL || list_length(ref->refupperindexpr) != 1 || !OidIsValid(get_element_type(getBaseType(ref->refcontainertype))))
		lake_refuse(ctx, "SQL Syntax", "array subscripts");
	else if (ref->reflowerindexpr != NIL)
		deparse_slice(ctx, ref);
	else
		deparse_element(ctx, ref);
}

static void
deparse_field(LakeDeparse *ctx, FieldSelect *select)
{
	Oid			typid = getBaseType(exprType((Node *) select->arg));
	TupleDesc	desc = lookup_rowtype_tupdesc(typid, -1);

	appendStringInfoString(&ctx->sql, "struct_extract(");
	lake_deparse_stored(ctx, (Node *) select->arg);
	appendStringInfoString(&ctx->sql, ", ");
	lake_append_literal(&ctx->sql, NameStr(TupleDescAttr(desc, select->fieldnum - 1)->attname));
	appendStringInfoChar(&ctx->sql, ')');
	ReleaseTupleDesc(desc);
}

void
lake_deparse_stored(LakeDeparse *ctx, Node *node)
{
	LakeTypeInfo type;

	if (!is_stored(node))
		lake_refuse(ctx, "SQL Syntax", "part of a value that is not a column's");
	else if (!lake_lookup_result_type(exprType(node), exprTypmod(node), &type))
		lake_refuse_type(ctx, exprType(node));
	else if (IsA(node, Var))
		lake_deparse_var(ctx, (Var *) node);
	else if (IsA(node, FieldSelect))
		deparse_field(ctx, (FieldSelect *) node);
	else
		deparse_subscript(ctx, (SubscriptingRef *) node);
}

/* An interval that lies in something is a struct of three numbers. */
static void
deparse_interval(LakeDeparse *ctx, Node *node)
{
	static const char *const parts[] = {"(to_months(struct_extract(", " + to_days(struct_extract(", " + to_microseconds(struct_extract("};
	static const char *const names[] = {", 'months')::integer)", ", 'days')::integer)", ", 'microseconds')))"};

	for (int i = 0; i < 3; i++)
	{
		appendStringInfoString(&ctx->sql, parts[i]);
		lake_deparse_stored(ctx, node);
		appendStringInfoString(&ctx->sql, names[i]);
	}
}

void
lake_deparse_part(LakeDeparse *ctx, Node *node)
{
	Oid			typid = getBaseType(exprType(node));
	bool		is_stored_part = is_stored(node);

	if (typid == INTERVALOID)
		deparse_interval(ctx, node);
	else
	{
		appendStringInfoChar(&ctx->sql, '(');
		if (is_stored_part)
			lake_deparse_stored(ctx, node);
		else if (IsA(node, SubscriptingRef))
			deparse_subscript(ctx, (SubscriptingRef *) node);
		else
			lake_refuse(ctx, "SQL Syntax", "field of a row that is not a column's");
		appendStringInfoString(&ctx->sql, typid == INT2OID ? ")::smallint" : ")");
	}
}

/* c IS NULL: all fields are; c IS NOT NULL: all are not. Composites in it count as values. */
void
lake_deparse_row_null_test(LakeDeparse *ctx, NullTest *test)
{
	Oid			typid = getBaseType(exprType((Node *) test->arg));
	TupleDesc	desc;
	bool		first = true;

	if (!is_stored((Node *) test->arg) || typid == RECORDOID)
	{
		lake_refuse_type(ctx, exprType((Node *) test->arg));
		return;
	}
	desc = lookup_rowtype_tupdesc(typid, -1);
	appendStringInfoChar(&ctx->sql, '(');
	for (int i = 0; i < desc->natts; i++)
	{
		if (TupleDescAttr(desc, i)->attisdropped)
			continue;
		appendStringInfoString(&ctx->sql, first ? "struct_extract(" : " AND struct_extract(");
		lake_deparse_stored(ctx, (Node *) test->arg);
		appendStringInfoString(&ctx->sql, ", ");
		lake_append_literal(&ctx->sql, NameStr(TupleDescAttr(desc, i)->attname));
		appendStringInfoString(&ctx->sql, test->nulltesttype == IS_NULL ? ") IS NULL" : ") IS NOT NULL");
		first = false;
	}
	appendStringInfoChar(&ctx->sql, ')');
	ReleaseTupleDesc(desc);
}

/* ---------------------------------------------------------------- rules */

/* Whether DuckDB compares x with the elements of the array as PostgreSQL does; refuses otherwise. */
static bool
check_elements(LakeDeparse *ctx, Node *array)
{
	if (lake_ship_type_name(getBaseType(exprType(array))) != NULL)
		return true;
	lake_refuse_type(ctx, exprType(array));
	return false;
}

/* x = ANY (array): NULL where there is no such element, but one that is NULL. */
void
lake_deparse_any_element(LakeDeparse *ctx, Node *value, Node *array)
{
	if (!check_elements(ctx, array))
		return;
	appendStringInfoString(&ctx->sql, "(CASE WHEN len(");
	lake_deparse_expr(ctx, array);
	appendStringInfoString(&ctx->sql, ") = 0 THEN false WHEN list_contains(");
	lake_deparse_expr(ctx, array);
	appendStringInfoString(&ctx->sql, ", ");
	lake_deparse_expr(ctx, value);
	appendStringInfoString(&ctx->sql, ") AND (");
	lake_deparse_expr(ctx, value);
	appendStringInfoString(&ctx->sql, ") IS NOT NULL THEN true WHEN (");
	lake_deparse_expr(ctx, value);
	appendStringInfoString(&ctx->sql, ") IS NOT NULL AND list_count(");
	lake_deparse_expr(ctx, array);
	appendStringInfoString(&ctx->sql, ") = len(");
	lake_deparse_expr(ctx, array);
	appendStringInfoString(&ctx->sql, ") THEN false END)");
}

/* The line's text, for arrays whose elements compare alike. */
void
lake_rule_array(LakeDeparse *ctx, const LakeCall *call)
{
	ListCell   *lc;

	foreach(lc, call->args)
	{
		Node	   *arg = (Node *) lfirst(lc);

		/* DuckDB's lambdas see columns of their own query alone */
		if (strstr(call->entry->text, "lambda") != NULL && (checkExprHasSubLink(arg) || lake_refers_to_outer_query(ctx, arg)))
		{
			lake_refuse_call(ctx, call);
			return;
		}
		if (OidIsValid(get_element_type(getBaseType(exprType(arg)))) && !check_elements(ctx, arg))
			return;
	}
	lake_fill_template(ctx, call);
	if (OidIsValid(get_element_type(call->result_type)) && lake_ship_type_name(call->result_type) != NULL)
		appendStringInfo(&ctx->sql, "::%s", lake_ship_type_name(call->result_type));
}

/* Arrays have one dimension. */
void
lake_rule_array_dimension(LakeDeparse *ctx, const LakeCall *call)
{
	int32		dimension;

	if (!lake_int_argument(call, 2, &dimension))
		lake_refuse_call(ctx, call);
	else if (dimension != 1)
		appendStringInfoString(&ctx->sql, "(NULL)::integer");
	else
		lake_rule_array_length(ctx, call);
}

/* Of any array, whatever its elements are. */
void
lake_rule_array_length(LakeDeparse *ctx, const LakeCall *call)
{
	Node	   *array = lake_call_argument(call, 1);
	bool		lower = strcmp(call->name, "array_lower") == 0 || strcmp(call->name, "array_ndims") == 0;
	bool		cardinality = strcmp(call->name, "cardinality") == 0;

	appendStringInfoString(&ctx->sql, cardinality ? "(len(" : lower ? "(CASE WHEN len(" : "(nullif(len(");
	deparse_list(ctx, array);
	appendStringInfoString(&ctx->sql, cardinality ? "))::integer" : lower ? ") > 0 THEN 1 END)" : "), 0))::integer");
}

/* array_to_string: of elements whose text form DuckDB's cast gives. */
void
lake_rule_array_to_string(LakeDeparse *ctx, const LakeCall *call)
{
	Node	   *array = lake_call_argument(call, 1);

	switch (getBaseType(get_element_type(getBaseType(exprType(array)))))
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case TEXTOID:
		case VARCHAROID:
			break;
		default:
			lake_refuse_type(ctx, exprType(array));
			return;
	}
	appendStringInfoString(&ctx->sql, "(CASE WHEN ");
	lake_deparse_expr(ctx, array);
	appendStringInfoString(&ctx->sql, " IS NOT NULL THEN coalesce(list_aggregate(");
	if (list_length(call->args) > 2)
		appendStringInfoString(&ctx->sql, "list_transform(");
	appendStringInfoChar(&ctx->sql, '(');
	lake_deparse_expr(ctx, array);
	appendStringInfoString(&ctx->sql, ")::text[]");
	if (list_length(call->args) > 2)
	{
		appendStringInfoString(&ctx->sql, ", lambda pg_x: coalesce(pg_x, ");
		lake_deparse_expr(ctx, lake_call_argument(call, 3));
		appendStringInfoString(&ctx->sql, "))");
	}
	appendStringInfoString(&ctx->sql, ", 'string_agg', ");
	lake_deparse_expr(ctx, lake_call_argument(call, 2));
	appendStringInfoString(&ctx->sql, "), '') END)");
}

/* string_to_array: of nothing, PostgreSQL makes no element; and without a separator one. */
void
lake_rule_string_to_array(LakeDeparse *ctx, const LakeCall *call)
{
	char	   *separator = lake_text_argument(call, 2);
	bool		has_null = list_length(call->args) > 2;

	if (separator == NULL)
	{
		lake_refuse_call(ctx, call);
		return;
	}
	appendStringInfoString(&ctx->sql, has_null ? "list_transform((CASE WHEN " : "(CASE WHEN ");
	lake_deparse_expr(ctx, lake_call_argument(call, 1));
	appendStringInfoString(&ctx->sql, " = '' THEN []::text[] WHEN ");
	lake_deparse_expr(ctx, lake_call_argument(call, 1));
	appendStringInfoString(&ctx->sql, *separator == '\0' ? " IS NOT NULL THEN [" : " IS NOT NULL THEN string_split(");
	lake_deparse_expr(ctx, lake_call_argument(call, 1));
	if (*separator != '\0')
	{
		appendStringInfoString(&ctx->sql, ", ");
		lake_deparse_expr(ctx, lake_call_argument(call, 2));
	}
	appendStringInfoString(&ctx->sql, *separator == '\0' ? "] END)" : ") END)");
	if (has_null)
	{
		appendStringInfoString(&ctx->sql, ", lambda pg_x: nullif(pg_x, ");
		lake_deparse_expr(ctx, lake_call_argument(call, 3));
		appendStringInfoString(&ctx->sql, "))");
	}
}

/* ---------------------------------------------------------------- unnest in FROM */

static void
append_elements(LakeDeparse *ctx, Node *array, bool ordinality)
{
	Oid			element = getBaseType(get_element_type(getBaseType(exprType(array))));

	appendStringInfoString(&ctx->sql, "(SELECT unnest(");
	deparse_list(ctx, array);
	appendStringInfoString(&ctx->sql, element == INT2OID ? ")::smallint" : ")");
	if (ordinality)
	{
		appendStringInfoString(&ctx->sql, ", unnest(range(1, len(");
		deparse_list(ctx, array);
		appendStringInfoString(&ctx->sql, ") + 1))");
	}
	appendStringInfoChar(&ctx->sql, ')');
}

void
lake_deparse_unnest(LakeDeparse *ctx, Node *array, bool ordinality)
{
	Oid			element = getBaseType(get_element_type(getBaseType(exprType(array))));

	if (lake_ship_type_name(element) == NULL || (!is_stored(array) && lake_ship_type_name(exprType(array)) == NULL) || element == INTERVALOID ||
		element == NUMERICOID)
		lake_refuse_type(ctx, exprType(array));
	else
		append_elements(ctx, array, ordinality);
}
