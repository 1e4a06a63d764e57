/* What came beside the words of a message. The message that it quotes is looked up in the store. */

#include "media/media_int.h"
#include "provider/twilio_context.h"
#include "store/quoted.h"

/* The words of a message that the customer wrote or said, in the place of its form. */
static int read_own_words(const struct rcd_media *m, int64_t inbox_id, struct rcd_buf *text,
                          struct rcd_err *err)
{
	struct rcd_form f = {0};
	struct rcd_sv body;
	int ret = rcd_form_parse(rcd_buf_view(text), &f, err);

	rcd_buf_reset(text);
	if (ret != 0)
		return err->code == RCD_NOMEM ? -1 : 0;
	body = rcd_form_get(&f, "Body");
	rcd_buf_sv(text, rcd_sv_trim(body).n > 0 ? body : rcd_form_get(&f, "ButtonText"));
	if (text->n == 0 && rcd_heard_get(m->db, m->tenant, inbox_id, 0, text, err) != 0)
		ret = err->code == RCD_NOENT ? 0 : -1;
	rcd_form_free(&f);
	return ret;
}

static int find_quoted(const struct rcd_media *m, const struct rcd_twilio_msg *msg,
                       struct rcd_twilio_quoted *out, struct rcd_buf *text, struct rcd_err *err)
{
	struct rcd_quoted q = {.ours = rcd_sv_eq(msg->quoted_sender, msg->to)};
	int ret = rcd_quoted_find(m->db, m->tenant, m->contact_id, msg->quoted_sid, &q, text, err);

	if (ret == 0 && !q.ours)
		ret = read_own_words(m, q.inbox_id, text, err);
	else if (ret != 0 && err->code == RCD_NOENT)
		ret = 0;
	*out = (struct rcd_twilio_quoted){q.ours, rcd_buf_view(text)};
	return ret;
}

int rcd_beside_put(const struct rcd_media *m, const struct rcd_twilio_msg *msg, struct rcd_buf *out,
                   bool *asks, struct rcd_err *err)
{
	const bool quotes = rcd_twilio_has_quoted(msg);
	struct rcd_twilio_quoted q = {.ours = false};
	struct rcd_buf text;
	int ret = 0;

	rcd_buf_init(&text, RCD_MAX_WEBHOOK);
	if (quotes)
		ret = find_quoted(m, msg, &q, &text, err);
	if (ret == 0)
		ret = rcd_twilio_context(msg, m->lang, quotes ? &q : NULL, out, asks, err);
	rcd_buf_free(&text);
	return ret;
}

bool rcd_beside_put_card(const struct rcd_media *m, struct rcd_sv vcard, struct rcd_buf *out)
{
	return rcd_twilio_contact_card(m->lang, vcard, out);
}
