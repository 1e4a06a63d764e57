/* Simulated Twilio Messaging: what follows an accepted message. A worker fetches the media URL
 * with HEAD and GET, as Twilio does, and calls the status callback. */

#include "daemon/sandbox/box.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "provider/sign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MS 3000
#define TYPE_REFUSED 12300
#define MEDIA_FAILED 63019
#define UNKNOWN_FAILURE 30008

struct rcd_sb_after {
	struct rcd_sandbox *box;
	char *to, *from, *media, *callback; /* "" for none */
	char sid[RCD_SB_SID], key[80];
	struct rcd_sb_fault fault; /* of the callbacks */
};

void rcd_sb_callback_key(struct rcd_sv url, char *out, size_t n)
{
	const char *query = url.n > 0 ? memchr(url.p, '?', url.n) : NULL;
	struct rcd_form f = {0};
	struct rcd_sv k;

	out[0] = '\0';
	if (query == NULL)
		return;
	if (rcd_form_parse(rcd_sv_skip(url, (size_t)(query - url.p) + 1), &f, RCD_UNREAD_ERR) != 0)
		return;
	k = rcd_form_get(&f, "k");
	if (k.n < n && rcd_utf8_ok(k)) {
		if (k.n > 0)
			memcpy(out, k.p, k.n);
		out[k.n] = '\0';
	}
	rcd_form_free(&f);
}

static void after_free(struct rcd_sb_after *a)
{
	if (a == NULL)
		return;
	free(a->to);
	free(a->from);
	free(a->media);
	free(a->callback);
	rcd_sb_fault_done(&a->fault);
	free(a);
}

/* A ledger line about a request that the sandbox itself made. */
static void record_request(const struct rcd_sb_after *a, const char *op, const char *url,
                           int status, const char *decision, json_t *more)
{
	json_t *note = json_pack("{s:s s:s s:s s:s s:o s:i s:s}", "provider", "twilio", "op", op,
	                         "direction", "out", "sid", a->sid, "url", rcd_json_str(rcd_sv(url)),
	                         "status", status, "decision", decision);

	if (note != NULL && a->key[0] != '\0')
		(void)json_object_set_new(note, "key", json_string(a->key));
	if (note != NULL && more != NULL)
		(void)json_object_update(note, more);
	json_decref(more);
	(void)rcd_sb_ledger_add(a->box->ledger, note);
}

/* --- the media URL --------------------------------------------------------------------- */

static bool is_playable(const char *type)
{
	static const char *const ok[] = {"audio/", "image/", "video/", "application/pdf", "text/vcard"};

	for (size_t i = 0; i < sizeof(ok) / sizeof(ok[0]); i++)
		if (rcd_sv_starts(rcd_sv(type), rcd_sv(ok[i])))
			return true;
	return false;
}

/* 0, or the error code that the message gets. *foreign: not on loopback, so not asked. */
static int ask_media(const struct rcd_sb_after *a, const char *method, bool *foreign)
{
	struct rcd_http_req req = {.method = method,
	                           .url = a->media,
	                           .peer = RCD_PEER_LOOPBACK,
	                           .max_body = RCD_MAX_MEDIA,
	                           .deadline = rcd_deadline_in(LOOK_MS)};
	struct rcd_http_res res = {0};
	struct rcd_err err = {0};
	int code = 0;

	if (rcd_http_do(a->box->http, &req, &res, &err) != 0) {
		*foreign = err.code == RCD_DENIED;
		record_request(a, "media_url", a->media, 0, rcd_code_name(err.code),
		               json_pack("{s:s}", "method", method));
		code = *foreign ? 0 : MEDIA_FAILED;
	} else {
		record_request(a, "media_url", a->media, res.status, "ok",
		               json_pack("{s:s s:o s:I}", "method", method, "type",
		                         rcd_json_str(rcd_sv(res.type)), "bytes", (json_int_t)res.body.n));
		if (res.status != 200)
			code = MEDIA_FAILED;
		else if (!is_playable(res.type))
			code = TYPE_REFUSED;
	}
	rcd_http_res_free(&res);
	return code;
}

static int look_at_media(const struct rcd_sb_after *a)
{
	bool foreign = false;
	int code;

	if (a->media[0] == '\0')
		return 0;
	code = ask_media(a, "HEAD", &foreign);
	return code == 0 && !foreign ? ask_media(a, "GET", &foreign) : code;
}

/* --- the status callback --------------------------------------------------------------- */

static void make_callback_form(const struct rcd_sb_after *a, const char *status, int error_code,
                               struct rcd_buf *out)
{
	bool whatsapp = rcd_sv_starts(rcd_sv(a->to), RCD_SV("whatsapp:"));
	char code[16];

	rcd_form_add(out, "MessageSid", rcd_sv(a->sid));
	rcd_form_add(out, "SmsSid", rcd_sv(a->sid));
	rcd_form_add(out, "AccountSid", rcd_sv(a->box->value[RCD_SB_TWILIO_ACCOUNT]));
	rcd_form_add(out, "From", rcd_sv(a->from));
	rcd_form_add(out, "To", rcd_sv(a->to));
	rcd_form_add(out, "MessageStatus", rcd_sv(status));
	rcd_form_add(out, "SmsStatus", rcd_sv(status));
	rcd_form_add(out, "ApiVersion", RCD_SV("2010-04-01"));
	if (whatsapp) {
		rcd_form_add(out, "ChannelPrefix", RCD_SV("whatsapp"));
		rcd_form_add(out, "ChannelToAddress", rcd_sv(a->to));
	}
	if (error_code != 0) {
		(void)snprintf(code, sizeof(code), "%d", error_code);
		rcd_form_add(out, "ErrorCode", rcd_sv(code));
	}
}

