/* Writers at the same time: four threads, each engine. What one writer's turn hid before must
 * hold when the engine runs them beside each other. */
#include "base/clock.h"
#include "store/history.h"
#include "store/inbox.h"
#include "store/passage.h"
#include "store/tally.h"
#include "tests/unit/store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define THREADS 4
#define JOBS 300
#define PEOPLE 60
#define SENDERS 6
#define MESSAGES 50 /* of each putting thread */

struct race {
	struct rcd_db *db;
	const char *url;
	void (*run)(struct race *r, int me);
	atomic_int next, failed, done, doubled, disorder;
	int64_t last[SENDERS]; /* message of each sender; its job is the lock */
	atomic_int taken[JOBS];
};

static void *member(void *arg)
{
	struct race *r = arg;

	r->run(r, atomic_fetch_add(&r->next, 1));
	return NULL;
}

static int race(struct race *r)
{
	pthread_t t[THREADS];

	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&t[i], NULL, member, r) != 0)
			return -1;
	for (int i = 0; i < THREADS; i++)
		(void)pthread_join(t[i], NULL);
	return 0;
}

static void count_failure(struct race *r, const char *what, const struct rcd_err *err)
{
	(void)fprintf(stderr, "%s: %s\n", what, err->msg);
	atomic_fetch_add(&r->failed, 1);
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

/* --- claiming ------------------------------------------------------------------------- */

static int do_put(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	char key[16];

	for (int i = 0; i < JOBS; i++) {
		(void)snprintf(key, sizeof(key), "%d", i);
		if (rcd_job_put(conn, 1, "test", rcd_sv(key), *(const int64_t *)arg, 0, err) != 0)
			return -1;
	}
	return 0;
}

static int do_finish(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	return rcd_job_finish(conn, arg, err);
}

static void claim_all(struct race *r, int me)
{
	struct rcd_job job[7];
	struct rcd_err err;
	int n = 1;

	while (atomic_load(&r->done) < JOBS && atomic_load(&r->failed) == 0) {
		if (rcd_job_claim(r->db, me + 1, 60000, job, 7, &n, &err) != 0)
			count_failure(r, "claim", &err);
		for (int i = 0; i < n; i++) {
			int64_t key = -1;

			(void)rcd_parse_i64(rcd_sv(job[i].key), 0, JOBS - 1, &key);
			if (atomic_fetch_add(&r->taken[key], 1) != 0)
				atomic_fetch_add(&r->doubled, 1);
			if (rcd_db_write(r->db, do_finish, &job[i], &err) != 0)
				count_failure(r, "finish", &err);
			atomic_fetch_add(&r->done, 1);
		}
	}
}

static int claims(void)
{
	struct race r = {.run = claim_all};
	struct rcd_err err = {0};
	int64_t now = rcd_now_ms();
	int ret = 0;

	T_DO(t_store(&r.db, &err), err);
	T_DO(rcd_db_write(r.db, do_put, &now, &err), err);
	T_INT(race(&r), 0);
	T_INT(r.failed, 0);
	T_INT(r.doubled, 0);
	T_INT(r.done, JOBS);
	T_INT(count(r.db, "SELECT count(*) FROM job"), 0);
out:
	rcd_db_close(r.db);
	return ret;
}

/* --- one person ------------------------------------------------------------------------- */

static int do_resolve(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	int64_t id;

	return rcd_contact_resolve(conn, arg, &id, err);
}

/* All meet the same people, now by one id, now by the other, now by both. */
static void meet(struct race *r, int me)
{
	char phone[24], bsuid[24];
	struct rcd_err err;

	for (int i = 0; i < PEOPLE; i++) {
		struct rcd_contact_in in = {.tenant = 1, .seen_ms = 1000, .messages = 1};

		(void)snprintf(phone, sizeof(phone), "+5511987%06d", i);
		(void)snprintf(bsuid, sizeof(bsuid), "BR.%d", i);
		in.phone = rcd_sv(phone);
		if (me % 2 == 0)
			in.bsuid = rcd_sv(bsuid);
		if (rcd_db_write(r->db, do_resolve, &in, &err) != 0)
			count_failure(r, "resolve", &err);
	}
}

static int people(void)
{
	struct race r = {.run = meet};
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(t_store(&r.db, &err), err);
	T_INT(race(&r), 0);
	T_INT(r.failed, 0);
	T_INT(count(r.db, "SELECT count(*) FROM contact"), PEOPLE);
	T_INT(count(r.db, "SELECT count(*) FROM contact_alias"), 2 * PEOPLE);
	T_INT(count(r.db, "SELECT CAST(sum(messages) AS BIGINT) FROM contact"), THREADS * PEOPLE);
	T_INT(count(r.db, "SELECT CAST(sum(new_users) AS BIGINT) FROM tally"), PEOPLE);
out:
	rcd_db_close(r.db);
	return ret;
}

/* --- messages and their turns ----------------------------------------------------------- */

static int put_message(struct race *r, int sender, int me, int i, struct rcd_err *err)
{
	char key[32], from[32];
	bool fresh;

	(void)snprintf(key, sizeof(key), "SM%d-%d", me, i);
	(void)snprintf(from, sizeof(from), "whatsapp:+%d", sender);
	const struct rcd_inbox_in in = {.tenant = 1,
	                                .event_key = rcd_sv(key),
	                                .sender = rcd_sv(from),
	                                .route = RCD_SV("/w"),
	                                .body = RCD_SV("b"),
	                                .received_ms = rcd_now_ms(),
	                                .due_ms = rcd_now_ms()};

	return rcd_inbox_put(r->db, &in, &fresh, err);
}

/* In order, and none twice: their numbers only grow. */
static void look_at(struct race *r, const struct rcd_job *job, const struct rcd_inbox_row *rows,
                    size_t n)
{
	int64_t sender = 0;

	(void)rcd_parse_i64(rcd_sv_skip(rcd_sv(job->key), strlen("whatsapp:+")), 0, SENDERS - 1,
	                    &sender);
	for (size_t i = 0; i < n; i++) {
		if (rows[i].id <= r->last[sender])
			atomic_fetch_add(&r->disorder, 1);
		r->last[sender] = rows[i].id;
	}
}

static int answer(struct race *r, struct rcd_job *job, struct rcd_err *err)
{
	struct rcd_inbox_row *rows = NULL;
	int64_t ids[RCD_MAX_TURN_MESSAGES];
	size_t n;

	if (rcd_inbox_gather(r->db, job, false, &rows, &n, err) != 0)
		return -1;
	look_at(r, job, rows, n);
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].id;
	rcd_inbox_rows_free(rows, n);
	/* all senders are one person on many channels */
	const struct rcd_turn_begin in = {.job = job,
	                                  .inbox_ids = ids,
	                                  .n_inbox = n,
	                                  .route = RCD_SV("/w"),
	                                  .started_ms = rcd_now_ms(),
	                                  .contact = {.tenant = 1,
	                                              .phone = RCD_SV("+1"),
	                                              .seen_ms = rcd_now_ms(),
	                                              .messages = (int)n}};

	if (n > 0 && rcd_history_begin(r->db, &in, &job->turn_id, &job->contact_id, err) != 0)
		return -1;
	if (n == 0)
		return rcd_db_write(r->db, do_finish, job, err);
	if (rcd_history_finish(r->db, job, RCD_SV("{}"), err) != 0)
		return -1;
	atomic_fetch_add(&r->done, (int)n);
	return 0;
}

