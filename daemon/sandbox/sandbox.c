/* Starts and stops the sandbox, and routes one request through its parts. */

#include "daemon/sandbox/box.h"

#include "base/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPEECH_THREADS 2
#define SPEECH_QUEUE 256
#define POST_THREADS 2
#define POST_QUEUE 8192

/* --- one request ----------------------------------------------------------------------- */

/* Are these the credentials that the provider gave out? */
static bool has_credentials(const struct rcd_sb_call *c)
{
	static const char *const header[] = {
		[RCD_SB_TWILIO] = "Authorization",
		[RCD_SB_OPENAI] = "Authorization",
		[RCD_SB_ELEVENLABS] = "xi-api-key",
	};
	const char *want[] = {
		[RCD_SB_TWILIO] = c->box->basic,
		[RCD_SB_OPENAI] = c->box->bearer,
		[RCD_SB_ELEVENLABS] = c->box->value[RCD_SB_ELEVENLABS_KEY],
	};
	enum rcd_sb_provider who = c->route->provider;

	return c->route->open ||
	       rcd_same_secret(rcd_sv(rcd_sb_req_header(c->req, header[who])), rcd_sv(want[who]));
}

static int answer_call(struct rcd_sb_call *c)
{
	if (!has_credentials(c))
		return rcd_sb_refuse(c, 401, "", "The sandbox does not know these credentials");
	if (rcd_sb_req_over(c->req))
		return rcd_sb_refuse(c, 413, "", "The request is too large");
	if (c->route->provider != RCD_SB_NOBODY &&
	    rcd_sb_plan_ask(c->box->plan, rcd_sb_provider_name(c->route->provider), c->route->op,
	                    &c->fault) != 0)
		return -1;
	c->dry = c->fault.kind == RCD_SB_STATUS;
	if (c->route->fn(c) != 0)
		return -1;
	return rcd_sb_spoil(c);
}

static json_t *begin_note(const struct rcd_sb_call *c)
{
	bool auth = rcd_sb_req_header(c->req, "Authorization") != NULL ||
	            rcd_sb_req_header(c->req, "xi-api-key") != NULL;

	return json_pack("{s:s, s:s, s:s, s:o, s:b}", "provider",
	                 c->route != NULL ? rcd_sb_provider_name(c->route->provider) : "sandbox", "op",
	                 c->route != NULL ? c->route->op : "unknown", "method",
	                 rcd_sb_req_method(c->req), "path",
	                 rcd_json_str(rcd_sv(rcd_sb_req_path(c->req))), "auth", auth);
}

/* The ledger line is written before the answer is sent, also for refusals. */
static int finish_note(struct rcd_sb_call *c)
{
	json_t *note = c->note;

	c->note = NULL;
	if (json_object_set_new(note, "status", json_integer(c->out->never ? 0 : c->out->status)) !=
	        0 ||
	    json_object_set_new(note, "decision", json_string(rcd_sb_fault_name(&c->fault))) != 0) {
		json_decref(note);
		return -1;
	}
	return rcd_sb_ledger_add(c->box->ledger, note);
}

static int handle_request(void *arg, struct rcd_sb_req *req, struct rcd_sb_answer *out)
{
	struct rcd_sb_call c = {.box = arg, .req = req, .out = out};
	bool path_known;
	int ret;

	c.route = rcd_sb_route_find(rcd_sb_req_method(req), rcd_sb_req_path(req), c.star, &path_known);
	c.note = begin_note(&c);
	if (c.note == NULL)
		return -1;
	if (c.route != NULL)
		ret = answer_call(&c);
	else if (path_known)
		ret = rcd_sb_refuse(&c, 405, "", "The method is not one of this path");
	else
		ret = rcd_sb_refuse(&c, 404, "", "The sandbox has no such path");
	if (ret == 0 && (c.route == NULL || c.route->provider != RCD_SB_NOBODY))
		ret = finish_note(&c);
	rcd_sb_after_begin(c.after);
	json_decref(c.note);
	rcd_sb_fault_done(&c.fault);
	return ret;
}

/* --- start and stop -------------------------------------------------------------------- */

