/*
 * query_id.h
 *	  EnableQueryId(): its header moved in 16.
 */
#ifndef LAKE_COMPAT_QUERY_ID_H
#define LAKE_COMPAT_QUERY_ID_H

extern "C" {
#include "postgres.h"
#if PG_VERSION_NUM >= 160000
#include "nodes/queryjumble.h"
#else
#include "utils/queryjumble.h"
#endif
}

#endif
