#include "tools/path.h"

#include "base/limits.h"
#include "base/visible.h"

#include <string.h>

#define MAX_DECODED 4 /* a server, a proxy before it, and two more */

static int read_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes text in place; false when there was nothing to decode. */
static bool decode_percent(char *text, size_t *n)
{
	size_t out = 0;

	for (size_t i = 0; i < *n; i++) {
		const bool coded = text[i] == '%' && i + 2 < *n && read_hex_digit(text[i + 1]) >= 0 &&
		                   read_hex_digit(text[i + 2]) >= 0;

		text[out++] = coded ? (char)(read_hex_digit(text[i + 1]) << 4 | read_hex_digit(text[i + 2]))
		                    : text[i];
		i += coded ? 2 : 0;
	}
	if (out == *n)
		return false;
	*n = out;
	return true;
}

static bool is_plain_dots(struct rcd_sv v)
{
	const char *end = v.n > 0 ? memchr(v.p, ';', v.n) : NULL;

	if (end != NULL)
		v.n = (size_t)(end - v.p);
	v = rcd_sv_trim(v);
	return rcd_sv_is(v, ".") || rcd_sv_is(v, "..");
}

static bool is_unsafe_value(struct rcd_sv v)
{
	for (size_t i = 0; i < v.n; i++)
		if ((unsigned char)v.p[i] < ' ' || v.p[i] == 0x7F || v.p[i] == '/' || v.p[i] == '\\')
			return true;
	return rcd_is_blank(v) || is_plain_dots(v);
}

/* Is what v says, or says when it is decoded, as is_bad has it? One that cannot be decoded to its
 * end is. */
static bool has_bad_form(struct rcd_sv v, bool (*is_bad)(struct rcd_sv))
{
	char text[RCD_MAX_URL];
	size_t n = v.n;

	if (n > sizeof(text))
		return true;
	if (n > 0)
		memcpy(text, v.p, n);
	for (int i = 0; i <= MAX_DECODED; i++) {
		if (is_bad((struct rcd_sv){text, n}))
			return true;
		if (!decode_percent(text, &n))
			return false;
	}
	return true;
}

bool rcd_tool_is_dots(struct rcd_sv segment)
{
	return has_bad_form(segment, is_plain_dots);
}

bool rcd_tool_fills_place(struct rcd_sv value)
{
	return !has_bad_form(value, is_unsafe_value);
}