static int make_credentials(struct rcd_sandbox *s, struct rcd_err *err)
{
	const char *account = s->value[RCD_SB_TWILIO_ACCOUNT];
	const char *token = s->value[RCD_SB_TWILIO_TOKEN];
	struct rcd_buf pair, head;

	rcd_buf_init(&pair, 1024);
	rcd_buf_init(&head, 2048);
	rcd_buf_fmt(&pair, "%s:%s", account, token);
	rcd_buf_str(&head, "Basic ");
	if (!pair.bad)
		rcd_base64(rcd_buf_view(&pair), &head);
	s->basic = pair.bad ? NULL : rcd_buf_take(&head, NULL);
	rcd_buf_fmt(&head, "Bearer %s", s->value[RCD_SB_OPENAI_KEY]);
	s->bearer = rcd_buf_take(&head, NULL);
	rcd_buf_free(&pair);
	rcd_buf_free(&head);
	if (s->basic == NULL || s->bearer == NULL)
		return rcd_fail_nomem(err);
	return rcd_secret_put(&s->token, rcd_sv(token), err);
}

static int open_parts(struct rcd_sandbox *s, const struct rcd_sandbox_conf *conf,
                      struct rcd_err *err)
{
	if (rcd_sb_ledger_open(&s->ledger, conf->ledger, !conf->quiet_memory, err) != 0 ||
	    rcd_sb_plan_open(&s->plan, err) != 0 || rcd_sb_messages_open(&s->messages, err) != 0 ||
	    rcd_sb_media_open(&s->media, err) != 0 || rcd_sb_objects_open(&s->objects, err) != 0 ||
	    rcd_sb_conversations_open(&s->conversations, err) != 0 ||
	    rcd_http_open(&s->http, err) != 0 || rcd_sb_sessions_open(&s->sessions, err) != 0 ||
	    rcd_sb_timer_open(&s->timer, err) != 0 ||
	    rcd_sb_pool_open(&s->speech, SPEECH_THREADS, SPEECH_QUEUE, err) != 0 ||
	    rcd_sb_pool_open(&s->post, POST_THREADS, POST_QUEUE, err) != 0)
		return -1;
	if (conf->plan != NULL)
		return rcd_sb_plan_read(s->plan, conf->plan, err);
	return 0;
}

int rcd_sandbox_start(struct rcd_sandbox **out, const struct rcd_sandbox_conf *conf,
                      struct rcd_err *err)
{
	struct rcd_sandbox *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return rcd_fail_nomem(err);
	s->chat_delay_ms = conf->chat_delay_ms;
	if (open_parts(s, conf, err) != 0 || rcd_sb_server_open(&s->server, conf->port, err) != 0)
		goto fail;
	(void)snprintf(s->origin, sizeof(s->origin), "http://127.0.0.1:%d",
	               rcd_sb_server_port(s->server));
	if (rcd_sb_settings(s, err) != 0 || make_credentials(s, err) != 0 ||
	    rcd_sb_server_run(s->server, s->timer, handle_request, s, err) != 0)
		goto fail;
	*out = s;
	return 0;
fail:
	(void)rcd_sandbox_stop(s);
	return -1;
}

struct rcd_sandbox *rcd_sandbox_stop(struct rcd_sandbox *s)
{
	if (s == NULL)
		return NULL;
	if (s->http != NULL)
		rcd_http_abort(s->http);
	/* producers for parked connections end first; then the timers resume the rest */
	(void)rcd_sb_pool_close(s->speech);
	(void)rcd_sb_timer_close(s->timer);
	rcd_sb_sessions_end(s->sessions);
	(void)rcd_sb_server_stop(s->server);
	(void)rcd_sb_sessions_close(s->sessions);
	(void)rcd_sb_pool_close(s->post);
	(void)rcd_http_close(s->http);
	(void)rcd_sb_messages_close(s->messages);
	(void)rcd_sb_media_close(s->media);
	(void)rcd_sb_conversations_close(s->conversations);
	(void)rcd_sb_objects_close(s->objects);
	(void)rcd_sb_plan_close(s->plan);
	(void)rcd_sb_ledger_close(s->ledger);
	rcd_secret_wipe(&s->token);
	free(s->basic);
	free(s->bearer);
	for (size_t i = 0; i < RCD_SB_N_SETTINGS; i++)
		free(s->value[i]);
	free(s);
	return NULL;
}

int rcd_sandbox_port(const struct rcd_sandbox *s)
{
	return rcd_sb_server_port(s->server);
}

int rcd_sandbox_plan(struct rcd_sandbox *s, const char *text, struct rcd_err *err)
{
	return rcd_sb_plan_set(s->plan, "plan", rcd_sv(text), err);
}

char *rcd_sandbox_ledger(struct rcd_sandbox *s)
{
	return rcd_sb_ledger_text(s->ledger);
}
