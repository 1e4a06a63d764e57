#include "provider/realtime_live.h"

#include "base/clock.h"
#include "base/limits.h"
#include "net/form.h"
#include "provider/openai_api.h"
#include "provider/realtime_ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE ((size_t)48 * 1024) /* samples in one append: two seconds */
#define MAX_OUT ((size_t)4 * 1024 * 1024)
#define MAX_SAMPLES ((size_t)RCD_MAX_NOTE_SECONDS * RCD_REALTIME_HZ)

/* --- talking ----------------------------------------------------------------------------- */

/* Sends what was written to live->out. */
static int send_out(struct rcd_live *live, int64_t deadline, struct rcd_err *err)
{
	int ret;

	if (live->out.bad)
		ret = live->out.over ? rcd_fail(err, RCD_LIMIT, 0, "%s: a question of more than %zu bytes",
		                                live->doing, MAX_OUT)
		                     : rcd_fail_nomem(err);
	else
		ret = rcd_ws_send(live->conn, rcd_buf_view(&live->out), deadline, err) == 0
		          ? 0
		          : rcd_answer_lost(live->doing, err);
	rcd_buf_reset(&live->out);
	return ret;
}

static void remove_item(struct rcd_live *live, struct rcd_sv id)
{
	for (size_t i = 0; i < live->n_items; i++)
		if (rcd_sv_is(id, live->item[i])) {
			live->n_items--;
			memmove(live->item[i], live->item[i + 1], (live->n_items - i) * sizeof(live->item[0]));
			return;
		}
}

/* An id that is kept nowhere could not be deleted later. */
static void keep_item(struct rcd_live *live, struct rcd_sv id)
{
	for (size_t i = 0; i < live->n_items; i++)
		if (rcd_sv_is(id, live->item[i]))
			return;
	if (id.n == 0 || live->n_items == RCD_LIVE_ITEMS) {
		live->spoilt = true;
		return;
	}
	memcpy(live->item[live->n_items], id.p, id.n);
	live->item[live->n_items++][id.n] = '\0';
}

/* The next event. What it says about the conversation is kept whatever we wait for. */
static int read_event(struct rcd_live *live, int64_t deadline, struct rcd_realtime_event *e,
                      struct rcd_err *err)
{
	if (rcd_ws_recv(live->conn, &live->in, deadline, err) != 0 ||
	    rcd_realtime_event_read(rcd_buf_view(&live->in), e, err) != 0)
		return rcd_answer_lost(live->doing, err);
	if (e->kind == RCD_RT_ITEM_ADDED || e->kind == RCD_RT_COMMITTED)
		keep_item(live, e->item);
	else if (e->kind == RCD_RT_ITEM_DELETED)
		remove_item(live, e->item);
	return 0;
}

/* Until an event of that kind comes, or an error. */
static int wait_for(struct rcd_live *live, enum rcd_realtime_kind kind, int64_t deadline,
                    struct rcd_err *err)
{
	struct rcd_realtime_event e = {.kind = RCD_RT_OTHER};
	int ret = 1;

	while (ret == 1) {
		if (read_event(live, deadline, &e, err) != 0)
			return -1;
		if (e.kind == RCD_RT_ERROR)
			ret = rcd_openai_failed(live->doing, 0, e.body, err);
		else if (e.kind == kind)
			ret = 0;
		rcd_realtime_event_done(&e);
	}
	return ret;
}

/* --- a session --------------------------------------------------------------------------- */

static int open_connection(struct rcd_live *live, struct rcd_ws *ws, const struct rcd_ws_req *with,
                           struct rcd_err *err)
{
	const struct rcd_realtime_conf *conf = live->conf;
	struct rcd_sv base = rcd_sv(conf->base_url);
	struct rcd_ws_req req = *with;
	struct rcd_buf url, path, what;
	int ret;

	rcd_buf_init(&what, RCD_MAX_URL);
	rcd_buf_init(&url, RCD_MAX_URL);
	rcd_buf_init(&path, RCD_MAX_URL);
	if (rcd_sv_starts(base, RCD_SV("http"))) { /* https becomes wss, http ws */
		rcd_buf_str(&path, "ws");
		base = rcd_sv_skip(base, 4);
	}
	rcd_buf_sv(&path, base);
	rcd_buf_str(&what, "/realtime?model=");
	rcd_form_escape(rcd_sv(conf->model), &what);
	if (!path.bad && !what.bad)
		rcd_answer_url(&url, path.p, what.p);
	if (path.bad || what.bad || url.bad) {
		ret = rcd_fail_nomem(err);
	} else {
		req.url = url.p;
		req.key_header = "Authorization: Bearer ";
		req.key = conf->key;
		ret = rcd_ws_connect(ws, &req, &live->conn, err);
		if (ret != 0 && err->sys >= 300 && err->sys < 600)
			ret = rcd_openai_failed(live->doing, err->sys, NULL, err);
		else if (ret != 0)
			ret = rcd_answer_lost(live->doing, err);
	}
	rcd_buf_free(&what);
	rcd_buf_free(&path);
	rcd_buf_free(&url);
	return ret;
}

