/* The answer becomes outbox rows, committed before the first byte leaves, and then
 * messages: the text first, the audio as a message of its own. */

#include "base/address.h"
#include "base/clock.h"
#include "delivery/hold_on.h"
#include "turn/steps.h"

#include <stdio.h>

struct parts {
	struct rcd_outbox_in part[RCD_MAX_PARTS];
	size_t n;
	char from[RCD_MAX_ADDRESS + 1], to[RCD_MAX_ADDRESS + 1], url[RCD_MAX_URL + 64];
};

static bool is_text_wanted(const struct rcd_turn *t)
{
	return !(t->env->conf->voice_when == RCD_VOICE_MIRROR && t->hear->has_voice_note &&
	         t->speak->spoken);
}

static void add_text(struct parts *p, struct rcd_sv text)
{
	while (text.n > 0 && p->n < RCD_MAX_PARTS - RCD_MAX_ANSWER_MEDIA - 1) {
		size_t n = rcd_twilio_split(text);

		p->part[p->n++] = (struct rcd_outbox_in){.from = rcd_sv(p->from),
		                                         .to = rcd_sv(p->to),
		                                         .body = rcd_sv_trim((struct rcd_sv){text.p, n})};
		text = rcd_sv_trim(rcd_sv_skip(text, n));
	}
}

static void add_media(const struct rcd_turn *t, struct parts *p)
{
	for (size_t i = 0; i < t->think->effects.n_media; i++) {
		struct rcd_outbox_in part = {.from = rcd_sv(p->from), .to = rcd_sv(p->to)};

		if (rcd_turn_is_sms(t)) /* a link: multimedia messages do not reach every network */
			part.body = rcd_sv(t->think->effects.media[i]->url);
		else
			part.media_url = rcd_sv(t->think->effects.media[i]->url);
		p->part[p->n++] = part;
	}
}

static struct rcd_outbox_in make_voice_part(const struct rcd_turn *t, struct parts *p)
{
	const struct rcd_turn_conf *conf = t->env->conf;
	bool elsewhere = conf->media_url != NULL && conf->media_url[0] != '\0';

	(void)snprintf(p->url, sizeof(p->url), "%s%s/%s",
	               elsewhere ? conf->media_url : conf->public_url, elsewhere ? "" : "/static/audio",
	               t->speak->voice_note.file);
	return (struct rcd_outbox_in){.from = rcd_sv(p->from),
	                              .to = rcd_sv(p->to),
	                              .media_url = rcd_sv(p->url)};
}

/* What answers this turn, as messages. The views in it live as long as t and p. */
static int make_parts(struct rcd_turn *t, struct parts *p, struct rcd_err *err)
{
	const struct rcd_twilio_msg *last = &t->gather->msg[t->gather->n - 1];
	const char *sorry = rcd_turn_text(t, RCD_TEXT_VOICE_DOWN);

	if (last->from.n > RCD_MAX_ADDRESS || last->to.n > RCD_MAX_ADDRESS) {
		(void)rcd_fail(err, RCD_LIMIT, 0, "an address of more than %d bytes", RCD_MAX_ADDRESS);
		return rcd_fail_for_good(err);
	}
	(void)snprintf(p->to, sizeof(p->to), "%.*s", RCD_SV_ARG(last->from));
	(void)snprintf(p->from, sizeof(p->from), "%.*s", RCD_SV_ARG(last->to));
	if (!t->speak->spoken && json_object_get(t->outcome.why, "voice") != NULL && sorry[0] != '\0' &&
	    rcd_turn_append_notice(t, sorry, err) != 0)
		return -1;
	if (is_text_wanted(t))
		add_text(p, rcd_sv_trim(rcd_buf_view(&t->think->answer)));
	add_media(t, p);
	if (t->speak->spoken)
		p->part[p->n++] = make_voice_part(t, p);
	if (p->n == 0)
		return rcd_fail(err, RCD_INVAL, 0, "an empty answer");
	return 0;
}

static struct rcd_media_in make_media(const struct rcd_turn *t)
{
	return (struct rcd_media_in){
		.name = rcd_sv(t->speak->voice_note.file),
		.bytes = t->speak->voice_note.bytes,
		.duration_ms = t->speak->voice_note.ms,
		.piece = t->speak->voice_note.piece,
		.n_pieces = t->speak->voice_note.n_pieces,
		.expires_ms = rcd_now_ms() + (int64_t)t->env->conf->speech.keep_days * 86400000,
	};
}

static struct rcd_request_in make_request(const struct rcd_turn *t)
{
	return (struct rcd_request_in){.tenant = t->job.tenant,
	                               .contact_id = t->job.contact_id,
	                               .turn_id = t->job.turn_id,
	                               .sender = rcd_sv(t->job.key),
	                               .reasons = t->outcome.waits,
	                               .detail = rcd_sv(t->think->effects.handoff)};
}

