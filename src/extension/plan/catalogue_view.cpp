/*
 * catalogue_view.cpp
 *	  lake_engine.shippable_catalog(): the lines of the catalogue as rows, for tests, documentation and the curious.
 */
extern "C" {
#include "postgres.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
}

#include "plan/shippable_catalog.h"

extern "C" {
PG_FUNCTION_INFO_V1(lake_shippable_catalog);
}

#define COLUMNS 9

static const struct
{
	const char *kind;
	const LakeShippable *lines;
}			tables[] = {
	{"operator", lake_operator_table},
	{"operator", lake_datetime_operator_table},
	{"operator", lake_array_operator_table},
	{"function", lake_function_table},
	{"function", lake_datetime_function_table},
	{"function", lake_array_function_table},
	{"aggregate", lake_aggregate_table},
	{"aggregate", lake_datetime_aggregate_table},
	{"window function", lake_window_table},
};

static const struct
{
	int			condition;
	const char *text;
}			conditions[] = {
	{LAKE_IF_EQUALITY, "deterministic collation"},
	{LAKE_IF_ORDER, "collation C, POSIX or C.UTF-8"},
	{LAKE_IF_C, "collation C or POSIX"},
	{LAKE_IF_CONST_2, "constant second argument"},
	{LAKE_IF_CONST_3, "constant third argument"},
	{LAKE_IF_COMPARABLE, "38 digits hold both sides"},
	{LAKE_IF_ORDERED, "with ORDER BY"},
};

static char *
condition_text(const LakeShippable *line)
{
	StringInfoData text;

	initStringInfo(&text);
	for (size_t i = 0; i < lengthof(conditions); i++)
	{
		if (line->conditions & conditions[i].condition)
			appendStringInfo(&text, "%s%s", text.len > 0 ? ", " : "", conditions[i].text);
	}
	return text.len > 0 ? text.data : NULL;
}

static void
put_line(ReturnSetInfo *result, const char *kind, const char *section, const LakeShippable *line)
{
	const char *texts[COLUMNS] = {kind, section, line->names, line->args, line->text, condition_text(line), line->note, line->stays, line->example};
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];

	for (int i = 0; i < COLUMNS; i++)
	{
		nulls[i] = texts[i] == NULL;
		values[i] = nulls[i] ? (Datum) 0 : CStringGetTextDatum(texts[i]);
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

Datum
lake_shippable_catalog(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (size_t i = 0; i < lengthof(tables); i++)
	{
		const char *section = NULL;

		for (const LakeShippable *line = tables[i].lines; line->names != NULL || line->section != NULL; line++)
		{
			if (line->section != NULL)
				section = line->section;
			else
				put_line(result, tables[i].kind, section, line);
		}
	}
	return (Datum) 0;
}
