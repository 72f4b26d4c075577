/*
 * alter_table.cpp
 *	  See alter_table.h.
 */
extern "C" {
#include "postgres.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/heap.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/tablecmds.h"
#include "miscadmin.h"
#include "parser/parse_type.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/snapmgr.h"
}

#include "am/lake_am.h"
#include "catalog/lake_relation.h"
#include "catalog/pointer.h"
#include "ddl/alter_table.h"
#include "ddl/column_default.h"
#include "ddl/file_layout.h"
#include "ddl/options.h"
#include "ddl/property_options.h"
#include "ddl/table_identity.h"
#include "ddl/unique_key.h"
#include "ddl/variant_columns.h"
#include "link/connection.h"
#include "txn/branch.h"
#include "txn/commit.h"
#include "txn/key_check.h"
#include "txn/table_state.h"
#include "types/type_map.h"

typedef struct AlteredTable
{
	Oid			relid;
	TupleDesc	before;
	const char *base;			/* before */
	const char *variant_columns;	/* the option, before */
	LakeRelNumber storage;		/* before */
	bool		is_synced;
} AlteredTable;

static LakeAlterations current;
static LakeAlterations next;		/* what is known of the statement that is about to begin */
static Oid	followed_table = InvalidOid;

Oid
lake_set_followed_table(Oid relid)
{
	Oid			previous = followed_table;

	followed_table = relid;
	return previous;
}

static AlteredTable *
find_altered(Oid relid)
{
	ListCell   *lc;

	foreach(lc, current.tables)
		if (((AlteredTable *) lfirst(lc))->relid == relid)
			return (AlteredTable *) lfirst(lc);
	return NULL;
}

void
lake_note_altered(Oid relid)
{
	LakePointer pointer;
	LakeTableState *state;
	AlteredTable *altered;
	Relation	rel;
	MemoryContext old;

	if (current.context == NULL || relid == followed_table || find_altered(relid) != NULL || !lake_pointer_get(relid, NULL, &pointer))
		return;
	if (pointer.read_only)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("modifications on read-only iceberg tables are not supported")));
	rel = RelationIdGetRelation(relid);
	if (!RelationIsValid(rel))
		return;
	/* Rows on their way are encoded as the table was. */
	state = lake_table_state(rel, false);
	if (state != NULL)
	{
		lake_flush_state(state, rel);
		state->codec = NULL;
	}
	old = MemoryContextSwitchTo(current.context);
	altered = (AlteredTable *) palloc0(sizeof(AlteredTable));
	altered->relid = relid;
	altered->before = CreateTupleDescCopyConstr(RelationGetDescr(rel));
	altered->base = pstrdup(lake_pointer_base(&pointer));
	altered->storage = LakeRelationRelNumber(rel);
	altered->variant_columns = lake_table_option(rel, LAKE_VARIANT_COLUMNS_OPTION);
	current.tables = lappend(current.tables, altered);
	MemoryContextSwitchTo(old);
	RelationClose(rel);
}

static bool
same_columns(TupleDesc left, TupleDesc right)
{
	if (left->natts != right->natts)
		return false;
	for (int i = 0; i < left->natts; i++)
	{
		Form_pg_attribute one = TupleDescAttr(left, i);
		Form_pg_attribute other = TupleDescAttr(right, i);

		if (one->attisdropped != other->attisdropped ||
			(!one->attisdropped && (one->atttypid != other->atttypid || one->atttypmod != other->atttypmod ||
									strcmp(NameStr(one->attname), NameStr(other->attname)) != 0)))
			return false;
	}
	return true;
}

bool
lake_base_of_columns(Oid relid, TupleDesc desc, const char **former_base)
{
	AlteredTable *altered = find_altered(relid);

	*former_base = NULL;
	if (altered == NULL)
		return false;
	if (same_columns(altered->before, desc))
		*former_base = altered->base;
	else
		lake_sync_schema(relid);
	return true;
}

void
lake_fill_added_columns(Oid relid, TupleTableSlot *slot)
{
	AlteredTable *altered = find_altered(relid);

	if (altered != NULL)
		for (int i = altered->before->natts; i < slot->tts_tupleDescriptor->natts; i++)
			slot->tts_values[i] = getmissingattr(slot->tts_tupleDescriptor, i + 1, &slot->tts_isnull[i]);
}

bool
lake_keeps_content(Oid relid)
{
	return OidIsValid(relid) && (current.keeping_content == relid || followed_table == relid);
}

/* ---------------------------------------------------------------- the difference */