/* One line when somebody starts to wait for a person, and none while that is known. */
static void warn_of_request(struct rcd_turn *t, const struct rcd_request_in *in)
{
	struct rcd_buf b;

	rcd_buf_init(&b, 80);
	rcd_waits_names(in->reasons, &b);
	rcd_turn_log(t, "request_opened contact=%lld channel=%.*s reason=%.*s",
	             (long long)in->contact_id, RCD_SV_ARG(rcd_address_channel(in->sender)),
	             RCD_SV_ARG(rcd_buf_view(&b)));
	rcd_buf_free(&b);
}

/* The store has the last word on whether the window has closed: its clock counts, not ours. */
static int store_when_closed(struct rcd_turn *t, const struct rcd_turn_answer *answer,
                             struct rcd_err *err)
{
	struct rcd_turn_answer in = *answer;
	int64_t open_ms = 0;

	in.open_ms = t->webhook == NULL ? &open_ms : NULL;
	for (;;) {
		t->parts->send.outgoing.intended = rcd_mono_ms();
		if (rcd_history_answer(t->env->db, &in, err) == 0)
			return 0;
		if (err->code != RCD_BUSY || open_ms == 0)
			return -1;
		t->time.window_end = rcd_deadline_in(open_ms);
		if (rcd_turn_await_window(t, err) != 0)
			return -1;
	}
}

/* What the history shows as said to the customer; absent: nothing. */
static struct rcd_sv get_stored_answer(const struct rcd_turn *t)
{
	if (t->gather->elsewhere)
		return rcd_sv_trim(rcd_buf_view(&t->gather->elsewhere_text));
	return t->outcome.silent ? rcd_sv(NULL) : rcd_sv_trim(rcd_buf_view(&t->think->answer));
}

static int store_answer(struct rcd_turn *t, const struct parts *p, enum rcd_hold *hold,
                        struct rcd_err *err)
{
	const struct rcd_media_in media = make_media(t);
	const struct rcd_request_in request = make_request(t);
	bool fresh = false;
	struct rcd_turn_answer in = {
		.job = &t->job,
		.audio = t->hear->has_voice_note,
		.user_message = rcd_buf_view(t->think->seen_text.n > 0 ? &t->think->seen_text
	                                                           : &t->hear->customer_text),
		.bot_response = get_stored_answer(t),
		.rung = rcd_sv(t->outcome.rung),
		.persona_id = t->recall->persona_id,
		.part = p->part,
		.n_parts = p->n,
		.sending = true,
		.media = t->speak->spoken ? &media : NULL,
		.thread_id = t->think->thread_id[0] != '\0' ? rcd_sv(t->think->thread_id) : rcd_sv(NULL),
		.handoff = !t->outcome.silent && t->think->effects.handoff[0] != '\0'
	                   ? rcd_sv(t->think->effects.handoff)
	                   : rcd_sv(NULL),
		.model_calls = t->spent.requests,
		.request = t->outcome.waits != 0 ? &request : NULL,
		.request_fresh = &fresh,
		.hold = hold,
		.unless_more = t->cancel != NULL && t->gather->n < RCD_MAX_TURN_MESSAGES
	                       ? &t->parts->send.more_came
	                       : NULL,
		.joined_only = t->job.cancels >= t->env->conf->cancels,
	};
	struct rcd_buf why;
	int ret;

	rcd_buf_init(&why, RCD_MAX_TEXT);
	rcd_json_text(json_incref(t->outcome.why), &why);
	if (why.bad)
		return rcd_fail_nomem(err);
	in.why = rcd_buf_view(&why);
	if (t->hear->has_voice_note && t->hear->transcript.n > 0)
		in.transcript = rcd_buf_view(&t->hear->transcript);
	ret = store_when_closed(t, &in, err);
	rcd_buf_free(&why);
	if (ret == 0 && fresh)
		warn_of_request(t, &request);
	return ret;
}

/* --- one after the other ------------------------------------------------------------- */

static bool is_ended(enum rcd_out_state state)
{
	return state == RCD_OUT_ACCEPTED || state == RCD_OUT_REJECTED || state == RCD_OUT_DROPPED;
}

static int mark_accepted(struct rcd_turn *t, const struct rcd_outbox_row *row, struct rcd_err *err)
{
	return rcd_outbox_mark(t->env->db,
	                       &(struct rcd_outbox_move){.job = &t->job,
	                                                 .id = row->id,
	                                                 .state = RCD_OUT_ACCEPTED},
	                       err);
}

/* The observer of a turn has its answer already. */
static int send_row(struct rcd_turn *t, const struct rcd_outbox_row *row, bool fresh,
                    struct rcd_err *err)
{
	return t->env->watch != NULL ? mark_accepted(t, row, err)
	                             : rcd_outgoing_send(&t->parts->send.outgoing, row, fresh, err);
}

/* In order, one after the other. What a part takes along when it is refused or dropped is seen
 * in the store: the rows here were read before. fresh: the part that is marked as leaving. */
static int send_rest(struct rcd_turn *t, const struct rcd_outbox_row *row, size_t n, int fresh,
                     struct rcd_err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (is_ended(row[i].state))
			continue;
		t->parts->send.outgoing.last_part = i + 1 == n &&
		                                    t->speak->speech == NULL; /* no voice follows */
		if (send_row(t, &row[i], row[i].part == fresh, err) != 0)
			return -1;
	}
	return 0;
}

