/*
 * enum_order.cpp
 *	  The order of enums, which to the server are texts: lake_engine.enum_labels(), whose value goes along with queries as a parameter.
 *
 * ALTER TYPE .. ADD VALUE invalidates no plan: labels are looked up when execution starts.
 */
extern "C" {
#include "postgres.h"
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
}

#include "plan/deparse_rule.h"

extern "C" {
PG_FUNCTION_INFO_V1(lake_enum_labels);
}

static void
append_counted(StringInfo text, const char *name)
{
	appendStringInfo(text, "%zu:%s", strlen(name), name);
}

/* The type's name and its labels in their order, each behind its length and a colon. */
extern "C" Datum
lake_enum_labels(PG_FUNCTION_ARGS)
{
	Oid			type = PG_GETARG_OID(0);
	Relation	rel = table_open(EnumRelationId, AccessShareLock);
	Relation	index = index_open(EnumTypIdSortOrderIndexId, AccessShareLock);
	StringInfoData text;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	initStringInfo(&text);
	append_counted(&text, format_type_be(type));
	ScanKeyInit(&key, Anum_pg_enum_enumtypid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(type));
	scan = systable_beginscan_ordered(rel, index, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext_ordered(scan, ForwardScanDirection)))
		append_counted(&text, NameStr(((Form_pg_enum) GETSTRUCT(tuple))->enumlabel));
	systable_endscan_ordered(scan);
	index_close(index, AccessShareLock);
	table_close(rel, AccessShareLock);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(text.data, text.len));
}

bool
lake_is_enum(Oid type)
{
	return get_typtype(getBaseType(type)) == TYPTYPE_ENUM;
}

void
lake_deparse_enum_rank(LakeDeparse *ctx, Node *node)
{
	Oid			argument_type = REGTYPEOID;
	List	   *name = list_make2(makeString(pstrdup("lake_engine")), makeString(pstrdup("enum_labels")));
	Const	   *type = makeConst(REGTYPEOID, -1, InvalidOid, sizeof(Oid), ObjectIdGetDatum(getBaseType(exprType(node))), false, true);

	appendStringInfoString(&ctx->sql, "pg_enum_rank(");
	lake_deparse_expr(ctx, node);
	appendStringInfoString(&ctx->sql, ", ");
	lake_deparse_parameter(ctx, (Node *) makeFuncExpr(LookupFuncName(name, 1, &argument_type, false), TEXTOID, list_make1(type),
													  DEFAULT_COLLATION_OID, InvalidOid, COERCE_EXPLICIT_CALL));
	appendStringInfoChar(&ctx->sql, ')');
}

/* < and its like. */
void
lake_rule_enum_order(LakeDeparse *ctx, const LakeCall *call)
{
	appendStringInfoChar(&ctx->sql, '(');
	lake_deparse_enum_rank(ctx, lake_call_argument(call, 1));
	appendStringInfo(&ctx->sql, " %s ", call->name);
	lake_deparse_enum_rank(ctx, lake_call_argument(call, 2));
	appendStringInfoChar(&ctx->sql, ')');
}
