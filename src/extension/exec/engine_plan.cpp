/*
 * engine_plan.cpp
 *	  See engine_plan.h. The server answers with JSON (DuckDB's EXPLAIN (FORMAT json), or the profile of what ran): an array of operators
 *	  {"name", "extra_info": {property: text or array of texts}, "children"}, with "rows" and "milliseconds" where they were measured.
 *
 * Scans carry the location of their table, and stages their name: both become the table's name.
 */
extern "C" {
#include "postgres.h"
#include "access/table.h"
#include "executor/executor.h"
#include "executor/instrument.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/rel.h"
}

#include "catalog/pointer.h"
#include "compat/compat.h"
#include "exec/engine_plan.h"
#include "exec/query_text.h"
#include "exec/stage.h"
#include "hooks/settings.h"
#include "txn/table_state.h"

typedef struct TableName
{
	const char *engine_name;	/* a location, or the name of a stage */
	const char *name;
} TableName;

typedef struct PlanPrinter
{
	ExplainState *es;
	List	   *tables;			/* of TableName */
	int64		data_files;		/* sums over the scans */
	int64		data_files_skipped;
	int64		delete_files;
} PlanPrinter;

/* ---------------------------------------------------------------- JSON */

static JsonbContainer *
container_of(JsonbValue *value)
{
	return value != NULL && value->type == jbvBinary ? value->val.binary.data : NULL;
}

static JsonbValue *
member(JsonbContainer *object, const char *key)
{
	return JsonContainerIsObject(object) ? getKeyJsonValueFromContainer(object, key, (int) strlen(key), NULL) : NULL;
}

static char *
text_of(JsonbValue *value)
{
	return value != NULL && value->type == jbvString ? pnstrdup(value->val.string.val, value->val.string.len) : NULL;
}

static double
number_of(JsonbValue *value)
{
	return value != NULL && value->type == jbvNumeric
		? DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(value->val.numeric))) : 0;
}

/* ---------------------------------------------------------------- names */

static char *
qualified_name(Oid relid)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid));
}

static void
add_name(PlanPrinter *printer, const char *engine_name, const char *name)
{
	TableName  *entry = (TableName *) palloc(sizeof(TableName));

	entry->engine_name = engine_name;
	entry->name = name;
	printer->tables = lappend(printer->tables, entry);
}

static void
collect_names(PlanPrinter *printer, LakeRemoteQuery *query)
{
	ListCell   *lc;

	foreach(lc, query->scan_relids)
	{
		LakePointer pointer;

		if (lake_pointer_get(lfirst_oid(lc), NULL, &pointer))
			add_name(printer, pointer.location, qualified_name(lfirst_oid(lc)));
	}
	foreach(lc, query->stages)
	{
		PlannedStmt *plan = (PlannedStmt *) lsecond((List *) lfirst(lc));
		char	   *name = qualified_name(linitial_node(RangeTblEntry, plan->rtable)->relid);

		add_name(printer, strVal(linitial((List *) lfirst(lc))), name);
	}
}

static const char *
table_name(PlanPrinter *printer, const char *engine_name)
{
	static const char *const stage_prefixes[] = {"temp.main.", "\"temp\".main."};
	ListCell   *lc;

	for (const char *prefix : stage_prefixes)
		if (strncmp(engine_name, prefix, strlen(prefix)) == 0)
			engine_name += strlen(prefix);
	foreach(lc, printer->tables)
	{
		TableName  *entry = (TableName *) lfirst(lc);

		if (strcmp(entry->engine_name, engine_name) == 0)
			return entry->name;
	}
	return engine_name;
}

/* Our scans read Parquet files; a stage, in EXPLAIN a view of its shape, is a table of the server's. */
static const char *
node_type(const char *name)
{
	char	   *type = pstrdup(name);

	for (size_t i = strlen(type); i > 0 && type[i - 1] == ' '; i--)
		type[i - 1] = '\0';
	if (strcmp(type, "LAKE_SCAN") == 0)
		return "READ_PARQUET";
	if (strcmp(type, "LAKE_STAGE_SHAPE") == 0)
		return "SEQ_SCAN";
	return type;
}

/* ---------------------------------------------------------------- counting files */

static int64
count_property(JsonbContainer *extra, const char *name)
{
	char	   *text = text_of(member(extra, name));

	return text == NULL ? 0 : strtoll(text, NULL, 10);
}

static void
count_files(PlanPrinter *printer, JsonbContainer *node)
{
	JsonbContainer *extra = container_of(member(node, "extra_info"));
	JsonbContainer *children = container_of(member(node, "children"));

	check_stack_depth();
	if (extra != NULL)
	{
		printer->data_files += count_property(extra, "Data Files Scanned");
		printer->data_files_skipped += count_property(extra, "Data Files Skipped");
		printer->delete_files += count_property(extra, "Deletion Files Scanned");
	}
	for (uint32 i = 0; children != NULL && i < JsonContainerSize(children); i++)
	{
		JsonbContainer *child = container_of(getIthJsonbValueFromContainer(children, i));

		if (child != NULL)
			count_files(printer, child);
	}
}

