/* The SQLite engine: the one file that knows sqlite3.h. Connections, their pragmas, prepared
 * statements, transactions, checkpoints, and what SQLite's result codes mean to us. */
#include "store/driver.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUSY_MS 10000      /* a stranger (a sqlite3 shell) holds the file */
#define CHECKPOINT_MS 50   /* how long a waiting checkpoint lets readers end */
#define STATEMENTS 256     /* a power of two, well above how many there are */

struct stmt {
	const char *sql; /* whose address is the key */
	sqlite3_stmt *st;
	int at[RCD_MAX_ARGS]; /* SQLite's index of $1, $2 … ; 0: not in the text */
	struct rcd_conn *conn;
	bool in_use;
};

struct rcd_conn {
	sqlite3 *h;
	struct stmt stmt[STATEMENTS];
	int n_stmts;
	enum rcd_conn_use use;
	int log_pages;
	bool in_txn;
	bool broken;
};

/* --- errors --------------------------------------------------------------------------- */

static enum rcd_code code_of(int rc)
{
	switch (rc) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		return RCD_EXISTS;
	case SQLITE_IOERR_NOMEM:
		return RCD_NOMEM;
	default:
		break;
	}
	switch (rc & 0xff) {
	case SQLITE_NOMEM:
		return RCD_NOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return RCD_BUSY;
	case SQLITE_TOOBIG:
		return RCD_LIMIT;
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_RANGE:
	case SQLITE_ERROR:
	case SQLITE_MISUSE:
		return RCD_INVAL;
	case SQLITE_INTERRUPT:
		return RCD_CANCELLED;
	default: /* IOERR FULL CORRUPT NOTADB READONLY CANTOPEN PERM PROTOCOL … */
		return RCD_IO;
	}
}

/* SQLite's own message is used only where it can speak of nothing but our SQL text: that of
 * a failed step may quote a value. */
static int fail(struct rcd_conn *conn, int rc, const char *what, struct rcd_err *err)
{
	enum rcd_code code = code_of(rc);
	bool own_text = code == RCD_INVAL && sqlite3_errcode(conn->h) == SQLITE_ERROR;

	if (code == RCD_IO)
		conn->broken = true;
	if (code == RCD_NOMEM)
		return rcd_fail_nomem(err);
	return rcd_fail(err, code, code == RCD_IO ? sqlite3_system_errno(conn->h) : 0,
	                "store: %s: %s (%d)", what,
	                own_text ? sqlite3_errmsg(conn->h) : sqlite3_errstr(rc), rc);
}

/* --- opening -------------------------------------------------------------------------- */

