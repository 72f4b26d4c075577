/*
 * deparse_expr.cpp
 *	  Expressions as DuckDB SQL.
 *
 * Whatever an expression's text is, it has the DuckDB type that ship_type.h gives for its PostgreSQL type. An expression without columns that
 * need not be the same for ever (now(), a parameter of PL/pgSQL) is evaluated by PostgreSQL when execution starts and travels as $n.
 */
extern "C" {
#include "postgres.h"
#include "access/sysattr.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteManip.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
}

#include "catalog/lake_relation.h"
#include "compat/compat.h"
#include "exec/lake_scan_text.h"
#include "plan/deparse.h"
#include "plan/ship_type.h"
#include "types/type_map.h"

Var *
lake_make_row_id(Index rtindex)
{
	return makeVar(rtindex, SelfItemPointerAttributeNumber, INT8OID, -1, InvalidOid, 0);
}

bool
lake_is_row_id(Node *node)
{
	return IsA(node, Var) && ((Var *) node)->varattno == SelfItemPointerAttributeNumber && ((Var *) node)->vartype == INT8OID;
}

bool
lake_is_nonnull_const(Node *node)
{
	return node != NULL && IsA(node, Const) && !((Const *) node)->constisnull;
}

const char *
lake_expr_type_name(LakeDeparse *ctx, Node *node)
{
	Oid			typid = getBaseType(exprType(node));
	const char *name = lake_ship_type_name(typid);
	LakeNumericShape shape;

	if (name != NULL && typid == NUMERICOID)
	{
		name = !lake_numeric_shape(ctx->level, node, &shape) ? NULL : shape.varying ? "text" : lake_decimal_name(shape.precision, shape.scale);
	}
	if (name != NULL)
		return name;
	/* a numeric without a scale of its own: what made it so is the better reason */
	if (typid == NUMERICOID && IsA(node, OpExpr))
		lake_refuse_operator(ctx, ((OpExpr *) node)->opno);
	else if (typid == NUMERICOID && IsA(node, FuncExpr))
		lake_refuse_function(ctx, ((FuncExpr *) node)->funcid);
	else if (typid == NUMERICOID && IsA(node, Aggref))
		lake_refuse_function(ctx, ((Aggref *) node)->aggfnoid);
	else
		lake_refuse_type(ctx, exprType(node));
	return NULL;
}

void
lake_deparse_cast(LakeDeparse *ctx, Node *node, const char *type)
{
	appendStringInfoChar(&ctx->sql, '(');
	lake_deparse_expr(ctx, node);
	appendStringInfo(&ctx->sql, ")::%s", type);
}

/* ---------------------------------------------------------------- parameters */

/* True when the expression needs a row, or may only be evaluated by the query itself. */
static bool
needs_query_walker(Node *node, void *context)
{
	if (node == NULL)
		return false;
	switch (nodeTag(node))
	{
		case T_Var:
		case T_Aggref:
		case T_WindowFunc:
		case T_GroupingFunc:
		case T_SubLink:
		case T_SubPlan:
		case T_AlternativeSubPlan:
		case T_CaseTestExpr:
		case T_CoerceToDomainValue:
		case T_SetToDefault:
		case T_CurrentOfExpr:
		case T_NextValueExpr:
		case T_PlaceHolderVar:
			return true;
		default:
			return expression_tree_walker(node, LAKE_WALKER(needs_query_walker), context);
	}
}

/* A branch that PostgreSQL would not reach must not raise an error at start: only what cannot fail is evaluated for it. */
static bool
may_fail_walker(Node *node, void *context)
{
	if (node == NULL || IsA(node, Param) || IsA(node, Const) || IsA(node, SQLValueFunction))
		return false;
	if (IsA(node, FuncExpr) ? ((FuncExpr *) node)->args != NIL : !IsA(node, RelabelType))
		return true;
	return expression_tree_walker(node, LAKE_WALKER(may_fail_walker), context);
}

static bool
is_parameter(LakeDeparse *ctx, Node *node)
{
	if (IsA(node, Const) || IsA(node, List) || needs_query_walker(node, NULL) || contain_volatile_functions(node) ||
		expression_returns_set(node))
		return false;
	return ctx->conditional_depth == 0 || !may_fail_walker(node, NULL);
}

