#include "turn/deliver.h"

#include "base/clock.h"

#include <string.h>

#define SEND_MS 15000          /* for one request, beside the turn's own time */
#define BEGIN_SHARE 33         /* percent of the lease: later it does not leave any more, */
#define END_SHARE 83           /* and later nobody waits for its answer */
#define QUICK_TRIES 3          /* before the job is given back */
#define EARLY_MS 2000          /* a scheduled message may leave so much before its time */
#define TRIES 12               /* in all, and no longer than */
#define TRY_MS (6 * 3600000LL) /* this */

static int move(struct rcd_turn *t, const struct rcd_outbox_row *row, enum rcd_out_state state,
                const struct rcd_outbox_move *more, struct rcd_err *err)
{
	struct rcd_outbox_move m = *more;

	m.job = &t->job;
	m.id = row->id;
	m.state = state;
	if (state == RCD_OUT_SENDING)
		t->send.intended = rcd_mono_ms();
	return rcd_outbox_mark(t->env->db, &m, err);
}

static int accept(struct rcd_turn *t, const struct rcd_outbox_row *row, const char *sid,
                  struct rcd_err *err)
{
	return move(t, row, RCD_OUT_ACCEPTED, &(struct rcd_outbox_move){.sid = rcd_sv(sid)}, err);
}

/* The end: what it was, and when it is tried again if that may help. */
static int refuse(struct rcd_turn *t, const struct rcd_outbox_row *row, int code, const char *why,
                  int wait_s, struct rcd_err *err)
{
	bool out = rcd_twilio_policy(code)->act == RCD_POLICY_OPTED_OUT;
	struct rcd_outbox_move m = {.code = code, .why = why, .opted_out = out};

	rcd_turn_log(t, "part %d goes to the dead letters: %s", row->part, why);
	if (wait_s > 0 && row->attempts < TRIES)
		m.retry_ms = rcd_now_ms() + (int64_t)wait_s * 1000;
	return move(t, row, RCD_OUT_REJECTED, &m, err);
}

/* --- what nobody knows -------------------------------------------------------------------- */

struct same_words {
	struct rcd_turn *t;
	const struct rcd_outbox_row *row;
};

static int belongs_to_another(void *arg, const char *sid, struct rcd_sv body, bool *is_another,
                              struct rcd_err *err)
{
	const struct same_words *w = arg;

	(void)body; /* equal, as was asked for */
	return rcd_outbox_has_sid(w->t->env->db, w->t->job.tenant, sid, w->row->id, is_another, err);
}

/* How long until the next look: the answer is most likely to be there soon. */
static int next_look_s(int64_t age_ms, int64_t left_ms)
{
	int64_t s = age_ms < 2000 ? 2 : age_ms < 10000 ? 5 : age_ms / 2000;

	return (int)(s * 1000 < left_ms ? s : left_ms / 1000 + 1);
}

/* A request whose answer nobody has read. Found in the provider's list, it was accepted; but
 * only when it is not there after the time in which a callback may come, it was not. 0: settled.
 * 1: it may leave again. */
static int reconcile(struct rcd_turn *t, const struct rcd_outbox_row *row,
                     const struct rcd_twilio_send *m, struct rcd_err *err)
{
	int64_t age = rcd_now_ms() - row->updated_ms, left = t->env->conf->reconcile_ms - age;
	struct same_words words = {t, row};
	char sid[64];

	if (rcd_twilio_find(t->env->http, t->env->twilio, m, row->created_ms, belongs_to_another,
	                    &words, rcd_deadline_in(SEND_MS), sid, err) == 0) {
		rcd_turn_log(t, "part %d had arrived when we lost sight of it", row->part);
		return accept(t, row, sid, err);
	}
	if (err->code ==
	    RCD_DENIED) /* the look was refused, say for a changed token; not the message */
		err->code = RCD_DOWN;
	if (err->code != RCD_NOENT)
		return -1;
	if (left > 0) {
		(void)rcd_fail(err, RCD_BUSY, 0, "part %d: what became of it is not known yet", row->part);
		err->retry_after = next_look_s(age, left);
		return -1;
	}
	if (row->resends > 0)
		return refuse(t, row, 0, "twice nobody could say whether it had arrived", 0, err);
	rcd_turn_log(t, "part %d never arrived: it is sent again", row->part);
	return 1;
}

