/*
 * command_ranges.h
 *	  Which command of the transaction wrote which rows of a change.
 */
#ifndef LAKE_TXN_COMMAND_RANGES_H
#define LAKE_TXN_COMMAND_RANGES_H

extern "C" {
#include "postgres.h"
}

/* Rows [previous end_row, end_row) were written by command cid. */
typedef struct LakeCommandRange
{
	CommandId	cid;
	int64		end_row;
	int64		first_number;	/* by which its first row is known since it was inserted (am/row_stash.h), the others by the next ones; 0: by none */
} LakeCommandRange;

typedef struct LakeRanges
{
	LakeCommandRange *items;
	int			count;
	int			allocated;
} LakeRanges;

/* The next nrows are the command's. In the current memory context. */
extern void lake_ranges_add(LakeRanges *ranges, CommandId cid, int64 nrows, int64 first_number);

/* Which row is known by the number, or -1. */
extern int64 lake_ranges_find(const LakeRanges *ranges, int64 number);

/* Rows of commands before curcid. Command ids only grow within a change, so these are its first rows. */
extern int64 lake_ranges_visible(const LakeRanges *ranges, CommandId curcid);

/* Rows before those of the last command. */
extern int64 lake_ranges_before_last(const LakeRanges *ranges);

/* Whether the command wrote the last rows. */
extern bool lake_ranges_end_with(const LakeRanges *ranges, CommandId cid);

#endif