void
lake_deparse_parameter(LakeDeparse *ctx, Node *node)
{
	const char *type = lake_expr_type_name(ctx, node);
	int			number = 0;
	ListCell   *lc;

	if (type == NULL)
		return;
	foreach(lc, ctx->params)
	{
		if (equal(lfirst(lc), node))
		{
			number = foreach_current_index(lc) + 1;
			break;
		}
	}
	if (number == 0)
	{
		ctx->params = lappend(ctx->params, copyObjectImpl(node));
		number = list_length(ctx->params);
	}
	appendStringInfo(&ctx->sql, "($%d)::%s", number, type);
}

/* ---------------------------------------------------------------- columns */

/* The rows of other tables say where they are from; lake_scan does not. */
static bool
is_known_tableoid(RangeTblEntry *rte, Var *var)
{
	return var->varattno == TableOidAttributeNumber && rte->rtekind == RTE_RELATION &&
		(!lake_is_lake_relation(rte->relid) || (rte->inh && has_subclass(rte->relid)));
}

void
lake_deparse_var(LakeDeparse *ctx, Var *var)
{
	LakeLevel  *level = lake_level_up(ctx->level, var->varlevelsup);
	LakeLevel  *inner = ctx->level;
	RangeTblEntry *rte = rt_fetch(var->varno, level->query->rtable);

	for (Index i = 0; i < var->varlevelsup; i++, inner = inner->outer)
		inner->correlated = true;
	if (lake_is_row_id((Node *) var))
	{
		lake_append_identifier(&ctx->sql, level->aliases[var->varno - 1]);
		appendStringInfoString(&ctx->sql, "." LAKE_ROW_ID_COLUMN);
		return;
	}
	if (var->varattno < 0 && !is_known_tableoid(rte, var))
	{
		lake_refuse(ctx, "System Column", "%s", get_rte_attribute_name(rte, var->varattno));
		return;
	}
	if (var->varattno == 0)
	{
		lake_refuse(ctx, "Type", "%s", format_type_be_qualified(var->vartype));
		return;
	}
	if (rte->rtekind == RTE_JOIN)
	{
		Node	   *merged = (Node *) copyObjectImpl(list_nth(rte->joinaliasvars, var->varattno - 1));

		IncrementVarSublevelsUp(merged, var->varlevelsup, 0);
		lake_deparse_bare(ctx, merged);
		return;
	}
	if (level->aliases[var->varno - 1] == NULL)
	{
		lake_refuse(ctx, "Unknown", "column of a relation outside FROM");
		return;
	}
	if (level->qualify || var->varlevelsup > 0)
	{
		lake_append_identifier(&ctx->sql, level->aliases[var->varno - 1]);
		appendStringInfoChar(&ctx->sql, '.');
	}
	if (var->varattno < 0)
		appendStringInfoString(&ctx->sql, "tableoid");
	else if (rte->rtekind == RTE_RELATION)
		lake_append_identifier(&ctx->sql, get_attname(rte->relid, var->varattno, false));
	else
		lake_append_identifier(&ctx->sql, (char *) list_nth(level->columns[var->varno - 1], var->varattno - 1));
}

void
lake_deparse_bare(LakeDeparse *ctx, Node *node)
{
	LakeTypeInfo type;

	if (IsA(node, Const) && ((Const *) node)->constisnull && lake_ship_type_name(getBaseType(exprType(node))) == NULL &&
		lake_lookup_type(exprType(node), exprTypmod(node), &type))
		appendStringInfo(&ctx->sql, "(NULL)::%s", type.duckdb_type);
	else if (lake_is_opaque_part(node))
		lake_deparse_stored(ctx, node);
	else if (!IsA(node, Var))
		lake_deparse_expr(ctx, node);
	else if (((Var *) node)->varattno > 0 && lake_ship_type_name(((Var *) node)->vartype) == NULL &&
			 !lake_lookup_type(((Var *) node)->vartype, ((Var *) node)->vartypmod, &type))
		lake_refuse_type(ctx, ((Var *) node)->vartype);
	else
		lake_deparse_var(ctx, (Var *) node);
}

/* ---------------------------------------------------------------- composite expressions */

