/* recado chat: text, lines of JSON and errors, to the terminal or the program that reads them. */

#include "daemon/recado/chat.h"

#include <stdarg.h>
#include <stdio.h>

void rcd_chat_print(const struct rcd_chat *c, struct rcd_sv text)
{
	if (c->screen)
		rcd_cli_put(text, false);
	else
		(void)fwrite(text.p != NULL ? text.p : "", 1, text.n, stdout);
}

void rcd_chat_line(struct rcd_chat *c, json_t *take)
{
	struct rcd_buf b;

	rcd_buf_init(&b, 2 * RCD_MAX_JSON);
	rcd_json_text(take, &b);
	rcd_buf_ch(&b, '\n');
	if (rcd_cli_print(c->cli, &b) != RCD_EXIT_OK)
		c->failed = c->over = true;
}

void rcd_chat_fail(struct rcd_chat *c, const char *what, ...)
{
	char text[700];
	va_list ap;

	va_start(ap, what);
	(void)vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	c->failed = true;
	if (c->cli->json)
		rcd_chat_line(c, json_pack("{s:o}", "error", rcd_json_str(rcd_sv(text))));
	else
		(void)rcd_cli_fail(c->cli, "%s", text);
}
