/* Jobs: what there is to do, and what becomes of it under its fence. Claiming: claim.c. */
#include "store/job.h"
#include "store/channel_day.h"

#include "base/address.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "store/driver.h"
#include "store/tally.h"

#include <string.h>

/* The first that comes to a leased job speaks for the time after the lease; but one that runs ahead
 * of its time is still in the window that its own first message has opened. Whether that first one
 * has joined holds for those behind it as well: due_ms may be of the next window by then. $7 is
 * now. */
#define AFTER_LEASE                                                                                \
	"job.state = 1 AND job.rev = job.claimed_rev AND (job.ahead = 0 OR job.due_ms <= $7)"

struct put {
	int64_t tenant;
	const char *kind;
	struct rcd_sv key;
	int64_t due_ms, latest_ms, ahead;
};

static int put_job(struct rcd_conn *conn, const struct put *p, struct rcd_err *err)
{
	static const char put[] =
		"INSERT INTO job(tenant_id, kind, key, due_ms, latest_ms, ahead) VALUES($1, $2, $3, $4, "
		"$5, $6)"
		" ON CONFLICT(tenant_id, kind, key) DO UPDATE SET rev = job.rev + 1,"
		" joined = CASE WHEN job.state = 1 AND job.ahead = 1 AND job.rev = job.claimed_rev AND "
		"job.due_ms > $7"
		"  THEN 1 ELSE job.joined END,"
		" ahead = CASE WHEN " AFTER_LEASE " OR excluded.ahead < job.ahead"
		"  THEN excluded.ahead ELSE job.ahead END,"
		" latest_ms = CASE WHEN " AFTER_LEASE " THEN excluded.latest_ms ELSE job.latest_ms END,"
		" due_ms = CASE WHEN " AFTER_LEASE " THEN excluded.due_ms"
		"  WHEN excluded.due_ms < job.due_ms THEN excluded.due_ms"
		"  WHEN job.attempts > 0 THEN job.due_ms"
		"  WHEN excluded.due_ms <= job.latest_ms THEN excluded.due_ms"
		"  WHEN job.latest_ms > job.due_ms THEN job.latest_ms"
		"  ELSE job.due_ms END";
	int64_t shift;

	if (p->key.n == 0 || p->key.n > RCD_MAX_ADDRESS || memchr(p->key.p, '\0', p->key.n) != NULL)
		return rcd_fail(err, RCD_LIMIT, 0, "key of a job: 1 to %d bytes", RCD_MAX_ADDRESS);
	shift = rcd_conn_shift(conn);
	return rcd_exec(conn, NULL, put,
	                RCD_BIND(rcd_i64(p->tenant), rcd_str(p->kind), rcd_text(p->key),
	                         rcd_i64(p->due_ms + shift), rcd_i64(p->latest_ms + shift),
	                         rcd_i64(p->ahead), rcd_i64(rcd_conn_now(conn))),
	                err);
}

int rcd_job_put(struct rcd_conn *conn, int64_t tenant, const char *kind, struct rcd_sv key,
                int64_t due_ms, int64_t latest_ms, struct rcd_err *err)
{
	const struct put p = {tenant, kind, key, due_ms, latest_ms, 0};

	return put_job(conn, &p, err);
}

int rcd_job_put_ahead(struct rcd_conn *conn, int64_t tenant, const char *kind, struct rcd_sv key,
                      int64_t due_ms, int64_t latest_ms, struct rcd_err *err)
{
	const struct put p = {tenant, kind, key, due_ms, latest_ms, 1};

	return put_job(conn, &p, err);
}

