#include "base/clock.h"
#include "provider/twilio_api.h"

#include <stdio.h>
#include <stdlib.h>

/* Twilio lists newest first, and what was missed must be answered in the order of its coming:
 * so a channel's list is read back to since_ms before anything is put. When there is more than
 * one sweep takes, the oldest are kept; the next sweep finds these here and gets to the rest. */

#define WHAT "listing what was received"
#define DOING "twilio: " WHAT
#define PAGE_SIZE "500"
#define MAX_PAGES 200
#define SLACK_MS 2000 /* dates have whole seconds, and their clock is not ours */

struct found {
	struct rcd_twilio_listed msg;
	char *form; /* without its media */
};

struct sweep {
	struct rcd_twilio_list list;
	const struct rcd_twilio_sweep *how;
	struct found *found; /* of one channel: a ring of the last RCD_MAX_SWEPT that the list showed */
	size_t n;            /* all that it showed */
	bool more;           /* there are pages that were not read */
};

static struct found *get_found(const struct sweep *s, size_t i)
{
	return &s->found[i % RCD_MAX_SWEPT];
}

/* --- the list -------------------------------------------------------------------------- */

static int keep_message(struct sweep *s, const json_t *m, const struct rcd_twilio_listed *msg,
                        struct rcd_err *err)
{
	struct rcd_buf form;
	char *text;

	rcd_buf_init(&form, RCD_MAX_WEBHOOK);
	rcd_twilio_listed_form(m, msg, s->list.conf->account_sid, &form);
	text = rcd_buf_take(&form, NULL);
	if (text == NULL)
		return rcd_fail_nomem(err);
	free(get_found(s, s->n)->form);
	*get_found(s, s->n++) = (struct found){*msg, text};
	return 0;
}

/* One message of the list. *older: received before the time that is asked about. */
static int consider_message(struct sweep *s, const json_t *m, bool *older, struct rcd_err *err)
{
	struct rcd_twilio_listed msg;
	bool here = false;

	if (rcd_twilio_listed(m, &msg) != 0)
		return rcd_fail(err, RCD_PROTO, 0, DOING ": a message without its date or sid");
	*older = msg.created_ms < s->how->since_ms - SLACK_MS;
	if (*older || !msg.inbound)
		return 0;
	if (s->how->have(s->how->arg, rcd_sv(msg.sid), &here, err) != 0)
		return -1;
	return here ? 0 : keep_message(s, m, &msg, err);
}

/* *done: nothing on this page is young enough. */
static int read_page(struct sweep *s, const json_t *page, bool *done, struct rcd_err *err)
{
	const json_t *messages = json_object_get(page, "messages"), *m;
	size_t i;

	if (!json_is_array(messages))
		return rcd_fail(err, RCD_PROTO, 0, DOING ": an answer without a list");
	*done = true;
	json_array_foreach (messages, i, m) {
		bool older;

		if (consider_message(s, m, &older, err) != 0)
			return -1;
		*done = *done && older;
	}
	return 0;
}

static int read_pages(struct sweep *s, struct rcd_buf *url, struct rcd_err *err)
{
	for (int i = 0; i < MAX_PAGES; i++) {
		json_t *page = NULL;
		bool done = false;
		int ret;

		if (rcd_twilio_page(&s->list, url->p, &page, err) != 0)
			return -1;
		ret = read_page(s, page, &done, err);
		if (ret == 0)
			ret = rcd_twilio_next_page(&s->list, page, url, err);
		json_decref(page);
		if (ret != 0 || done || url->n == 0)
			return ret;
	}
	s->more = true;
	return 0;
}

/* Twilio filters by whole days; the rest is ours. */
static int read_channel(struct sweep *s, const char *prefix, struct rcd_err *err)
{
	char time[RCD_TIME_TEXT];
	struct rcd_buf url, to;
	int ret;

	rcd_time_text(s->how->since_ms - SLACK_MS, time);
	rcd_buf_init(&url, RCD_MAX_URL);
	rcd_buf_init(&to, RCD_MAX_ADDRESS + 1);
	rcd_buf_fmt(&to, "%s%s", prefix, s->list.conf->number);
	rcd_twilio_messages_url(s->list.conf, &url);
	rcd_buf_str(&url, "?PageSize=" PAGE_SIZE "&To=");
	rcd_form_escape(rcd_buf_view(&to), &url);
	rcd_buf_fmt(&url, "&DateSent%%3E=%.10s", time);
	ret = url.bad || to.bad ? rcd_fail_nomem(err) : read_pages(s, &url, err);
	rcd_buf_free(&to);
	rcd_buf_free(&url);
	return ret;
}

/* --- media ----------------------------------------------------------------------------- */

