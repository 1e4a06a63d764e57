/* Jobs: order, leases, fences, more work while one runs, and who died. */
#include "base/clock.h"
#include "store/history.h"
#include "store/inbox.h"
#include "tests/unit/store.h"

#include <unistd.h>

struct more {
	const char *key;
	int64_t due_ms;
};

static int do_put(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	const struct more *m = arg;

	return rcd_job_put(conn, 1, "test", rcd_sv(m->key), m->due_ms, m->due_ms, err);
}

static int put(struct rcd_db *db, const char *key, int64_t due_ms, struct rcd_err *err)
{
	struct more m = {key, due_ms};

	return rcd_db_write(db, do_put, &m, err);
}

static int do_finish(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	return rcd_job_finish(conn, arg, err);
}

static int finish(struct rcd_db *db, struct rcd_job *job, struct rcd_err *err)
{
	return rcd_db_write(db, do_finish, job, err);
}

static int do_hold(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	return rcd_job_hold(conn, arg, err);
}

static int order(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	struct rcd_job job[4];
	int64_t now = rcd_now_ms(), next;
	int ret = 0, n = -1;

	T_DO(t_store(&db, &err), err);
	T_DO(rcd_job_next(db, &next, &err), err);
	T_OK(next == INT64_MAX);
	T_DO(put(db, "late", now - 10, &err), err);
	T_DO(put(db, "early", now - 20, &err), err);
	T_DO(put(db, "future", now + 60000, &err), err);
	T_DO(put(db, "third", now - 5, &err), err);
	T_DO(rcd_job_next(db, &next, &err), err);
	T_INT(next, now - 20);
	T_DO(rcd_job_claim(db, 1, 60000, job, 2, &n, &err), err);
	T_INT(n, 2);
	T_STR(job[0].key, "early");
	T_STR(job[1].key, "late");
	T_STR(job[0].kind, "test");
	T_OK(job[0].tenant == 1 && job[0].fence != job[1].fence && job[0].attempts == 0);
	T_DO(rcd_job_claim(db, 2, 60000, job + 2, 2, &n, &err), err);
	T_INT(n, 1);
	T_STR(job[2].key, "third");
	T_DO(rcd_job_claim(db, 2, 60000, job + 3, 1, &n, &err), err);
	T_INT(n, 0);
	/* one that is not due can be had by name; one that somebody has cannot */
	T_INT(rcd_job_claim_one(db, 3, 60000, 1, "test", "late", &job[3], &err), -1);
	T_INT(err.code, RCD_BUSY);
	T_INT(rcd_job_claim_one(db, 3, 60000, 1, "test", "nobody", &job[3], &err), -1);
	T_INT(err.code, RCD_NOENT);
	T_INT(rcd_job_claim_one(db, 3, 60000, 2, "test", "future", &job[3], &err), -1);
	T_INT(err.code, RCD_NOENT); /* another tenant's */
	T_DO(rcd_job_claim_one(db, 3, 60000, 1, "test", "future", &job[3], &err), err);
	for (int i = 0; i < 4; i++)
		T_DO(finish(db, &job[i], &err), err);
	T_DO(rcd_job_next(db, &next, &err), err);
	T_OK(next == INT64_MAX);
out:
	rcd_db_close(db);
	return ret;
}

static int hastened(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	struct rcd_job job;
	int64_t now = rcd_now_ms(), next;
	int ret = 0, n;

	T_DO(t_store(&db, &err), err);
	T_DO(put(db, "a", now + 50000, &err), err);
	T_DO(put(db, "b", now + 50000, &err), err);
	T_DO(rcd_job_hasten(db, 1, "test", "a", &err), err);
	T_DO(rcd_job_hasten(db, 2, "test", "b", &err), err); /* another tenant's */
	T_DO(rcd_job_claim(db, 1, 60000, &job, 1, &n, &err), err);
	T_INT(n, 1);
	T_STR(job.key, "a");
	/* what came meanwhile is due when the job is over */
	T_DO(put(db, "a", now + 50000, &err), err);
	T_DO(rcd_job_hasten(db, 1, "test", "a", &err), err);
	T_DO(finish(db, &job, &err), err);
	T_DO(rcd_job_claim(db, 1, 60000, &job, 1, &n, &err), err);
	T_INT(n, 1);
	/* one that failed keeps its time */
	T_DO(rcd_job_retry(db, &job, now + 40000, "no", &err), err);
	T_DO(rcd_job_hasten(db, 1, "test", "a", &err), err);
	T_DO(rcd_job_next(db, &next, &err), err);
	T_OK(next > now + 39000 && next < now + 41000);
out:
	rcd_db_close(db);
	return ret;
}

