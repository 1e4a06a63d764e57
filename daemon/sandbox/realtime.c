/* Simulated OpenAI: the Realtime API (GA), WebSocket. */

#include "daemon/sandbox/realtime_int.h"

#include "base/clock.h"
#include "base/wait.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_AUDIO ((size_t)64 * 1024 * 1024)
#define LIFE_S 3600

struct rcd_sb_sessions {
	pthread_mutex_t lock;
	pthread_cond_t ended;
	LIST_HEAD(session_list, rcd_sb_session) list;
	bool closing;
};

/* --- what is said to a client ------------------------------------------------------------ */

static json_t *make_session_json(const struct rcd_sb_session *s)
{
	json_t *pcm = json_pack("{s:s s:i}", "type", "audio/pcm", "rate", RCD_SB_RT_HZ);

	return json_pack("{s:s s:s s:s s:s s:[s] s:I s:{s:{s:O s:b} s:{s:o}}}", "type", "realtime",
	                 "object", "realtime.session", "id", s->id, "model", s->model,
	                 "output_modalities", s->speaks ? "audio" : "text", "expires_at",
	                 (json_int_t)rcd_now_ms() / 1000 + LIFE_S, "audio", "input", "format", pcm,
	                 "transcription", s->transcribes, "output", "format", pcm);
}

/* --- what a client says ------------------------------------------------------------------ */

static int update_session(struct rcd_sb_session *s, const json_t *event)
{
	const json_t *session = json_object_get(event, "session"), *v;
	const char *code, *wrong = rcd_sb_rt_check_session(session, &code);

	if (wrong != NULL)
		return rcd_sb_rt_error(s, event, RCD_SB_RT_INVALID, code, wrong);
	v = json_object_get(json_object_get(json_object_get(session, "audio"), "input"),
	                    "transcription");
	if (v != NULL)
		s->transcribes = json_is_object(v);
	v = json_array_get(json_object_get(session, "output_modalities"), 0);
	if (v != NULL)
		s->speaks = rcd_sv_is(rcd_sv(json_string_value(v)), "audio");
	return rcd_sb_rt_send(s, json_pack("{s:s s:o}", "type", "session.updated", "session",
	                                   make_session_json(s)));
}

static int delete_item(struct rcd_sb_session *s, const json_t *event)
{
	struct rcd_sv id = rcd_json_sv(event, "item_id");
	struct rcd_sb_rt_item *item = rcd_sb_rt_item(s, id);

	if (item == NULL)
		return rcd_sb_rt_error(s, event, RCD_SB_RT_INVALID, "item_delete_invalid_item_id",
		                       "There is no such item");
	free(item->text);
	*item = s->item[--s->n_items];
	if (rcd_sb_ledger_add(s->box->ledger, json_pack("{s:s s:s s:s s:o}", "provider", "openai", "op",
	                                                "realtime.delete", "session", s->id, "item",
	                                                rcd_json_str(id))) != 0)
		return -1;
	return rcd_sb_rt_send(s, json_pack("{s:s s:o}", "type", "conversation.item.deleted", "item_id",
	                                   rcd_json_str(id)));
}

/* Responses here are over before the next event is read. */
static int refuse_cancel(struct rcd_sb_session *s, const json_t *event)
{
	return rcd_sb_rt_error(s, event, RCD_SB_RT_INVALID, "response_cancel_not_active",
	                       "There is no active response");
}

static const struct {
	const char *type;
	rcd_sb_rt_fn *fn;
} events[] = {
	{"session.update", update_session},
	{"input_audio_buffer.append", rcd_sb_rt_append},
	{"input_audio_buffer.clear", rcd_sb_rt_clear},
	{"input_audio_buffer.commit", rcd_sb_rt_commit},
	{"conversation.item.delete", delete_item},
	{"response.create", rcd_sb_rt_respond},
	{"response.cancel", refuse_cancel},
};

static int dispatch_event(struct rcd_sb_session *s, const json_t *event)
{
	struct rcd_sv type = rcd_json_sv(event, "type");

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (rcd_sv_is(type, events[i].type))
			return events[i].fn(s, event);
	return rcd_sb_rt_error(s, event, RCD_SB_RT_INVALID, "invalid_value", "Unknown event type");
}

static int serve_session(struct rcd_sb_session *s)
{
	struct rcd_buf text;
	int ret;

	rcd_buf_init(&text, RCD_SB_RT_MAX_EVENT);
	ret = rcd_sb_rt_send(s, json_pack("{s:s s:o}", "type", "session.created", "session",
	                                  make_session_json(s)));
	while (ret == 0 && (ret = rcd_sb_wire_recv(s->wire, &text)) == 0) {
		struct rcd_err err;
		json_t *event;

		if (rcd_json_parse(rcd_buf_view(&text), RCD_SB_RT_MAX_EVENT, &event, &err) != 0) {
			ret = err.code == RCD_NOMEM ? -1
			                            : rcd_sb_rt_error(s, NULL, RCD_SB_RT_INVALID,
			                                              "invalid_json", "That is not JSON");
			continue;
		}
		ret = dispatch_event(s, event);
		json_decref(event);
	}
	rcd_buf_free(&text);
	return ret;
}

