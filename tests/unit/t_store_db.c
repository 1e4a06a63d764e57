/* The SQL layer: where the file is, schema, group commit, failures of single writes and of
 * whole commits, several processes. */
#include "base/clock.h"
#include "store/driver.h"
#include "store/inbox.h"
#include "tests/unit/store.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int put_message(struct rcd_db *db, const char *key, const char *sender, struct rcd_sv body,
                       bool *fresh, struct rcd_err *err)
{
	struct rcd_inbox_in in = {.tenant = 1,
	                          .event_key = rcd_sv(key),
	                          .sender = rcd_sv(sender),
	                          .route = RCD_SV("/w"),
	                          .body = body,
	                          .received_ms = 1,
	                          .due_ms = 1};

	return rcd_inbox_put(db, &in, fresh, err);
}

struct count {
	const char *sql;
	int64_t n;
};

static int get(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct count *c = arg;

	return rcd_get_i64(conn, &c->n, c->sql, RCD_BIND(), err);
}

static int64_t inbox_rows(struct rcd_db *db)
{
	struct count c = {.sql = "SELECT count(*) FROM inbox"};
	struct rcd_err err;

	return rcd_db_read(db, get, &c, &err) == 0 ? c.n : -1;
}

static bool sound(struct rcd_db *db)
{
	struct count c = {
		.sql = "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"};
	struct rcd_err err;

	return t_pg() || (rcd_db_read(db, get, &c, &err) == 0 && c.n == 0);
}

static int urls(void)
{
	static const struct {
		const char *url, *path;
	} row[] = {
		{"sqlite:///a.db", "a.db"}, {"sqlite:////var/a.db", "/var/a.db"},
		{"/var/a.db", "/var/a.db"}, {"a/b.db", "a/b.db"},
		{"postgresql://h/d", NULL}, {"", NULL},
		{"sqlite:///", NULL},       {":memory:", NULL},
		{"a.db?mode=ro", NULL},     {"file:a.db", NULL},
		{"sqlite://", NULL},        {"dir/", NULL},
	};
	struct rcd_err err = {0};
	char *path = NULL;
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		path = rcd_db_path(row[i].url, &err);
		if (path == NULL && err.code == RCD_NOMEM) {
			ret = T_NOMEM;
			goto out;
		}
		T_OK((path == NULL) == (row[i].path == NULL));
		if (path == NULL)
			T_INT(err.code, RCD_INVAL);
		else
			T_STR(path, row[i].path);
		free(path);
		path = NULL;
	}
out:
	free(path);
	return ret;
}

static int make_newer(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	(void)arg;
	return rcd_exec(conn, NULL,
	                t_pg() ? "UPDATE schema_version SET version = 999"
	                       : "PRAGMA user_version = 999",
	                RCD_BIND(), err);
}

static int schema(void)
{
	const struct rcd_db_conf conf = {.url = t_store_url()};
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(t_store_clear(&err), err);
	T_INT(rcd_db_open(&db, &conf, &err), -1);
	T_INT(err.code, RCD_NOENT);
	T_DO(t_store(&db, &err), err);
	T_DO(rcd_db_migrate(conf.url, &err), err);
	T_DO(rcd_db_write(db, make_newer, NULL, &err), err);
	db = rcd_db_close(db);
	T_INT(rcd_db_migrate(conf.url, &err), -1);
	T_INT(err.code, RCD_INVAL);
	T_OK(strstr(err.msg, "999") != NULL);
	T_INT(rcd_db_open(&db, &conf, &err), -1);
	T_INT(err.code, RCD_INVAL);
out:
	rcd_db_close(db);
	return ret;
}

/* --- statements ----------------------------------------------------------------------- */

