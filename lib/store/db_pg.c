/* The PostgreSQL engine: transactions and statements over a session.
 *
 * Everything lives in the schema "recado"; "public" is never touched. A statement is queued
 * when it starts and sent when somebody wants to know what came of it, so BEGIN travels with
 * the first one, statements nobody asks about with the next, and a read's end with the next
 * transaction: one round trip where there could be three.
 *
 * Behind a transaction pooler every transaction may meet another server process. Such a
 * pooler is recognized by the process id it makes up. Then the settings are made inside each
 * transaction and no statement is named; on a direct connection both are done once. Who waits
 * for a lock gives up after ten seconds; who holds one and was stopped (a suspended machine,
 * SIGSTOP) loses it after five. */
#include "base/clock.h"
#include "store/fts.h"
#include "store/pg_session.h"
#include "store/schema.h"

#include <stdlib.h>
#include <string.h>

#define CLOCK_MS 5000     /* how long the server's clock is extrapolated by ours */
#define SAME_CLOCK_MS 100 /* machines that keep time differ by less */
#define SHARDS 64

static struct rcd_session *session_of(struct rcd_conn *conn)
{
	return (struct rcd_session *)conn;
}

/* --- the clock ------------------------------------------------------------------------ */

/* Asked once in a while only, and only of a transaction that compares times. */
static int64_t get_shift(struct rcd_conn *c)
{
	struct rcd_session *s = session_of(c);
	int64_t d;
	int backend;

	if (rcd_mono_ms() - s->at_ms > CLOCK_MS && !s->failed)
		(void)rcd_session_clock(s, &backend,
		                        RCD_UNREAD_ERR); /* a failure shows with the next statement */
	d = s->clock_ms + (rcd_mono_ms() - s->at_ms) - rcd_now_ms();
	return d > -SAME_CLOCK_MS && d < SAME_CLOCK_MS ? 0 : d;
}

/* Live backends have different process ids; two that share a shard only wait for each other. */
static int64_t get_shard(const struct rcd_conn *c)
{
	return rcd_pq_backend(((const struct rcd_session *)c)->pq) % SHARDS;
}

/* An identity counts by itself and does not look at what is there. */
static int ids_after(struct rcd_conn *c, const char *table, int64_t last, struct rcd_err *err)
{
	static const char set[] = "SELECT setval(pg_get_serial_sequence($1, 'id'), $2)";
	int64_t n;

	return rcd_get_i64(c, &n, set, RCD_BIND(rcd_str(table), rcd_i64(last)), err);
}

/* --- opening -------------------------------------------------------------------------- */

static void close_session(struct rcd_conn *c)
{
	struct rcd_session *s = session_of(c);

	if (s->pq != NULL)
		(void)rcd_session_collect(s, RCD_UNREAD_ERR); /* a server that cannot answer complains in
		                                                 its log */
	for (int i = 0; i < RCD_STATEMENTS; i++)
		rcd_pq_free(s->stmt[i].res);
	rcd_pq_close(s->pq);
	free(s);
}

static int greet_server(struct rcd_session *s, struct rcd_err *err)
{
	int backend = 0;

	if (rcd_session_clock(s, &backend, err) != 0)
		return -1;
	s->direct = backend == rcd_pq_backend(s->pq);
	if (!s->direct)
		return 0;
	/* BEGIN may not come behind a query in the same series */
	return rcd_session_settings(s, false, err) == 0 ? rcd_session_mark(s, err) : -1;
}

static int open_session(struct rcd_conn **out, const char *url, enum rcd_conn_use use,
                        struct rcd_err *err)
{
	struct rcd_session *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return rcd_fail_nomem(err);
	s->base.engine = &rcd_pg;
	(void)use; /* any connection can do all */
	if (rcd_pq_open(&s->pq, url, err) == 0 && greet_server(s, err) == 0) {
		*out = &s->base;
		return 0;
	}
	close_session(&s->base);
	return -1;
}

static bool is_alive(struct rcd_conn *c)
{
	return rcd_pq_alive(session_of(c)->pq);
}

static bool is_broken(const struct rcd_conn *c)
{
	return ((const struct rcd_session *)c)->broken;
}

static bool can_repeat(const struct rcd_conn *c)
{
	return ((const struct rcd_session *)c)->again;
}

/* --- transactions --------------------------------------------------------------------- */

static int begin_transaction(struct rcd_conn *c, bool writes, struct rcd_err *err)
{
	struct rcd_session *s = session_of(c);

	(void)err;
	s->writes = writes;
	s->begin_due = true;
	s->delivered = s->again = s->failed = s->committing = false;
	return 0;
}

