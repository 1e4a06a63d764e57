#include "delivery/delivery.h"

#include "base/clock.h"

#include <string.h>

#define SEND_MS 15000          /* for one request, beside the turn's own time */
#define BEGIN_SHARE 33         /* percent of the lease: later it does not leave any more, */
#define END_SHARE 83           /* and later nobody waits for its answer */
#define QUICK_TRIES 3          /* before the job is given back */
#define EARLY_MS 2000          /* a scheduled message may leave so much before its time */
#define TRIES 12               /* in all, and no longer than */
#define TRY_MS (6 * 3600000LL) /* this */

static int mark_row(struct rcd_outgoing *o, const struct rcd_outbox_row *row,
                    enum rcd_out_state state, const struct rcd_outbox_move *more,
                    struct rcd_err *err)
{
	struct rcd_outbox_move m = *more;

	m.job = o->job;
	m.id = row->id;
	m.state = state;
	if (state == RCD_OUT_SENDING)
		o->intended = rcd_mono_ms();
	return rcd_outbox_mark(o->db, &m, err);
}

static int mark_accepted(struct rcd_outgoing *o, const struct rcd_outbox_row *row, const char *sid,
                         struct rcd_err *err)
{
	return mark_row(o, row, RCD_OUT_ACCEPTED, &(struct rcd_outbox_move){.sid = rcd_sv(sid)}, err);
}

/* The end: what it was, and when it is tried again if that may help. */
static int reject_row(struct rcd_outgoing *o, const struct rcd_outbox_row *row, int code,
                      const char *why, int wait_s, struct rcd_err *err)
{
	bool out = rcd_twilio_policy(code)->act == RCD_POLICY_OPTED_OUT;
	struct rcd_outbox_move m = {.code = code, .why = why, .opted_out = out};

	rcd_outgoing_log(o, "message_rejected part=%d reason=\"%s\"", row->part, why);
	if (wait_s > 0 && row->attempts < TRIES)
		m.retry_ms = rcd_now_ms() + (int64_t)wait_s * 1000;
	return mark_row(o, row, RCD_OUT_REJECTED, &m, err);
}

/* --- an unknown fate --------------------------------------------------------------------- */

struct same_words {
	const struct rcd_outgoing *outgoing;
	const struct rcd_outbox_row *row;
};

static int belongs_to_another(void *arg, const char *sid, struct rcd_sv body, bool *is_another,
                              struct rcd_err *err)
{
	const struct same_words *w = arg;

	(void)body; /* equal, as was asked for */
	return rcd_outbox_has_sid(w->outgoing->db, w->outgoing->job->tenant, sid, w->row->id,
	                          is_another, err);
}

/* How long until the next look: the answer is most likely to be there soon. */
static int next_look_s(int64_t age_ms, int64_t left_ms)
{
	int64_t s = age_ms / 2000;

	if (age_ms < 10000)
		s = age_ms < 2000 ? 2 : 5;

	return (int)(s * 1000 < left_ms ? s : left_ms / 1000 + 1);
}

/* A request whose response was not read. Found in the provider's list it was accepted; only when it
 * is missing there after the time in which a callback may come, it was not. 0: settled.
 * 1: it may leave again. */
static int reconcile_row(struct rcd_outgoing *o, const struct rcd_outbox_row *row,
                         const struct rcd_twilio_send *m, struct rcd_err *err)
{
	int64_t age = rcd_now_ms() - row->updated_ms, left = o->reconcile_ms - age;
	struct same_words words = {o, row};
	char sid[64];

	if (rcd_twilio_find(o->http, o->twilio, m, row->created_ms, belongs_to_another, &words,
	                    rcd_deadline_in(SEND_MS), sid, err) == 0) {
		rcd_outgoing_log(o, "message_found part=%d", row->part);
		return mark_accepted(o, row, sid, err);
	}
	if (err->code == RCD_DENIED) /* of the look, say for a changed token; not of the message */
		err->code = RCD_DOWN;
	if (err->code != RCD_NOENT)
		return -1;
	if (left > 0) {
		(void)rcd_fail(err, RCD_BUSY, 0, "part %d: whether it arrived is not known yet", row->part);
		err->retry_after = next_look_s(age, left);
		return -1;
	}
	if (row->resends > 0)
		return reject_row(o, row, 0, "its fate is unknown after two attempts", 0, err);
	rcd_outgoing_log(o, "message_resent part=%d", row->part);
	return 1;
}