static void
begin_operation(StringInfo json, const char *op, const char *name)
{
	appendStringInfo(json, "%s{\"op\": \"%s\", \"name\": ", json->len > 0 ? ", " : "", op);
	escape_json(json, name);
}

static void
append_member(StringInfo json, const char *name, const char *value)
{
	if (value != NULL)
		appendStringInfo(json, ", \"%s\": %s", name, value);
}

/* Drops first, so that their names are free; additions last. */
static void
append_operations(StringInfo json, Relation rel, const AlteredTable *altered, bool is_rewritten)
{
	TupleDesc	before = altered->before;
	TupleDesc	after = RelationGetDescr(rel);

	for (int i = 0; i < before->natts; i++)
	{
		Form_pg_attribute was = TupleDescAttr(before, i);

		if (was->attisdropped || !TupleDescAttr(after, i)->attisdropped)
			continue;
		begin_operation(json, "drop", NameStr(was->attname));
		appendStringInfoChar(json, '}');
	}
	for (int i = 0; i < before->natts; i++)
	{
		Form_pg_attribute was = TupleDescAttr(before, i);
		Form_pg_attribute is = TupleDescAttr(after, i);
		const char *old_type;
		const char *new_type;

		if (is->attisdropped)
			continue;
		if (strcmp(NameStr(was->attname), NameStr(is->attname)) != 0)
		{
			begin_operation(json, "rename", NameStr(was->attname));
			appendStringInfoString(json, ", \"to\": ");
			escape_json(json, NameStr(is->attname));
			appendStringInfoChar(json, '}');
		}
		old_type = lake_former_iceberg_type_json(rel, was, altered->variant_columns);
		new_type = lake_iceberg_type_json(rel, is);
		lake_check_same_srid(rel, was, is, is_rewritten);
		if (strcmp(old_type, new_type) != 0)
		{
			begin_operation(json, "type", NameStr(is->attname));
			appendStringInfo(json, ", \"type\": %s, \"replace\": %s}", new_type, is_rewritten ? "true" : "false");
		}
		if (was->attnotnull != is->attnotnull)
		{
			begin_operation(json, "required", NameStr(is->attname));
			appendStringInfo(json, ", \"required\": %s}", is->attnotnull ? "true" : "false");
		}
		lake_append_default_change(json, rel, before, i);
	}
	for (int i = before->natts; i < after->natts; i++)
	{
		Form_pg_attribute is = TupleDescAttr(after, i);

		if (is->attisdropped)
			continue;
		begin_operation(json, "add", NameStr(is->attname));
		appendStringInfo(json, ", \"type\": %s, \"required\": %s", lake_iceberg_type_json(rel, is), is->attnotnull ? "true" : "false");
		append_member(json, "initial_default", is_rewritten ? NULL : lake_initial_default(rel, after, i));
		append_member(json, "write_default", lake_write_default(rel, after, i));
		appendStringInfoChar(json, '}');
	}
}

void
lake_alter_base(Relation rel, const char *operations)
{
	LakePointer pointer;
	StringInfoData json;
	const char *params[1];
	char	  **values;

	lake_pointer_lock(RelationGetRelid(rel));
	if (!lake_pointer_get(RelationGetRelid(rel), NULL, &pointer))
		elog(ERROR, "table \"%s\" has no metadata", RelationGetRelationName(rel));
	initStringInfo(&json);
	appendStringInfoString(&json, "{\"base\": ");
	escape_json(&json, lake_pointer_base(&pointer));
	appendStringInfo(&json, ", \"operations\": [%s]}", operations);
	params[0] = json.data;
	if (lake_link_call("SELECT base FROM lake_alter($1)", 1, params, 1, &values) != 1 || values[0] == NULL)
		elog(ERROR, "unexpected answer of the query engine to a change of a table");
	pointer.pending_metadata = values[0];
	lake_pointer_update(&pointer);
	lake_note_new_metadata(RelationGetRelid(rel));
}

void
lake_sync_schema(Oid relid)
{
	AlteredTable *altered = find_altered(relid);
	Relation	rel;
	StringInfoData operations;

	if (altered == NULL || altered->is_synced)
		return;
	rel = RelationIdGetRelation(relid);
	if (!RelationIsValid(rel))
		return;					/* dropped by the same statement */
	initStringInfo(&operations);
	/* While core still fills the new storage, the table keeps its old one: a rewrite is known by the rows that wait for it. */
	append_operations(&operations, rel, altered,
					  LakeRelationRelNumber(rel) != altered->storage || lake_has_new_storage(relid));
	if (operations.len > 0)
	{
		lake_check_columns(rel);
		lake_alter_base(rel, operations.data);
	}
	altered->is_synced = true;
	RelationClose(rel);
}

