/* The answer becomes outbox rows, committed before the first byte leaves, and then
 * messages: the text first, the audio as a message of its own. */

#include "base/clock.h"
#include "turn/steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TRIES 5

struct parts {
	struct rcd_outbox_in part[RCD_MAX_PARTS];
	size_t n;
	char from[RCD_MAX_ADDRESS + 1], to[RCD_MAX_ADDRESS + 1], url[RCD_MAX_URL + 64];
};

static bool text_wanted(const struct rcd_turn *t)
{
	return !(t->env->conf->voice_when == RCD_VOICE_MIRROR && t->audio && t->spoken);
}

static void add_text(struct parts *p, struct rcd_sv text)
{
	while (text.n > 0 && p->n < RCD_MAX_PARTS - 1) {
		size_t n = rcd_twilio_split(text);

		p->part[p->n++] = (struct rcd_outbox_in){.from = rcd_sv(p->from),
		                                         .to = rcd_sv(p->to),
		                                         .body = rcd_sv_trim((struct rcd_sv){text.p, n})};
		text = rcd_sv_trim(rcd_sv_skip(text, n));
	}
}

/* What answers this turn, as messages. The views in it live as long as t and p. */
static int make_parts(struct rcd_turn *t, struct parts *p, struct rcd_err *err)
{
	const struct rcd_twilio_msg *last = &t->msg[t->n_in - 1];
	const char *sorry = rcd_turn_text(t, RCD_TEXT_VOICE_DOWN);

	if (last->from.n > RCD_MAX_ADDRESS || last->to.n > RCD_MAX_ADDRESS)
		return rcd_fail(err, RCD_LIMIT, 0, "an address of more than %d bytes", RCD_MAX_ADDRESS);
	(void)snprintf(p->to, sizeof(p->to), "%.*s", RCD_SV_ARG(last->from));
	(void)snprintf(p->from, sizeof(p->from), "%.*s", RCD_SV_ARG(last->to));
	if (!t->spoken && json_object_get(t->why, "voice") != NULL && sorry[0] != '\0')
		rcd_buf_fmt(&t->answer, "\n\n%s", sorry);
	if (t->answer.bad)
		return rcd_fail_nomem(err);
	if (text_wanted(t))
		add_text(p, rcd_sv_trim(rcd_buf_view(&t->answer)));
	if (t->spoken) {
		(void)snprintf(p->url, sizeof(p->url), "%s/static/audio/%s", t->env->conf->public_url,
		               t->note.file);
		p->part[p->n++] = (struct rcd_outbox_in){.from = rcd_sv(p->from),
		                                         .to = rcd_sv(p->to),
		                                         .media_url = rcd_sv(p->url)};
	}
	if (p->n == 0)
		return rcd_fail(err, RCD_INVAL, 0, "an empty answer");
	return 0;
}

static int store_answer(struct rcd_turn *t, const struct parts *p, struct rcd_err *err)
{
	const struct rcd_media_in media = {
		.name = rcd_sv(t->note.file),
		.bytes = t->note.bytes,
		.duration_ms = t->note.ms,
		.expires_ms = rcd_now_ms() + (int64_t)t->env->conf->keep_days * 86400000,
	};
	struct rcd_turn_answer in = {
		.job = &t->job,
		.audio = t->audio,
		.user_message = rcd_buf_view(&t->said),
		.bot_response = rcd_sv_trim(rcd_buf_view(&t->answer)),
		.rung = rcd_sv(t->rung),
		.part = p->part,
		.n_parts = p->n,
		.sending = true,
		.media = t->spoken ? &media : NULL,
	};
	struct rcd_buf why;
	int ret;

	rcd_buf_init(&why, RCD_MAX_TEXT);
	rcd_json_text(json_incref(t->why), &why);
	if (why.bad)
		return rcd_fail_nomem(err);
	in.why = rcd_buf_view(&why);
	if (t->audio && t->transcript.n > 0)
		in.transcript = rcd_buf_view(&t->transcript);
	ret = rcd_history_answer(t->env->db, &in, err);
	rcd_buf_free(&why);
	return ret;
}

/* --- through REST -------------------------------------------------------------------- */

static void pause_ms(int64_t ms)
{
	struct timespec ts = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};

	(void)nanosleep(&ts, NULL);
}

/* Was it accepted although we never read so? 0: yes, and marked. RCD_NOENT: surely not. */
static int look_up(struct rcd_turn *t, const struct rcd_outbox_row *row, const struct rcd_twilio_send *m,
                   struct rcd_err *err)
{
	char sid[64];

	if (rcd_twilio_find(t->env->http, t->env->twilio, m, row->created_ms, t->deadline, sid, err) != 0)
		return -1;
	rcd_turn_note(t, "a message that was on its way when we lost sight of it had arrived");
	return rcd_outbox_mark(t->env->db, &t->job, row->id, RCD_OUT_ACCEPTED, rcd_sv(sid), 0, err);
}

