#include "store/followup.h"

#include "base/address.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "store/channel_day.h"
#include "store/driver.h"
#include "store/outbox.h"
#include "store/owner.h"
#include "store/suppression.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { WAITS, SENT, DROPPED };

#define KEY_BYTES 16
#define EARLY_MS 2000 /* is not too early */
#define BUSY_MS 1000

int rcd_followup_put(struct rcd_conn *conn, const struct rcd_job *job,
                     const struct rcd_followup_in *in, struct rcd_err *err)
{
	static const char put[] =
		"INSERT INTO followup(turn_id, tenant_id, contact_id, state, due_ms, from_address, "
		"to_address, body, ms)"
		" VALUES($1, $2, $3, 0, $4, $5, $6, $7, $8) ON CONFLICT(turn_id) DO NOTHING";
	char key[24];
	int64_t n;

	if (rcd_exec(conn, &n, put,
	             RCD_BIND(rcd_i64(job->turn_id), rcd_i64(job->tenant), rcd_i64(job->contact_id),
	                      rcd_i64(in->due_ms), rcd_text(in->from), rcd_text(in->to),
	                      rcd_text(in->body), rcd_i64(rcd_now_ms())),
	             err) != 0)
		return -1;
	if (n == 0)
		return rcd_fail(err, RCD_EXISTS, 0, "a message is scheduled already");
	(void)snprintf(key, sizeof(key), "%lld", (long long)job->turn_id);
	return rcd_job_put(conn, job->tenant, RCD_JOB_FOLLOWUP, rcd_sv(key), in->due_ms, in->due_ms,
	                   err);
}

struct begin {
	struct rcd_job *job;
	const char *why;
	int64_t id, turn_id, contact_id, due_ms; /* id: the turn that asked */
	int64_t promised_ms;
	char channel[RCD_CHANNEL_NAME];
	int64_t left_ms; /* to wait; not positive: go on */
};

/* The name may be a part of the row. */
static void copy_channel(char out[RCD_CHANNEL_NAME], struct rcd_sv name)
{
	(void)snprintf(out, RCD_CHANNEL_NAME, "%.*s", RCD_SV_ARG(name));
}

static int find_followup(struct rcd_conn *conn, struct begin *b, struct rcd_err *err)
{
	static const char get[] =
		"SELECT contact_id, due_ms, ms, to_address FROM followup WHERE turn_id = $1 AND tenant_id "
		"= $2"
		" AND state = 0";
	struct rcd_q q;
	int row;

	if (rcd_parse_i64(rcd_sv(b->job->key), 1, INT64_MAX, &b->id) != 0)
		b->id = 0; /* nobody's */
	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(b->id), rcd_i64(b->job->tenant)), err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1) {
		b->contact_id = rcd_q_i64(&q, 0);
		b->due_ms = rcd_q_i64(&q, 1);
		b->promised_ms = rcd_q_i64(&q, 2);
		copy_channel(b->channel, rcd_address_channel(rcd_q_sv(&q, 3)));
	}
	rcd_q_end(&q);
	if (row == 0)
		b->why = "it is gone";
	return row < 0 ? -1 : 0;
}

/* The contact's row is held from here on. */
static int check_followup(struct rcd_conn *conn, struct begin *b, struct rcd_err *err)
{
	static const char open[] =
		"SELECT count(*) FROM followup f JOIN contact c ON c.id = f.contact_id WHERE f.turn_id = $1"
		" AND f.tenant_id = $2 AND (f.to_address NOT LIKE 'whatsapp:%' OR c.last_ms > $3)";
	const struct rcd_job *job = b->job;
	enum rcd_owner owner;
	int64_t is_open;
	bool unwanted;

	if (rcd_owner_hold(conn, job->tenant, b->contact_id, &owner, err) != 0) {
		b->why = "the contact is gone";
		return err->code == RCD_NOENT ? 0 : -1;
	}
	if (rcd_suppression_since(conn, job->tenant, b->contact_id, strcmp(b->channel, "sms") == 0,
	                          b->promised_ms, &unwanted, err) != 0 ||
	    rcd_get_i64(conn, &is_open, open,
	                RCD_BIND(rcd_i64(b->id), rcd_i64(job->tenant),
	                         rcd_i64(rcd_now_ms() - RCD_FOLLOWUP_WINDOW_MS)),
	                err) != 0)
		return -1;
	if (owner != RCD_OWNER_BOT)
		b->why = "the conversation is a person's";
	else if (unwanted)
		b->why = "the contact wants no messages";
	else
		b->why = is_open == 0 ? "the contact has not written for a day" : NULL;
	return 0;
}

/* How long to wait: until its hour, or while a turn of the contact runs, whose answer may be of
 * several messages. */
static int look_ahead(struct rcd_conn *conn, struct begin *b, struct rcd_err *err)
{
	static const char busy[] =
		"SELECT count(*) FROM job WHERE tenant_id = $1 AND kind = $2 AND state = 1"
		" AND contact_id = $3";
	int64_t running;

	b->left_ms = b->due_ms - EARLY_MS - rcd_now_ms();
	if (b->left_ms > 0)
		return 0;
	if (rcd_get_i64(conn, &running, busy,
	                RCD_BIND(rcd_i64(b->job->tenant), rcd_str(RCD_JOB_TURN),
	                         rcd_i64(b->contact_id)),
	                err) != 0)
		return -1;
	b->left_ms = running > 0 ? BUSY_MS : 0;
	return 0;
}

static int set_state(struct rcd_conn *conn, const struct begin *b, int64_t state,
                     struct rcd_err *err)
{
	static const char set[] =
		"UPDATE followup SET state = $3 WHERE turn_id = $1 AND tenant_id = $2 AND state = 0";

