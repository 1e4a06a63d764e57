#include "base/sv.h"

#include <stdlib.h>
#include <string.h>

struct rcd_sv rcd_sv(const char *s)
{
	return (struct rcd_sv){s, s != NULL ? strlen(s) : 0};
}

bool rcd_sv_eq(struct rcd_sv a, struct rcd_sv b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool rcd_sv_is(struct rcd_sv a, const char *s)
{
	size_t i = 0;

	while (i < a.n && s[i] != '\0' && a.p[i] == s[i])
		i++;
	return i == a.n && s[i] == '\0';
}

bool rcd_sv_ieq(struct rcd_sv a, struct rcd_sv b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (rcd_ascii_lower(a.p[i]) != rcd_ascii_lower(b.p[i]))
			return false;
	return true;
}

bool rcd_sv_starts(struct rcd_sv a, struct rcd_sv prefix)
{
	return a.n >= prefix.n && rcd_sv_eq((struct rcd_sv){a.p, prefix.n}, prefix);
}

bool rcd_sv_ends(struct rcd_sv a, struct rcd_sv suffix)
{
	return a.n >= suffix.n && rcd_sv_eq((struct rcd_sv){a.p + a.n - suffix.n, suffix.n}, suffix);
}

bool rcd_sv_has_at(struct rcd_sv a, size_t at, struct rcd_sv what)
{
	if (a.p == NULL || at > a.n)
		return a.p == NULL && at == 0 && what.n == 0;
	return rcd_sv_starts((struct rcd_sv){a.p + at, a.n - at}, what);
}

unsigned rcd_sv_byte(struct rcd_sv a, size_t at)
{
	return at < a.n ? (unsigned char)a.p[at] : 0;
}

bool rcd_sv_is_digits(struct rcd_sv a)
{
	for (size_t i = 0; i < a.n; i++)
		if (a.p[i] < '0' || a.p[i] > '9')
			return false;
	return a.n > 0;
}

char rcd_ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

struct rcd_sv rcd_sv_skip(struct rcd_sv a, size_t n)
{
	if (a.p == NULL)
		return a;
	if (n > a.n)
		n = a.n;
	return (struct rcd_sv){a.p + n, a.n - n};
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}

struct rcd_sv rcd_sv_trim(struct rcd_sv a)
{
	while (a.n > 0 && is_blank(a.p[0]))
		a = rcd_sv_skip(a, 1);
	while (a.n > 0 && is_blank(a.p[a.n - 1]))
		a.n--;
	return a;
}

bool rcd_sv_cut(struct rcd_sv *rest, char sep, struct rcd_sv *part)
{
	const char *at;

	if (rest->p == NULL)
		return false;
	at = rest->n > 0 ? memchr(rest->p, sep, rest->n) : NULL;
	if (at == NULL) {
		*part = *rest;
		*rest = (struct rcd_sv){NULL, 0};
	} else {
		*part = (struct rcd_sv){rest->p, (size_t)(at - rest->p)};
		*rest = rcd_sv_skip(*rest, part->n + 1);
	}
	return true;
}

int rcd_parse_i64(struct rcd_sv v, int64_t min, int64_t max, int64_t *out)
{
	bool neg = v.n > 0 && v.p[0] == '-';
	int64_t x = 0;

	if (v.n > 0 && (neg || v.p[0] == '+'))
		v = rcd_sv_skip(v, 1);
	if (v.n == 0)
		return -1;
	for (size_t i = 0; i < v.n; i++) {
		int digit = v.p[i] - '0';

		if (digit < 0 || digit > 9)
			return -1;
		if (__builtin_mul_overflow(x, 10, &x) ||
		    __builtin_add_overflow(x, neg ? -digit : digit, &x))
			return -1;
	}
	if (x < min || x > max)
		return -1;
	*out = x;
	return 0;
}

char *rcd_sv_dup(struct rcd_sv v)
{
	char *s = malloc(v.n + 1);

	if (s == NULL)
		return NULL;
	if (v.n > 0)
		memcpy(s, v.p, v.n);
	s[v.n] = '\0';
	return s;
}

/* Length of the sequence that begins with byte; 0 when none does. */
static size_t get_sequence_length(unsigned char byte)
{
	if (byte < 0x80)
		return 1;
	if (byte < 0xC2 || byte >= 0xF5)
		return 0;
	if (byte < 0xE0)
		return 2;
	return byte < 0xF0 ? 3 : 4;
}

/* Bytes of the well-formed sequence at p, 0 when there is none (RFC 3629, table 3-7 of Unicode). */
static size_t decode_sequence(const unsigned char *p, size_t n, uint32_t *cp)
{
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = get_sequence_length(p[0]);
	uint32_t c;

	if (len == 0 || len > n)
		return 0;
	c = len == 1 ? p[0] : p[0] & (0x7FU >> len);
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3F);
	}
	if (len > 1 && (c < least[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)))
		return 0;
	*cp = c;
	return len;
}

uint32_t rcd_utf8_next(const char **p, const char *end)
{
	uint32_t cp = 0xFFFD;
	size_t len = decode_sequence((const unsigned char *)*p, (size_t)(end - *p), &cp);

	*p += len > 0 ? len : 1;
	return len > 0 ? cp : 0xFFFD;
}

bool rcd_utf8_ok(struct rcd_sv v)
{
	uint32_t cp;

	for (size_t i = 0, len; i < v.n; i += len) {
		len = decode_sequence((const unsigned char *)v.p + i, v.n - i, &cp);
		if (len == 0)
			return false;
	}
	return true;
}

size_t rcd_utf8_cut(struct rcd_sv v, size_t max)
{
	if (v.n <= max)
		return v.n;
	while (max > 0 && ((unsigned char)v.p[max] & 0xC0) == 0x80)
		max--;
	return max;
}

size_t rcd_utf8_count(struct rcd_sv v)
{
	size_t n = 0;

	if (v.p == NULL)
		return 0;
	for (const char *p = v.p, *end = v.p + v.n; p < end; n++)
		(void)rcd_utf8_next(&p, end);
	return n;
}
