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

/* --- what came in, parsed ------------------------------------------------------------------ */

/* Of the same bytes nothing else will come out. */
static bool is_permanent(const struct rcd_err *err)
{
	return err->code == RCD_PROTO || err->code == RCD_INVAL || err->code == RCD_LIMIT;
}

static bool is_empty(const struct rcd_twilio_msg *m)
{
	return rcd_sv_trim(m->body).n == 0 && m->n_media == 0;
}

/* Why a message that was understood is not answered; NULL: it is. */
static const char *find_reason(const struct rcd_turn *t, const struct rcd_twilio_msg *m)
{
	if (rcd_twilio_is_own(m, t->env->twilio->number != NULL ? t->env->twilio->number : ""))
		return "own_number";
	if (m->from_kind == RCD_ADDRESS_NAME && m->bsuid[0] == '\0')
		return "alphanumeric_sender"; /* Twilio cannot send to a name */
	if (rcd_sv_is(m->message_type, "reaction") && is_empty(m))
		return "reaction_removed";
	return NULL;
}

static int parse_message(struct rcd_turn *t, size_t i, struct rcd_err *err)
{
	if (rcd_form_parse(t->gather->row[i].body, &t->gather->form[i], err) != 0)
		return -1;
	return rcd_twilio_parse(&t->gather->form[i], &t->gather->msg[i], err);
}

/* why: for the queue; NULL for what is meant to be so. */
static void set_aside(struct rcd_turn *t, size_t i, const char *why, const char *reason,
                      struct rcd_inbox_settled *out)
{
	*out = (struct rcd_inbox_settled){t->gather->row[i].id, why};
	rcd_turn_log(t, "message_settled inbox_id=%lld reason=%s", (long long)t->gather->row[i].id,
	             reason);
	rcd_form_free(&t->gather->form[i]);
}

/* Message i is the n-th that the turn takes. */
static void move_up(struct rcd_turn *t, size_t i, size_t n)
{
	if (n == i)
		return;
	t->gather->row[n] = t->gather->row[i];
	t->gather->msg[n] = t->gather->msg[i];
	t->gather->form[n] = t->gather->form[i];
	t->gather->form[i] = (struct rcd_form){.n = 0};
}

struct sorted {
	struct rcd_inbox_settled row[RCD_MAX_TURN_MESSAGES];
	char why[RCD_MAX_TURN_MESSAGES][sizeof(((struct rcd_err *)0)->msg)];
	size_t n;
};

static int sort_messages(struct rcd_turn *t, struct sorted *s, struct rcd_err *err)
{
	size_t kept = 0, all = t->gather->n;

	for (size_t i = 0; i < all; i++) {
		const char *reason;

		if (parse_message(t, i, err) != 0) {
			if (!is_permanent(err))
				return -1;
			(void)memcpy(s->why[s->n], err->msg, sizeof(err->msg));
			set_aside(t, i, s->why[s->n], "malformed", &s->row[s->n]);
			s->n++;
		} else if ((reason = find_reason(t, &t->gather->msg[i])) != NULL) {
			set_aside(t, i, NULL, reason, &s->row[s->n++]);
		} else {
			move_up(t, i, kept++);
		}
	}
	t->parts->gather.n = kept;
	return 0;
}

/* What no turn can take up is settled before a turn exists: tried again it would fail again, and
 * hold up all that its sender writes later. t->gather->n is what is left, and may be 0. */
static int parse_messages(struct rcd_turn *t, struct rcd_err *err)
{
	struct sorted s = {.n = 0};

	t->parts->gather.form = calloc(t->gather->n, sizeof(*t->gather->form));
	t->parts->gather.msg = calloc(t->gather->n, sizeof(*t->gather->msg));
	if (t->gather->form == NULL || t->gather->msg == NULL)
		return rcd_fail_nomem(err);
	for (size_t i = 0; t->answered && i < t->gather->n; i++)
		if (parse_message(t, i, err) != 0)
			return -1;
	if (t->answered)
		return 0;
	if (sort_messages(t, &s, err) != 0)
		return -1;
	return s.n == 0 ? 0 : rcd_inbox_settle(t->env->db, &t->job, s.row, s.n, err);
}

/* --- the turn ------------------------------------------------------------------------------ */

static int begin_turn(struct rcd_turn *t, int64_t *window_ms, struct rcd_err *err)
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

static const struct rcd_route *find_route(const struct rcd_turn *t, struct rcd_sv path)
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
static int64_t compute_deadline(const struct rcd_turn *t)
{
	int64_t all = t->env->conf->deadline_ms;
	int64_t left = all - (rcd_now_ms() - t->gather->row[t->gather->n - 1].received_ms);
	int64_t deadline = rcd_deadline_in(left < all / 2 || left > all ? all : left);

	/* a webhook that waits about as long gets the answer just before its own deadline */
	if (t->webhook != NULL && llabs(t->webhook->deadline - deadline) < REPLY_MS)
		deadline = t->webhook->deadline - REPLY_MS;
	return deadline;
}

static int finish_job(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	return rcd_job_finish(conn, arg, err);
}

static int end_job(struct rcd_turn *t, struct rcd_err *err)
{
	t->parts->gather.over = true;
	return rcd_db_write(t->env->db, finish_job, &t->job, err);
}

/* The customer sees that we write if the answer takes longer than its window. */
static void announce_typing(struct rcd_turn *t)
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
static int begin_followup(struct rcd_turn *t, struct rcd_err *err)
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
	    (begin_followup(t, err) != 0 || t->gather->over))
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
	if (parse_messages(t, err) != 0)
		return -1;
	if (t->gather->n == 0)
		return end_job(t, err);
	t->parts->gather.route = find_route(t, rcd_sv(t->gather->row[t->gather->n - 1].route));
	t->time.deadline = compute_deadline(t);
	rcd_turn_figure(t, "messages", (int64_t)t->gather->n);
	rcd_turn_figure(t, "waited_ms", rcd_now_ms() - t->gather->row[0].received_ms);
	if (t->answered)
		return 0;
	if (begin_turn(t, &window_ms, err) != 0 || rcd_turn_open_window(t, window_ms, err) != 0 ||
	    rcd_owner_get(t->env->db, t->job.tenant, t->job.contact_id, &owner, err) != 0 ||
	    rcd_turn_read_wishes(t, err) != 0)
		return -1;
	if (look_elsewhere(t, err) != 0)
		return -1;
	t->outcome.silent = owner != RCD_OWNER_BOT || t->gather->elsewhere;
	if (!t->outcome.silent && !t->rules->suppressed.on[RCD_SCOPE_ALL])
		announce_typing(t);
	return 0;
}
