/* The messages of a turn in order: what is beside the words, the words, the attachments. */

#include "base/clip.h"
#include "base/visible.h"
#include "media/media_int.h"

/* A quoted message, an ad, a place … */
static int hear_beside(const struct rcd_media *m, const struct rcd_twilio_msg *msg,
                       struct rcd_received *h, struct rcd_err *err)
{
	struct rcd_buf text;
	bool asks = false;
	int ret;

	rcd_buf_init(&text, RCD_MAX_CONTEXT);
	ret = rcd_beside_put(m, msg, &text, &asks, err);
	if (ret == 0 && text.n > 0) {
		rcd_received_beside(h, rcd_buf_view(&text));
		h->has_words = h->has_words || asks;
	}
	rcd_buf_free(&text);
	return ret;
}

static int hear_attachments(const struct rcd_media *m, const struct rcd_inbox_row *row,
                            const struct rcd_twilio_msg *msg, struct rcd_received *h,
                            struct rcd_err *err)
{
	for (int part = 0; part < msg->n_media; part++) {
		const struct rcd_attachment a = {.inbox_id = row->id,
		                                 .received_ms = row->received_ms,
		                                 .part = part,
		                                 .url = msg->media[part].url,
		                                 .declared = msg->media[part].type};

		if (a.url.n > 0 && rcd_attachment_hear(m, &a, h, err) != 0)
			return -1;
	}
	return 0;
}

static int hear_message(const struct rcd_media *m, const struct rcd_inbox_row *row,
                        const struct rcd_twilio_msg *msg, struct rcd_received *h,
                        struct rcd_err *err)
{
	struct rcd_sv text = rcd_sv_trim(msg->body);

	if (hear_beside(m, msg, h, err) != 0)
		return -1;
	if (!rcd_is_blank(text))
		rcd_received_words(h, text);
	else if (!rcd_is_blank(msg->button))
		rcd_received_words(h, msg->button);
	if (hear_attachments(m, row, msg, h, err) != 0)
		return -1;
	if (msg->latitude.n > 0 && msg->longitude.n > 0) {
		rcd_received_notice(h, RCD_NOTICE_LOCATION); /* of a place that could not be told */
	} else if (rcd_sv_is(msg->message_type, "contacts") && msg->n_media == 0) {
		rcd_received_mark(h, rcd_media_text(m->lang, RCD_MARK_CONTACT));
		rcd_received_notice(h, RCD_NOTICE_CONTACT);
	}
	return 0;
}

/* More than a model is to read is shortened, the oldest first: whoever pastes a contract is
 * answered all the same, and so is what comes next. */
static void shorten_texts(const struct rcd_media *m, const struct rcd_messages *customer,
                          const struct rcd_messages *unsent, struct rcd_received *h)
{
	const struct rcd_messages whole = {.n = 1};
	const char *cut = rcd_media_text(m->lang, RCD_MARK_CUT);

	if (rcd_shorten(&h->customer_text, customer, RCD_MAX_SAID, cut))
		rcd_media_log(m, "messages_shortened messages=%zu", customer->n);
	(void)rcd_shorten(&h->unsent_text, unsent, RCD_MAX_SAID, cut);
	(void)rcd_shorten(&h->transcript, &whole, RCD_MAX_SAID, cut);
}

/* Whether a model answers, or which notice does. */
static void settle_notice(struct rcd_received *h)
{
	if (h->has_shown && !h->has_words)
		h->unshown_notice = h->notice;
	if (h->has_words || h->has_shown)
		h->notice = RCD_NOTICE_NONE;
	else if (h->notice == RCD_NOTICE_NONE)
		h->notice = RCD_NOTICE_EMPTY;
}

static bool is_out_of_memory(const struct rcd_received *h)
{
	return h->customer_text.bad || h->transcript.bad || h->unsent_text.bad || h->own_words.bad;
}

int rcd_media_hear(const struct rcd_media *m, const struct rcd_inbox_row *row,
                   const struct rcd_twilio_msg *msg, size_t n, struct rcd_received *h,
                   struct rcd_err *err)
{
	struct rcd_messages customer = {.n = n}, unsent = {.n = n};

	for (size_t i = 0; i < n; i++) {
		customer.start[i] = h->customer_text.n;
		unsent.start[i] = h->unsent_text.n;
		if (hear_message(m, &row[i], &msg[i], h, err) != 0)
			return -1;
		h->own_words_end[i] = h->own_words.n;
	}
	shorten_texts(m, &customer, &unsent, h);
	if (is_out_of_memory(h))
		return rcd_fail_nomem(err);
	settle_notice(h);
	return 0;
}
