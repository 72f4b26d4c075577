/*
 * table_scan_path.cpp
 *	  The row path: a lake table in a plan of PostgreSQL's is a CustomScan (Lake Scan) that takes along columns and filters.
 *
 * Only filters that DuckDB answers exactly as PostgreSQL does are taken along, and those are not checked again. Parallel workers have no
 * part in it: each of them would read the whole table (table-am.md). A relation whose rows will be changed, locked or looked up again by
 * their TID is read with row ids; and where the executor is sure to fetch each of them again, all columns are read and the rows kept.
 */
extern "C" {
#include "postgres.h"
#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/prep.h"
#include "optimizer/restrictinfo.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

#include "catalog/lake_relation.h"
#include "compat/compat.h"
#include "exec/lake_scan_text.h"
#include "exec/remote_query.h"
#include "exec/time_travel.h"
#include "plan/deparse.h"
#include "plan/past_tables.h"
#include "plan/plan.h"
#include "plan/query_part.h"
#include "plan/scan_cost.h"
#include "types/type_map.h"

static set_rel_pathlist_hook_type previous_set_rel_pathlist_hook = NULL;

/* ---------------------------------------------------------------- what the scan takes along */

/*
 * Attributes that the plan above reads, numbered from FirstLowInvalidHeapAttributeNumber. The plan's own target list may be replaced after the
 * scan was made (a projection that the scan can do itself), so the targets of the relation and of the path count too.
 */
static Bitmapset *
output_attributes(RelOptInfo *rel, CustomPath *path, List *tlist)
{
	Bitmapset  *used = NULL;

	pull_varattnos((Node *) tlist, rel->relid, &used);
	pull_varattnos((Node *) rel->reltarget->exprs, rel->relid, &used);
	pull_varattnos((Node *) path->path.pathtarget->exprs, rel->relid, &used);
	return used;
}

/* DELETE looks at the rows it deletes only for RETURNING and triggers. */
static bool
deletes_unseen(PlannerInfo *root, Relation relation)
{
	TriggerDesc *triggers = relation->trigdesc;

	return root->parse->commandType == CMD_DELETE && root->parse->returningList == NIL &&
		(triggers == NULL ||
		 !(triggers->trig_delete_before_row || triggers->trig_delete_after_row || triggers->trig_delete_old_table));
}

/* LAKE_SCAN_* of the relation. */
static int
scan_flags(PlannerInfo *root, RelOptInfo *rel, Relation relation)
{
	PlanRowMark *mark = get_plan_rowmark(root->rowMarks, rel->relid);

	if (bms_is_member(rel->relid, root->all_result_relids))
		return deletes_unseen(root, relation) ? LAKE_SCAN_ROW_IDS : LAKE_SCAN_ROW_IDS | LAKE_SCAN_STASH;
	if (mark != NULL)
		return RowMarkRequiresRowShareLock(mark->markType) ? LAKE_SCAN_ROW_IDS | LAKE_SCAN_STASH : LAKE_SCAN_ROW_IDS;
	return lake_planning_cursor ? LAKE_SCAN_ROW_IDS : 0;
}

static bool
may_push(RelOptInfo *rel, RestrictInfo *rinfo)
{
	/* a filter may only overtake row-level security when it cannot tell about the rows it sees */
	return !rinfo->pseudoconstant && (rinfo->security_level <= rel->baserestrict_min_security || rinfo->leakproof);
}

/* Splits the clauses into conditions of the shipped text and the quals that stay. */
static List *
push_quals(LakeDeparse *ctx, RelOptInfo *rel, List *clauses)
{
	List	   *local = NIL;
	bool		first = true;
	ListCell   *lc;

	foreach(lc, clauses)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);
		int			before = ctx->sql.len;

		if (rinfo->pseudoconstant)
			continue;			/* a Result node above checks it once */
		appendStringInfoString(&ctx->sql, first ? " WHERE " : " AND ");
		if (may_push(rel, rinfo) && lake_deparse_scan_qual(ctx, (Node *) rinfo->clause))
			first = false;
		else
		{
			ctx->sql.len = before;
			ctx->sql.data[before] = '\0';
			local = lappend(local, rinfo->clause);
		}
	}
	return local;
}

