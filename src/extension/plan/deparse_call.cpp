/*
 * deparse_call.cpp
 *	  Operators and functions, as the catalogue says; and the expressions that hide an operator (IN, IS DISTINCT FROM, NULLIF).
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
}

#include "hooks/settings.h"
#include "plan/deparse.h"
#include "plan/ship_type.h"
#include "plan/shippable_catalog.h"

/* ---------------------------------------------------------------- conditions */

static bool
decimals_comparable(LakeDeparse *ctx, List *args)
{
	LakeNumericShape left;
	LakeNumericShape right;

	return lake_numeric_shape(ctx->level, (Node *) linitial(args), &left) &&
		lake_numeric_shape(ctx->level, (Node *) lsecond(args), &right) && lake_shapes_comparable(&left, &right);
}

static bool
is_const_argument(List *args, int number)
{
	return list_length(args) < number || lake_is_nonnull_const((Node *) list_nth(args, number - 1));
}

/* What the catalogue's line asks for; false after a refusal. */
static bool
conditions_hold(LakeDeparse *ctx, const LakeCall *call)
{
	int			conditions = call->entry->conditions;
	bool		constants = true;

	if (((conditions & LAKE_IF_EQUALITY) && !lake_collation_is_deterministic(call->collation)) ||
		((conditions & LAKE_IF_ORDER) && !lake_collation_is_binary(call->collation)) ||
		((conditions & LAKE_IF_C) && !lake_collation_is_c(call->collation)))
	{
		lake_refuse_collation(ctx, call->collation);
		return false;
	}
	if (conditions & LAKE_IF_CONST_2)
		constants = is_const_argument(call->args, 2);
	if (conditions & LAKE_IF_CONST_3)
		constants = constants && is_const_argument(call->args, 3);
	if (constants && (!(conditions & LAKE_IF_COMPARABLE) || decimals_comparable(ctx, call->args)))
		return true;
	if (OidIsValid(call->opno))
		lake_refuse_operator(ctx, call->opno);
	else
		lake_refuse_function(ctx, call->funcid);
	return false;
}

/* ---------------------------------------------------------------- text */

/* Puts the arguments into the line's text: $1 $2 .., $o, the name, and $z $d $i, the session's settings. */
void
lake_fill_template(LakeDeparse *ctx, const LakeCall *call)
{
	for (const char *at = call->entry->text; *at != '\0'; at++)
	{
		if (*at != '$')
			appendStringInfoChar(&ctx->sql, *at);
		else if (*++at == 'o')
			appendStringInfoString(&ctx->sql, call->name);
		else if (*at == 'z' || *at == 'd' || *at == 'i')
			lake_deparse_setting(ctx, *at);
		else
			lake_deparse_expr(ctx, (Node *) list_nth(call->args, *at - '1'));
	}
}

static void
write_function(LakeDeparse *ctx, const char *name, List *args)
{
	ListCell   *lc;

	appendStringInfo(&ctx->sql, "%s(", name);
	foreach(lc, args)
	{
		if (foreach_current_index(lc) > 0)
			appendStringInfoString(&ctx->sql, ", ");
		lake_deparse_expr(ctx, (Node *) lfirst(lc));
	}
	appendStringInfoChar(&ctx->sql, ')');
}

static void
write_operator(LakeDeparse *ctx, const char *name, List *args)
{
	appendStringInfoChar(&ctx->sql, '(');
	if (list_length(args) > 1)
	{
		lake_deparse_expr(ctx, (Node *) linitial(args));
		appendStringInfoChar(&ctx->sql, ' ');
	}
	appendStringInfo(&ctx->sql, "%s ", name);
	lake_deparse_expr(ctx, (Node *) llast(args));
	appendStringInfoChar(&ctx->sql, ')');
}

