#ifndef RCD_BREAKER_H
#define RCD_BREAKER_H

#include "base/err.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct rcd_account;

/* A circuit breaker for one (provider, model): opens when at least half of ten or more
 * calls in 30 s failed, or five in a row did; stays open 5 s, doubling to 60 s, ± 20 %;
 * then lets one probe through. Thread-safe. */
struct rcd_breaker {
	pthread_mutex_t lock;
	int64_t window_ms, open_until; /* rcd_mono_ms() */
	int calls, failures, row, backoff_ms;
	bool open, probing;
	int64_t minute_ms; /* the budget's window */
	int asked, again;  /* calls and retries in it */
	/* Optional, set after init: the account to report to, and this breaker's bit in it. */
	struct rcd_account *account;
	unsigned op;
};

/* What the result of a call says about the provider. The breaker is shared by all customers, so a
 * failure caused by one customer's input must never count. */
enum rcd_health {
	RCD_HEALTH_GOOD,    /* success, or an error specific to this request */
	RCD_HEALTH_BAD,     /* unreachable, too slow, 5xx, 429, key or account refused */
	RCD_HEALTH_UNKNOWN, /* cancelled, failed on our side, or an unusable response */
};
/* ret and err of the call; err is not read when ret is 0. */
enum rcd_health rcd_breaker_health(int ret, const struct rcd_err *err);

void rcd_breaker_init(struct rcd_breaker *b);
/* 0: make the call, then report it with rcd_breaker_settle(). -1: open (RCD_DOWN,
 * err->retry_after). */
int rcd_breaker_enter(struct rcd_breaker *b, const char *what, struct rcd_err *err);
/* Counts the result of the call and reports it to the account. */
void rcd_breaker_settle(struct rcd_breaker *b, int ret, const struct rcd_err *err);
void rcd_breaker_done(struct rcd_breaker *b,
                      bool ok); /* counts a result that is already judged; no account */
/* Retry budget: may a failed call be repeated? Retries are at most a fifth of a minute's calls,
 * plus a few that are always allowed, so that they cannot keep a provider down. */
bool rcd_breaker_retry(struct rcd_breaker *b);
bool rcd_breaker_is_open(struct rcd_breaker *b);
void rcd_breaker_free(struct rcd_breaker *b);

#endif
