#ifndef RCD_BREAKER_H
#define RCD_BREAKER_H

#include "base/err.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct rcd_account;

/* A circuit breaker for one (provider, model): opens when at least half of ten or more
 * calls in 30 s failed, or five in a row did; stays open 5 s, doubling to 60 s, ± 20 %;
 * then lets one probe through (reliability rules of the house). Thread-safe. */
struct rcd_breaker {
	pthread_mutex_t lock;
	int64_t window_ms, open_until; /* rcd_mono_ms() */
	int calls, failures, row, backoff_ms;
	bool open, probing;
	int64_t minute_ms; /* the budget's window */
	int asked, again;  /* calls and retries in it */
	/* Both set after init, or left: who is told when the account is refused, and which bit of it
	 * this breaker has. */
	struct rcd_account *account;
	unsigned op;
};

/* What the end of a call says about the provider. The one rule for every provider and rung: the
 * breaker is shared by all customers, so what one of them sent must never count. */
enum rcd_health {
	RCD_HEALTH_GOOD,    /* it did what was asked, or said what is wrong with this one request */
	RCD_HEALTH_BAD,     /* cannot be reached, too slow, 5xx, 429, key or account refused */
	RCD_HEALTH_UNKNOWN, /* given up by us, failed on our side, or an answer that is of no use */
};
/* ret and err as the call left them; err is not looked at when ret is 0. */
enum rcd_health rcd_breaker_health(int ret, const struct rcd_err *err);

void rcd_breaker_init(struct rcd_breaker *b);
/* 0: go on, and report with rcd_breaker_settle(). -1 (RCD_DOWN, retry_after in err): not now. */
int rcd_breaker_enter(struct rcd_breaker *b, const char *what, struct rcd_err *err);
/* How the call ended, in the breaker's window and to its account. */
void rcd_breaker_settle(struct rcd_breaker *b, int ret, const struct rcd_err *err);
void rcd_breaker_done(struct rcd_breaker *b, bool ok); /* the same, already judged; no account */
/* May a call that failed be made once more? At most one in five calls of a minute is such a
 * second one (and a few always): retries must not be what keeps a provider down. */
bool rcd_breaker_retry(struct rcd_breaker *b);
bool rcd_breaker_is_open(struct rcd_breaker *b);
void rcd_breaker_free(struct rcd_breaker *b);

#endif
