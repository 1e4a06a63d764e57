/* TZif files (RFC 8536), the part of them that tells the offset at a moment. Debian's hold every
 * change up to 2037; after the last one its offset is taken to stay. */
#include "base/zone.h"

#include "base/file.h"
#include "base/sv.h"

#include <stdio.h>
#include <string.h>

#define FOLDER "/usr/share/zoneinfo"
#define MAX_FILE (64 << 10)
#define HEADER 44
#define DAY_MS 86400000LL
#define MINUTE_MS 60000LL
#define TYPE 6 /* bytes of a local time type: offset, is it summer time, name */

struct block {
	uint32_t utc, std, leap, time, type, chars; /* how many of each */
	struct rcd_sv body;
};

static uint32_t read_u32(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}

static int64_t read_i64(const char *p)
{
	return (int64_t)((uint64_t)read_u32(p) << 32 | read_u32(p + 4));
}

static bool is_zone_name(struct rcd_sv zone)
{
	if (zone.n == 0 || zone.n > 64 || zone.p[0] == '/')
		return false;
	for (size_t i = 0; i < zone.n; i++) {
		char c = zone.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '/' || c == '_' || c == '-' || c == '+'))
			return false;
	}
	return true;
}

/* Parses a header and its body and moves *rest behind them; wide: bytes per time value. */
static bool take_block(struct rcd_sv *rest, size_t wide, struct block *b)
{
	size_t n;

	if (rest->n < HEADER || memcmp(rest->p, "TZif", 4) != 0)
		return false;
	b->utc = read_u32(rest->p + 20);
	b->std = read_u32(rest->p + 24);
	b->leap = read_u32(rest->p + 28);
	b->time = read_u32(rest->p + 32);
	b->type = read_u32(rest->p + 36);
	b->chars = read_u32(rest->p + 40);
	*rest = rcd_sv_skip(*rest, HEADER);
	if (b->utc > MAX_FILE || b->std > MAX_FILE || b->leap > MAX_FILE || b->time > MAX_FILE ||
	    b->type > 256 || b->chars > MAX_FILE)
		return false;
	n = b->time * (wide + 1) + (size_t)b->type * TYPE + b->chars + b->leap * (wide + 4) + b->std +
	    b->utc;
	if (n > rest->n)
		return false;
	b->body = (struct rcd_sv){rest->p, n};
	*rest = rcd_sv_skip(*rest, n);
	return true;
}

/* Offset in force at then: that of the last transition before it, or of the first type. */
static bool find_offset(const struct block *b, int64_t then, int32_t *out)
{
	size_t from = 0, to = b->time;
	unsigned type = 0;

	while (from < to) {
		size_t mid = (from + to) / 2;

		if (read_i64(b->body.p + 8 * mid) <= then)
			from = mid + 1;
		else
			to = mid;
	}
	if (from > 0)
		type = (unsigned char)b->body.p[8 * (size_t)b->time + from - 1];
	if (type >= b->type)
		return false;
	*out = (int32_t)read_u32(b->body.p + 9 * (size_t)b->time + (size_t)type * TYPE);
	return true;
}

static int find_in_file(const char *zone, struct rcd_sv file, int64_t then, int32_t *out,
                        struct rcd_err *err)
{
	struct block b;

	/* the first block has 32-bit times, the second 64-bit ones */
	if (!take_block(&file, 4, &b) || !take_block(&file, 8, &b) || !find_offset(&b, then, out))
		return rcd_fail(err, RCD_PROTO, 0, "%s is no time zone", zone);
	return 0;
}

int rcd_zone_time(const char *zone, int64_t ms, struct tm *out, struct rcd_err *err)
{
	char path[128];
	struct rcd_buf file;
	int32_t ahead = 0;
	time_t then;
	int ret;

	if (!is_zone_name(rcd_sv(zone)))
		return rcd_fail(err, RCD_INVAL, 0, "\"%.64s\" is no name of a time zone", zone);
	(void)snprintf(path, sizeof(path), FOLDER "/%s", zone);
	rcd_buf_init(&file, MAX_FILE);
	ret = rcd_file_read(path, MAX_FILE, &file, err);
	if (ret == 0)
		ret = find_in_file(zone, rcd_buf_view(&file), ms / 1000, &ahead, err);
	rcd_buf_free(&file);
	if (ret != 0)
		return -1;
	then = (time_t)(ms / 1000 + ahead);
	if (gmtime_r(&then, out) == NULL)
		return rcd_fail(err, RCD_INVAL, 0, "no such time");
	out->tm_gmtoff = ahead;
	return 0;
}

/* Offset of the zone from UTC at ms. */
static int get_offset_ms(const char *zone, int64_t ms, int64_t *ahead, struct rcd_err *err)
{
	struct tm tm = {0};

	if (rcd_zone_time(zone, ms, &tm, err) != 0)
		return -1;
	*ahead = (int64_t)tm.tm_gmtoff * 1000;
	return 0;
}

/* The moment between from and to at which clocks go forward, by bisection to the minute. */
static int find_change(const char *zone, int64_t from, int64_t to, int64_t before, int64_t *ms,
                       struct rcd_err *err)
{
	while (to - from > MINUTE_MS) {
		int64_t mid = from + (to - from) / (2 * MINUTE_MS) * MINUTE_MS, ahead;

		if (mid == from)
			mid += MINUTE_MS;
		if (get_offset_ms(zone, mid, &ahead, err) != 0)
			return -1;
		if (ahead == before)
			from = mid;
		else
			to = mid;
	}
	*ms = to;
	return 0;
}

int rcd_zone_moment(const char *zone, int64_t wall_ms, int64_t *ms, struct rcd_err *err)
{
	int64_t before, after, first, second, then;

	if (get_offset_ms(zone, wall_ms - DAY_MS, &before, err) != 0 ||
	    get_offset_ms(zone, wall_ms + DAY_MS, &after, err) != 0)
		return -1;
	first = wall_ms - before;
	second = wall_ms - after;
	if (get_offset_ms(zone, first, &then, err) != 0)
		return -1;
	if (then == before) {
		*ms = first;
		return 0;
	}
	if (get_offset_ms(zone, second, &then, err) != 0)
		return -1;
	if (then != after)
		return find_change(zone, second, first, before, ms, err);
	*ms = second;
	return 0;
}