static void write_media_url(const struct sweep *s, const struct found *f, const char *media,
                            struct rcd_buf *out)
{
	rcd_answer_url(out, s->list.conf->base_url, "/2010-04-01/Accounts/");
	rcd_form_escape(rcd_sv(s->list.conf->account_sid), out);
	rcd_buf_fmt(out, "/Messages/%s/Media%s%s", f->msg.sid, media != NULL ? "/" : ".json",
	            media != NULL ? media : "");
}

/* One of the list into the form, as number i. */
static int add_medium(const struct sweep *s, const struct found *f, const json_t *medium, size_t i,
                      struct rcd_buf *form, struct rcd_err *err)
{
	char sid[64], name[32];
	struct rcd_buf url;
	int ret = 0;

	if (rcd_twilio_sid(rcd_json_sv(medium, "sid"), sid) != 0)
		return rcd_fail(err, RCD_PROTO, 0, DOING ": an attachment without its sid");
	rcd_buf_init(&url, RCD_MAX_URL);
	write_media_url(s, f, sid, &url);
	if (url.bad)
		ret = rcd_fail_nomem(err);
	(void)snprintf(name, sizeof(name), "MediaUrl%zu", i);
	rcd_form_add(form, name, rcd_buf_view(&url));
	(void)snprintf(name, sizeof(name), "MediaContentType%zu", i);
	rcd_form_add(form, name, rcd_json_sv(medium, "content_type"));
	rcd_buf_free(&url);
	return ret;
}

/* Appends what the message's attachments are. Where the list is gone or makes no sense it goes
 * without: the messages behind it must not wait for ever. */
static int add_media(const struct sweep *s, const struct found *f, struct rcd_buf *form,
                     struct rcd_err *err)
{
	const json_t *medium;
	json_t *page = NULL;
	struct rcd_buf url;
	size_t i;
	int ret;

	rcd_buf_init(&url, RCD_MAX_URL);
	write_media_url(s, f, NULL, &url);
	ret = url.bad ? rcd_fail_nomem(err) : rcd_twilio_page(&s->list, url.p, &page, err);
	json_array_foreach (json_object_get(page, "media_list"), i, medium)
		if (ret == 0 && i < RCD_MAX_MEDIA_COUNT)
			ret = add_medium(s, f, medium, i, form, err);
	json_decref(page);
	rcd_buf_free(&url);
	return ret != 0 && (err->code == RCD_NOENT || err->code == RCD_PROTO) ? 0 : ret;
}

/* --- giving out ------------------------------------------------------------------------ */

static int put_message(const struct sweep *s, const struct found *f, struct rcd_err *err)
{
	struct rcd_buf form;
	int ret = 0;

	rcd_buf_init(&form, RCD_MAX_WEBHOOK);
	rcd_buf_str(&form, f->form);
	if (f->msg.n_media > 0)
		ret = add_media(s, f, &form, err);
	if (ret == 0 && form.bad)
		ret = rcd_fail_nomem(err);
	if (ret == 0)
		ret = s->how->put(s->how->arg,
		                  &(struct rcd_twilio_swept){rcd_sv(f->msg.sid), rcd_buf_view(&form),
		                                             f->msg.created_ms},
		                  err);
	rcd_buf_free(&form);
	return ret;
}

/* Oldest first: the list's last one. */
static int put_messages(const struct sweep *s, struct rcd_err *err)
{
	size_t first = s->n > RCD_MAX_SWEPT ? s->n - RCD_MAX_SWEPT : 0;

	for (size_t i = s->n; i > first; i--)
		if (put_message(s, get_found(s, i - 1), err) != 0)
			return -1;
	return first > 0 || s->more ? rcd_fail(err, RCD_LIMIT, 0, DOING ": more than one sweep takes")
	                            : 0;
}

static int sweep_channel(struct sweep *s, const char *prefix, struct rcd_err *err)
{
	int ret;

	s->n = 0;
	s->more = false;
	s->found = calloc(RCD_MAX_SWEPT, sizeof(*s->found));
	if (s->found == NULL)
		return rcd_fail_nomem(err);
	ret = read_channel(s, prefix, err);
	if (ret == 0)
		ret = put_messages(s, err);
	for (size_t i = 0; i < RCD_MAX_SWEPT; i++)
		free(s->found[i].form);
	free(s->found);
	return ret;
}

int rcd_twilio_sweep(struct rcd_http *http, const struct rcd_twilio_conf *conf,
                     const struct rcd_twilio_sweep *how, struct rcd_err *err)
{
	struct sweep s = {.list = {http, conf, WHAT, how->deadline}, .how = how};

	return sweep_channel(&s, "whatsapp:", err) == 0 ? sweep_channel(&s, "", err) : -1;
}
