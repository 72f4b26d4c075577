/*
 * deparse_rule_datetime.cpp
 *	  Rules of the catalogue for dates, times and time zones; and the settings that such calls depend on.
 *
 * The server's functions take the session's TimeZone, DateStyle and IntervalStyle as arguments. They are parameters of the query, evaluated when
 * execution starts: a plan that is kept follows a SET.
 */
extern "C" {
#include "postgres.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
}

#include "plan/deparse_rule.h"
#include "plan/time_zone_rules.h"

/* A constant text that is not NULL, else NULL. */
static char *
const_text(Node *node)
{
	if (!lake_is_nonnull_const(node) || getBaseType(((Const *) node)->consttype) != TEXTOID)
		return NULL;
	return TextDatumGetCString(((Const *) node)->constvalue);
}

/* ---------------------------------------------------------------- settings */

static Const *
make_text_const(const char *text)
{
	return makeConst(TEXTOID, -1, DEFAULT_COLLATION_OID, -1, CStringGetTextDatum(text), false, false);
}

/* lake_engine.time_zone_rules([zone]) */
static Node *
zone_rules_call(const char *zone)
{
	Oid			type = TEXTOID;
	List	   *name = list_make2(makeString(pstrdup("lake_engine")), makeString(pstrdup("time_zone_rules")));
	Oid			funcid = LookupFuncName(name, zone == NULL ? 0 : 1, &type, false);

	return (Node *) makeFuncExpr(funcid, TEXTOID, zone == NULL ? NIL : list_make1(make_text_const(zone)), DEFAULT_COLLATION_OID,
								 InvalidOid, COERCE_EXPLICIT_CALL);
}

void
lake_deparse_setting(LakeDeparse *ctx, char setting)
{
	if (setting == 'z')
		lake_deparse_parameter(ctx, zone_rules_call(NULL));
	else
		lake_deparse_parameter(ctx, (Node *) makeFuncExpr(F_CURRENT_SETTING_TEXT, TEXTOID,
														  list_make1(make_text_const(setting == 'd' ? "DateStyle" : "IntervalStyle")),
														  DEFAULT_COLLATION_OID, DEFAULT_COLLATION_OID, COERCE_EXPLICIT_CALL));
}

/* The rules of a constant zone: a name, or an interval. False, and nothing written, for what PostgreSQL is to judge. */
static bool
deparse_zone(LakeDeparse *ctx, Node *zone)
{
	char	   *name = const_text(zone);
	Interval   *interval;

	if (name != NULL && lake_named_zone_rules(name) != NULL)
	{
		lake_deparse_parameter(ctx, zone_rules_call(name));
		return true;
	}
	if (!lake_is_nonnull_const(zone) || ((Const *) zone)->consttype != INTERVALOID)
		return false;
	interval = DatumGetIntervalP(((Const *) zone)->constvalue);
	if (interval->month != 0 || interval->day != 0 || Abs(interval->time) >= USECS_PER_DAY)
		return false;
	lake_append_literal(&ctx->sql, lake_fixed_zone_rules((int) (interval->time / USECS_PER_SEC), ""));
	return true;
}

/* ---------------------------------------------------------------- units */

/* Names of a field, as PostgreSQL takes them; the first is the server's. */
static const char *const unit_names[] = {
	"microseconds microsecond us usec usecs usecond useconds microsecon",
	"milliseconds millisecond ms msec msecs msecond mseconds millisecon",
	"second seconds s sec secs",
	"minute minutes m min mins",
	"hour hours h hr hrs",
	"day days d",
	"week weeks w",
	"month months mon mons",
	"quarter qtr",
	"year years y yr yrs",
	"decade decades dec decs",
	"century centuries c cent",
	"millennium millennia mil mils",
	"dow",
	"isodow",
	"doy",
	"isoyear",
	"julian",
	"epoch",
	"timezone",
	"timezone_hour timezone_h",
	"timezone_minute timezone_m",
};

