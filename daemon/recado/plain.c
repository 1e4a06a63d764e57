/* Escapes untrusted text for a terminal. */

#include "daemon/recado/cmd.h"

#include <stdio.h>
#include <string.h>

/* Moves the cursor, ends a line, or turns the direction of what follows: controls, U+2028 and
 * U+2029, and the bidirectional marks, embeddings, overrides and isolates. */
static bool is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0x061C || cp == 0x200E || cp == 0x200F ||
	       (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069);
}

/* Length in bytes of the control character or malformed byte at the beginning of text; 0: none. */
static size_t measure_control(struct rcd_sv text)
{
	const char *p = text.p;
	uint32_t cp = rcd_utf8_next(&p, text.p + text.n);
	size_t n = (size_t)(p - text.p);

	return is_control(cp) || (cp == 0xFFFD && n == 1) ? n : 0;
}

static bool is_blank(char c)
{
	return c == '\n' || c == '\t';
}

/* Takes the next character off text, as it is printed; never longer than the original. */
static struct rcd_sv take_next_shown(struct rcd_sv *text, bool line)
{
	const char *end = text->p;
	const size_t n = measure_control(*text);
	struct rcd_sv shown;

	(void)rcd_utf8_next(&end, text->p + text->n);
	shown = (struct rcd_sv){text->p, (size_t)(end - text->p)};
	if (n > 0 && !is_blank(text->p[0]))
		shown = RCD_SV("?");
	else if (n > 0 && line)
		shown = RCD_SV(" ");
	*text = rcd_sv_skip(*text, (size_t)(end - text->p));
	return shown;
}

void rcd_cli_put(struct rcd_sv text, bool line)
{
	while (text.n > 0) {
		struct rcd_sv shown = take_next_shown(&text, line);

		(void)fwrite(shown.p, 1, shown.n, stdout);
	}
}

int rcd_cli_show(const struct rcd_cli *cli, struct rcd_buf *b)
{
	struct rcd_sv text = rcd_buf_view(b);
	size_t n = 0;

	while (text.n > 0) { /* in place: the output never overtakes the input */
		struct rcd_sv shown = take_next_shown(&text, false);

		memmove(b->p + n, shown.p, shown.n);
		n += shown.n;
	}
	b->n = n;
	return rcd_cli_print(cli, b);
}
