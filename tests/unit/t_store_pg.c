/* What only a server does: connections that end at any moment, deadlocks, types, poolers, other
 * machines. */
#include "base/clock.h"
#include "store/driver.h"
#include "store/history.h"
#include "store/inbox.h"
#include "store/outbox.h"
#include "store/wake.h"
#include "tests/unit/store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int put(struct rcd_db *db, const char *key, bool *fresh, struct rcd_err *err)
{
	struct rcd_inbox_in in = {.tenant = 1,
	                          .event_key = rcd_sv(key),
	                          .sender = RCD_SV("whatsapp:+1"),
	                          .route = RCD_SV("/w"),
	                          .body = RCD_SV("b"),
	                          .received_ms = 1,
	                          .due_ms = 1};

	return rcd_inbox_put(db, &in, fresh, err);
}

struct count {
	const char *sql;
	int64_t n;
};

static int do_count(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct count *c = arg;

	return rcd_get_i64(conn, &c->n, c->sql, RCD_BIND(), err);
}

static int64_t count(struct rcd_db *db, const char *sql)
{
	struct count c = {.sql = sql};
	struct rcd_err err;

	return rcd_db_read(db, do_count, &c, &err) == 0 ? c.n : -1;
}

static int script(const char *sql, struct rcd_err *err)
{
	struct rcd_pq *pq = NULL;
	int ret;

	if (rcd_pq_open(&pq, t_store_url(), err) != 0)
		return -1;
	ret = rcd_pq_script(pq, sql, err);
	rcd_pq_close(pq);
	return ret;
}

#define END_OTHERS                                                                                 \
	"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"         \
	" AND usename = current_user AND datname = current_database()"

/* --- URLs ------------------------------------------------------------------------------- */

static int urls(void)
{
	static const struct {
		const char *url, *shown;
	} row[] = {
		{"postgresql://me:hunter2@db.example:5433/shop?sslmode=require",
	     "postgresql://me@db.example:5433/shop"},
		{"postgres://db.example/shop", "postgresql://db.example/shop"},
		{"postgresql://me:hunter2@/shop?host=/run/pg", "postgresql://me@/run/pg/shop"},
		{"postgresql://me:hunter%402@h/d", "postgresql://me@h/d"},
		{"postgresql://me:hunter2@2@h/d", NULL},
		{"postgresql://me:hunter2/2@h/d", NULL},
		{"postgresql://me:hunter2@h/d?hunter2=1", NULL},
		{"postgresql://me:hunter2@h:hunter2/d", NULL},
		{"postgresql://me:%zzhunter2@h/d", NULL},
	};
	struct rcd_err err = {0};
	char *shown = NULL;
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		shown = rcd_db_shown(row[i].url, &err);
		if (shown == NULL && err.code == RCD_NOMEM) {
			ret = T_NOMEM;
			goto out;
		}
		if (row[i].shown != NULL)
			T_STR(shown, row[i].shown);
		else
			T_OK(shown == NULL && err.code == RCD_INVAL && strstr(err.msg, "hunter2") == NULL);
		free(shown);
		shown = NULL;
	}
out:
	free(shown);
	return ret;
}

/* Nobody there, and somebody who does not know us: said with the place, without the password. */
static int nobody(void)
{
	const struct rcd_db_conf conf = {.url = "postgresql://me:hunter2@127.0.0.1:1/shop"};
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	int ret = 0;

	T_INT(rcd_db_open(&db, &conf, &err), -1);
	T_INT(err.code, RCD_IO);
	T_OK(strstr(err.msg, "127.0.0.1") != NULL && strstr(err.msg, "hunter2") == NULL);
	T_INT(rcd_db_migrate(conf.url, &err), -1);
	T_INT(err.code, RCD_IO);
out:
	return ret;
}

/* --- statements ------------------------------------------------------------------------- */

