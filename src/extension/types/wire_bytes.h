/*
 * wire_bytes.h
 *	  Big-endian numbers and fields (int32 length, bytes) at the end of a StringInfo, and out of a message.
 */
#ifndef LAKE_TYPES_WIRE_BYTES_H
#define LAKE_TYPES_WIRE_BYTES_H

extern "C" {
#include "postgres.h"
#include "lib/stringinfo.h"
#include "port/pg_bswap.h"
}

/* Room for so many bytes at the end. The terminating zero of a StringInfo is not kept up: nobody reads it here. */
static inline char *
reserve(StringInfo out, int length)
{
	char	   *at;

	if (out->len + length >= out->maxlen)
		enlargeStringInfo(out, length);
	at = out->data + out->len;
	out->len += length;
	return at;
}

static inline void
store_int32(char *at, int32 value)
{
	uint32		net = pg_hton32((uint32) value);

	memcpy(at, &net, sizeof(net));
}

static inline void
append_int32(StringInfo out, int32 value)
{
	store_int32(reserve(out, sizeof(value)), value);
}

static inline void
append_fixed(StringInfo out, const void *bytes, int32 length)
{
	char	   *at = reserve(out, length + sizeof(int32));

	store_int32(at, length);
	memcpy(at + sizeof(int32), bytes, length);
}

static inline void
append_int64_field(StringInfo out, int64 value)
{
	uint64		net = pg_hton64((uint64) value);

	append_fixed(out, &net, sizeof(net));
}

static inline void
append_int32_field(StringInfo out, int32 value)
{
	uint32		net = pg_hton32((uint32) value);

	append_fixed(out, &net, sizeof(net));
}

static inline int16
read_int16(const char *bytes)
{
	uint16		net;

	memcpy(&net, bytes, sizeof(net));
	return (int16) pg_ntoh16(net);
}

static inline int32
read_int32(const char *bytes)
{
	uint32		net;

	memcpy(&net, bytes, sizeof(net));
	return (int32) pg_ntoh32(net);
}

static inline int64
read_int64(const char *bytes)
{
	uint64		net;

	memcpy(&net, bytes, sizeof(net));
	return (int64) pg_ntoh64(net);
}

#endif