static void
write_call(LakeDeparse *ctx, LakeCall *call)
{
	List	   *args = call->args;

	call->args = lake_args_at_one_scale(ctx->level, call->funcid, args);
	if (lake_is_varying_call(ctx, call))
	{
		call->args = args;
		lake_deparse_varying_call(ctx, call);
		return;
	}
	if (!conditions_hold(ctx, call))
		return;
	if (call->entry->rule != NULL)
		call->entry->rule(ctx, call);
	else if (call->entry->text != NULL)
		lake_fill_template(ctx, call);
	else if (OidIsValid(call->opno))
		write_operator(ctx, call->name, call->args);
	else
		write_function(ctx, call->name, call->args);
}

void
lake_deparse_operator(LakeDeparse *ctx, OpExpr *op)
{
	LakeCall	call = {lake_shippable_operator(op->opno), get_opcode(op->opno), op->opno, get_opname(op->opno), op->args,
		op->inputcollid, op->opresulttype};

	if (call.entry != NULL)
		write_call(ctx, &call);
	else if (!lake_enable_strict_pushdown)
		write_operator(ctx, call.name, op->args);
	else
		lake_refuse_operator(ctx, op->opno);
}

void
lake_deparse_function(LakeDeparse *ctx, FuncExpr *func)
{
	LakeCall	call = {lake_shippable_function(func->funcid), func->funcid, InvalidOid, get_func_name(func->funcid), func->args,
		func->inputcollid, func->funcresulttype};

	if (func->funcretset || (func->funcvariadic && call.entry != NULL))
		lake_refuse_function(ctx, func->funcid);
	else if (call.entry != NULL)
		write_call(ctx, &call);
	else if (!lake_enable_strict_pushdown)
		write_function(ctx, quote_identifier(call.name), func->args);
	else
		lake_refuse_function(ctx, func->funcid);
}

/* ---------------------------------------------------------------- hidden operators */

/*
 * DistinctExpr, NullIfExpr, IN and comparisons with subqueries hold an operator without being one. Gives its name when DuckDB's operator of that name
 * does the same without any rewriting, else NULL after a refusal.
 */
static const char *
plain_comparison(LakeDeparse *ctx, Oid opno, List *args, Oid collation)
{
	LakeCall	call = {lake_shippable_operator(opno), InvalidOid, opno, get_opname(opno), args, collation, BOOLOID};

	if (call.entry == NULL || call.entry->rule != NULL || call.entry->text != NULL)
	{
		lake_refuse_operator(ctx, opno);
		return NULL;
	}
	return conditions_hold(ctx, &call) ? call.name : NULL;
}

void
lake_deparse_distinct(LakeDeparse *ctx, DistinctExpr *op)
{
	if (lake_is_varying_comparison(ctx, op->args))
	{
		appendStringInfoChar(&ctx->sql, '(');
		lake_deparse_numeric_key(ctx, (Node *) linitial(op->args));
		appendStringInfoString(&ctx->sql, " IS DISTINCT FROM ");
		lake_deparse_numeric_key(ctx, (Node *) lsecond(op->args));
		appendStringInfoChar(&ctx->sql, ')');
	}
	else if (plain_comparison(ctx, op->opno, op->args, op->inputcollid) != NULL)
		write_operator(ctx, "IS DISTINCT FROM", op->args);
}

/* PostgreSQL gives the first argument back, in its own type; DuckDB unifies both first. */
void
lake_deparse_nullif(LakeDeparse *ctx, NullIfExpr *op)
{
	const char *type = lake_expr_type_name(ctx, (Node *) linitial(op->args));

	if (lake_is_varying_comparison(ctx, op->args))
	{
		appendStringInfoString(&ctx->sql, "(CASE WHEN ");
		lake_deparse_numeric_key(ctx, (Node *) linitial(op->args));
		appendStringInfoString(&ctx->sql, " = ");
		lake_deparse_numeric_key(ctx, (Node *) lsecond(op->args));
		appendStringInfoString(&ctx->sql, " THEN NULL ELSE ");
		lake_deparse_expr(ctx, (Node *) linitial(op->args));
		appendStringInfoString(&ctx->sql, " END)");
		return;
	}
	if (plain_comparison(ctx, op->opno, op->args, op->inputcollid) == NULL)
		return;
	appendStringInfoChar(&ctx->sql, '(');
	write_function(ctx, "NULLIF", op->args);
	appendStringInfo(&ctx->sql, ")::%s", type == NULL ? "" : type);
}