static int odd_texts(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct rcd_q q;
	bool *ok = arg;

	if (rcd_q(&q, conn, "SELECT $1, $2, $3",
	          RCD_BIND(rcd_text(RCD_SV("a\0b\xff"
	                                   "c")),
	                   rcd_text(RCD_SV("\xEF\xBF\xBD")), rcd_bytes(RCD_SV("\0\xff"))),
	          err) != 0)
		return -1;
	*ok = rcd_q_step(&q, err) == 1 &&
	      rcd_sv_is(rcd_q_sv(&q, 0), "a\xEF\xBF\xBD"
	                                 "b\xEF\xBF\xBD"
	                                 "c") &&
	      rcd_sv_is(rcd_q_sv(&q, 1), "\xEF\xBF\xBD") &&
	      rcd_sv_eq(rcd_q_sv(&q, 2), RCD_SV("\0\xff"));
	rcd_q_end(&q);
	return 0;
}

static int many(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char add[] = "INSERT INTO watermark(tenant_id, name, ms) VALUES(1, $1, $2)";
	const int *twice = arg;
	char name[16];

	for (int i = 0; i < 200; i++) {
		(void)snprintf(name, sizeof(name), "%d", i == *twice ? 0 : i);
		if (rcd_exec(conn, NULL, add, RCD_BIND(rcd_str(name), rcd_i64(i)), err) != 0)
			return -1;
	}
	return 0;
}

/* Statements that nobody asks about are sent together; one that fails undoes all. */
static int statements(void)
{
	struct count sum = {.sql = "SELECT sum(ms) FROM watermark"};
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	int ret = 0, twice = 150;
	bool ok = false;

	T_DO(t_store(&db, &err), err);
	T_DO(rcd_db_read(db, odd_texts, &ok, &err), err);
	T_OK(ok);
	for (twice = 199; twice > 0; twice -= 50) {
		T_INT(rcd_db_write(db, many, &twice, &err), -1);
		T_INT(err.code, RCD_EXISTS);
		T_INT(count(db, "SELECT count(*) FROM watermark"), 0);
	}
	twice = -1;
	T_DO(rcd_db_write(db, many, &twice, &err), err);
	T_INT(count(db, "SELECT count(*) FROM watermark"), 200);
	/* a type that the columns of a row are not read as */
	T_INT(rcd_db_read(db, do_count, &sum, &err), -1);
	T_OK(err.code == RCD_INVAL && strstr(err.msg, "CAST") != NULL);
out:
	rcd_db_close(db);
	return ret;
}

/* --- connections that end --------------------------------------------------------------- */

struct storm {
	struct rcd_db *db;
	atomic_int next, confirmed, unsure, failed, stop;
};

static void *storm_member(void *arg)
{
	struct storm *s = arg;
	int me = atomic_fetch_add(&s->next, 1);
	struct rcd_err err;
	char key[24];
	bool fresh;

	for (int i = 0; i < 150; i++) {
		(void)snprintf(key, sizeof(key), "SM%d-%d", me, i);
		if (put(s->db, key, &fresh, &err) == 0)
			atomic_fetch_add(&s->confirmed, 1);
		else if (strstr(err.msg, "unknown") != NULL)
			atomic_fetch_add(&s->unsure, 1);
		else if (atomic_fetch_add(&s->failed, 1) == 0)
			(void)fprintf(stderr, "%s\n", err.msg);
	}
	return NULL;
}

static void *ender(void *arg)
{
	struct storm *s = arg;
	struct rcd_err err;

	while (!atomic_load(&s->stop)) {
		(void)script(END_OTHERS, &err);
		(void)usleep(15000);
	}
	return NULL;
}

/* Nothing confirmed is missing, nothing is there twice, and only a commit's fate can be open. */
static int ended(void)
{
	struct storm s = {0};
	struct rcd_err err = {0};
	pthread_t t[4], k;
	int64_t rows;
	int ret = 0;

	T_DO(t_store(&s.db, &err), err);
	T_INT(pthread_create(&k, NULL, ender, &s), 0);
	for (int i = 0; i < 4; i++)
		T_INT(pthread_create(&t[i], NULL, storm_member, &s), 0);
	for (int i = 0; i < 4; i++)
		(void)pthread_join(t[i], NULL);
	atomic_store(&s.stop, 1);
	(void)pthread_join(k, NULL);
	rows = count(s.db, "SELECT count(*) FROM inbox");
	T_INT(s.failed, 0);
	T_OK(rows >= s.confirmed && rows <= s.confirmed + s.unsure);
	T_INT(s.confirmed + s.unsure, 600);
	/* the connections left idle are all dead now: nobody notices */
	T_DO(script(END_OTHERS, &err), err);
	T_INT(count(s.db, "SELECT count(*) FROM inbox"), rows);
out:
	rcd_db_close(s.db);
	return ret;
}

