/*
 * spi_statement.cpp
 *	  See spi_statement.h.
 */
extern "C" {
#include "postgres.h"
#include "access/xact.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
}

#include "ddl/spi_statement.h"

void
lake_run_statement(const char *sql)
{
	int			result;

	SPI_connect();
	result = SPI_execute(sql, false, 0);
	if (result < 0)
		elog(ERROR, "\"%s\" failed: %s", sql, SPI_result_code_string(result));
	SPI_finish();
	CommandCounterIncrement();
}

bool
lake_query_has_row(const char *sql)
{
	int			result;
	bool		found;

	SPI_connect();
	result = SPI_execute(sql, false, 1);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "\"%s\" failed: %s", sql, SPI_result_code_string(result));
	found = SPI_processed > 0;
	SPI_finish();
	return found;
}

char *
lake_relation_text(Relation rel)
{
	return quote_qualified_identifier(get_namespace_name(RelationGetNamespace(rel)), RelationGetRelationName(rel));
}
