/* The schema's way from nothing, or from any older version, to the newest. */
#include "store/migrate.h"

#include "store/db.h"
#include "store/url.h"
#include "store/wlock.h"

#include <stdlib.h>

#define LOCK_MS 10000

static int newest_version(const struct rcd_engine *engine)
{
	int n = 0;

	while (engine->schema[n] != NULL)
		n++;
	return n;
}

static int fail_too_new(const struct rcd_engine *engine, int version, struct rcd_err *err)
{
	return rcd_fail(err, RCD_INVAL, 0,
	                "the database has schema %d, this program knows %d: it needs a newer recado",
	                version, newest_version(engine));
}

static int read_version(struct rcd_conn *conn, int *version, struct rcd_err *err)
{
	int ret = conn->engine->begin(conn, false, err);

	if (ret == 0)
		ret = conn->engine->version(conn, version, err);
	conn->engine->rollback(conn);
	return ret;
}

int rcd_schema_check(const struct rcd_engine *engine, const char *where, struct rcd_err *err)
{
	struct rcd_conn *conn = NULL;
	int version = 0, ret;

	if (engine->open(&conn, where, RCD_CONN_READ, err) != 0)
		return -1;
	ret = read_version(conn, &version, err);
	rcd_conn_close(conn);
	if (ret != 0 || version == newest_version(engine))
		return ret;
	if (version > newest_version(engine))
		return fail_too_new(engine, version, err);
	return rcd_fail(err, RCD_INVAL, 0, "the database has schema %d, not yet %d", version,
	                newest_version(engine));
}

/* Looks at the version inside the transaction: another master may have been faster. */
static int run_steps(struct rcd_conn *conn, struct rcd_err *err)
{
	const struct rcd_engine *engine = conn->engine;
	int version = 0;

	if ((engine->prepare != NULL && engine->prepare(conn, err) != 0) ||
	    engine->version(conn, &version, err) != 0)
		return -1;
	if (version > newest_version(engine))
		return fail_too_new(engine, version, err);
	for (int i = version; engine->schema[i] != NULL; i++)
		if (engine->script(conn, engine->schema[i], i + 1, err) != 0)
			return -1;
	return 0;
}

static int run_migration(const struct rcd_engine *engine, const char *where, struct rcd_err *err)
{
	struct rcd_conn *conn = NULL;
	int ret = -1;

	if (engine->open(&conn, where, RCD_CONN_CREATE, err) != 0)
		return -1;
	if (engine->begin(conn, true, err) == 0) {
		if (run_steps(conn, err) == 0)
			ret = engine->commit(conn, err);
		if (ret != 0)
			engine->rollback(conn);
	}
	rcd_conn_close(conn);
	return ret;
}

/* One writer: behind the lock of the writers of all processes. */
static int migrate_locked(const struct rcd_engine *engine, const char *path, struct rcd_err *err)
{
	char *lock_path = rcd_wlock_path(path);
	struct rcd_wlock *lock = NULL;
	int ret = -1;

	if (lock_path == NULL)
		return rcd_fail_nomem(err);
	if (rcd_wlock_open(&lock, lock_path, err) == 0 && rcd_wlock_take(lock, LOCK_MS, err) == 0) {
		ret = run_migration(engine, path, err);
		rcd_wlock_drop(lock);
	}
	rcd_wlock_close(lock);
	free(lock_path);
	return ret;
}

int rcd_db_migrate(const char *url, struct rcd_err *err)
{
	const struct rcd_engine *engine;
	char *where = NULL;
	int ret;

	if (rcd_engine_of(url, &engine, &where, err) != 0)
		return -1;
	ret = engine->one_writer ? migrate_locked(engine, where, err)
	                         : run_migration(engine, where, err);
	free(where);
	return ret;
}
