#ifndef RCD_ACCOUNT_H
#define RCD_ACCOUNT_H

#include "base/err.h"

#include <stdatomic.h>
#include <stdint.h>

/* State of our account at one provider, derived from its responses. A refused key or an empty
 * account is reported when it begins and when it ends, not with every failing call.
 *
 * The state is one word that all threads, and in shared memory all processes, change by
 * compare-and-swap, so that exactly one of many concurrent refusals reports it. It has one bit per
 * operation: a key may be valid for one operation and not for another, and the result of one must
 * not hide that of the other. */

/* Two masks of operations: key refused in the low half, account empty in the high half. */
typedef _Atomic uint64_t rcd_account_word;

/* fault: the fault that began, with its error; RCD_ACCOUNT_FINE: all faults have ended, err is
 * NULL. */
typedef void rcd_account_fn(void *arg, const char *provider, enum rcd_account_fault fault,
                            const struct rcd_err *err);

struct rcd_account {
	const char *provider;   /* "openai" */
	rcd_account_word *word; /* 0 at the start; outlives the account */
	rcd_account_fn *tell;   /* NULL: not reported */
	void *arg;
};

/* Records the result of a call of operation op (one bit). Thread-safe. */
void rcd_account_report(struct rcd_account *a, unsigned op, int ret, const struct rcd_err *err);

#endif
