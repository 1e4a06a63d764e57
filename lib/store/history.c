/* A turn's life in the store: begun, answered, finished; one commit each. */
#include "store/history.h"

#include "base/address.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "store/channel_day.h"
#include "store/dead.h"
#include "store/driver.h"
#include "store/inbox.h"
#include "store/owner.h"
#include "store/suppression.h"
#include "store/tally.h"

#include <string.h>

#define MAX_PARTS RCD_PART_HOLD_ON
#define KEY_BYTES 16

/* Has the sender written what no turn has taken up? */
static const char waiting[] =
	"SELECT EXISTS(SELECT 1 FROM inbox WHERE tenant_id = $1 AND sender = $2"
	" AND turn_id IS NULL)";

/* --- begin ---------------------------------------------------------------------------- */

struct begin {
	const struct rcd_turn_begin *in;
	int64_t turn_id, contact_id;
	int64_t taken; /* messages that no turn had */
	int64_t window_ms;
};

/* The ids of a turn that an earlier claim of this job has begun, or 0. Checks the fence. */
static int find_begun(struct rcd_conn *conn, const struct rcd_job *job, int64_t *turn_id,
                      int64_t *contact_id, struct rcd_err *err)
{
	static const char get[] =
		"SELECT turn_id, contact_id FROM job WHERE tenant_id = $1 AND kind = $2"
		" AND key = $3";
	struct rcd_q q;
	int row;

	if (rcd_job_check(conn, job, err) != 0 ||
	    rcd_q(&q, conn, get, RCD_BIND(rcd_i64(job->tenant), rcd_str(job->kind), rcd_str(job->key)),
	          err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1) {
		*turn_id = rcd_q_i64(&q, 0);
		*contact_id = rcd_q_i64(&q, 1);
	}
	rcd_q_end(&q);
	return row < 0 ? -1 : 0;
}

/* Until when the job runs ahead (0: it does not), by the store's clock, and whether more came since
 * that was last looked at. The job's row is held. */
static int read_window(struct rcd_conn *conn, const struct rcd_job *job, int64_t *until_ms,
                       bool *joined, struct rcd_err *err)
{
	static const char get[] = "SELECT CASE WHEN ahead = 1 THEN due_ms ELSE 0 END, joined FROM job"
							  " WHERE tenant_id = $1 AND kind = $2 AND key = $3";
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(job->tenant), rcd_str(job->kind), rcd_str(job->key)),
	          err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1) {
		*until_ms = rcd_q_i64(&q, 0);
		*joined = rcd_q_i64(&q, 1) != 0;
	}
	rcd_q_end(&q);
	return row < 0 ? -1 : 0;
}

static int take_messages(struct rcd_conn *conn, struct begin *b, struct rcd_err *err)
{
	static const char set[] = "UPDATE inbox SET turn_id = $3 WHERE id = $2 AND tenant_id = $1"
							  " AND turn_id IS NULL";
	static const char ours[] = "SELECT count(*) FROM inbox WHERE tenant_id = $1 AND turn_id = $2";
	const struct rcd_turn_begin *in = b->in;
	int64_t n;

	b->taken = 0;
	for (size_t i = 0; i < in->n_inbox; i++) {
		if (rcd_exec(conn, &n, set,
		             RCD_BIND(rcd_i64(in->job->tenant), rcd_i64(in->inbox_ids[i]),
		                      rcd_i64(b->turn_id)),
		             err) != 0)
			return -1;
		b->taken += n;
	}
	if (rcd_get_i64(conn, &n, ours, RCD_BIND(rcd_i64(in->job->tenant), rcd_i64(b->turn_id)), err) !=
	    0)
		return -1;
	return n == (int64_t)in->n_inbox
	           ? 0
	           : rcd_fail(err, RCD_CANCELLED, 0, "a message has another turn already");
}

static int make_turn(struct rcd_conn *conn, const struct begin *b, struct rcd_err *err)
{
	static const char turn[] = "INSERT INTO turn(tenant_id, contact_id, id, route, started_ms)"
							   " VALUES($1, $2, $3, $4, $5)";
	const struct rcd_turn_begin *in = b->in;

	return rcd_exec(conn, NULL, turn,
	                RCD_BIND(rcd_i64(in->job->tenant), rcd_i64(b->contact_id), rcd_i64(b->turn_id),
	                         rcd_text(in->route.p != NULL ? in->route : RCD_SV("")),
	                         rcd_i64(in->started_ms)),
	                err);
}