static int configure_session(struct rcd_live *live, int64_t deadline, struct rcd_err *err)
{
	if (wait_for(live, RCD_RT_SESSION_CREATED, deadline, err) != 0)
		return -1;
	rcd_realtime_say_settings(live->conf, &live->out);
	if (send_out(live, deadline, err) != 0)
		return -1;
	return wait_for(live, RCD_RT_SESSION_UPDATED, deadline, err);
}

int rcd_live_open(struct rcd_live **out, struct rcd_ws *ws, const struct rcd_realtime_conf *conf,
                  int64_t deadline, void (*gone)(void *arg), void *arg, struct rcd_err *err)
{
	const struct rcd_ws_req req = {.deadline = deadline, .gone = gone, .gone_arg = arg};
	struct rcd_live *live = calloc(1, sizeof(*live));

	if (live == NULL)
		return rcd_fail_nomem(err);
	live->conf = conf;
	live->opened = rcd_mono_ms();
	(void)snprintf(live->doing, sizeof(live->doing), "openai: realtime with %.60s", conf->model);
	rcd_buf_init(&live->in, RCD_MAX_WS_MESSAGE);
	rcd_buf_init(&live->out, MAX_OUT);
	if (open_connection(live, ws, &req, err) != 0 || configure_session(live, deadline, err) != 0) {
		(void)rcd_live_close(live);
		return -1;
	}
	*out = live;
	return 0;
}

struct rcd_live *rcd_live_close(struct rcd_live *live)
{
	if (live == NULL)
		return NULL;
	(void)rcd_ws_end(live->conn);
	rcd_buf_free(&live->in);
	rcd_buf_free(&live->out);
	free(live);
	return NULL;
}

bool rcd_live_usable(struct rcd_live *live)
{
	return !live->spoilt && rcd_ws_alive(live->conn);
}

void rcd_live_forget(struct rcd_live *live)
{
	/* a connection that takes nothing any more is not worth waiting for */
	for (size_t i = 0; i < live->n_items && !live->spoilt; i++) {
		rcd_realtime_say_delete(live->item[i], &live->out);
		live->spoilt = send_out(live, rcd_mono_ms(), RCD_UNREAD_ERR) != 0;
	}
}

int rcd_live_settle(struct rcd_live *live, int64_t deadline, struct rcd_err *err)
{
	struct rcd_realtime_event e = {.kind = RCD_RT_OTHER};
	int ret = 0;

	while (ret == 0 && live->n_items > 0 && !live->spoilt) {
		if (read_event(live, deadline, &e, err) != 0)
			return -1;
		if (e.kind == RCD_RT_ERROR)
			ret = rcd_openai_failed(live->doing, 0, e.body, err);
		rcd_realtime_event_done(&e);
	}
	if (ret == 0 && !rcd_live_usable(live))
		ret = rcd_fail(err, RCD_DOWN, 0, "%s: the session is of no use any more", live->doing);
	return ret;
}

/* --- hearing ----------------------------------------------------------------------------- */

static int append_sound(struct rcd_live *live, const int16_t *pcm, size_t n, int64_t deadline,
                        struct rcd_err *err)
{
	for (size_t at = 0; at < n; at += PIECE) {
		rcd_realtime_say_append(pcm + at, n - at < PIECE ? n - at : PIECE, &live->out);
		if (send_out(live, deadline, err) != 0)
			return -1;
	}
	rcd_realtime_say_commit(&live->out);
	return send_out(live, deadline, err);
}