static int forbid_claims(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	(void)arg;
	return rcd_exec(conn, NULL,
	                "CREATE TRIGGER forbid_claims BEFORE UPDATE ON job WHEN NEW.state = 1"
	                " BEGIN SELECT RAISE(ABORT, 'no claims'); END",
	                RCD_BIND(), err);
}

/* A claim that the store refuses is an error, so that the dispatcher backs off. */
static int refused_claim(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	struct rcd_job job[2];
	int ret = 0, n = -1;

	T_DO(t_store(&db, &err), err);
	T_DO(put(db, "a", rcd_now_ms() - 10, &err), err);
	T_DO(rcd_db_write(db, forbid_claims, NULL, &err), err);
	T_INT(rcd_job_claim(db, 1, 60000, job, 2, &n, &err), -1);
	T_OK(strstr(err.msg, "constraint failed") != NULL);
	T_INT(n, -1);
out:
	rcd_db_close(db);
	return ret;
}

static int more_work(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	struct rcd_job job, again;
	int64_t now = rcd_now_ms(), next, fence;
	int ret = 0, n;

	T_DO(t_store(&db, &err), err);
	/* while it waits, more may move its time, but not beyond the latest of the first */
	T_DO(put(db, "a", now + 50000, &err), err);
	T_DO(put(db, "a", now + 90000, &err), err);
	T_DO(rcd_job_next(db, &next, &err), err);
	T_INT(next, now + 50000);
	T_DO(put(db, "a", now - 1, &err), err);
	T_DO(rcd_job_claim(db, 1, 60000, &job, 1, &n, &err), err);
	T_INT(n, 1);
	T_INT(job.rev, 3);
	/* while it runs, it is only told; afterwards it is ready, when the new one says */
	T_DO(rcd_job_moved(db, 1, 1, &fence, 1, &n, &err), err);
	T_INT(n, 0);
	T_DO(put(db, "a", now, &err), err);
	T_DO(rcd_job_moved(db, 1, 1, &fence, 1, &n, &err), err);
	T_OK(n == 1 && fence == job.fence);
	T_DO(rcd_job_claim(db, 1, 60000, &again, 1, &n, &err), err);
	T_INT(n, 0);
	T_DO(finish(db, &job, &err), err);
	T_DO(rcd_job_claim(db, 1, 60000, &again, 1, &n, &err), err);
	T_INT(n, 1);
	T_OK(again.rev == 4 && again.fence > job.fence && again.turn_id == 0 && again.attempts == 0);
	T_INT(finish(db, &job, &err), -1);
	T_INT(err.code, RCD_CANCELLED);
	T_DO(finish(db, &again, &err), err);
	/* the row is gone; the fence of the next of that name is still another one */
	T_DO(put(db, "a", now, &err), err);
	T_DO(rcd_job_claim(db, 1, 60000, &job, 1, &n, &err), err);
	T_OK(n == 1 && job.fence > again.fence && job.rev == 1);
	T_INT(finish(db, &again, &err), -1);
	T_INT(err.code, RCD_CANCELLED);
out:
	rcd_db_close(db);
	return ret;
}

