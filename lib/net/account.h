#ifndef RCD_ACCOUNT_H
#define RCD_ACCOUNT_H

#include "base/err.h"

#include <stdatomic.h>
#include <stdint.h>

/* Our account at one provider, as its answers show it. A refused key or an empty account is told
 * when it begins and when it has ended, not with every call that meets it.
 *
 * What is known stands in one word that all threads, and where it lies in shared memory all
 * processes, change by compare and swap: of many that are refused at once one tells. It has a bit
 * for each operation, because a key may be good for one and not for another: what the one is
 * answered must not hide what the other is. */

/* Two masks of operations: refused keys in the low half, empty accounts in the high half. */
typedef _Atomic uint64_t rcd_account_word;

/* fault: what has begun, err says how; RCD_ACCOUNT_FINE: all of it has ended, err is NULL. */
typedef void rcd_account_fn(void *arg, const char *provider, enum rcd_account_fault fault,
                            const struct rcd_err *err);

struct rcd_account {
	const char *provider;   /* "openai" */
	rcd_account_word *word; /* 0 at the start; outlives the account */
	rcd_account_fn *tell;   /* NULL: nobody is told */
	void *arg;
};

/* A call of the operation op (one bit) ended so. Thread-safe. */
void rcd_account_report(struct rcd_account *a, unsigned op, int ret, const struct rcd_err *err);

#endif
