/*
 * text_input.h
 *	  What the input functions of types read, by PostgreSQL's major version.
 */
#ifndef LAKE_TEXT_INPUT_H
#define LAKE_TEXT_INPUT_H

extern "C" {
#include "postgres.h"
}

/* 0x1F, 0o17, 0b1, 1_000 are integers. */
#define LAKE_INTEGERS_HAVE_RADIX (PG_VERSION_NUM >= 160000)

#endif
