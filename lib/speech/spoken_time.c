/* Dates and times of the day. */

#include "speech/spoken_int.h"

#include <string.h>

/* --- dates -------------------------------------------------------------------------------- */

static int count_days(int month, int year)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year == 0 || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));

	return month == 2 && leap ? 29 : days[month - 1];
}

static bool is_date(const struct rcd_spoken_date *d)
{
	return d->m >= 1 && d->m <= 12 && d->d >= 1 && d->d <= count_days(d->m, d->y) && d->y < 3000;
}

/* No digit, and no mark with one behind it. */
static bool is_date_end(const char *p, const char *end)
{
	return rcd_spoken_ends(p, end) &&
	       !(p + 1 < end && strchr("/-.:", *p) != NULL && rcd_spoken_is_digit(p[1]));
}

/* 2026-11-21 */
static const char *read_iso_date(const char *p, const char *end, struct rcd_spoken_date *d)
{
	d->y = rcd_spoken_digits(&p, end, 4, 4);
	if (d->y < 1000 || p >= end || *p++ != '-')
		return NULL;
	d->m = rcd_spoken_digits(&p, end, 2, 2);
	if (d->m < 0 || p >= end || *p++ != '-')
		return NULL;
	d->d = rcd_spoken_digits(&p, end, 2, 2);
	return d->d >= 0 && is_date(d) && is_date_end(p, end) ? p : NULL;
}

/* 11/2026 */
static const char *read_month_of_year(const char *p, const char *end, struct rcd_spoken_date *d)
{
	d->d = 0;
	d->m = rcd_spoken_digits(&p, end, 2, 2);
	if (d->m < 1 || d->m > 12 || p >= end || *p++ != '/')
		return NULL;
	d->y = rcd_spoken_digits(&p, end, 4, 4);
	return d->y >= 1900 && d->y < 2100 && is_date_end(p, end) ? p : NULL;
}

/* Which of two numbers is the month; false when it could be either. */
static bool assign_month(const struct rcd_spoken_lang *l, int a, int b, struct rcd_spoken_date *d)
{
	bool first = l->month_first && a <= 12;

	if (l->month_first && a <= 12 && b <= 12 && a != b)
		return false;
	d->m = first ? a : b;
	d->d = first ? b : a;
	return is_date(d);
}

/* 21/11/2026, 21.11.26, 21-11-2026; and 21/11, where one of the two has two digits */
static const char *read_written_date(const struct rcd_spoken_lang *l, const char *p,
                                     const char *end, struct rcd_spoken_date *d)
{
	const char *from = p, *at;
	int a = rcd_spoken_digits(&p, end, 1, 2), b;
	char mark = p < end ? *p : '\0';
	size_t two;

	if (a < 1 || p >= end || strchr("/.-", mark) == NULL)
		return NULL;
	p++;
	b = rcd_spoken_digits(&p, end, 1, 2);
	if (b < 1)
		return NULL;
	two = (size_t)(p - from);
	if (p < end && *p == mark) {
		at = p + 1;
		d->y = rcd_spoken_digits(&at, end, 2, 4);
		if (d->y >= 0 && (at - p == 3 || at - p == 5) && is_date_end(at, end)) {
			d->y += at - p == 3 ? 2000 : 0;
			return d->y >= 1000 && assign_month(l, a, b, d) ? at : NULL;
		}
	}
	d->y = 0;
	return mark == '/' && two >= 4 && !(a == 24 && b == 7) && is_date_end(p, end) &&
	               assign_month(l, a, b, d)
	           ? p
	           : NULL;
}

bool rcd_spoken_date(struct rcd_spoken *s)
{
	struct rcd_spoken_date d;
	const char *next;

	if (!rcd_spoken_is_digit(*s->p) || rcd_spoken_listed(s->last, s->lang->counted))
		return false;
	next = read_iso_date(s->p, s->end, &d);
	if (next == NULL)
		next = read_month_of_year(s->p, s->end, &d);
	if (next == NULL)
		next = read_written_date(s->lang, s->p, s->end, &d);
	if (next == NULL)
		return false;
	s->lang->date(s->out, &d);
	s->p = next;
	s->last = (struct rcd_sv){NULL, 0};
	return true;
}

