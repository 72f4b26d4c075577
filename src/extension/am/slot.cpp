/*
 * slot.cpp
 *	  Slots of lake tables: core's virtual slots, but a heap tuple made from one carries the TID, and system columns are answered.
 *
 * analyze.c asserts a valid t_self in the tuples it samples, and SELECT tableoid, ctid read through getsysattr.
 */
extern "C" {
#include "postgres.h"
#include "access/htup_details.h"
#include "access/sysattr.h"
#include "access/xact.h"
}

#include "am/lake_am.h"

static TupleTableSlotOps slot_ops;

static HeapTuple
copy_heap_tuple(TupleTableSlot *slot)
{
	HeapTuple	tuple = TTSOpsVirtual.copy_heap_tuple(slot);

	tuple->t_self = slot->tts_tid;
	tuple->t_tableOid = slot->tts_tableOid;
	return tuple;
}

static Datum
getsysattr(TupleTableSlot *slot, int attnum, bool *isnull)
{
	static const char *const names[] = {"ctid", "xmin", "cmin", "xmax", "cmax", "tableoid"};

	*isnull = false;
	if (attnum == TableOidAttributeNumber)
		return ObjectIdGetDatum(slot->tts_tableOid);
	if (attnum == SelfItemPointerAttributeNumber)
		return PointerGetDatum(&slot->tts_tid);
	/* Foreign keys ask whether this transaction wrote the row, and check it again if so: to say yes is always right. */
	if (attnum == MinTransactionIdAttributeNumber)
		return TransactionIdGetDatum(GetCurrentTransactionId());
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("system column \"%s\" is not supported for iceberg tables",
					attnum < 0 && attnum >= TableOidAttributeNumber ? names[-attnum - 1] : "?"),
			 errhint("Rows of iceberg tables carry no transaction ids; tableoid works.")));
	return (Datum) 0;
}

const TupleTableSlotOps *
lake_slot_callbacks(Relation rel)
{
	if (slot_ops.base_slot_size == 0)
	{
		slot_ops = TTSOpsVirtual;
		slot_ops.copy_heap_tuple = copy_heap_tuple;
		slot_ops.getsysattr = getsysattr;
	}
	return &slot_ops;
}
