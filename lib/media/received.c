/* The customer's words and what stands beside them, one line after the other. */

#include "base/quote.h"
#include "base/visible.h"
#include "media/media_int.h"

void rcd_received_init(struct rcd_received *h)
{
	*h = (struct rcd_received){.notice = RCD_NOTICE_NONE};
	rcd_buf_init(&h->customer_text, RCD_MAX_HEARD);
	rcd_buf_init(&h->own_words, RCD_MAX_HEARD);
	rcd_buf_init(&h->transcript, RCD_MAX_HEARD);
	rcd_buf_init(&h->unsent_text, RCD_MAX_HEARD);
	rcd_buf_init(&h->document_text, RCD_MAX_PROMPT);
}

void rcd_received_free(struct rcd_received *h)
{
	rcd_buf_free(&h->customer_text);
	rcd_buf_free(&h->own_words);
	rcd_buf_free(&h->transcript);
	rcd_buf_free(&h->unsent_text);
	rcd_buf_free(&h->document_text);
	json_decref(h->pictures);
	h->pictures = NULL;
}

struct rcd_sv rcd_received_own_words(const struct rcd_received *h)
{
	struct rcd_sv own = rcd_buf_view(&h->own_words);

	return own.n > RCD_MAX_SAID ? rcd_sv_skip(own, own.n - RCD_MAX_SAID) : own;
}

void rcd_received_notice(struct rcd_received *h, enum rcd_notice notice)
{
	if (h->notice == RCD_NOTICE_NONE)
		h->notice = notice;
}

static void add_line(struct rcd_buf *b, struct rcd_sv text)
{
	if (b->n > 0)
		rcd_buf_ch(b, '\n');
	rcd_buf_sv(b, text);
}

void rcd_received_words(struct rcd_received *h, struct rcd_sv words)
{
	struct rcd_buf clean;

	rcd_buf_init(&clean, 3 * words.n + 1);
	rcd_clean_text(&clean, words);
	rcd_buf_cut(&clean, rcd_utf8_cut(rcd_buf_view(&clean), RCD_MAX_TEXT));
	if (clean.bad)
		h->customer_text.bad = true;
	add_line(&h->customer_text, rcd_buf_view(&clean));
	add_line(&h->unsent_text, rcd_buf_view(&clean));
	add_line(&h->own_words, rcd_buf_view(&clean));
	h->has_words = true;
	rcd_buf_free(&clean);
}

void rcd_received_transcript(struct rcd_received *h, struct rcd_sv text, bool live)
{
	size_t before = h->unsent_text.n;

	add_line(&h->transcript, text);
	if (!rcd_is_blank(text))
		rcd_received_words(h, text);
	else
		rcd_received_notice(h, RCD_NOTICE_NO_SPEECH);
	if (live && !h->unsent_text.bad)
		h->unsent_text.n = before;
}

void rcd_received_beside(struct rcd_received *h, struct rcd_sv text)
{
	add_line(&h->customer_text, text);
	add_line(&h->unsent_text, text);
}

void rcd_received_mark(struct rcd_received *h, const char *text)
{
	if (h->customer_text.n > 0)
		rcd_buf_ch(&h->customer_text, '\n');
	rcd_buf_fmt(&h->customer_text, "[%s]", text);
}
