/* Numbers that count something: percentages, units, ordinals, fractions, ranges. */

#include "speech/spoken_int.h"

#include <string.h>

#define MOST_DIGITS 15

static size_t count_digits(const char *p, const char *end)
{
	const char *at = p;

	while (at < end && rcd_spoken_is_digit(*at))
		at++;
	return (size_t)(at - p);
}

/* The whole part of "1.234.567", or the digits without groups: its bytes. */
static size_t read_whole_part(const struct rcd_spoken_lang *l, const char *p, const char *end,
                              struct rcd_spoken_figure *v)
{
	size_t n = count_digits(p, end), at = n;

	v->digits = n;
	while (n <= 3 && *p != '0' && at < (size_t)(end - p) && p[at] == l->group &&
	       count_digits(p + at + 1, end) == 3) {
		v->digits += 3;
		at += 4;
	}
	v->grouped = at > n;
	if (v->digits > MOST_DIGITS)
		return 0;
	for (size_t i = 0; i < at; i++)
		if (rcd_spoken_is_digit(p[i]))
			v->whole = v->whole * 10 + (uint64_t)(p[i] - '0');
	return at;
}

bool rcd_spoken_figure(const struct rcd_spoken_lang *l, const char *p, const char *end,
                       struct rcd_spoken_figure *v)
{
	size_t n, frac;

	*v = (struct rcd_spoken_figure){0};
	if (p >= end || !rcd_spoken_is_digit(*p) || (n = read_whole_part(l, p, end, v)) == 0)
		return false;
	if (n < (size_t)(end - p) && (p[n] == l->decimal || p[n] == l->group) &&
	    (frac = count_digits(p + n + 1, end)) > 0) {
		v->odd_mark = p[n] == l->group;
		if (frac > 6 || (v->odd_mark && (v->grouped || frac > 2)))
			return false;
		v->frac = (struct rcd_sv){p + n + 1, frac};
		n += 1 + frac;
		if (n + 1 < (size_t)(end - p) && (p[n] == l->decimal || p[n] == l->group) &&
		    rcd_spoken_is_digit(p[n + 1]))
			return false;
	}
	v->spell = v->digits > 2 && *p == '0' && v->frac.n == 0;
	v->n = n;
	return true;
}

static void say_fraction(struct rcd_spoken *s, struct rcd_sv frac)
{
	size_t zeros = 0;
	uint64_t n = 0;

	while (zeros < frac.n && frac.p[zeros] == '0')
		zeros++;
	for (size_t i = zeros; i < frac.n; i++)
		n = n * 10 + (uint64_t)(frac.p[i] - '0');
	if (s->lang->digits_after_point || frac.n - zeros > 3 || zeros == frac.n) {
		rcd_spoken_spell(s, frac);
		return;
	}
	for (size_t i = 0; i < zeros; i++) {
		s->lang->cardinal(s->out, 0, false);
		rcd_buf_ch(s->out, ' ');
	}
	s->lang->cardinal(s->out, n, false);
}

void rcd_spoken_say_figure(struct rcd_spoken *s, const struct rcd_spoken_figure *v, const char *p,
                           bool feminine)
{
	if (v->spell) {
		rcd_spoken_spell(s, (struct rcd_sv){p, v->n});
		return;
	}
	s->lang->cardinal(s->out, v->whole, feminine && v->frac.n == 0);
	if (v->frac.n == 0)
		return;
	rcd_buf_fmt(s->out, " %s ",
	            v->odd_mark == (s->lang->decimal == ',') ? s->lang->point : s->lang->comma);
	say_fraction(s, v->frac);
}

/* --- what follows a number ---------------------------------------------------------------- */

static bool is_one(const struct rcd_spoken_lang *l, const struct rcd_spoken_figure *v)
{
	return l->digits_after_point ? v->whole == 1 && v->frac.n == 0 : v->whole < 2;
}

static const struct rcd_spoken_unit *find_unit(const struct rcd_spoken *s, const char *p, size_t *n)
{
	const struct rcd_spoken_unit *u = s->lang->unit;
	size_t blanks = rcd_spoken_blanks(p, s->end), len;

	for (; blanks <= 1 && u->mark != NULL; u++) {
		struct rcd_sv rest = {p + blanks, (size_t)(s->end - p) - blanks};

		len = strlen(u->mark);
		if (rcd_sv_starts(rest, rcd_sv(u->mark)) && rcd_spoken_ends(rest.p + len, s->end) &&
		    !(u->mark[1] == '\0' && len < rest.n && rest.p[len] == '.' && blanks == 0 &&
		      len + 1 < rest.n && !rcd_spoken_ends(rest.p + len + 1, s->end))) {
			*n = blanks + len;
			return u;
		}
	}
	return NULL;
}

/* The word that is counted: behind "mil", and behind the other number of "2 a 3 parcelas". */
static struct rcd_sv find_noun(const struct rcd_spoken *s, const char *p)
{
	struct rcd_sv none = {NULL, 0};

