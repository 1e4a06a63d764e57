/* The log of the SQLite engine under processes that die: eight write, others read without end,
 * one checkpoints all the time, and whoever writes is killed. T_SECONDS=60 in make check-all, 600
 * for the long run. */
#include "base/clock.h"
#include "base/crypto.h"
#include "store/db_sqlite.h"
#include "store/inbox.h"
#include "store/wlock.h"
#include "tests/unit/store.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WRITERS 8
#define READERS 4
#define MAX_WRITES (1 << 21) /* of one writer */

/* Under a sanitizer it is the code that is looked at, not the race; and ThreadSanitizer does
 * not know that a timed lock may also be had from a dead owner. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SECONDS 3
#else
#define SECONDS 8
#endif
#define WRITES (SECONDS * 600) /* in 8 seconds: more than twice what the log may hold */
#if defined(__SANITIZE_THREAD__)
#define KILLING false
#else
#define KILLING true
#endif

struct board {
	_Atomic pid_t inside; /* who is in a transaction */
	atomic_bool stop;
	atomic_int next[WRITERS];
	atomic_long reads, checkpoints, whole;
	_Atomic unsigned char acked[WRITERS][MAX_WRITES];
};

static int64_t seconds(void)
{
	const char *v = getenv("T_SECONDS");
	int64_t n;

	return v != NULL && rcd_parse_i64(rcd_sv(v), 1, 86400, &n) == 0 ? n : SECONDS;
}

/* --- the processes -------------------------------------------------------------------- */

struct one {
	struct board *b;
	char key[32];
};

static int insert(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char add[] =
		"INSERT INTO inbox(tenant_id, event_key, sender, route, received_ms, body)"
		" VALUES(1, $1, $1, '', 0, $2)";
	static const char body[400] = "";
	const struct one *o = arg;

	atomic_store(&o->b->inside, getpid());
	return rcd_exec(conn, NULL, add,
	                RCD_BIND(rcd_str(o->key), rcd_bytes((struct rcd_sv){body, sizeof(body)})), err);
}

static void writer(struct board *b, int who)
{
	const struct rcd_db_conf conf = {.url = t_store_path()};
	struct rcd_db *db = NULL;
	struct rcd_err err;
	int n;

	if (rcd_db_open(&db, &conf, &err) != 0)
		_exit(1);
	while (!atomic_load(&b->stop) && (n = atomic_fetch_add(&b->next[who], 1)) < MAX_WRITES) {
		struct one o = {.b = b};

		(void)snprintf(o.key, sizeof(o.key), "%d-%d", who, n);
		if (rcd_db_write(db, insert, &o, &err) != 0)
			_exit(2);
		atomic_store(&b->acked[who][n], 1);
	}
	rcd_db_close(db);
	_exit(0);
}

static int look(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	int64_t n;

	(void)arg;
	return rcd_get_i64(conn, &n,
	                   "SELECT count(*) FROM (SELECT id FROM inbox ORDER BY id DESC LIMIT 20)",
	                   RCD_BIND(), err);
}

static void reader(struct board *b, int who)
{
	const struct rcd_db_conf conf = {.url = t_store_path()};
	struct rcd_db *db = NULL;
	struct rcd_err err;

	(void)who;
	if (rcd_db_open(&db, &conf, &err) != 0)
		_exit(1);
	while (!atomic_load(&b->stop)) {
		if (rcd_db_read(db, look, NULL, &err) != 0)
			_exit(2);
		atomic_fetch_add(&b->reads, 1);
	}
	rcd_db_close(db);
	_exit(0);
}

/* What the committers do now and then, all the time. */
static void checkpointer(struct board *b, int who)
{
	char *path = rcd_wlock_path(t_store_path());
	struct rcd_wlock *lock = NULL;
	struct rcd_conn *conn = NULL;
	struct rcd_err err;

	(void)who;
	if (path == NULL || rcd_wlock_open(&lock, path, &err) != 0 ||
	    rcd_sqlite.open(&conn, t_store_path(), RCD_CONN_WRITE, &err) != 0)
		_exit(1);
	while (!atomic_load(&b->stop)) {
		if (rcd_wlock_take(lock, 10000, &err) != 0)
			_exit(2);
		atomic_store(&b->inside, getpid());
		if (rcd_sqlite_checkpoint(conn))
			atomic_fetch_add(&b->whole, 1);
		rcd_wlock_drop(lock);
		atomic_fetch_add(&b->checkpoints, 1);
		(void)usleep(200);
	}
	_exit(0);
}

static pid_t start(void (*fn)(struct board *, int), struct board *b, int who)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		fn(b, who);
	}
	return pid;
}

/* --- afterwards ------------------------------------------------------------------------ */

struct found {
	struct board *b;
	long acked, lost;
};

static int compare(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct found *f = arg;
	int64_t there;
	char key[32];

	for (int w = 0; w < WRITERS; w++)
		for (int n = 0; n < f->b->next[w] && n < MAX_WRITES; n++) {
			if (!f->b->acked[w][n])
				continue;
			f->acked++;
			(void)snprintf(key, sizeof(key), "%d-%d", w, n);
			if (rcd_get_i64(conn, &there,
			                "SELECT count(*) FROM inbox WHERE tenant_id = 1"
			                " AND event_key = $1",
			                RCD_BIND(rcd_str(key)), err) != 0)
				return -1;
			f->lost += there != 1;
		}
	return rcd_get_i64(conn, &there,
	                   "SELECT count(*) FROM pragma_integrity_check"
	                   " WHERE integrity_check <> 'ok'",
	                   RCD_BIND(), err) != 0 ||
	               there != 0
	           ? -1
	           : 0;
}

