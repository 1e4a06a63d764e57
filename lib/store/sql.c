/* The half of the SQL layer that is the same for every engine: arguments, rows, and the two
 * statements everybody wants. */
#include "store/driver.h"

#include "base/clock.h"

int rcd_q(struct rcd_q *q, struct rcd_conn *conn, const char *sql, struct rcd_bind bind,
          struct rcd_err *err)
{
	*q = (struct rcd_q){.conn = conn};
	if (bind.n > RCD_MAX_ARGS)
		return rcd_fail(err, RCD_INVAL, 0, "a statement takes at most %d arguments", RCD_MAX_ARGS);
	return conn->engine->start(conn, sql, bind.arg, (int)bind.n, &q->stmt, err);
}

int rcd_q_step(struct rcd_q *q, struct rcd_err *err)
{
	return q->conn->engine->step(q->stmt, err);
}

int64_t rcd_q_i64(struct rcd_q *q, int col)
{
	return q->conn->engine->i64(q->stmt, col);
}

double rcd_q_double(struct rcd_q *q, int col)
{
	return q->conn->engine->dbl(q->stmt, col);
}

bool rcd_q_null(struct rcd_q *q, int col)
{
	return q->conn->engine->null(q->stmt, col);
}

struct rcd_sv rcd_q_sv(struct rcd_q *q, int col)
{
	return q->conn->engine->sv(q->stmt, col);
}

void rcd_q_end(struct rcd_q *q)
{
	if (q->stmt != NULL)
		q->conn->engine->end(q->stmt);
	q->stmt = NULL;
}

int rcd_exec(struct rcd_conn *conn, int64_t *changes, const char *sql, struct rcd_bind bind,
             struct rcd_err *err)
{
	struct rcd_q q;
	int ret = rcd_q(&q, conn, sql, bind, err);

	if (ret == 0 && changes == NULL) {
		ret = conn->engine->run(q.stmt, err);
	} else if (ret == 0) {
		while ((ret = rcd_q_step(&q, err)) == 1)
			continue;
		if (ret == 0)
			*changes = conn->engine->changes(q.stmt);
	}
	rcd_q_end(&q);
	return ret;
}

int rcd_get_i64(struct rcd_conn *conn, int64_t *out, const char *sql, struct rcd_bind bind,
                struct rcd_err *err)
{
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, sql, bind, err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1)
		*out = rcd_q_i64(&q, 0);
	rcd_q_end(&q);
	if (row == 0)
		return rcd_fail(err, RCD_NOENT, 0, "no such row");
	return row == 1 ? 0 : -1;
}

/* --- connections ---------------------------------------------------------------------- */

struct rcd_conn *rcd_conn_close(struct rcd_conn *conn)
{
	if (conn != NULL)
		conn->engine->close(conn);
	return NULL;
}

int rcd_conn_slot(struct rcd_conn *conn, const char *sql)
{
	size_t i = ((uintptr_t)sql >> 3) * 0x9E3779B1u;

	for (size_t step = 0; step < RCD_STATEMENTS; step++) {
		size_t at = (i + step) & (RCD_STATEMENTS - 1);

		if (conn->key[at] == NULL)
			conn->key[at] = sql;
		if (conn->key[at] == sql)
			return (int)at;
	}
	return -1;
}

int64_t rcd_conn_shift(struct rcd_conn *conn)
{
	return conn->engine->shift(conn);
}

int64_t rcd_conn_now(struct rcd_conn *conn)
{
	return rcd_now_ms() + rcd_conn_shift(conn);
}

int rcd_conn_lock_key(struct rcd_conn *conn, struct rcd_sv key, struct rcd_err *err)
{
	uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */

	for (size_t i = 0; i < key.n; i++)
		h = (h ^ (unsigned char)key.p[i]) * 0x100000001b3u;
	return conn->engine->lock_key != NULL ? conn->engine->lock_key(conn, h, err) : 0;
}

int64_t rcd_conn_shard(const struct rcd_conn *conn)
{
	return conn->engine->shard(conn);
}