/* One of several values of which the whole expression is one: of `whole`'s DuckDB type. */
static void
deparse_value_of(LakeDeparse *ctx, Node *whole, Node *node)
{
	if (lake_is_varying(ctx->level, whole))
		lake_deparse_numeric_text(ctx, node);
	else
		lake_deparse_expr(ctx, node);
}

/* $1, $2 in brackets and with separators; later ones may go unevaluated in PostgreSQL. */
static void
deparse_list(LakeDeparse *ctx, Node *whole, List *exprs, const char *before, const char *between, bool conditional)
{
	ListCell   *lc;

	appendStringInfoString(&ctx->sql, before);
	foreach(lc, exprs)
	{
		if (foreach_current_index(lc) > 0)
		{
			appendStringInfoString(&ctx->sql, between);
			if (foreach_current_index(lc) == 1 && conditional)
				ctx->conditional_depth++;
		}
		deparse_value_of(ctx, whole, (Node *) lfirst(lc));
	}
	if (conditional && list_length(exprs) > 1)
		ctx->conditional_depth--;
	appendStringInfoChar(&ctx->sql, ')');
}

static void
deparse_bool(LakeDeparse *ctx, BoolExpr *expr)
{
	switch (expr->boolop)
	{
		case AND_EXPR:
			deparse_list(ctx, (Node *) expr, expr->args, "(", " AND ", false);
			break;
		case OR_EXPR:
			deparse_list(ctx, (Node *) expr, expr->args, "(", " OR ", false);
			break;
		case NOT_EXPR:
			deparse_list(ctx, (Node *) expr, expr->args, "(NOT ", "", false);
			break;
	}
}

static void
deparse_null_test(LakeDeparse *ctx, NullTest *test)
{
	if (test->argisrow)
	{
		lake_deparse_row_null_test(ctx, test);
		return;
	}
	appendStringInfoChar(&ctx->sql, '(');
	lake_deparse_bare(ctx, (Node *) test->arg);
	appendStringInfoString(&ctx->sql, test->nulltesttype == IS_NULL ? " IS NULL)" : " IS NOT NULL)");
}

static void
deparse_boolean_test(LakeDeparse *ctx, BooleanTest *test)
{
	static const char *const texts[] = {" IS TRUE)", " IS NOT TRUE)", " IS FALSE)", " IS NOT FALSE)", " IS NULL)", " IS NOT NULL)"};

	appendStringInfoChar(&ctx->sql, '(');
	lake_deparse_expr(ctx, (Node *) test->arg);
	appendStringInfoString(&ctx->sql, texts[test->booltesttype]);
}

/* The value of a branch. Of types that only travel (jsonb, enums), columns and nulls can be chosen between. */
static void
deparse_branch(LakeDeparse *ctx, Node *whole, Node *result, bool bare)
{
	if (!bare)
		deparse_value_of(ctx, whole, result);
	else if (IsA(result, Const) ? ((Const *) result)->constisnull : IsA(result, Var) && exprTypmod(result) == exprTypmod(whole))
		lake_deparse_bare(ctx, result);
	else
		lake_refuse_type(ctx, exprType(result));
}

/* The operand of CASE x WHEN .. in the place of its placeholders; a CASE inside, or a cast of an array, has its own. */
static Node *
put_case_operand(Node *node, void *operand)
{
	if (node == NULL || IsA(node, ArrayCoerceExpr))
		return node;
	if (IsA(node, CaseTestExpr))
		return (Node *) operand;
	if (IsA(node, CaseExpr) && ((CaseExpr *) node)->arg != NULL)
	{
		CaseExpr   *copy = makeNode(CaseExpr);

		*copy = *(CaseExpr *) node;
		copy->arg = (Expr *) put_case_operand((Node *) copy->arg, operand);
		return (Node *) copy;
	}
	return expression_tree_mutator(node, LAKE_MUTATOR(put_case_operand), operand);
}

