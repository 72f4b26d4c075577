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
#include "catalog/pg_class.h"
#include "commands/event_trigger.h"
#include "nodes/parsenodes.h"
#include "tcop/utility.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

#include "catalog/lake_relation.h"
#include "ddl/create_table.h"
#include "ddl/options.h"
#include "ddl/process_utility.h"
#include "ddl/table_identity.h"

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
	List	   *previous = lake_set_creating_options(creation->is_lake ? creation->options : NIL);

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

/* Subcommands that leave columns, rows and storage as they are; PostgreSQL does them on its own. */
static bool
is_harmless(AlterTableType subtype)
{
	switch (subtype)
	{
		case AT_ColumnDefault:
		case AT_SetStatistics:
		case AT_SetOptions:
		case AT_ResetOptions:
		case AT_AddConstraint:
		case AT_ValidateConstraint:
		case AT_DropConstraint:
		case AT_AlterConstraint:
		case AT_ChangeOwner:
		case AT_EnableTrig:
		case AT_EnableAlwaysTrig:
		case AT_EnableReplicaTrig:
		case AT_DisableTrig:
		case AT_EnableTrigAll:
		case AT_DisableTrigAll:
		case AT_EnableTrigUser:
		case AT_DisableTrigUser:
		case AT_EnableRule:
		case AT_DisableRule:
		case AT_AddInherit:
		case AT_DropInherit:
		case AT_EnableRowSecurity:
		case AT_DisableRowSecurity:
		case AT_ForceRowSecurity:
		case AT_NoForceRowSecurity:
		case AT_ReplicaIdentity:
		case AT_DropOids:
			return true;
		default:
			return false;
	}
}

static const char *
subcommand_name(AlterTableType subtype)
{
	switch (subtype)
	{
		case AT_AddColumn:
			return "ADD COLUMN";
		case AT_DropColumn:
			return "DROP COLUMN";
		case AT_AlterColumnType:
			return "ALTER COLUMN ... TYPE";
		case AT_SetNotNull:
			return "ALTER COLUMN ... SET NOT NULL";
		case AT_DropNotNull:
			return "ALTER COLUMN ... DROP NOT NULL";
		case AT_SetAccessMethod:
			return "SET ACCESS METHOD";
		case AT_SetRelOptions:
			return "SET";
		case AT_ResetRelOptions:
			return "RESET";
		case AT_SetTableSpace:
			return "SET TABLESPACE";
		case AT_SetLogged:
			return "SET LOGGED";
		case AT_SetUnLogged:
			return "SET UNLOGGED";
		case AT_AddIdentity:
			return "ALTER COLUMN ... ADD GENERATED AS IDENTITY";
		default:
			return NULL;
	}
}

static void
refuse_alter(const char *command)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 command == NULL ? errmsg("this ALTER TABLE command is not supported yet for iceberg tables")
			 : errmsg("ALTER TABLE %s command not supported for pg_lake_iceberg tables", command),
			 errhint("Create a new table with CREATE TABLE ... USING iceberg AS SELECT.")));
}

static void
check_alter_table(const AlterTableStmt *stmt)
{
	bool		is_lake = names_lake_table(stmt->relation);
	ListCell   *lc;

	foreach(lc, stmt->cmds)
	{
		AlterTableCmd *command = (AlterTableCmd *) lfirst(lc);

		if (command->subtype == AT_SetAccessMethod && (is_lake || lake_is_lake_access_method(command->name)))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("setting the access method to %s is currently not supported", command->name),
					 errhint("Use CREATE TABLE ... USING %s AS SELECT.", command->name)));
		if (!is_lake)
			continue;
		if (command->subtype == AT_AddConstraint && IsA(command->def, Constraint) &&
			(((Constraint *) command->def)->contype == CONSTR_PRIMARY || ((Constraint *) command->def)->contype == CONSTR_UNIQUE ||
			 ((Constraint *) command->def)->contype == CONSTR_EXCLUSION))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("primary key, unique and exclusion constraints are not supported on iceberg tables")));
		if (!is_harmless(command->subtype))
			refuse_alter(subcommand_name(command->subtype));
	}
}

static void
check_utility(Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_AlterTableStmt:
			check_alter_table((AlterTableStmt *) statement);
			break;
		case T_IndexStmt:
			if (names_lake_table(((IndexStmt *) statement)->relation))
				ereport(ERROR,
						(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						 errmsg("indexes are not supported on iceberg tables"),
						 errhint("Data files are skipped by their column bounds without an index.")));
			break;
		case T_RenameStmt:
			{
				RenameStmt *rename = (RenameStmt *) statement;

				if (rename->renameType == OBJECT_COLUMN && names_lake_table(rename->relation))
					refuse_alter("RENAME COLUMN");
				break;
			}
		case T_ClusterStmt:
			if (names_lake_table(((ClusterStmt *) statement)->relation))
				ereport(ERROR,
						(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("CLUSTER is not supported for iceberg tables")));
			break;
		default:
			break;
	}
}

static void
lake_process_utility(PlannedStmt *statement, const char *query_string, bool read_only_tree, ProcessUtilityContext context,
					 ParamListInfo params, QueryEnvironment *environment, DestReceiver *dest, QueryCompletion *completion)
{
	UtilityArgs args = {statement, query_string, read_only_tree, context, params, environment, dest, completion};

	switch (nodeTag(statement->utilityStmt))
	{
		case T_CreateStmt:
		case T_CreateTableAsStmt:
		case T_CreateForeignTableStmt:
			if (lake_extension_exists() && handle_creation(&args))
				return;
			break;
		case T_AlterTableStmt:
		case T_IndexStmt:
		case T_RenameStmt:
		case T_ClusterStmt:
			if (lake_extension_exists())
				check_utility(statement->utilityStmt);
			break;
		default:
			break;
	}
	run_next(&args);
}

/* ---------------------------------------------------------------- DROP */

static void
lake_object_access(ObjectAccessType access, Oid class_id, Oid object_id, int sub_id, void *arg)
{
	if (previous_access_hook)
		previous_access_hook(access, class_id, object_id, sub_id, arg);
	if (access == OAT_DROP && class_id == RelationRelationId && sub_id == 0 && lake_is_lake_relation(object_id) &&
		lake_catalogs_exist())
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