static int all_kinds(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char sql[] =
		"SELECT $5, $2, $3, $4, $1, $6"; /* PostgreSQL keeps no NUL in a text */
	struct rcd_arg none[RCD_MAX_ARGS + 1] = {0};
	struct rcd_bind too_many = {.arg = none, .n = RCD_MAX_ARGS + 1};
	struct rcd_q q, again;
	bool *ok = arg;

	for (int round = 0; round < 2; round++) {
		if (rcd_q(&q, conn, sql,
		          RCD_BIND(rcd_i64(INT64_MIN), rcd_double(0.5), rcd_str("é"),
		                   rcd_text(RCD_SV("tw\0o")), rcd_bytes((struct rcd_sv){"", 0}),
		                   rcd_str(NULL)),
		          err) != 0)
			return -1;
		*ok = rcd_q(&again, conn, sql, RCD_BIND(), err) == -1 && rcd_q_step(&q, err) == 1 &&
		      !rcd_q_null(&q, 0) && rcd_q_sv(&q, 0).n == 0 && rcd_q_sv(&q, 0).p != NULL &&
		      rcd_q_double(&q, 1) > 0.4 && rcd_sv_is(rcd_q_sv(&q, 2), "é") &&
		      rcd_q_sv(&q, 3).n == (t_pg() ? 6 : 4) && rcd_q_i64(&q, 4) == INT64_MIN &&
		      rcd_q_null(&q, 5) && rcd_q_sv(&q, 5).p == NULL && rcd_q_step(&q, err) == 0;
		rcd_q_end(&q);
		rcd_q_end(&again);
		if (!*ok)
			break;
	}
	*ok = *ok &&
	      (t_pg() || rcd_q(&q, conn, "SELECT $1", RCD_BIND(rcd_i64(1), rcd_i64(2)), err) == -1) &&
	      rcd_q(&q, conn, "SELECT $1", too_many, err) == -1 && err->code == RCD_INVAL;
	return 0;
}

static int not_sql(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	int64_t n;

	(void)arg;
	return rcd_get_i64(conn, &n, "SELEKT", RCD_BIND(), err);
}

static int write_in_read(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	int64_t n;

	(void)arg;
	return rcd_exec(conn, &n, "DELETE FROM inbox", RCD_BIND(), err);
}

static int statements(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	bool ok = false;
	int ret = 0;

	T_DO(t_store(&db, &err), err);
	T_DO(rcd_db_read(db, all_kinds, &ok, &err), err);
	T_OK(ok);
	T_INT(rcd_db_read(db, not_sql, NULL, &err), -1);
	T_INT(err.code, RCD_INVAL);
	T_INT(rcd_db_read(db, write_in_read, NULL, &err), -1);
out:
	rcd_db_close(db);
	return ret;
}

/* --- group commit --------------------------------------------------------------------- */

#define THREADS 32
#define ROUNDS 40

struct crowd {
	struct rcd_db *db;
	atomic_int next, fresh, failed;
	bool same; /* all put the same keys */
};

static void *crowd_member(void *arg)
{
	struct crowd *c = arg;
	int me = atomic_fetch_add(&c->next, 1);
	char key[32], sender[32];
	struct rcd_err err;
	bool fresh = false;

	for (int i = 0; i < ROUNDS; i++) {
		(void)snprintf(key, sizeof(key), "SM%d-%d", c->same ? 0 : me, i);
		(void)snprintf(sender, sizeof(sender), "whatsapp:+%d", me);
		if (put_message(c->db, key, sender, RCD_SV("b"), &fresh, &err) != 0)
			atomic_fetch_add(&c->failed, 1);
		else
			atomic_fetch_add(&c->fresh, fresh);
	}
	return NULL;
}

static int run_crowd(struct crowd *c)
{
	pthread_t t[THREADS];

	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&t[i], NULL, crowd_member, c) != 0)
			return -1;
	for (int i = 0; i < THREADS; i++)
		(void)pthread_join(t[i], NULL);
	return 0;
}

