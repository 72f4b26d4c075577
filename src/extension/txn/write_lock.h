/*
 * write_lock.h
 *	  The write lock of a lake table: held by transactions that update, delete, merge or lock rows, until they end. Appends do not take it
 *	  unless the table has a unique key (txn/key_check.h).
 *
 * ExclusiveLock to change rows or SELECT FOR [NO KEY] UPDATE, ShareLock for FOR [KEY] SHARE. It is an ordinary lock: deadlocks are found, lock_timeout
 * holds, pg_locks shows it ("object" of lake_iceberg.tables_internal, objsubid 1).
 */
#ifndef LAKE_TXN_WRITE_LOCK_H
#define LAKE_TXN_WRITE_LOCK_H

extern "C" {
#include "postgres.h"
#include "storage/lockdefs.h"
}

/* Waits for it. True when this call got it, false when the transaction had it already. */
extern bool lake_write_lock(Oid relid, LOCKMODE mode);
/* False when somebody else holds it. */
extern bool lake_write_lock_if_free(Oid relid, LOCKMODE mode);

/*
 * Installs an ExecutorStart hook: a statement that changes or locks rows takes the lock before it starts, and in READ COMMITTED it then looks at the
 * tables as they are after the wait. PostgreSQL would wait row by row and recheck each; here the whole statement sees the winner's result.
 */
extern void lake_write_lock_init(void);

#endif
