/*
 * deparse_rule.h
 *	  What the rules of the catalogue share: looking at a call's arguments.
 */
#ifndef LAKE_PLAN_DEPARSE_RULE_H
#define LAKE_PLAN_DEPARSE_RULE_H

extern "C" {
#include "postgres.h"
}

#include "plan/deparse.h"
#include "plan/shippable_catalog.h"

extern void lake_refuse_call(LakeDeparse *ctx, const LakeCall *call);

/* Arguments count from 1. */
extern Node *lake_call_argument(const LakeCall *call, int number);
/* A constant int4 argument that is not NULL. */
extern bool lake_int_argument(const LakeCall *call, int number, int32 *value);
/* A constant text argument that is not NULL, else NULL. */
extern char *lake_text_argument(const LakeCall *call, int number);

/* The value as to_json() has it (deparse_rule_json.cpp); NULL for NULL. */
extern void lake_deparse_json_value(LakeDeparse *ctx, Node *node);

#endif
