/* Claiming jobs. On an engine with parallel writers a row that somebody else is looking at is
 * passed over (SKIP LOCKED), so that claimers never wait for each other; one writer has no
 * need for it. Times are the store's. */
#include "store/job.h"

#include "base/clock.h"
#include "store/driver.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS                                                                                    \
	"tenant_id, kind, key, fence, rev, turn_id, contact_id, due_ms, attempts, cancels, ahead"

/* An expired lease counts as a failed attempt: state is 1 then. Fences are new ids:
 * they grow, and stay unique even when a finished job's row is gone and another one of the same
 * name is made. $1 now, $2 owner, $3 end of the lease, $4 first of the fences, $5 how many. What
 * may run ahead of its time ($6: how many) comes behind all that is due. */
/* clang-format off */
#define LEASE(i) \
	"UPDATE job SET state = 1, owner = $2, lease_until_ms = $3, attempts = attempts + state," \
	" claimed_rev = rev, joined = 0," \
	" fence = CASE WHEN fence < $4 + " i " THEN $4 + " i " ELSE fence + 1 END"
#define CLAIM(unlocked) \
	"WITH ready AS (SELECT tenant_id AS t, kind AS k, key AS y, due_ms AS d FROM job" \
	"  WHERE state = 0 AND due_ms <= $1 ORDER BY due_ms LIMIT $5" unlocked ")," \
	" orphan AS (SELECT tenant_id AS t, kind AS k, key AS y, due_ms AS d FROM job" \
	"  WHERE state = 1 AND lease_until_ms <= $1 ORDER BY lease_until_ms LIMIT $5" unlocked ")," \
	" early AS (SELECT tenant_id AS t, kind AS k, key AS y, due_ms AS d FROM job" \
	"  WHERE state = 0 AND ahead = 1 AND due_ms > $1 ORDER BY due_ms LIMIT $6" unlocked ")," \
	" due AS (SELECT t, k, y, row_number() OVER () AS i FROM (SELECT t, k, y, d FROM ready" \
	"  UNION ALL SELECT t, k, y, d FROM orphan UNION ALL SELECT t, k, y, d FROM early" \
	"  ORDER BY d LIMIT $5) AS x) " \
	LEASE("due.i") \
	" FROM due WHERE tenant_id = due.t AND kind = due.k AND key = due.y RETURNING " COLUMNS
/* clang-format on */

struct claim {
	int64_t owner;
	int lease_ms;
	int64_t tenant; /* of the named job */
	const char *kind, *key;
	struct rcd_job *out;
	int max, max_ahead, n;
	int64_t fence; /* the claim's fences lie in the max numbers above it */
};

static void copy_text(char *out, size_t size, struct rcd_sv v)
{
	size_t n = v.n < size ? v.n : size - 1;

	if (n > 0)
		memcpy(out, v.p, n);
	out[n] = '\0';
}

static void read_row(struct rcd_conn *conn, struct rcd_q *q, const struct claim *c,
                     struct rcd_job *job)
{
	job->tenant = rcd_q_i64(q, 0);
	copy_text(job->kind, sizeof(job->kind), rcd_q_sv(q, 1));
	copy_text(job->key, sizeof(job->key), rcd_q_sv(q, 2));
	job->fence = rcd_q_i64(q, 3);
	job->rev = rcd_q_i64(q, 4);
	job->turn_id = rcd_q_i64(q, 5);
	job->contact_id = rcd_q_i64(q, 6);
	job->due_ms = rcd_q_i64(q, 7) - rcd_conn_shift(conn);
	job->attempts = (int)rcd_q_i64(q, 8);
	job->cancels = (int)rcd_q_i64(q, 9);
	job->ahead = rcd_q_i64(q, 10) != 0;
	job->lease_ms = c->lease_ms;
}

/* n ids that nobody else is given, and nobody will be: the first of them is one too low. */
static int64_t new_fences(int n)
{
	int64_t first = rcd_id_new();

	while (n-- > 0)
		(void)rcd_id_new();
	return first;
}

static int older_first(const void *a, const void *b)
{
	int64_t x = ((const struct rcd_job *)a)->due_ms, y = ((const struct rcd_job *)b)->due_ms;

	return (x > y) - (x < y);
}

