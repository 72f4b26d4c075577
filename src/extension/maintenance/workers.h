/*
 * workers.h
 *	  Background workers: the one that runs pgduck_server, and the cleaner that removes files which failed transactions left behind.
 */
#ifndef LAKE_MAINTENANCE_WORKERS_H
#define LAKE_MAINTENANCE_WORKERS_H

/* Registers the workers; called from _PG_init while shared_preload_libraries are loaded. */
extern void lake_register_workers(void);

#endif