/* The server's name of the unit that a constant names; NULL when there is none. palloc'd. */
static char *
find_unit(const char *name)
{
	for (size_t i = 0; name != NULL && i < lengthof(unit_names); i++)
	{
		char	   *names = pstrdup(unit_names[i]);
		char	   *rest = NULL;

		for (char *word = strtok_r(names, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
		{
			if (pg_strcasecmp(word, name) == 0)
				return pnstrdup(unit_names[i], strcspn(unit_names[i], " "));
		}
	}
	return NULL;
}

static bool
is_one_of(const char *name, const char *names)
{
	const char *at = strstr(names, name);
	size_t		length = strlen(name);

	for (; at != NULL; at = strstr(at + 1, name))
	{
		if ((at == names || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return true;
	}
	return false;
}

#define CLOCK_UNITS "microseconds milliseconds second minute hour"
#define SPAN_UNITS "day month quarter year decade century millennium"
#define DATE_UNITS SPAN_UNITS " week dow isodow doy isoyear"
#define ZONE_UNITS "timezone timezone_hour timezone_minute"

/* ---------------------------------------------------------------- extract */

static int
clock_scale(const char *unit)
{
	return strcmp(unit, "second") == 0 ? 6 : strcmp(unit, "milliseconds") == 0 ? 3 : 0;
}

/* The DECIMAL that pg_extract_UNIT gives for the type (datetime_fields.cpp); false when there is none. */
static bool
extract_shape(const char *unit, Oid typid, LakeNumericShape *shape)
{
	bool		is_clock = is_one_of(unit, CLOCK_UNITS);
	bool		is_epoch = strcmp(unit, "epoch") == 0;

	int			scale = is_clock ? clock_scale(unit) : is_epoch ? 6 : 0;

	*shape = (LakeNumericShape) {9, scale, false, false, scale};
	switch (typid)
	{
		case DATEOID:
			if (is_epoch)
				*shape = (LakeNumericShape) {18, 0, false, false, 0};
			return is_epoch || is_one_of(unit, DATE_UNITS " julian");
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			if (is_epoch)
				shape->precision = 19;
			return is_epoch || is_clock || is_one_of(unit, DATE_UNITS) || (typid == TIMESTAMPTZOID && is_one_of(unit, ZONE_UNITS));
		case TIMEOID:
			if (is_epoch)
				shape->precision = 18;
			return is_epoch || is_clock;
		case INTERVALOID:
			shape->precision = is_epoch ? 38 : 18;
			return is_epoch || is_clock || is_one_of(unit, SPAN_UNITS);
		default:
			return false;
	}
}

bool
lake_extract_shape(const char *name, Oid typid, LakeNumericShape *shape)
{
	char	   *unit = find_unit(name);

	return unit != NULL && extract_shape(unit, getBaseType(typid), shape);
}

/* date_part() has the julian day of a timestamp, extract() gives it a scale that depends on the value. */
static bool
is_extractable(const LakeCall *call, const char *unit, Oid typid)
{
	LakeNumericShape shape;

	if (unit == NULL)
		return false;
	if (call->result_type == FLOAT8OID && strcmp(unit, "julian") == 0)
		return typid == TIMESTAMPOID || typid == TIMESTAMPTZOID;
	return extract_shape(unit, typid, &shape);
}

static void
deparse_extract(LakeDeparse *ctx, const LakeCall *call)
{
	char	   *unit = find_unit(lake_text_argument(call, 1));
	Node	   *value = lake_call_argument(call, 2);
	Oid			typid = getBaseType(exprType(value));
	bool		is_double = call->result_type == FLOAT8OID;
	bool		is_span;

	if (!is_extractable(call, unit, typid))
	{
		lake_refuse_call(ctx, call);
		return;
	}
	if (is_one_of(unit, ZONE_UNITS))
	{
		appendStringInfo(&ctx->sql, "(pg_extract_%s(", unit);
		lake_deparse_expr(ctx, value);
		appendStringInfoString(&ctx->sql, ", ");
		lake_deparse_setting(ctx, 'z');
		appendStringInfoString(&ctx->sql, is_double ? ")::double)" : "))");
		return;
	}
	is_span = typid == INTERVALOID && is_one_of(unit, SPAN_UNITS);
	appendStringInfo(&ctx->sql, "pg_%s%s_%s(", is_span ? "interval_" : "", is_double ? "part" : "extract", unit);
	if (typid == TIMESTAMPTZOID && strcmp(unit, "epoch") != 0)
	{
		appendStringInfoString(&ctx->sql, "pg_clock(");
		lake_deparse_expr(ctx, value);
		appendStringInfoString(&ctx->sql, ", ");
		lake_deparse_setting(ctx, 'z');
		appendStringInfoChar(&ctx->sql, ')');
	}
	else
		lake_deparse_expr(ctx, value);
	appendStringInfoChar(&ctx->sql, ')');
}

/* extract() gives numeric, date_part() double precision. */
void
lake_rule_extract(LakeDeparse *ctx, const LakeCall *call)
{
	bool		is_text = call->result_type == NUMERICOID && lake_may_be_infinite(lake_call_argument(call, 2));

	if (is_text)
		appendStringInfoString(&ctx->sql, "pg_numeric_in((");
	deparse_extract(ctx, call);
	if (is_text)
		appendStringInfoString(&ctx->sql, ")::text)");
}

/* ---------------------------------------------------------------- date_trunc */

void
lake_rule_date_trunc(LakeDeparse *ctx, const LakeCall *call)
{
	char	   *unit = find_unit(lake_text_argument(call, 1));
	Node	   *value = lake_call_argument(call, 2);
	Oid			typid = getBaseType(exprType(value));

	/* months have no whole weeks */
	if (unit == NULL || !is_one_of(unit, typid == INTERVALOID ? CLOCK_UNITS " " SPAN_UNITS : CLOCK_UNITS " " SPAN_UNITS " week"))
	{
		lake_refuse_call(ctx, call);
		return;
	}
	/* DuckDB's own is equal up to years, and its optimizer makes a range of a comparison with it */
	if (typid == TIMESTAMPOID && !is_one_of(unit, "decade century millennium"))
	{
		appendStringInfo(&ctx->sql, "(date_trunc('%s', ", unit);
		lake_deparse_expr(ctx, value);
		appendStringInfoString(&ctx->sql, "))::timestamp");
		return;
	}
	appendStringInfo(&ctx->sql, "pg_date_trunc('%s', ", unit);
	lake_deparse_expr(ctx, value);
	if (typid == TIMESTAMPTZOID)
	{
		appendStringInfoString(&ctx->sql, ", ");
		if (list_length(call->args) < 3)
			lake_deparse_setting(ctx, 'z');
		else if (!deparse_zone(ctx, lake_call_argument(call, 3)))
			lake_refuse_call(ctx, call);
	}
	appendStringInfoChar(&ctx->sql, ')');
}

/* ---------------------------------------------------------------- zones */

/* x AT TIME ZONE zone, of a timestamptz or a timestamp. */
void
lake_rule_timezone(LakeDeparse *ctx, const LakeCall *call)
{
	Node	   *value = lake_call_argument(call, 2);

	appendStringInfoString(&ctx->sql, exprType(value) == TIMESTAMPTZOID ? "pg_clock(" : "pg_instant(");
	lake_deparse_expr(ctx, value);
	appendStringInfoString(&ctx->sql, ", ");
	if (!deparse_zone(ctx, lake_call_argument(call, 1)))
		lake_refuse_call(ctx, call);
	appendStringInfoChar(&ctx->sql, ')');
}

/* timestamp(p), time(p): the precision is a constant that the parser wrote. */
void
lake_rule_precision(LakeDeparse *ctx, const LakeCall *call)
{
	Node	   *precision = lake_call_argument(call, 2);

	if (!lake_is_nonnull_const(precision))
	{
		lake_refuse_call(ctx, call);
		return;
	}
	if (DatumGetInt32(((Const *) precision)->constvalue) < 0)
	{
		lake_deparse_expr(ctx, lake_call_argument(call, 1));
		return;
	}
	appendStringInfoString(&ctx->sql, "pg_timestamp_round(");
	lake_deparse_expr(ctx, lake_call_argument(call, 1));
	appendStringInfo(&ctx->sql, ", %d)", Min(DatumGetInt32(((Const *) precision)->constvalue), 6));
}

/* ---------------------------------------------------------------- pictures */

/* TZ or OF, which to_date and to_timestamp learned in PostgreSQL 17. TZH and TZM are others. */
static bool
names_zone(const char *picture)
{
	if (strstr(picture, "OF") != NULL || strstr(picture, "of") != NULL)
		return true;
	for (const char *at = picture; (at = strpbrk(at, "Tt")) != NULL; at++)
	{
		if ((at[1] == 'Z' || at[1] == 'z') && strchr("HhMm", at[2]) == NULL)
			return true;
		if ((at[1] == 'Z' || at[1] == 'z') && at[2] == '\0')
			return true;
	}
	return false;
}

/*
 * to_char, to_date, to_timestamp with a constant picture. TM asks for names in the language of lc_time, and what a picture in a column asks for is
 * not known.
 */
void
lake_rule_picture(LakeDeparse *ctx, const LakeCall *call)
{
	char	   *picture = lake_text_argument(call, 2);
	bool		is_instant = exprType(lake_call_argument(call, 1)) == TIMESTAMPTZOID || call->result_type == TIMESTAMPTZOID;

	if (picture == NULL || strstr(picture, "TM") != NULL || strstr(picture, "tm") != NULL || (call->result_type != TEXTOID && names_zone(picture)))
	{
		lake_refuse_call(ctx, call);
		return;
	}
	appendStringInfo(&ctx->sql, "pg_%s(", call->result_type == TIMESTAMPTZOID ? "parse_timestamp" : call->name);
	lake_deparse_expr(ctx, lake_call_argument(call, 1));
	appendStringInfoString(&ctx->sql, ", ");
	lake_append_literal(&ctx->sql, picture);
	if (is_instant)
	{
		appendStringInfoString(&ctx->sql, ", ");
		lake_deparse_setting(ctx, 'z');
	}
	appendStringInfoChar(&ctx->sql, ')');
}

/* ---------------------------------------------------------------- text form */

/* The cast to text of a value of these types; false for others. */
bool
lake_deparse_datetime_text(LakeDeparse *ctx, Node *value)
{
	const char *name;
	const char *settings;

	switch (getBaseType(exprType(value)))
	{
		case DATEOID:
			name = "pg_date_text";
			settings = "d";
			break;
		case TIMEOID:
			name = "pg_time_text";
			settings = "";
			break;
		case TIMESTAMPOID:
			name = "pg_timestamp_text";
			settings = "d";
			break;
		case TIMESTAMPTZOID:
			name = "pg_timestamptz_text";
			settings = "dz";
			break;
		case INTERVALOID:
			name = "pg_interval_text";
			settings = "i";
			break;
		default:
			return false;
	}
	appendStringInfo(&ctx->sql, "%s(", name);
	lake_deparse_expr(ctx, value);
	for (; *settings != '\0'; settings++)
	{
		appendStringInfoString(&ctx->sql, ", ");
		lake_deparse_setting(ctx, *settings);
	}
	appendStringInfoChar(&ctx->sql, ')');
	return true;
}
