/*
 * column_list.cpp
 *	  See column_list.h.
 */
extern "C" {
#include "postgres.h"
#include "utils/varlena.h"
}

#include "ddl/column_list.h"

List *
lake_column_list(const char *option, const char *value)
{
	List	   *names = NIL;

	if (!SplitIdentifierString(pstrdup(value), ',', &names) || names == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("invalid value for option \"%s\": \"%s\"", option, value),
				 errhint("The value is a list of column names, separated by commas, such as 'a, \"B c\"'.")));
	return names;
}

void
lake_check_column_list(const char *option, const char *value)
{
	List	   *names = lake_column_list(option, value);

	for (int i = 0; i < list_length(names); i++)
		for (int j = 0; j < i; j++)
			if (strcmp((char *) list_nth(names, i), (char *) list_nth(names, j)) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_DUPLICATE_COLUMN),
						 errmsg("column \"%s\" appears twice in option \"%s\"", (char *) list_nth(names, i), option),
						 errdetail("The value is \"%s\".", value)));
}

AttrNumber
lake_find_column(TupleDesc desc, const char *name)
{
	for (int i = 0; i < desc->natts; i++)
		if (!TupleDescAttr(desc, i)->attisdropped && strcmp(NameStr(TupleDescAttr(desc, i)->attname), name) == 0)
			return i + 1;
	return InvalidAttrNumber;
}

AttrNumber
lake_listed_column(Relation rel, TupleDesc desc, const char *option, const char *name)
{
	AttrNumber	attnum = lake_find_column(desc, name);

	if (attnum == InvalidAttrNumber)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" named in option \"%s\" of table \"%s\" does not exist", name, option, RelationGetRelationName(rel))));
	return attnum;
}
