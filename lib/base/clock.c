#include "base/clock.h"

#include "base/crypto.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

static int64_t read_ms(clockid_t id)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t rcd_now_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

int64_t rcd_mono_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

int64_t rcd_mono_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

void rcd_time_text(int64_t ms, char out[RCD_TIME_TEXT])
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL || strftime(out, RCD_TIME_TEXT, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		(void)snprintf(out, RCD_TIME_TEXT, "1970-01-01 00:00:00");
}

int64_t rcd_deadline_in(int64_t ms)
{
	return rcd_mono_ms() + ms;
}

int64_t rcd_deadline_left(int64_t deadline, int64_t cap)
{
	int64_t left;

	if (deadline == 0)
		return cap;
	left = deadline - rcd_mono_ms();
	return left < 0 ? 0 : left > cap ? cap : left;
}

/* The low bits start at random in every millisecond, so two processes (or a forked child
 * with a copy of this state) meet in one id about never; the store's primary key catches
 * the rest. */
int64_t rcd_id_new(void)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static int64_t last_ms;
	static uint32_t low;
	int64_t ms = rcd_now_ms(), id;
	uint32_t r;

	rcd_random(&r, sizeof(r));
	(void)pthread_mutex_lock(&lock);
	if (ms > last_ms) {
		last_ms = ms;
		low = r & 0x7FFFF;
	} else if (++low > 0xFFFFF) {
		last_ms++;
		low = r & 0x7FFFF;
	}
	id = last_ms << 20 | low;
	(void)pthread_mutex_unlock(&lock);
	return id;
}
