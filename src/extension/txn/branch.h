/*
 * branch.h
 *	  The branch of an Iceberg table that statements read and write, by the setting pg_lake_iceberg.branch (docs/branches.md).
 */
#ifndef LAKE_TXN_BRANCH_H
#define LAKE_TXN_BRANCH_H

extern "C" {
#include "postgres.h"
#include "utils/rel.h"
}

struct LakeTableState;

/* Whether statements run on another branch than main. */
extern bool lake_is_on_branch(void);

/* Notes the branch that pg_lake_iceberg.branch names as that of the state's changes; 25001 where the transaction has changed the table on another one. */
extern void lake_note_branch(Relation rel, struct LakeTableState *state);
/* What a base of docs/link.md is for statements that run now: on that branch. palloc'd, or the base itself. Notes it in the state, which may be NULL. */
extern const char *lake_base_on_branch(Relation rel, struct LakeTableState *state, const char *base);
/* The same by the branch that the changes of the state are for. */
extern const char *lake_base_of_changes(const struct LakeTableState *state, const char *base);

#endif