bool
lake_array_elements(Const *constant, Oid collation, List **elements)
{
	ArrayType  *array = DatumGetArrayTypeP(constant->constvalue);
	Oid			element_type = ARR_ELEMTYPE(array);
	int16		length;
	bool		by_value;
	char		align;
	Datum	   *values;
	bool	   *nulls;
	int			count;

	if (ARR_NDIM(array) > 1)
		return false;
	get_typlenbyvalalign(element_type, &length, &by_value, &align);
	deconstruct_array(array, element_type, length, by_value, align, &values, &nulls, &count);
	for (int i = 0; i < count; i++)
		*elements = lappend(*elements, makeConst(element_type, constant->consttypmod, collation, length, values[i], nulls[i], by_value));
	return true;
}

/* All elements compare with x as DECIMALs do. */
static bool
are_plain_elements(LakeDeparse *ctx, Node *left, List *elements)
{
	ListCell   *lc;

	foreach(lc, elements)
	{
		if (lake_is_varying_comparison(ctx, list_make2(left, lfirst(lc))))
			return false;
	}
	return true;
}

/* x op ANY (array): IN (..), NOT IN (..), or a chain of comparisons. */
static void
write_array_comparison(LakeDeparse *ctx, ScalarArrayOpExpr *expr, List *elements)
{
	const char *name = get_opname(expr->opno);
	Node	   *left = (Node *) linitial(expr->args);
	const LakeShippable *line = lake_shippable_operator(expr->opno);
	bool		in_list = line != NULL && line->text == NULL && line->rule == NULL &&
		((expr->useOr && strcmp(name, "=") == 0) || (!expr->useOr && strcmp(name, "<>") == 0)) &&
		are_plain_elements(ctx, left, elements);
	ListCell   *lc;

	appendStringInfoChar(&ctx->sql, '(');
	if (in_list)
	{
		lake_deparse_expr(ctx, left);
		appendStringInfoString(&ctx->sql, expr->useOr ? " IN (" : " NOT IN (");
	}
	foreach(lc, elements)
	{
		OpExpr		op = {};
		List	   *args = list_make2(left, lfirst(lc));

		if (foreach_current_index(lc) > 0)
			appendStringInfoString(&ctx->sql, in_list ? ", " : expr->useOr ? " OR " : " AND ");
		op.xpr.type = T_OpExpr;
		op.opno = expr->opno;
		op.opresulttype = BOOLOID;
		op.inputcollid = expr->inputcollid;
		op.args = args;
		if (!in_list)
			lake_deparse_operator(ctx, &op);
		else if (plain_comparison(ctx, expr->opno, args, expr->inputcollid) != NULL)
			lake_deparse_expr(ctx, (Node *) lfirst(lc));
	}
	appendStringInfoString(&ctx->sql, in_list ? "))" : ")");
}

/* = ANY and <> ALL */
static bool
compares_elements(ScalarArrayOpExpr *expr)
{
	const char *name = get_opname(expr->opno);

	return name != NULL && strcmp(name, expr->useOr ? "=" : "<>") == 0;
}

/* Something of the type of the array's elements. */
static Node *
element_of(Node *array)
{
	return (Node *) makeNullConst(get_element_type(getBaseType(exprType(array))), -1, exprCollation(array));
}