static int death(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	struct rcd_job old, job;
	int64_t now = rcd_now_ms(), next, freed = -1;
	int ret = 0, n;

	T_DO(t_store(&db, &err), err);
	T_DO(put(db, "a", now, &err), err);
	T_DO(rcd_job_claim(db, 1, 1, &old, 1, &n, &err), err); /* a lease of 1 ms */
	(void)usleep(3000);
	T_DO(rcd_job_claim(db, 2, 60000, &job, 1, &n, &err), err);
	T_OK(n == 1 && job.attempts == 1 && job.fence > old.fence);
	T_INT(rcd_job_retry(db, &old, now, "x", &err), -1);
	T_INT(err.code, RCD_CANCELLED);
	/* a retry comes back with one attempt more, not before its time */
	T_DO(rcd_job_retry(db, &job, now + 30, "timeout", &err), err);
	T_DO(rcd_job_next(db, &next, &err), err);
	T_INT(next, now + 30);
	while (rcd_now_ms() < now + 31)
		(void)usleep(1000);
	T_DO(rcd_job_claim(db, 2, 20, &job, 1, &n, &err), err);
	T_OK(n == 1 && job.attempts == 2);
	/* a write that holds on to it makes it outlive its first end; who has lost it cannot */
	job.lease_ms = 60000;
	old = job;
	old.fence--;
	T_INT(rcd_db_write(db, do_hold, &old, &err), -1);
	T_INT(err.code, RCD_CANCELLED);
	T_DO(rcd_db_write(db, do_hold, &job, &err), err);
	(void)usleep(25000);
	T_DO(rcd_job_claim(db, 3, 60000, &old, 1, &n, &err), err);
	T_INT(n, 0);
	/* so does a renewal */
	T_DO(rcd_job_renew(db, &job, 1, 20, &err), err);
	T_DO(rcd_job_renew(db, &job, 1, 60000, &err), err);
	(void)usleep(25000);
	T_DO(rcd_job_claim(db, 3, 60000, &old, 1, &n, &err), err);
	T_INT(n, 0);
	/* a dead owner's are free at once, others' are not */
	T_DO(rcd_job_release(db, 9, &freed, &err), err);
	T_INT(freed, 0);
	T_DO(rcd_job_release(db, 2, &freed, &err), err);
	T_INT(freed, 1);
	T_INT(finish(db, &job, &err), -1);
	T_DO(rcd_job_claim(db, 3, 60000, &job, 1, &n, &err), err);
	T_OK(n == 1 && job.attempts == 3);
	/* all of a host's, whatever process had them; with several hosts, no other's */
	T_DO(rcd_job_release_host(db, 0, &freed, &err), err);
	T_INT(freed, 1);
	T_DO(rcd_job_claim(db, rcd_job_owner(7), 60000, &job, 1, &n, &err), err);
	T_INT(n, 1);
	T_DO(rcd_job_release_host(db, 8, &freed, &err), err);
	T_INT(freed, t_pg() ? 0 : 1);
	T_DO(rcd_job_release_host(db, 7, &freed, &err), err);
	T_INT(freed, t_pg() ? 1 : 0);
out:
	rcd_db_close(db);
	return ret;
}

/* --- a turn's job --------------------------------------------------------------------- */

static int message(struct rcd_db *db, int n, struct rcd_err *err)
{
	char key[24];
	bool fresh;

	(void)snprintf(key, sizeof(key), "SM%d", n);
	const struct rcd_inbox_in in = {.tenant = 1,
	                                .event_key = rcd_sv(key),
	                                .sender = RCD_SV("whatsapp:+1"),
	                                .route = RCD_SV("/w"),
	                                .body = RCD_SV("b"),
	                                .received_ms = rcd_now_ms(),
	                                .due_ms = rcd_now_ms()};

	return rcd_inbox_put(db, &in, &fresh, err);
}

static int begin(struct rcd_db *db, struct rcd_job *job, size_t *n, struct rcd_err *err)
{
	struct rcd_inbox_row *rows = NULL;
	int64_t ids[RCD_MAX_TURN_MESSAGES];

	if (rcd_inbox_gather(db, job, false, &rows, n, err) != 0)
		return -1;
	for (size_t i = 0; i < *n; i++)
		ids[i] = rows[i].id;
	rcd_inbox_rows_free(rows, *n);
	const struct rcd_turn_begin in =
		{.job = job,
	     .inbox_ids = ids,
	     .n_inbox = *n,
	     .route = RCD_SV("/w"),
	     .started_ms = rcd_now_ms(),
	     .contact = {.tenant = 1, .phone = RCD_SV("+1"), .seen_ms = 1, .messages = (int)*n}};

	return rcd_history_begin(db, &in, &job->turn_id, &job->contact_id, err);
}