/* What came between the claim and now is in the turn, unless it came after the messages were read:
 * only what comes later is more. One that is full has to leave some for the next. */
static int tie_job(struct rcd_conn *conn, const struct begin *b, struct rcd_err *err)
{
	static const char tie[] = "UPDATE job SET turn_id = $4, contact_id = $5,"
							  " claimed_rev = CASE WHEN $6 = 1 THEN claimed_rev ELSE rev END,"
							  " joined = CASE WHEN $6 = 1 THEN joined ELSE 0 END"
							  " WHERE tenant_id = $1 AND kind = $2 AND key = $3";
	const struct rcd_job *job = b->in->job;
	int64_t more = 0;

	if (b->in->n_inbox < RCD_MAX_TURN_MESSAGES &&
	    rcd_get_i64(conn, &more, waiting, RCD_BIND(rcd_i64(job->tenant), rcd_str(job->key)), err) !=
	        0)
		return -1;
	return rcd_exec(conn, NULL, tie,
	                RCD_BIND(rcd_i64(job->tenant), rcd_str(job->kind), rcd_str(job->key),
	                         rcd_i64(b->turn_id), rcd_i64(b->contact_id),
	                         rcd_i64((int64_t)(more != 0))),
	                err);
}

static int begin_turn(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct begin *b = arg;
	const struct rcd_turn_begin *in = b->in;
	struct rcd_tally more = {0};
	struct rcd_contact_in who = in->contact;
	bool new_turn, joined;

	if (find_begun(conn, in->job, &b->turn_id, &b->contact_id, err) != 0 ||
	    read_window(conn, in->job, &b->window_ms, &joined, err) != 0)
		return -1;
	if (b->window_ms != 0)
		b->window_ms -= rcd_conn_shift(conn);
	new_turn = b->turn_id == 0;
	if (new_turn)
		b->turn_id = rcd_id_new();
	if (take_messages(conn, b, err) != 0)
		return -1;
	who.tenant = in->job->tenant;
	who.messages = (int)b->taken;
	if (b->taken > 0 && rcd_contact_resolve(conn, &who, &b->contact_id, err) != 0)
		return -1;
	if ((new_turn && make_turn(conn, b, err) != 0) || tie_job(conn, b, err) != 0)
		return -1;
	more.received = b->taken;
	return b->taken > 0 ? rcd_tally_add(conn, who.tenant, in->started_ms, &more, err) : 0;
}

int rcd_history_begin(struct rcd_db *db, const struct rcd_turn_begin *in, int64_t *turn_id,
                      int64_t *contact_id, struct rcd_err *err)
{
	struct begin b = {.in = in};

	if (rcd_db_write(db, begin_turn, &b, err) != 0)
		return -1;
	*turn_id = b.turn_id;
	*contact_id = b.contact_id;
	if (in->window_ms != NULL)
		*in->window_ms = b.window_ms;
	return 0;
}

/* --- answer --------------------------------------------------------------------------- */

static int answer_turn(struct rcd_conn *conn, const struct rcd_turn_answer *in, int64_t now,
                       struct rcd_err *err)
{
	static const char set[] =
		"UPDATE turn SET answered_ms = $4, audio = $5, user_message = $6, transcript = $7,"
		" bot_response = $8, rung = $9, thread_id = $10, persona_id = $11"
		" WHERE tenant_id = $1 AND contact_id = $2 AND id = $3 AND answered_ms IS NULL";
	static const char why[] = "INSERT INTO turn_trace(turn_id, tenant_id, why) VALUES($1, $2, $3)";
	const struct rcd_job *job = in->job;
	int64_t n;

	if (rcd_exec(conn, &n, set,
	             RCD_BIND(rcd_i64(job->tenant), rcd_i64(job->contact_id), rcd_i64(job->turn_id),
	                      rcd_i64(now), rcd_i64(in->audio), rcd_text(in->user_message),
	                      rcd_text(in->transcript), rcd_text(in->bot_response), rcd_text(in->rung),
	                      rcd_text(in->thread_id), rcd_i64(in->persona_id)),
	             err) != 0)
		return -1;
	if (n != 1)
		return rcd_fail(err, RCD_EXISTS, 0, "the turn has its answer");
	return rcd_exec(conn, NULL, why,
	                RCD_BIND(rcd_i64(job->turn_id), rcd_i64(job->tenant), rcd_text(in->why)), err);
}

