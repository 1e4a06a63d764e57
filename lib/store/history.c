/* A turn's life in the store: begun, answered, finished; one commit each. */
#include "store/history.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "store/tally.h"

#include <string.h>

#define MAX_PARTS 64
#define KEY_BYTES 16

/* --- begin ---------------------------------------------------------------------------- */

struct begin {
	const struct rcd_turn_begin *in;
	int64_t turn_id, contact_id;
};

/* The ids of a turn that an earlier claim of this job has begun, or 0. */
static int begun(struct rcd_conn *conn, struct begin *b, struct rcd_err *err)
{
	static const char get[] = "SELECT turn_id, contact_id FROM job WHERE tenant_id = $1 AND kind = $2"
		" AND key = $3";
	const struct rcd_job *job = b->in->job;
	struct rcd_q q;
	int row;

	if (rcd_job_check(conn, job, err) != 0 ||
	    rcd_q(&q, conn, get, err, "iss", job->tenant, job->kind, job->key) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1) {
		b->turn_id = rcd_q_i64(&q, 0);
		b->contact_id = rcd_q_i64(&q, 1);
	}
	rcd_q_end(&q);
	return row < 0 ? -1 : 0;
}

static int take_messages(struct rcd_conn *conn, const struct begin *b, struct rcd_err *err)
{
	static const char set[] = "UPDATE inbox SET turn_id = $3 WHERE id = $2 AND tenant_id = $1"
		" AND turn_id IS NULL";
	const struct rcd_turn_begin *in = b->in;
	int64_t n;

	for (size_t i = 0; i < in->n_inbox; i++) {
		if (rcd_exec(conn, &n, set, err, "iii", in->job->tenant, in->inbox_ids[i], b->turn_id) != 0)
			return -1;
		if (n != 1)
			return rcd_fail(err, RCD_CANCELLED, 0, "message %lld has its turn already",
			                (long long)in->inbox_ids[i]);
	}
	return 0;
}

static int make_turn(struct rcd_conn *conn, const struct begin *b, struct rcd_err *err)
{
	static const char turn[] = "INSERT INTO turn(tenant_id, contact_id, id, route, started_ms)"
		" VALUES($1, $2, $3, $4, $5)";
	static const char tie[] = "UPDATE job SET turn_id = $4, contact_id = $5"
		" WHERE tenant_id = $1 AND kind = $2 AND key = $3";
	const struct rcd_turn_begin *in = b->in;
	const struct rcd_job *job = in->job;

	if (rcd_exec(conn, NULL, turn, err, "iiivi", job->tenant, b->contact_id, b->turn_id,
	             in->route.p != NULL ? in->route : RCD_SV(""), in->started_ms) != 0)
		return -1;
	return rcd_exec(conn, NULL, tie, err, "issii", job->tenant, job->kind, job->key, b->turn_id,
	                b->contact_id);
}

static int begin(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct begin *b = arg;
	const struct rcd_turn_begin *in = b->in;
	const struct rcd_tally more = {.received = (int64_t)in->n_inbox};
	struct rcd_contact_in who = in->contact;

	if (begun(conn, b, err) != 0)
		return -1;
	if (b->turn_id != 0)
		return 0;
	who.tenant = in->job->tenant;
	b->turn_id = rcd_id_new();
	if (rcd_contact_resolve(conn, &who, &b->contact_id, err) != 0 || make_turn(conn, b, err) != 0 ||
	    take_messages(conn, b, err) != 0)
		return -1;
	return rcd_tally_add(conn, who.tenant, in->started_ms, &more, err);
}

int rcd_history_begin(struct rcd_db *db, const struct rcd_turn_begin *in, int64_t *turn_id,
                      int64_t *contact_id, struct rcd_err *err)
{
	struct begin b = {.in = in};

	if (rcd_db_write(db, begin, &b, err) != 0)
		return -1;
	*turn_id = b.turn_id;
	*contact_id = b.contact_id;
	return 0;
}

/* --- answer --------------------------------------------------------------------------- */