/* The connection ends while the server commits. */
static int in_commit(void)
{
	static const char trap[] =
		"CREATE FUNCTION recado.die() RETURNS trigger LANGUAGE plpgsql AS"
		" 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';"
		"CREATE CONSTRAINT TRIGGER die AFTER INSERT ON recado.inbox DEFERRABLE INITIALLY DEFERRED"
		" FOR EACH ROW EXECUTE FUNCTION recado.die()";
	static const char claim_trap[] =
		"CREATE CONSTRAINT TRIGGER die AFTER UPDATE ON recado.job DEFERRABLE INITIALLY DEFERRED"
		" FOR EACH ROW EXECUTE FUNCTION recado.die()";
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	struct rcd_job job;
	bool fresh = false;
	int ret = 0, n = -1;

	T_DO(t_store(&db, &err), err);
	T_DO(script(trap, &err), err);
	T_INT(put(db, "SM1", &fresh, &err), -1);
	T_INT(err.code, RCD_IO);
	T_OK(strstr(err.msg, "unknown") != NULL);
	T_DO(script("DROP TRIGGER die ON recado.inbox", &err), err);
	T_DO(put(db, "SM1", &fresh, &err), err);
	T_INT(count(db, "SELECT count(*) FROM inbox"), 1);
	/* a claim looks up what became of it: nothing is ours */
	T_DO(script(claim_trap, &err), err);
	T_INT(rcd_job_claim(db, 1, 60000, &job, 1, &n, &err), -1);
	T_INT(err.code, RCD_IO);
	T_DO(script("DROP TRIGGER die ON recado.job", &err), err);
	T_DO(rcd_job_claim(db, 1, 60000, &job, 1, &n, &err), err);
	T_INT(n, 1);
out:
	rcd_db_close(db);
	return ret;
}

/* --- locks -------------------------------------------------------------------------------- */

struct cross {
	struct rcd_db *db;
	int64_t first, second;
	atomic_int *ready;
	int ret;
	struct rcd_err err;
};

static int do_cross(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char add[] = "UPDATE watermark SET ms = ms + 1 WHERE tenant_id = $1";
	struct cross *c = arg;
	int64_t n;

	if (rcd_exec(conn, &n, add, RCD_BIND(rcd_i64(c->first)), err) != 0)
		return -1;
	atomic_fetch_add(c->ready, 1);
	for (int i = 0; i < 500 && atomic_load(c->ready) < 2; i++)
		(void)usleep(1000);
	return rcd_exec(conn, &n, add, RCD_BIND(rcd_i64(c->second)), err);
}

static void *cross(void *arg)
{
	struct cross *c = arg;

	c->ret = rcd_db_write(c->db, do_cross, c, &c->err);
	return NULL;
}

/* Two that hold what the other wants: one is undone and run again, and neither notices. */
static int deadlock(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	atomic_int ready = 0;
	struct cross a, b;
	pthread_t t;
	int ret = 0;

	T_DO(t_store(&db, &err), err);
	T_DO(script("INSERT INTO recado.watermark VALUES(1, 'a', 0), (2, 'a', 0)", &err), err);
	a = (struct cross){.db = db, .first = 1, .second = 2, .ready = &ready};
	b = (struct cross){.db = db, .first = 2, .second = 1, .ready = &ready};
	T_INT(pthread_create(&t, NULL, cross, &a), 0);
	(void)cross(&b);
	(void)pthread_join(t, NULL);
	T_INT(a.ret, 0);
	T_INT(b.ret, 0);
	T_INT(count(db, "SELECT CAST(sum(ms) AS BIGINT) FROM watermark"), 4);
out:
	rcd_db_close(db);
	return ret;
}

