/*
 * file_names.cpp
 *	  See file_names.h.
 */
extern "C" {
#include "postgres.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/builtins.h"
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

/* ---------------------------------------------------------------- directories */

bool
lake_is_below(const char *location, const char *directory)
{
	size_t		length = strlen(directory);

	return strncmp(location, directory, length) == 0 && (location[length] == '/' || location[length] == '\0');
}

static char *
directory_of(const char *location, const char *path, const char *name)
{
	char	   *directory;

	if (path == NULL || *path == '\0')
		return psprintf("%s/%s", location, name);
	directory = pstrdup(path);
	for (size_t length = strlen(directory); length > 0 && directory[length - 1] == '/'; length--)
		directory[length - 1] = '\0';
	if (lake_is_below(directory, location))
		return directory;
	return psprintf("%s/%016llx", directory,
					(unsigned long long) hash_bytes_extended((const unsigned char *) location, (int) strlen(location), 0));
}

void
lake_table_paths(const char *location, const char *data_path, const char *metadata_path, const char *object_storage, LakeTablePaths *paths)
{
	paths->data = directory_of(location, data_path, "data");
	paths->metadata = directory_of(location, metadata_path, "metadata");
	paths->spreads_data = false;
	if (object_storage != NULL)
		(void) parse_bool(object_storage, &paths->spreads_data);
}

/* ---------------------------------------------------------------- files */

char *
lake_new_data_prefix(const LakeTablePaths *paths)
{
	char	   *uuid = random_uuid();
	unsigned long bits = strtoul(pnstrdup(uuid, 5), NULL, 16);
	char		digits[21];

	if (!paths->spreads_data)
		return psprintf("%s/%.2s/%s", paths->data, uuid, uuid);
	/* Iceberg's own layout: 20 bits, which need not be a hash of the name when that is random. */
	for (int i = 0; i < 20; i++)
		digits[i] = (bits >> i & 1) ? '1' : '0';
	return psprintf("%s/%.4s/%.4s/%.4s/%.8s/%s", paths->data, digits, digits + 4, digits + 8, digits + 12, uuid);
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
lake_new_commit_names(const LakeTablePaths *paths, const char *previous, LakeCommitNames *names)
{
	char	   *uuid = random_uuid();
	int			version = previous == NULL ? 0 : metadata_version(previous) + 1;

	do
	{
		random_bytes(&names->snapshot_id, sizeof(names->snapshot_id));
		names->snapshot_id &= INT64CONST(0x7fffffffffffffff);
	} while (names->snapshot_id == 0);
	names->metadata_location = psprintf("%s/%05d-%s.metadata.json", paths->metadata, version, uuid);
	names->manifest_prefix = psprintf("%s/%s", paths->metadata, uuid);
	names->manifest_list = psprintf("%s/snap-" INT64_FORMAT "-1-%s.avro", paths->metadata, names->snapshot_id, uuid);
	names->delete_prefix = lake_new_data_prefix(paths);
}