static int batches(void)
{
	struct rcd_db_stats st;
	struct rcd_err err = {0};
	struct crowd c = {0};
	int ret = 0;

	T_DO(t_store(&c.db, &err), err);
	T_INT(run_crowd(&c), 0);
	T_INT(c.failed, 0);
	T_INT(c.fresh, THREADS * ROUNDS);
	T_INT(inbox_rows(c.db), THREADS * ROUNDS);
	rcd_db_stats(c.db, &st);
	T_INT(st.writes, THREADS * ROUNDS);
	T_OK(t_pg() || st.largest_batch > 1);
	T_OK(t_pg() || st.commits < st.writes);
	T_OK(sound(c.db));
out:
	rcd_db_close(c.db);
	return ret;
}

static int same_message(void)
{
	struct rcd_err err = {0};
	struct crowd c = {.same = true};
	struct count jobs = {.sql = "SELECT count(*) FROM job"};
	int ret = 0;

	T_DO(t_store(&c.db, &err), err);
	T_INT(run_crowd(&c), 0);
	T_INT(c.failed, 0);
	T_INT(c.fresh, ROUNDS);
	T_INT(inbox_rows(c.db), ROUNDS);
	T_DO(rcd_db_read(c.db, get, &jobs, &err), err);
	T_OK(jobs.n >= 1 && jobs.n <= THREADS);
out:
	rcd_db_close(c.db);
	return ret;
}

struct spoiler {
	struct rcd_db *db;
	int step; /* what it does wrong */
};

static int insert_then(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char row[] =
		"INSERT INTO inbox(tenant_id, event_key, sender, route, received_ms, body)"
		" VALUES(1, 'spoiled', 's', 'r', 1, x'00')";
	static const char null[] = "INSERT INTO inbox(tenant_id) VALUES(1)";
	struct spoiler *s = arg;

	if (rcd_exec(conn, NULL, row, RCD_BIND(), err) != 0)
		return -1;
	if (s->step == 0)
		return rcd_fail(err, RCD_DENIED, 0, "changed its mind");
	if (s->step == 1)
		return rcd_exec(conn, NULL, null, RCD_BIND(), err);
	return rcd_db_write(s->db, insert_then, s, err); /* a write inside a write */
}

static void *spoil(void *arg)
{
	struct spoiler *s = arg;
	static const enum rcd_code want[] = {RCD_DENIED, RCD_INVAL, RCD_INVAL};
	long bad = 0;

	for (int i = 0; i < 30; i++) {
		struct rcd_err err = {0};
		struct spoiler mine = {.db = s->db, .step = i % 3};

		if (rcd_db_write(s->db, insert_then, &mine, &err) == -1 && err.code == want[i % 3])
			continue;
		(void)fprintf(stderr, "step %d: %s\n", i % 3, err.msg);
		bad++;
	}
	return (void *)(intptr_t)bad;
}

/* One that fails undoes itself alone, whoever shares its transaction. */
static int alone(void)
{
	struct rcd_err err = {0};
	struct crowd c = {0};
	struct spoiler s = {0};
	pthread_t t;
	void *bad = NULL;
	int ret = 0;

	T_DO(t_store(&c.db, &err), err);
	s.db = c.db;
	T_INT(pthread_create(&t, NULL, spoil, &s), 0);
	T_INT(run_crowd(&c), 0);
	(void)pthread_join(t, &bad);
	T_INT((intptr_t)bad, 0);
	T_INT(c.failed, 0);
	T_INT(inbox_rows(c.db), THREADS * ROUNDS);
out:
	rcd_db_close(c.db);
	return ret;
}

/* --- whole commits that fail ---------------------------------------------------------- */