/* More messages than one turn takes: none is forgotten, and messages that came between claim
 * and gather do not cause an empty turn. */
static int many_messages(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	struct rcd_job job;
	int ret = 0, n;
	size_t got;

	T_DO(t_store(&db, &err), err);
	for (int i = 0; i < RCD_MAX_TURN_MESSAGES + 5; i++)
		T_DO(message(db, i, &err), err);
	T_DO(rcd_job_claim(db, 1, 60000, &job, 1, &n, &err), err);
	T_INT(n, 1);
	T_DO(begin(db, &job, &got, &err), err);
	T_INT(got, RCD_MAX_TURN_MESSAGES);
	T_DO(rcd_history_finish(db, &job, RCD_SV("{}"), &err), err);
	T_DO(rcd_job_claim(db, 1, 60000, &job, 1, &n, &err), err);
	T_INT(n, 1);
	T_DO(message(db, 1000, &err), err);
	T_DO(begin(db, &job, &got, &err), err);
	T_INT(got, 6);
	T_DO(rcd_history_finish(db, &job, RCD_SV("{}"), &err), err);
	T_DO(rcd_job_claim(db, 1, 60000, &job, 1, &n, &err), err);
	T_INT(n, 0);
out:
	rcd_db_close(db);
	return ret;
}

/* Killed in the middle of a turn: the next claim goes on with the same turn and the same
 * messages, and those that came meanwhile wait for the turn after it. */
static int resumed(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	struct rcd_job job, again;
	struct rcd_stats st;
	int ret = 0, n;
	size_t got;

	T_DO(t_store(&db, &err), err);
	T_DO(message(db, 1, &err), err);
	T_DO(rcd_job_claim(db, 1, 1, &job, 1, &n, &err), err);
	T_DO(begin(db, &job, &got, &err), err);
	T_DO(message(db, 2, &err), err);
	(void)usleep(3000);
	T_DO(rcd_job_claim(db, 2, 60000, &again, 1, &n, &err), err);
	T_INT(n, 1);
	T_OK(again.turn_id == job.turn_id && again.contact_id == job.contact_id && again.attempts == 1);
	T_INT(begin(db, &job, &got, &err), -1);
	T_INT(err.code, RCD_CANCELLED);
	T_INT(rcd_history_finish(db, &job, RCD_SV("{}"), &err), -1);
	T_INT(err.code, RCD_CANCELLED);
	T_DO(begin(db, &again, &got, &err), err); /* once more changes nothing */
	T_OK(got == 1 && again.turn_id == job.turn_id);
	T_DO(rcd_history_finish(db, &again, RCD_SV("{}"), &err), err);
	T_DO(rcd_job_claim(db, 2, 60000, &again, 1, &n, &err), err);
	T_INT(n, 1);
	T_DO(begin(db, &again, &got, &err), err);
	T_OK(got == 1 && again.turn_id != job.turn_id);
	T_DO(rcd_history_finish(db, &again, RCD_SV("{}"), &err), err);
	T_DO(rcd_stats(db, 1, &st, &err), err);
	T_INT(st.messages_received, 2);
	T_INT(st.total_conversations, 2);
	T_INT(st.total_users, 1);
out:
	rcd_db_close(db);
	return ret;
}

const struct t_case t_cases[] = {
	{"order", order, 0},
	{"hastened", hastened, 0},
	{"refused_claim", refused_claim, T_SQLITE},
	{"more_work", more_work, 0},
	{"death", death, 0},
	{"resumed", resumed, 0},
	{"many_messages", many_messages, 0},
	{NULL, NULL, 0},
};
