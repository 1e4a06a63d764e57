/* Abbreviations, acronyms, days of the week, Roman numbers and signs. */

#include "speech/spoken_int.h"

#include <string.h>

#define MOST_SPELLED 5 /* letters of an acronym nobody listed */

static struct rcd_sv get_word(const struct rcd_spoken *s)
{
	return (struct rcd_sv){s->p, rcd_spoken_word_n(s->p, s->end)};
}

static void skip_word(struct rcd_spoken *s, size_t n)
{
	s->last = (struct rcd_sv){s->p, n};
	s->p += n;
}

/* A dot that also ends the sentence is kept. */
static void keep_stop(struct rcd_spoken *s)
{
	if (s->p[-1] == '.' && (s->p >= s->end || *s->p == '\n'))
		rcd_buf_ch(s->out, '.');
}

/* "R. das Flores": a street, where a name in capitals or an article follows. */
static bool say_street(struct rcd_spoken *s)
{
	static const char *const articles[] = {"das", "dos", "da", "do", "de", NULL};
	const char *p = s->p + 3;

	if (s->lang != &rcd_spoken_pt || s->end - s->p < 5 || memcmp(s->p, "R. ", 3) != 0)
		return false;
	if (!(*p >= 'A' && *p <= 'Z') &&
	    !rcd_spoken_listed((struct rcd_sv){p, rcd_spoken_word_n(p, s->end)}, articles))
		return false;
	rcd_buf_str(s->out, "Rua");
	skip_word(s, 2);
	return true;
}

/* --- days of the week --------------------------------------------------------------------- */

static const struct rcd_spoken_word *find_weekday(const struct rcd_spoken *s, const char *p,
                                                  size_t *n)
{
	for (const struct rcd_spoken_word *w = s->lang->weekday; w->mark != NULL; w++) {
		*n = rcd_spoken_begins(p, s->end, w->mark);
		if (*n > 0) {
			*n += p + *n < s->end && p[*n] == '.';
			return w;
		}
	}
	return NULL;
}

/* What stands between two days: where the second begins, and how it is said. */
static const char *match_weekday_link(const struct rcd_spoken *s, const char *p, const char **said)
{
	size_t gap;

	*said = s->lang->to;
	p += rcd_spoken_blanks(p, s->end);
	if ((gap = rcd_spoken_dash(p, s->end)) == 0 && p < s->end && (*p == '/' || *p == ',')) {
		*said = *p == '/' ? s->lang->and : ",";
		gap = 1;
	} else if (gap == 0 && p < s->end) {
		gap = rcd_spoken_begins(p, s->end, s->lang->to);
		if (gap == 0)
			gap = rcd_spoken_begins(p, s->end, "à");
		if (gap == 0 && (gap = rcd_spoken_begins(p, s->end, s->lang->and)) > 0)
			*said = s->lang->and;
	}
	return gap > 0 ? p + gap + rcd_spoken_blanks(p + gap, s->end) : NULL;
}

/* "seg a sex", "seg-sáb", "seg, qua e sex": two at least, since each alone is another word too. */
static bool say_weekdays(struct rcd_spoken *s)
{
	size_t n;
	const struct rcd_spoken_word *day = find_weekday(s, s->p, &n), *next;
	const char *p, *said;

	for (int i = 0; day != NULL && i < 7; i++, day = next) {
		p = match_weekday_link(s, s->p + n, &said);
		next = p != NULL && p < s->end ? find_weekday(s, p, &n) : NULL;
		if (next == NULL)
			return i > 0;
		if (i == 0)
			rcd_buf_str(s->out, day->said);
		rcd_buf_fmt(s->out, "%s%s %s", said[0] == ',' ? "" : " ", said, next->said);
		skip_word(s, (size_t)(p - s->p) + n);
		keep_stop(s);
		n = 0;
	}
	return day != NULL;
}

/* --- Roman numbers ------------------------------------------------------------------------ */

static int get_roman_digit(char c)
{
	static const char digits[] = "IVXLCDM";
	static const int values[] = {1, 5, 10, 50, 100, 500, 1000};
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? values[at - digits] : 0;
}

/* Its value, or 0. */
static int read_roman(struct rcd_sv v)
{
	int sum = 0;

	if (v.n == 0 || v.n > 9)
		return 0;
	for (size_t i = 0; i < v.n; i++) {
		int d = get_roman_digit(v.p[i]), next = i + 1 < v.n ? get_roman_digit(v.p[i + 1]) : 0;

		if (d == 0)
			return 0;
		sum += d < next ? -d : d;
	}
	return sum;
}

static bool say_roman(struct rcd_spoken *s)
{
	struct rcd_sv word = get_word(s);
	int n = read_roman(word);

	if (n <= 0 || s->last.n == 0)
		return false;
	for (const struct rcd_spoken_roman *r = s->lang->roman; r->word != NULL; r++)
		if (rcd_sv_ieq(s->last, rcd_sv(r->word))) {
			if (n > r->ordinals || !s->lang->ordinal(s->out, (uint64_t)n, false))
				s->lang->cardinal(s->out, (uint64_t)n, false);
			s->p += word.n;
			return true;
		}
	return false;
}

/* --- acronyms ----------------------------------------------------------------------------- */

static bool is_unspeakable(struct rcd_sv word)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] < 'A' || word.p[i] > 'Z' || strchr("AEIOU", word.p[i]) != NULL)
			return false;
	return word.n >= 2 && word.n <= MOST_SPELLED;
}

static bool say_acronym(struct rcd_spoken *s)
{
	struct rcd_sv word = get_word(s);
	const struct rcd_spoken_word *a = s->lang->acronym;
	bool many = word.n > 2 && word.p[word.n - 1] == 's';
	struct rcd_sv bare = {word.p, word.n - many};

	while (a->mark != NULL && !rcd_sv_is(bare, a->mark))
		a++;
	if (a->mark == NULL && !is_unspeakable(bare))
		return false;
	if (a->mark != NULL && a->said != NULL)
		rcd_buf_str(s->out, a->said);
	else
		rcd_spoken_spell(s, bare);
	if (many)
		rcd_buf_ch(s->out, 's');
	skip_word(s, word.n);
	return true;
}

/* --- the readers -------------------------------------------------------------------------- */

static bool say_abbreviation(struct rcd_spoken *s)
{
	size_t n;

	for (const struct rcd_spoken_word *a = s->lang->abbreviation; a->mark != NULL; a++) {
		n = rcd_spoken_begins(s->p, s->end, a->mark);
		if (n == 0)
			continue;
		rcd_buf_str(s->out, a->said);
		skip_word(s, n);
		keep_stop(s);
		return true;
	}
	return false;
}

bool rcd_spoken_abbreviation(struct rcd_spoken *s)
{
	if (rcd_spoken_ends(s->p, s->end))
		return false;
	return say_street(s) || say_roman(s) || say_weekdays(s) || say_abbreviation(s) ||
	       say_acronym(s);
}

bool rcd_spoken_sign(struct rcd_spoken *s)
{
	struct rcd_sv rest = {s->p, (size_t)(s->end - s->p)};

	if (*s->p == '~') {
		rcd_buf_str(s->out, s->lang->about);
		rcd_buf_ch(s->out, ' ');
		s->p++;
		return true;
	}
	for (const struct rcd_spoken_word *w = s->lang->sign; w->mark != NULL; w++)
		if (rcd_sv_starts(rest, rcd_sv(w->mark))) {
			rcd_buf_str(s->out, w->said);
			s->p += strlen(w->mark);
			return true;
		}
	return false;
}
