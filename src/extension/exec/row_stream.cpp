/*
 * row_stream.cpp
 *	  See row_stream.h. The connection is dropped (which interrupts the server) unless the stream was read to its end.
 */
extern "C" {
#include "postgres.h"
#include "utils/memutils.h"
}

#include "exec/row_stream.h"
#include "exec/stage.h"
#include "link/connection.h"

struct LakeRowStream
{
	MemoryContextCallback on_reset;	/* closes the stream with its memory context */
	LakeConnection *connection; /* NULL once closed */
	int			nstages;		/* that are to go with the stream */
	LakeProfile *profile;		/* or NULL */
	LakePartUsage *usage;		/* or NULL */
	LakeRowCodec *codec;
	MemoryContext values;		/* by-reference values of the current message */
	char	   *message;		/* libpq's buffer, or NULL */
	const char *cursor;
	const char *end;
	bool		first;
};

static void
drop_stream(void *arg)
{
	LakeRowStream *stream = (LakeRowStream *) arg;

	if (stream->message != NULL)
		PQfreemem(stream->message);
	stream->message = NULL;
	lake_connection_drop(stream->connection);
	stream->connection = NULL;
}

/* The time that passes in between is the server's. */
static void
begin_wait(instr_time *wait)
{
	INSTR_TIME_SET_CURRENT(*wait);
}

static void
end_wait(LakeRowStream *stream, const instr_time *wait)
{
	instr_time	now;

	if (stream->usage == NULL)
		return;
	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_ACCUM_DIFF(stream->usage->engine_time, now, *wait);
}

LakeRowStream *
lake_row_stream_open(const char *query, const LakeStreamParams *params, LakeRowCodec *codec)
{
	return lake_row_stream_open_on(lake_connection_get(), 0, query, params, codec);
}

LakeRowStream *
lake_row_stream_open_on(LakeConnection *connection, int nstages, const char *query, const LakeStreamParams *params, LakeRowCodec *codec)
{
	return lake_row_stream_open_profiled(connection, nstages, query, params, codec, LAKE_FIELDS_BINARY, NULL, NULL);
}

LakeRowStream *
lake_row_stream_open_profiled(LakeConnection *connection, int nstages, const char *query, const LakeStreamParams *params, LakeRowCodec *codec,
							  LakeFieldForm form, LakeProfile *profile, LakePartUsage *usage)
{
	LakeRowStream *stream = (LakeRowStream *) palloc0(sizeof(LakeRowStream));
	instr_time	wait;
	char	   *sql = psprintf("COPY (%s) TO STDOUT (FORMAT binary%s)", query, form == LAKE_FIELDS_TEXT ? ", TEXT_FIELDS" : "");

	stream->codec = codec;
	stream->values = AllocSetContextCreate(CurrentMemoryContext, "lake row stream", ALLOCSET_DEFAULT_SIZES);
	stream->first = true;
	stream->on_reset.func = drop_stream;
	stream->on_reset.arg = stream;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &stream->on_reset);
	stream->connection = connection;
	stream->nstages = nstages;
	stream->profile = profile;
	stream->usage = usage;
	lake_profile_next(connection, profile);
	begin_wait(&wait);
	lake_connection_start_copy_out(stream->connection, sql, params == NULL ? 0 : params->count, NULL,
								   params == NULL ? NULL : params->values, NULL, NULL);
	end_wait(stream, &wait);
	pfree(sql);
	return stream;
}

void
lake_row_stream_close(LakeRowStream *stream)
{
	drop_stream(stream);
}

/* After the end of the query. */
static void
release_connection(LakeRowStream *stream)
{
	LakeConnection *connection = stream->connection;

	lake_profile_take(connection, stream->profile);
	stream->connection = NULL;
	lake_drop_stages(connection, stream->nstages);
}

void
lake_row_stream_stop(LakeRowStream *stream)
{
	if (stream->connection == NULL)
		return;
	lake_connection_cancel_copy_out(stream->connection);
	release_connection(stream);
	stream->cursor = stream->end;
}

/* Reads the next message. False at the end, when the connection goes back to the pool. */
static bool
next_message(LakeRowStream *stream)
{
	int			length = 0;
	instr_time	wait;

	if (stream->message != NULL)
		PQfreemem(stream->message);
	stream->message = NULL;
	MemoryContextReset(stream->values);
	if (stream->connection == NULL)
		return false;
	begin_wait(&wait);
	stream->message = lake_connection_copy_out(stream->connection, &length);
	end_wait(stream, &wait);
	if (stream->usage != NULL)
		stream->usage->bytes += length;
	if (stream->message == NULL)
	{
		release_connection(stream);
		return false;
	}
	stream->cursor = stream->message;
	stream->end = stream->message + length;
	if (stream->first)
	{
		if (length < LAKE_COPY_HEADER_LENGTH || memcmp(stream->message, "PGCOPY\n\377\r\n\0", 11) != 0)
			ereport(ERROR, (errcode(ERRCODE_PROTOCOL_VIOLATION), errmsg("malformed row stream from the query engine")));
		stream->cursor += LAKE_COPY_HEADER_LENGTH;
		stream->first = false;
	}
	return true;
}

/* True when there are bytes at the cursor. */
static bool
has_bytes(LakeRowStream *stream)
{
	while (stream->message == NULL || stream->cursor >= stream->end)
	{
		if (!next_message(stream))
			return false;
	}
	return true;
}

bool
lake_row_stream_next_bytes(LakeRowStream *stream, const char **bytes, int *length)
{
	while (has_bytes(stream))
	{
		const char *begin = stream->cursor;

		if (lake_skip_row(stream->codec, &stream->cursor, stream->end))
		{
			if (stream->usage != NULL)
				stream->usage->rows++;
			*bytes = begin;
			*length = stream->cursor - begin;
			return true;
		}
		stream->cursor = stream->end;
	}
	return false;
}

bool
lake_row_stream_next(LakeRowStream *stream, TupleTableSlot *slot)
{
	int			natts = slot->tts_tupleDescriptor->natts;
	MemoryContext old;
	bool		found;

	ExecClearTuple(slot);
	while (has_bytes(stream))
	{
		/* columns that are dropped or not fetched */
		memset(slot->tts_isnull, true, natts);
		old = MemoryContextSwitchTo(stream->values);
		found = lake_decode_row(stream->codec, &stream->cursor, stream->end, slot->tts_values, slot->tts_isnull);
		MemoryContextSwitchTo(old);
		if (found)
		{
			if (stream->usage != NULL)
				stream->usage->rows++;
			ExecStoreVirtualTuple(slot);
			return true;
		}
		/* The trailer: what follows is the end of the COPY. */
		stream->cursor = stream->end;
	}
	return false;
}
