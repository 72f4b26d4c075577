/*
 * partitions.h
 *	  The tables behind a partitioned table or an inheritance parent, of which some are lake tables.
 */
#ifndef LAKE_PLAN_PARTITIONS_H
#define LAKE_PLAN_PARTITIONS_H

extern "C" {
#include "postgres.h"
#include "nodes/parsenodes.h"
}

/* True when a query over the entry reads tables below it, and one of those, at any depth, is a lake table. Remembered until a relation changes. */
extern bool lake_has_lake_partition(RangeTblEntry *rte);

/*
 * Locks the tables, as PostgreSQL's planner would, and gives those (oid) that may have rows for which the conditions (Vars of varno 1) are true.
 * Adds to *tables whatever was locked: the plan depends on it. NIL when none is a lake table, or one is neither that nor an ordinary table.
 */
extern List *lake_partitions_of(RangeTblEntry *rte, List *conditions, List **tables);

/* Columns of a parent as those of a table below it: a copy of the node, with the relation's Vars (varno 1) numbered as the table has them. */
extern Node *lake_columns_of_partition(Node *node, Oid parent, Oid partition);

#endif