static int sign_callback(const struct rcd_sb_after *a, const struct rcd_buf *body, char header[80])
{
	struct rcd_form f = {0};
	char sig[32];
	int ret;

	if (rcd_form_parse(rcd_buf_view(body), &f, RCD_UNREAD_ERR) != 0)
		return -1;
	ret = rcd_sign_twilio_make(&a->box->token, a->callback, &f, sig);
	if (ret == 0)
		(void)snprintf(header, 80, "X-Twilio-Signature: %s", sig);
	rcd_form_free(&f);
	return ret;
}

static void post_callback(const struct rcd_sb_after *a, const char *status,
                          const struct rcd_buf *body)
{
	char signature[80];
	const char *const headers[] = {signature, NULL};
	struct rcd_http_req req = {.method = "POST",
	                           .url = a->callback,
	                           .headers = headers,
	                           .body = rcd_buf_view(body),
	                           .peer = RCD_PEER_LOOPBACK,
	                           .body_type = "application/x-www-form-urlencoded",
	                           .deadline = rcd_deadline_in(LOOK_MS)};
	struct rcd_http_res res = {0};
	struct rcd_err err = {0};
	int ret;

	if (sign_callback(a, body, signature) != 0)
		return;
	ret = rcd_http_do(a->box->http, &req, &res, &err);
	record_request(a, "callback", a->callback, ret == 0 ? res.status : 0,
	               ret == 0 ? "ok" : rcd_code_name(err.code),
	               json_pack("{s:s}", "message_status", status));
	rcd_http_res_free(&res);
}

/* A step in a message's life. */
struct step {
	const char *status;
	int error_code; /* 0: none */
};

static void set_status(const struct rcd_sb_after *a, const struct step *s)
{
	rcd_sb_messages_status(a->box->messages, a->sid, s->status, s->error_code);
}

static void send_callback(const struct rcd_sb_after *a, const struct step *s)
{
	struct rcd_buf body;

	if (a->callback[0] == '\0' || a->fault.kind == RCD_SB_NEVER)
		return;
	rcd_buf_init(&body, RCD_MAX_WEBHOOK);
	make_callback_form(a, s->status, s->error_code, &body);
	for (int times = a->fault.kind == RCD_SB_TWICE ? 2 : 1; times > 0 && !body.bad; times--)
		post_callback(a, s->status, &body);
	rcd_buf_free(&body);
}

/* The error code of a message that fails after it was accepted; 0: it does not fail. */
static int find_failure(const struct rcd_sb_after *a)
{
	int64_t code = UNKNOWN_FAILURE;

	if (a->fault.kind != RCD_SB_FAILED)
		return look_at_media(a);
	(void)rcd_parse_i64(rcd_sv(a->fault.code), 1, 999999, &code);
	return (int)code;
}

static void run_steps(const struct rcd_sb_after *a, const atomic_bool *stopping)
{
	struct step step[3] = {{"queued", 0}, {"sent", 0}, {"delivered", 0}};
	bool disorder = a->fault.kind == RCD_SB_DISORDER;
	size_t n = 3;

	for (size_t i = 0; i < n && !atomic_load(stopping); i++) {
		set_status(a, &step[i]);
		if (!disorder)
			send_callback(a, &step[i]);
		if (i == 0 && (step[1].error_code = find_failure(a)) != 0) {
			step[1].status = "failed";
			n = 2;
		}
	}
	for (size_t i = n; disorder && i > 0 && !atomic_load(stopping); i--)
		send_callback(a, &step[i - 1]);
}

static void run_after(void *arg, const atomic_bool *stopping)
{
	struct rcd_sb_after *a = arg;

	if (!atomic_load(stopping))
		run_steps(a, stopping);
	after_free(a);
}

struct rcd_sb_after *rcd_sb_after_new(struct rcd_sandbox *box, const struct rcd_form *form,
                                      const char *sid)
{
	struct rcd_sb_after *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->box = box;
	a->to = rcd_sv_dup(rcd_form_get(form, "To"));
	a->from = rcd_sv_dup(rcd_form_get(form, "From"));
	a->media = rcd_sv_dup(rcd_form_get(form, "MediaUrl"));
	a->callback = rcd_sv_dup(rcd_form_get(form, "StatusCallback"));
	(void)snprintf(a->sid, sizeof(a->sid), "%s", sid);
	rcd_sb_callback_key(rcd_form_get(form, "StatusCallback"), a->key, sizeof(a->key));
	if (a->to != NULL && a->from != NULL && a->media != NULL && a->callback != NULL &&
	    rcd_sb_plan_ask(box->plan, NULL, "callback", &a->fault) == 0)
		return a;
	after_free(a);
	return NULL;
}

static void queue_after(void *arg)
{
	struct rcd_sb_after *a = arg;

	if (rcd_sb_pool_add(a->box->post, run_after, a) == 0)
		return;
	record_request(a, "callback", a->callback, 0, "dropped", NULL);
	after_free(a);
}

void rcd_sb_after_begin(struct rcd_sb_after *a)
{
	if (a == NULL)
		return;
	if (a->fault.delay_ms == 0 ||
	    rcd_sb_timer_add(a->box->timer, a->fault.delay_ms, queue_after, a) != 0)
		queue_after(a);
}