/* out: NULL, or where its id and key go. */
static int add_part(struct rcd_conn *conn, const struct rcd_job *job, const struct rcd_outbox_in *p,
                    int64_t i, bool sending, struct rcd_outbox_row *out, struct rcd_err *err)
{
	static const char add[] =
		"INSERT INTO outbox(id, tenant_id, turn_id, contact_id, part, key, state, attempts,"
		" from_address, to_address, body, media_url, created_ms, updated_ms)"
		" VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)";
	const int64_t state = sending ? RCD_OUT_SENDING : RCD_OUT_READY, attempts = sending;
	struct rcd_outbox_row row = {.id = rcd_id_new()};

	rcd_random_hex(row.key, KEY_BYTES);
	if (out != NULL)
		*out = row;
	return rcd_exec(conn, NULL, add,
	                RCD_BIND(rcd_i64(row.id), rcd_i64(job->tenant), rcd_i64(job->turn_id),
	                         rcd_i64(job->contact_id), rcd_i64(i), rcd_str(row.key), rcd_i64(state),
	                         rcd_i64(attempts), rcd_text(p->from), rcd_text(p->to),
	                         rcd_text(p->body), rcd_text(p->media_url), rcd_i64(rcd_now_ms())),
	                err);
}

static int add_media(struct rcd_conn *conn, const struct rcd_job *job, const struct rcd_media_in *m,
                     struct rcd_err *err)
{
	static const char add[] =
		"INSERT INTO media(name, tenant_id, turn_id, bytes, duration_ms, created_ms, expires_ms)"
		" VALUES($1, $2, $3, $4, $5, $6, $7)";

	if (rcd_exec(conn, NULL, add,
	             RCD_BIND(rcd_text(m->name), rcd_i64(job->tenant), rcd_i64(job->turn_id),
	                      rcd_i64(m->bytes), rcd_i64(m->duration_ms), rcd_i64(rcd_now_ms()),
	                      rcd_i64(m->expires_ms)),
	             err) != 0)
		return -1;
	return rcd_speech_pieces_put(conn, job->tenant, m->name, m->piece, m->n_pieces, err);
}

/* Holds the contact's row until the commit: whoever takes the conversation over, and what the
 * contact does not want, come before or after. hold may be NULL. */
static int may_answer(struct rcd_conn *conn, const struct rcd_job *job, bool voice,
                      enum rcd_hold *hold, struct rcd_err *err)
{
	static const char *const why[] = {
		[RCD_HOLD_PERSON] = "the conversation is a person's",
		[RCD_HOLD_WISH] = "the contact wants no messages",
		[RCD_HOLD_NO_VOICE] = "the contact wants no voice notes",
	};
	struct rcd_suppression_check no;
	enum rcd_hold found = RCD_HOLD_NO_VOICE;
	bool lets;

	if (rcd_owner_lets(conn, job->tenant, job->contact_id, job->turn_id, &lets, err) != 0 ||
	    rcd_suppression_check(conn, job->tenant, job->contact_id, job->turn_id, &no, err) != 0)
		return -1;
	if (lets && !no.message && !(voice && no.voice))
		return 0;
	if (!lets || no.message)
		found = lets ? RCD_HOLD_WISH : RCD_HOLD_PERSON;
	if (hold != NULL)
		*hold = found;
	return rcd_fail(err, RCD_DENIED, 0, "%s", why[found]);
}

/* Does what waits belong to this turn, or may more come that does? What came after the window had
 * closed has opened one of its own. */
static int is_last_word(struct rcd_conn *conn, const struct rcd_turn_answer *in,
                        struct rcd_err *err)
{
	const struct rcd_job *job = in->job;
	int64_t more, until_ms = 0, open_ms;
	bool joined = false, refused;

