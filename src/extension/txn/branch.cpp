/*
 * branch.cpp
 *	  See branch.h.
 */
extern "C" {
#include "postgres.h"
#include "utils/memutils.h"
#include "utils/rel.h"
}

#include "hooks/settings.h"
#include "txn/branch.h"
#include "txn/table_state.h"

/* Empty for main. */
static const char *
session_branch(void)
{
	return lake_branch == NULL || strcmp(lake_branch, "main") == 0 ? "" : lake_branch;
}

bool
lake_is_on_branch(void)
{
	return *session_branch() != '\0';
}

static const char *
with_branch(const char *branch, const char *base)
{
	if (*branch == '\0')
		return base;
	return psprintf("branch %zu:%s%s", strlen(branch), branch, base);
}

/* Rows that are buffered or written belong to the branch that was set when the first of them came. */
static const char *
check_branch(LakeTableState *state, const char *relname)
{
	const char *branch = session_branch();

	if (state == NULL || (state->branch != NULL && strcmp(state->branch, branch) == 0))
		return branch;
	if (state->branch != NULL && lake_state_has_changes(state))
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("table \"%s\" has changes on branch \"%s\" that are not committed", relname, *state->branch == '\0' ? "main" : state->branch),
				 errhint("Commit them before you set pg_lake_iceberg.branch to another one.")));
	state->branch = MemoryContextStrdup(lake_state_context(), branch);
	return state->branch;
}

void
lake_note_branch(Relation rel, LakeTableState *state)
{
	(void) check_branch(state, RelationGetRelationName(rel));
}

const char *
lake_base_on_branch(Relation rel, LakeTableState *state, const char *base)
{
	return with_branch(check_branch(state, RelationGetRelationName(rel)), base);
}

const char *
lake_base_of_changes(const LakeTableState *state, const char *base)
{
	return state == NULL || state->branch == NULL ? base : with_branch(state->branch, base);
}
