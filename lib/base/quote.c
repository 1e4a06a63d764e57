#include "base/quote.h"

#include "base/fold.h"
#include "base/visible.h"

#define FULL_WIDTH 0xFEE0 /* from ASCII to its full-width form */

static const char *find_replacement(uint32_t cp)
{
	switch (cp) {
	case '[':
	case 0x27E6: /* white square brackets, and those of East Asia */
	case 0x3010:
	case 0x3014:
	case 0x3016:
	case 0x301A:
		return "(";
	case ']':
	case 0x27E7:
	case 0x3011:
	case 0x3015:
	case 0x3017:
	case 0x301B:
		return ")";
	case '"':
	case 0x201C:
	case 0x201D:
	case 0x201E:
	case 0x201F:
	case 0x301D:
	case 0x301E:
	case 0x301F:
		return "'";
	default:
		return NULL;
	}
}

static void put_char(struct rcd_buf *out, const char *at, size_t n, uint32_t cp)
{
	const bool wide = cp > FULL_WIDTH + ' ' && cp <= FULL_WIDTH + '~';
	const uint32_t narrow = wide ? cp - FULL_WIDTH : cp;
	const char *other = cp == 0xFFFD ? "\xEF\xBF\xBD" : find_replacement(narrow);

	if (other != NULL)
		rcd_buf_str(out, other);
	else if (wide)
		rcd_buf_ch(out, (char)narrow);
	else
		rcd_buf_add(out, at, n);
}

bool rcd_quote(struct rcd_buf *out, struct rcd_sv text, size_t max)
{
	bool space = false;
	size_t n = 0;

	for (const char *p = text.p, *end = text.n > 0 ? p + text.n : p; p < end;) {
		const char *at = p;
		uint32_t cp = rcd_utf8_next(&p, end);

		if (rcd_is_space(cp)) {
			space = n > 0;
			continue;
		}
		if (rcd_is_invisible(cp))
			continue;
		if (n + space >= max) {
			rcd_buf_str(out, "…");
			break;
		}
		if (space)
			rcd_buf_ch(out, ' ');
		put_char(out, at, (size_t)(p - at), cp);
		n += 1 + space;
		space = false;
	}
	return n > 0;
}

static bool is_of_name(uint32_t cp)
{
	return (rcd_is_word_char(cp) && !rcd_is_invisible(cp)) || cp == '.' || cp == '-' ||
	       cp == '\'' || cp == ',';
}

bool rcd_quote_name(struct rcd_buf *out, struct rcd_sv text, size_t max)
{
	bool space = false, seen = false;
	size_t n = 0;

	for (const char *p = text.p, *end = text.n > 0 ? p + text.n : p; p < end && n < max;) {
		const char *at = p;
		uint32_t cp = rcd_utf8_next(&p, end);

		if (rcd_is_space(cp)) {
			space = n > 0;
			continue;
		}
		if (!is_of_name(cp))
			continue;
		if (space && n + 1 >= max)
			break;
		if (space)
			rcd_buf_ch(out, ' ');
		rcd_buf_add(out, at, (size_t)(p - at));
		n += 1 + space;
		space = false;
		seen = seen || rcd_is_word_char(cp);
	}
	return seen;
}

static bool is_control(uint32_t cp)
{
	return (cp < 0x20 && cp != '\n' && cp != '\t') || (cp >= 0x7F && cp < 0xA0);
}

/* The next visible character of the line, with *p moved behind it; 0 at the end. */
static uint32_t next_visible(const char **p, const char *end)
{
	while (*p < end) {
		uint32_t cp = rcd_utf8_next(p, end);

		if (!rcd_is_space(cp) && !rcd_is_invisible(cp))
			return cp;
	}
	return 0;
}

/* Begins with "[" and no digit: "[10:32, 1/12] Ana: oi" is a pasted chat, not a mark. */
static bool is_like_mark(struct rcd_sv line)
{
	const char *p = line.p, *end = line.p + line.n;
	uint32_t cp;

	if (next_visible(&p, end) != '[')
		return false;
	cp = next_visible(&p, end);
	return cp != 0 && (cp < '0' || cp > '9');
}

static void clean_line(struct rcd_buf *out, struct rcd_sv line)
{
	bool mark = is_like_mark(line);

	for (const char *p = line.p, *end = line.p + line.n; p < end;) {
		const char *at = p;
		uint32_t cp = rcd_utf8_next(&p, end);

		if (mark && cp == '[') {
			rcd_buf_ch(out, '(');
			mark = false;
		} else if (cp == 0xFFFD) {
			rcd_buf_str(out, "\xEF\xBF\xBD");
		} else if (!is_control(cp)) {
			rcd_buf_add(out, at, (size_t)(p - at));
		}
	}
}

void rcd_clean_text(struct rcd_buf *out, struct rcd_sv text)
{
	struct rcd_sv line;
	bool first = true;

	while (rcd_sv_cut(&text, '\n', &line)) {
		if (!first)
			rcd_buf_ch(out, '\n');
		first = false;
		clean_line(out, line);
	}
}