/* --- times -------------------------------------------------------------------------------- */

/* "am", "a.m.", "PM" behind an hour: its bytes and which. */
static size_t read_half(const char *p, const char *end, char *half)
{
	static const char *const marks[] = {"a.m.", "p.m.", "am", "pm", "AM", "PM", "A.M.", "P.M."};
	size_t blanks = rcd_spoken_blanks(p, end);
	struct rcd_sv rest = {p + blanks, (size_t)(end - p) - blanks};

	for (size_t i = 0; blanks <= 1 && i < sizeof(marks) / sizeof(marks[0]); i++)
		if (rcd_sv_starts(rest, rcd_sv(marks[i])) &&
		    rcd_spoken_ends(rest.p + strlen(marks[i]), end)) {
			*half = (char)(marks[i][0] | 0x20);
			return blanks + strlen(marks[i]);
		}
	return 0;
}

/* ":05", ":05:30", "h", "h30", "hs", "h30min" behind the hour. */
static bool read_minutes(const char **p, const char *end, struct rcd_spoken_clock *c)
{
	bool colon = **p == ':';
	const char *at = *p + 1;

	c->m = at < end && rcd_spoken_is_digit(*at) ? rcd_spoken_digits(&at, end, 2, 2) : -1;
	if (c->m > 59 || (colon && c->m < 0))
		return false;
	if (!colon && c->m < 0) {
		if (at < end && *at == 's')
			at++;
		else if (rcd_sv_starts((struct rcd_sv){at, (size_t)(end - at)}, RCD_SV("rs")))
			at += 2;
	}
	if (colon && at < end && *at == ':') {
		at++;
		c->s = rcd_spoken_digits(&at, end, 2, 2);
		if (c->s < 0 || c->s > 59)
			return false;
	}
	if (colon && at < end && *at == 'h')
		at++;
	if (!colon && c->m >= 0 &&
	    rcd_sv_starts((struct rcd_sv){at, (size_t)(end - at)}, RCD_SV("min"))) {
		c->span = true;
		at += 3;
	}
	*p = at;
	return true;
}

/* open: an hour alone will do. */
static bool read_clock(const struct rcd_spoken_lang *l, const char *from, const char *end,
                       bool open, struct rcd_spoken_clock *c)
{
	const char *p = from;
	size_t n;
	bool known = open;

	*c = (struct rcd_spoken_clock){.m = -1, .s = -1};
	c->h = rcd_spoken_digits(&p, end, 1, 2);
	if (c->h < 0 || c->h > 24)
		return false;
	if (p < end && (*p == ':' || ((*p | 0x20) == 'h' && !l->halves))) {
		if (!read_minutes(&p, end, c))
			return false;
		known = true;
	}
	if (l->halves && (n = read_half(p, end, &c->half)) > 0) {
		if (c->h > 12)
			return false;
		p += n;
		known = true;
	}
	c->n = (size_t)(p - from);
	return known && rcd_spoken_ends(p, end);
}

bool rcd_spoken_clock(struct rcd_spoken *s)
{
	struct rcd_spoken_clock a, b;
	bool sure;
	const char *p;
	size_t dash;

	if (!rcd_spoken_is_digit(*s->p) || !read_clock(s->lang, s->p, s->end, true, &a))
		return false;
	sure = read_clock(s->lang, s->p, s->end, false, &a);
	if (!sure)
		(void)read_clock(s->lang, s->p, s->end, true, &a);
	p = s->p + a.n;
	p += rcd_spoken_blanks(p, s->end);
	dash = rcd_spoken_dash(p, s->end);
	p += dash;
	p += rcd_spoken_blanks(p, s->end);
	if (dash > 0 && read_clock(s->lang, p, s->end, false, &b) && is_date_end(p + b.n, s->end)) {
		s->lang->clock_range(s, &a, &b);
		s->p = p + b.n;
	} else if (sure && is_date_end(s->p + a.n, s->end)) {
		s->lang->clock(s->out, &a, false);
		s->p += a.n;
	} else {
		return false;
	}
	s->last = (struct rcd_sv){NULL, 0};
	return true;
}