	if (in->unless_more == NULL && in->open_ms == NULL)
		return 0;
	if (rcd_get_i64(conn, &more, waiting, RCD_BIND(rcd_i64(job->tenant), rcd_str(job->key)), err) !=
	        0 ||
	    ((in->open_ms != NULL || in->joined_only) &&
	     read_window(conn, job, &until_ms, &joined, err) != 0))
		return -1;
	open_ms = until_ms - rcd_conn_now(conn);
	refused = in->unless_more != NULL && more && (joined || !in->joined_only);
	if (in->unless_more != NULL)
		*in->unless_more = refused;
	if (in->open_ms != NULL)
		*in->open_ms = !more && open_ms > 0 ? open_ms : 0;
	if (refused)
		return rcd_fail(err, RCD_CANCELLED, 0, "the sender has written more");
	if (in->open_ms == NULL || *in->open_ms == 0)
		return 0;
	return rcd_fail(err, RCD_BUSY, 0, "the window is open for another %lld ms", (long long)open_ms);
}

/* A turn's job has the sender's address for a key. */
static struct rcd_channel channel_of(const struct rcd_job *job)
{
	return (struct rcd_channel){job->tenant, rcd_address_channel(rcd_sv(job->key))};
}

static int keep_answer(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	const struct rcd_turn_answer *in = arg;
	const struct rcd_channel channel = channel_of(in->job);
	int64_t now = rcd_now_ms();

	if ((in->sending ? rcd_job_hold(conn, in->job, err) : rcd_job_check(conn, in->job, err)) != 0 ||
	    (in->n_parts > 0 && may_answer(conn, in->job, in->media != NULL, in->hold, err) != 0) ||
	    is_last_word(conn, in, err) != 0 || answer_turn(conn, in, now, err) != 0)
		return -1;
	for (size_t i = 0; i < in->n_parts; i++)
		if (add_part(conn, in->job, &in->part[i], (int64_t)i, in->sending && i == 0, NULL, err) !=
		    0)
			return -1;
	if (in->handoff.p != NULL && rcd_owner_hand_off(conn, in->job->tenant, in->job->contact_id,
	                                                in->job->turn_id, in->handoff, err) != 0)
		return -1;
	if (rcd_channel_day_add(conn, &channel, in->model_calls, (int64_t)in->n_parts, err) != 0)
		return -1;
	if (in->request != NULL && rcd_request_open(conn, in->request, in->request_fresh, err) != 0)
		return -1;
	return in->media != NULL ? add_media(conn, in->job, in->media, err) : 0;
}

int rcd_history_answer(struct rcd_db *db, const struct rcd_turn_answer *in, struct rcd_err *err)
{
	struct rcd_turn_answer copy = *in;

	if (in->n_parts > MAX_PARTS || in->user_message.n > RCD_MAX_TEXT ||
	    in->transcript.n > RCD_MAX_TEXT || in->bot_response.n > RCD_MAX_TEXT ||
	    (in->media != NULL && in->media->name.n > 63)) {
		(void)rcd_fail(err, RCD_LIMIT, 0,
		               "an answer's text, name of file or number of parts is too large");
		return rcd_fail_for_good(err);
	}
	return rcd_db_write(db, keep_answer, &copy, err);
}

struct voice {
	const struct rcd_job *job;
	const struct rcd_outbox_in *part;
	const struct rcd_media_in *media;
};

static int add_voice(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char next[] = "SELECT count(*) FROM outbox WHERE tenant_id = $1 AND turn_id = $2"
							   " AND part < $3";
	const struct voice *v = arg;
	const struct rcd_channel channel = channel_of(v->job);
	int64_t n;

	if (rcd_job_hold(conn, v->job, err) != 0 || may_answer(conn, v->job, true, NULL, err) != 0 ||
	    rcd_get_i64(conn, &n, next,
	                RCD_BIND(rcd_i64(v->job->tenant), rcd_i64(v->job->turn_id),
	                         rcd_i64(RCD_PART_HOLD_ON)),
	                err) != 0 ||
	    add_part(conn, v->job, v->part, n, true, NULL, err) != 0 ||
	    rcd_channel_day_add(conn, &channel, 0, 1, err) != 0)
		return -1;
	return add_media(conn, v->job, v->media, err);
}

int rcd_history_voice(struct rcd_db *db, const struct rcd_job *job,
                      const struct rcd_outbox_in *part, const struct rcd_media_in *media,
                      struct rcd_err *err)
{
	struct voice v = {job, part, media};