/* One that has waited for long, in a store that may have another life: the original may have sent
 * it since. 0: settled. 1: it may leave. */
static int look_for_late(struct rcd_turn *t, const struct rcd_outbox_row *row, struct rcd_err *err)
{
	struct same_words words = {t, row};
	const struct rcd_twilio_query query = {.from = row->from,
	                                       .to = row->to,
	                                       .body = row->body,
	                                       .not_failed = true,
	                                       .since_ms = (row->updated_ms < row->created_ms
	                                                        ? row->updated_ms
	                                                        : row->created_ms) -
	                                                   EARLY_MS,
	                                       .another = belongs_to_another,
	                                       .arg = &words};
	char sid[64];

	if (!rcd_turn_is_late(t, row->updated_ms))
		return 1;
	if (rcd_twilio_search(t->env->http, t->env->twilio, &query, rcd_deadline_in(SEND_MS), sid, NULL,
	                      err) == 0) {
		rcd_turn_log(t, "sent_elsewhere part=%d sid=%s", row->part, sid);
		return accept(t, row, sid, err);
	}
	if (err->code ==
	    RCD_DENIED) /* the look was refused, say for a changed token; not the message */
		err->code = RCD_DOWN;
	return err->code == RCD_NOENT ? 1 : -1;
}

/* --- one request -------------------------------------------------------------------------- */

enum fate { SETTLED, AGAIN, LATER };

/* The provider said no: what its code asks of us. */
static enum fate obey(struct rcd_turn *t, const struct rcd_outbox_row *row,
                      const struct rcd_err *no, struct rcd_err *err)
{
	const struct rcd_policy *p = rcd_twilio_policy(no->sys);

	if (p->act == RCD_POLICY_RETRY || (p->act == RCD_POLICY_LATER && p->wait_s < 300)) {
		*err = *no;
		if (err->retry_after == 0)
			err->retry_after = p->wait_s;
		return move(t, row, RCD_OUT_READY, &(struct rcd_outbox_move){.code = no->sys}, err) == 0
		           ? AGAIN
		           : LATER;
	}
	return refuse(t, row, no->sys, p->code != 0 ? p->why : no->msg, p->wait_s, err) == 0 ? SETTLED
	                                                                                     : LATER;
}

static int64_t lease_share(const struct rcd_leaving *l, int percent)
{
	return l->intended + (int64_t)l->lease_ms * percent / 100;
}

bool rcd_turn_request(const struct rcd_leaving *l, const struct rcd_twilio_send *msg,
                      enum rcd_sent *what, char sid[64], struct rcd_err *no)
{
	const struct rcd_turn_env *env = l->env;
	struct rcd_twilio_send m = *msg;
	int64_t deadline = rcd_deadline_in(l->most_ms);

	*what = RCD_SENT_AGAIN;
	if (rcd_breaker_enter(env->send, "twilio", no) != 0)
		return false;
	m.begin_by = lease_share(l, BEGIN_SHARE);
	if (deadline > lease_share(l, END_SHARE))
		deadline = lease_share(l, END_SHARE);
	rcd_breaker_settle(env->send,
	                   rcd_twilio_send(env->http, env->twilio, &m, deadline, what, sid, no), no);
	return true;
}