static int answer_turn(struct rcd_conn *conn, const struct rcd_turn_answer *in, int64_t now,
                       struct rcd_err *err)
{
	static const char set[] =
		"UPDATE turn SET answered_ms = $4, audio = $5, user_message = $6, transcript = $7,"
		" bot_response = $8, rung = $9"
		" WHERE tenant_id = $1 AND contact_id = $2 AND id = $3 AND answered_ms IS NULL";
	static const char why[] = "INSERT INTO turn_trace(turn_id, tenant_id, why) VALUES($1, $2, $3)";
	const struct rcd_job *job = in->job;
	int64_t n;

	if (rcd_exec(conn, &n, set, err, "iiiiivvvv", job->tenant, job->contact_id, job->turn_id, now,
	             (int64_t)in->audio, in->user_message, in->transcript, in->bot_response, in->rung) != 0)
		return -1;
	if (n != 1)
		return rcd_fail(err, RCD_EXISTS, 0, "the turn has its answer");
	return rcd_exec(conn, NULL, why, err, "iiv", job->turn_id, job->tenant, in->why);
}

static int add_part(struct rcd_conn *conn, const struct rcd_turn_answer *in, size_t i, int64_t now,
                    struct rcd_err *err)
{
	static const char add[] =
		"INSERT INTO outbox(id, tenant_id, turn_id, contact_id, part, key, state, attempts,"
		" from_address, to_address, body, media_url, created_ms, updated_ms)"
		" VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)";
	const struct rcd_outbox_in *p = &in->part[i];
	const int64_t state = in->sending ? RCD_OUT_SENDING : RCD_OUT_READY, attempts = in->sending;
	char key[2 * KEY_BYTES + 1];

	rcd_random_hex(key, KEY_BYTES);
	return rcd_exec(conn, NULL, add, err, "iiiiisiivvvvi", rcd_id_new(), in->job->tenant,
	                in->job->turn_id, in->job->contact_id, (int64_t)i, key, state, attempts, p->from,
	                p->to, p->body, p->media_url, now);
}

static int add_media(struct rcd_conn *conn, const struct rcd_turn_answer *in, int64_t now,
                     struct rcd_err *err)
{
	static const char add[] =
		"INSERT INTO media(name, tenant_id, turn_id, bytes, duration_ms, created_ms, expires_ms)"
		" VALUES($1, $2, $3, $4, $5, $6, $7)";
	const struct rcd_media_in *m = in->media;

	return rcd_exec(conn, NULL, add, err, "viiiiii", m->name, in->job->tenant, in->job->turn_id,
	                m->bytes, m->duration_ms, now, m->expires_ms);
}

static int answer(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	const struct rcd_turn_answer *in = arg;
	int64_t now = rcd_now_ms();

	if (rcd_job_check(conn, in->job, err) != 0 || answer_turn(conn, in, now, err) != 0)
		return -1;
	for (size_t i = 0; i < in->n_parts; i++)
		if (add_part(conn, in, i, now, err) != 0)
			return -1;
	return in->media != NULL ? add_media(conn, in, now, err) : 0;
}

int rcd_history_answer(struct rcd_db *db, const struct rcd_turn_answer *in, struct rcd_err *err)
{
	struct rcd_turn_answer copy = *in;

	if (in->n_parts > MAX_PARTS || in->user_message.n > RCD_MAX_TEXT || in->transcript.n > RCD_MAX_TEXT ||
	    in->bot_response.n > RCD_MAX_TEXT || (in->media != NULL && in->media->name.n > 63))
		return rcd_fail(err, RCD_LIMIT, 0, "an answer's text, name of file or number of parts is too large");
	return rcd_db_write(db, answer, &copy, err);
}

struct answered {
	const struct rcd_job *job;
	bool yes;
};

static int is_answered(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char get[] = "SELECT count(*) FROM turn WHERE tenant_id = $1 AND contact_id = $2"
		" AND id = $3 AND answered_ms IS NOT NULL";
	struct answered *a = arg;
	int64_t n;

	if (rcd_get_i64(conn, &n, get, err, "iii", a->job->tenant, a->job->contact_id, a->job->turn_id) != 0)
		return -1;
	a->yes = n != 0;
	return 0;
}