/* One try. 0: it is settled (accepted or refused). -1: not yet. */
static int try_once(struct rcd_turn *t, const struct rcd_outbox_row *row, const struct rcd_twilio_send *m,
                    enum rcd_sent *what, struct rcd_err *err)
{
	enum rcd_out_state state = RCD_OUT_ACCEPTED;
	struct rcd_err marked;
	char sid[64] = "";

	if (rcd_twilio_send(t->env->http, t->env->twilio, m, t->deadline, what, sid, err) != 0) {
		rcd_turn_note(t, "part %d: %s", row->part, err->msg);
		state = *what == RCD_SENT_REJECTED ? RCD_OUT_REJECTED
		      : *what == RCD_SENT_AGAIN    ? RCD_OUT_READY
		                                   : RCD_OUT_UNKNOWN;
	}
	if (rcd_outbox_mark(t->env->db, &t->job, row->id, state, rcd_sv(sid),
	                    state == RCD_OUT_ACCEPTED ? 0 : err->sys, &marked) != 0) {
		*err = marked;
		*what = RCD_SENT_UNKNOWN;
		return -1;
	}
	return *what == RCD_SENT_ACCEPTED || *what == RCD_SENT_REJECTED ? 0 : -1;
}

/* first: the row was marked as leaving by this very turn and nothing has left yet. */
static int deliver(struct rcd_turn *t, const struct rcd_outbox_row *row, bool first, struct rcd_err *err)
{
	const struct rcd_twilio_send m = {row->from, row->to, row->body, row->media_url, row->key};
	enum rcd_sent what;

	if (!first && (row->state == RCD_OUT_SENDING || row->state == RCD_OUT_UNKNOWN)) {
		if (look_up(t, row, &m, err) == 0)
			return 0;
		if (err->code != RCD_NOENT)
			return -1;
	}
	for (int i = 0; i < TRIES; i++) {
		int64_t wait;

		if ((i > 0 || !first) &&
		    rcd_outbox_mark(t->env->db, &t->job, row->id, RCD_OUT_SENDING, rcd_sv(NULL), 0, err) != 0)
			return -1;
		if (try_once(t, row, &m, &what, err) == 0)
			return 0;
		if (what == RCD_SENT_UNKNOWN || err->code == RCD_CANCELLED)
			return -1; /* looked up when the job comes back */
		wait = err->retry_after > 0 ? err->retry_after * 1000LL : 200LL << i;
		if (rcd_deadline_left(t->deadline, INT64_MAX) <= wait)
			return -1;
		pause_ms(wait);
	}
	return -1;
}

static int send_rest(struct rcd_turn *t, struct rcd_outbox_row *row, size_t n, bool first, struct rcd_err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (row[i].state == RCD_OUT_ACCEPTED || row[i].state == RCD_OUT_REJECTED)
			continue;
		if (deliver(t, &row[i], first, err) != 0)
			return -1;
	}
	return 0;
}

/* --- in the webhook's own answer ----------------------------------------------------- */

static int offer(struct rcd_turn *t, const struct rcd_outbox_row *row, size_t n)
{
	struct rcd_twiml_part part[RCD_MAX_PARTS];
	struct rcd_buf twiml;
	int ret;

	for (size_t i = 0; i < n; i++)
		part[i] = (struct rcd_twiml_part){rcd_sv(row[i].body), rcd_sv(row[i].media_url)};
	rcd_buf_init(&twiml, RCD_MAX_JSON);
	rcd_twiml(part, n, &twiml);
	ret = twiml.bad ? -1 : rcd_seat_offer(t->seat, &twiml);
	rcd_buf_free(&twiml);
	return ret;
}

static int mark_all(struct rcd_turn *t, const struct rcd_outbox_row *row, size_t n, struct rcd_err *err)
{
	for (size_t i = 0; i < n; i++)
		if (rcd_outbox_mark(t->env->db, &t->job, row[i].id, RCD_OUT_ACCEPTED, rcd_sv(NULL), 0, err) != 0)
			return -1;
	return 0;
}

int rcd_turn_send(struct rcd_turn *t, struct rcd_err *err)
{
	struct rcd_outbox_row *row = NULL;
	bool first = !t->answered;
	struct parts parts = {0};
	size_t n = 0;
	int ret;

	if (first && (make_parts(t, &parts, err) != 0 || store_answer(t, &parts, err) != 0))
		return -1;
	if (rcd_outbox_of_turn(t->env->db, t->job.tenant, t->job.turn_id, &row, &n, err) != 0)
		return -1;
	if (t->seat != NULL && first && n <= RCD_MAX_PARTS && offer(t, row, n) == 0) {
		rcd_turn_figure(t, "twiml", 1);
		ret = mark_all(t, row, n, err);
	} else {
		ret = send_rest(t, row, n, first, err);
	}
	rcd_turn_figure(t, "parts", (int64_t)n);
	rcd_outbox_rows_free(row, n);
	return ret;
}
