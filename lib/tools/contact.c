/* save_contact: what the person said of themselves, in one form. */

#include "tools/tool.h"

#include <ctype.h>
#include <string.h>

#define MAX_FIELD 2048

/* One line, its white space single, nothing that does not print. */
static void append_line(struct rcd_sv v, struct rcd_buf *out)
{
	bool gap = false;

	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];

		if (c <= ' ' || c == 0x7f) {
			gap = out->n > 0;
			continue;
		}
		if (gap)
			rcd_buf_ch(out, ' ');
		gap = false;
		rcd_buf_ch(out, v.p[i]);
	}
}

static bool is_mailbox_char(char c)
{
	return isalnum((unsigned char)c) || strchr(".!#$%&'*+/=?^_`{|}~-", c) != NULL;
}

/* local@domain in lower case: what forms take, not all that the mail's standard would. */
static int append_email(struct rcd_sv v, struct rcd_buf *out, struct rcd_err *err)
{
	const char *at = memchr(v.p, '@', v.n), *dot = NULL;
	size_t local = at != NULL ? (size_t)(at - v.p) : 0;
	bool good = local > 0 && local <= 64;

	for (size_t i = 0; good && i < v.n; i++) {
		char c = v.p[i];

		if (i < local)
			good = is_mailbox_char(c);
		else if (i > local)
			good = isalnum((unsigned char)c) || c == '-' ||
			       (c == '.' && v.p[i - 1] != '.' && v.p[i - 1] != '@');
		if (i > local && c == '.')
			dot = v.p + i;
		rcd_buf_ch(out, (char)tolower((unsigned char)c));
	}
	if (!good || dot == NULL || dot + 1 == v.p + v.n)
		return rcd_fail(err, RCD_INVAL, 0, "email: not an address; ask for it again");
	return 0;
}

static struct rcd_sv view_or_absent(const struct rcd_buf *b)
{
	return b->n > 0 ? rcd_buf_view(b) : rcd_sv(NULL);
}

int rcd_tool_save_contact(struct rcd_tool_run *r, struct rcd_err *err)
{
	struct rcd_sv mail = rcd_tool_arg(r, "email");
	struct rcd_buf name, address, notes;
	int ret = 0;

	if (rcd_sv_is(r->env->channel,
	              "sms")) /* its sender can be forged, and the card is told on WhatsApp */
		return rcd_fail(err, RCD_DENIED, 0, "nothing is kept of an SMS");
	rcd_buf_init(&name, MAX_FIELD);
	rcd_buf_init(&address, MAX_FIELD);
	rcd_buf_init(&notes, MAX_FIELD);
	append_line(rcd_tool_arg(r, "name"), &name);
	append_line(rcd_tool_arg(r, "notes"), &notes);
	if (mail.n > 0)
		ret = append_email(mail, &address, err);
	if (ret == 0 && (name.bad || address.bad || notes.bad))
		ret = rcd_fail_nomem(err);
	if (ret == 0 && name.n + address.n + notes.n == 0)
		ret = rcd_fail(err, RCD_INVAL, 0, "nothing to keep");
	if (ret == 0)
		ret = rcd_card_put(r->conn, r->env->job,
		                   &(struct rcd_card_in){view_or_absent(&name), view_or_absent(&address),
		                                         view_or_absent(&notes)},
		                   err);
	if (ret == 0)
		rcd_tool_ok(r);
	rcd_buf_free(&name);
	rcd_buf_free(&address);
	rcd_buf_free(&notes);
	return ret;
}
