/*
 * process_utility.h
 *	  The hooks on utility statements and on object access: what DDL means for lake tables.
 */
#ifndef LAKE_DDL_PROCESS_UTILITY_H
#define LAKE_DDL_PROCESS_UTILITY_H

extern void lake_ddl_init(void);

#endif
