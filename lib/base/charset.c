#include "base/charset.h"

#include <string.h>

/* Windows-1252 where it is not latin-1: 0x80–0x9F. Five places are free. */
static const uint16_t cp1252[32] = {
	0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
	0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
	0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178,
};

enum encoding { UTF8, UTF16LE, UTF16BE, CP1252 };

/* UTF-16 without a byte order mark: in Latin text every other byte is zero. */
static bool has_zero_bytes(struct rcd_sv v, size_t at)
{
	size_t zero = 0, n = (v.n < 512 ? v.n : 512) / 2;

	for (size_t i = 0; i < n; i++)
		zero += v.p[2 * i + at] == 0;
	return n >= 2 && v.n % 2 == 0 && zero * 10 >= n * 7;
}

static enum encoding guess_encoding(struct rcd_sv *v)
{
	if (rcd_sv_starts(*v, RCD_SV("\xEF\xBB\xBF"))) {
		*v = rcd_sv_skip(*v, 3);
		return rcd_utf8_ok(*v) ? UTF8 : CP1252;
	}
	if (rcd_sv_starts(*v, RCD_SV("\xFF\xFE")) || rcd_sv_starts(*v, RCD_SV("\xFE\xFF"))) {
		enum encoding e = v->p[0] == '\xFF' ? UTF16LE : UTF16BE;

		*v = rcd_sv_skip(*v, 2);
		return e;
	}
	if (has_zero_bytes(*v, 1))
		return UTF16LE;
	if (has_zero_bytes(*v, 0))
		return UTF16BE;
	return rcd_utf8_ok(*v) ? UTF8 : CP1252;
}

static uint32_t read_unit(struct rcd_sv v, size_t at, enum encoding e)
{
	uint32_t a = (unsigned char)v.p[at], b = (unsigned char)v.p[at + 1];

	return e == UTF16LE ? a | b << 8 : a << 8 | b;
}

/* One code point off the front; U+FFFD for half a surrogate pair and for an odd last byte. */
static uint32_t take_utf16(struct rcd_sv *v, enum encoding e)
{
	uint32_t high, low;

	if (v->n < 2) {
		*v = rcd_sv_skip(*v, v->n);
		return 0xFFFD;
	}
	high = read_unit(*v, 0, e);
	low = v->n >= 4 ? read_unit(*v, 2, e) : 0;
	*v = rcd_sv_skip(*v, 2);
	if (high < 0xD800 || high > 0xDFFF)
		return high;
	if (high > 0xDBFF || low < 0xDC00 || low > 0xDFFF)
		return 0xFFFD;
	*v = rcd_sv_skip(*v, 2);
	return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

static uint32_t take_code_point(struct rcd_sv *v, enum encoding e)
{
	const char *p = v->p;
	uint32_t cp;

	if (e == UTF16LE || e == UTF16BE)
		return take_utf16(v, e);
	if (e == UTF8) {
		cp = rcd_utf8_next(&p, v->p + v->n);
		*v = rcd_sv_skip(*v, (size_t)(p - v->p));
		return cp;
	}
	cp = (unsigned char)*p;
	*v = rcd_sv_skip(*v, 1);
	return cp >= 0x80 && cp < 0xA0 ? cp1252[cp - 0x80] : cp;
}

/* Text files do contain tab, line ends, form feed and escape. */
static bool is_text_char(uint32_t cp)
{
	return cp >= 0x20 ? cp != 0x7F : (cp >= '\t' && cp <= '\r') || cp == 0x1B;
}

int rcd_charset_utf8(struct rcd_sv bytes, struct rcd_buf *out, struct rcd_err *err)
{
	enum encoding e = guess_encoding(&bytes);
	bool after_cr = false;

	while (bytes.n > 0 && !out->bad) {
		uint32_t cp = take_code_point(&bytes, e);

		if (!is_text_char(cp))
			return rcd_fail(err, RCD_PROTO, 0, "not a text: it contains control characters");
		if (!(cp == '\n' && after_cr))
			rcd_buf_code_point(out, cp == '\r' ? '\n' : cp);
		after_cr = cp == '\r';
	}
	if (out->over)
		return rcd_fail(err, RCD_LIMIT, 0, "it holds more than %zu MB of text", out->max >> 20);
	return out->bad ? rcd_fail_nomem(err) : 0;
}
