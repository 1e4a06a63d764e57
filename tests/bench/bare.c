/* What the commits of accepted messages cost by themselves: the rows that a message writes, so many
 * of them in one transaction, put by one thread straight through SQLite with prepared statements
 * and one sync each. No queue, no lock, no other process: the floor under the store's CPU per
 * message.
 *
 *   bare SECONDS ROWS       prints one line of JSON */

#include "base/clock.h"
#include "base/crypto.h"
#include "store/db.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define BODY 660
#define CHECKPOINT_PAGES 2500 /* 10 MB of log, as the daemon does */

struct bare {
	sqlite3 *db;
	sqlite3_stmt *begin, *commit, *inbox, *job;
	char body[BODY];
	int pages; /* of the log */
};

static int note_pages(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct bare *b = arg;

	(void)db;
	(void)name;
	b->pages = pages;
	return SQLITE_OK;
}

static int open_bare(struct bare *b, const char *path)
{
	static const char inbox[] =
		"INSERT INTO inbox(tenant_id, event_key, sender, route, received_ms, body)"
		" VALUES(1, ?, ?, '/webhook/whatsapp', ?, ?) ON CONFLICT(tenant_id, event_key) DO NOTHING";
	static const char job[] =
		"INSERT INTO job(tenant_id, kind, key, due_ms, latest_ms) VALUES(1, 'turn', ?, ?, ?)"
		" ON CONFLICT(tenant_id, kind, key) DO UPDATE SET rev = job.rev + 1";

	if (sqlite3_open(path, &b->db) != SQLITE_OK ||
	    sqlite3_exec(b->db,
	                 "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-2048;"
	                 " PRAGMA secure_delete=ON; PRAGMA wal_autocheckpoint=0",
	                 NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(b->db, "BEGIN IMMEDIATE", -1, &b->begin, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(b->db, "COMMIT", -1, &b->commit, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(b->db, inbox, -1, &b->inbox, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(b->db, job, -1, &b->job, NULL) != SQLITE_OK) {
		(void)fprintf(stderr, "bare: %s\n", sqlite3_errmsg(b->db));
		return -1;
	}
	(void)sqlite3_wal_hook(b->db, note_pages, b);
	memset(b->body, 'x', sizeof(b->body));
	return 0;
}

static int step(sqlite3_stmt *st)
{
	int rc = sqlite3_step(st);

	(void)sqlite3_reset(st);
	return rc == SQLITE_DONE ? 0 : -1;
}

static int put_message(struct bare *b)
{
	char sid[35] = "SM", sender[40];
	int64_t now = rcd_now_ms();
	uint32_t who;

	rcd_random_hex(sid + 2, 16);
	rcd_random(&who, sizeof(who));
	(void)snprintf(sender, sizeof(sender), "whatsapp:+55119%08u", who % 10000);
	(void)sqlite3_bind_text(b->inbox, 1, sid, 34, SQLITE_STATIC);
	(void)sqlite3_bind_text(b->inbox, 2, sender, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(b->inbox, 3, now);
	(void)sqlite3_bind_blob(b->inbox, 4, b->body, BODY, SQLITE_STATIC);
	(void)sqlite3_bind_text(b->job, 1, sender, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(b->job, 2, now + 3600000);
	(void)sqlite3_bind_int64(b->job, 3, now + 3600000);
	return step(b->inbox) != 0 || step(b->job) != 0 ? -1 : 0;
}

static int put_batch(struct bare *b, int rows)
{
	if (step(b->begin) != 0)
		return -1;
	for (int i = 0; i < rows; i++)
		if (put_message(b) != 0)
			return -1;
	if (step(b->commit) != 0)
		return -1;
	if (b->pages > CHECKPOINT_PAGES)
		(void)sqlite3_wal_checkpoint_v2(b->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return 0;
}

static int64_t cpu_us(void)
{
	struct rusage ru;

	(void)getrusage(RUSAGE_SELF, &ru);
	return (ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * 1000000LL + ru.ru_utime.tv_usec +
	       ru.ru_stime.tv_usec;
}

static int measure(struct bare *b, double seconds, int rows)
{
	int64_t began = rcd_mono_us(), cpu = cpu_us(), until = began + (int64_t)(seconds * 1e6);
	long n = 0;

	while (rcd_mono_us() < until) {
		if (put_batch(b, rows) != 0) {
			(void)fprintf(stderr, "bare: %s\n", sqlite3_errmsg(b->db));
			return -1;
		}
		n += rows;
	}
	(void)printf("{\"side\":\"bare\",\"rows\":%d,\"per_s\":%.0f,\"cpu_us\":%.1f}\n", rows,
	             (double)n / seconds, (double)(cpu_us() - cpu) / (double)n);
	return 0;
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 3;
	int rows = argc > 2 ? (int)strtod(argv[2], NULL) : 32, ret = 1;
	const char *tmp = getenv("TMPDIR");
	static const char *const tail[] = {"", "-wal", "-shm", "-lock"};
	struct bare b = {0};
	struct rcd_err err;
	char dir[256], path[300];

	if (seconds <= 0 || rows < 1 || rows > 10000)
		return 2;
	(void)snprintf(dir, sizeof(dir), "%s/recado-bench.XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(dir) == NULL)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/bare.db", dir);
	if (rcd_db_migrate(path, &err) != 0)
		(void)fprintf(stderr, "bare: %s\n", err.msg);
	else if (open_bare(&b, path) == 0 && measure(&b, seconds, rows) == 0)
		ret = 0;
	(void)sqlite3_finalize(b.begin);
	(void)sqlite3_finalize(b.commit);
	(void)sqlite3_finalize(b.inbox);
	(void)sqlite3_finalize(b.job);
	(void)sqlite3_close(b.db);
	for (int i = 0; i < 4; i++) {
		(void)snprintf(path, sizeof(path), "%s/bare.db%s", dir, tail[i]);
		(void)unlink(path);
	}
	(void)rmdir(dir);
	return ret;
}
