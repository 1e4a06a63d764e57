/* What the readers of a text look with. */

#include "speech/spoken_int.h"

#include <string.h>
#include <strings.h>

static bool is_letter(uint32_t c)
{
	if (c < 0x80)
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
	if (c < 0x2000)
		return c >= 0xC0 && c != 0xD7 && c != 0xF7; /* not º ª ° ² ³ × ÷ */
	return c >= 0x2C00 && c < 0xFE00 && !(c >= 0x3000 && c <= 0x303F);
}

size_t rcd_spoken_word_n(const char *p, const char *end)
{
	const char *at = p;

	for (const char *next = p; at < end; at = next)
		if (!is_letter(rcd_utf8_next(&next, end)))
			break;
	return (size_t)(at - p);
}

bool rcd_spoken_ends(const char *p, const char *end)
{
	return p >= end || !is_letter(rcd_utf8_next(&p, end));
}

size_t rcd_spoken_begins(const char *p, const char *end, const char *mark)
{
	size_t n = strlen(mark);
	bool word;

	if ((size_t)(end - p) < n || memcmp(p + 1, mark + 1, n - 1) != 0)
		return 0;
	if (*p != *mark && !(mark[0] >= 'a' && mark[0] <= 'z' && *p == mark[0] - 'a' + 'A'))
		return 0;
	word = (unsigned char)mark[n - 1] >= 0xC0 || is_letter((unsigned char)mark[n - 1]) ||
	       (n > 1 && (unsigned char)mark[n - 2] == 0xC3); /* é, ç … */
	return word && !rcd_spoken_ends(p + n, end) ? 0 : n;
}

size_t rcd_spoken_dash(const char *p, const char *end)
{
	struct rcd_sv v = {p, (size_t)(end - p)};

	if (v.n > 0 && *p == '-')
		return 1;
	return rcd_sv_starts(v, RCD_SV("–")) || rcd_sv_starts(v, RCD_SV("—")) ? 3 : 0;
}

size_t rcd_spoken_blanks(const char *p, const char *end)
{
	const char *at = p;

	while (at < end && *at == ' ')
		at++;
	return (size_t)(at - p);
}

bool rcd_spoken_listed(struct rcd_sv word, const char *const *list)
{
	for (size_t i = 0; list[i] != NULL; i++)
		if (rcd_sv_ieq(word, rcd_sv(list[i])))
			return true;
	return false;
}

int rcd_spoken_digits(const char **p, const char *end, int least, int most)
{
	const char *at = *p;
	int value = 0;

	while (at < end && rcd_spoken_is_digit(*at) && at - *p < most)
		value = value * 10 + (*at++ - '0');
	if (at - *p < least || (at < end && rcd_spoken_is_digit(*at)))
		return -1;
	*p = at;
	return value;
}

bool rcd_spoken_fresh(const struct rcd_buf *out)
{
	return out->n == 0 || strchr(" \n(\"'", out->p[out->n - 1]) != NULL;
}

void rcd_spoken_spell(struct rcd_spoken *s, struct rcd_sv letters)
{
	for (size_t i = 0; i < letters.n; i++) {
		char c = letters.p[i];

		if (rcd_spoken_is_digit(c)) {
			if (i > 0)
				rcd_buf_ch(s->out, ' ');
			s->lang->cardinal(s->out, (uint64_t)(c - '0'), false);
			continue;
		}
		c |= 0x20;
		if (c < 'a' || c > 'z')
			continue;
		if (i > 0)
			rcd_buf_ch(s->out, ' ');
		rcd_buf_str(s->out, s->lang->letter[c - 'a']);
	}
}