/* The attributes to fetch, ascending, and that of the row id behind them; at least one. */
static List *
needed_attributes(Relation relation, Index rtindex, Bitmapset *output, List *local_quals, int flags)
{
	TupleDesc	desc = RelationGetDescr(relation);
	Bitmapset  *used = bms_copy(output);
	List	   *attnums = NIL;
	AttrNumber	cheapest = InvalidAttrNumber;
	bool		whole_rows;

	pull_varattnos((Node *) local_quals, rtindex, &used);
	whole_rows = (flags & LAKE_SCAN_STASH) || bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, used);
	for (AttrNumber attno = 1; attno <= desc->natts; attno++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, attno - 1);

		if (att->attisdropped)
			continue;
		if (whole_rows || bms_is_member(attno - FirstLowInvalidHeapAttributeNumber, used))
			attnums = lappend_int(attnums, attno);
		/* the shortest fixed-length column stands in when only the number of rows matters */
		if (cheapest == InvalidAttrNumber ||
			(att->attlen > 0 && (TupleDescAttr(desc, cheapest - 1)->attlen < 0 || att->attlen < TupleDescAttr(desc, cheapest - 1)->attlen)))
			cheapest = attno;
	}
	if (flags & LAKE_SCAN_ROW_IDS)
		attnums = lappend_int(attnums, SelfItemPointerAttributeNumber);
	else if (attnums == NIL && cheapest != InvalidAttrNumber)
		attnums = list_make1_int(cheapest);
	return attnums;
}

static bool
travels_as_text(Form_pg_attribute att)
{
	LakeTypeInfo type;

	return getBaseType(att->atttypid) == NUMERICOID && lake_lookup_type(att->atttypid, att->atttypmod, &type) && lake_is_numeric_as_text(&type);
}

/* SELECT "a", "b" FROM (hole) AS "t" */
static void
write_select(LakeDeparse *ctx, Relation relation, Index rtindex, List *attnums, LakeRemoteQuery *remote)
{
	ListCell   *lc;

	appendStringInfoString(&ctx->sql, "SELECT ");
	foreach(lc, attnums)
	{
		Form_pg_attribute att;

		if (foreach_current_index(lc) > 0)
			appendStringInfoString(&ctx->sql, ", ");
		if (lfirst_int(lc) == SelfItemPointerAttributeNumber)
		{
			appendStringInfoString(&ctx->sql, LAKE_ROW_ID_COLUMN);
			remote->column_types = lappend_oid(remote->column_types, INT8OID);
			remote->column_typmods = lappend_int(remote->column_typmods, -1);
			continue;
		}
		att = TupleDescAttr(RelationGetDescr(relation), lfirst_int(lc) - 1);
		lake_append_identifier(&ctx->sql, NameStr(att->attname));
		remote->column_types = lappend_oid(remote->column_types, att->atttypid);
		remote->column_typmods = lappend_int(remote->column_typmods, travels_as_text(att) ? LAKE_TYPMOD_TEXT_FORM : att->atttypmod);
	}
	if (attnums == NIL)
		appendStringInfoChar(&ctx->sql, '1');
	appendStringInfoString(&ctx->sql, " FROM ");
	remote->scan_offsets = list_make1_int(ctx->sql.len);
	remote->scan_relids = list_make1_oid(RelationGetRelid(relation));
	appendStringInfoString(&ctx->sql, " AS ");
	lake_append_identifier(&ctx->sql, ctx->level->aliases[rtindex - 1]);
}

/* ---------------------------------------------------------------- plan */

