/* A store of one process: which engine, its pool of connections, who writes, the fork guard. */
#include "store/db.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "store/committer.h"
#include "store/forget.h"
#include "store/migrate.h"
#include "store/pool.h"
#include "store/pq.h"
#include "store/url.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READERS 4
#define WRITERS 4 /* of an engine whose writers run at the same time, in the same pool */
#define MAX_READERS 256
/* How long what the engine undid is tried again: as long as a writer waits for a stranger's
 * lock, and long enough for a server that restarts. */
#define PATIENCE_MS 10000
#define FIRST_PAUSE_MS 4
#define LONGEST_PAUSE_MS 500

struct rcd_db {
	pid_t owner; /* the process that opened it */
	const struct rcd_engine *engine;
	struct rcd_committer *committer; /* of an engine with one writer */
	struct rcd_pool *pool;           /* for reading; where there is no committer, for both */
	atomic_llong writes;             /* without a committer */
};

/* --- opening -------------------------------------------------------------------------- */

static int open_parts(struct rcd_db *db, const char *where, int readers, struct rcd_err *err)
{
	const struct rcd_engine *engine = db->engine;

	if (rcd_schema_check(engine, where, err) != 0)
		return -1;
	if (!engine->one_writer)
		return rcd_pool_new(&db->pool, engine, where, RCD_CONN_WRITE, readers + WRITERS, err);
	if (rcd_pool_new(&db->pool, engine, where, RCD_CONN_READ, readers, err) != 0)
		return -1;
	return rcd_committer_open(&db->committer, where, err);
}

static void free_db(struct rcd_db *db)
{
	rcd_committer_close(db->committer);
	rcd_pool_free(db->pool);
	free(db);
}

int rcd_db_open(struct rcd_db **out, const struct rcd_db_conf *conf, struct rcd_err *err)
{
	const struct rcd_engine *engine = &rcd_sqlite;
	int readers = conf->readers > 0 && conf->readers <= MAX_READERS ? conf->readers : READERS;
	struct rcd_db *db = calloc(1, sizeof(*db));
	char *where = NULL;
	int ret = -1;

	if (db == NULL)
		return rcd_fail_nomem(err);
	db->owner = getpid();
	if (rcd_engine_of(conf->url, &engine, &where, err) == 0) {
		db->engine = engine;
		ret = open_parts(db, where, readers, err);
	}
	free(where);
	if (ret == 0)
		*out = db;
	else
		free_db(db);
	return ret;
}

struct rcd_db *rcd_db_close(struct rcd_db *db)
{
	/* a forked child has no committer thread to join, and closing the engine's files or
	 * sockets there would end the parent's: it leaves everything as it is */
	if (db != NULL && db->owner == getpid())
		free_db(db);
	return NULL;
}

static int check_owner(const struct rcd_db *db, struct rcd_err *err)
{
	if (db->owner == getpid())
		return 0;
	return rcd_fail(err, RCD_INVAL, 0, "store: opened in another process");
}

/* --- transactions --------------------------------------------------------------------- */

static bool begin_attempt(struct rcd_read *r, bool *again, struct rcd_err *err)
{
	struct rcd_db *db = r->db;

	r->ret = -1;
	if (rcd_pool_take(db->pool, &r->conn, err) != 0) {
		r->conn = NULL;
		*again = !db->engine->one_writer && err->code == RCD_IO; /* nobody answers there now */
		return false;
	}
	if (db->engine->begin(r->conn, r->writes, err) == 0)
		return true;
	db->engine->rollback(r->conn);
	*again = db->engine->again(r->conn);
	rcd_pool_give(db->pool, r->conn);
	r->conn = NULL;
	return false;
}

/* True: nothing came of it, for no fault of its function. */
static bool end_attempt(struct rcd_read *r, struct rcd_err *err)
{
	const struct rcd_engine *engine = r->db->engine;
	bool again;

	if (r->ret == 0 && r->writes)
		r->ret = engine->commit(r->conn, err) == 0 ? 0 : -1;
	else
		engine->rollback(r->conn); /* of a read: drops the snapshot */
	again = r->ret != 0 && engine->again(r->conn);
	rcd_pool_give(r->db->pool, r->conn);
	r->conn = NULL;
	return again;
}

/* Twice as long each time, and not in step with the one it collided with. */
static void back_off(int attempts)
{
	int64_t ms = FIRST_PAUSE_MS << (attempts < 7 ? attempts : 7);
	uint32_t r;

	rcd_random(&r, sizeof(r));
	ms = ms < LONGEST_PAUSE_MS ? ms : LONGEST_PAUSE_MS;
	(void)usleep((useconds_t)(ms * 500 + (int64_t)(r % (uint64_t)(ms * 500))));
}

static bool try_attempt(struct rcd_read *r, struct rcd_err *err)
{
	bool again = r->conn != NULL && end_attempt(r, err);

	if (r->attempts == 0)
		r->until = rcd_deadline_in(PATIENCE_MS);
	while (r->attempts == 0 || (again && rcd_deadline_left(r->until, PATIENCE_MS) > 0)) {
		if (r->attempts > 0) {
			back_off(r->attempts - 1);
			*err = (struct rcd_err){0};
		}
		r->attempts++;
		if (begin_attempt(r, &again, err))
			return true;
	}
	return false;
}

bool rcd_read_attempt(struct rcd_read *r, struct rcd_err *err)
{
	if (r->attempts == 0) {
		r->ret = -1;
		if (check_owner(r->db, err) != 0)
			return false;
		if (r->db->committer != NULL)
			rcd_committer_yield(r->db->committer);
	}
	return try_attempt(r, err);
}

int rcd_db_read(struct rcd_db *db, rcd_db_fn *fn, void *arg, struct rcd_err *err)
{
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = fn(read.conn, arg, err) == 0 ? 0 : -1;
	return read.ret;
}

static int write_on_own_connection(struct rcd_db *db, rcd_db_fn *fn, void *arg, struct rcd_err *err)
{
	struct rcd_read attempt = {.db = db, .writes = true};

	while (try_attempt(&attempt, err))
		attempt.ret = fn(attempt.conn, arg, err) == 0 ? 0 : -1;
	return attempt.ret;
}

int rcd_db_write(struct rcd_db *db, rcd_db_fn *fn, void *arg, struct rcd_err *err)
{
	if (check_owner(db, err) != 0)
		return -1;
	if (db->committer != NULL)
		return rcd_committer_run(db->committer, fn, arg, err);
	atomic_fetch_add(&db->writes, 1);
	return write_on_own_connection(db, fn, arg, err);
}

int rcd_db_scrub(struct rcd_db *db, struct rcd_err *err)
{
	struct rcd_conn *conn = NULL;
	int ret;

	if (check_owner(db, err) != 0)
		return -1;
	if (db->committer != NULL)
		return rcd_committer_scrub(db->committer, err);
	if (rcd_pool_take(db->pool, &conn, err) != 0)
		return -1;
	ret = db->engine->scrub(conn, err);
	rcd_pool_give(db->pool, conn);
	return ret;
}

void rcd_db_stats(struct rcd_db *db, struct rcd_db_stats *out)
{
	int64_t writes = atomic_load(&db->writes);
	struct rcd_committer_stats s = {.commits = writes,
	                                .writes = writes,
	                                .largest_batch = writes > 0};

	if (db->committer != NULL)
		rcd_committer_stats(db->committer, &s);
	*out = (struct rcd_db_stats){.commits = s.commits,
	                             .writes = s.writes,
	                             .checkpoints = s.checkpoints,
	                             .largest_batch = s.largest_batch};
}