	return rcd_db_write(db, add_voice, &v, err);
}

struct hold_on {
	const struct rcd_job *job;
	const struct rcd_outbox_in *part;
	struct rcd_outbox_row *row;
};

static int add_hold_on(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char had[] =
		"SELECT count(*) FROM outbox WHERE tenant_id = $1 AND turn_id = $2 AND part = $3";
	const struct hold_on *h = arg;
	const struct rcd_channel channel = channel_of(h->job);
	const int64_t part = RCD_PART_HOLD_ON;
	int64_t n;

	if (rcd_job_hold(conn, h->job, err) != 0 || may_answer(conn, h->job, false, NULL, err) != 0 ||
	    rcd_get_i64(conn, &n, had,
	                RCD_BIND(rcd_i64(h->job->tenant), rcd_i64(h->job->turn_id), rcd_i64(part)),
	                err) != 0)
		return -1;
	if (n > 0)
		return rcd_fail(err, RCD_EXISTS, 0, "the turn has told that its answer follows");
	if (add_part(conn, h->job, h->part, part, true, h->row, err) != 0)
		return -1;
	return rcd_channel_day_add(conn, &channel, 0, 1, err);
}

int rcd_history_hold_on(struct rcd_db *db, const struct rcd_job *job,
                        const struct rcd_outbox_in *part, struct rcd_outbox_row *row,
                        struct rcd_err *err)
{
	struct hold_on h = {job, part, row};

	return rcd_db_write(db, add_hold_on, &h, err);
}

struct answered {
	const struct rcd_job *job;
	bool yes;
};

static int is_answered(struct rcd_conn *conn, struct answered *a, struct rcd_err *err)
{
	static const char get[] = "SELECT count(*) FROM turn WHERE tenant_id = $1 AND contact_id = $2"
							  " AND id = $3 AND answered_ms IS NOT NULL";
	int64_t n;

	if (rcd_get_i64(conn, &n, get,
	                RCD_BIND(rcd_i64(a->job->tenant), rcd_i64(a->job->contact_id),
	                         rcd_i64(a->job->turn_id)),
	                err) != 0)
		return -1;
	a->yes = n != 0;
	return 0;
}

int rcd_history_answered(struct rcd_db *db, const struct rcd_job *job, bool *answered,
                         struct rcd_err *err)
{
	struct answered a = {.job = job};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = is_answered(read.conn, &a, err);
	if (read.ret != 0)
		return -1;
	*answered = a.yes;
	return 0;
}

/* --- finish --------------------------------------------------------------------------- */

struct finish {
	const struct rcd_job *job;
	const struct rcd_outbox_move *last; /* NULL: stored */
	struct rcd_sv trace;
	int64_t now;
};

/* Is this the contact's first conversation of the day? The turns before it lie beside it. */
static int first_of_day(struct rcd_conn *conn, const struct finish *f, bool *first,
                        struct rcd_err *err)
{
	static const char before[] =
		"SELECT coalesce((SELECT finished_ms FROM turn WHERE tenant_id = $1"
		" AND contact_id = $2 AND id < $3 AND finished_ms IS NOT NULL ORDER BY id DESC LIMIT 1), "
		"0)";
	enum rcd_owner owner;
	int64_t ms;

	/* one who writes on two channels may have two turns that end at this moment */
	if (rcd_owner_hold(conn, f->job->tenant, f->job->contact_id, &owner, err) != 0 ||
	    rcd_get_i64(conn, &ms, before,
	                RCD_BIND(rcd_i64(f->job->tenant), rcd_i64(f->job->contact_id),
	                         rcd_i64(f->job->turn_id)),
	                err) != 0)
		return -1;
	*first = rcd_tally_day(ms) != rcd_tally_day(f->now);
	return 0;
}

static int show_turn(struct rcd_conn *conn, const struct finish *f, int64_t *audio,
                     struct rcd_err *err)
{
	static const char set[] =
		"UPDATE turn SET finished_ms = $4 WHERE tenant_id = $1 AND contact_id = $2"
		" AND id = $3 AND finished_ms IS NULL RETURNING audio";
	static const char trace[] =
		"INSERT INTO turn_trace(turn_id, tenant_id, trace) VALUES($1, $2, $3)"
		" ON CONFLICT(turn_id) DO UPDATE SET trace = excluded.trace";
	const struct rcd_job *job = f->job;