/* ---------------------------------------------------------------- ADD COLUMN with a constant default */

/*
 * Format version 2 has no defaults for rows that lack a column, nor has version 3 any of some types, and every engine shall read the same: the rows are
 * written again, with the value. (Heap tables keep the value in pg_attribute.attmissingval, from where the scan takes it.)
 */
static void
write_old_rows_again(Relation rel)
{
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TupleTableSlot *row = MakeSingleTupleTableSlot(CreateTupleDescCopyConstr(RelationGetDescr(rel)), lake_slot_callbacks(rel));
	TableScanDesc scan = table_beginscan(rel, snapshot, 0, NULL);
	bool		found = table_scan_getnextslot(scan, ForwardScanDirection, row);

	/* The scan runs on the old storage, whose rows its stream has by now; what is inserted goes to the new one. */
	if (found)
	{
		LakeSetNewStorage(rel);
		CommandCounterIncrement();
	}
	for (; found; found = table_scan_getnextslot(scan, ForwardScanDirection, row))
	{
		table_tuple_insert(rel, row, GetCurrentCommandId(true), 0, NULL);
		CHECK_FOR_INTERRUPTS();
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(row);
	UnregisterSnapshot(snapshot);
}

static void set_late_options(Oid relid, List *options);

static void
finish_altered(AlteredTable *altered)
{
	Relation	rel = try_relation_open(altered->relid, NoLock);

	if (rel == NULL)
		return;
	if (lake_is_lake_relation(altered->relid) && LakeRelationRelNumber(rel) == altered->storage &&
		lake_old_rows_need_value(rel, altered->before))
		write_old_rows_again(rel);
	if (lake_is_lake_relation(altered->relid))
	{
		lake_follow_unique_key(rel, altered->before);
		lake_follow_variant_columns(rel, altered->before);
		lake_check_layout_columns(rel, altered->before);
		lake_check_property_columns(rel, altered->before);
		lake_sync_schema(altered->relid);
	}
	relation_close(rel, NoLock);
}

/* ---------------------------------------------------------------- around a statement */

LakeAlterations
lake_begin_alterations(void)
{
	LakeAlterations outer = current;

	current = next;
	current.context = CurrentMemoryContext;
	memset(&next, 0, sizeof(next));
	return outer;
}

void
lake_finish_alterations(void)
{
	ListCell   *lc;

	if (current.tables != NIL)
		CommandCounterIncrement();
	foreach(lc, current.tables)
		finish_altered((AlteredTable *) lfirst(lc));
	if (current.late_options != NIL)
		set_late_options(current.late_table, current.late_options);
}

void
lake_end_alterations(const LakeAlterations *outer)
{
	current = *outer;
}

/* ---------------------------------------------------------------- options */

static void
refuse_fixed_option(const char *name)
{
	static const char *const fixed[] = {"catalog", "compatibility_mode", "location", "row_ids", "load_from", "definition_from",
		LAKE_UNSUPPORTED_NUMERIC_OPTION};

	for (const char *option : fixed)
		if (strcmp(option, name) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("Changing option \"%s\" is not supported", name)));
}

/* Rows that are there must have distinct keys; those that come learn of it. */
static void
declare_unique_key(Relation rel)
{
	LakeTableState *state = lake_table_state(rel, false);

	lake_check_unique_key_columns(rel);
	if (state != NULL)
		state->codec = NULL;
	if (lake_has_unique_key(RelationGetRelid(rel)))
		lake_check_all_keys(rel);
}

/* Rows that are on their way go where they belonged; those that come are divided by the new spec, or sorted in the new order. */
static void
change_file_layout(Relation rel, const char *option, const char *fields)
{
	LakeTableState *state = lake_table_state(rel, false);

	if (state != NULL)
	{
		lake_flush_state(state, rel);
		state->codec = NULL;
	}
	lake_alter_base(rel, psprintf("{\"op\": \"%s\", \"fields\": %s}", option, fields));
}

/* Java's name for it: to set this property is to upgrade the table. */
static void
change_format_version(Relation rel, DefElem *option, bool is_reset)
{
	LakeTableState *state = lake_table_state(rel, false);
	StringInfoData operation;

	if (is_reset)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("option \"format_version\" of iceberg table \"%s\" cannot be reset", RelationGetRelationName(rel)),
				 errdetail("A table can be upgraded, but not go back.")));
	initStringInfo(&operation);
	begin_operation(&operation, "set_property", "format-version");
	appendStringInfo(&operation, ", \"value\": \"%s\"}", defGetString(option));
	lake_alter_base(rel, operation.data);
	if (strcmp(defGetString(option), "3") == 0)
		lake_declare_defaults(rel);
	if (state != NULL)
		state->codec = NULL;
}