static void
deparse_case(LakeDeparse *ctx, CaseExpr *expr)
{
	bool		bare = lake_ship_type_name(getBaseType(exprType((Node *) expr))) == NULL;
	const char *type = bare ? NULL : lake_expr_type_name(ctx, (Node *) expr);
	ListCell   *lc;

	appendStringInfoString(&ctx->sql, "(CASE");
	foreach(lc, expr->args)
	{
		CaseWhen   *when = lfirst_node(CaseWhen, lc);

		appendStringInfoString(&ctx->sql, " WHEN ");
		lake_deparse_expr(ctx, expr->arg == NULL ? (Node *) when->expr : put_case_operand((Node *) when->expr, expr->arg));
		ctx->conditional_depth++;
		appendStringInfoString(&ctx->sql, " THEN ");
		deparse_branch(ctx, (Node *) expr, (Node *) when->result, bare);
	}
	/* every later condition and branch was one level deeper; all end here */
	appendStringInfoString(&ctx->sql, " ELSE ");
	deparse_branch(ctx, (Node *) expr, (Node *) expr->defresult, bare);
	ctx->conditional_depth -= list_length(expr->args);
	appendStringInfoString(&ctx->sql, " END)");
	if (type != NULL)
		appendStringInfo(&ctx->sql, "::%s", type);
}

/* COALESCE, GREATEST, LEAST: DuckDB takes the widest type of the arguments, PostgreSQL's parser has made them equal. */
static void
deparse_choice(LakeDeparse *ctx, Node *node, const char *name, List *args, bool conditional)
{
	const char *type = lake_expr_type_name(ctx, node);

	appendStringInfo(&ctx->sql, "(%s", name);
	deparse_list(ctx, node, args, "(", ", ", conditional);
	appendStringInfo(&ctx->sql, ")::%s", type == NULL ? "" : type);
}

static void
deparse_minmax(LakeDeparse *ctx, MinMaxExpr *expr)
{
	Oid			typid = getBaseType(expr->minmaxtype);

	if (typid == BPCHAROID || !lake_type_is_comparable(typid) || !lake_collation_is_binary(expr->inputcollid))
	{
		if (typid == BPCHAROID || !lake_type_is_comparable(typid))
			lake_refuse_type(ctx, expr->minmaxtype);
		else
			lake_refuse_collation(ctx, expr->inputcollid);
		return;
	}
	deparse_choice(ctx, (Node *) expr, expr->op == IS_GREATEST ? "greatest" : "least", expr->args, false);
}

/* Binary-compatible types are the same in DuckDB, except that char(n) compares without its padding, which text does not. */
static void
deparse_relabel(LakeDeparse *ctx, RelabelType *relabel)
{
	Oid			from = getBaseType(exprType((Node *) relabel->arg));
	Oid			to = getBaseType(relabel->resulttype);
	const char *from_name = lake_ship_type_name(from);
	const char *to_name = lake_ship_type_name(to);

	if (from_name == NULL || to_name == NULL || strcmp(from_name, to_name) != 0 || (from == BPCHAROID && to != BPCHAROID))
		lake_refuse_type(ctx, from_name == NULL ? from : relabel->resulttype);
	else
		lake_deparse_expr(ctx, (Node *) relabel->arg);
}

static void
deparse_sublink(LakeDeparse *ctx, SubLink *sublink)
{
	if (!IsA(sublink->subselect, Query))
	{
		lake_refuse(ctx, "Unknown", "planned subquery");
		return;
	}
	switch (sublink->subLinkType)
	{
		case EXISTS_SUBLINK:
			appendStringInfoString(&ctx->sql, "EXISTS ");
			lake_deparse_subquery(ctx, (Query *) sublink->subselect, true);
			break;
		case EXPR_SUBLINK:
			lake_deparse_subquery(ctx, (Query *) sublink->subselect, true);
			break;
		case ANY_SUBLINK:
		case ALL_SUBLINK:
			lake_deparse_any_sublink(ctx, sublink);
			break;
		case ARRAY_SUBLINK:
			lake_refuse(ctx, "Type", "%s", format_type_be_qualified(exprType((Node *) sublink)));
			break;
		default:
			lake_refuse(ctx, "SQL Syntax", "comparison of a row with a subquery");
			break;
	}
}

/* GROUPING(a, b) */
static void
deparse_grouping(LakeDeparse *ctx, GroupingFunc *func)
{
	Query	   *query = ctx->level->query;
	ListCell   *lc;

	if (func->agglevelsup != 0)
	{
		lake_refuse(ctx, "SQL Syntax", "GROUPING of an outer query");
		return;
	}
	appendStringInfoString(&ctx->sql, "(grouping(");
	foreach(lc, func->refs)
	{
		ListCell   *target;

		foreach(target, query->targetList)
		{
			TargetEntry *tle = lfirst_node(TargetEntry, target);

			if (tle->ressortgroupref != (Index) lfirst_int(lc))
				continue;
			if (foreach_current_index(lc) > 0)
				appendStringInfoString(&ctx->sql, ", ");
			lake_deparse_bare(ctx, (Node *) tle->expr);
			break;
		}
	}
	appendStringInfoString(&ctx->sql, "))::integer");
}

