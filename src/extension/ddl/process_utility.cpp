/*
 * process_utility.cpp
 *	  The utility hook: routes statements that make, change or drop lake tables, and refuses by name, before catalogs change, what this version
 *	  does not do. The object access hook sees every DROP, by whatever way it comes.
 */
extern "C" {
#include "postgres.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_attrdef.h"
#include "catalog/pg_class.h"
#include "commands/event_trigger.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "parser/parse_type.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

#include "catalog/lake_relation.h"
#include "ddl/alter_table.h"
#include "ddl/column_default.h"
#include "ddl/create_table.h"
#include "ddl/fill_table.h"
#include "ddl/options.h"
#include "ddl/process_utility.h"
#include "ddl/table_identity.h"
#include "exec/copy_out.h"
#include "txn/key_check.h"

static ProcessUtility_hook_type previous_utility_hook = NULL;
static object_access_hook_type previous_access_hook = NULL;

typedef struct UtilityArgs
{
	PlannedStmt *statement;
	const char *query_string;
	bool		read_only_tree;
	ProcessUtilityContext context;
	ParamListInfo params;
	QueryEnvironment *environment;
	DestReceiver *dest;
	QueryCompletion *completion;
} UtilityArgs;

static void
run_next(const UtilityArgs *args)
{
	ProcessUtility_hook_type next = previous_utility_hook ? previous_utility_hook : standard_ProcessUtility;

	next(args->statement, args->query_string, args->read_only_tree, args->context, args->params, args->environment, args->dest,
		 args->completion);
}

static bool
names_lake_table(const RangeVar *relation)
{
	Oid			relid = relation == NULL ? InvalidOid : RangeVarGetRelid(relation, NoLock, true);

	return OidIsValid(relid) && lake_is_lake_relation(relid);
}

/* ---------------------------------------------------------------- CREATE */

static void
run_creation(UtilityArgs *args, const LakeCreation *creation)
{
	Node	   *statement = args->statement->utilityStmt;
	List	   *previous = lake_set_creating_options(creation->is_lake ? creation->options : NIL);
	bool		fills = creation->is_lake && !creation->existed && IsA(statement, CreateTableAsStmt) &&
		lake_split_create_table_as((CreateTableAsStmt *) statement);

	PG_TRY();
	{
		run_next(args);
		lake_finish_creation(creation);
	}
	PG_FINALLY();
	{
		lake_set_creating_options(previous);
	}
	PG_END_TRY();
	if (fills)
		lake_fill_table(lake_created_relation(creation->relation), (CreateTableAsStmt *) statement, args->query_string, args->params,
						args->environment, args->completion);
}

/* The statement may sit in a plan cache: change a copy. */
static void
copy_statement(UtilityArgs *args)
{
	args->statement = (PlannedStmt *) copyObject(args->statement);
	args->read_only_tree = false;
}

/* Files without a catalog (surface.md, LT) have their own issue; without a handler such a table could be made but never read. */
static void
refuse_foreign_table(const CreateForeignTableStmt *stmt)
{
	if (strcmp(stmt->servername, "pg_lake") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("foreign tables on server \"pg_lake\" are not supported yet"),
				 errhint("Tables made with CREATE TABLE ... USING iceberg are.")));
}

static bool
handle_creation(UtilityArgs *args)
{
	LakeCreation creation = {};

	copy_statement(args);
	if (IsA(args->statement->utilityStmt, CreateForeignTableStmt))
	{
		CreateStmt *create = lake_create_table_of_foreign((CreateForeignTableStmt *) args->statement->utilityStmt);

		if (create == NULL)
		{
			refuse_foreign_table((CreateForeignTableStmt *) args->statement->utilityStmt);
			return false;
		}
		args->statement->utilityStmt = (Node *) create;
	}
	if (IsA(args->statement->utilityStmt, CreateStmt))
		creation = lake_prepare_create_table((CreateStmt *) args->statement->utilityStmt);
	else if (IsA(args->statement->utilityStmt, CreateTableAsStmt))
		creation = lake_prepare_create_table_as((CreateTableAsStmt *) args->statement->utilityStmt);
	run_creation(args, &creation);
	return true;
}

/* ---------------------------------------------------------------- ALTER and the rest */

/* The table of an ALTER TABLE .. SET ACCESS METHOD that makes or ends a lake table, else invalid. */
static Oid
table_changing_access_method(Node *statement)
{
	AlterTableStmt *stmt = (AlterTableStmt *) statement;
	Oid			relid;
	ListCell   *lc;

	if (!IsA(statement, AlterTableStmt))
		return InvalidOid;
	relid = RangeVarGetRelid(stmt->relation, NoLock, true);
	foreach(lc, stmt->cmds)
	{
		AlterTableCmd *command = (AlterTableCmd *) lfirst(lc);

		if (command->subtype == AT_SetAccessMethod && OidIsValid(relid) &&
			(lake_is_lake_relation(relid) || lake_is_lake_access_method(command->name)))
			return relid;
	}
	return InvalidOid;
}

static void
run_altering(UtilityArgs *args)
{
	Oid			changing = table_changing_access_method(args->statement->utilityStmt);

	run_next(args);
	lake_finish_alterations();
	if (OidIsValid(changing))
		lake_finish_set_access_method(changing);
}

/* Any statement may change columns of lake tables: also DROP TYPE .. CASCADE, or ALTER TABLE of a parent. */
static void
run_with_alterations(UtilityArgs *args)
{
	LakeAlterations outer = lake_begin_alterations();

	PG_TRY();
	{
		run_altering(args);
	}
	PG_FINALLY();
	{
		lake_end_alterations(&outer);
	}
	PG_END_TRY();
}