static Plan *
lake_plan_table_scan(PlannerInfo *root, RelOptInfo *rel, CustomPath *path, List *tlist, List *clauses, List *custom_plans)
{
	CustomScan *scan = makeNode(CustomScan);
	RangeTblEntry *rte = planner_rt_fetch(rel->relid, root);
	Relation	relation = RelationIdGetRelation(rte->relid);
	LakeRemoteQuery remote = {};
	LakeDeparse quals;
	LakeDeparse ctx;
	List	   *local_quals;
	List	   *attnums;
	Bitmapset  *output = output_attributes(rel, path, tlist);
	int			flags = scan_flags(root, rel, relation);
	Node	   *point;
	LakeReadPointKind past;
	ListCell   *lc;

	lake_deparse_begin_scan(&quals, root->parse, rel->relid);
	local_quals = push_quals(&quals, rel, clauses);
	attnums = needed_attributes(relation, rel->relid, output, local_quals, flags);
	lake_deparse_begin_scan(&ctx, root->parse, rel->relid);
	write_select(&ctx, relation, rel->relid, attnums, &remote);
	RelationClose(relation);
	appendStringInfoString(&ctx.sql, quals.sql.data);
	remote.sql = ctx.sql.data;
	remote.reasons = lake_not_vectorized_reasons;
	foreach(lc, quals.params)
		remote.param_types = lappend_oid(remote.param_types, exprType((Node *) lfirst(lc)));
	past = lake_past_of_entry(rte, &point);
	remote.scan_points = list_make1_int(past);
	if (past != LAKE_NOW)
		quals.params = lappend(quals.params, point);

	scan->scan.plan.targetlist = tlist;
	scan->scan.plan.qual = local_quals;
	scan->scan.scanrelid = rel->relid;
	scan->flags = path->flags;
	scan->custom_plans = custom_plans;
	scan->custom_exprs = quals.params;
	scan->custom_private = lake_make_table_scan_private(&remote, attnums, flags);
	scan->methods = &lake_table_scan_methods;
	return &scan->scan.plan;
}

/* ---------------------------------------------------------------- path */

static const CustomPathMethods table_scan_path_methods = {"Lake Scan", lake_plan_table_scan, NULL};

/* Rows have no transaction ids, and their ctid is not stable between scans: asking for either is an error, never a wrong answer. */
static void
refuse_system_columns(RelOptInfo *rel, Oid relid, bool only_quals)
{
	static const char *const names[] = {"ctid", "xmin", "cmin", "xmax", "cmax"};

	Bitmapset  *used = NULL;

	if (!only_quals)
		pull_varattnos((Node *) rel->reltarget->exprs, rel->relid, &used);
	pull_varattnos((Node *) extract_actual_clauses(rel->baserestrictinfo, false), rel->relid, &used);
	for (int attno = FirstLowInvalidHeapAttributeNumber + 1; attno < 0; attno++)
	{
		if (attno != TableOidAttributeNumber && bms_is_member(attno - FirstLowInvalidHeapAttributeNumber, used))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("system column \"%s\" is not supported for iceberg tables", names[-attno - 1]),
					 errdetail("Table \"%s\" has access method iceberg.", get_rel_name(relid))));
	}
}

static bool
has_current_of(RelOptInfo *rel)
{
	ListCell   *lc;

	foreach(lc, rel->baserestrictinfo)
	{
		if (IsA(lfirst_node(RestrictInfo, lc)->clause, CurrentOfExpr))
			return true;
	}
	return false;
}

static void
lake_set_rel_pathlist(PlannerInfo *root, RelOptInfo *rel, Index rtindex, RangeTblEntry *rte)
{
	CustomPath *path;

	if (previous_set_rel_pathlist_hook != NULL)
		previous_set_rel_pathlist_hook(root, rel, rtindex, rte);
	if (lake_add_part_path(root, rel, rte))
		return;
	if (rte->rtekind != RTE_RELATION || rte->inh || rte->tablesample != NULL || IS_DUMMY_REL(rel) ||
		!lake_is_lake_relation(rte->relid))
		return;
	/* of rows that are changed or locked, the executor itself wants the ctid */
	refuse_system_columns(rel, rte->relid,
						  bms_is_member(rel->relid, root->all_result_relids) || get_plan_rowmark(root->rowMarks, rel->relid) != NULL);
	rel->consider_parallel = false;
	rel->partial_pathlist = NIL;
	/* WHERE CURRENT OF is a TID scan and nothing else */
	if (has_current_of(rel))
		return;
	path = makeNode(CustomPath);
	path->path.pathtype = T_CustomScan;
	path->path.parent = rel;
	path->path.pathtarget = rel->reltarget;
	path->path.param_info = get_baserel_parampathinfo(root, rel, rel->lateral_relids);
	lake_cost_table_scan(root, rel, &path->path);
	path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
	path->methods = &table_scan_path_methods;
	rel->pathlist = NIL;
	add_path(rel, (Path *) path);
}

void
lake_table_scan_path_init(void)
{
	previous_set_rel_pathlist_hook = set_rel_pathlist_hook;
	set_rel_pathlist_hook = lake_set_rel_pathlist;
}
