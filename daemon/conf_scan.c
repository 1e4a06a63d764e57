#include "daemon/conf_parts.h"

#include <string.h>

/* libconfig 1.5 wraps integers beyond 32 bits without a word, takes a text or a comment that
 * never ends, drops control bytes, and its scanner ends the whole process when an @include
 * names a folder. A daemon that reloads cannot afford any of it, so the file is looked
 * through first. */

#define MAX_DIGITS 9 /* no setting needs more, and they fit into 32 bits */

struct scan {
	const char *p, *end;
	int line;
	const char *line_start;
	struct rcd_err *err;
};

static bool is_at(const struct scan *s, const char *token)
{
	size_t n = strlen(token);

	return (size_t)(s->end - s->p) >= n && memcmp(s->p, token, n) == 0;
}

static void step_over(struct scan *s)
{
	if (*s->p++ == '\n') {
		s->line++;
		s->line_start = s->p;
	}
}

/* Up to and with the token that ends what began at this line. */
static int skip_to(struct scan *s, const char *token, const char *what)
{
	int began = s->line;

	while (s->p < s->end && !is_at(s, token)) {
		if (*token == '"' && *s->p == '\\' && s->p + 1 < s->end)
			step_over(s);
		step_over(s);
	}
	if (s->p == s->end) {
		s->line = began;
		return rcd_fail(s->err, RCD_INVAL, 0, "%s that begins here never ends", what);
	}
	s->p += strlen(token);
	return 0;
}

static void skip_line(struct scan *s)
{
	while (s->p < s->end && *s->p != '\n')
		s->p++;
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* A name or a number; of a number, the digits before the point are counted. */
static int scan_word(struct scan *s)
{
	bool number = *s->p >= '0' && *s->p <= '9';
	bool fraction = s->p > s->line_start && s->p[-1] == '.';
	size_t n = 0;

	for (; s->p < s->end && is_word(*s->p); s->p++)
		n++;
	if (number && !fraction && n > MAX_DIGITS)
		return rcd_fail(s->err, RCD_INVAL, 0, "a number of more than %d digits", MAX_DIGITS);
	return 0;
}

static int check_include(const struct scan *s)
{
	for (const char *q = s->line_start; q < s->p; q++)
		if (*q != ' ' && *q != '\t')
			return 0;
	return rcd_fail(s->err, RCD_INVAL, 0, "@include is not taken: keep all settings in one file");
}

static int scan_token(struct scan *s)
{
	if (*s->p == '"') {
		s->p++;
		return skip_to(s, "\"", "a text");
	}
	if (is_at(s, "/*")) {
		s->p += 2;
		return skip_to(s, "*/", "a comment");
	}
	if (*s->p == '#' || is_at(s, "//")) {
		skip_line(s);
		return 0;
	}
	if (is_word(*s->p))
		return scan_word(s);
	if (is_at(s, "@include") && check_include(s) != 0)
		return -1;
	step_over(s);
	return 0;
}

/* The first byte that is a control (a NUL would hide all that follows) or cannot belong to
 * UTF-8; the end when there is none. */
static const char *bad_byte(const char *p, const char *end)
{
	while (p < end) {
		const char *from = p;
		uint32_t c = rcd_utf8_next(&p, end);

		if ((c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7f ||
		    (c == 0xfffd && p - from == 1))
			return from;
	}
	return end;
}

static int line_of(const char *p, const char *where)
{
	int line = 1;

	for (; p < where; p++)
		line += *p == '\n';
	return line;
}

int rcd_conf_scan(struct rcd_sv text, int *line, struct rcd_err *err)
{
	struct scan s = {text.p, text.p + text.n, 1, text.p, err};
	const char *bad = bad_byte(s.p, s.end);

	if (bad < s.end) {
		*line = line_of(text.p, bad);
		return rcd_fail(err, RCD_INVAL, 0, "the byte 0x%02x does not belong into a text file",
		                (unsigned char)*bad);
	}
	while (s.p < s.end) {
		if (scan_token(&s) != 0) {
			*line = s.line;
			return -1;
		}
	}
	return 0;
}