/* One that has waited for long, in a store that may have another life: the original may have sent
 * it since. 0: settled. 1: it may leave. */
static int check_late_row(struct rcd_outgoing *o, const struct rcd_outbox_row *row,
                          struct rcd_err *err)
{
	struct same_words words = {o, row};
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

	if (!rcd_outgoing_is_late(o, row->updated_ms))
		return 1;
	if (rcd_twilio_search(o->http, o->twilio, &query, rcd_deadline_in(SEND_MS), sid, NULL, err) ==
	    0) {
		rcd_outgoing_log(o, "sent_elsewhere part=%d sid=%s", row->part, sid);
		return mark_accepted(o, row, sid, err);
	}
	if (err->code == RCD_DENIED) /* of the look, say for a changed token; not of the message */
		err->code = RCD_DOWN;
	return err->code == RCD_NOENT ? 1 : -1;
}

/* --- one request -------------------------------------------------------------------------- */

enum fate { SETTLED, AGAIN, LATER };

/* The provider said no: what its code asks of us. */
static enum fate apply_policy(struct rcd_outgoing *o, const struct rcd_outbox_row *row,
                              const struct rcd_err *no, struct rcd_err *err)
{
	const struct rcd_policy *p = rcd_twilio_policy(no->sys);

	if (p->act == RCD_POLICY_RETRY || (p->act == RCD_POLICY_LATER && p->wait_s < 300)) {
		*err = *no;
		if (err->retry_after == 0)
			err->retry_after = p->wait_s;
		return mark_row(o, row, RCD_OUT_READY, &(struct rcd_outbox_move){.code = no->sys}, err) == 0
		           ? AGAIN
		           : LATER;
	}
	return reject_row(o, row, no->sys, p->code != 0 ? p->why : no->msg, p->wait_s, err) == 0
	           ? SETTLED
	           : LATER;
}

static int64_t lease_share(const struct rcd_outgoing *o, int percent)
{
	return o->intended + (int64_t)o->job->lease_ms * percent / 100;
}

bool rcd_outgoing_request(const struct rcd_outgoing *o, int most_ms,
                          const struct rcd_twilio_send *msg, enum rcd_sent *what, char sid[64],
                          struct rcd_err *no)
{
	struct rcd_twilio_send m = *msg;
	int64_t deadline = rcd_deadline_in(most_ms);
	int ret;

	*what = RCD_SENT_AGAIN;
	if (rcd_breaker_enter(o->breaker, "twilio", no) != 0)
		return false;
	m.begin_by = lease_share(o, BEGIN_SHARE);
	if (deadline > lease_share(o, END_SHARE))
		deadline = lease_share(o, END_SHARE);
	ret = rcd_twilio_send(o->http, o->twilio, &m, deadline, what, sid, no);
	rcd_breaker_settle(o->breaker, ret, no);
	return true;
}

/* It has surely not arrived. Untried it waits for the provider, which does not count as a try. */
static enum fate return_row(struct rcd_outgoing *o, const struct rcd_outbox_row *row, bool tried,
                            const struct rcd_err *no, struct rcd_err *err)
{
	if (mark_row(o, row, RCD_OUT_READY,
	             &(struct rcd_outbox_move){.code = no->sys, .untried = !tried}, err) != 0)
		return LATER;
	*err = *no;
	if (tried)
		return AGAIN;
	err->code = RCD_BUSY;
	return LATER;
}