/* Levels and modes are said: a server or role may have others as its defaults. */
static int begin_now(struct rcd_session *s, struct rcd_err *err)
{
	static const char write[] = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
	static const char read[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

	s->begin_due = false;
	s->in_txn = true;
	if (rcd_session_queue(s, s->writes ? write : read, NULL, 0, NULL, err) != 0)
		return -1;
	return s->direct ? 0 : rcd_session_settings(s, true, err);
}

static void end_transaction(struct rcd_session *s)
{
	s->begin_due = s->in_txn = s->committing = false;
}

/* The transaction of a failed statement is not committed by the server, but rolled back. */
static int commit_transaction(struct rcd_conn *c, struct rcd_err *err)
{
	struct rcd_session *s = session_of(c);
	struct rcd_pg_stmt st = {.session = s};
	int ret = -1;

	if (s->begin_due || s->failed) {
		if (s->failed)
			c->engine->rollback(c);
		end_transaction(s);
		return s->failed ? rcd_session_fail(s, err) : 0;
	}
	if (rcd_session_queue(s, "COMMIT", NULL, 0, &st, err) == 0) {
		s->committing = true;
		ret = rcd_session_collect(s, err);
	}
	if (ret == 0 && !(st.fetched && rcd_pq_tag(st.res, "COMMIT")))
		ret = rcd_fail(err, RCD_IO, 0, "store: PostgreSQL did not commit");
	rcd_pq_free(st.res);
	if (ret != 0 && !s->broken)
		c->engine->rollback(c);
	end_transaction(s);
	return ret;
}

/* Nobody waits for a read's end: its result is taken with the next transaction's. */
static void roll_back(struct rcd_conn *c)
{
	struct rcd_session *s = session_of(c);
	bool failed = s->failed, again_ = s->again;
	struct rcd_err why = s->err;

	s->failed = false;
	/* in one series with a statement that fails it would be skipped */
	if (s->in_txn && !s->broken && s->n_queued > 0)
		(void)rcd_session_mark(s, RCD_UNREAD_ERR);
	if (s->in_txn && !s->broken &&
	    rcd_session_queue(s, "ROLLBACK", NULL, 0, NULL, RCD_UNREAD_ERR) == 0) {
		if (s->writes || failed)
			(void)rcd_session_collect(s, RCD_UNREAD_ERR);
		else
			(void)rcd_session_mark(s, RCD_UNREAD_ERR);
	}
	end_transaction(s);
	s->failed = failed;
	s->again = again_;
	s->err = why;
}

/* --- statements ----------------------------------------------------------------------- */

static void end_statement(void *stmt)
{
	struct rcd_pg_stmt *st = stmt;

	rcd_session_forget(st->session, st);
	rcd_pq_free(st->res);
	st->res = NULL;
	st->fetched = st->in_use = false;
}

static int start_statement(struct rcd_conn *c, const char *sql, const struct rcd_arg *arg, int n,
                           void **stmt, struct rcd_err *err)
{
	int slot = rcd_conn_slot(c, sql);
	struct rcd_session *s = session_of(c);
	struct rcd_pg_stmt *st = slot >= 0 ? &s->stmt[slot] : NULL;

	if (st == NULL || st->in_use)
		return rcd_fail(err, RCD_INVAL, 0,
		                st == NULL ? "store: too many different statements"
		                           : "store: the statement is in use already");
	if (s->failed)
		return rcd_session_fail(s, err);
	if (s->begin_due && begin_now(s, err) != 0)
		return -1;
	st->session = s;
	st->row = -1;
	if ((s->direct ? rcd_session_queue_named(s, st, sql, arg, n, err)
	               : rcd_session_queue(s, sql, arg, n, st, err)) != 0)
		return -1;
	st->in_use = true;
	*stmt = st;
	return 0;
}

/* What rcd_q_* can read: a sum() or extract() without CAST is a trap found here. */
static int check_types(const void *res, struct rcd_err *err)
{
	for (int i = 0; i < rcd_pq_cols(res); i++) {
		switch (rcd_pq_type(res, i)) {
		case RCD_PQ_BOOL:
		case RCD_PQ_BYTEA:
		case RCD_PQ_NAME:
		case RCD_PQ_INT2:
		case RCD_PQ_INT4:
		case RCD_PQ_INT8:
		case RCD_PQ_TEXT:
		case RCD_PQ_VARCHAR:
		case RCD_PQ_FLOAT8:
			break;
		default:
			return rcd_fail(err, RCD_INVAL, 0, "store: column %d has a type that needs a CAST", i);
		}
	}
	return 0;
}

static int fetch_result(struct rcd_pg_stmt *st, struct rcd_err *err)
{
	if (st->session->failed)
		return rcd_session_fail(st->session, err);
	if (rcd_session_collect(st->session, err) != 0)
		return -1;
	return st->fetched ? 0 : rcd_fail(err, RCD_IO, 0, "store: PostgreSQL gave no result");
}

static int step_statement(void *stmt, struct rcd_err *err)
{
	struct rcd_pg_stmt *st = stmt;

	if (!st->fetched && fetch_result(st, err) != 0)
		return -1;
	if (st->row < 0 && check_types(st->res, err) != 0)
		return -1;
	if (++st->row >= rcd_pq_rows(st->res))
		return 0;
	st->session->delivered = true;
	return 1;
}

/* It stays in the queue: see the head of this file. */
static int run_statement(void *stmt, struct rcd_err *err)
{
	struct rcd_pg_stmt *st = stmt;

	return st->session->failed ? rcd_session_fail(st->session, err) : 0;
}

static int64_t read_i64(void *stmt, int col)
{
	const struct rcd_pg_stmt *st = stmt;

	return rcd_pq_number(rcd_pq_value(st->res, st->row, col));
}

static double read_double(void *stmt, int col)
{
	int64_t bits = read_i64(stmt, col);
	double d;

	memcpy(&d, &bits, sizeof(d));
	return rcd_pq_type(((struct rcd_pg_stmt *)stmt)->res, col) == RCD_PQ_FLOAT8 ? d : (double)bits;
}

static struct rcd_sv read_text(void *stmt, int col)
{
	const struct rcd_pg_stmt *st = stmt;

	return rcd_pq_value(st->res, st->row, col);
}

static bool is_null(void *stmt, int col)
{
	return read_text(stmt, col).p == NULL;
}

static int64_t read_changes(void *stmt)
{
	return rcd_pq_changes(((struct rcd_pg_stmt *)stmt)->res);
}

static int lock_key(struct rcd_conn *c, uint64_t key, struct rcd_err *err)
{
	return rcd_exec(c, NULL, "SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)",
	                RCD_BIND(rcd_i64((int64_t)key)), err);
}

/* --- schema --------------------------------------------------------------------------- */

/* The number is any that nobody else uses. The schema is only made when it is not there, for
 * a role that may not make one but owns it. */
static int prepare_schema(struct rcd_conn *c, struct rcd_err *err)
{
	static const char wait[] = "SELECT set_config('lock_timeout', '60s', true),"
							   " CAST(pg_advisory_xact_lock(7238259) AS TEXT)";
	static const char there[] = "SELECT count(*) FROM pg_namespace WHERE nspname = 'recado'";
	static const char version[] =
		"CREATE TABLE IF NOT EXISTS recado.schema_version(version BIGINT NOT NULL)";
	int64_t n;

	if (rcd_exec(c, NULL, wait, RCD_BIND(), err) != 0 ||
	    rcd_get_i64(c, &n, there, RCD_BIND(), err) != 0)
		return -1;
	if (n == 0 && rcd_exec(c, NULL, "CREATE SCHEMA recado", RCD_BIND(), err) != 0)
		return -1;
	return rcd_exec(c, NULL, version, RCD_BIND(), err);
}

static int read_version(struct rcd_conn *c, int *out, struct rcd_err *err)
{
	static const char there[] =
		"SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
		" WHERE n.nspname = 'recado' AND c.relname = 'schema_version'";
	static const char get[] = "SELECT coalesce(max(version), 0) FROM recado.schema_version";
	int64_t n;

	if (rcd_get_i64(c, &n, there, RCD_BIND(), err) != 0)
		return -1;
	if (n == 0)
		return rcd_fail(err, RCD_NOENT, 0, "the database has no schema recado yet");
	if (rcd_get_i64(c, &n, get, RCD_BIND(), err) != 0)
		return -1;
	*out = (int)n;
	return 0;
}

static int run_script(struct rcd_conn *c, const char *sql, int to, struct rcd_err *err)
{
	struct rcd_session *s = session_of(c);

	if (rcd_session_collect(s, err) != 0 || rcd_pq_script(s->pq, sql, err) != 0 ||
	    rcd_exec(c, NULL, "DELETE FROM recado.schema_version", RCD_BIND(), err) != 0)
		return -1;
	return rcd_exec(c, NULL, "INSERT INTO recado.schema_version VALUES($1)", RCD_BIND(rcd_i64(to)),
	                err);
}

const struct rcd_engine rcd_pg = {
	.schema = rcd_schema_pg,
	.fts = &rcd_fts_pg,
	.open = open_session,
	.close = close_session,
	.alive = is_alive,
	.begin = begin_transaction,
	.commit = commit_transaction,
	.rollback = roll_back,
	.broken = is_broken,
	.again = can_repeat,
	.ids_after = ids_after,
	.shift = get_shift,
	.shard = get_shard,
	.lock_key = lock_key,
	.scrub = rcd_pg_scrub,
	.prepare = prepare_schema,
	.version = read_version,
	.script = run_script,
	.start = start_statement,
	.step = step_statement,
	.run = run_statement,
	.end = end_statement,
	.changes = read_changes,
	.i64 = read_i64,
	.dbl = read_double,
	.null = is_null,
	.sv = read_text,
};