	for (int i = 0; i < 5; i++) {
		size_t blanks = rcd_spoken_blanks(p, s->end);
		struct rcd_sv word = {p + blanks, rcd_spoken_word_n(p + blanks, s->end)};
		bool number = word.n > 0 && rcd_spoken_is_digit(*word.p);

		if (blanks == 0 || word.n == 0 || (i == 0 && number))
			return none;
		if (!number && !rcd_spoken_listed(word, s->lang->link))
			return word;
		p = word.p + word.n;
	}
	return none;
}

/* Of how many things of a kind: more than one of them end in an s. */
static bool is_feminine(const struct rcd_spoken *s, const char *p, bool many)
{
	struct rcd_sv noun;

	if (s->lang->feminine == NULL)
		return false;
	noun = find_noun(s, p);
	return noun.n > 0 && (!many || noun.p[noun.n - 1] == 's') && s->lang->feminine(noun);
}

void rcd_spoken_per(struct rcd_spoken *s)
{
	const struct rcd_spoken_unit *u;
	size_t n;

	if (s->p + 1 >= s->end || *s->p != '/' || rcd_spoken_is_digit(s->p[1]) ||
	    rcd_spoken_ends(s->p + 1, s->end))
		return;
	u = find_unit(s, s->p + 1, &n);
	rcd_buf_fmt(s->out, " %s ", s->lang->by);
	if (u != NULL)
		rcd_buf_str(s->out, u->one);
	s->p += 1 + (u != NULL ? n : 0);
}

/* --- ranges ------------------------------------------------------------------------------- */

size_t rcd_spoken_range(const struct rcd_spoken *s, const char *p, struct rcd_spoken_figure *v)
{
	size_t before = rcd_spoken_blanks(p, s->end), dash = rcd_spoken_dash(p + before, s->end), after;

	if (dash == 0)
		return 0;
	after = rcd_spoken_blanks(p + before + dash, s->end);
	if (before != after || before > 1 || (before == 1 && dash == 1))
		return 0;
	before += dash + after;
	return rcd_spoken_figure(s->lang, p + before, s->end, v) && !v->spell ? before : 0;
}

/* --- fractions and ordinals --------------------------------------------------------------- */

/* "1/2", "3/4"; "3/12" after a word that is counted. */
static bool say_part(struct rcd_spoken *s, const struct rcd_spoken_figure *v, const char *p)
{
	const char *at = p + v->n + 1;
	int of;

	if (v->frac.n > 0 || v->grouped || at >= s->end || p[v->n] != '/' ||
	    (of = rcd_spoken_digits(&at, s->end, 1, 3)) < 1 || !rcd_spoken_ends(at, s->end) ||
	    (at + 1 < s->end && *at == '/' && rcd_spoken_is_digit(at[1])))
		return false;
	if (v->whole == 24 && of == 7) {
		rcd_buf_str(s->out, s->lang->always);
	} else if (rcd_spoken_listed(s->last, s->lang->counted)) {
		s->lang->cardinal(s->out, v->whole, false);
		rcd_buf_fmt(s->out, " %s ", s->lang->out_of);
		s->lang->cardinal(s->out, (uint64_t)of, false);
	} else if (v->whole == 1 && of == 2) {
		rcd_buf_str(s->out, is_feminine(s, at, false) ? s->lang->half_feminine : s->lang->half);
	} else if (v->whole > 0 && v->whole < (uint64_t)of && of >= 3 && of <= 10 && v->digits == 1) {
		s->lang->cardinal(s->out, v->whole, false);
		rcd_buf_fmt(s->out, " %s%s", s->lang->part[of - 3], v->whole > 1 ? "s" : "");
	} else {
		return false;
	}
	s->p = at;
	return true;
}

/* "3º", "2ª", "1.º"; "21st" */
static bool say_ordinal(struct rcd_spoken *s, const struct rcd_spoken_figure *v, const char *p)
{
	struct rcd_sv rest = {p + v->n, (size_t)(s->end - p) - v->n};

	if (v->frac.n > 0 || v->spell)
		return false;
	for (const struct rcd_spoken_unit *o = s->lang->ordinal_mark; o->mark != NULL; o++)
		if (rcd_sv_starts(rest, rcd_sv(o->mark)) &&
		    rcd_spoken_ends(rest.p + strlen(o->mark), s->end) &&
		    s->lang->ordinal(s->out, v->whole, o->feminine)) {
			s->p = rest.p + strlen(o->mark);
			return true;
		}
	return false;
}

/* --- a plain number ----------------------------------------------------------------------- */

