/* State transitions of a message in the outbox. */

#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "store/dead.h"
#include "store/driver.h"
#include "store/outbox.h"
#include "store/owner.h"
#include "store/suppression.h"
#include "store/tally.h"

#include <stdio.h>

#define KEY_BYTES 16

struct mark {
	const struct rcd_outbox_move *move;
	const char *dropped; /* why, or NULL */
};

static int set_state(struct rcd_conn *conn, const struct rcd_outbox_move *m,
                     enum rcd_out_state state, struct rcd_err *err)
{
	static const char set[] =
		"UPDATE outbox SET state = $4, attempts = attempts + $5, sid = coalesce($6, sid), code = "
		"$7,"
		" updated_ms = $8, resends = resends + $9 WHERE id = $2 AND tenant_id = $1 AND turn_id = "
		"$3";
	int64_t attempt = state == RCD_OUT_SENDING;

	if (state == RCD_OUT_READY && m->untried)
		attempt = -1;
	return rcd_exec(conn, NULL, set,
	                RCD_BIND(rcd_i64(m->job->tenant), rcd_i64(m->id), rcd_i64(m->job->turn_id),
	                         rcd_i64(state), rcd_i64(attempt), rcd_text(m->sid), rcd_i64(m->code),
	                         rcd_i64(rcd_now_ms()), rcd_i64(m->resend)),
	                err);
}

/* Refuses the parts behind a refused one: they make no sense alone. */
static int refuse_rest(struct rcd_conn *conn, const struct rcd_outbox_move *m, int64_t *n,
                       struct rcd_err *err)
{
	static const char set[] =
		"UPDATE outbox SET state = 3, code = $4, updated_ms = $5 WHERE tenant_id = $1 AND turn_id "
		"= $3"
		" AND part > (SELECT part FROM outbox WHERE id = $2) AND state IN (0, 1)";

	return rcd_exec(conn, n, set,
	                RCD_BIND(rcd_i64(m->job->tenant), rcd_i64(m->id), rcd_i64(m->job->turn_id),
	                         rcd_i64(m->code), rcd_i64(rcd_now_ms())),
	                err);
}

static int add_dead_part(struct rcd_conn *conn, const struct rcd_outbox_move *m,
                         struct rcd_err *err)
{
	const struct rcd_dead_in dead = {.tenant = m->job->tenant,
	                                 .kind = RCD_DEAD_PART,
	                                 .contact_id = m->job->contact_id,
	                                 .turn_id = m->job->turn_id,
	                                 .outbox_id = m->id,
	                                 .code = m->code,
	                                 .why = m->why != NULL ? m->why : "refused",
	                                 .retry_ms = m->retry_ms};

	return rcd_dead_add(conn, &dead, err);
}

static int is_sms(struct rcd_conn *conn, int64_t tenant, int64_t id, bool *yes, struct rcd_err *err)
{
	static const char sms[] = "SELECT count(*) FROM outbox WHERE tenant_id = $1 AND id = $2"
							  " AND to_address NOT LIKE '%:%'";
	int64_t n;

	if (rcd_get_i64(conn, &n, sms, RCD_BIND(rcd_i64(tenant), rcd_i64(id)), err) != 0)
		return -1;
	*yes = n > 0;
	return 0;
}

/* The provider knows that the contact wants no messages. A contact that is forgotten by now wants
 * nothing. id: the message that was refused. */
static int keep_opt_out(struct rcd_conn *conn, int64_t tenant, int64_t contact_id, int64_t id,
                        int code, struct rcd_err *err)
{
	char reason[16];
	bool by_sms;

	if (is_sms(conn, tenant, id, &by_sms, err) != 0)
		return -1;
	const struct rcd_suppress in = {.tenant = tenant,
	                                .contact_id = contact_id,
	                                .scope = RCD_SCOPE_ALL,
	                                .on = true,
	                                .by_sms = by_sms,
	                                .source = RCD_BY_PROVIDER,
	                                .reason = reason};

	(void)snprintf(reason, sizeof(reason), "%d", code);
	return rcd_suppression_put(conn, &in, NULL, err) == 0 || err->code == RCD_NOENT ? 0 : -1;
}

