/*
 * partitions.cpp
 *	  See partitions.h. Which partitions are left is PostgreSQL's own answer: its pruning, its exclusion by CHECK constraints.
 */
extern "C" {
#include "postgres.h"
#include "access/attmap.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "miscadmin.h"
#include "nodes/pathnodes.h"
#include "optimizer/plancat.h"
#include "partitioning/partdesc.h"
#include "partitioning/partprune.h"
#include "rewrite/rewriteManip.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

#include "catalog/lake_relation.h"
#include "plan/partitions.h"

/* ---------------------------------------------------------------- is there a lake table? */

typedef struct KnownParent
{
	Oid			relid;
	bool		has_lake_partition;
} KnownParent;

static HTAB *known_parents = NULL;
static bool known_parents_valid = false;

static void
forget_parents(Datum arg, Oid relid)
{
	known_parents_valid = false;
}

static void
prepare_known_parents(void)
{
	HASHCTL		control = {};

	if (known_parents_valid)
		return;
	if (known_parents == NULL)
		CacheRegisterRelcacheCallback(forget_parents, (Datum) 0);
	else
		hash_destroy(known_parents);
	control.keysize = sizeof(Oid);
	control.entrysize = sizeof(KnownParent);
	known_parents = hash_create("pg_lake parents of tables", 64, &control, HASH_ELEM | HASH_BLOBS);
	known_parents_valid = true;
}

static bool
find_lake_partition(Oid relid)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(relid, NoLock, NULL))
	{
		if (lake_is_lake_relation(lfirst_oid(lc)))
			return true;
	}
	return false;
}

bool
lake_has_lake_partition(RangeTblEntry *rte)
{
	KnownParent *parent;
	bool		found;

	if (!rte->inh || (rte->relkind != RELKIND_RELATION && rte->relkind != RELKIND_PARTITIONED_TABLE) || !has_subclass(rte->relid))
		return false;
	prepare_known_parents();
	parent = (KnownParent *) hash_search(known_parents, &rte->relid, HASH_FIND, &found);
	if (!found)
	{
		bool		has_lake_partition = find_lake_partition(rte->relid);

		parent = (KnownParent *) hash_search(known_parents, &rte->relid, HASH_ENTER, &found);
		parent->has_lake_partition = has_lake_partition;
	}
	return parent->has_lake_partition;
}

/* ---------------------------------------------------------------- columns */

/* Names are the same in all tables of the tree, numbers need not be. */
static AttrMap *
column_numbers(Oid parent, Oid partition)
{
	Relation	rel = table_open(parent, NoLock);
	AttrMap    *map = make_attrmap(RelationGetNumberOfAttributes(rel));

	for (int i = 0; i < map->maplen; i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), i);

		if (!att->attisdropped)
			map->attnums[i] = get_attnum(partition, NameStr(att->attname));
	}
	table_close(rel, NoLock);
	return map;
}

Node *
lake_columns_of_partition(Node *node, Oid parent, Oid partition)
{
	bool		whole_row;

	if (parent == partition)
		return (Node *) copyObjectImpl(node);
	return map_variable_attnos(node, 1, 0, column_numbers(parent, partition), InvalidOid, &whole_row);
}

/* ---------------------------------------------------------------- which partitions */

typedef struct LeafSearch
{
	RangeTblEntry *parent;
	List	   *conditions;		/* on the parent's columns */
	List	   *leaves;			/* oid */
	List	   *tables;			/* oid: whatever was locked */
	bool		has_lake_table;
	bool		has_other_kind; /* a foreign table */
} LeafSearch;