void
lake_set_property(Relation rel, const char *name, const char *value)
{
	StringInfoData operation;

	initStringInfo(&operation);
	begin_operation(&operation, "set_property", name);
	appendStringInfoString(&operation, ", \"value\": ");
	escape_json(&operation, value);
	appendStringInfoChar(&operation, '}');
	lake_alter_base(rel, operation.data);
}

void
lake_remove_property(Relation rel, const char *name)
{
	StringInfoData operation;

	initStringInfo(&operation);
	begin_operation(&operation, "remove_property", name);
	appendStringInfoChar(&operation, '}');
	lake_alter_base(rel, operation.data);
}

static void
change_options(Relation rel, List *options, bool is_reset)
{
	const char *variant_columns = lake_table_option(rel, LAKE_VARIANT_COLUMNS_OPTION);
	ListCell   *lc;

	if (!is_reset)
		lake_check_table_options(options);
	foreach(lc, options)
	{
		DefElem    *option = (DefElem *) lfirst(lc);

		refuse_fixed_option(option->defname);
		if (strcmp(option->defname, "format_version") == 0)
			change_format_version(rel, option, is_reset);
		/* The server reads this one from the table's properties. */
		if (strcmp(option->defname, "column_stats_mode") == 0)
		{
			if (is_reset)
				lake_remove_property(rel, "write.metadata.metrics.default");
			else
				lake_set_property(rel, "write.metadata.metrics.default", defGetString(option));
		}
		if (lake_is_property_option(option->defname))
			lake_change_property_option(rel, option->defname, is_reset ? NULL : defGetString(option));
		if (lake_is_layout_option(option->defname))
			change_file_layout(rel, option->defname, lake_layout_json(rel, option->defname, is_reset ? NULL : defGetString(option)));
	}
	lake_change_table_options(RelationGetRelid(rel), options, is_reset);
	foreach(lc, options)
		if (strcmp(((DefElem *) lfirst(lc))->defname, LAKE_UNIQUE_KEY_OPTION) == 0)
			declare_unique_key(rel);
		else if (strcmp(((DefElem *) lfirst(lc))->defname, LAKE_VARIANT_COLUMNS_OPTION) == 0)
			lake_change_variant_columns(rel, variant_columns);
}

static void
set_late_options(Oid relid, List *options)
{
	Relation	rel = table_open(relid, AccessExclusiveLock);

	change_options(rel, options, false);
	table_close(rel, NoLock);
}

/* ---------------------------------------------------------------- what is refused */

static void
refuse(const char *command, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("ALTER TABLE %s command not supported for pg_lake_iceberg tables", command),
			 hint != NULL ? errhint("%s", hint) : 0));
}

static void
check_command(const AlterTableCmd *command)
{
	switch (command->subtype)
	{
		case AT_SetTableSpace:
			refuse("SET TABLESPACE", "Files of iceberg tables lie at the table's location.");
			break;
		case AT_SetLogged:
		case AT_SetUnLogged:
			refuse(command->subtype == AT_SetLogged ? "SET LOGGED" : "SET UNLOGGED", NULL);
			break;
		case AT_ClusterOn:
		case AT_DropCluster:
			refuse("CLUSTER ON", NULL);
			break;
		case AT_AddConstraint:
			if (IsA(command->def, Constraint) &&
				(((Constraint *) command->def)->contype == CONSTR_PRIMARY || ((Constraint *) command->def)->contype == CONSTR_UNIQUE ||
				 ((Constraint *) command->def)->contype == CONSTR_EXCLUSION))
				ereport(ERROR,
						(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						 errmsg("primary key, unique and exclusion constraints are not supported on iceberg tables")));
			break;
		default:
			break;
	}
}

/* SET ACCESS METHOD of a table that has what lake tables cannot have. */
static void
check_becoming_lake_table(const AlterTableStmt *stmt, Oid relid)
{
	ListCell   *lc;

	foreach(lc, stmt->cmds)
	{
		AlterTableCmd *command = (AlterTableCmd *) lfirst(lc);
		Relation	rel;

		if (command->subtype != AT_SetAccessMethod || !lake_is_lake_access_method(command->name))
			continue;
		rel = table_open(relid, AccessExclusiveLock);
		if (rel->rd_rel->relhasindex && RelationGetIndexList(rel) != NIL)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("indexes are not supported on iceberg tables"),
					 errdetail("Table \"%s\" has indexes.", RelationGetRelationName(rel)),
					 errhint("Drop its indexes and keys first.")));
		table_close(rel, NoLock);
	}
}