int rcd_job_resume(struct rcd_conn *conn, int64_t tenant, const char *kind, struct rcd_sv key,
                   int64_t turn_id, int64_t contact_id, struct rcd_err *err)
{
	static const char put[] =
		"INSERT INTO job(tenant_id, kind, key, due_ms, turn_id, contact_id)"
		" VALUES($1, $2, $3, $4, $5, $6)"
		" ON CONFLICT(tenant_id, kind, key) DO UPDATE SET rev = job.rev + 1, due_ms = "
		"excluded.due_ms,"
		" turn_id = excluded.turn_id, contact_id = excluded.contact_id"
		" WHERE job.state = 0 AND job.turn_id = 0";
	int64_t n;

	if (rcd_exec(conn, &n, put,
	             RCD_BIND(rcd_i64(tenant), rcd_str(kind), rcd_text(key),
	                      rcd_i64(rcd_conn_now(conn)), rcd_i64(turn_id), rcd_i64(contact_id)),
	             err) != 0)
		return -1;
	return n == 1 ? 0
	              : rcd_fail(err, RCD_BUSY, 0,
	                         "this contact has a turn under way; try again when it is over");
}

/* --- with the fence ------------------------------------------------------------------- */

#define MINE " WHERE tenant_id = $1 AND kind = $2 AND key = $3 AND fence = $4 AND state = 1"

static int fail_lost(struct rcd_err *err)
{
	return rcd_fail(err, RCD_CANCELLED, 0, "the job has passed to somebody else");
}

int rcd_job_check(struct rcd_conn *conn, const struct rcd_job *job, struct rcd_err *err)
{
	/* a write that changes nothing holds the row on every engine */
	static const char mine[] = "UPDATE job SET owner = owner" MINE;
	int64_t n;

	if (rcd_exec(conn, &n, mine,
	             RCD_BIND(rcd_i64(job->tenant), rcd_str(job->kind), rcd_str(job->key),
	                      rcd_i64(job->fence)),
	             err) != 0)
		return -1;
	return n == 1 ? 0 : fail_lost(err);
}

int rcd_job_hold(struct rcd_conn *conn, const struct rcd_job *job, struct rcd_err *err)
{
	static const char set[] =
		"UPDATE job SET lease_until_ms = CASE WHEN lease_until_ms < $5 THEN $5"
		" ELSE lease_until_ms END" MINE;
	int64_t n;

	if (rcd_exec(conn, &n, set,
	             RCD_BIND(rcd_i64(job->tenant), rcd_str(job->kind), rcd_str(job->key),
	                      rcd_i64(job->fence), rcd_i64(rcd_conn_now(conn) + job->lease_ms)),
	             err) != 0)
		return -1;
	return n == 1 ? 0 : fail_lost(err);
}

int rcd_job_finish(struct rcd_conn *conn, const struct rcd_job *job, struct rcd_err *err)
{
	static const char gone[] = "DELETE FROM job" MINE " AND rev = $5";
	static const char again[] =
		"UPDATE job SET state = 0, owner = 0, turn_id = 0, contact_id = 0, attempts = 0,"
		" cancels = 0, last_error = NULL" MINE;
	int64_t n;

	if (rcd_exec(conn, &n, gone,
	             RCD_BIND(rcd_i64(job->tenant), rcd_str(job->kind), rcd_str(job->key),
	                      rcd_i64(job->fence), rcd_i64(job->rev)),
	             err) != 0)
		return -1;
	if (n == 1)
		return 0;
	if (rcd_exec(conn, &n, again,
	             RCD_BIND(rcd_i64(job->tenant), rcd_str(job->kind), rcd_str(job->key),
	                      rcd_i64(job->fence)),
	             err) != 0)
		return -1;
	return n == 1 ? 0 : fail_lost(err);
}

struct retry {
	const struct rcd_job *job;
	int64_t due_ms;
	const char *why;
	int64_t failed; /* 1: it counts as an attempt */
};

static int retry_job(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char set[] =
		"UPDATE job SET state = 0, owner = 0, last_error = $6,"
		" due_ms = CASE WHEN ahead = 1 AND due_ms > $5 THEN due_ms ELSE $5 END,"
		" attempts = attempts + $7, ahead = 0" MINE;
	const struct retry *r = arg;
	int64_t n;

	if (rcd_exec(conn, &n, set,
	             RCD_BIND(rcd_i64(r->job->tenant), rcd_str(r->job->kind), rcd_str(r->job->key),
	                      rcd_i64(r->job->fence), rcd_i64(r->due_ms + rcd_conn_shift(conn)),
	                      rcd_str(r->why), rcd_i64(r->failed)),
	             err) != 0)
		return -1;
	return n == 1 ? 0 : fail_lost(err);
}