static void
deparse_node(LakeDeparse *ctx, Node *node)
{
	switch (nodeTag(node))
	{
		case T_Var:
			lake_deparse_var(ctx, (Var *) node);
			break;
		case T_Const:
			lake_deparse_const(ctx, (Const *) node);
			break;
		case T_OpExpr:
			lake_deparse_operator(ctx, (OpExpr *) node);
			break;
		case T_FuncExpr:
			lake_deparse_function(ctx, (FuncExpr *) node);
			break;
		case T_Aggref:
			lake_deparse_aggregate(ctx, (Aggref *) node);
			break;
		case T_WindowFunc:
			lake_deparse_window_function(ctx, (WindowFunc *) node);
			break;
		case T_GroupingFunc:
			deparse_grouping(ctx, (GroupingFunc *) node);
			break;
		case T_BoolExpr:
			deparse_bool(ctx, (BoolExpr *) node);
			break;
		case T_NullTest:
			deparse_null_test(ctx, (NullTest *) node);
			break;
		case T_BooleanTest:
			deparse_boolean_test(ctx, (BooleanTest *) node);
			break;
		case T_DistinctExpr:
			lake_deparse_distinct(ctx, (DistinctExpr *) node);
			break;
		case T_NullIfExpr:
			lake_deparse_nullif(ctx, (NullIfExpr *) node);
			break;
		case T_ScalarArrayOpExpr:
			lake_deparse_scalar_array(ctx, (ScalarArrayOpExpr *) node);
			break;
		case T_CaseExpr:
			deparse_case(ctx, (CaseExpr *) node);
			break;
		case T_CoalesceExpr:
			deparse_choice(ctx, node, "COALESCE", ((CoalesceExpr *) node)->args, true);
			break;
		case T_MinMaxExpr:
			deparse_minmax(ctx, (MinMaxExpr *) node);
			break;
		case T_RelabelType:
			deparse_relabel(ctx, (RelabelType *) node);
			break;
		case T_CoerceViaIO:
			lake_deparse_io_conversion(ctx, (CoerceViaIO *) node);
			break;
		case T_SubLink:
			deparse_sublink(ctx, (SubLink *) node);
			break;
		case T_SQLValueFunction:
			lake_refuse(ctx, "SQL Value Function", "%s", format_type_be_qualified(exprType(node)));
			break;
		case T_RowExpr:
		case T_RowCompareExpr:
			lake_refuse(ctx, "SQL Syntax", "ROW expression");
			break;
		case T_ArrayExpr:
			lake_deparse_array_expr(ctx, (ArrayExpr *) node);
			break;
		case T_SubscriptingRef:
		case T_FieldSelect:
			lake_deparse_part(ctx, node);
			break;
		case T_ArrayCoerceExpr:
			lake_refuse(ctx, "Type", "%s", format_type_be_qualified(exprType(node)));
			break;
		case T_XmlExpr:
			lake_refuse(ctx, "SQL Syntax", "XML expression");
			break;
		case T_CoerceToDomain:
			lake_refuse_type(ctx, exprType(node));
			break;
		default:
			lake_refuse(ctx, "Unknown", "expression of type %s", format_type_be_qualified(exprType(node)));
			break;
	}
}

void
lake_deparse_expr(LakeDeparse *ctx, Node *node)
{
	check_stack_depth();
	if (node == NULL)
		return;
	if (is_parameter(ctx, node))
	{
		lake_deparse_parameter(ctx, node);
		return;
	}
	/* a numeric needs a scale, other types a name; constants and system columns say so themselves */
	if (!IsA(node, Const) && !IsA(node, RowExpr) && !(IsA(node, Var) && ((Var *) node)->varattno <= 0) && lake_expr_type_name(ctx, node) == NULL)
		return;
	deparse_node(ctx, node);
}