/* Labels are stored as text, in files that other engines read too. */
static void
check_rename_of_label(AlterEnumStmt *stmt)
{
	Oid			typid = typenameTypeId(NULL, makeTypeNameFromNameList(stmt->typeName));
	char	   *table = lake_table_with_column_of_type(typid);

	if (table != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot rename a value of type %s because iceberg table \"%s\" uses it", format_type_be(typid), table),
				 errhint("Add the new value, update the rows, and let the old one be.")));
}

static void
check_utility(Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_IndexStmt:
			if (names_lake_table(((IndexStmt *) statement)->relation))
				ereport(ERROR,
						(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						 errmsg("indexes are not supported on iceberg tables"),
						 errhint("Data files are skipped by their column bounds without an index.")));
			break;
		case T_ClusterStmt:
			if (names_lake_table(((ClusterStmt *) statement)->relation))
				ereport(ERROR,
						(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("CLUSTER is not supported for iceberg tables")));
			break;
		case T_AlterEnumStmt:
			if (((AlterEnumStmt *) statement)->oldVal != NULL)
				check_rename_of_label((AlterEnumStmt *) statement);
			break;
		default:
			break;
	}
}

static void
run_utility(UtilityArgs args)
{
	switch (nodeTag(args.statement->utilityStmt))
	{
		case T_CreateStmt:
		case T_CreateTableAsStmt:
		case T_CreateForeignTableStmt:
			if (lake_extension_exists() && handle_creation(&args))
				return;
			break;
		case T_AlterTableStmt:
			if (lake_extension_exists())
			{
				copy_statement(&args);
				lake_prepare_alter_table((AlterTableStmt *) args.statement->utilityStmt);
				/* nothing but options */
				if (((AlterTableStmt *) args.statement->utilityStmt)->cmds == NIL)
					return;
				run_with_alterations(&args);
				return;
			}
			break;
		case T_CopyStmt:
			if (lake_extension_exists() && lake_copy_rows_out(args.statement, args.query_string, args.completion))
				return;
			break;
		case T_RenameStmt:
		case T_DropStmt:
		case T_DropOwnedStmt:
			if (lake_extension_exists())
			{
				run_with_alterations(&args);
				return;
			}
			break;
		case T_IndexStmt:
		case T_ClusterStmt:
		case T_AlterEnumStmt:
			if (lake_extension_exists())
				check_utility(args.statement->utilityStmt);
			break;
		default:
			break;
	}
	run_next(&args);
}

static void
lake_process_utility(PlannedStmt *statement, const char *query_string, bool read_only_tree, ProcessUtilityContext context,
					 ParamListInfo params, QueryEnvironment *environment, DestReceiver *dest, QueryCompletion *completion)
{
	CommandId	first = GetCurrentCommandId(false);

	/* pg_upgrade's restore: tables are made with their options, and all else is there already. */
	if (IsBinaryUpgrade && !IsA(statement->utilityStmt, CreateStmt) && !IsA(statement->utilityStmt, CreateTableAsStmt))
	{
		UtilityArgs args = {statement, query_string, read_only_tree, context, params, environment, dest, completion};

		run_next(&args);
		return;
	}
	run_utility({statement, query_string, read_only_tree, context, params, environment, dest, completion});
	/* COPY, CREATE TABLE AS and rewrites write rows without an executor's end. */
	lake_check_new_keys(first);
}

/* ---------------------------------------------------------------- DROP */

/* The fields of a struct are stored under their names, in files that are there (ALT-8). */
static void
refuse_change_of_type(Oid typid)
{
	char	   *table = lake_table_with_column_of_type(typid);

	if (table != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot alter type %s because it is used in an iceberg table", format_type_be(typid)),
				 errdetail("Table \"%s\" uses it.", table)));
}

/* A default that comes names its table, one that goes itself. */
static void
note_default(ObjectAccessType access, Oid object_id)
{
	Oid			relid = object_id;

	if (access == OAT_DROP)
		relid = GetAttrDefaultColumnAddress(object_id).objectId;
	else if (access != OAT_POST_CREATE)
		return;
	if (lake_is_lake_relation(relid) && lake_catalogs_exist())
		lake_note_default(relid);
}

static void
lake_object_access(ObjectAccessType access, Oid class_id, Oid object_id, int sub_id, void *arg)
{
	if (previous_access_hook)
		previous_access_hook(access, class_id, object_id, sub_id, arg);
	/* pg_upgrade makes tables whose rows, pointers and files are there already. */
	if (IsBinaryUpgrade)
		return;
	if (class_id == AttrDefaultRelationId)
		note_default(access, object_id);
	if (class_id != RelationRelationId || (access != OAT_DROP && access != OAT_POST_CREATE && access != OAT_POST_ALTER))
		return;
	if (sub_id != 0 && get_rel_relkind(object_id) == RELKIND_COMPOSITE_TYPE)
		refuse_change_of_type(get_rel_type_id(object_id));
	if (!lake_is_lake_relation(object_id) || !lake_catalogs_exist())
		return;
	if (sub_id != 0)
		lake_note_altered(object_id);
	else if (access == OAT_DROP)
		lake_drop_table_identity(object_id);
}

void
lake_ddl_init(void)
{
	previous_utility_hook = ProcessUtility_hook;
	ProcessUtility_hook = lake_process_utility;
	previous_access_hook = object_access_hook;
	object_access_hook = lake_object_access;
}
