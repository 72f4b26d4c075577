/*
 * value_codec.h
 *	  Values of one type as the link carries them (docs/link.md, "wire type"), arrays and composites included.
 *
 * Encoding refuses, or clamps, what Iceberg cannot hold (surface.md TYPE-17, TYPE-18, TYPE-19), so the server only sees valid values.
 */
#ifndef LAKE_TYPES_VALUE_CODEC_H
#define LAKE_TYPES_VALUE_CODEC_H

extern "C" {
#include "postgres.h"
#include "access/tupdesc.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
}

#include "types/type_map.h"

typedef struct LakeCodecRules
{
	bool		clamp;			/* out_of_range_values = 'clamp' */
	bool		for_snowflake;	/* compatibility_mode = 'snowflake': sizes are limited (TYPE-23) */
	bool		any_time;		/* dates and timestamps of all kinds: the rows go to a query, not into a table */
} LakeCodecRules;

typedef struct LakeValueCodec
{
	const char *name;			/* for messages: the column's, of what lies in it "column.field" */
	Oid			typid;			/* base type */
	int32		typmod;
	LakeWireType wire;
	FmgrInfo	text_function;	/* typoutput (encoding) or typinput (decoding) of types that travel in text form */
	Oid			text_param;		/* typioparam */
	bool		raw_text;		/* text, varchar, json: the bytes are the value */
	bool		heeds_settings; /* DateStyle and alike say how text_function writes, or reads */
	LakeGeometryCodec *geometry;	/* of types of PostGIS's that travel in binary form; else NULL */

	/* What lies in it: the element of an array or of a map (a composite of two), the live attributes of a composite. */
	int			nfields;
	struct LakeValueCodec *fields;
	AttrNumber	attnum;			/* of an attribute */
	TupleDesc	desc;			/* of a composite */
	Oid			element_type;	/* of an array or a map: as declared, so perhaps a domain */
	int16		element_length;
	bool		element_by_value;
	char		element_align;
} LakeValueCodec;

/* Lives in the current memory context, as does what is decoded. */
extern void lake_init_value_codec(LakeValueCodec *codec, const char *name, const LakeTypeInfo *type, bool for_decoding);

/* What Snowflake can hold of a text, a bytea and a value with others in it, in bytes. */
#define LAKE_SNOWFLAKE_STRING (16 * 1024 * 1024)
#define LAKE_SNOWFLAKE_BINARY (8 * 1024 * 1024)
#define LAKE_SNOWFLAKE_NESTED (128 * 1024 * 1024)

/* Appends a field: the length and the bytes of a value that is not NULL; the length -1 for what is clamped to NULL. */
extern void lake_encode_value(const LakeCodecRules *rules, LakeValueCodec *codec, Datum value, StringInfo out);

/* ERRCODE_PROTOCOL_VIOLATION when the bytes are no such value. */
extern Datum lake_decode_value(LakeValueCodec *codec, const char *bytes, int32 length);

extern void lake_malformed_value(const char *what) pg_attribute_noreturn();

/* nested_codec.cpp */
extern void lake_init_nested_codec(LakeValueCodec *codec, const LakeTypeInfo *type, bool for_decoding);
extern void lake_encode_list(const LakeCodecRules *rules, LakeValueCodec *codec, Datum value, StringInfo out);
extern void lake_encode_map(const LakeCodecRules *rules, LakeValueCodec *codec, Datum value, StringInfo out);
extern void lake_encode_struct(const LakeCodecRules *rules, LakeValueCodec *codec, Datum value, StringInfo out);
extern Datum lake_decode_list(LakeValueCodec *codec, const char *bytes, int32 length);
extern Datum lake_decode_struct(LakeValueCodec *codec, const char *bytes, int32 length);

#endif