/* --- other machines ----------------------------------------------------------------------- */

struct machine {
	struct rcd_wake *wake;
	int news_fd;
	atomic_int rung, notes;
};

static void ring(void *arg)
{
	atomic_fetch_add(&((struct machine *)arg)->rung, 1);
}

static void note(void *arg, const char *text)
{
	(void)text;
	atomic_fetch_add(&((struct machine *)arg)->notes, 1);
}

static int start_machine(struct machine *m, struct rcd_err *err)
{
	m->news_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	const struct rcd_wake_conf conf = {.url = t_store_url(),
	                                   .news_fd = m->news_fd,
	                                   .ring = ring,
	                                   .note = note,
	                                   .arg = m};

	if (m->news_fd < 0)
		return rcd_fail_errno(err, "eventfd");
	return rcd_wake_start(&m->wake, &conf, err);
}

static bool comes(atomic_int *n, int want, int ms)
{
	int64_t until = rcd_deadline_in(ms);

	while (atomic_load(n) < want && rcd_deadline_left(until, ms) > 0)
		(void)usleep(2000);
	return atomic_load(n) >= want;
}

/* News of one machine ring at the other, soon, together and not at home; without a connection,
 * and behind a pooler, every machine looks by itself. */
static int machines(void)
{
	struct machine a = {0}, b = {0};
	struct rcd_err err = {0};
	int ret = 0, before, home;
	int64_t began;
	bool pooled = getenv("T_POOLED") != NULL;

	T_DO(start_machine(&a, &err), err);
	T_DO(start_machine(&b, &err), err);
	T_OK(comes(&a.notes, 1, 5000) && comes(&b.notes, 1, 5000));
	(void)usleep(200000); /* each has heard the other arrive */
	before = atomic_load(&b.rung);
	home = atomic_load(&a.rung);
	began = rcd_mono_ms();
	for (int i = 0; i < 200; i++) {
		T_OK(eventfd_write(a.news_fd, 1) == 0);
		(void)usleep(1000);
	}
	T_OK(comes(&b.rung, before + 1, pooled ? 1500 : 500));
	(void)usleep(100000);
	if (!pooled)
		/* one each 50 ms, and not more */
		T_OK(b.rung <= before + 2 + (rcd_mono_ms() - began) / 50 && a.rung == home);
	T_DO(script(END_OTHERS, &err), err);
	before = atomic_load(&a.rung);
	T_OK(comes(&a.rung, before + 2, 15000));
	T_OK(pooled || comes(&a.notes, 3, 10000)); /* looks by itself; hears again */
out:
	rcd_wake_stop(a.wake);
	rcd_wake_stop(b.wake);
	return ret;
}

/* --- plans ---------------------------------------------------------------------------------- */

#define TRIES 20

/* A backlog that no statistics tell of, as in a new database or after a crash of the server. */
static const char backlog[] =
	"ALTER TABLE recado.inbox SET (autovacuum_enabled = off); ALTER TABLE recado.job SET "
	"(autovacuum_enabled = off);"
	"INSERT INTO recado.inbox(id, tenant_id, event_key, sender, route, received_ms, body, turn_id)"
	" SELECT 1000000 + i, 1, 'SM' || i, 'whatsapp:+' || i, '/w', i, CAST('MessageSid=SM' AS "
	"BYTEA), CASE WHEN i % 2 = 0 THEN i END"
	" FROM generate_series(1, 20000) AS i;"
	"ALTER TABLE recado.outbox SET (autovacuum_enabled = off);"
	"INSERT INTO recado.contact(id, tenant_id, first_ms, last_ms) VALUES(1, 1, 1, 1);"
	"INSERT INTO recado.turn(tenant_id, contact_id, id, route, started_ms) SELECT 1, 1, i, '/w', i"
	" FROM generate_series(1, 20000) AS i;"
	"INSERT INTO recado.outbox(id, tenant_id, turn_id, contact_id, part, key, state, attempts, "
	"from_address,"
	" to_address, body, sid, created_ms, updated_ms) SELECT i, 1, i, 1, 0, 'k' || i, 1, 1, 'f', "
	"'t', 'b', 'SM' || i, i, i"
	" FROM generate_series(1, 20000) AS i;"
	"INSERT INTO recado.job(tenant_id, kind, key, due_ms) SELECT 1, 'turn', 'whatsapp:+' || i, i"
	" FROM generate_series(1, 20000) AS i";

