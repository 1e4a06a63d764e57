/* The way of a text to speech: without its marks, read word by word, tidied up. */

#include "speech/spoken_int.h"

#include <string.h>

#define MARGIN 8192 /* more than any reader says at once */

static const struct rcd_spoken_lang *find_language(const char *language)
{
	return language != NULL && strcmp(language, "en") == 0 ? &rcd_spoken_en : &rcd_spoken_pt;
}

/* "v1.2.3": what goes on after a digit belongs to it. */
static size_t measure_rest(const struct rcd_spoken *s, size_t n)
{
	while (rcd_spoken_is_digit(s->p[n - 1]) && n + 1 < (size_t)(s->end - s->p) &&
	       strchr(".-_:/", s->p[n]) != NULL && rcd_spoken_is_digit(s->p[n + 1]))
		n += 1 + rcd_spoken_word_n(s->p + n + 1, s->end);
	return n;
}

/* A word that is said as it is written. */
static void copy_word(struct rcd_spoken *s, size_t n)
{
	size_t room = RCD_MAX_SPOKEN - MARGIN - s->out->n;

	n = measure_rest(s, n);
	if (!rcd_spoken_listed((struct rcd_sv){s->p, n}, s->lang->link)) /* "CPF e", "séculos XIX e" */
		s->last = (struct rcd_sv){s->p, n};
	rcd_buf_add(s->out, s->p, rcd_utf8_cut((struct rcd_sv){s->p, n}, room));
	s->p += n;
}

static void copy_sign(struct rcd_spoken *s)
{
	const char *from = s->p;

	(void)rcd_utf8_next(&s->p, s->end);
	rcd_buf_add(s->out, from, (size_t)(s->p - from));
	if (*from == '\n' || *from == '.')
		s->last = (struct rcd_sv){NULL, 0};
}

static bool read_next(struct rcd_spoken *s)
{
	static rcd_spoken_fn *const readers[] = {
		rcd_spoken_net,   rcd_spoken_code,   rcd_spoken_money,        rcd_spoken_date,
		rcd_spoken_clock, rcd_spoken_number, rcd_spoken_abbreviation, rcd_spoken_sign,
	};

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (readers[i](s))
			return true;
	return false;
}

static void read_all(struct rcd_spoken *s)
{
	while (s->p < s->end && !s->out->bad && s->out->n < RCD_MAX_SPOKEN - MARGIN) {
		size_t n;

		if (read_next(s)) {
			if (!rcd_spoken_ends(s->p, s->end))
				rcd_buf_ch(s->out, ' ');
			continue;
		}
		n = rcd_spoken_word_n(s->p, s->end);
		if (n > 0)
			copy_word(s, n);
		else
			copy_sign(s);
	}
}

static char get_last_char(const char *p, size_t n)
{
	return n > 0 ? p[n - 1] : '\n';
}

/* What was left out leaves gaps: no two blanks or commas, none at the ends of a line. */
static void tidy_punctuation(struct rcd_buf *out, size_t from)
{
	char *p = out->p + from;
	size_t n = 0, all = out->n - from;

	for (size_t i = 0; i < all; i++) {
		char c = p[i];

		if (c == ' ' && strchr(" \n(", get_last_char(p, n)) != NULL)
			continue;
		if (strchr(",.;:!?)\n", c) != NULL)
			while (n > 0 && (p[n - 1] == ' ' || (c != ',' && p[n - 1] == ',')))
				n--;
		if ((c == ',' && strchr(",\n(.:;!?", get_last_char(p, n)) != NULL) ||
		    (c == '\n' && get_last_char(p, n) == '\n'))
			continue;
		if (c == ')' && get_last_char(p, n) == '(') {
			n--;
			continue;
		}
		p[n++] = c;
	}
	while (n > 0 && strchr(" \n,", p[n - 1]) != NULL)
		n--;
	out->n = from + n;
	out->p[out->n] = '\0';
}

static bool says_something(struct rcd_sv text)
{
	for (const char *p = text.p, *end = text.p + text.n; p < end; (void)rcd_utf8_next(&p, end))
		if (!rcd_spoken_ends(p, end))
			return true;
	return false;
}

void rcd_spoken(struct rcd_sv text, const char *language, bool whole, struct rcd_buf *out)
{
	struct rcd_spoken s = {.lang = find_language(language), .out = out};
	size_t from = out->n;
	struct rcd_buf plain;

	if (text.n > RCD_MAX_SPOKEN)
		text.n = RCD_MAX_SPOKEN;
	rcd_buf_init(&plain, 2 * RCD_MAX_SPOKEN);
	rcd_spoken_unmark(text, &plain);
	if (plain.bad) {
		rcd_buf_free(out);
		out->bad = true;
	} else if (plain.n > 0 && says_something(rcd_buf_view(&plain))) {
		s.p = plain.p;
		s.end = plain.p + plain.n;
		read_all(&s);
	} else if (whole && text.n > 0) {
		rcd_spoken_pictures(text, s.lang, out);
	}
	rcd_buf_free(&plain);
	if (!out->bad && out->n > from)
		tidy_punctuation(out, from);
}
