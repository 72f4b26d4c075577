/*
 * remote_query.cpp
 *	  LakeRemoteQuery to and from the List that a plan node carries: (String sql, List offsets, List relids, List param types,
 *	  List column types, List typmods, List reasons, List stages, List points).
 */
extern "C" {
#include "postgres.h"
#include "nodes/makefuncs.h"
#include "nodes/value.h"
}

#include "exec/remote_query.h"

List *
lake_pack_remote_query(const LakeRemoteQuery *query)
{
	List	   *packed = list_make1(makeString(query->sql));

	packed = lappend(packed, query->scan_offsets);
	packed = lappend(packed, query->scan_relids);
	packed = lappend(packed, query->param_types);
	packed = lappend(packed, query->column_types);
	packed = lappend(packed, query->column_typmods);
	packed = lappend(packed, query->reasons);
	packed = lappend(packed, query->stages);
	packed = lappend(packed, query->scan_points);
	return packed;
}

LakeRemoteQuery *
lake_unpack_remote_query(List *packed)
{
	LakeRemoteQuery *query = (LakeRemoteQuery *) palloc0(sizeof(LakeRemoteQuery));

	query->sql = strVal(list_nth(packed, 0));
	query->scan_offsets = (List *) list_nth(packed, 1);
	query->scan_relids = (List *) list_nth(packed, 2);
	query->param_types = (List *) list_nth(packed, 3);
	query->column_types = (List *) list_nth(packed, 4);
	query->column_typmods = (List *) list_nth(packed, 5);
	query->reasons = (List *) list_nth(packed, 6);
	query->stages = (List *) list_nth(packed, 7);
	query->scan_points = (List *) list_nth(packed, 8);
	return query;
}

List *
lake_make_table_scan_private(const LakeRemoteQuery *query, List *attnums, int flags)
{
	return list_make3(lake_pack_remote_query(query), attnums, makeInteger(flags));
}

/* (remote query, List of int, relid, String or NULL) */
List *
lake_make_modification_private(const LakeRemoteQuery *query, const LakeModification *modification)
{
	List	   *numbers = NIL;

	numbers = lappend_int(numbers, modification->operation);
	numbers = lappend_int(numbers, modification->rtindex);
	numbers = lappend_int(numbers, modification->target_scan);
	numbers = lappend_int(numbers, modification->has_actions);
	numbers = lappend_int(numbers, modification->writes_rows);
	numbers = lappend_int(numbers, modification->has_check);
	numbers = lappend_int(numbers, modification->can_set_tag);
	return list_make4(lake_pack_remote_query(query), numbers, list_make1_oid(modification->relid),
					  modification->whole_files == NULL ? NULL : makeString(modification->whole_files));
}

LakeModification *
lake_unpack_modification(List *custom_private)
{
	LakeModification *modification = (LakeModification *) palloc0(sizeof(LakeModification));
	List	   *numbers = (List *) lsecond(custom_private);

	modification->operation = (CmdType) list_nth_int(numbers, 0);
	modification->rtindex = list_nth_int(numbers, 1);
	modification->target_scan = list_nth_int(numbers, 2);
	modification->has_actions = list_nth_int(numbers, 3);
	modification->writes_rows = list_nth_int(numbers, 4);
	modification->has_check = list_nth_int(numbers, 5);
	modification->can_set_tag = list_nth_int(numbers, 6);
	modification->relid = linitial_oid((List *) lthird(custom_private));
	if (lfourth(custom_private) != NULL)
		modification->whole_files = strVal(lfourth(custom_private));
	return modification;
}
