#include "answer/sentence.h"

#include <string.h>

#define FIRST                                                                                      \
	10           /* bytes: a mark this early belongs to "1." or "Sr.", or is not worth a request   \
	              */
#define LATER 40 /* lines of a list go together */

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Abbreviations that stand before a name, and never at an end. */
static bool is_title(struct rcd_sv word)
{
	static const char *const titles[] = {"sr",  "sra", "srta", "srs", "dr", "dra",  "prof", "profa",
	                                     "eng", "av",  "al",   "tv",  "pç", "exmo", "exma", "mr",
	                                     "mrs", "ms",  "st",   "vs",  "nº", "art"};

	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		if (rcd_sv_ieq(word, rcd_sv(titles[i])))
			return true;
	return false;
}

/* The dot at i: of "2." that begins a line, of "R. Augusta", of "Sra. Ana". */
static bool is_inside(struct rcd_sv t, size_t i)
{
	size_t from = i, digits = 0;

	while (from > 0 && !is_space(t.p[from - 1]) && strchr("(\"'*_", t.p[from - 1]) == NULL)
		digits += t.p[--from] >= '0' && t.p[from] <= '9';
	if (digits > 0 && digits == i - from)
		return from == 0 || t.p[from - 1] == '\n';
	return (i - from == 1 && t.p[from] >= 'A' && t.p[from] <= 'Z') ||
	       is_title((struct rcd_sv){t.p + from, i - from});
}

/* Does what stands before i end a sentence? */
static bool is_end_at(struct rcd_sv t, size_t i)
{
	while (i > 0 && strchr("\"')*_", t.p[i - 1]) != NULL)
		i--;
	if (i > 0 && t.p[i - 1] == '.')
		return !is_inside(t, i - 1);
	return i > 0 &&
	       (strchr("!?", t.p[i - 1]) != NULL || rcd_sv_ends((struct rcd_sv){t.p, i}, RCD_SV("…")));
}

/* The same where i is at white space: a line end ends one too. */
static bool is_end_before(struct rcd_sv t, size_t i)
{
	return t.p[i] == '\n' || is_end_at(t, i);
}

size_t rcd_sentence(struct rcd_sv text, bool first)
{
	for (size_t i = first ? FIRST : LATER; i < text.n; i++)
		if (is_space(text.p[i]) && is_end_before(text, i))
			return i + 1;
	return 0;
}

/* "R$ 3." may go on. */
static bool is_open(struct rcd_sv t)
{
	return t.n > 1 && t.p[t.n - 1] == '.' && t.p[t.n - 2] >= '0' && t.p[t.n - 2] <= '9';
}

size_t rcd_sentence_last(struct rcd_sv text)
{
	size_t n = text.n;

	if (n > 0 && !is_space(text.p[n - 1]) && !is_open(text) && is_end_at(text, n))
		return n;
	while (n > 0 && !(is_space(text.p[n - 1]) && is_end_before(text, n - 1)))
		n--;
	return n;
}
