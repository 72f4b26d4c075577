/*
 * spi_statement.h
 *	  Statements that the extension runs for a statement of the user's: with all hooks, rights and messages of SQL.
 */
#ifndef LAKE_DDL_SPI_STATEMENT_H
#define LAKE_DDL_SPI_STATEMENT_H

extern "C" {
#include "postgres.h"
#include "utils/rel.h"
}

extern void lake_run_statement(const char *sql);

/* Whether the query has a row. It sees what the transaction has done up to now. */
extern bool lake_query_has_row(const char *sql);

/* "schema"."table", quoted where it must be. */
extern char *lake_relation_text(Relation rel);

#endif
