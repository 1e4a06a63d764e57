/* Digits that are a name and no quantity: documents, telephones, postal codes, keys. They are
 * spelled in groups with a pause between them. */

#include "speech/spoken_int.h"

#include <string.h>

#define LEAST_LONG 7 /* digits in a row that nobody means as a quantity */
#define MOST_LONG 60

static bool is_code_digit(char shape)
{
	return shape == 'd' || shape == 'n' || (shape >= '0' && shape <= '9');
}

/* Bytes of p that have this shape, 0 when it has not. */
static size_t match_shape(const char *shape, const char *p, const char *end)
{
	const char *at = p;

	for (; *shape != '\0'; shape++) {
		if (*shape == '|')
			continue;
		if (at >= end)
			return 0;
		if (*shape == 'd' || *shape == 'n' ? !rcd_spoken_is_digit(*at) : *at != *shape)
			return 0;
		at++;
	}
	if (!rcd_spoken_ends(at, end) ||
	    (at + 1 < end && strchr("-./", *at) != NULL && rcd_spoken_is_digit(at[1])))
		return 0;
	return (size_t)(at - p);
}

/* One group of digits at *shape. */
static void say_group(struct rcd_spoken *s, const char **shape, const char **p)
{
	bool begun = false;
	uint64_t n = 0;

	while (is_code_digit(**shape)) {
		char kind = **shape;

		if (begun)
			rcd_buf_ch(s->out, ' ');
		begun = true;
		if (kind != 'n') {
			s->lang->cardinal(s->out, (uint64_t)(**p - '0'), false);
			++*shape;
			++*p;
			continue;
		}
		for (n = 0; **shape == 'n'; ++*shape, ++*p)
			n = n * 10 + (uint64_t)(**p - '0');
		s->lang->cardinal(s->out, n, false);
	}
}

static void say_shape(struct rcd_spoken *s, const char *shape)
{
	const char *p = s->p;
	bool pause = false;

	while (*shape != '\0') {
		if (is_code_digit(*shape)) {
			if (pause)
				rcd_buf_str(s->out, ", ");
			say_group(s, &shape, &p);
			pause = true;
			continue;
		}
		if (*shape == '+')
			rcd_buf_fmt(s->out, "%s ", s->lang->plus);
		p += *shape != '|';
		shape++;
	}
	s->p = p;
}

/* Two years are no telephone. */
static bool is_year_range(const char *shape, const char *p)
{
	return strcmp(shape, "dddd-dddd") == 0 &&
	       (memcmp(p, "19", 2) == 0 || memcmp(p, "20", 2) == 0) &&
	       (memcmp(p + 5, "19", 2) == 0 || memcmp(p + 5, "20", 2) == 0);
}

static bool say_known(struct rcd_spoken *s)
{
	for (const struct rcd_spoken_shape *k = s->lang->shape; k->shape != NULL; k++)
		if ((k->after == NULL || rcd_sv_ieq(s->last, rcd_sv(k->after))) &&
		    match_shape(k->shape, s->p, s->end) > 0 && !is_year_range(k->shape, s->p)) {
			say_shape(s, k->shape);
			return true;
		}
	return false;
}

/* --- random keys -------------------------------------------------------------------------- */

static bool is_hex(char c)
{
	return rcd_spoken_is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static bool say_uuid(struct rcd_spoken *s)
{
	static const size_t groups[] = {8, 4, 4, 4, 12};
	const char *p = s->p;

	for (size_t i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (p + i >= s->end || (dash ? p[i] != '-' : !is_hex(p[i])))
			return false;
	}
	if (!rcd_spoken_ends(p + 36, s->end))
		return false;
	for (size_t i = 0; i < 5; i++) {
		if (i > 0)
			rcd_buf_str(s->out, ", ");
		rcd_spoken_spell(s, (struct rcd_sv){p, groups[i]});
		p += groups[i] + 1;
	}
	s->p = p - 1;
	return true;
}

/* --- long rows ---------------------------------------------------------------------------- */

static size_t measure_code(const char *p, const char *end)
{
	size_t n = 0;

	while (p + n < end && n < MOST_LONG && rcd_spoken_is_digit(p[n]))
		n++;
	return n;
}

/* In threes, the last group of four when one would be left over. */
static void say_row(struct rcd_spoken *s, size_t n)
{
	while (n > 0) {
		size_t group = n == 4 || n < 3 ? n : 3;

		rcd_spoken_spell(s, (struct rcd_sv){s->p, group});
		s->p += group;
		n -= group;
		if (n > 0)
			rcd_buf_str(s->out, ", ");
	}
}

static bool say_long(struct rcd_spoken *s)
{
	bool plus = *s->p == '+';
	size_t n = measure_code(s->p + plus, s->end);

	if (n < LEAST_LONG)
		return false;
	if (plus)
		rcd_buf_fmt(s->out, "%s ", s->lang->plus);
	s->p += plus;
	say_row(s, n);
	if (s->p < s->end && rcd_spoken_is_digit(*s->p))
		rcd_buf_str(s->out, ", ");
	return true;
}

bool rcd_spoken_code(struct rcd_spoken *s)
{
	if (!rcd_spoken_is_digit(*s->p) && *s->p != '+' && *s->p != '(')
		return is_hex(*s->p) && say_uuid(s);
	if (!say_uuid(s) && !say_known(s) && !say_long(s))
		return false;
	s->last = (struct rcd_sv){NULL, 0};
	return true;
}