static bool
is_promotion(Oid from, Oid to)
{
	return (from == INT2OID && (to == INT4OID || to == INT8OID)) || (from == INT4OID && to == INT8OID) || (from == FLOAT4OID && to == FLOAT8OID);
}

/* ALTER COLUMN .. TYPE without USING, of columns whose values stay what they are. */
static bool
only_promotes(Oid relid, List *commands)
{
	ListCell   *lc;

	foreach(lc, commands)
	{
		AlterTableCmd *command = (AlterTableCmd *) lfirst(lc);
		ColumnDef  *def = (ColumnDef *) command->def;
		AttrNumber	attnum;

		if (command->subtype != AT_AlterColumnType || def->raw_default != NULL)
			return false;
		attnum = get_attnum(relid, command->name);
		if (attnum <= 0 || !is_promotion(get_atttype(relid, attnum), typenameTypeId(NULL, def->typeName)))
			return false;
	}
	return commands != NIL;
}

/* These may name columns that other commands of the statement add: they wait for the end. */
static bool
waits_for_end(const DefElem *option)
{
	return option->defnamespace == NULL && (lake_is_layout_option(option->defname) || strcmp(option->defname, LAKE_VARIANT_COLUMNS_OPTION) == 0);
}

static List *
without_late_options(Oid relid, List *options)
{
	List	   *others = NIL;
	ListCell   *lc;

	next.late_table = relid;
	foreach(lc, options)
	{
		DefElem    *option = (DefElem *) lfirst(lc);

		if (waits_for_end(option))
			next.late_options = lappend(next.late_options, option);
		else
			others = lappend(others, option);
	}
	lake_check_table_options(next.late_options);
	return others;
}

void
lake_prepare_alter_table(AlterTableStmt *stmt)
{
	Oid			relid = RangeVarGetRelid(stmt->relation, NoLock, true);
	List	   *rest = NIL;
	bool		changes_more_than_options = false;
	ListCell   *lc;

	memset(&next, 0, sizeof(next));
	if (!OidIsValid(relid))
		return;
	if (!lake_is_lake_relation(relid))
	{
		check_becoming_lake_table(stmt, relid);
		return;
	}
	foreach(lc, stmt->cmds)
	{
		AlterTableCmd *command = (AlterTableCmd *) lfirst(lc);

		check_command(command);
		if (lake_is_on_branch() && command->subtype != AT_AddConstraint)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("ALTER TABLE of iceberg table \"%s\" is for all its branches", get_rel_name(relid)),
					 errhint("RESET pg_lake_iceberg.branch first.")));
		changes_more_than_options |= command->subtype != AT_SetRelOptions && command->subtype != AT_ResetRelOptions;
	}
	foreach(lc, stmt->cmds)
	{
		AlterTableCmd *command = (AlterTableCmd *) lfirst(lc);

		if (command->subtype == AT_SetRelOptions || command->subtype == AT_ResetRelOptions)
		{
			Relation	rel = table_openrv(stmt->relation, AccessExclusiveLock);

			if (!LakeOwnsRelation(RelationGetRelid(rel), GetUserId()))
				aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, RelationGetRelationName(rel));
			if (command->subtype == AT_SetRelOptions && changes_more_than_options)
				command->def = (Node *) without_late_options(relid, (List *) command->def);
			change_options(rel, (List *) command->def, command->subtype == AT_ResetRelOptions);
			table_close(rel, NoLock);
		}
		else
			rest = lappend(rest, command);
	}
	stmt->cmds = rest;
	/* Tables that inherit from it are altered too, whatever they are. */
	if (only_promotes(relid, rest) && !has_subclass(relid))
		next.keeping_content = relid;
}

void
lake_finish_set_access_method(Oid relid)
{
	LakePointer pointer;
	Relation	rel;

	if (!OidIsValid(relid) || get_rel_relkind(relid) != RELKIND_RELATION)
		return;
	if (!lake_is_lake_relation(relid))
	{
		if (lake_pointer_get(relid, NULL, &pointer))
			lake_drop_table_identity(relid);
		lake_forget_table_options(relid);
		return;
	}
	rel = table_open(relid, NoLock);
	lake_create_table_identity(rel);
	table_close(rel, NoLock);
	lake_change_table_options(relid, NIL, false);
}