/* A planner's view of one table and the conditions on it, as far as pruning looks at it. */
static RelOptInfo *
make_relation(LeafSearch *search, PlannerInfo *root, Relation rel, bool parent)
{
	RangeTblEntry *rte = makeNode(RangeTblEntry);
	RelOptInfo *info = makeNode(RelOptInfo);
	List	   *conditions = (List *) lake_columns_of_partition((Node *) search->conditions, search->parent->relid, RelationGetRelid(rel));
	ListCell   *lc;

	rte->rtekind = RTE_RELATION;
	rte->relid = RelationGetRelid(rel);
	rte->relkind = rel->rd_rel->relkind;
	rte->rellockmode = search->parent->rellockmode;
	rte->inh = parent;
	root->glob = makeNode(PlannerGlobal);
	root->parse = makeNode(Query);
	root->parse->commandType = CMD_SELECT;
	root->parse->rtable = list_make1(rte);
	root->query_level = 1;
	root->planner_cxt = CurrentMemoryContext;
	info->reloptkind = parent ? RELOPT_BASEREL : RELOPT_OTHER_MEMBER_REL;
	info->rtekind = RTE_RELATION;
	info->relid = 1;
	info->relids = bms_make_singleton(1);
	foreach(lc, conditions)
	{
		RestrictInfo *condition = makeNode(RestrictInfo);

		condition->clause = (Expr *) lfirst(lc);
		info->baserestrictinfo = lappend(info->baserestrictinfo, condition);
	}
	return info;
}

/* Partitions that the conditions leave (oid), in the order of their bounds. */
static List *
live_partitions(LeafSearch *search, Relation rel)
{
	PlannerInfo *root = makeNode(PlannerInfo);
	RelOptInfo *info = make_relation(search, root, rel, true);
	List	   *partitions = NIL;
	PartitionDesc desc;
	Bitmapset  *live;
	int			i = -1;

	get_relation_info(root, RelationGetRelid(rel), true, info);
	desc = PartitionDirectoryLookup(root->glob->partition_directory, rel);
	live = prune_append_rel_partitions(info);
	while ((i = bms_next_member(live, i)) >= 0)
		partitions = lappend_oid(partitions, desc->oids[i]);
	DestroyPartitionDirectory(root->glob->partition_directory);
	return partitions;
}

/* CHECK constraints say that no row passes the conditions. */
static bool
is_excluded(LeafSearch *search, Relation rel)
{
	PlannerInfo *root = makeNode(PlannerInfo);
	RelOptInfo *info = make_relation(search, root, rel, false);

	return relation_excluded_by_constraints(root, info, linitial_node(RangeTblEntry, root->parse->rtable));
}

static void
find_leaves(LeafSearch *search, Relation rel)
{
	ListCell   *lc;

	check_stack_depth();
	search->tables = lappend_oid(search->tables, RelationGetRelid(rel));
	if (rel->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
	{
		foreach(lc, live_partitions(search, rel))
		{
			/* one that is being detached may be gone */
			Relation	partition = try_table_open(lfirst_oid(lc), search->parent->rellockmode);

			if (partition == NULL)
				continue;
			find_leaves(search, partition);
			table_close(partition, NoLock);
		}
		return;
	}
	if (is_excluded(search, rel))
		return;
	search->leaves = lappend_oid(search->leaves, RelationGetRelid(rel));
	if (lake_is_lake_relation(RelationGetRelid(rel)))
		search->has_lake_table = true;
	else if (rel->rd_rel->relkind != RELKIND_RELATION)
		search->has_other_kind = true;
}

List *
lake_partitions_of(RangeTblEntry *rte, List *conditions, List **tables)
{
	LeafSearch	search = {rte, conditions, NIL, NIL, false, false};
	Relation	rel;
	ListCell   *lc;

	if (rte->relkind == RELKIND_PARTITIONED_TABLE)
	{
		rel = table_open(rte->relid, NoLock);
		find_leaves(&search, rel);
		table_close(rel, NoLock);
	}
	else
	{
		foreach(lc, find_all_inheritors(rte->relid, rte->rellockmode, NULL))
		{
			rel = table_open(lfirst_oid(lc), NoLock);
			if (!RELATION_IS_OTHER_TEMP(rel))
				find_leaves(&search, rel);
			table_close(rel, NoLock);
		}
	}
	*tables = list_concat_unique_oid(*tables, search.tables);
	return search.has_lake_table && !search.has_other_kind ? search.leaves : NIL;
}