static int plans(void)
{
	static const char read_rows[] =
		"SELECT CAST((SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE schemaname = "
		"'recado')"
		" + (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE schemaname = 'recado') AS "
		"BIGINT)";
	struct rcd_inbox_row *rows = NULL;
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	const struct rcd_db_conf conf = {.url = t_store_url()};
	struct rcd_job job[4];
	int64_t contact, before;
	bool has, woken;
	char sid[16];
	int ret = 0, got = 0;
	size_t n = 0;

	if (getenv("T_POOLED") != NULL)
		return 0; /* a pooler's server processes tell what they have read when they like */
	T_DO(t_store(&db, &err), err);
	T_DO(script(backlog, &err), err);
	before = count(db, read_rows);
	for (int i = 0; i < TRIES; i++) {
		T_DO(rcd_job_claim(db, 7, 60000, job, 4, &got, &err), err);
		T_INT(got, 4);
		T_DO(rcd_inbox_gather(db, &job[0], false, &rows, &n, &err), err);
		if (n == 1) {
			const struct rcd_turn_begin in = {.job = &job[0],
			                                  .inbox_ids = &rows[0].id,
			                                  .n_inbox = 1,
			                                  .contact = {.phone = rcd_sv(job[0].key + 9)},
			                                  .started_ms = 1};

			T_DO(rcd_history_begin(db, &in, &job[0].turn_id, &contact, &err), err);
		}
		rcd_inbox_rows_free(rows, n);
		rows = NULL;
		n = 0;
		(void)snprintf(sid, sizeof(sid), "SM%d", 9000 + i);
		T_DO(rcd_outbox_has_sid(db, 1, sid, 1, &has, &err), err);
		T_OK(has);
		T_DO(rcd_outbox_told(db,
		                     &(struct rcd_outbox_news){.tenant = 1,
		                                               .sid = rcd_sv(sid),
		                                               .delivery = RCD_DELIVERY_SENT},
		                     &has, &woken, &err),
		     err);
		T_OK(has && !woken);
	}
	db = rcd_db_close(db); /* which is when its sessions tell what they have read */
	T_DO(rcd_db_open(&db, &conf, &err), err);
	before = count(db, read_rows) - before;
	T_OK(before > 0 && before < TRIES * 200);
out:
	rcd_inbox_rows_free(rows, n);
	rcd_db_close(db);
	return ret;
}

/* --- memory --------------------------------------------------------------------------------- */

static int memory(void)
{
	const struct rcd_db_conf conf = {.url = t_store_url()};
	struct rcd_inbox_row *rows = NULL;
	const struct rcd_job job = {.tenant = 1, .key = "whatsapp:+1"};
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	bool fresh = false;
	int ret = 0;
	size_t n = 0;

	T_DO(rcd_db_migrate(conf.url, &err), err);
	T_DO(rcd_db_open(&db, &conf, &err), err);
	T_DO(put(db, "SM1\xff", &fresh, &err), err);
	T_DO(rcd_inbox_gather(db, &job, true, &rows, &n, &err), err);
	T_OK(n >= 1);
out:
	rcd_inbox_rows_free(rows, n);
	rcd_db_close(db);
	return ret;
}

const struct t_case t_cases[] = {
	{"urls", urls, T_OOM},
	{"nobody", nobody, T_PG},
	{"statements", statements, T_PG},
	{"ended", ended, T_PG},
	{"in_commit", in_commit, T_PG},
	{"deadlock", deadlock, T_PG},
	{"machines", machines, T_PG},
	{"plans", plans, T_PG},
	{"memory", memory, T_PG | T_OOM},
	{NULL, NULL, 0},
};
