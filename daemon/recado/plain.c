/* What others wrote, on its way to a terminal. */

#include "daemon/recado/cmd.h"

#include <stdio.h>
#include <string.h>

/* Of a control character text begins with, how many bytes it has; 0 for none. */
static size_t control(struct rcd_sv text)
{
	const unsigned char a = (unsigned char)text.p[0], b = text.n > 1 ? (unsigned char)text.p[1] : 0;

	return a < 0x20 || a == 0x7f ? 1 : a == 0xc2 && b >= 0x80 && b < 0xa0 ? 2 : 0;
}

static bool is_blank(char c)
{
	return c == '\n' || c == '\t';
}

/* The next byte to be shown; text goes on behind it. */
static char next(struct rcd_sv *text, bool line)
{
	const char c = text->p[0];
	const size_t n = control(*text);

	*text = rcd_sv_skip(*text, n > 0 ? n : 1);
	return n == 0 ? c : !is_blank(c) ? '?' : line ? ' ' : c;
}

void rcd_cli_put(struct rcd_sv text, bool line)
{
	while (text.n > 0)
		(void)putchar(next(&text, line));
}

int rcd_cli_show(const struct rcd_cli *cli, struct rcd_buf *b)
{
	struct rcd_sv text = rcd_buf_view(b);
	size_t n = 0;

	while (text.n > 0) /* what is written is never ahead of what is read */
		b->p[n++] = next(&text, false);
	b->n = n;
	return rcd_cli_print(cli, b);
}