int rcd_history_answered(struct rcd_db *db, const struct rcd_job *job, bool *answered, struct rcd_err *err)
{
	struct answered a = {.job = job};

	if (rcd_db_read(db, is_answered, &a, err) != 0)
		return -1;
	*answered = a.yes;
	return 0;
}

/* --- finish --------------------------------------------------------------------------- */

struct finish {
	const struct rcd_job *job;
	struct rcd_sv trace;
	int64_t now;
};

/* Is this the contact's first conversation of the day? The turns before it lie beside it. */
static int first_of_day(struct rcd_conn *conn, const struct finish *f, bool *first, struct rcd_err *err)
{
	static const char before[] = "SELECT coalesce((SELECT finished_ms FROM turn WHERE tenant_id = $1"
		" AND contact_id = $2 AND id < $3 AND finished_ms IS NOT NULL ORDER BY id DESC LIMIT 1), 0)";
	int64_t ms;

	if (rcd_get_i64(conn, &ms, before, err, "iii", f->job->tenant, f->job->contact_id,
	                f->job->turn_id) != 0)
		return -1;
	*first = rcd_tally_day(ms) != rcd_tally_day(f->now);
	return 0;
}

static int show_turn(struct rcd_conn *conn, const struct finish *f, int64_t *audio, struct rcd_err *err)
{
	static const char set[] = "UPDATE turn SET finished_ms = $4 WHERE tenant_id = $1 AND contact_id = $2"
		" AND id = $3 AND finished_ms IS NULL RETURNING audio";
	static const char trace[] = "INSERT INTO turn_trace(turn_id, tenant_id, trace) VALUES($1, $2, $3)"
		" ON CONFLICT(turn_id) DO UPDATE SET trace = excluded.trace";
	const struct rcd_job *job = f->job;

	if (rcd_get_i64(conn, audio, set, err, "iiii", job->tenant, job->contact_id, job->turn_id, f->now) != 0)
		return -1;
	return rcd_exec(conn, NULL, trace, err, "iiv", job->turn_id, job->tenant, f->trace);
}

/* A turn's work is its messages. Those that came between claim and gather moved the job's
 * rev on, but this turn has answered them; those beyond RCD_MAX_TURN_MESSAGES did not, but
 * wait. So what decides is whether any message of the sender has no turn yet. */
static int finish_job(struct rcd_conn *conn, const struct rcd_job *job, struct rcd_err *err)
{
	static const char left[] = "SELECT EXISTS(SELECT 1 FROM inbox WHERE tenant_id = $1 AND sender = $2"
		" AND turn_id IS NULL)";
	static const char rev[] = "SELECT rev FROM job WHERE tenant_id = $1 AND kind = $2 AND key = $3";
	struct rcd_job now = *job;
	int64_t waiting;

	if (rcd_get_i64(conn, &waiting, left, err, "is", job->tenant, job->key) != 0 ||
	    rcd_get_i64(conn, &now.rev, rev, err, "iss", job->tenant, job->kind, job->key) != 0)
		return -1;
	if (waiting)
		now.rev = -1;
	return rcd_job_finish(conn, &now, err);
}

static int finish(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	const struct finish *f = arg;
	struct rcd_tally more = {.conversations = 1};
	bool first;

	if (rcd_job_check(conn, f->job, err) != 0 || show_turn(conn, f, &more.audio, err) != 0 ||
	    first_of_day(conn, f, &first, err) != 0)
		return -1;
	more.users = first;
	if (rcd_tally_add(conn, f->job->tenant, f->now, &more, err) != 0)
		return -1;
	return finish_job(conn, f->job, err);
}

int rcd_history_finish(struct rcd_db *db, const struct rcd_job *job, struct rcd_sv trace, struct rcd_err *err)
{
	struct finish f = {.job = job, .trace = trace, .now = rcd_now_ms()};

	return rcd_db_write(db, finish, &f, err);
}
