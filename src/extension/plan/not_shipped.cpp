/*
 * not_shipped.cpp
 *	  Reasons why a query is not shipped, in the words of surface.md PLAN-5.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_collation.h"
#include "nodes/value.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"
}

#include "plan/deparse.h"
#include "plan/shippable_catalog.h"

void
lake_refuse(LakeDeparse *ctx, const char *kind, const char *format,...)
{
	StringInfoData reason;
	va_list		args;
	String	   *node;

	initStringInfo(&reason);
	appendStringInfo(&reason, "%s\t", kind);
	for (;;)
	{
		int			needed;

		va_start(args, format);
		needed = appendStringInfoVA(&reason, format, args);
		va_end(args);
		if (needed == 0)
			break;
		enlargeStringInfo(&reason, needed);
	}
	node = makeString(reason.data);
	if (!list_member(ctx->reasons, node))
		ctx->reasons = lappend(ctx->reasons, node);
}

void
lake_refuse_type(LakeDeparse *ctx, Oid typid)
{
	lake_refuse(ctx, "Type", "%s", format_type_be_qualified(typid));
}

/* With the catalogue's reason, where it has one. */
static void
refuse_object(LakeDeparse *ctx, const char *kind, const char *name, const char *why)
{
	lake_refuse(ctx, kind, why == NULL ? "%s" : "%s (%s)", name, why);
}

void
lake_refuse_function(LakeDeparse *ctx, Oid funcid)
{
	refuse_object(ctx, "Function", format_procedure_qualified(funcid), lake_function_stays(funcid));
}

void
lake_refuse_operator(LakeDeparse *ctx, Oid opno)
{
	refuse_object(ctx, "Operator", format_operator_qualified(opno), lake_operator_stays(opno));
}

void
lake_refuse_collation(LakeDeparse *ctx, Oid collation)
{
	HeapTuple	tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(collation));

	if (!HeapTupleIsValid(tuple))
	{
		lake_refuse(ctx, "Collation", "%u", collation);
		return;
	}
	Form_pg_collation form = (Form_pg_collation) GETSTRUCT(tuple);

	lake_refuse(ctx, "Collation", "%s",
				quote_qualified_identifier(get_namespace_name(form->collnamespace), NameStr(form->collname)));
	ReleaseSysCache(tuple);
}