int rcd_job_retry(struct rcd_db *db, const struct rcd_job *job, int64_t due_ms, const char *why,
                  struct rcd_err *err)
{
	struct retry r = {.job = job, .due_ms = due_ms, .why = why, .failed = 1};

	return rcd_db_write(db, retry_job, &r, err);
}

int rcd_job_wait(struct rcd_db *db, const struct rcd_job *job, int64_t due_ms, struct rcd_err *err)
{
	struct retry r = {.job = job, .due_ms = due_ms};

	return rcd_db_write(db, retry_job, &r, err);
}

struct yield {
	const struct rcd_job *job;
	const struct rcd_job_lost *lost;
};

static int yield_job(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char set[] =
		"UPDATE job SET state = 0, owner = 0, cancels = cancels + 1 - joined" MINE;
	const struct yield *y = arg;
	const struct rcd_channel channel = {y->job->tenant, rcd_address_channel(rcd_sv(y->job->key))};
	const struct rcd_tally more = {.ahead_abandoned = y->lost->calls,
	                               .ahead_tokens = y->lost->tokens};
	int64_t n;

	if (rcd_exec(conn, &n, set,
	             RCD_BIND(rcd_i64(y->job->tenant), rcd_str(y->job->kind), rcd_str(y->job->key),
	                      rcd_i64(y->job->fence)),
	             err) != 0)
		return -1;
	if (n != 1)
		return fail_lost(err);
	if (rcd_channel_day_add(conn, &channel, y->lost->requests, 0, err) != 0)
		return -1;
	return y->lost->calls > 0 ? rcd_tally_add(conn, y->job->tenant, rcd_now_ms(), &more, err) : 0;
}

int rcd_job_yield(struct rcd_db *db, const struct rcd_job *job, const struct rcd_job_lost *lost,
                  struct rcd_err *err)
{
	struct yield y = {job, lost};

	return rcd_db_write(db, yield_job, &y, err);
}

struct named {
	int64_t tenant;
	const char *kind, *key;
};

static int hasten_job(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char set[] =
		"UPDATE job SET due_ms = $4 WHERE tenant_id = $1 AND kind = $2 AND key = $3"
		" AND due_ms > $4 AND attempts = 0";
	const struct named *n = arg;

	return rcd_exec(conn, NULL, set,
	                RCD_BIND(rcd_i64(n->tenant), rcd_str(n->kind), rcd_str(n->key),
	                         rcd_i64(rcd_conn_now(conn))),
	                err);
}

int rcd_job_hasten(struct rcd_db *db, int64_t tenant, const char *kind, const char *key,
                   struct rcd_err *err)
{
	struct named n = {tenant, kind, key};

	return rcd_db_write(db, hasten_job, &n, err);
}

struct moved {
	int64_t owner, *fence;
	int cancels, max, n;
};

static int find_moved(struct rcd_conn *conn, struct moved *m, struct rcd_err *err)
{
	static const char get[] = "SELECT fence FROM job WHERE state = 1 AND owner = $1"
							  " AND rev <> claimed_rev AND (joined = 1 OR cancels < $3) LIMIT $2";
	struct rcd_q q;
	int row;

	m->n = 0;
	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(m->owner), rcd_i64(m->max), rcd_i64(m->cancels)),
	          err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1)
		m->fence[m->n++] = rcd_q_i64(&q, 0);
	rcd_q_end(&q);
	return row;
}

int rcd_job_moved(struct rcd_db *db, int64_t owner, int cancels, int64_t *fence, int max, int *n,
                  struct rcd_err *err)
{
	struct moved m = {.owner = owner, .fence = fence, .cancels = cancels, .max = max};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = find_moved(read.conn, &m, err);
	if (read.ret != 0)
		return -1;
	*n = m.n;
	return 0;
}

/* --- owners --------------------------------------------------------------------------- */

struct owner {
	int64_t id, n;
};

struct renewal {
	const struct rcd_job *job;
	size_t n;
	int lease_ms;
};