/* A spoken answer is named by the end of its URL. */
static int is_voice(struct rcd_conn *conn, const struct rcd_outbox_move *m, bool *yes,
                    struct rcd_err *err)
{
	static const char get[] = "SELECT media_url FROM outbox WHERE id = $2 AND tenant_id = $1";
	static const char note[] = "SELECT count(*) FROM media WHERE name = $2 AND tenant_id = $1";
	char name[RCD_MAX_URL] = "";
	struct rcd_sv rest, part;
	struct rcd_q q;
	int64_t n = 0;
	int row;

	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(m->job->tenant), rcd_i64(m->id)), err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	rest = row == 1 ? rcd_q_sv(&q, 0) : rcd_sv(NULL);
	while (rcd_sv_cut(&rest, '/', &part))
		(void)snprintf(name, sizeof(name), "%.*s", RCD_SV_ARG(part));
	rcd_q_end(&q);
	if (row < 0 ||
	    (name[0] != '\0' &&
	     rcd_get_i64(conn, &n, note, RCD_BIND(rcd_i64(m->job->tenant), rcd_str(name)), err) != 0))
		return -1;
	*yes = n > 0;
	return 0;
}

/* Whose conversation it is and what the contact wants: neither can change before the commit. */
static int may_leave(struct rcd_conn *conn, struct mark *k, struct rcd_err *err)
{
	const struct rcd_outbox_move *m = k->move;
	const struct rcd_job *job = m->job;
	struct rcd_suppression_check no;
	bool mine, voice = false;

	if (rcd_owner_lets(conn, job->tenant, job->contact_id, job->turn_id, &mine, err) != 0 ||
	    rcd_suppression_check(conn, job->tenant, job->contact_id, job->turn_id, &no, err) != 0 ||
	    (no.voice && is_voice(conn, m, &voice, err) != 0))
		return -1;
	if (!mine)
		k->dropped = "the conversation is a person's";
	else if (no.message || voice)
		k->dropped = voice ? "the contact wants no voice notes" : "the contact wants no messages";
	return 0;
}

/* The provider refuses what the contact refuses: it has confirmed the opt-out itself. */
static int is_confirmation(struct rcd_conn *conn, const struct rcd_outbox_move *m, bool *yes,
                           struct rcd_err *err)
{
	static const char told[] =
		"SELECT count(*) FROM suppression WHERE tenant_id = $1 AND contact_id = $2"
		" AND until_ms IS NULL AND told_turn_id = $3";
	int64_t n = 0;

	if (m->state == RCD_OUT_REJECTED && m->opted_out &&
	    rcd_get_i64(conn, &n, told,
	                RCD_BIND(rcd_i64(m->job->tenant), rcd_i64(m->job->contact_id),
	                         rcd_i64(m->job->turn_id)),
	                err) != 0)
		return -1;
	*yes = n > 0;
	return 0;
}

static bool is_final(int64_t state)
{
	return state == RCD_OUT_ACCEPTED || state == RCD_OUT_REJECTED || state == RCD_OUT_DROPPED;
}

/* An end stays the end, and is counted once. */
static int mark_message(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	/* held: a callback may tell of it at this moment, and only one of us counts it */
	static const char get[] =
		"UPDATE outbox SET updated_ms = updated_ms WHERE id = $2 AND tenant_id = $1"
		" AND turn_id = $3 RETURNING state";
	struct mark *k = arg;
	const struct rcd_outbox_move *m = k->move;
	struct rcd_tally more = {0};
	bool confirmed;
	int64_t was;

	k->dropped = NULL;
	if ((m->state == RCD_OUT_SENDING ? rcd_job_hold(conn, m->job, err)
	                                 : rcd_job_check(conn, m->job, err)) != 0 ||
	    rcd_get_i64(conn, &was, get,
	                RCD_BIND(rcd_i64(m->job->tenant), rcd_i64(m->id), rcd_i64(m->job->turn_id)),
	                err) != 0)
		return -1;
	if (is_final(was) && was != (int64_t)m->state)
		return rcd_fail(err, RCD_EXISTS, 0, "the end of outbox %lld is known", (long long)m->id);
	if ((m->state == RCD_OUT_SENDING && may_leave(conn, k, err) != 0) ||
	    is_confirmation(conn, m, &confirmed, err) != 0)
		return -1;
	if (k->dropped != NULL || confirmed)
		return set_state(conn, m, RCD_OUT_DROPPED, err);
	if (set_state(conn, m, m->state, err) != 0)
		return -1;
	more.sent = m->state == RCD_OUT_ACCEPTED && was != RCD_OUT_ACCEPTED;
	if (m->state == RCD_OUT_REJECTED && was != RCD_OUT_REJECTED) {
		if (refuse_rest(conn, m, &more.rejected, err) != 0 || add_dead_part(conn, m, err) != 0 ||
		    (m->opted_out &&
		     keep_opt_out(conn, m->job->tenant, m->job->contact_id, m->id, m->code, err) != 0))
			return -1;
		more.rejected++;
	}
	if (more.sent + more.rejected == 0)
		return 0;
	return rcd_tally_add(conn, m->job->tenant, rcd_now_ms(), &more, err);
}