static int claim_rows(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char one_writer[] = CLAIM("");
	static const char many[] = CLAIM(" FOR UPDATE SKIP LOCKED");
	struct claim *c = arg;
	int64_t now = rcd_conn_now(conn);
	struct rcd_q q;
	int row;

	c->n = 0;
	if (rcd_q(&q, conn, conn->engine->one_writer ? one_writer : many,
	          RCD_BIND(rcd_i64(now), rcd_i64(c->owner), rcd_i64(now + c->lease_ms),
	                   rcd_i64(c->fence), rcd_i64(c->max), rcd_i64(c->max_ahead)),
	          err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1 && c->n < c->max)
		read_row(conn, &q, c, &c->out[c->n++]);
	rcd_q_end(&q);
	if (row == 0)
		qsort(c->out, (size_t)c->n, sizeof(*c->out), older_first);
	return row;
}

/* Reads back what a claim got whose COMMIT was sent on a connection that was then lost. */
static int read_claimed(struct rcd_conn *conn, struct claim *c, struct rcd_err *err)
{
	static const char mine[] = "SELECT " COLUMNS " FROM job WHERE state = 1 AND owner = $1"
							   " AND fence > $2 AND fence <= $2 + $3 ORDER BY due_ms LIMIT $3";
	struct rcd_q q;
	int row;

	c->n = 0;
	if (rcd_q(&q, conn, mine, RCD_BIND(rcd_i64(c->owner), rcd_i64(c->fence), rcd_i64(c->max)),
	          err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1)
		read_row(conn, &q, c, &c->out[c->n++]);
	rcd_q_end(&q);
	return row;
}

static int find_claimed(struct rcd_db *db, struct claim *c)
{
	struct rcd_read read = {.db = db};
	struct rcd_err err = {0};

	while (rcd_read_attempt(&read, &err))
		read.ret = read_claimed(read.conn, c, &err);
	return read.ret;
}

/* A look before the write lock is asked for: most rings of the bell find a job gone. Where
 * nobody waits for a lock, an update of nothing is as cheap. */
static int any_due(struct rcd_conn *conn, struct claim *c, struct rcd_err *err)
{
	static const char any[] =
		"SELECT EXISTS(SELECT 1 FROM job WHERE state = 0 AND due_ms <= $1)"
		" OR EXISTS(SELECT 1 FROM job WHERE state = 1 AND lease_until_ms <= $1)"
		" OR ($2 > 0 AND EXISTS(SELECT 1 FROM job WHERE state = 0 AND ahead = 1 AND due_ms > $1))";
	int64_t yes = 1;

	if (conn->engine->one_writer &&
	    rcd_get_i64(conn, &yes, any, RCD_BIND(rcd_i64(rcd_conn_now(conn)), rcd_i64(c->max_ahead)),
	                err) != 0)
		return -1;
	c->n = yes != 0;
	return 0;
}

int rcd_job_claim_ahead(struct rcd_db *db, int64_t owner, int lease_ms, struct rcd_job *out,
                        int max, int max_ahead, int *n, struct rcd_err *err)
{
	struct claim c = {.owner = owner,
	                  .lease_ms = lease_ms,
	                  .out = out,
	                  .max = max,
	                  .max_ahead = max_ahead};
	struct rcd_read read = {.db = db};

	if (max <= 0)
		return rcd_fail(err, RCD_INVAL, 0, "claim of %d jobs", max);
	while (rcd_read_attempt(&read, err))
		read.ret = any_due(read.conn, &c, err);
	if (read.ret != 0)
		return -1;
	c.fence = new_fences(max);
	if (c.n > 0 && rcd_db_write(db, claim_rows, &c, err) != 0 &&
	    (find_claimed(db, &c) != 0 || c.n == 0))
		return -1; /* nothing is ours: the caller backs off instead of trying again at once */
	*n = c.n;
	return 0;
}

int rcd_job_claim(struct rcd_db *db, int64_t owner, int lease_ms, struct rcd_job *out, int max,
                  int *n, struct rcd_err *err)
{
	return rcd_job_claim_ahead(db, owner, lease_ms, out, max, 0, n, err);
}

/* --- by name -------------------------------------------------------------------------- */

static int refuse_kind(struct rcd_conn *conn, const struct claim *c, struct rcd_err *err)
{
	static const char there[] =
		"SELECT count(*) FROM job WHERE tenant_id = $1 AND kind = $2 AND key = $3";
	int64_t n;

	if (rcd_get_i64(conn, &n, there,
	                RCD_BIND(rcd_i64(c->tenant), rcd_str(c->kind), rcd_str(c->key)), err) != 0)
		return -1;
	return n > 0 ? rcd_fail(err, RCD_BUSY, 0, "the job is somebody else's")
	             : rcd_fail(err, RCD_NOENT, 0, "the job is gone");
}

static int claim_one(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	/* clang-format off */
	static const char named[] = LEASE("1")
		" WHERE tenant_id = $5 AND kind = $6 AND key = $7 AND (state = 0 OR lease_until_ms <= $1)"
		" RETURNING " COLUMNS;
	/* clang-format on */
	struct claim *c = arg;
	int64_t now = rcd_conn_now(conn);
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, named,
	          RCD_BIND(rcd_i64(now), rcd_i64(c->owner), rcd_i64(now + c->lease_ms),
	                   rcd_i64(new_fences(1)), rcd_i64(c->tenant), rcd_str(c->kind),
	                   rcd_str(c->key)),
	          err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1)
		read_row(conn, &q, c, c->out);
	rcd_q_end(&q);
	if (row == 0)
		return refuse_kind(conn, c, err);
	return row == 1 ? 0 : -1;
}

int rcd_job_claim_one(struct rcd_db *db, int64_t owner, int lease_ms, int64_t tenant,
                      const char *kind, const char *key, struct rcd_job *out, struct rcd_err *err)
{
	struct rcd_job job = {0};
	struct claim c = {.owner = owner,
	                  .lease_ms = lease_ms,
	                  .out = &job,
	                  .tenant = tenant,
	                  .kind = kind,
	                  .key = key};

	if (rcd_db_write(db, claim_one, &c, err) != 0)
		return -1;
	*out = job;
	return 0;
}
