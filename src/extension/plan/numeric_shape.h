/*
 * numeric_shape.h
 *	  Precision and scale of numeric expressions, which PostgreSQL keeps in the values and DuckDB in the type.
 *
 * Where every value that an expression can give has the same display scale, it is a DECIMAL with that scale, which prints as PostgreSQL's numeric
 * does. Other numerics (quotients, averages, branches of different scales, NaN, more than 38 digits) are *varying*: they travel in text form, and functions of our server
 * calculate with them (src/server/functions/numeric_functions.h). Numeric expressions without a shape are not shipped.
 */
#ifndef LAKE_PLAN_NUMERIC_SHAPE_H
#define LAKE_PLAN_NUMERIC_SHAPE_H

extern "C" {
#include "postgres.h"
#include "nodes/parsenodes.h"
}

struct LakeLevel;

typedef struct LakeNumericShape
{
	int			precision;		/* of the DuckDB type that the deparsed expression has; 1..38 */
	int			scale;			/* = display scale of every value in PostgreSQL */
	bool		varying;		/* the DuckDB type is VARCHAR; precision and scale are 0, unless: */
	bool		held;			/* varying, but a DECIMAL of that precision and scale holds every value: branches of different scales, say */
	int			min_scale;		/* if held: no value displays fewer decimals */
} LakeNumericShape;

#define LAKE_MAX_DECIMAL 38
#define LAKE_MAX_INT64_DECIMAL 18	/* wider DECIMALs are 128 bits in DuckDB; at this width its arithmetic overflows instead of widening */

/*
 * Products and sums may be wider than 38 digits by their types alone. They are shipped as long as 20 digits are left before the decimal
 * point; a value that needs more raises an error in the server.
 */
#define LAKE_MAX_RESULT_SCALE 18

/* True for a numeric expression that is written in text form. */
extern bool lake_is_varying(const struct LakeLevel *level, Node *expr);

/* Equal values of the expression have equal scales, so that their text forms are equal (numeric_grouping.cpp). */
extern bool lake_scale_follows_value(const struct LakeLevel *level, Node *expr);

/* Nothing of the query shows the value of its grouping expression. */
extern bool lake_group_is_unseen(Query *query, TargetEntry *group);

/* False when the expression has no shape. The level gives Vars their meaning. */
extern bool lake_numeric_shape(const LakeLevel *level, Node *expr, LakeNumericShape *shape);

/* The same for an output column of a query that stands below the level outer (NULL: none). */
extern bool lake_column_shape(const struct LakeLevel *outer, Query *query, AttrNumber attno, LakeNumericShape *shape);

/* The smallest shape that holds both. */
extern bool lake_unify_shapes(const LakeNumericShape *a, const LakeNumericShape *b, LakeNumericShape *result);

/*
 * numeric_scale.cpp: an expression whose values a DECIMAL holds, at one scale: equal in value, not in what it displays. NULL where none does, or where
 * it needs nothing.
 */
extern Node *lake_at_one_scale(const struct LakeLevel *level, Node *expr);

/* The same expression with arguments at one scale, where it only looks at their values, or where its own scale is fixed; else the arguments themselves. */
extern List *lake_args_at_one_scale(const struct LakeLevel *level, Oid funcid, List *args);

/* An integer expression: how many decimals the value of the expression displays in each row, NULL where it is. NULL for what we cannot say that of. */
extern Node *lake_displayed_scale(const struct LakeLevel *level, Node *expr);

/* Both can be compared as DECIMALs: digits before and after the point fit into one. */
extern bool lake_shapes_comparable(const LakeNumericShape *a, const LakeNumericShape *b);

/* The shape of a numeric constant. */
extern void lake_numeric_const_shape(Datum value, LakeNumericShape *shape);

/*
 * A date or timestamp without columns that may be infinite: it is evaluated as a parameter, or is one. Columns of lake tables are finite. What extract() gives
 * of it is varying.
 */
extern bool lake_may_be_infinite(Node *expr);

#endif