/* Two put, two answer. */
static void converse(struct race *r, int me)
{
	struct rcd_err err = {0};
	struct rcd_job job;
	int n;

	for (int i = 0; me < 2 && i < MESSAGES; i++)
		if (put_message(r, i % SENDERS, me, i, &err) != 0)
			count_failure(r, "put", &err);
	while (me >= 2 && atomic_load(&r->done) < 2 * MESSAGES && atomic_load(&r->failed) == 0) {
		if (rcd_job_claim(r->db, me, 60000, &job, 1, &n, &err) != 0 ||
		    (n == 1 && answer(r, &job, &err) != 0))
			count_failure(r, "turn", &err);
	}
}

static int messages(void)
{
	struct race r = {.run = converse};
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(t_store(&r.db, &err), err);
	T_INT(race(&r), 0);
	T_INT(r.failed, 0);
	T_INT(r.disorder, 0);
	T_INT(r.done, 2 * MESSAGES);
	T_INT(count(r.db, "SELECT count(*) FROM inbox WHERE turn_id IS NULL"), 0);
	T_INT(count(r.db, "SELECT count(*) FROM job"), 0);
	T_INT(count(r.db, "SELECT CAST(sum(received) AS BIGINT) FROM tally"), 2 * MESSAGES);
	T_INT(count(r.db, "SELECT count(*) FROM contact"), 1);
	T_OK(count(r.db, "SELECT CAST(sum(users) AS BIGINT) FROM tally") <= 2); /* midnight may pass */
out:
	rcd_db_close(r.db);
	return ret;
}

