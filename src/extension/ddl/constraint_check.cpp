/*
 * constraint_check.cpp
 *	  See constraint_check.h.
 */
extern "C" {
#include "postgres.h"
#include "access/table.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/ruleutils.h"
#include "utils/typcache.h"
}

#include "ddl/alter_table.h"
#include "ddl/constraint_check.h"
#include "ddl/spi_statement.h"
#include "ddl/unique_key.h"
#include "txn/key_check.h"

/* Whether there is a row of which the condition holds. */
static bool
has_row(Relation rel, const char *condition)
{
	return lake_query_has_row(psprintf("SELECT 1 FROM ONLY %s WHERE %s LIMIT 1", lake_relation_text(rel), condition));
}

static char *
expression_text(Relation rel, const char *expression)
{
	return TextDatumGetCString(DirectFunctionCall2(pg_get_expr, CStringGetTextDatum(expression), ObjectIdGetDatum(RelationGetRelid(rel))));
}

static void
check_checks(Relation rel)
{
	TupleConstr *constr = RelationGetDescr(rel)->constr;

	for (int i = 0; constr != NULL && i < constr->num_check; i++)
		if (constr->check[i].ccvalid && has_row(rel, psprintf("(%s) IS FALSE", expression_text(rel, constr->check[i].ccbin))))
			ereport(ERROR,
					(errcode(ERRCODE_CHECK_VIOLATION),
					 errmsg("new row for relation \"%s\" violates check constraint \"%s\"", RelationGetRelationName(rel), constr->check[i].ccname),
					 errtableconstraint(rel, constr->check[i].ccname)));
	if (rel->rd_rel->relispartition &&
		has_row(rel, psprintf("(%s) IS FALSE", pg_get_partconstrdef_string(RelationGetRelid(rel), pstrdup(RelationGetRelationName(rel))))))
		ereport(ERROR,
				(errcode(ERRCODE_CHECK_VIOLATION),
				 errmsg("new row for relation \"%s\" violates partition constraint", RelationGetRelationName(rel)), errtable(rel)));
}

static void
check_generated(Relation rel)
{
	TupleConstr *constr = RelationGetDescr(rel)->constr;

	for (int i = 0; constr != NULL && i < constr->num_defval; i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), constr->defval[i].adnum - 1);
		char	   *expression;

		if (att->attisdropped || att->attgenerated == '\0')
			continue;
		expression = expression_text(rel, constr->defval[i].adbin);
		if (has_row(rel, psprintf("%s IS DISTINCT FROM (%s)", quote_identifier(NameStr(att->attname)), expression)))
			ereport(ERROR,
					(errcode(ERRCODE_GENERATED_ALWAYS),
					 errmsg("new row for relation \"%s\" has another value in column \"%s\" than the generated one", RelationGetRelationName(rel),
							NameStr(att->attname)),
					 errdetail("The column is GENERATED ALWAYS AS (%s).", expression)));
	}
}

/* What a type says of its values beyond what Iceberg's says: the length of varchar(n), the constraints of a domain. */
static void
check_types(Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		int32		typmod = att->atttypmod;
		const char *name = quote_identifier(NameStr(att->attname));
		Oid			base;

		if (att->attisdropped)
			continue;
		base = getBaseTypeAndTypmod(att->atttypid, &typmod);
		if ((base == VARCHAROID || base == BPCHAROID) && typmod >= (int32) VARHDRSZ &&
			has_row(rel, psprintf("length(%s::text) > %d", name, typmod - (int32) VARHDRSZ)))
			ereport(ERROR,
					(errcode(ERRCODE_STRING_DATA_RIGHT_TRUNCATION),
					 errmsg("value too long for type %s", format_type_with_typemod(base, typmod)), errtablecol(rel, att->attnum)));
		/* evaluates the constraints of each value, and throws */
		if (base != att->atttypid && DomainHasConstraints(att->atttypid))
			(void) lake_query_has_row(psprintf("SELECT count(%s::%s::%s) FROM ONLY %s", name, format_type_be_qualified(base),
											   format_type_be_qualified(att->atttypid), lake_relation_text(rel)));
	}
}

/* As ALTER TABLE .. VALIDATE CONSTRAINT does it. */
static void
check_foreign_keys(Relation rel)
{
	ListCell   *lc;

	foreach(lc, copyObject(RelationGetFKeyList(rel)))
	{
		ForeignKeyCacheInfo *key = lfirst_node(ForeignKeyCacheInfo, lc);
		Relation	referenced;
		Trigger		trigger = {};

		if (key->conrelid != RelationGetRelid(rel))
			continue;
		referenced = table_open(key->confrelid, RowShareLock);
		trigger.tgname = get_constraint_name(key->conoid);
		trigger.tgenabled = TRIGGER_FIRES_ON_ORIGIN;
		trigger.tgisinternal = true;
		trigger.tgconstrrelid = key->confrelid;
		trigger.tgconstraint = key->conoid;
		if (!RI_Initial_Check(&trigger, rel, referenced))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("foreign key \"%s\" of table \"%s\" cannot be checked", trigger.tgname, RelationGetRelationName(rel)),
					 errdetail("The owner of the table may not read all of \"%s\".", RelationGetRelationName(referenced))));
		table_close(referenced, NoLock);
	}
}

void
lake_check_constraints(Oid relid)
{
	Relation	rel = table_open(relid, NoLock);
	Oid			user;
	int			security;

	GetUserIdAndSecContext(&user, &security);
	SetUserIdAndSecContext(rel->rd_rel->relowner, security | SECURITY_RESTRICTED_OPERATION);
	check_checks(rel);
	check_generated(rel);
	check_types(rel);
	check_foreign_keys(rel);
	SetUserIdAndSecContext(user, security);
	if (lake_has_unique_key(relid))
		lake_check_all_keys(rel);
	table_close(rel, NoLock);
}

void
lake_set_not_null(Oid relid, List *columns)
{
	Relation	rel = table_open(relid, NoLock);
	char	   *table = lake_relation_text(rel);
	Oid			previous;
	ListCell   *lc;

	table_close(rel, NoLock);
	if (columns == NIL)
		return;
	foreach(lc, columns)
	{
		rel = table_open(relid, NoLock);
		if (has_row(rel, psprintf("%s IS NULL", quote_identifier((char *) lfirst(lc)))))
			ereport(ERROR,
					(errcode(ERRCODE_NOT_NULL_VIOLATION),
					 errmsg("column \"%s\" of relation \"%s\" contains null values", (char *) lfirst(lc), RelationGetRelationName(rel)),
					 errtablecol(rel, get_attnum(relid, (char *) lfirst(lc)))));
		table_close(rel, NoLock);
	}
	previous = lake_set_followed_table(relid);
	PG_TRY();
	{
		foreach(lc, columns)
			lake_run_statement(psprintf("ALTER TABLE ONLY %s ALTER COLUMN %s SET NOT NULL", table, quote_identifier((char *) lfirst(lc))));
	}
	PG_FINALLY();
	{
		lake_set_followed_table(previous);
	}
	PG_END_TRY();
}
