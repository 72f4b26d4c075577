/*
 * row_order.h
 *	  Where the rows of a change are: those of a partitioned table do not lie in its files in the order they came.
 */
#ifndef LAKE_TXN_ROW_ORDER_H
#define LAKE_TXN_ROW_ORDER_H

extern "C" {
#include "postgres.h"
}

typedef struct LakeRowOrder LakeRowOrder;

/* Of the text of lake_written().row_order (docs/link.md); in the current memory context. */
extern LakeRowOrder *lake_parse_row_order(const char *text);

/* The position in the change's files of the row that came as number `row` (from 0). */
extern int64 lake_row_position(const LakeRowOrder *order, int64 row);

#endif