static int renew_leases(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char set[] = "UPDATE job SET lease_until_ms = $5" MINE;
	const struct renewal *r = arg;
	int64_t until = rcd_conn_now(conn) + r->lease_ms;

	for (size_t i = 0; i < r->n; i++)
		if (rcd_exec(conn, NULL, set,
		             RCD_BIND(rcd_i64(r->job[i].tenant), rcd_str(r->job[i].kind),
		                      rcd_str(r->job[i].key), rcd_i64(r->job[i].fence), rcd_i64(until)),
		             err) != 0)
			return -1;
	return 0;
}

int rcd_job_renew(struct rcd_db *db, const struct rcd_job *job, size_t n, int lease_ms,
                  struct rcd_err *err)
{
	struct renewal r = {.job = job, .n = n, .lease_ms = lease_ms};

	return rcd_db_write(db, renew_leases, &r, err);
}

#define HOST_UNIT 2147483648 /* an owner is its host's number times this, and 31 bits by chance */

int64_t rcd_job_owner(int64_t host)
{
	uint32_t r;

	rcd_random(&r, sizeof(r));
	return host * HOST_UNIT + 1 + (int64_t)(r % (HOST_UNIT - 1));
}

/* A process that dies alone may have been killed by its jobs; one that ends with its master was
 * not. A window that is still open stays open. */
#define RELEASE(attempts)                                                                          \
	"UPDATE job SET state = 0, owner = 0, attempts = " attempts ","                                \
	" due_ms = CASE WHEN due_ms < $1 OR ahead = 1 THEN due_ms ELSE $1 END WHERE state = 1"

static int release_jobs(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char set[] = RELEASE("attempts + 1") " AND owner = $2";
	struct owner *o = arg;

	return rcd_exec(conn, &o->n, set, RCD_BIND(rcd_i64(rcd_conn_now(conn)), rcd_i64(o->id)), err);
}

int rcd_job_release(struct rcd_db *db, int64_t owner, int64_t *released, struct rcd_err *err)
{
	struct owner o = {.id = owner};

	if (rcd_db_write(db, release_jobs, &o, err) != 0)
		return -1;
	*released = o.n;
	return 0;
}

/* A store that is a file has no other hosts. */
static int release_host(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char all[] = RELEASE("attempts");
	static const char of_host[] = RELEASE("attempts") " AND owner / 2147483648 = $2";
	struct owner *o = arg;

	if (conn->engine->one_writer)
		return rcd_exec(conn, &o->n, all, RCD_BIND(rcd_i64(rcd_conn_now(conn))), err);
	return rcd_exec(conn, &o->n, of_host, RCD_BIND(rcd_i64(rcd_conn_now(conn)), rcd_i64(o->id)),
	                err);
}

int rcd_job_release_host(struct rcd_db *db, int64_t host, int64_t *released, struct rcd_err *err)
{
	struct owner o = {.id = host};

	if (rcd_db_write(db, release_host, &o, err) != 0)
		return -1;
	*released = o.n;
	return 0;
}

static int find_next_due(struct rcd_conn *conn, int64_t *out, struct rcd_err *err)
{
	static const char first[] = "SELECT min(due_ms) FROM job WHERE state = 0"
								" UNION ALL SELECT min(lease_until_ms) FROM job WHERE state = 1";
	struct rcd_q q;
	int row;

	*out = INT64_MAX;
	if (rcd_q(&q, conn, first, RCD_BIND(), err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1)
		if (!rcd_q_null(&q, 0) && rcd_q_i64(&q, 0) < *out)
			*out = rcd_q_i64(&q, 0);
	rcd_q_end(&q);
	if (*out != INT64_MAX)
		*out -= rcd_conn_shift(conn);
	return row;
}

int rcd_job_next(struct rcd_db *db, int64_t *due_ms, struct rcd_err *err)
{
	struct rcd_read read = {.db = db};
	int64_t ms = INT64_MAX;

	while (rcd_read_attempt(&read, err))
		read.ret = find_next_due(read.conn, &ms, err);
	if (read.ret != 0)
		return -1;
	*due_ms = ms;
	return 0;
}