/* --- threads ----------------------------------------------------------------------------- */

static struct rcd_sb_session *session_free(struct rcd_sb_session *s)
{
	if (s == NULL)
		return NULL;
	for (size_t i = 0; i < s->n_items; i++)
		free(s->item[i].text);
	rcd_buf_free(&s->audio);
	free(s);
	return NULL;
}

static void *run_session(void *arg)
{
	struct rcd_sb_session *s = arg;
	struct rcd_sb_sessions *all = s->box->sessions;
	struct rcd_sb_wire *wire = s->wire;

	(void)serve_session(s);
	(void)pthread_mutex_lock(&all->lock);
	s->wire = NULL; /* nobody shuts it from now on */
	(void)pthread_mutex_unlock(&all->lock);
	(void)rcd_sb_wire_close(wire, s->cut ? 0 : 1000);
	(void)pthread_mutex_lock(&all->lock);
	LIST_REMOVE(s, link);
	(void)pthread_cond_signal(&all->ended);
	(void)pthread_mutex_unlock(&all->lock);
	(void)session_free(s);
	return NULL;
}

/* With the lock held. */
static int start_session(struct rcd_sb_session *s)
{
	pthread_t id;

	if (pthread_create(&id, NULL, run_session, s) != 0)
		return -1;
	(void)pthread_detach(id);
	LIST_INSERT_HEAD(&s->box->sessions->list, s, link);
	return 0;
}

static void on_upgraded(void *arg, struct rcd_sb_socket *socket)
{
	struct rcd_sb_session *s = arg;
	struct rcd_sb_sessions *all = s->box->sessions;
	bool runs = false;

	s->wire = socket != NULL ? rcd_sb_wire_open(socket) : NULL;
	(void)pthread_mutex_lock(&all->lock);
	if (s->wire != NULL && !all->closing)
		runs = start_session(s) == 0;
	(void)pthread_mutex_unlock(&all->lock);
	if (runs)
		return;
	(void)rcd_sb_wire_close(s->wire, 0);
	(void)session_free(s);
}

int rcd_sb_sessions_open(struct rcd_sb_sessions **out, struct rcd_err *err)
{
	struct rcd_sb_sessions *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return rcd_fail_nomem(err);
	LIST_INIT(&s->list);
	(void)pthread_mutex_init(&s->lock, NULL);
	rcd_cond_init(&s->ended);
	*out = s;
	return 0;
}

void rcd_sb_sessions_end(struct rcd_sb_sessions *s)
{
	struct rcd_sb_session *one;

	if (s == NULL)
		return;
	(void)pthread_mutex_lock(&s->lock);
	s->closing = true;
	LIST_FOREACH(one, &s->list, link)
	if (one->wire != NULL)
		rcd_sb_wire_shut(one->wire);
	while (!LIST_EMPTY(&s->list))
		(void)rcd_cond_wait(&s->ended, &s->lock, 0);
	(void)pthread_mutex_unlock(&s->lock);
}

struct rcd_sb_sessions *rcd_sb_sessions_close(struct rcd_sb_sessions *s)
{
	if (s == NULL)
		return NULL;
	(void)pthread_cond_destroy(&s->ended);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
	return NULL;
}

/* --- the handshake ----------------------------------------------------------------------- */

/* GET /v1/realtime?model=… */
int rcd_sb_realtime_connect(struct rcd_sb_call *c)
{
	const char *model = rcd_sb_req_arg(c->req, "model"),
			   *key = rcd_sb_req_header(c->req, "Sec-WebSocket-Key");
	const char *upgrade = rcd_sb_req_header(c->req, "Upgrade");
	struct rcd_sb_session *s;
	char accept[RCD_SB_ACCEPT];

	if (rcd_sb_req_header(c->req, "OpenAI-Beta") != NULL)
		return rcd_sb_refuse(c, 400, "beta_api_shape_disabled",
		                     "The beta of the Realtime API has ended");
	if (model == NULL || model[0] == '\0')
		return rcd_sb_refuse(c, 400, "missing_model", "You must provide a model parameter");
	if (key == NULL || !rcd_sv_ieq(rcd_sv(upgrade), RCD_SV("websocket")))
		return rcd_sb_refuse(c, 426, "", "This wants a WebSocket");
	rcd_sb_note_sv(c, "model", rcd_sv(model));
	if (c->fault.kind != RCD_SB_OK)
		return rcd_sb_refuse(c, 500, "", "Spoiled by the sandbox's plan");
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return -1;
	s->box = c->box;
	s->speaks = true; /* until the client says otherwise, like the real one */
	rcd_buf_init(&s->audio, MAX_AUDIO);
	rcd_sb_rt_id("sess", s->id);
	(void)snprintf(s->model, sizeof(s->model), "%s", model);
	rcd_sb_wire_accept(key, accept);
	rcd_sb_note(c, "session", json_string(s->id));
	rcd_sb_header(c, "Upgrade", "websocket");
	rcd_sb_header(c, "Sec-WebSocket-Accept", "%s", accept);
	c->out->status = 101;
	c->out->upgraded = on_upgraded;
	c->out->upgraded_arg = s;
	return 0;
}