	return rcd_exec(conn, NULL, set,
	                RCD_BIND(rcd_i64(b->id), rcd_i64(b->job->tenant), rcd_i64(state)), err);
}

static int make_turn(struct rcd_conn *conn, struct begin *b, struct rcd_err *err)
{
	static const char turn[] =
		"INSERT INTO turn(tenant_id, contact_id, id, route, started_ms, answered_ms, audio, "
		"user_message,"
		" bot_response, rung) SELECT tenant_id, contact_id, $3, 'followup', $4, $4, 0, '', body, "
		"'followup'"
		" FROM followup WHERE turn_id = $1 AND tenant_id = $2";
	static const char part[] =
		"INSERT INTO outbox(id, tenant_id, turn_id, contact_id, part, key, state, attempts, "
		"from_address,"
		" to_address, body, created_ms, updated_ms) SELECT $3, tenant_id, $4, contact_id, 0, $5, "
		"0, 0,"
		" from_address, to_address, body, $6, due_ms FROM followup WHERE turn_id = $1 AND "
		"tenant_id = $2";
	static const char tie[] =
		"UPDATE job SET turn_id = $4, contact_id = $5 WHERE tenant_id = $1 AND kind = $2"
		" AND key = $3";
	const struct rcd_job *job = b->job;
	int64_t now = rcd_now_ms();
	char key[2 * KEY_BYTES + 1];

	b->turn_id = rcd_id_new();
	rcd_random_hex(key, KEY_BYTES);
	if (rcd_exec(conn, NULL, turn,
	             RCD_BIND(rcd_i64(b->id), rcd_i64(job->tenant), rcd_i64(b->turn_id), rcd_i64(now)),
	             err) != 0 ||
	    rcd_exec(conn, NULL, part,
	             RCD_BIND(rcd_i64(b->id), rcd_i64(job->tenant), rcd_i64(rcd_id_new()),
	                      rcd_i64(b->turn_id), rcd_str(key), rcd_i64(now)),
	             err) != 0)
		return -1;
	if (rcd_channel_day_add(conn, &(struct rcd_channel){job->tenant, rcd_sv(b->channel)}, 0, 1,
	                        err) != 0)
		return -1;
	return rcd_exec(conn, NULL, tie,
	                RCD_BIND(rcd_i64(job->tenant), rcd_str(job->kind), rcd_str(job->key),
	                         rcd_i64(b->turn_id), rcd_i64(b->contact_id)),
	                err);
}

static int begin_followup(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct begin *b = arg;

	b->why = NULL;
	b->left_ms = 0;
	if (rcd_job_check(conn, b->job, err) != 0 || find_followup(conn, b, err) != 0 ||
	    (b->why == NULL && look_ahead(conn, b, err) != 0))
		return -1;
	if (b->left_ms > 0)
		return 0;
	if (b->why == NULL && check_followup(conn, b, err) != 0)
		return -1;
	if (b->why == NULL)
		return make_turn(conn, b, err) == 0 ? set_state(conn, b, SENT, err) : -1;
	return set_state(conn, b, DROPPED, err) == 0 ? rcd_job_finish(conn, b->job, err) : -1;
}

int rcd_followup_begin(struct rcd_db *db, struct rcd_job *job, const char **why,
                       struct rcd_err *err)
{
	struct begin b = {.job = job};

	if (rcd_db_write(db, begin_followup, &b, err) != 0)
		return -1;
	if (b.left_ms > 0) {
		(void)rcd_fail(err, RCD_BUSY, 0, "a scheduled message waits for its time");
		err->retry_after = (int)(b.left_ms / 1000 < INT_MAX ? b.left_ms / 1000 + 1 : INT_MAX);
		return -1;
	}
	*why = b.why;
	if (b.why == NULL) {
		job->turn_id = b.turn_id;
		job->contact_id = b.contact_id;
	}
	return 0;
}

/* --- by the wall clock -------------------------------------------------------------------- */

/* The number becomes text and not the other way round: other jobs' keys are none. */
#define LATE                                                                                       \
	" WHERE tenant_id = $1 AND kind = $2 AND state = 0 AND due_ms > $3 AND key IN (SELECT"         \
	" CAST(f.turn_id AS TEXT) FROM followup f WHERE f.tenant_id = $1 AND f.state = 0"              \
	" AND f.due_ms <= $4)"

struct wake {
	int64_t tenant, n;
};

static int count_late(struct rcd_conn *conn, struct wake *w, struct rcd_err *err)
{
	static const char count[] = "SELECT count(*) FROM job" LATE;

	return rcd_get_i64(conn, &w->n, count,
	                   RCD_BIND(rcd_i64(w->tenant), rcd_str(RCD_JOB_FOLLOWUP),
	                            rcd_i64(rcd_conn_now(conn)), rcd_i64(rcd_now_ms())),
	                   err);
}

static int wake_late(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char now[] = "UPDATE job SET due_ms = $3" LATE;
	struct wake *w = arg;

	return rcd_exec(conn, &w->n, now,
	                RCD_BIND(rcd_i64(w->tenant), rcd_str(RCD_JOB_FOLLOWUP),
	                         rcd_i64(rcd_conn_now(conn)), rcd_i64(rcd_now_ms())),
	                err);
}

int rcd_followup_wake(struct rcd_db *db, int64_t tenant, int64_t *woken, struct rcd_err *err)
{
	struct wake w = {.tenant = tenant};
	struct rcd_read read = {.db = db};

	/* almost always there is none, and no lock to be asked for */
	while (rcd_read_attempt(&read, err))
		read.ret = count_late(read.conn, &w, err);
	if (read.ret != 0 || (w.n > 0 && rcd_db_write(db, wake_late, &w, err) != 0))
		return -1;
	*woken = w.n;
	return 0;
}