static int full_disk(void)
{
	struct rlimit old, small;
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	char key[32], body[20000];
	bool fresh = false;
	int ret = 0, n = 0;

	memset(body, 'x', sizeof(body));
	T_DO(t_store(&db, &err), err);
	T_OK(getrlimit(RLIMIT_FSIZE, &old) == 0 && signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	small = old;
	small.rlim_cur = 400000;
	T_OK(setrlimit(RLIMIT_FSIZE, &small) == 0);
	do
		(void)snprintf(key, sizeof(key), "SM%d", n);
	while (put_message(db, key, "s", (struct rcd_sv){body, sizeof(body)}, &fresh, &err) == 0 &&
	       ++n < 1000);
	T_OK(n > 0 && n < 1000);
	T_INT(err.code, RCD_IO);
	T_INT(put_message(db, "SMx", "s", (struct rcd_sv){body, sizeof(body)}, &fresh, &err), -1);
	T_INT(inbox_rows(db), n); /* what failed is not there, what was said to be there is */
	T_OK(setrlimit(RLIMIT_FSIZE, &old) == 0);
	T_DO(put_message(db, key, "s", (struct rcd_sv){body, sizeof(body)}, &fresh, &err), err);
	T_OK(fresh);
	T_INT(inbox_rows(db), n + 1);
	T_OK(sound(db));
out:
	rcd_db_close(db);
	return ret;
}

static void *let_go(void *arg)
{
	struct rcd_conn *conn = arg;

	(void)usleep(300000);
	conn->engine->rollback(conn);
	return NULL;
}

/* Somebody with a sqlite3 shell in the middle of a transaction: waited for, not an error. */
static int stranger(void)
{
	struct rcd_conn *conn = NULL;
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	bool fresh = false;
	int64_t from;
	pthread_t t;
	int ret = 0;

	T_DO(t_store(&db, &err), err);
	T_DO(rcd_sqlite.open(&conn, t_store_path(), RCD_CONN_WRITE, &err), err);
	T_DO(rcd_sqlite.begin(conn, true, &err), err);
	T_INT(pthread_create(&t, NULL, let_go, conn), 0);
	from = rcd_mono_ms();
	T_DO(put_message(db, "SM1", "s", RCD_SV("b"), &fresh, &err), err);
	(void)pthread_join(t, NULL);
	T_OK(rcd_mono_ms() - from >= 250);
out:
	rcd_conn_close(conn);
	rcd_db_close(db);
	return ret;
}

/* Hundred megabytes written, some of them beside a reader that holds on to an old snapshot. */
static int log_stays_small(void)
{
	struct rcd_conn *reader = NULL;
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	struct rcd_db_stats st;
	struct count c = {.sql = "SELECT count(*) FROM inbox"};
	char key[32], wal[320], *body = calloc(1, 50000);
	bool fresh = false;
	off_t largest = 0;
	struct stat file;
	int ret = 0;

	T_OK(body != NULL);
	memset(body, 'x', 50000);
	T_DO(t_store(&db, &err), err);
	T_DO(rcd_sqlite.open(&reader, t_store_path(), RCD_CONN_READ, &err), err);
	(void)snprintf(wal, sizeof(wal), "%s-wal", t_store_path());
	for (int i = 0; i < 2000; i++) {
		if (i % 100 == 0) {
			T_DO(rcd_sqlite.begin(reader, false, &err), err);
			T_DO(get(reader, &c, &err), err);
			T_INT(c.n, i);
		}
		if (i % 100 == 60)
			rcd_sqlite.rollback(reader);
		(void)snprintf(key, sizeof(key), "SM%d", i);
		T_DO(put_message(db, key, "s", (struct rcd_sv){body, 50000}, &fresh, &err), err);
		T_OK(stat(wal, &file) == 0);
		if (file.st_size > largest)
			largest = file.st_size;
	}
	rcd_db_stats(db, &st);
	T_OK(st.checkpoints > 5);
	if (largest > 16 * 1024 * 1024)
		T_FAIL("the log grew to %lld bytes", (long long)largest);
	T_OK(sound(db));
out:
	rcd_conn_close(reader);
	rcd_db_close(db);
	free(body);
	return ret;
}

/* --- processes ------------------------------------------------------------------------ */

static int in_child(int (*run)(int), int arg)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(run(arg) == 0 ? 0 : 1);
	return pid;
}