/* ---------------------------------------------------------------- printing */

static void
print_list(const char *key, JsonbContainer *array, ExplainState *es)
{
	List	   *texts = NIL;

	for (uint32 i = 0; i < JsonContainerSize(array); i++)
	{
		char	   *text = text_of(getIthJsonbValueFromContainer(array, i));

		if (text != NULL)
			texts = lappend(texts, text);
	}
	ExplainPropertyList(key, texts, es);
}

static void
print_properties(PlanPrinter *printer, JsonbContainer *extra)
{
	JsonbIterator *iterator = JsonbIteratorInit(extra);
	JsonbValue	key;
	JsonbIteratorToken token = JsonbIteratorNext(&iterator, &key, true);

	while ((token = JsonbIteratorNext(&iterator, &key, true)) == WJB_KEY)
	{
		JsonbValue	value;
		char	   *name = text_of(&key);
		char	   *text;

		JsonbIteratorNext(&iterator, &value, true);
		if (!printer->es->costs && strcmp(name, "Estimated Cardinality") == 0)
			continue;
		text = text_of(&value);
		if (text == NULL && container_of(&value) != NULL && JsonContainerIsArray(container_of(&value)))
			print_list(name, container_of(&value), printer->es);
		else if (text != NULL && *text != '\0')
			ExplainPropertyText(name, strcmp(name, "Table") == 0 ? table_name(printer, text) : text, printer->es);
	}
}

/* What the operator did. The time is the sum over the threads that worked on it, without its children. */
static void
print_measures(JsonbContainer *node, ExplainState *es)
{
	double		rows = number_of(member(node, "rows"));
	double		milliseconds = number_of(member(node, "milliseconds"));

	if (member(node, "rows") == NULL)
		return;
	if (es->format != EXPLAIN_FORMAT_TEXT)
	{
		if (es->timing)
			ExplainPropertyFloat("Operator Time", "ms", milliseconds, 3, es);
		ExplainPropertyFloat("Actual Rows", NULL, rows, 0, es);
	}
	else if (es->timing)
		appendStringInfo(es->str, "  (actual time=%.3f rows=%.0f)", milliseconds, rows);
	else
		appendStringInfo(es->str, "  (actual rows=%.0f)", rows);
}

static void print_nodes(PlanPrinter *printer, JsonbContainer *nodes);

static void
print_node(PlanPrinter *printer, JsonbContainer *node)
{
	ExplainState *es = printer->es;
	JsonbContainer *extra = container_of(member(node, "extra_info"));
	JsonbContainer *children = container_of(member(node, "children"));
	char	   *name = text_of(member(node, "name"));
	const char *type = node_type(name == NULL ? "?" : name);
	int			indent = es->indent;

	check_stack_depth();
	ExplainOpenGroup("Plan", NULL, true, es);
	if (es->format == EXPLAIN_FORMAT_TEXT)
	{
		appendStringInfoSpaces(es->str, es->indent * 2);
		appendStringInfo(es->str, "->  %s", type);
		print_measures(node, es);
		appendStringInfoChar(es->str, '\n');
		es->indent += 3;
	}
	else
	{
		ExplainPropertyText("Node Type", type, es);
		print_measures(node, es);
	}
	if (extra != NULL && JsonContainerIsObject(extra))
		print_properties(printer, extra);
	if (children != NULL && JsonContainerSize(children) > 0)
	{
		ExplainOpenGroup("Plans", "Plans", false, es);
		print_nodes(printer, children);
		ExplainCloseGroup("Plans", "Plans", false, es);
	}
	if (es->format == EXPLAIN_FORMAT_TEXT)
		es->indent = indent;
	ExplainCloseGroup("Plan", NULL, true, es);
}

static void
print_nodes(PlanPrinter *printer, JsonbContainer *nodes)
{
	for (uint32 i = 0; i < JsonContainerSize(nodes); i++)
	{
		JsonbContainer *node = container_of(getIthJsonbValueFromContainer(nodes, i));

		if (node != NULL)
			print_node(printer, node);
	}
}

/* ---------------------------------------------------------------- asking the server */

static bool
needs_run_time_value(Node *node, void *context)
{
	EState	   *estate = (EState *) context;

	if (node == NULL)
		return false;
	if (IsA(node, Param))
		return ((Param *) node)->paramkind != PARAM_EXTERN || estate->es_param_list_info == NULL;
	return IsA(node, SubPlan) || expression_tree_walker(node, LAKE_WALKER(needs_run_time_value), context);
}

/* Nothing may be executed for the sake of EXPLAIN, and not all that can be explained could be. */
static bool
can_be_planned(LakeExplained *explained)
{
	ListCell   *lc;

	if (!lake_engine_enabled ||
		needs_run_time_value((Node *) ((CustomScan *) explained->planstate->plan)->custom_exprs, explained->planstate->state))
		return false;
	foreach(lc, explained->query->scan_relids)
	{
		Relation	rel = table_open(lfirst_oid(lc), AccessShareLock);
		bool		scannable = RelationIsScannable(rel);

		table_close(rel, NoLock);
		if (!scannable)
			return false;
	}
	return true;
}

