/*
 * column_default.cpp
 *	  See column_default.h.
 */
extern "C" {
#include "postgres.h"
#include "access/htup_details.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/json.h"
#include "utils/relcache.h"
}

#include "catalog/pointer.h"
#include "ddl/alter_table.h"
#include "ddl/column_default.h"
#include "ddl/options.h"
#include "ddl/table_identity.h"
#include "ddl/variant_columns.h"
#include "types/value_codec.h"

static bool
has_defaults(Relation rel)
{
	return lake_format_version(rel) >= 3;
}

/* JSON has neither NaN nor infinity. */
static bool
is_finite(const LakeTypeInfo *type, Datum value)
{
	if (type->wire == LAKE_WIRE_FLOAT4)
		return !isnan(DatumGetFloat4(value)) && !isinf(DatumGetFloat4(value));
	if (type->wire == LAKE_WIRE_FLOAT8)
		return !isnan(DatumGetFloat8(value)) && !isinf(DatumGetFloat8(value));
	return true;
}

static const char *
value_json(Form_pg_attribute att, const LakeCodecRules *rules, Datum value)
{
	LakeTypeInfo type;
	LakeValueCodec codec = {};
	StringInfoData bytes;
	StringInfoData json;

	if (!lake_lookup_type(att->atttypid, att->atttypmod, &type) || type.nfields > 0 || type.geometry != LAKE_NO_GEOMETRY ||
		type.wire == LAKE_WIRE_INTERVAL || !is_finite(&type, value))
		return NULL;
	lake_init_value_codec(&codec, NameStr(att->attname), &type, false);
	initStringInfo(&bytes);
	lake_encode_value(rules, &codec, value, &bytes);
	/* The length comes first; nothing behind it: clamped to NULL. */
	if (bytes.len == sizeof(int32) && (bytes.data[0] & 0x80))
		return NULL;
	initStringInfo(&json);
	appendStringInfo(&json, "{\"wire\": \"%s\", \"value\": \"", lake_wire_type_text(&type));
	for (int i = sizeof(int32); i < bytes.len; i++)
		appendStringInfo(&json, "%02x", (unsigned char) bytes.data[i]);
	appendStringInfoString(&json, "\"}");
	return json.data;
}

const char *
lake_initial_default(Relation rel, TupleDesc desc, int index)
{
	Form_pg_attribute att = TupleDescAttr(desc, index);
	LakeCodecRules rules = {.clamp = lake_clamps(rel)};
	bool		isnull;
	Datum		value;

	if (!att->atthasmissing || !has_defaults(rel) || lake_is_variant_column(rel, att))
		return NULL;
	value = getmissingattr(desc, index + 1, &isnull);
	return isnull ? NULL : value_json(att, &rules, value);
}

static const char *
constant_default(Relation rel, TupleDesc desc, int index)
{
	Form_pg_attribute att = TupleDescAttr(desc, index);
	LakeCodecRules as_it_is = {.clamp = true, .any_time = true};
	LakeCodecRules clamped = {.clamp = true};

	if (!att->atthasdef || att->attgenerated != '\0' || desc->constr == NULL || lake_is_variant_column(rel, att))
		return NULL;
	for (int i = 0; i < desc->constr->num_defval; i++)
	{
		Node	   *value;

		if (desc->constr->defval[i].adnum != index + 1)
			continue;
		value = eval_const_expressions(NULL, (Node *) stringToNode(desc->constr->defval[i].adbin));
		if (IsA(value, Const) && !((Const *) value)->constisnull)
		{
			const char *json = value_json(att, &as_it_is, ((Const *) value)->constvalue);

			/* One that Iceberg cannot hold is an error when it is used, not before. */
			if (json != NULL && strcmp(json, value_json(att, &clamped, ((Const *) value)->constvalue)) == 0)
				return json;
		}
	}
	return NULL;
}

const char *
lake_write_default(Relation rel, TupleDesc desc, int index)
{
	return has_defaults(rel) ? constant_default(rel, desc, index) : NULL;
}

static void
append_operation(StringInfo operations, const char *column, const char *type, const char *value)
{
	appendStringInfo(operations, "%s{\"op\": \"default\", \"name\": ", operations->len > 0 ? ", " : "");
	escape_json(operations, column);
	appendStringInfo(operations, ", \"type\": %s", type);
	if (value != NULL)
		appendStringInfo(operations, ", \"write_default\": %s", value);
	appendStringInfoChar(operations, '}');
}

void
lake_append_default_change(StringInfo operations, Relation rel, TupleDesc before, int index)
{
	Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), index);
	const char *old_value = lake_write_default(rel, before, index);
	const char *new_value = lake_write_default(rel, RelationGetDescr(rel), index);

	if (old_value == NULL && new_value == NULL)
		return;
	/* A type that is not a wider one makes it another field, without defaults. */
	if (old_value == NULL || new_value == NULL || strcmp(old_value, new_value) != 0 || att->atttypid != TupleDescAttr(before, index)->atttypid)
		append_operation(operations, NameStr(att->attname), lake_iceberg_type_json(rel, att), new_value);
}

void
lake_declare_defaults(Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);
	StringInfoData operations;

	initStringInfo(&operations);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped && constant_default(rel, desc, i) != NULL)
			append_operation(&operations, NameStr(att->attname), lake_iceberg_type_json(rel, att), constant_default(rel, desc, i));
	}
	if (operations.len > 0)
		lake_alter_base(rel, operations.data);
}

bool
lake_old_rows_need_value(Relation rel, TupleDesc before)
{
	TupleDesc	after = RelationGetDescr(rel);

	for (int i = before->natts; i < after->natts; i++)
		if (!TupleDescAttr(after, i)->attisdropped && TupleDescAttr(after, i)->atthasmissing && lake_initial_default(rel, after, i) == NULL)
			return true;
	return false;
}

void
lake_note_default(Oid relid)
{
	LakePointer pointer;
	Relation	rel;
	bool		is_kept;

	/* A table that only others write to keeps the defaults that they see. */
	if (!lake_pointer_get(relid, NULL, &pointer) || pointer.read_only)
		return;
	rel = RelationIdGetRelation(relid);
	if (!RelationIsValid(rel))
		return;
	is_kept = has_defaults(rel);
	RelationClose(rel);
	if (is_kept)
		lake_note_altered(relid);
}
