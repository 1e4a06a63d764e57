/* Takes every message that has come in from this contact and ties it to one turn. */

#include "base/clock.h"
#include "store/followup.h"
#include "store/owner.h"
#include "turn/steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPING_MS 1000
#define REPLY_MS 300

static int begin(struct rcd_turn *t, int64_t *window_ms, struct rcd_err *err)
{
	const struct rcd_twilio_msg *last = &t->gather->msg[t->gather->n - 1];
	struct rcd_turn_begin in = {
		.job = &t->job,
		.contact = {.tenant = t->job.tenant,
	                .name = last->profile_name,
	                .seen_ms = t->gather->row[t->gather->n - 1].received_ms,
	                .messages = (int)t->gather->n},
		.n_inbox = t->gather->n,
		.route = rcd_sv(t->gather->row[t->gather->n - 1].route),
		.started_ms = t->gather->row[0].received_ms,
		.window_ms = window_ms,
	};
	int64_t ids[RCD_MAX_TURN_MESSAGES];

	for (size_t i = 0; i < t->gather->n; i++)
		ids[i] = t->gather->row[i].id;
	in.inbox_ids = ids;
	if (last->phone[0] != '\0')
		in.contact.phone = rcd_sv(last->phone);
	if (last->bsuid[0] != '\0' || last->other[0] != '\0')
		in.contact.bsuid = rcd_sv(last->bsuid[0] != '\0' ? last->bsuid : last->other);
	return rcd_history_begin(t->env->db, &in, &t->job.turn_id, &t->job.contact_id, err);
}

static const struct rcd_route *route_of(const struct rcd_turn *t, struct rcd_sv path)
{
	static const struct rcd_route unnamed = {.text = {1, {RCD_RUNG_CHAT}},
	                                         .audio = {1, {RCD_RUNG_CHAT}}};
	const struct rcd_turn_conf *conf = t->env->conf;

	for (size_t i = 0; i < conf->n_routes; i++)
		if (rcd_sv_is(path, conf->route[i].path))
			return &conf->route[i];
	return &unnamed; /* a route of an earlier configuration */
}

/* From the last message on. One that is late already (we were down, a provider was) gets the
 * whole time once more. */
static int64_t deadline_of(const struct rcd_turn *t)
{
	int64_t all = t->env->conf->deadline_ms;
	int64_t left = all - (rcd_now_ms() - t->gather->row[t->gather->n - 1].received_ms);
	int64_t deadline = rcd_deadline_in(left < all / 2 || left > all ? all : left);

	/* a webhook that waits about as long gets the answer just before its own deadline */
	if (t->webhook != NULL && llabs(t->webhook->deadline - deadline) < REPLY_MS)
		deadline = t->webhook->deadline - REPLY_MS;
	return deadline;
}

static int finish(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	return rcd_job_finish(conn, arg, err);
}

static int end_job(struct rcd_turn *t, struct rcd_err *err)
{
	t->parts->gather.over = true;
	return rcd_db_write(t->env->db, finish, &t->job, err);
}

/* The customer sees that we write if the answer takes longer than its window. */
static void announce(struct rcd_turn *t)
{
	const struct rcd_twilio_msg *last = &t->gather->msg[t->gather->n - 1];
	char sid[64];

	if (t->env->typing_sender == NULL || !t->env->conf->typing || !last->whatsapp ||
	    last->sid.n >= sizeof(sid))
		return;
	(void)snprintf(sid, sizeof(sid), "%.*s", RCD_SV_ARG(last->sid));
	rcd_typing_begin(t->env->typing_sender, &t->typing, sid,
	                 (rcd_turn_is_ahead(t) ? t->time.window_end : rcd_mono_ms()) + TYPING_MS);
}

/* A follow-up's turn begins with its answer, or does not begin. */
static int follow_up(struct rcd_turn *t, struct rcd_err *err)
{
	const char *why;

	if (rcd_followup_begin(t->env->db, &t->job, &why, err) != 0)
		return -1;
	t->parts->gather.over = why != NULL;
	if (t->gather->over)
		rcd_turn_log(t, "followup_dropped reason=\"%s\"", why);
	return 0;
}

/* A store that was copied or came back from a backup holds turns as unfinished that its original
 * has finished since; only the provider knows. */
static int look_elsewhere(struct rcd_turn *t, struct rcd_err *err)
{
	const struct rcd_twilio_msg *last = &t->gather->msg[t->gather->n - 1];
	const struct rcd_elsewhere_in in = {.from = last->to,
	                                    .to = last->from,
	                                    .received_ms = t->gather->row[t->gather->n - 1].received_ms,
	                                    .hold_on_text = rcd_turn_text(t, RCD_TEXT_HOLD_ON)};

	if (t->env->watch != NULL)
		return 0;
	return rcd_outgoing_find_answer(&t->send->outgoing, &in, &t->parts->gather.elsewhere_text,
	                                &t->parts->gather.elsewhere, err);
}

int rcd_turn_gather(struct rcd_turn *t, struct rcd_err *err)
{
	enum rcd_owner owner;
	int64_t window_ms = 0;

	if (t->job.turn_id == 0 && strcmp(t->job.kind, RCD_JOB_FOLLOWUP) == 0 &&
	    (follow_up(t, err) != 0 || t->gather->over))
		return t->gather->over ? 0 : -1;
	if (t->job.turn_id != 0 && rcd_history_answered(t->env->db, &t->job, &t->answered, err) != 0)
		return -1;
	if (rcd_inbox_gather(t->env->db, &t->job, !t->answered, &t->parts->gather.row,
	                     &t->parts->gather.n, err) != 0)
		return -1;
	if (t->gather->n == 0 && t->answered) /* nothing was asked: a message of ours */
		return 0;
	if (t->gather->n == 0) /* all of them were answered by the turn before */
		return end_job(t, err);
	if (rcd_turn_take_in(t, err) != 0)
		return -1;
	if (t->gather->n == 0)
		return end_job(t, err);
	t->parts->gather.route = route_of(t, rcd_sv(t->gather->row[t->gather->n - 1].route));
	t->time.deadline = deadline_of(t);
	rcd_turn_figure(t, "messages", (int64_t)t->gather->n);
	rcd_turn_figure(t, "waited_ms", rcd_now_ms() - t->gather->row[0].received_ms);
	if (t->answered)
		return 0;
	if (begin(t, &window_ms, err) != 0 || rcd_turn_open_window(t, window_ms, err) != 0 ||
	    rcd_owner_get(t->env->db, t->job.tenant, t->job.contact_id, &owner, err) != 0 ||
	    rcd_turn_read_wishes(t, err) != 0)
		return -1;
	if (look_elsewhere(t, err) != 0)
		return -1;
	t->outcome.silent = owner != RCD_OWNER_BOT || t->gather->elsewhere;
	if (!t->outcome.silent && !t->rules->suppressed.on[RCD_SCOPE_ALL])
		announce(t);
	return 0;
}
