/*
 * split_pieces.h
 *	  Where a query is cut in two: the expressions that the inner query gives, and the outer query over its columns.
 */
#ifndef LAKE_PLAN_SPLIT_PIECES_H
#define LAKE_PLAN_SPLIT_PIECES_H

extern "C" {
#include "postgres.h"
#include "nodes/parsenodes.h"
}

typedef struct LakePieces
{
	Query	   *query;			/* the one that is cut */
	Index		part_rtindex;	/* the inner query's entry in the outer one */
	Bitmapset  *rtindexes;		/* entries that go inside */
	bool		grouped;		/* aggregates are computed inside: of columns only what is grouped by comes out */
	bool		windows;		/* window functions are computed inside */
	List	   *whole;			/* expressions that come out as a whole */
	List	   *columns;		/* List of TargetEntry: what comes out */
	bool		failed;			/* something cannot be had from outside */
	int			sublevels_up;
} LakePieces;

/* The query with the inner query's columns in place of what comes out of it; they are added to pieces->columns. Changes the Query node in place. */
extern void lake_take_pieces(Query *outer, LakePieces *pieces);

/* The same for one expression of the outermost level. */
extern Node *lake_take_pieces_of(Node *node, LakePieces *pieces);

#endif