/* --- sums and sources ------------------------------------------------------------------- */

static int do_tally(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	const struct rcd_tally more = {.sent = 1, .received = 2};

	(void)arg;
	return rcd_tally_add(conn, 1, 86400000, &more, err);
}

static void add_up(struct race *r, int me)
{
	struct rcd_err err;

	(void)me;
	for (int i = 0; i < 100; i++)
		if (rcd_db_write(r->db, do_tally, NULL, &err) != 0)
			count_failure(r, "tally", &err);
}

static int sums(void)
{
	struct race r = {.run = add_up};
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(t_store(&r.db, &err), err);
	T_INT(race(&r), 0);
	T_INT(r.failed, 0);
	T_INT(count(r.db, "SELECT CAST(sum(sent) AS BIGINT) FROM tally"), THREADS * 100);
	T_INT(count(r.db, "SELECT CAST(sum(received) AS BIGINT) FROM tally"), THREADS * 200);
out:
	rcd_db_close(r.db);
	return ret;
}

static void replace(struct race *r, int me)
{
	const struct rcd_source src = {.name = (char *)(uintptr_t) "a.md", .size = me, .mtime_ns = me};
	const struct rcd_passage_in in[] = {{RCD_SV("Frete"), RCD_SV("O frete custa quinze."), 0},
	                                    {RCD_SV("Pix"), RCD_SV("Aceitamos pix."), 2}};
	struct rcd_err err;

	for (int i = 0; i < 20; i++)
		if (rcd_source_replace(r->db, 1, &src, in, i % 5 == 4 ? 0 : 2, &err) != 0)
			count_failure(r, "replace", &err);
	if (rcd_source_replace(r->db, 1, &src, in, 2, &err) != 0)
		count_failure(r, "replace", &err);
}

static int sources(void)
{
	const struct rcd_sv word = RCD_SV("fret");
	struct race r = {.run = replace};
	struct rcd_passage *p = NULL;
	struct rcd_err err = {0};
	int ret = 0;
	size_t n = 0;

	T_DO(t_store(&r.db, &err), err);
	T_INT(race(&r), 0);
	T_INT(r.failed, 0);
	T_INT(count(r.db, "SELECT count(*) FROM source"), 1);
	T_INT(count(r.db, "SELECT count(*) FROM passage"), 2);
	T_DO(rcd_passage_search(r.db, 1, &word, 1, 5, &p, &n, &err), err);
	T_INT(n, 1);
out:
	rcd_passages_free(p, n);
	rcd_db_close(r.db);
	return ret;
}

/* --- two starters ----------------------------------------------------------------------- */

static void migrate(struct race *r, int me)
{
	struct rcd_err err;

	(void)me;
	if (rcd_db_migrate(r->url, &err) != 0)
		count_failure(r, "migrate", &err);
}

static int starters(void)
{
	const struct rcd_db_conf conf = {.url = t_store_url()};
	struct race r = {.run = migrate, .url = conf.url};
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(t_store_clear(&err), err);
	T_INT(race(&r), 0);
	T_INT(r.failed, 0);
	T_DO(rcd_db_open(&r.db, &conf, &err), err);
	T_INT(count(r.db, "SELECT count(*) FROM tenant"), 1);
out:
	rcd_db_close(r.db);
	return ret;
}

const struct t_case t_cases[] = {
	{"claims", claims, 0}, {"people", people, 0},   {"messages", messages, 0},
	{"sums", sums, 0},     {"sources", sources, 0}, {"starters", starters, 0},
	{NULL, NULL, 0},
};
