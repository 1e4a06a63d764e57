#ifndef RCD_STORE_SQL_H
#define RCD_STORE_SQL_H

#include "base/err.h"
#include "store/bind.h"

/* Statements and rows, the same for every engine. */

struct rcd_conn; /* one connection, borrowed by the function that is given it */

/* fn does SQL on conn and nothing that waits for anything else. It returns 0 to be
 * committed, -1 (err filled) to be undone. It may run on another thread, and on a server's
 * database more than once (a deadlock, a connection lost before the commit): it sets at its
 * beginning what it counts or fills. */
typedef int rcd_db_fn(struct rcd_conn *conn, void *arg, struct rcd_err *err);

/* sql is a string constant (the prepared statement is kept by its address for the life of
 * the connection) with $1 … $n, its arguments are listed with RCD_BIND (bind.h).
 *
 *     struct rcd_q q;
 *     if (rcd_q(&q, conn, SQL, RCD_BIND(rcd_i64(id), rcd_str(name)), err) != 0) return -1;
 *     while ((row = rcd_q_step(&q, err)) == 1) … rcd_q_i64(&q, 0) …
 *     rcd_q_end(&q);
 */
struct rcd_q {
	struct rcd_conn *conn;
	void *stmt; /* the driver's */
};

int rcd_q(struct rcd_q *q, struct rcd_conn *conn, const char *sql, struct rcd_bind bind,
          struct rcd_err *err);
int rcd_q_step(struct rcd_q *q, struct rcd_err *err); /* 1 a row, 0 the end, -1 failed */
int64_t rcd_q_i64(struct rcd_q *q, int col);
double rcd_q_double(struct rcd_q *q, int col);
bool rcd_q_null(struct rcd_q *q, int col);
struct rcd_sv rcd_q_sv(struct rcd_q *q, int col); /* valid until the next step */
void rcd_q_end(struct rcd_q *q);                  /* always, also after -1 */

/* A statement without rows; *changes (may be NULL) is how many it touched. */
int rcd_exec(struct rcd_conn *conn, int64_t *changes, const char *sql, struct rcd_bind bind,
             struct rcd_err *err);
/* The first column of the first row; RCD_NOENT when there is none. */
int rcd_get_i64(struct rcd_conn *conn, int64_t *out, const char *sql, struct rcd_bind bind,
                struct rcd_err *err);

#endif