static int exec(struct rcd_conn *conn, const char *sql, const char *what, struct rcd_err *err)
{
	int rc = sqlite3_exec(conn->h, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : fail(conn, rc, what, err);
}

static int on_commit(void *arg, sqlite3 *h, const char *name, int pages)
{
	struct rcd_conn *conn = arg;

	(void)h;
	(void)name;
	conn->log_pages = pages;
	return SQLITE_OK;
}

/* No connection ever checkpoints by itself, not even the last one that closes: see db.h. */
static int harden(struct rcd_conn *conn, struct rcd_err *err)
{
	static const struct {
		int option, value;
	} set[] = {
		{SQLITE_DBCONFIG_DEFENSIVE, 1},
		{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
		{SQLITE_DBCONFIG_DQS_DML, 0},
		{SQLITE_DBCONFIG_DQS_DDL, 0},
		{SQLITE_DBCONFIG_ENABLE_FKEY, 1},
		{SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1},
	};
	int rc;

	for (size_t i = 0; i < sizeof(set) / sizeof(set[0]); i++) {
		rc = sqlite3_db_config(conn->h, set[i].option, set[i].value, (int *)NULL);
		if (rc != SQLITE_OK)
			return fail(conn, rc, "set up", err);
	}
	(void)sqlite3_busy_timeout(conn->h, BUSY_MS);
	(void)sqlite3_wal_autocheckpoint(conn->h, 0);
	(void)sqlite3_wal_hook(conn->h, on_commit, conn);
	return 0;
}

/* Small caches: a thousand parked turns share few megabytes, and the hot pages of a store
 * sit in the page cache of the system anyway. */
static int pragmas(struct rcd_conn *conn, struct rcd_err *err)
{
	if (conn->use == RCD_CONN_READ)
		return exec(conn, "PRAGMA query_only=1; PRAGMA cache_size=-1024; PRAGMA temp_store=MEMORY",
		            "set up", err);
	return exec(conn, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-2048;"
	            " PRAGMA journal_size_limit=16777216; PRAGMA temp_store=MEMORY", "set up", err);
}

int rcd_conn_open(struct rcd_conn **out, const char *path, enum rcd_conn_use use,
                  struct rcd_err *err)
{
	struct rcd_conn *conn = calloc(1, sizeof(*conn));
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	int rc;

	if (conn == NULL)
		return rcd_fail_nomem(err);
	conn->use = use;
	rc = sqlite3_open_v2(path, &conn->h, flags | (use == RCD_CONN_CREATE ? SQLITE_OPEN_CREATE : 0), NULL);
	if (conn->h == NULL)
		rcd_fail_nomem(err);
	else if (rc != SQLITE_OK)
		fail(conn, rc, "open the database", err);
	else if (harden(conn, err) == 0 && pragmas(conn, err) == 0) {
		*out = conn;
		return 0;
	}
	rcd_conn_close(conn);
	return -1;
}

struct rcd_conn *rcd_conn_close(struct rcd_conn *conn)
{
	if (conn == NULL)
		return NULL;
	for (int i = 0; i < STATEMENTS; i++)
		(void)sqlite3_finalize(conn->stmt[i].st);
	(void)sqlite3_close(conn->h);
	free(conn);
	return NULL;
}

/* --- statements ----------------------------------------------------------------------- */

/* The slot of sql, or the free one it is to have; NULL when there is no room. */
static struct stmt *slot_of(struct rcd_conn *conn, const char *sql)
{
	size_t i = ((uintptr_t)sql >> 3) * 0x9E3779B1u;

	for (size_t step = 0; step < STATEMENTS; step++) {
		struct stmt *s = &conn->stmt[(i + step) & (STATEMENTS - 1)];

		if (s->sql == sql || s->sql == NULL)
			return s;
	}
	return NULL;
}

static int prepare(struct rcd_conn *conn, struct stmt *s, const char *sql, struct rcd_err *err)
{
	char name[16];
	int rc = sqlite3_prepare_v3(conn->h, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->st, NULL);

	if (rc != SQLITE_OK)
		return fail(conn, rc, "prepare", err);
	for (int i = 0; i < RCD_MAX_ARGS; i++) {
		(void)snprintf(name, sizeof(name), "$%d", i + 1);
		s->at[i] = sqlite3_bind_parameter_index(s->st, name);
	}
	s->sql = sql;
	s->conn = conn;
	return 0;
}

static int bind(sqlite3_stmt *st, int at, const struct rcd_arg *a)
{
	/* the views live until rcd_stmt_end, which clears the bindings: nothing is copied */
	switch (a->type) {
	case 'i':
		return sqlite3_bind_int64(st, at, a->i);
	case 'd':
		return sqlite3_bind_double(st, at, a->d);
	case 'b':
		return a->v.p == NULL ? sqlite3_bind_null(st, at)
		                      : sqlite3_bind_blob64(st, at, a->v.p, a->v.n, SQLITE_STATIC);
	default:
		return a->v.p == NULL
			? sqlite3_bind_null(st, at)
			: sqlite3_bind_text64(st, at, a->v.p, a->v.n, SQLITE_STATIC, SQLITE_UTF8);
	}
}

int rcd_stmt_start(struct rcd_conn *conn, const char *sql, const struct rcd_arg *arg, int n,
                   void **stmt, struct rcd_err *err)
{
	struct stmt *s = slot_of(conn, sql);

	if (s == NULL || s->in_use)
		return rcd_fail(err, RCD_INVAL, 0, s == NULL ? "store: too many different statements"
		                                             : "store: the statement is in use already");
	if (s->st == NULL && prepare(conn, s, sql, err) != 0)
		return -1;
	s->in_use = true;
	for (int i = 0; i < n; i++) {
		int rc = s->at[i] == 0 ? SQLITE_RANGE : bind(s->st, s->at[i], &arg[i]);

		if (rc != SQLITE_OK) {
			rcd_stmt_end(s);
			return fail(conn, rc, "bind", err);
		}
	}
	*stmt = s;
	return 0;
}

void rcd_stmt_end(void *stmt)
{
	struct stmt *s = stmt;

	(void)sqlite3_reset(s->st);
	(void)sqlite3_clear_bindings(s->st);
	s->in_use = false;
}

int rcd_q_step(struct rcd_q *q, struct rcd_err *err)
{
	struct stmt *s = q->stmt;
	int rc = sqlite3_step(s->st);

	if (rc == SQLITE_ROW)
		return 1;
	return rc == SQLITE_DONE ? 0 : fail(s->conn, rc, "run a statement", err);
}

int64_t rcd_q_i64(struct rcd_q *q, int col)
{
	return sqlite3_column_int64(((struct stmt *)q->stmt)->st, col);
}

double rcd_q_double(struct rcd_q *q, int col)
{
	return sqlite3_column_double(((struct stmt *)q->stmt)->st, col);
}

bool rcd_q_null(struct rcd_q *q, int col)
{
	return sqlite3_column_type(((struct stmt *)q->stmt)->st, col) == SQLITE_NULL;
}

/* An empty text or blob is present: only NULL is the absent view. */
struct rcd_sv rcd_q_sv(struct rcd_q *q, int col)
{
	sqlite3_stmt *st = ((struct stmt *)q->stmt)->st;
	struct rcd_sv v = {NULL, 0};

	if (sqlite3_column_type(st, col) == SQLITE_NULL)
		return v;
	v.p = sqlite3_column_blob(st, col);
	v.n = (size_t)sqlite3_column_bytes(st, col);
	return v.p != NULL ? v : RCD_SV("");
}

int64_t rcd_conn_changes(struct rcd_conn *conn)
{
	return sqlite3_changes64(conn->h);
}

int64_t rcd_conn_shard(const struct rcd_conn *conn)
{
	(void)conn;
	return 0;
}

/* --- transactions --------------------------------------------------------------------- */

int rcd_conn_begin(struct rcd_conn *conn, struct rcd_err *err)
{
	int ret = conn->use == RCD_CONN_READ ? rcd_exec(conn, NULL, "BEGIN", err, "")
	                                     : rcd_exec(conn, NULL, "BEGIN IMMEDIATE", err, "");

	conn->in_txn = ret == 0;
	return ret;
}

int rcd_conn_commit(struct rcd_conn *conn, struct rcd_err *err)
{
	if (rcd_exec(conn, NULL, "COMMIT", err, "") != 0)
		return -1;
	conn->in_txn = false;
	return 0;
}

/* Without memory even this can fail: a connection left in its transaction is of no more use. */
void rcd_conn_rollback(struct rcd_conn *conn)
{
	if (sqlite3_get_autocommit(conn->h) == 0)
		(void)rcd_exec(conn, NULL, "ROLLBACK", NULL, "");
	if (sqlite3_get_autocommit(conn->h) == 0)
		conn->broken = true;
	conn->in_txn = false;
}

int rcd_conn_mark(struct rcd_conn *conn, struct rcd_err *err)
{
	return rcd_exec(conn, NULL, "SAVEPOINT part", err, "");
}

int rcd_conn_keep(struct rcd_conn *conn, struct rcd_err *err)
{
	return rcd_exec(conn, NULL, "RELEASE part", err, "");
}

int rcd_conn_undo(struct rcd_conn *conn, struct rcd_err *err)
{
	if (rcd_exec(conn, NULL, "ROLLBACK TO part", err, "") != 0)
		return -1;
	return rcd_conn_keep(conn, err);
}

bool rcd_conn_lost(const struct rcd_conn *conn)
{
	return conn->in_txn && sqlite3_get_autocommit(conn->h) != 0;
}

bool rcd_conn_broken(const struct rcd_conn *conn)
{
	return conn->broken;
}

int rcd_conn_log_pages(const struct rcd_conn *conn)
{
	return conn->log_pages;
}

/* Its failure is not the writers' failure: what they wrote is in the log and stays there. */
void rcd_conn_checkpoint(struct rcd_conn *conn, bool wait)
{
	(void)sqlite3_busy_timeout(conn->h, wait ? CHECKPOINT_MS : 0);
	(void)sqlite3_wal_checkpoint_v2(conn->h, NULL, wait ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE,
	                                NULL, NULL);
	(void)sqlite3_busy_timeout(conn->h, BUSY_MS);
}

/* --- schema --------------------------------------------------------------------------- */

int rcd_conn_version(struct rcd_conn *conn, int *version, struct rcd_err *err)
{
	int64_t v;

	if (rcd_get_i64(conn, &v, "PRAGMA user_version", err, "") != 0)
		return -1;
	*version = (int)v;
	return 0;
}

int rcd_conn_script(struct rcd_conn *conn, const char *sql, int version, struct rcd_err *err)
{
	char set[64];

	(void)snprintf(set, sizeof(set), "PRAGMA user_version=%d", version);
	if (exec(conn, sql, "migrate", err) != 0)
		return -1;
	return exec(conn, set, "migrate", err);
}