static off_t log_bytes(void)
{
	char wal[320];
	struct stat st;

	(void)snprintf(wal, sizeof(wal), "%s-wal", t_store_path());
	return stat(wal, &st) == 0 ? st.st_size : 0;
}

struct crew {
	struct board *b;
	pid_t writer[WRITERS], reader[READERS], checkpointer;
};

static int crew_start(struct crew *c, bool checkpoints)
{
	void *p = mmap(NULL, sizeof(*c->b), PROT_READ | PROT_WRITE,
	               MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct rcd_err err;

	if (p == MAP_FAILED || rcd_db_migrate(t_store_path(), &err) != 0)
		return -1;
	*c = (struct crew){.b = p};
	for (int i = 0; i < WRITERS; i++)
		c->writer[i] = start(writer, c->b, i);
	for (int i = 0; i < READERS; i++)
		c->reader[i] = start(reader, c->b, i);
	if (checkpoints)
		c->checkpointer = start(checkpointer, c->b, 0);
	return 0;
}

/* 0 when all of them end as they should. */
static int crew_stop(struct crew *c)
{
	pid_t all[WRITERS + READERS + 1];
	int bad = 0, status, n = 0;

	atomic_store(&c->b->stop, true);
	for (int i = 0; i < WRITERS; i++)
		all[n++] = c->writer[i];
	for (int i = 0; i < READERS; i++)
		all[n++] = c->reader[i];
	if (c->checkpointer > 0)
		all[n++] = c->checkpointer;
	for (int i = 0; i < n; i++)
		bad += waitpid(all[i], &status, 0) != all[i] || status != 0;
	return bad == 0 ? 0 : -1;
}

/* Kills whoever is in a transaction or a checkpoint; another takes its place. */
static int kill_one(struct crew *c)
{
	pid_t pid = atomic_exchange(&c->b->inside, 0);
	int status;

	if (pid <= 0)
		return 0;
	(void)kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status))
		return -1;
	if (pid == c->checkpointer)
		c->checkpointer = start(checkpointer, c->b, 0);
	for (int i = 0; i < WRITERS; i++)
		if (pid == c->writer[i])
			c->writer[i] = start(writer, c->b, i);
	return 1;
}

static int compare_all(struct board *b, struct found *f, struct rcd_err *err)
{
	const struct rcd_db_conf conf = {.url = t_store_path()};
	struct rcd_db *db = NULL;
	int ret;

	*f = (struct found){.b = b};
	if (rcd_db_open(&db, &conf, err) != 0)
		return -1;
	ret = rcd_db_read(db, compare, f, err);
	rcd_db_close(db);
	return ret;
}

static int killed(void)
{
	int64_t until;
	struct crew c;
	struct found f;
	struct rcd_err err = {0};
	int ret = 0, kills = 0;
	uint32_t dice;

	(void)alarm((unsigned)seconds() * 2 + 60);
	T_OK(crew_start(&c, true) == 0);
	until = rcd_mono_ms() + seconds() * 1000;
	while (rcd_mono_ms() < until) {
		int one;

		rcd_random(&dice, sizeof(dice));
		(void)usleep(dice % 60000);
		T_OK((one = KILLING ? kill_one(&c) : 0) >= 0);
		kills += one;
	}
	T_OK(crew_stop(&c) == 0);
	T_DO(compare_all(c.b, &f, &err), err);
	(void)printf("  %d kills, %ld acknowledged, %ld lost, %ld checkpoints\n", kills, f.acked,
	             f.lost, c.b->checkpoints);
	T_INT(f.lost, 0);
	T_OK((kills > 10 || !KILLING) && f.acked > 100);
out:
	return ret;
}

static int64_t count_writes(struct board *b)
{
	int64_t n = 0;

	for (int w = 0; w < WRITERS; w++)
		n += atomic_load(&b->next[w]);
	return n;
}

/* Nobody waits for the readers, and the log begins anew all the same. */
static int bounded(void)
{
	off_t largest = 0;
	struct crew c;
	struct found f;
	struct rcd_err err = {0};
	int ret = 0;

	T_OK(crew_start(&c, false) == 0);
	while (count_writes(c.b) < WRITES) {
		off_t now = log_bytes();

		largest = now > largest ? now : largest;
		(void)usleep(2000);
	}
	T_OK(crew_stop(&c) == 0);
	T_DO(compare_all(c.b, &f, &err), err);
	(void)printf("  %ld writes beside %ld reads, largest log %.1f MB\n", f.acked, c.b->reads,
	             (double)largest / 1e6);
	T_INT(f.lost, 0);
	if (SECONDS > 3 && largest > 20 << 20)
		T_FAIL("the log grew to %lld bytes", (long long)largest);
out:
	return ret;
}

const struct t_case t_cases[] = {
	{"killed", killed, T_SQLITE},
	{"bounded", bounded, T_SQLITE},
	{NULL, NULL, 0},
};
