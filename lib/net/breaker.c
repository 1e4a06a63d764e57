#include "net/breaker.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "net/account.h"

#define WINDOW_MS 30000
#define ENOUGH_CALLS 10
#define ROW 5
#define FIRST_MS 5000
#define LONGEST_MS 60000
#define MINUTE_MS 60000
#define FREE_RETRIES 3
#define PROBE_MS 60000 /* a probe that has not come back by then is taken for lost */

void rcd_breaker_init(struct rcd_breaker *b)
{
	*b = (struct rcd_breaker){.window_ms = rcd_mono_ms()};
	(void)pthread_mutex_init(&b->lock, NULL);
}

void rcd_breaker_free(struct rcd_breaker *b)
{
	if (b != NULL)
		(void)pthread_mutex_destroy(&b->lock);
}

static void start_window(struct rcd_breaker *b, int64_t now)
{
	b->window_ms = now;
	b->calls = b->failures = 0;
}

/* ± 20 %: callers that wait for the same provider must not all return at the same moment. */
static int64_t add_jitter(int ms)
{
	uint32_t r;

	rcd_random(&r, sizeof(r));
	return ms - ms / 5 + (int64_t)(r % (uint32_t)(2 * ms / 5 + 1));
}

static void open_breaker(struct rcd_breaker *b, int64_t now)
{
	if (b->backoff_ms == 0)
		b->backoff_ms = FIRST_MS;
	else
		b->backoff_ms = b->backoff_ms >= LONGEST_MS / 2 ? LONGEST_MS : 2 * b->backoff_ms;
	b->open = true;
	b->probing = false;
	b->open_until = now + add_jitter(b->backoff_ms);
}

static void close_breaker(struct rcd_breaker *b, int64_t now)
{
	b->open = b->probing = false;
	b->row = b->backoff_ms = 0;
	start_window(b, now);
}

static void renew_minute(struct rcd_breaker *b, int64_t now)
{
	if (now - b->minute_ms < MINUTE_MS)
		return;
	b->minute_ms = now;
	b->asked = b->again = 0;
}

bool rcd_breaker_retry(struct rcd_breaker *b)
{
	bool yes;

	(void)pthread_mutex_lock(&b->lock);
	renew_minute(b, rcd_mono_ms());
	yes = !b->open && b->again < FREE_RETRIES + b->asked / 5;
	b->again += yes;
	(void)pthread_mutex_unlock(&b->lock);
	return yes;
}

int rcd_breaker_enter(struct rcd_breaker *b, const char *what, struct rcd_err *err)
{
	int64_t now = rcd_mono_ms(), wait = 0;

	(void)pthread_mutex_lock(&b->lock);
	renew_minute(b, now);
	if (b->open && now < b->open_until) {
		wait = b->probing ? 1000 : b->open_until - now;
	} else if (b->open) {
		b->probing = true;
		b->open_until = now + PROBE_MS;
	}
	b->asked += wait == 0;
	(void)pthread_mutex_unlock(&b->lock);
	if (wait == 0)
		return 0;
	(void)rcd_fail(err, RCD_DOWN, 0, "%s: failed too often, not asked for now", what);
	err->retry_after = (int)((wait + 999) / 1000);
	return -1;
}

/* While open only the probe's result counts; what was under way before comes too late.
 * Whether a result is the probe's nobody can tell, and either says what we want to know. */
static void settle_probe(struct rcd_breaker *b, bool ok, int64_t now)
{
	if (!b->probing)
		return;
	if (ok)
		close_breaker(b, now);
	else
		open_breaker(b, now);
}

static void count_result(struct rcd_breaker *b, bool ok, int64_t now)
{
	if (now - b->window_ms >= WINDOW_MS)
		start_window(b, now);
	b->calls++;
	b->failures += !ok;
	b->row = ok ? 0 : b->row + 1;
	if (b->row >= ROW || (b->calls >= ENOUGH_CALLS && 2 * b->failures >= b->calls))
		open_breaker(b, now);
}

void rcd_breaker_done(struct rcd_breaker *b, bool ok)
{
	int64_t now = rcd_mono_ms();

	(void)pthread_mutex_lock(&b->lock);
	if (b->open)
		settle_probe(b, ok, now);
	else
		count_result(b, ok, now);
	(void)pthread_mutex_unlock(&b->lock);
}

/* A probe without a verdict frees the slot for the next call. */
static void release_probe(struct rcd_breaker *b)
{
	(void)pthread_mutex_lock(&b->lock);
	if (b->open && b->probing) {
		b->probing = false;
		b->open_until = rcd_mono_ms();
	}
	(void)pthread_mutex_unlock(&b->lock);
}

enum rcd_health rcd_breaker_health(int ret, const struct rcd_err *err)
{
	if (ret == 0)
		return RCD_HEALTH_GOOD;
	if (err->account != RCD_ACCOUNT_FINE)
		return RCD_HEALTH_BAD;
	switch (err->code) {
	case RCD_DOWN:
	case RCD_TIMEOUT:
	case RCD_DENIED:
		return RCD_HEALTH_BAD;
	case RCD_INVAL:
	case RCD_LIMIT:
	case RCD_NOENT:
	case RCD_BUSY:
	case RCD_PROTO: /* with a status of the peer's: a refusal of this one request */
		return err->sys >= 400 ? RCD_HEALTH_GOOD : RCD_HEALTH_UNKNOWN;
	default:
		return RCD_HEALTH_UNKNOWN;
	}
}

void rcd_breaker_settle(struct rcd_breaker *b, int ret, const struct rcd_err *err)
{
	enum rcd_health health = rcd_breaker_health(ret, err);

	if (health == RCD_HEALTH_UNKNOWN)
		release_probe(b);
	else
		rcd_breaker_done(b, health == RCD_HEALTH_GOOD);
	if (b->account != NULL)
		rcd_account_report(b->account, b->op, ret, err);
}

bool rcd_breaker_is_open(struct rcd_breaker *b)
{
	bool open;

	(void)pthread_mutex_lock(&b->lock);
	open = b->open;
	(void)pthread_mutex_unlock(&b->lock);
	return open;
}
