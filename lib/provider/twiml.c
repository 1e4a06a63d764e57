#include "provider/twilio.h"

#include <string.h>

/* What XML 1.0 has no way to write becomes U+FFFD: one such byte would make Twilio reject
 * the whole answer. */
static bool is_writable(uint32_t cp)
{
	return cp >= 0x20 ? cp != 0xFFFE && cp != 0xFFFF : cp == '\t' || cp == '\n' || cp == '\r';
}

static const char *escape_char(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&apos;";
	case '\r':
		return "&#13;"; /* a bare one would be read as a line feed */
	default:
		return NULL;
	}
}

static void write_escaped(struct rcd_sv v, struct rcd_buf *out)
{
	const char *p = v.p, *const end = v.p + v.n;

	while (p < end) {
		const char *at = p, *name = escape_char(*p);
		uint32_t cp = rcd_utf8_next(&p, end);

		if (name != NULL)
			rcd_buf_str(out, name);
		else if (!is_writable(cp) || (cp == 0xFFFD && p - at == 1))
			rcd_buf_str(out, "\xEF\xBF\xBD");
		else
			rcd_buf_add(out, at, (size_t)(p - at));
	}
}

static void write_element(const char *name, struct rcd_sv v, struct rcd_buf *out)
{
	if (v.n == 0)
		return;
	rcd_buf_fmt(out, "<%s>", name);
	write_escaped(v, out);
	rcd_buf_fmt(out, "</%s>", name);
}

void rcd_twiml(const struct rcd_twiml_part *part, size_t n, struct rcd_buf *out)
{
	if (n == 0) {
		rcd_buf_str(out, "<Response/>");
		return;
	}
	rcd_buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>");
	for (size_t i = 0; i < n; i++) {
		if (part[i].body.n == 0 && part[i].media_url.n == 0)
			continue;
		if (part[i].action.n > 0) {
			rcd_buf_str(out, "<Message action=\"");
			write_escaped(part[i].action, out);
			rcd_buf_str(out, "\">");
		} else {
			rcd_buf_str(out, "<Message>");
		}
		write_element("Body", part[i].body, out);
		write_element("Media", part[i].media_url, out);
		rcd_buf_str(out, "</Message>");
	}
	rcd_buf_str(out, "</Response>");
}
