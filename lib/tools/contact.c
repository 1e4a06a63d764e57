/* save_contact: what the person said of themselves, in one form. */

#include "answer/filter.h"
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

/* The argument in one line, filtered as answers are: it is told to the person and to later models.
 */
static int append_argument(const struct rcd_tool_run *r, const char *name, struct rcd_buf *out,
                           struct rcd_err *err)
{
	struct rcd_buf clean;
	int ret;

	rcd_buf_init(&clean, MAX_FIELD);
	ret = rcd_filter_text(rcd_tool_arg(r, name), NULL, &clean, err);
	append_line(rcd_buf_view(&clean), out);
	if (ret == 0 && clean.bad)
		ret = rcd_fail_nomem(err);
	rcd_buf_free(&clean);
	return ret;
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

struct card_text {
	struct rcd_buf name, email, notes;
};

static int read_card(const struct rcd_tool_run *r, struct card_text *card, struct rcd_err *err)
{
	const struct rcd_sv email = rcd_tool_arg(r, "email");

	if (append_argument(r, "name", &card->name, err) != 0 ||
	    append_argument(r, "notes", &card->notes, err) != 0 ||
	    (email.n > 0 && append_email(email, &card->email, err) != 0))
		return -1;
	if (card->name.bad || card->email.bad || card->notes.bad)
		return rcd_fail_nomem(err);
	if (card->name.n + card->email.n + card->notes.n == 0)
		return rcd_fail(err, RCD_INVAL, 0, "nothing to keep");
	return 0;
}

static int store_card(const struct rcd_tool_run *r, const struct card_text *card,
                      struct rcd_err *err)
{
	const struct rcd_card_in in = {view_or_absent(&card->name), view_or_absent(&card->email),
	                               view_or_absent(&card->notes)};

	return rcd_card_put(r->conn, r->env->job, &in, err);
}

/* By SMS nothing is kept: its sender can be forged, and the card is told on WhatsApp. */
int rcd_tool_save_contact(struct rcd_tool_run *r, struct rcd_err *err)
{
	struct card_text card;
	int ret;

	if (rcd_sv_is(r->env->channel, "sms"))
		return rcd_fail(err, RCD_DENIED, 0, "nothing is kept of an SMS");
	rcd_buf_init(&card.name, MAX_FIELD);
	rcd_buf_init(&card.email, MAX_FIELD);
	rcd_buf_init(&card.notes, MAX_FIELD);
	ret = read_card(r, &card, err);
	if (ret == 0)
		ret = store_card(r, &card, err);
	if (ret == 0)
		rcd_tool_ok(r);
	rcd_buf_free(&card.name);
	rcd_buf_free(&card.email);
	rcd_buf_free(&card.notes);
	return ret;
}
