/* Simulated Twilio Messaging: sending a message. */

#include "daemon/sandbox/box.h"

#include "base/address.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"

#include <stdio.h>

#define MAX_MEDIA 10

static bool is_channel(struct rcd_sv channel)
{
	return channel.n == 0 || rcd_sv_is(channel, "whatsapp:") || rcd_sv_is(channel, "rcs:") ||
	       rcd_sv_is(channel, "messenger:");
}

/* E.164 with its channel, or an id of the channel: business-scoped ("whatsapp:BR.…"), a page or
 * user of Messenger, an agent of RCS. */
static bool is_valid_address(struct rcd_sv v)
{
	struct rcd_sv channel = rcd_address_prefix(v);
	size_t digits = 0;

	if (v.n > RCD_MAX_ADDRESS || !is_channel(channel))
		return false;
	v = rcd_sv_skip(v, channel.n);
	if (rcd_sv_is(channel, "whatsapp:") && v.n > 3 && v.p[2] == '.')
		return true;
	if ((rcd_sv_is(channel, "rcs:") || rcd_sv_is(channel, "messenger:")) && v.n > 0 &&
	    v.p[0] != '+')
		return true;
	if (v.n == 0 || v.p[0] != '+')
		return false;
	for (digits = 0; digits + 1 < v.n; digits++)
		if (v.p[digits + 1] < '0' || v.p[digits + 1] > '9')
			return false;
	return digits >= 8 && digits <= 15 && v.p[1] != '0';
}

static size_t count_media(const struct rcd_form *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += rcd_sv_is(f->pair[i].name, "MediaUrl");
	return n;
}

static bool is_valid_media(const struct rcd_form *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (rcd_sv_is(f->pair[i].name, "MediaUrl") &&
		    !rcd_sv_starts(f->pair[i].value, RCD_SV("http://")) &&
		    !rcd_sv_starts(f->pair[i].value, RCD_SV("https://")))
			return false;
	return true;
}

struct refusal {
	const char *code, *message; /* code NULL: none */
};

/* Twilio's refusal of this message, checked in its order. */
static struct refusal check_message(const struct rcd_form *f)
{
	struct rcd_sv to = rcd_form_get(f, "To"), from = rcd_form_get(f, "From");
	struct rcd_sv body = rcd_form_get(f, "Body");
	bool service = rcd_form_get(f, "MessagingServiceSid").n > 0;
	bool content = rcd_form_get(f, "ContentSid").n > 0;

	if (to.n == 0)
		return (struct refusal){"21604", "A 'To' phone number is required."};
	if (!is_valid_address(to))
		return (struct refusal){"21211", "Invalid 'To' Phone Number"};
	if (from.n == 0 && !service)
		return (struct refusal){"21603", "A 'From' phone number is required."};
	if (from.n > 0 && !is_valid_address(from))
		return (struct refusal){"21212", "Invalid From Number"};
	if (from.n > 0 && !rcd_sv_eq(rcd_address_prefix(to), rcd_address_prefix(from)))
		return (struct refusal){"21910", "'From' and 'To' should be of the same channel"};
	if (body.n == 0 && count_media(f) == 0 && !content)
		return (struct refusal){"21619", "A text message body or media urls must be specified."};
	if (!rcd_utf8_ok(body))
		return (struct refusal){"20001", "The body is not UTF-8"};
	if (rcd_utf8_count(body) > RCD_MAX_BODY_CHARS)
		return (struct refusal){"21617", "The message body exceeds the 1600 character limit."};
	if (count_media(f) > MAX_MEDIA)
		return (struct refusal){"21623", "Number of media files exceeds allowed limit"};
	if (!is_valid_media(f))
		return (struct refusal){"21620", "Invalid media URL"};
	return (struct refusal){NULL, NULL};
}

/* Parts an SMS is billed as: 160/153 characters when plain, 70/67 otherwise. */
static size_t count_segments(struct rcd_sv to, struct rcd_sv body)
{
	bool plain = true;
	size_t n = rcd_utf8_count(body), one, many;

	if (rcd_sv_starts(to, RCD_SV("whatsapp:")) || n == 0)
		return 1;
	for (size_t i = 0; i < body.n; i++)
		plain = plain && (unsigned char)body.p[i] < 0x80;
	one = plain ? 160 : 70;
	many = plain ? 153 : 67;
	return n <= one ? 1 : (n + many - 1) / many;
}