/* It has surely not arrived. Untried it waits for the provider, which does not count as a try. */
static enum fate back(struct rcd_turn *t, const struct rcd_outbox_row *row, bool tried,
                      const struct rcd_err *no, struct rcd_err *err)
{
	if (move(t, row, RCD_OUT_READY, &(struct rcd_outbox_move){.code = no->sys, .untried = !tried},
	         err) != 0)
		return LATER;
	*err = *no;
	if (tried)
		return AGAIN;
	err->code = RCD_BUSY;
	return LATER;
}

static enum fate lost_sight(struct rcd_turn *t, const struct rcd_outbox_row *row,
                            const struct rcd_err *no, struct rcd_err *err)
{
	if (move(t, row, RCD_OUT_UNKNOWN, &(struct rcd_outbox_move){.code = no->sys}, err) == 0) {
		*err = *no;
		err->retry_after = next_look_s(0, t->env->conf->reconcile_ms);
	}
	return LATER;
}

static enum fate send_once(struct rcd_turn *t, const struct rcd_outbox_row *row,
                           const struct rcd_twilio_send *msg, struct rcd_err *err)
{
	const struct rcd_leaving leaving = {t->env, t->send.intended, t->job.lease_ms, SEND_MS};
	struct rcd_err no = {0};
	enum rcd_sent what;
	char sid[64] = "";
	bool tried = rcd_turn_request(&leaving, msg, &what, sid, &no);

	if (what == RCD_SENT_ACCEPTED &&
	    t->send.last_part) { /* one commit less: the turn ends at once */
		t->send.accepted = row->id;
		memcpy(t->send.accepted_sid, sid, sizeof(sid));
		return SETTLED;
	}
	if (what == RCD_SENT_ACCEPTED)
		return accept(t, row, sid, err) == 0 ? SETTLED : LATER;
	rcd_turn_log(t, "part %d: %s", row->part, no.msg);
	switch (what) {
	case RCD_SENT_REJECTED:
		return obey(t, row, &no, err);
	case RCD_SENT_AGAIN:
		return back(t, row, tried, &no, err);
	default:
		return lost_sight(t, row, &no, err);
	}
}

/* What the provider has told of it in the meantime is the end of it. */
static int known_by_now(const struct rcd_err *err)
{
	return err->code == RCD_EXISTS || err->code == RCD_DENIED ? 0 : -1;
}

int rcd_turn_deliver(struct rcd_turn *t, const struct rcd_outbox_row *row, bool fresh,
                     struct rcd_err *err)
{
	const struct rcd_twilio_send m = {.from = row->from,
	                                  .to = row->to,
	                                  .body = row->body,
	                                  .media_url = row->media_url,
	                                  .key = row->key};
	bool resend = false, spent = row->attempts >= TRIES || rcd_now_ms() - row->created_ms > TRY_MS;
	enum fate fate = AGAIN;

	if (!fresh && (row->state == RCD_OUT_SENDING || row->state == RCD_OUT_UNKNOWN)) {
		int what = reconcile(t, row, &m, err);

		if (what <= 0)
			return what == 0 ? 0 : known_by_now(err);
		resend = true;
	} else if (!fresh && spent) {
		return refuse(t, row, 0, "tried too often, or for too long", 0, err) == 0
		           ? 0
		           : known_by_now(err);
	} else if (!fresh) {
		int what = look_for_late(t, row, err);

		if (what <= 0)
			return what == 0 ? 0 : known_by_now(err);
	}
	for (int i = 0; i < QUICK_TRIES && fate == AGAIN; i++) {
		if (i > 0 && (err->retry_after > 1 || !rcd_breaker_retry(t->env->send) ||
		              !rcd_cancel_sleep(200LL << i)))
			break;
		if ((i > 0 || !fresh) &&
		    move(t, row, RCD_OUT_SENDING, &(struct rcd_outbox_move){.resend = resend}, err) != 0)
			return known_by_now(err);
		resend = false;
		fate = send_once(t, row, &m, err);
	}
	return fate == SETTLED ? 0 : known_by_now(err);
}
