#ifndef RCD_SB_PLAN_INT_H
#define RCD_SB_PLAN_INT_H

#include "daemon/sandbox/plan.h"

#include <stdint.h>

/* Between the plan's parser and the plan. */
#define RCD_SB_MAX_RULES 256

struct rcd_sb_rule {
	char op[24];
	struct rcd_sb_fault fault;
	int64_t times, nth; /* 0: not said */
	double prob;        /* 1: always */
	int64_t seen, fired;
};

struct rcd_sb_rules {
	struct rcd_sb_rule rule[RCD_SB_MAX_RULES];
	size_t n;
	uint64_t dice;
};

/* Fills *out (zeroed before); what was filled is freed by rcd_sb_rules_done, also after -1. */
int rcd_sb_rules_parse(struct rcd_sb_rules *out, const char *name, struct rcd_sv text,
                       struct rcd_err *err);
void rcd_sb_rules_done(struct rcd_sb_rules *r);

#endif
