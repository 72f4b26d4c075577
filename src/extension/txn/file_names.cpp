/*
 * file_names.cpp
 *	  See file_names.h.
 */
extern "C" {
#include "postgres.h"
#include "miscadmin.h"
}

#include "txn/file_names.h"

static void
random_bytes(void *bytes, size_t length)
{
	if (!pg_strong_random(bytes, length))
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values")));
}

/* A version 4 UUID in text form; palloc'd. */
static char *
random_uuid(void)
{
	uint8		b[16];

	random_bytes(b, sizeof(b));
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	return psprintf("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4], b[5],
					b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

char *
lake_new_data_prefix(const char *location)
{
	char	   *uuid = random_uuid();

	return psprintf("%s/data/%.2s/%s", location, uuid, uuid);
}

/* The version in a metadata file's name, -1 when it has none (iceberg-rules.md, 57). */
static int
metadata_version(const char *metadata_location)
{
	const char *name = strrchr(metadata_location, '/');
	char	   *end;
	long		version;

	name = name == NULL ? metadata_location : name + 1;
	if (*name == 'v')
		name++;
	version = strtol(name, &end, 10);
	return end == name || version < 0 || version > 99999998 ? -1 : (int) version;
}

void
lake_new_commit_names(const char *location, const char *previous, LakeCommitNames *names)
{
	char	   *uuid = random_uuid();
	int			version = previous == NULL ? 0 : metadata_version(previous) + 1;

	do
	{
		random_bytes(&names->snapshot_id, sizeof(names->snapshot_id));
		names->snapshot_id &= INT64CONST(0x7fffffffffffffff);
	} while (names->snapshot_id == 0);
	names->metadata_location = psprintf("%s/metadata/%05d-%s.metadata.json", location, version, uuid);
	names->manifest_prefix = psprintf("%s/metadata/%s", location, uuid);
	names->manifest_list = psprintf("%s/metadata/snap-" INT64_FORMAT "-1-%s.avro", location, names->snapshot_id, uuid);
	names->delete_prefix = lake_new_data_prefix(location);
}
