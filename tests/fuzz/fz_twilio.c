#include "base/json.h"
#include "base/quote.h"
#include "provider/twilio_api.h"
#include "provider/twilio_card.h"
#include "provider/twilio_check.h"
#include "provider/twilio_context.h"
#include "provider/twilio_flow.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static size_t units(struct rcd_sv v)
{
	const char *p = v.p, *end = v.p + v.n;
	size_t sum = 0;

	while (p < end)
		sum += rcd_utf8_next(&p, end) > 0xFFFF ? 2 : 1;
	return sum;
}

/* Any text splits into pieces within the limit and is good XML afterwards. */
static void check_text(struct rcd_sv text)
{
	const struct rcd_twiml_part part = {text, text, text};
	struct rcd_buf out;

	for (struct rcd_sv rest = text; rest.n > 0;) {
		size_t len = rcd_twilio_split(rest);

		if (len == 0 || len > rest.n || units((struct rcd_sv){rest.p, len}) > RCD_MAX_BODY_CHARS)
			abort();
		rest = rcd_sv_skip(rest, len);
	}
	rcd_buf_init(&out, 16 * text.n + 1024);
	rcd_twiml(&part, 1, &out);
	if (out.bad || !rcd_utf8_ok(rcd_buf_view(&out)))
		abort();
	for (size_t i = 0; i < out.n; i++)
		if ((unsigned char)out.p[i] < ' ' && out.p[i] != '\t' && out.p[i] != '\n')
			abort();
	rcd_buf_free(&out);
}

static void check_message(const struct rcd_form *f, const struct rcd_twilio_msg *m)
{
	char key[RCD_MAX_ADDRESS + 1];

	if (rcd_twilio_sender(f, key, RCD_UNREAD_ERR) != 0 || key[0] == '\0' ||
	    strlen(key) > RCD_MAX_ADDRESS)
		abort();
	if (m->sid.n == 0 || m->n_media < 0 || m->n_media > RCD_MAX_MEDIA_COUNT ||
	    (m->phone[0] != '\0' && m->phone[0] != '+') || strlen(m->phone) > 16 ||
	    strlen(m->bsuid) > 140)
		abort();
	for (int i = 0; i < m->n_media; i++)
		if (m->media[i].url.n == 0 || m->media[i].url.n > RCD_MAX_URL)
			abort();
}

static void check_status(struct rcd_sv in, const struct rcd_form *f)
{
	struct rcd_twilio_status s;

	if (rcd_twilio_status(in, f, &s, RCD_UNREAD_ERR) != 0)
		return;
	if (s.sid[0] == '\0' || s.delivery == RCD_DELIVERY_NONE || s.error < 0 ||
	    (s.key[0] != '\0' && strlen(s.key) != 32) || rcd_twilio_policy(s.error)->why[0] == '\0')
		abort();
}

/* What the account lists becomes a form that says the same. */
static void check_listed(const json_t *m)
{
	struct rcd_twilio_listed l;
	struct rcd_form f = {0};
	struct rcd_buf form;

	if (rcd_twilio_listed(m, &l) != 0)
		return;
	rcd_buf_init(&form, RCD_MAX_WEBHOOK);
	rcd_twilio_listed_form(m, &l, "AC1", &form);
	if (form.bad ? !form.over : rcd_form_parse(rcd_buf_view(&form), &f, RCD_UNREAD_ERR) != 0)
		abort();
	if (!form.bad && (!rcd_sv_is(rcd_form_get(&f, "MessageSid"), l.sid) ||
	                  !rcd_sv_eq(rcd_form_get(&f, "Body"), rcd_json_sv(m, "body")) ||
	                  rcd_form_has_twice(&f, "From")))
		abort();
	rcd_form_free(&f);
	rcd_buf_free(&form);
}

static void check_list(struct rcd_sv in)
{
	json_t *list, *m;
	size_t i;

	if (rcd_json_parse(in, RCD_MAX_JSON, &list, RCD_UNREAD_ERR) != 0)
		return;
	json_array_foreach (json_object_get(list, "messages"), i, m)
		check_listed(m);
	json_decref(list);
}

/* Whatever others write is one line without brackets and double quotes. */
static void check_beside(struct rcd_sv in)
{
	struct rcd_err err;
	struct rcd_buf out;
	bool any;

	rcd_buf_init(&out, 1 << 20);
	(void)rcd_quote(&out, in, 300);
	rcd_buf_ch(&out, ' ');
	(void)rcd_card_read(in, &out);
	(void)rcd_flow_read(in, &out, &any, &err);
	if (out.bad || !rcd_utf8_ok(rcd_buf_view(&out)))
		abort();
	for (size_t i = 0; i < out.n; i++)
		if ((unsigned char)out.p[i] < ' ' || strchr("[]\"", out.p[i]) != NULL)
			abort();
	rcd_buf_free(&out);
}

/* Each line of a message's context stands in brackets of ours, and holds no others. */
static void check_context(const struct rcd_twilio_msg *m)
{
	const struct rcd_twilio_quoted quoted = {true, m->body};
	struct rcd_buf out;
	struct rcd_err err = {0};
	struct rcd_sv rest, line;
	bool asks;

	rcd_buf_init(&out, RCD_MAX_CONTEXT);
	if (rcd_twilio_context(m, RCD_EN, rcd_twilio_has_quoted(m) ? &quoted : NULL, &out, &asks,
	                       &err) != 0)
		abort();
	for (rest = rcd_buf_view(&out); rest.n > 0 && rcd_sv_cut(&rest, '\n', &line);)
		if (line.n < 3 || line.p[0] != '[' || line.p[line.n - 1] != ']' ||
		    memchr(line.p + 1, '[', line.n - 1) != NULL || memchr(line.p, ']', line.n - 1) != NULL)
			abort();
	rcd_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rcd_sv in = {(const char *)p, n};
	char number[RCD_MAX_ADDRESS + 1];
	struct rcd_twilio_msg m;
	struct rcd_form f;

	(void)rcd_twilio_number(in, number, RCD_UNREAD_ERR);
	check_text(in);
	check_list(in);
	check_beside(in);
	if (rcd_form_parse(in, &f, RCD_UNREAD_ERR) != 0)
		return 0;
	check_status(in, &f);
	if (rcd_twilio_check(&f, RCD_UNREAD_ERR) == 0 && f.n > 1 &&
	    rcd_sv_eq(f.pair[0].name, f.pair[1].name))
		abort();
	if (rcd_twilio_parse(&f, &m, RCD_UNREAD_ERR) == 0) {
		check_message(&f, &m);
		check_context(&m);
		check_text(m.body);
	}
	rcd_form_free(&f);
	return 0;
}