	if (rcd_get_i64(conn, audio, set,
	                RCD_BIND(rcd_i64(job->tenant), rcd_i64(job->contact_id), rcd_i64(job->turn_id),
	                         rcd_i64(f->now)),
	                err) != 0)
		return -1;
	return rcd_exec(conn, NULL, trace,
	                RCD_BIND(rcd_i64(job->turn_id), rcd_i64(job->tenant), rcd_text(f->trace)), err);
}

/* A turn's work is its messages. Those that came between claim and gather moved the job's
 * rev on, but this turn has answered them; those beyond RCD_MAX_TURN_MESSAGES did not, but
 * wait. So what decides is whether any message of the sender has no turn yet. */
int rcd_history_job_done(struct rcd_conn *conn, const struct rcd_job *job, struct rcd_err *err)
{
	static const char rev[] = "SELECT rev FROM job WHERE tenant_id = $1 AND kind = $2 AND key = $3";
	struct rcd_job now = *job;
	int64_t more;

	if (rcd_get_i64(conn, &more, waiting, RCD_BIND(rcd_i64(job->tenant), rcd_str(job->key)), err) !=
	        0 ||
	    rcd_get_i64(conn, &now.rev, rev,
	                RCD_BIND(rcd_i64(job->tenant), rcd_str(job->kind), rcd_str(job->key)),
	                err) != 0)
		return -1;
	if (more)
		now.rev = -1;
	return rcd_job_finish(conn, &now, err);
}

static int finish_turn(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	const struct finish *f = arg;
	struct rcd_tally more = {.conversations = 1};
	bool first;

	if (rcd_job_check(conn, f->job, err) != 0)
		return -1;
	if (f->last != NULL && rcd_outbox_mark_in(conn, f->last, err) != 0 && err->code != RCD_EXISTS)
		return -1;                                 /* RCD_EXISTS: a callback was quicker */
	if (show_turn(conn, f, &more.audio, err) != 0) /* a dead letter's second life: it is counted */
		return err->code == RCD_NOENT ? rcd_history_job_done(conn, f->job, err) : -1;
	if (first_of_day(conn, f, &first, err) != 0)
		return -1;
	more.users = first;
	if (rcd_tally_add(conn, f->job->tenant, f->now, &more, err) != 0)
		return -1;
	return rcd_history_job_done(conn, f->job, err);
}

int rcd_history_finish_with(struct rcd_db *db, const struct rcd_job *job, struct rcd_sv trace,
                            const struct rcd_outbox_move *last, struct rcd_err *err)
{
	struct finish f = {.job = job, .last = last, .trace = trace, .now = rcd_now_ms()};

	return rcd_db_write(db, finish_turn, &f, err);
}

int rcd_history_finish(struct rcd_db *db, const struct rcd_job *job, struct rcd_sv trace,
                       struct rcd_err *err)
{
	return rcd_history_finish_with(db, job, trace, NULL, err);
}

/* --- giving up ------------------------------------------------------------------------- */

struct die {
	const struct rcd_job *job;
	const char *why;
	int code;
};

static int fail_turn(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	const struct die *d = arg;
	bool named = strcmp(d->job->kind, RCD_JOB_TURN) == 0; /* others have another key */
	struct rcd_dead_in dead = {.tenant = d->job->tenant,
	                           .kind = RCD_DEAD_TURN,
	                           .sender = named ? rcd_sv(d->job->key) : rcd_sv(NULL),
	                           .code = d->code,
	                           .why = d->why};

	/* the claim does not know of a turn that was begun since */
	if (find_begun(conn, d->job, &dead.turn_id, &dead.contact_id, err) != 0)
		return -1;
	/* without a turn its messages would wait for one again, and fail again, for ever */
	if ((dead.turn_id == 0 && named ? rcd_inbox_settle_waiting(conn, d->job, d->why, err)
	                                : rcd_dead_add(conn, &dead, err)) != 0)
		return -1;
	return rcd_history_job_done(conn, d->job, err);
}

int rcd_history_die(struct rcd_db *db, const struct rcd_job *job, const char *why, int code,
                    struct rcd_err *err)
{
	struct die d = {job, why, code};

	return rcd_db_write(db, fail_turn, &d, err);
}