int rcd_outbox_mark_in(struct rcd_conn *conn, const struct rcd_outbox_move *move,
                       struct rcd_err *err)
{
	struct mark k = {.move = move};

	if (move->state == RCD_OUT_SENDING)
		return rcd_fail(err, RCD_INVAL, 0, "an intent needs a commit of its own");
	return mark_message(conn, &k, err);
}

int rcd_outbox_mark(struct rcd_db *db, const struct rcd_outbox_move *move, struct rcd_err *err)
{
	struct mark k = {.move = move};

	if (rcd_db_write(db, mark_message, &k, err) != 0)
		return -1;
	return k.dropped != NULL ? rcd_fail(err, RCD_DENIED, 0, "%s", k.dropped) : 0;
}

/* --- what the provider tells ------------------------------------------------------------- */

struct told {
	const struct rcd_outbox_news *news;
	bool known, woken;
	/* the row */
	int64_t id, turn_id, contact_id, state, delivery;
};

static int find_message(struct rcd_conn *conn, struct told *t, struct rcd_err *err)
{
	static const char by_key[] = "SELECT id, turn_id, contact_id, state, delivery FROM outbox"
								 " WHERE key = $2 AND tenant_id = $1";
	static const char by_sid[] = "SELECT id, turn_id, contact_id, state, delivery FROM outbox"
								 " WHERE sid = $2 AND tenant_id = $1";
	const struct rcd_outbox_news *w = t->news;
	struct rcd_q q;
	int row;

	if ((w->key.n > 0
	         ? rcd_q(&q, conn, by_key, RCD_BIND(rcd_i64(w->tenant), rcd_text(w->key)), err)
	         : rcd_q(&q, conn, by_sid, RCD_BIND(rcd_i64(w->tenant), rcd_text(w->sid)), err)) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	t->known = row == 1;
	if (row == 1) {
		t->id = rcd_q_i64(&q, 0);
		t->turn_id = rcd_q_i64(&q, 1);
		t->contact_id = rcd_q_i64(&q, 2);
		t->state = rcd_q_i64(&q, 3);
		t->delivery = rcd_q_i64(&q, 4);
	}
	rcd_q_end(&q);
	return row < 0 ? -1 : 0;
}

/* A message that the provider knows was accepted, whatever we knew. */
static int settle_message(struct rcd_conn *conn, struct told *t, struct rcd_err *err)
{
	static const char set[] =
		"UPDATE outbox SET state = 2, sid = coalesce($3, sid), updated_ms = $4"
		" WHERE id = $2 AND tenant_id = $1 AND (state IN (1, 4) OR (state = 5 AND part = $5))";
	static const char wake[] = "UPDATE job SET due_ms = $3 WHERE turn_id = $2 AND turn_id <> 0"
							   " AND tenant_id = $1 AND state = 0";
	const struct rcd_outbox_news *w = t->news;
	const struct rcd_tally more = {.sent = 1};
	int64_t n, now = rcd_now_ms();

	if (rcd_exec(conn, &n, set,
	             RCD_BIND(rcd_i64(w->tenant), rcd_i64(t->id), rcd_text(w->sid), rcd_i64(now),
	                      rcd_i64(RCD_PART_HOLD_ON)),
	             err) != 0)
		return -1;
	if (n == 0)
		return 0;
	if (rcd_tally_add(conn, w->tenant, now, &more, err) != 0 ||
	    rcd_exec(conn, &n, wake,
	             RCD_BIND(rcd_i64(w->tenant), rcd_i64(t->turn_id), rcd_i64(rcd_conn_now(conn))),
	             err) != 0)
		return -1;
	t->woken = n > 0;
	return 0;
}

static int add_dead_failed(struct rcd_conn *conn, const struct told *t, struct rcd_err *err)
{
	const struct rcd_outbox_news *w = t->news;
	const struct rcd_dead_in dead = {.tenant = w->tenant,
	                                 .kind = RCD_DEAD_PART,
	                                 .contact_id = t->contact_id,
	                                 .turn_id = t->turn_id,
	                                 .outbox_id = t->id,
	                                 .code = w->code,
	                                 .why = w->why != NULL ? w->why : "not delivered",
	                                 .retry_ms = w->retry_ms};

	return rcd_dead_add(conn, &dead, err);
}

/* Failed is an end, unless it was delivered before. */
static int apply_status(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char set[] =
		"UPDATE outbox SET delivery = $3, delivery_ms = $4,"
		" code = CASE WHEN $5 <> 0 THEN $5 ELSE code END"
		" WHERE id = $2 AND tenant_id = $1 AND delivery < $3 AND ($3 < 9 OR delivery < 4)";
	struct told *t = arg;
	const struct rcd_outbox_news *w = t->news;
	int64_t n;

	t->woken = false;
	if (find_message(conn, t, err) != 0)
		return -1;
	if (!t->known)
		return 0;
	if (settle_message(conn, t, err) != 0 ||
	    rcd_exec(conn, &n, set,
	             RCD_BIND(rcd_i64(w->tenant), rcd_i64(t->id), rcd_i64(w->delivery),
	                      rcd_i64(rcd_now_ms()), rcd_i64(w->code)),
	             err) != 0)
		return -1;
	if (n != 1 || w->delivery != RCD_DELIVERY_FAILED)
		return 0;
	if (w->opted_out && keep_opt_out(conn, w->tenant, t->contact_id, t->id, w->code, err) != 0)
		return -1;
	return add_dead_failed(conn, t, err);
}

int rcd_outbox_told(struct rcd_db *db, const struct rcd_outbox_news *news, bool *known, bool *woken,
                    struct rcd_err *err)
{
	struct told t = {.news = news};

	if (rcd_db_write(db, apply_status, &t, err) != 0)
		return -1;
	*known = t.known;
	*woken = t.woken;
	return 0;
}

/* --- a second life ----------------------------------------------------------------------- */

int rcd_outbox_revive(struct rcd_conn *conn, int64_t tenant, int64_t turn_id, struct rcd_err *err)
{
	static const char one[] =
		"SELECT id FROM outbox WHERE tenant_id = $1 AND turn_id = $2"
		" AND part < $3 AND (state IN (3, 5) OR (state = 2 AND delivery = 9)) ORDER BY part LIMIT "
		"1";
	static const char set[] =
		"UPDATE outbox SET state = 0, key = $3, sid = NULL, attempts = 0, resends = 0, delivery = "
		"0,"
		" code = 0, created_ms = $4, updated_ms = $4 WHERE id = $2 AND tenant_id = $1";
	char key[2 * KEY_BYTES + 1];
	int64_t id;

	while (rcd_get_i64(conn, &id, one,
	                   RCD_BIND(rcd_i64(tenant), rcd_i64(turn_id), rcd_i64(RCD_PART_HOLD_ON)),
	                   err) == 0) {
		rcd_random_hex(key, KEY_BYTES);
		if (rcd_exec(conn, NULL, set,
		             RCD_BIND(rcd_i64(tenant), rcd_i64(id), rcd_str(key), rcd_i64(rcd_now_ms())),
		             err) != 0)
			return -1;
	}
	return err->code == RCD_NOENT ? 0 : -1;
}
