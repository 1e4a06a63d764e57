/* What a finished job costs on PostgreSQL: two processes, one connection each, take jobs and
 * end them, through the store or in a bare loop over libpq (claim one with SKIP LOCKED, delete
 * it, both prepared).
 *
 *   queue URL SECONDS bare | BATCH      BATCH: how many the store claims at once; one line of JSON
 */

#include "base/clock.h"
#include "store/job.h"

#include <libpq-fe.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 2
#define JOBS 40000
#define MAX_BATCH 64

struct shared {
	atomic_long done[PROCESSES];
	atomic_int ready, failed;
	atomic_llong until_us;
};

static struct shared *sh;

static void fail(const char *what, const char *why)
{
	(void)fprintf(stderr, "queue: %s: %s\n", what, why);
	atomic_store(&sh->failed, 1);
	exit(1);
}

/* All begin at the same moment; the clock runs from then. */
static void line_up(double seconds)
{
	atomic_fetch_add(&sh->ready, 1);
	while (atomic_load(&sh->ready) < PROCESSES && atomic_load(&sh->failed) == 0)
		(void)usleep(1000);
	atomic_store(&sh->until_us, rcd_mono_us() + (int64_t)(seconds * 1e6));
}

static bool time_is_up(void)
{
	return rcd_mono_us() >= atomic_load(&sh->until_us);
}

/* --- bare ------------------------------------------------------------------------------- */

static void run(PGconn *c, const char *sql)
{
	PGresult *r = PQexec(c, sql);

	if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
		fail(sql, PQerrorMessage(c));
	PQclear(r);
}

static void silent(void *arg, const PGresult *res)
{
	(void)arg;
	(void)res;
}

static PGconn *to(const char *url)
{
	PGconn *c = PQconnectdb(url);

	(void)PQsetNoticeReceiver(c, silent, NULL);
	if (PQstatus(c) != CONNECTION_OK)
		fail("connect", PQerrorMessage(c));
	return c;
}

static void fill_bare(const char *url)
{
	PGconn *c = to(url);
	char sql[200];

	run(c, "DROP TABLE IF EXISTS bare_job");
	run(c, "CREATE TABLE bare_job(id BIGINT PRIMARY KEY, state INTEGER NOT NULL DEFAULT 0)");
	run(c, "CREATE INDEX bare_ready ON bare_job(id) WHERE state = 0");
	(void)snprintf(sql, sizeof(sql), "INSERT INTO bare_job(id) SELECT generate_series(1, %d)",
	               JOBS);
	run(c, sql);
	run(c, "ANALYZE bare_job");
	PQfinish(c);
}

static void bare(const char *url, double seconds, int me)
{
	PGconn *c = to(url);

	PQclear(PQprepare(c, "take",
	                  "UPDATE bare_job SET state = 1 WHERE id = (SELECT id FROM bare_job WHERE"
	                  " state = 0 ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING id",
	                  0, NULL));
	PQclear(PQprepare(c, "end", "DELETE FROM bare_job WHERE id = $1", 1, NULL));
	line_up(seconds);
	while (!time_is_up()) {
		PGresult *r = PQexecPrepared(c, "take", 0, NULL, NULL, NULL, 0), *d;
		const char *id;

		if (PQntuples(r) != 1)
			fail("take", PQntuples(r) == 0 ? "too few jobs for so long a run" : PQerrorMessage(c));
		id = PQgetvalue(r, 0, 0);
		d = PQexecPrepared(c, "end", 1, &id, NULL, NULL, 0);
		if (PQresultStatus(d) != PGRES_COMMAND_OK)
			fail("end", PQerrorMessage(c));
		PQclear(d);
		PQclear(r);
		atomic_fetch_add(&sh->done[me], 1);
	}
	PQfinish(c);
}

/* --- ours ------------------------------------------------------------------------------- */

static int put_all(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	char key[24];

	(void)arg;
	for (int i = 0; i < JOBS; i++) {
		(void)snprintf(key, sizeof(key), "whatsapp:+%d", i);
		if (rcd_job_put(conn, 1, RCD_JOB_TURN, rcd_sv(key), 1, 1, err) != 0)
			return -1;
	}
	return 0;
}

static struct rcd_db *open_db(const char *url)
{
	const struct rcd_db_conf conf = {.url = url, .readers = 1};
	struct rcd_db *db = NULL;
	struct rcd_err err;

	if (rcd_db_open(&db, &conf, &err) != 0)
		fail("open", err.msg);
	return db;
}

static void fill_ours(const char *url)
{
	PGconn *c = to(url);
	struct rcd_db *db;
	struct rcd_err err;

	PQclear(PQexec(c, "DROP SCHEMA IF EXISTS recado CASCADE"));
	if (rcd_db_migrate(url, &err) != 0)
		fail("migrate", err.msg);
	db = open_db(url);
	if (rcd_db_write(db, put_all, NULL, &err) != 0)
		fail("put", err.msg);
	rcd_db_close(db);
	run(c, "ANALYZE recado.job");
	PQfinish(c);
}

static int finish(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	return rcd_job_finish(conn, arg, err);
}

static void ours(const char *url, double seconds, int me, int batch)
{
	struct rcd_db *db = open_db(url);
	struct rcd_job job[MAX_BATCH];
	struct rcd_err err;
	int n;

	line_up(seconds);
	while (!time_is_up()) {
		if (rcd_job_claim(db, rcd_job_owner(me + 1), 60000, job, batch, &n, &err) != 0)
			fail("claim", err.msg);
		if (n == 0)
			fail("claim", "too few jobs for so long a run");
		for (int i = 0; i < n; i++)
			if (rcd_db_write(db, finish, &job[i], &err) != 0)
				fail("finish", err.msg);
		atomic_fetch_add(&sh->done[me], n);
	}
	rcd_db_close(db);
}

int main(int argc, char **argv)
{
	double seconds = argc > 2 ? atof(argv[2]) : 0;
	int batch = argc > 3 ? atoi(argv[3]) : 0, status;
	long done = 0;

	if (seconds <= 0 || batch > MAX_BATCH || argc != 4) {
		(void)fprintf(stderr, "usage: queue URL SECONDS bare | BATCH\n");
		return 2;
	}
	sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sh == MAP_FAILED)
		return 1;
	if (batch == 0)
		fill_bare(argv[1]);
	else
		fill_ours(argv[1]);
	for (int i = 0; i < PROCESSES; i++)
		if (fork() == 0) {
			if (batch == 0)
				bare(argv[1], seconds, i);
			else
				ours(argv[1], seconds, i, batch);
			_exit(0);
		}
	while (wait(&status) > 0)
		if (status != 0)
			atomic_store(&sh->failed, 1);
	for (int i = 0; i < PROCESSES; i++)
		done += atomic_load(&sh->done[i]);
	(void)printf("{\"per_s\": %.1f}\n", (double)done / seconds);
	return atomic_load(&sh->failed) != 0;
}