static enum fate mark_unknown(struct rcd_outgoing *o, const struct rcd_outbox_row *row,
                              const struct rcd_err *no, struct rcd_err *err)
{
	if (mark_row(o, row, RCD_OUT_UNKNOWN, &(struct rcd_outbox_move){.code = no->sys}, err) == 0) {
		*err = *no;
		err->retry_after = next_look_s(0, o->reconcile_ms);
	}
	return LATER;
}

static enum fate send_once(struct rcd_outgoing *o, const struct rcd_outbox_row *row,
                           const struct rcd_twilio_send *msg, struct rcd_err *err)
{
	struct rcd_err no = {0};
	enum rcd_sent what;
	char sid[64] = "";
	bool tried = rcd_outgoing_request(o, SEND_MS, msg, &what, sid, &no);

	if (what == RCD_SENT_ACCEPTED && o->last_part) { /* one commit less: the turn ends at once */
		o->accepted = row->id;
		memcpy(o->accepted_sid, sid, sizeof(sid));
		return SETTLED;
	}
	if (what == RCD_SENT_ACCEPTED)
		return mark_accepted(o, row, sid, err) == 0 ? SETTLED : LATER;
	rcd_outgoing_log(o, "message_not_accepted part=%d err=\"%s\"", row->part, no.msg);
	switch (what) {
	case RCD_SENT_REJECTED:
		return apply_policy(o, row, &no, err);
	case RCD_SENT_AGAIN:
		return return_row(o, row, tried, &no, err);
	default:
		return mark_unknown(o, row, &no, err);
	}
}

/* The provider has told the end of it in the meantime. */
static bool is_settled(const struct rcd_err *err)
{
	return err->code == RCD_EXISTS || err->code == RCD_DENIED;
}

/* What an earlier attempt or another process may have sent is looked up first. 0: settled. 1: it
 * may leave; *resend: for the second time. */
static int check_earlier(struct rcd_outgoing *o, const struct rcd_outbox_row *row,
                         const struct rcd_twilio_send *m, bool *resend, struct rcd_err *err)
{
	bool spent = row->attempts >= TRIES || rcd_now_ms() - row->created_ms > TRY_MS;

	*resend = row->state == RCD_OUT_SENDING || row->state == RCD_OUT_UNKNOWN;
	if (*resend)
		return reconcile_row(o, row, m, err);
	if (spent)
		return reject_row(o, row, 0, "tried too often, or for too long", 0, err);
	return check_late_row(o, row, err);
}

static bool may_try_again(const struct rcd_outgoing *o, int tries, const struct rcd_err *err)
{
	return err->retry_after <= 1 && rcd_breaker_retry(o->breaker) &&
	       rcd_cancel_sleep(200LL << tries);
}

/* marked: the row is marked as leaving already. */
static int send_row(struct rcd_outgoing *o, const struct rcd_outbox_row *row,
                    const struct rcd_twilio_send *m, bool marked, bool resend, struct rcd_err *err)
{
	enum fate fate = AGAIN;

	for (int i = 0; i < QUICK_TRIES && fate == AGAIN; i++) {
		if (i > 0 && !may_try_again(o, i, err))
			break;
		if ((i > 0 || !marked) && mark_row(o, row, RCD_OUT_SENDING,
		                                   &(struct rcd_outbox_move){.resend = resend}, err) != 0)
			return -1;
		resend = false;
		fate = send_once(o, row, m, err);
	}
	return fate == SETTLED ? 0 : -1;
}

int rcd_outgoing_send(struct rcd_outgoing *o, const struct rcd_outbox_row *row, bool fresh,
                      struct rcd_err *err)
{
	const struct rcd_twilio_send m = {.from = row->from,
	                                  .to = row->to,
	                                  .body = row->body,
	                                  .media_url = row->media_url,
	                                  .key = row->key};
	bool resend = false;
	int what = fresh ? 1 : check_earlier(o, row, &m, &resend, err);

	if (what > 0)
		what = send_row(o, row, &m, fresh, resend, err);
	return what == 0 || is_settled(err) ? 0 : -1;
}