static json_t *make_number(size_t n)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%zu", n); /* Twilio's counts are strings */
	return json_string(text);
}

static json_t *make_optional(struct rcd_sv v)
{
	return v.n > 0 ? rcd_json_str(v) : json_null();
}

json_t *rcd_sb_twilio_document(const struct rcd_sandbox *box, const struct rcd_form *f,
                               const char *sid, int64_t when_ms)
{
	struct rcd_sv to = rcd_form_get(f, "To"), body = rcd_form_get(f, "Body");
	const char *account = box->value[RCD_SB_TWILIO_ACCOUNT];
	char date[RCD_SB_DATE], uri[192], media[208];

	rcd_sb_date(when_ms, date);
	(void)snprintf(uri, sizeof(uri), "/2010-04-01/Accounts/%.64s/Messages/%s.json", account, sid);
	(void)snprintf(media, sizeof(media), "/2010-04-01/Accounts/%.64s/Messages/%s/Media.json",
	               account, sid);
	return json_pack("{s:s s:s s:o s:o s:o s:o s:s s:s s:o s:o s:n s:n s:n s:n s:s s:n s:s s:s "
	                 "s:s s:{s:s}}",
	                 "sid", sid, "account_sid", account, "messaging_service_sid",
	                 make_optional(rcd_form_get(f, "MessagingServiceSid")), "from",
	                 make_optional(rcd_form_get(f, "From")), "to", rcd_json_str(to), "body",
	                 rcd_json_str(body), "status", "queued", "direction", "outbound-api",
	                 "num_segments", make_number(count_segments(to, body)), "num_media",
	                 make_number(count_media(f)), "error_code", "error_message", "price",
	                 "price_unit", "date_created", date, "date_sent", "date_updated", date,
	                 "api_version", "2010-04-01", "uri", uri, "subresource_uris", "media", media);
}

static void note_form(struct rcd_sb_call *c, const struct rcd_form *f)
{
	char key[80];

	rcd_sb_note_sv(c, "to", rcd_form_get(f, "To"));
	rcd_sb_note_sv(c, "from", rcd_form_get(f, "From"));
	rcd_sb_note_sv(c, "body", rcd_form_get(f, "Body"));
	rcd_sb_note_sv(c, "media_url", rcd_form_get(f, "MediaUrl"));
	rcd_sb_callback_key(rcd_form_get(f, "StatusCallback"), key, sizeof(key));
	if (key[0] != '\0')
		rcd_sb_note(c, "key", json_string(key));
}

static int accept_message(struct rcd_sb_call *c, const struct rcd_form *f)
{
	int64_t now = rcd_now_ms();
	char hex[33], sid[RCD_SB_SID];
	json_t *doc;

	rcd_random_hex(hex, 16);
	(void)snprintf(sid, sizeof(sid), "%s%s", count_media(f) > 0 ? "MM" : "SM", hex);
	doc = rcd_sb_twilio_document(c->box, f, sid, now);
	if (doc == NULL || rcd_sb_reply_json(c, 201, json_incref(doc)) != 0) {
		json_decref(doc);
		return -1;
	}
	if (c->dry) {
		json_decref(doc);
		return 0;
	}
	if (rcd_sb_messages_add(c->box->messages, now, doc) != 0)
		return -1;
	rcd_sb_note(c, "sid", json_string(sid));
	rcd_sb_header(c, "Twilio-Request-Id", "RQ%s", hex);
	c->after = rcd_sb_after_new(c->box, f, sid);
	return c->after != NULL ? 0 : -1;
}

int rcd_sb_twilio_send(struct rcd_sb_call *c)
{
	struct rcd_err err = {0};
	struct rcd_form f = {0};
	struct refusal no;
	int ret;

	if (!rcd_sv_is(c->star[0], c->box->value[RCD_SB_TWILIO_ACCOUNT]))
		return rcd_sb_refuse(c, 404, "20404", "The requested resource was not found");
	if (rcd_form_parse(rcd_sb_req_body(c->req), &f, &err) != 0)
		return err.code == RCD_NOMEM ? -1 : rcd_sb_refuse(c, 400, "20001", err.msg);
	note_form(c, &f);
	no = check_message(&f);
	if (no.code != NULL)
		ret = rcd_sb_refuse(c, 400, no.code, no.message);
	else
		ret = accept_message(c, &f);
	rcd_form_free(&f);
	return ret;
}
