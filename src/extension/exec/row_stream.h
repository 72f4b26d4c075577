/*
 * row_stream.h
 *	  The rows of a shipped query, one after another, straight from the link's buffers.
 */
#ifndef LAKE_EXEC_ROW_STREAM_H
#define LAKE_EXEC_ROW_STREAM_H

extern "C" {
#include "postgres.h"
#include "executor/tuptable.h"
}

#include "exec/profile.h"
#include "exec/remote_query.h"
#include "exec/time_travel.h"
#include "link/connection.h"
#include "stats/query_stats.h"
#include "types/row_codec.h"

typedef struct LakeRowStream LakeRowStream;

/* Parameters in text form; NULL values are SQL nulls. And what the text itself depends on. */
typedef struct LakeStreamParams
{
	int			count;
	const char *const *values;
	const LakeReadPoint *points;	/* of the scans; NULL: all read what there is now */
} LakeStreamParams;

/*
 * Sends COPY (query) TO STDOUT (FORMAT binary). The stream lives in the current memory context: when that goes, the stream is closed and the query
 * interrupted, so nothing else need be done after an error. The codec says what the columns are and must live as long.
 */
extern LakeRowStream *lake_row_stream_open(const char *query, const LakeStreamParams *params, LakeRowCodec *codec);

/* The same on a connection with so many stages (exec/stage.h), which the stream takes over. */
extern LakeRowStream *lake_row_stream_open_on(LakeConnection *connection, int nstages, const char *query, const LakeStreamParams *params,
											  LakeRowCodec *codec);

/* The same, with fields in this form; what the query did joins the profile (NULL: none) when the stream has ended, and what it gives is counted. */
extern LakeRowStream *lake_row_stream_open_profiled(LakeConnection *connection, int nstages, const char *query, const LakeStreamParams *params,
													LakeRowCodec *codec, LakeFieldForm form, LakeProfile *profile, LakePartUsage *usage);

/* Fills the slot's columns (others null) and stores a virtual tuple; values live until the next call. False at the end. */
extern bool lake_row_stream_next(LakeRowStream *stream, TupleTableSlot *slot);

/* Instead: the next row as it came (types/row_codec.h), valid until the next call. */
extern bool lake_row_stream_next_bytes(LakeRowStream *stream, const char **bytes, int *length);

/* Stops the query if it has not ended, for its profile; there are no more rows. */
extern void lake_row_stream_stop(LakeRowStream *stream);

/* Closes early or after the end. */
extern void lake_row_stream_close(LakeRowStream *stream);

#endif