void
lake_deparse_scalar_array(LakeDeparse *ctx, ScalarArrayOpExpr *expr)
{
	Node	   *array = (Node *) lsecond(expr->args);
	List	   *elements = NIL;

	/* varchar[] arrives as a relabelled text[] constant or the other way round; the elements are the same bytes */
	if (IsA(array, RelabelType))
		array = (Node *) ((RelabelType *) array)->arg;
	if (!IsA(array, ArrayExpr) && !IsA(array, Const) && compares_elements(expr))
	{
		if (plain_comparison(ctx, expr->useOr ? expr->opno : get_negator(expr->opno), list_make2(linitial(expr->args), element_of(array)),
							 expr->inputcollid) == NULL)
			return;
		appendStringInfoString(&ctx->sql, expr->useOr ? "(" : "(NOT ");
		lake_deparse_any_element(ctx, (Node *) linitial(expr->args), array);
		appendStringInfoChar(&ctx->sql, ')');
		return;
	}
	if (IsA(array, ArrayExpr) && !((ArrayExpr *) array)->multidims)
		elements = ((ArrayExpr *) array)->elements;
	else if (!IsA(array, Const) ||
			 (!((Const *) array)->constisnull && !lake_array_elements((Const *) array, expr->inputcollid, &elements)))
	{
		lake_refuse_type(ctx, exprType(array));
		return;
	}
	if (IsA(array, Const) && ((Const *) array)->constisnull)
		appendStringInfoString(&ctx->sql, "(NULL)::boolean");
	else if (elements == NIL)
		appendStringInfoString(&ctx->sql, expr->useOr ? "false" : "true");
	else
		write_array_comparison(ctx, expr, elements);
}

/* x IN (SELECT ..), x < ALL (SELECT ..) */
void
lake_deparse_any_sublink(LakeDeparse *ctx, SubLink *sublink)
{
	OpExpr	   *test = (OpExpr *) sublink->testexpr;
	Query	   *query = (Query *) sublink->subselect;
	const char *name;
	Node	   *right;
	TargetEntry *target;
	LakeLevel	level = {query, ctx->level, NULL, NULL, NIL, false, false};
	LakeNumericShape left_shape;
	LakeNumericShape right_shape;

	if (!IsA(test, OpExpr))
	{
		lake_refuse(ctx, "SQL Syntax", "comparison of a row with a subquery");
		return;
	}
	right = strip_implicit_coercions((Node *) lsecond(test->args));
	target = linitial_node(TargetEntry, query->targetList);
	if (!IsA(right, Param) || exprType(right) != exprType((Node *) target->expr))
	{
		lake_refuse_operator(ctx, test->opno);
		return;
	}
	if (exprType((Node *) lsecond(test->args)) == NUMERICOID)
	{
		/* the parameter has no shape; what it stands for has */
		if (!lake_numeric_shape(ctx->level, (Node *) linitial(test->args), &left_shape) ||
			!lake_numeric_shape(&level, (Node *) target->expr, &right_shape) ||
			query->setOperations != NULL || !lake_shapes_comparable(&left_shape, &right_shape))
		{
			lake_refuse_operator(ctx, test->opno);
			return;
		}
		name = get_opname(test->opno);
	}
	else
		name = plain_comparison(ctx, test->opno, test->args, test->inputcollid);
	if (name == NULL)
		return;
	appendStringInfoChar(&ctx->sql, '(');
	lake_deparse_expr(ctx, (Node *) linitial(test->args));
	if (sublink->subLinkType == ANY_SUBLINK && strcmp(name, "=") == 0)
		appendStringInfoString(&ctx->sql, " IN ");
	else if (sublink->subLinkType == ALL_SUBLINK && strcmp(name, "<>") == 0)
		appendStringInfoString(&ctx->sql, " NOT IN ");
	else
		appendStringInfo(&ctx->sql, " %s %s ", name, sublink->subLinkType == ANY_SUBLINK ? "ANY" : "ALL");
	lake_deparse_subquery(ctx, query, true);
	appendStringInfoChar(&ctx->sql, ')');
}