/* The text that would be sent. Row ids that nobody will see do not count as given out. */
static char *
complete_text(LakeExplained *explained, const LakeStreamParams *params)
{
	EState	   *estate = explained->planstate->state;
	LakeTableState *table = NULL;
	const char *scan_base = NULL;
	bool		several_bases = false;
	char	   *sql;

	if (explained->row_id_scan >= 0)
	{
		Relation	rel = table_open(list_nth_oid(explained->query->scan_relids, explained->row_id_scan), NoLock);

		table = lake_table_state(rel, true);
		scan_base = table->scan_base;
		several_bases = table->several_bases;
		table_close(rel, NoLock);
	}
	sql = lake_fill_holes(explained->query, params, estate->es_snapshot, explained->row_id_scan, explained->whole_files);
	if (table != NULL)
	{
		table->scan_base = scan_base;
		table->several_bases = several_bases;
	}
	return sql;
}

static char *
ask_for_plan(LakeExplained *explained)
{
	LakeStreamParams params;
	LakeConnection *connection;
	PGresult   *volatile result = NULL;
	char	   *sql;

	lake_evaluate_params(explained->query, explained->params, explained->planstate->ps_ExprContext, &params);
	sql = psprintf("EXPLAIN (FORMAT json) %s", complete_text(explained, &params));
	connection = lake_connection_get();
	PG_TRY();
	{
		lake_run_stage_shapes(connection, explained->query, false);
		result = lake_connection_query(connection, sql, params.count, params.values, NULL);
		lake_run_stage_shapes(connection, explained->query, true);
	}
	PG_CATCH();
	{
		PQclear(result);
		lake_connection_drop(connection);
		PG_RE_THROW();
	}
	PG_END_TRY();
	lake_connection_put(connection);

	char	   *plan = PQntuples(result) == 1 && PQnfields(result) == 2 ? pstrdup(PQgetvalue(result, 0, 1)) : NULL;

	PQclear(result);
	return plan;
}

/* ---------------------------------------------------------------- the node */

bool
lake_is_instrumented(EState *estate, int eflags)
{
	return estate->es_instrument != 0 && !(eflags & EXEC_FLAG_EXPLAIN_ONLY);
}

static void
print_profile(LakeProfile *profile, ExplainState *es)
{
	if (profile == NULL || profile->executions == 0)
		return;
	ExplainPropertyInteger("Data Files Read From Cache", NULL, profile->data_files_cached, es);
	ExplainPropertyInteger("Storage Reads", NULL, profile->reads, es);
	ExplainPropertyInteger("Storage Bytes Read", NULL, profile->bytes_read, es);
	if (es->timing)
		ExplainPropertyFloat("Engine Time", "ms", (double) profile->microseconds / 1000, 3, es);
}

/* Other children of the node have the group "Plans" to themselves. */
static const char *
group_of_nodes(PlanState *planstate)
{
	bool		has_children = planstate->initPlan != NIL || planstate->subPlan != NIL || ((CustomScanState *) planstate)->custom_ps != NIL;

	return has_children ? "Engine Plans" : "Plans";
}

void
lake_explain_query(LakeExplained *explained, ExplainState *es)
{
	LakeProfile *profile = explained->profile;
	bool		was_executed = profile != NULL && profile->executions > 0;
	PlanPrinter printer = {};
	JsonbContainer *nodes = NULL;
	char	   *plan = NULL;

	if (was_executed)
		plan = profile->plan;
	else if (explained->explain_only && can_be_planned(explained))
		plan = ask_for_plan(explained);
	if (plan != NULL)
		nodes = &DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(plan)))->root;
	printer.es = es;
	lake_explain_engine(explained->query, es);
	for (uint32 i = 0; nodes != NULL && JsonContainerIsArray(nodes) && i < JsonContainerSize(nodes); i++)
	{
		JsonbContainer *node = container_of(getIthJsonbValueFromContainer(nodes, i));

		if (node != NULL)
			count_files(&printer, node);
	}
	/* of a query that was stopped the server has no plan any more, only what it counted */
	if (nodes == NULL && was_executed)
	{
		printer.data_files = profile->data_files_scanned;
		printer.data_files_skipped = profile->data_files_skipped;
		printer.delete_files = profile->delete_files_scanned;
	}
	if (was_executed || (nodes != NULL && es->verbose))
	{
		ExplainPropertyInteger("Data Files Scanned", NULL, printer.data_files, es);
		ExplainPropertyInteger("Data Files Skipped", NULL, printer.data_files_skipped, es);
		ExplainPropertyInteger("Deletion Files Scanned", NULL, printer.delete_files, es);
	}
	if (es->analyze)
		print_profile(profile, es);
	lake_explain_text(explained->query, es);
	if (nodes == NULL)
		return;
	collect_names(&printer, explained->query);
	ExplainOpenGroup("Plans", group_of_nodes(explained->planstate), false, es);
	print_nodes(&printer, nodes);
	ExplainCloseGroup("Plans", group_of_nodes(explained->planstate), false, es);
}