/* "%", "x", a unit, or what is counted by the words that follow. */
static void say_counted(struct rcd_spoken *s, const struct rcd_spoken_figure *v, const char *p)
{
	const struct rcd_spoken_unit *u;
	size_t n;

	s->p = p + v->n;
	if (s->p < s->end && *s->p == '%') {
		rcd_spoken_say_figure(s, v, p, false);
		rcd_buf_fmt(s->out, " %s", s->lang->percent);
		s->p++;
	} else if (s->p < s->end && (*s->p | 0x20) == 'x' && rcd_spoken_ends(s->p + 1, s->end)) {
		rcd_spoken_say_figure(s, v, p, s->lang->feminine != NULL);
		rcd_buf_fmt(s->out, " %s", s->lang->times);
		s->p++;
	} else if ((u = find_unit(s, s->p, &n)) != NULL) {
		rcd_spoken_say_figure(s, v, p, u->feminine);
		rcd_buf_fmt(s->out, " %s", is_one(s->lang, v) ? u->one : u->many);
		s->p += n;
		rcd_spoken_per(s);
	} else {
		rcd_spoken_say_figure(s, v, p, is_feminine(s, s->p, v->whole != 1));
		if (s->p < s->end && !rcd_spoken_is_digit(*s->p))
			rcd_spoken_per(s);
	}
}

/* "10-15 dias", "20x30 cm": the first of them takes the second's gender and needs no unit. */
static void say_pair(struct rcd_spoken *s, const struct rcd_spoken_figure *v, const char *p,
                     const struct rcd_spoken_figure *to, const char *second, const char *between)
{
	const struct rcd_spoken_unit *u;
	size_t n;
	bool woman;

	u = find_unit(s, second + to->n, &n);
	woman = u != NULL ? u->feminine : is_feminine(s, second + to->n, true);
	rcd_spoken_say_figure(s, v, p, woman);
	rcd_buf_fmt(s->out, " %s ", between);
	say_counted(s, to, second);
}

static bool is_year(const struct rcd_spoken_figure *v)
{
	return v->digits == 4 && !v->grouped && v->frac.n == 0 && v->whole >= 1900 && v->whole < 2100;
}

/* "x30" or " x 30" after "20": its bytes up to the second number, 0 when there is none. */
static size_t match_times(const struct rcd_spoken *s, const char *p, struct rcd_spoken_figure *v)
{
	size_t blanks = rcd_spoken_blanks(p, s->end);
	const char *x = p + blanks;

	if (blanks > 1 || x >= s->end || (*x | 0x20) != 'x')
		return 0;
	x++;
	if (rcd_spoken_blanks(x, s->end) != blanks ||
	    !rcd_spoken_figure(s->lang, x + blanks, s->end, v))
		return 0;
	return 2 * blanks + 1;
}

static bool say_any(struct rcd_spoken *s, const struct rcd_spoken_figure *v, const char *p)
{
	struct rcd_spoken_figure to, by;
	const char *x = p + v->n;
	size_t n = rcd_spoken_range(s, x, &to), times = match_times(s, x, &by);

	if (n > 0 && !v->spell && (v->whole < to.whole || v->frac.n > 0)) {
		say_pair(s, v, p, &to, x + n, s->lang->to);
	} else if (times > 0) {
		say_pair(s, v, p, &by, x + times, s->lang->across);
	} else if (n > 0 || (x < s->end && (*x == '-' || *x == '/' || *x == ':') && x + 1 < s->end &&
	                     rcd_spoken_is_digit(x[1]))) {
		return false; /* no range, no date, no time: who knows */
	} else if (is_year(v) &&
	           (rcd_spoken_listed(s->last, s->lang->dated) || find_noun(s, x).n == 0)) {
		s->p = x;
		s->lang->year(s->out, v->whole);
	} else {
		say_counted(s, v, p);
	}
	return true;
}

/* What looks like a number and is none stays as it is, as a whole. */
static void copy_unread(struct rcd_spoken *s)
{
	const char *from = s->p;

	while (s->p < s->end && s->p - from < 64 &&
	       (!rcd_spoken_ends(s->p, s->end) ||
	        (strchr(".,-/:", *s->p) != NULL && s->p > from && s->p + 1 < s->end &&
	         !rcd_spoken_ends(s->p + 1, s->end))))
		(void)rcd_utf8_next(&s->p, s->end);
	rcd_buf_add(s->out, from, (size_t)(s->p - from));
}

bool rcd_spoken_number(struct rcd_spoken *s)
{
	const char *p = s->p, *end = s->end;
	bool minus = *p == '-' && p + 1 < end && rcd_spoken_is_digit(p[1]) && rcd_spoken_fresh(s->out);
	struct rcd_spoken_figure v;

	if (minus)
		p++;
	if (!rcd_spoken_is_digit(*p))
		return false;
	if (minus) {
		rcd_buf_fmt(s->out, "%s ", s->lang->minus);
		s->p = p;
	}
	if (!rcd_spoken_figure(s->lang, p, end, &v) ||
	    !(say_ordinal(s, &v, p) || say_part(s, &v, p) || say_any(s, &v, p)))
		copy_unread(s);
	s->last = (struct rcd_sv){NULL, 0};
	return true;
}
