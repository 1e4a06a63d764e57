#include "base/clock.h"

#include "base/crypto.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
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

/* Exactly n digits at the front of *v. */
static int take_digits(struct rcd_sv *v, size_t n, int64_t min, int64_t max, int *out)
{
	int64_t value;

	if (v->n < n || v->p[0] < '0' || rcd_parse_i64((struct rcd_sv){v->p, n}, min, max, &value) != 0)
		return -1;
	*v = rcd_sv_skip(*v, n);
	*out = (int)value;
	return 0;
}

static int take_one_of(struct rcd_sv *v, const char *any)
{
	if (v->n == 0 || strchr(any, v->p[0]) == NULL || v->p[0] == '\0')
		return -1;
	*v = rcd_sv_skip(*v, 1);
	return 0;
}

/* ".123456" in ms; nothing is 0. */
static int take_fraction(struct rcd_sv *v, int *ms)
{
	int weight = 100, n = 0;

	*ms = 0;
	if (take_one_of(v, ".,") != 0)
		return 0;
	for (; v->n > 0 && v->p[0] >= '0' && v->p[0] <= '9'; n++, weight /= 10) {
		*ms += (v->p[0] - '0') * weight;
		*v = rcd_sv_skip(*v, 1);
	}
	return n > 0 ? 0 : -1;
}

/* "Z", "-03", "-0300", "-03:00" up to the end, in minutes east. */
static int parse_zone(struct rcd_sv v, int *minutes)
{
	int h, m = 0, east = v.n > 0 && v.p[0] == '-' ? -1 : 1;

	*minutes = 0;
	if (v.n == 0 || rcd_sv_is(v, "Z"))
		return 0;
	if (take_one_of(&v, "+-") != 0 || take_digits(&v, 2, 0, 15, &h) != 0)
		return -1;
	if ((take_one_of(&v, ":") == 0 || v.n > 0) && take_digits(&v, 2, 0, 59, &m) != 0)
		return -1;
	*minutes = east * (h * 60 + m);
	return v.n == 0 ? 0 : -1;
}

int rcd_time_parse(struct rcd_sv v, int64_t *ms)
{
	struct tm tm = {0}, same;
	int year, fine, minutes;
	time_t t;

	if (take_digits(&v, 4, 1970, 2199, &year) != 0 || take_one_of(&v, "-") != 0 ||
	    take_digits(&v, 2, 1, 12, &tm.tm_mon) != 0 || take_one_of(&v, "-") != 0 ||
	    take_digits(&v, 2, 1, 31, &tm.tm_mday) != 0 || take_one_of(&v, " T") != 0 ||
	    take_digits(&v, 2, 0, 23, &tm.tm_hour) != 0 || take_one_of(&v, ":") != 0 ||
	    take_digits(&v, 2, 0, 59, &tm.tm_min) != 0)
		return -1;
	if (take_one_of(&v, ":") == 0 && take_digits(&v, 2, 0, 59, &tm.tm_sec) != 0)
		return -1;
	if (take_fraction(&v, &fine) != 0 || parse_zone(v, &minutes) != 0)
		return -1;
	tm.tm_year = year - 1900;
	tm.tm_mon--;
	same = tm;
	t = timegm(&same);
	if (same.tm_mday != tm.tm_mday) /* the 30th of February */
		return -1;
	*ms = ((int64_t)t - minutes * 60) * 1000 + fine;
	return 0;
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
	if (left < 0)
		return 0;
	return left > cap ? cap : left;
}

/* --- ids ------------------------------------------------------------------------------ */

#define LOW 0x7FFFF  /* the counter of a millisecond */
#define PAST 0x80000 /* marks an imported id */

/* The counter starts at random in every millisecond, so a collision between two processes (or a
 * forked child with a copy of this state) is improbable; the store's primary key catches it. */
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
		low = r & LOW >> 1;
	} else if (++low > LOW) {
		last_ms++;
		low = r & LOW >> 1;
	}
	id = last_ms << 20 | low;
	(void)pthread_mutex_unlock(&lock);
	return id;
}

int64_t rcd_id_past(int64_t ms, int64_t n)
{
	return ms << 20 | PAST | (n & LOW);
}