/* --- in the webhook's own answer ----------------------------------------------------- */

static int offer_twiml(struct rcd_turn *t, const struct rcd_outbox_row *row, size_t n)
{
	struct rcd_twiml_part part[RCD_MAX_PARTS];
	struct rcd_buf twiml, action[RCD_MAX_PARTS];
	int ret;

	for (size_t i = 0; i < n; i++) {
		rcd_buf_init(&action[i], RCD_MAX_URL);
		rcd_twilio_status_url(t->env->twilio, row[i].key, &action[i]);
		part[i] = (struct rcd_twiml_part){rcd_sv(row[i].body), rcd_sv(row[i].media_url),
		                                  rcd_buf_view(&action[i])};
	}
	rcd_buf_init(&twiml, RCD_MAX_JSON);
	rcd_twiml(part, n, &twiml);
	ret = twiml.bad ? -1 : t->webhook->offer(t->webhook->arg, &twiml);
	rcd_buf_free(&twiml);
	for (size_t i = 0; i < n; i++)
		rcd_buf_free(&action[i]);
	return ret;
}

static int mark_all(struct rcd_turn *t, const struct rcd_outbox_row *row, size_t n,
                    struct rcd_err *err)
{
	for (size_t i = 0; i < n; i++)
		if (mark_accepted(t, &row[i], err) != 0)
			return -1;
	return 0;
}

/* --- the voice that was not ready ---------------------------------------------------- */

static int send_rows(struct rcd_turn *t, int fresh, struct rcd_err *err);

/* The text has left; the voice follows as soon as it can. It may fail, the turn may not. */
static int send_voice(struct rcd_turn *t, struct parts *p, struct rcd_err *err)
{
	struct rcd_media_in media;
	struct rcd_outbox_in part;

	if (t->env->conf->voice_when == RCD_VOICE_MIRROR &&
	    !t->rules->wants_audio) /* the text stood in for it */
		rcd_turn_drop_voice(t);
	if (t->speak->speech == NULL)
		return 0;
	if (rcd_turn_await_voice(t, t->time.deadline + t->env->conf->late_voice_ms, err) != 0)
		return -1;
	if (!t->speak->spoken)
		return 0;
	media = make_media(t);
	part = make_voice_part(t, p);
	t->parts->send.outgoing.intended = rcd_mono_ms();
	if (rcd_history_voice(t->env->db, &t->job, &part, &media, err) != 0)
		return err->code == RCD_DENIED ? 0 : -1;
	return send_rows(t, (int)p->n, err);
}

/* --- the step ------------------------------------------------------------------------ */

static int send_rows(struct rcd_turn *t, int fresh, struct rcd_err *err)
{
	struct rcd_outbox_row *row = NULL;
	size_t n = 0;
	int ret;

	if (rcd_outbox_of_turn(t->env->db, t->job.tenant, t->job.turn_id, &row, &n, err) != 0)
		return -1;
	if (rcd_hold_on_skip(&t->send->outgoing, row, &n, err) != 0) {
		rcd_outbox_rows_free(row, n);
		return -1;
	}
	if (t->webhook != NULL && fresh == 0 && n > 0 && n <= RCD_MAX_PARTS &&
	    offer_twiml(t, row, n) == 0) {
		rcd_turn_figure(t, "twiml", 1);
		ret = mark_all(t, row, n, err);
	} else {
		ret = send_rest(t, row, n, fresh, err);
	}
	rcd_turn_figure(t, "parts", (int64_t)n);
	rcd_outbox_rows_free(row, n);
	return ret;
}

/* From here on a newer message is the next turn's. */
static int store_or_yield(struct rcd_turn *t, struct parts *p, struct rcd_err *err)
{
	enum rcd_hold hold = RCD_HOLD_PERSON;

	if (!t->outcome.silent && make_parts(t, p, err) != 0)
		return -1;
	if (store_answer(t, p, &hold, err) == 0)
		return 0;
	if (err->code != RCD_DENIED)
		return -1;
	rcd_turn_drop_voice(t);
	p->n = 0;
	if (hold == RCD_HOLD_NO_VOICE) { /* refused while it was made: the answer goes as text */
		rcd_turn_refuse_voice(t);
		return store_or_yield(t, p, err);
	}
	/* a person, or the contact's wish, came first: the message is stored, the answer is not */
	rcd_turn_discard_answer(t);
	t->outcome.silent = true;
	t->outcome.rung = hold == RCD_HOLD_WISH ? RCD_RUNG_SUPPRESSED : "person";
	return store_answer(t, p, &hold, err);
}

int rcd_turn_send(struct rcd_turn *t, struct rcd_err *err)
{
	bool first = !t->answered;
	struct parts parts = {0};

	t->hold_on = rcd_hold_on_drop(t->hold_on);
	if (first && store_or_yield(t, &parts, err) != 0)
		return -1;
	t->answered = true;
	(void)rcd_cancel_under(NULL);
	rcd_typing_end(t->env->typing_sender, &t->typing);
	if (send_rows(t, first ? 0 : -1, err) != 0)
		return -1;
	return first ? send_voice(t, &parts, err) : 0;
}