/* 1: go on. id: of the item that our commit became, "" so far. */
static int handle_hear_event(struct rcd_live *live, const struct rcd_realtime_event *e,
                             char id[RCD_REALTIME_ID], struct rcd_buf *transcript,
                             struct rcd_err *err)
{
	if (e->kind == RCD_RT_ERROR)
		return rcd_openai_failed(live->doing, 0, e->body, err);
	if (e->kind == RCD_RT_COMMITTED && id[0] == '\0' && e->item.n > 0) {
		memcpy(id, e->item.p, e->item.n);
		id[e->item.n] = '\0';
	}
	if (id[0] == '\0' || !rcd_sv_is(e->item, id))
		return 1;
	if (e->kind == RCD_RT_NOT_TRANSCRIBED)
		return rcd_openai_failed(live->doing, 0, e->body, err);
	if (e->kind != RCD_RT_TRANSCRIBED)
		return 1;
	if (e->text.p == NULL)
		return rcd_fail(err, RCD_PROTO, 0, "%s: a transcript without text", live->doing);
	rcd_buf_sv(transcript, rcd_sv_trim(e->text));
	if (!transcript->bad)
		return 0;
	return transcript->over ? rcd_fail(err, RCD_LIMIT, 0, "%s: more than %zu bytes", live->doing,
	                                   transcript->max)
	                        : rcd_fail_nomem(err);
}

static int transcribe_sound(struct rcd_live *live, const int16_t *pcm, size_t n, int64_t deadline,
                            struct rcd_buf *transcript, struct rcd_err *err)
{
	char id[RCD_REALTIME_ID] = "";
	int ret = 1;

	if (append_sound(live, pcm, n, deadline, err) != 0)
		return -1;
	while (ret == 1) {
		struct rcd_realtime_event e = {.kind = RCD_RT_OTHER};

		if (read_event(live, deadline, &e, err) != 0)
			return -1;
		ret = handle_hear_event(live, &e, id, transcript, err);
		rcd_realtime_event_done(&e);
	}
	return ret;
}

int rcd_live_hear(struct rcd_live *live, const int16_t *pcm, size_t n, int64_t deadline,
                  struct rcd_buf *transcript, struct rcd_err *err)
{
	if (n > MAX_SAMPLES)
		return rcd_fail(err, RCD_LIMIT, 0, "%s: a note of more than %d s", live->doing,
		                RCD_MAX_NOTE_SECONDS);
	if (live->n_items >= RCD_LIVE_ITEMS - 1)
		return rcd_fail(err, RCD_LIMIT, 0, "%s: more than %d notes", live->doing,
		                RCD_LIVE_ITEMS - 1);
	if (transcribe_sound(live, pcm, n, deadline, transcript, err) == 0)
		return 0;
	live->spoilt = true;
	return -1;
}

/* --- answering --------------------------------------------------------------------------- */

static int run_ask(struct rcd_live *live, const struct rcd_live_ask *a,
                   struct rcd_realtime_answer *answer, struct rcd_err *err)
{
	int64_t silent = a->stall_ms > 0 ? rcd_deadline_in(a->stall_ms) : a->deadline;
	int ret = 0;

	rcd_realtime_say_ask(live->conf, a, live->item, live->n_items, answer->tag, &live->out);
	if (send_out(live, a->deadline, err) != 0)
		return -1;
	while (ret == 0 && !answer->done) {
		struct rcd_realtime_event e = {.kind = RCD_RT_OTHER};

		if (read_event(live, a->deadline > 0 && a->deadline < silent ? a->deadline : silent, &e,
		               err) != 0)
			return -1;
		ret = rcd_realtime_answer_feed(answer, &e, err);
		rcd_realtime_event_done(&e);
		/* that it began counts as little as what has nothing to do with it */
		if (answer->moved && answer->works && a->stall_ms > 0)
			silent = rcd_deadline_in(a->stall_ms);
	}
	return ret;
}

int rcd_live_answer(struct rcd_live *live, const struct rcd_live_ask *a,
                    const struct rcd_live_sink *sink, struct rcd_live_usage *usage,
                    struct rcd_err *err)
{
	struct rcd_realtime_answer answer;
	char tag[16];
	int ret;

	(void)snprintf(tag, sizeof(tag), "%u", ++live->asks);
	rcd_realtime_answer_init(&answer, live->doing, tag, sink, a->tools != NULL ? a->calls : NULL);
	ret = run_ask(live, a, &answer, err);
	if (ret == 0)
		*usage = answer.usage;
	if (answer.usage.first_ms >= 0 && live->conf->stats != NULL)
		rcd_realtime_first(live->conf->stats, answer.usage.first_ms);
	if (ret != 0 && a->calls != NULL)
		rcd_tool_calls_free(a->calls);
	live->spoilt = live->spoilt || ret != 0;
	rcd_realtime_answer_done(&answer);
	return ret;
}