static int child_writes(int who)
{
	const struct rcd_db_conf conf = {.url = t_store_url()};
	struct rcd_db *db = NULL;
	struct rcd_err err;
	char key[32];
	bool fresh;
	int bad = 0;

	if (rcd_db_open(&db, &conf, &err) != 0) {
		(void)fprintf(stderr, "child: %s\n", err.msg);
		return -1;
	}
	for (int i = 0; i < 200; i++) {
		(void)snprintf(key, sizeof(key), "SM%d-%d", who, i);
		if (put_message(db, key, "s", RCD_SV("b"), &fresh, &err) != 0 || !fresh)
			bad++;
	}
	rcd_db_close(db);
	return bad;
}

/* The file alone, without its log, is the whole store once the last process has closed it. */
static int file_is_whole(void)
{
	char wal[320];
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	bool fresh = false;
	int ret = 0;

	T_DO(t_store(&db, &err), err);
	T_DO(put_message(db, "SM1", "s", RCD_SV("b"), &fresh, &err), err);
	db = rcd_db_close(db);
	(void)snprintf(wal, sizeof(wal), "%s-wal", t_store_path());
	T_OK(unlink(wal) == 0);
	(void)snprintf(wal, sizeof(wal), "%s-shm", t_store_path());
	(void)unlink(wal);
	T_DO(t_store(&db, &err), err);
	T_INT(inbox_rows(db), 1);
	T_OK(sound(db));
out:
	rcd_db_close(db);
	return ret;
}

static int processes(void)
{
	const struct rcd_db_conf conf = {.url = t_store_url()};
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	pid_t pid[3];
	int ret = 0, status;

	T_DO(t_store_new(t_store_url(), &err), err);
	for (int i = 0; i < 3; i++)
		T_OK((pid[i] = in_child(child_writes, i)) > 0);
	for (int i = 0; i < 3; i++)
		T_OK(waitpid(pid[i], &status, 0) == pid[i] && status == 0);
	T_DO(rcd_db_open(&db, &conf, &err), err);
	T_INT(inbox_rows(db), 600);
	T_OK(sound(db));
out:
	rcd_db_close(db);
	return ret;
}

static struct rcd_db *parents; /* what a forked child must not use */

static int child_misuses(int arg)
{
	struct rcd_err err = {0};
	bool fresh;

	(void)arg;
	if (put_message(parents, "SM9", "s", RCD_SV("b"), &fresh, &err) != -1 || err.code != RCD_INVAL)
		return -1;
	if (inbox_rows(parents) != -1)
		return -1;
	rcd_db_close(parents); /* does nothing */
	return 0;
}

static int forked(void)
{
	struct rcd_err err = {0};
	bool fresh = false;
	int ret = 0, status;
	pid_t pid;

	T_DO(t_store(&parents, &err), err);
	T_DO(put_message(parents, "SM1", "s", RCD_SV("b"), &fresh, &err), err);
	T_OK((pid = in_child(child_misuses, 0)) > 0);
	T_OK(waitpid(pid, &status, 0) == pid && status == 0);
	T_DO(put_message(parents, "SM2", "s", RCD_SV("b"), &fresh, &err), err);
	T_INT(inbox_rows(parents), 2);
out:
	rcd_db_close(parents);
	return ret;
}

const struct t_case t_cases[] = {
	{"urls", urls, T_OOM},
	{"schema", schema, 0},
	{"statements", statements, 0},
	{"batches", batches, 0},
	{"same_message", same_message, 0},
	{"alone", alone, 0},
	{"full_disk", full_disk, T_SQLITE},
	{"stranger", stranger, T_SQLITE},
	{"log_stays_small", log_stays_small, T_SQLITE},
	{"file_is_whole", file_is_whole, T_SQLITE},
	{"processes", processes, 0},
	{"forked", forked, 0},
	{NULL, NULL, 0},
};
