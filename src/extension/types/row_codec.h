/*
 * row_codec.h
 *	  Rows as the link carries them: tuples of PostgreSQL's binary COPY format (docs/link.md, "wire type").
 */
#ifndef LAKE_TYPES_ROW_CODEC_H
#define LAKE_TYPES_ROW_CODEC_H

extern "C" {
#include "postgres.h"
#include "executor/tuptable.h"
#include "utils/rel.h"
}

#include "types/value_codec.h"

/* One column of a stream, either direction. */
typedef struct LakeCodecColumn
{
	AttrNumber	attnum;			/* in the slot; 1-based. That of ctid: the row id, an int8 (docs/link.md) */
	const char *name;
	const char *wire_type;		/* as docs/link.md spells it */
	LakeValueCodec value;
} LakeCodecColumn;

typedef struct LakeRowCodec
{
	int			ncolumns;
	LakeCodecColumn *columns;
	MemoryContext scratch;		/* reset after each encoded row */
	LakeCodecRules rules;
	int64		row_id;			/* of the row decoded last, where a column's attnum is that of ctid */
} LakeRowCodec;

/*
 * A codec for the live columns of a relation, as desc has them, in attribute order. Lives in the current memory context. Raises an error that names
 * the column and its type when a column cannot be stored.
 */
extern LakeRowCodec *lake_make_relation_codec(Relation rel, TupleDesc desc, bool for_decoding, bool clamp);

/* An encoder for rows of a query of PostgreSQL's that one in the server is to read. All types must be known (types/type_map.h). */
extern LakeRowCodec *lake_make_stream_codec(TupleDesc desc);

/* A decoder for result columns 1..n of the given types; attnums (List of int) may be NIL for 1..n. */
extern LakeRowCodec *lake_make_result_codec(List *typids, List *typmods, List *attnums);

/* Appends the slot's row as one binary COPY tuple. The slot must have all attributes deformed.
 * When it raises an error, half a tuple may stay in out: the caller cuts out back to its last whole row before the next use. */
extern void lake_encode_row(LakeRowCodec *codec, TupleTableSlot *slot, StringInfo out);

/*
 * Decodes the tuple at *cursor (before end) into values/isnull, indexed by attnum - 1, and moves *cursor behind it. By-reference values are
 * allocated in the current memory context. Returns false at the trailer. Raises ERRCODE_PROTOCOL_VIOLATION for a malformed tuple.
 */
extern bool lake_decode_row(LakeRowCodec *codec, const char **cursor, const char *end, Datum *values, bool *isnull);

/* Only moves *cursor behind the tuple. */
extern bool lake_skip_row(LakeRowCodec *codec, const char **cursor, const char *end);

#define LAKE_COPY_HEADER_LENGTH 19	/* signature, flags, extension length */

#endif
