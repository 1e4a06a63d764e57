/* Turns that run ahead of their time: what may be claimed, what joins it, and when its answer may
 * be stored. */
#include "base/clock.h"
#include "base/limits.h"
#include "store/history.h"
#include "store/inbox.h"
#include "tests/unit/store.h"

#include <unistd.h>

#define SENDER "whatsapp:+1"
#define WINDOW_MS 60000 /* stays open for as long as a case runs, unless it is closed */

struct burst {
	const char *key;
	int64_t due_ms, latest_ms;
	bool ahead;
};

static int message(struct rcd_db *db, const struct burst *b, struct rcd_err *err)
{
	const struct rcd_inbox_in in = {.tenant = 1,
	                                .event_key = rcd_sv(b->key),
	                                .sender = RCD_SV(SENDER),
	                                .route = RCD_SV("/w"),
	                                .body = RCD_SV("b"),
	                                .received_ms = rcd_now_ms(),
	                                .due_ms = b->due_ms,
	                                .latest_ms = b->latest_ms,
	                                .ahead = b->ahead};
	bool fresh;

	return rcd_inbox_put(db, &in, &fresh, err);
}

/* One that may be answered in WINDOW_MS, or in half of it when more came. */
static int first(struct rcd_db *db, const char *key, struct rcd_err *err)
{
	const struct burst b = {key, rcd_now_ms() + WINDOW_MS, rcd_now_ms() + 2 * WINDOW_MS, true};

	return message(db, &b, err);
}

static int gather(struct rcd_db *db, struct rcd_job *job, int64_t *ids, size_t *n,
                  struct rcd_err *err)
{
	struct rcd_inbox_row *rows = NULL;

	if (rcd_inbox_gather(db, job, true, &rows, n, err) != 0)
		return -1;
	for (size_t i = 0; i < *n; i++)
		ids[i] = rows[i].id;
	rcd_inbox_rows_free(rows, *n);
	return 0;
}

static int begin_with(struct rcd_db *db, struct rcd_job *job, const int64_t *ids, size_t n,
                      int64_t *window_ms, struct rcd_err *err)
{
	const struct rcd_turn_begin in =
		{.job = job,
	     .inbox_ids = ids,
	     .n_inbox = n,
	     .route = RCD_SV("/w"),
	     .started_ms = rcd_now_ms(),
	     .window_ms = window_ms,
	     .contact = {.tenant = 1, .phone = RCD_SV("+1"), .seen_ms = 1, .messages = (int)n}};

	return rcd_history_begin(db, &in, &job->turn_id, &job->contact_id, err);
}

static int begin(struct rcd_db *db, struct rcd_job *job, int64_t *window_ms, struct rcd_err *err)
{
	int64_t ids[RCD_MAX_TURN_MESSAGES];
	size_t n;

	return gather(db, job, ids, &n, err) == 0 ? begin_with(db, job, ids, n, window_ms, err) : -1;
}

static int claim(struct rcd_db *db, int max_ahead, struct rcd_job *job, int *n, struct rcd_err *err)
{
	return rcd_job_claim_ahead(db, 1, 60000, job, 4, max_ahead, n, err);
}

static int yield(struct rcd_db *db, const struct rcd_job *job, int64_t calls, struct rcd_err *err)
{
	const struct rcd_job_lost lost = {.calls = calls, .tokens = 100 * calls};

	return rcd_job_yield(db, job, &lost, err);
}

static int close_window(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	(void)arg;
	return rcd_exec(conn, NULL, "UPDATE job SET due_ms = 1, latest_ms = 1 WHERE ahead = 1",
	                RCD_BIND(), err);
}

static int answer(struct rcd_db *db, const struct rcd_job *job, bool joined_only, bool *more,
                  int64_t *open_ms, struct rcd_err *err)
{
	const struct rcd_turn_answer in = {.job = job,
	                                   .user_message = RCD_SV("oi"),
	                                   .bot_response = RCD_SV("Oi!"),
	                                   .rung = RCD_SV("chat"),
	                                   .why = RCD_SV("{}"),
	                                   .unless_more = more,
	                                   .joined_only = joined_only,
	                                   .open_ms = open_ms};

	return rcd_history_answer(db, &in, err);
}

/* --- cases ------------------------------------------------------------------------------- */

static int put_other(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	const struct burst *b = arg;

	return (b->ahead ? rcd_job_put_ahead : rcd_job_put)(conn, 1, "test", rcd_sv(b->key), b->due_ms,
	                                                    b->latest_ms, err);
}

/* What is due comes first, then those of soonest end; what may not run ahead waits for its time. */
static int claimed_behind_what_is_due(void)
{
	const int64_t now = rcd_now_ms();
	struct burst all[] = {{"later", now + 60000, now + 60000, true},
	                      {"soon", now + 30000, now + 60000, true},
	                      {"waits", now + 20000, now + 60000, false},
	                      {"due", now - 5, now, false}};
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	struct rcd_job job[4];
	int ret = 0, n = -1;

	T_DO(t_store(&db, &err), err);
	for (size_t i = 0; i < 4; i++)
		T_DO(rcd_db_write(db, put_other, &all[i], &err), err);
	T_DO(rcd_job_claim_ahead(db, 1, 60000, job, 4, 1, &n, &err), err);
	T_INT(n, 2);
	T_STR(job[0].key, "due");
	T_STR(job[1].key, "soon");
	T_OK(!job[0].ahead && job[1].ahead && job[1].due_ms == now + 30000);
	T_DO(rcd_job_claim(db, 1, 60000, job, 4, &n, &err), err);
	T_INT(n, 0);
	T_DO(rcd_job_claim_ahead(db, 1, 60000, job, 4, 4, &n, &err), err);
	T_INT(n, 1);
	T_STR(job[0].key, "later");
out:
	rcd_db_close(db);
	return ret;
}

/* A message before the window closes joins whatever the budget says, moves the end of the window
 * within what the first has set, and is no beginning anew that counts. */
static int joined_in_the_window(void)
{
	struct burst next;
	struct rcd_stats stats;
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	struct rcd_job job;
	int64_t window = 0, fence, open_ms = 0, latest;
	bool more = false;
	int ret = 0, n = -1;

	T_DO(t_store(&db, &err), err);
	T_DO(first(db, "SM1", &err), err);
	latest = rcd_now_ms() + 2 * WINDOW_MS;
	T_DO(claim(db, 1, &job, &n, &err), err);
	T_INT(n, 1);
	T_DO(begin(db, &job, &window, &err), err);
	T_OK(window > rcd_now_ms() + WINDOW_MS / 2 && window <= rcd_now_ms() + WINDOW_MS);
	/* not before it closes */
	T_INT(answer(db, &job, true, &more, &open_ms, &err), -1);
	T_STR(rcd_code_name(err.code), "busy");
	T_OK(!more && open_ms > 0 && open_ms <= WINDOW_MS);
	/* one that would move it beyond the latest */
	next = (struct burst){"SM2", latest + 50000, latest + 99999, true};
	T_DO(message(db, &next, &err), err);
	T_DO(rcd_job_moved(db, 1, 0, &fence, 1, &n, &err), err);
	T_OK(n == 1 && fence == job.fence);
	T_INT(answer(db, &job, true, &more, &open_ms, &err), -1);
	T_STR(rcd_code_name(err.code), "cancelled");
	T_OK(more);
	T_DO(yield(db, &job, 2, &err), err);
	T_DO(claim(db, 1, &job, &n, &err), err);
	T_OK(n == 1 && job.cancels == 0 && job.ahead);
	T_DO(begin(db, &job, &window, &err), err);
	T_OK(window > latest - 5000 && window <= latest);
	T_DO(rcd_job_moved(db, 1, 9, &fence, 1, &n, &err), err);
	T_INT(n, 0);
	T_DO(rcd_db_write(db, close_window, NULL, &err), err);
	T_DO(answer(db, &job, true, &more, &open_ms, &err), err);
	T_OK(!more && open_ms == 0);
	T_DO(rcd_history_finish(db, &job, RCD_SV("{}"), &err), err);
	T_DO(rcd_stats(db, 1, &stats, &err), err);
	T_OK(stats.ahead_abandoned == 2 && stats.ahead_tokens == 200);
out:
	rcd_db_close(db);
	return ret;
}

/* One after the window has closed opens the next, and joins as long as there is a budget. */
static int joined_after_the_window(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	struct rcd_job job;
	int64_t window = 0, fence, open_ms = 0;
	bool more = false;
	int ret = 0, n = -1;

	T_DO(t_store(&db, &err), err);
	T_DO(first(db, "SM1", &err), err);
	T_DO(claim(db, 1, &job, &n, &err), err);
	T_DO(begin(db, &job, &window, &err), err);
	T_DO(rcd_db_write(db, close_window, NULL, &err), err);
	T_DO(first(db, "SM2", &err), err);
	T_DO(first(db, "SM2b", &err), err); /* in the window that the one before has opened */
	T_DO(rcd_job_moved(db, 1, 0, &fence, 1, &n, &err), err);
	T_INT(n, 0);
	T_DO(rcd_job_moved(db, 1, 1, &fence, 1, &n, &err), err);
	T_INT(n, 1);
	T_INT(answer(db, &job, false, &more, &open_ms, &err), -1);
	T_OK(more && err.code == RCD_CANCELLED);
	T_DO(yield(db, &job, 0, &err), err);
	T_DO(claim(db, 1, &job, &n, &err), err);
	T_OK(n == 1 && job.cancels == 1);
	T_DO(begin(db, &job, &window, &err), err);
	T_OK(window > rcd_now_ms());
	/* the third comes into the second's window: that joins without a budget too */
	T_DO(first(db, "SM3", &err), err);
	T_DO(rcd_job_moved(db, 1, 0, &fence, 1, &n, &err), err);
	T_INT(n, 1);
	T_DO(yield(db, &job, 0, &err), err);
	T_DO(claim(db, 1, &job, &n, &err), err);
	T_OK(n == 1 && job.cancels == 1);
	T_DO(begin(db, &job, &window, &err), err);
	T_DO(rcd_db_write(db, close_window, NULL, &err), err);
	T_DO(first(db, "SM4", &err), err);
	/* the fourth comes after it, and the budget is used up: the next turn is its own */
	T_DO(answer(db, &job, true, &more, &open_ms, &err), err);
	T_OK(!more && open_ms == 0);
out:
	rcd_db_close(db);
	return ret;
}

/* What came between reading the messages and tying them to the turn is told of, and joins. */
static int joined_while_it_began(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	struct rcd_job job;
	int64_t ids[RCD_MAX_TURN_MESSAGES], window = 0, fence, open_ms = 0;
	bool more = false;
	int ret = 0, n = -1;
	size_t got;

	T_DO(t_store(&db, &err), err);
	T_DO(first(db, "SM1", &err), err);
	T_DO(claim(db, 1, &job, &n, &err), err);
	T_DO(gather(db, &job, ids, &got, &err), err);
	T_INT(got, 1);
	T_DO(first(db, "SM2", &err), err);
	T_DO(begin_with(db, &job, ids, got, &window, &err), err);
	T_DO(rcd_job_moved(db, 1, 0, &fence, 1, &n, &err), err);
	T_INT(n, 1);
	T_DO(rcd_db_write(db, close_window, NULL, &err), err);
	T_INT(answer(db, &job, true, &more, &open_ms, &err), -1);
	T_OK(more && err.code == RCD_CANCELLED);
out:
	rcd_db_close(db);
	return ret;
}

static int due_of(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	return rcd_get_i64(conn, arg, "SELECT due_ms FROM job", RCD_BIND(), err);
}

/* A failure or a death does not close the window, and what failed does not run ahead again. */
static int failed_in_the_window(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	struct rcd_job job;
	int64_t due = 0, now = 0, freed;
	int ret = 0, n = -1;

	T_DO(t_store(&db, &err), err);
	T_DO(first(db, "SM1", &err), err);
	T_DO(rcd_db_read(db, due_of, &due, &err), err);
	T_DO(claim(db, 1, &job, &n, &err), err);
	T_DO(rcd_job_release(db, 1, &freed, &err), err);
	T_DO(rcd_db_read(db, due_of, &now, &err), err);
	T_OK(freed == 1 && now == due);
	T_DO(claim(db, 1, &job, &n, &err), err); /* who dies did not fail for good */
	T_OK(n == 1 && job.attempts == 1);
	T_DO(rcd_job_wait(db, &job, rcd_now_ms() + 5, &err), err);
	T_DO(rcd_db_read(db, due_of, &now, &err), err);
	T_INT(now, due);
	T_DO(claim(db, 1, &job, &n, &err), err);
	T_INT(n, 0);
out:
	rcd_db_close(db);
	return ret;
}

/* A burst of more messages than a turn takes does not begin anew for ever. */
static int a_full_turn_ends(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	struct rcd_job job;
	int64_t window = 0, fence;
	int ret = 0, n = -1;
	char key[16];

	T_DO(t_store(&db, &err), err);
	for (int i = 0; i < RCD_MAX_TURN_MESSAGES + 3; i++) {
		(void)snprintf(key, sizeof(key), "SM%d", i);
		T_DO(first(db, key, &err), err);
	}
	T_DO(claim(db, 1, &job, &n, &err), err);
	T_DO(begin(db, &job, &window, &err), err);
	T_DO(rcd_job_moved(db, 1, 9, &fence, 1, &n, &err), err);
	T_INT(n, 0);
	T_DO(rcd_db_write(db, close_window, NULL, &err), err);
	T_DO(answer(db, &job, false, NULL, NULL, &err), err);
	T_DO(rcd_history_finish(db, &job, RCD_SV("{}"), &err), err);
	T_DO(claim(db, 1, &job, &n, &err), err);
	T_OK(n == 1 && job.turn_id == 0);
out:
	rcd_db_close(db);
	return ret;
}

static int counts_bursts(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	struct rcd_job job = {0};
	int ret = 0, n = -1, turns = -1, bursts = -1;
	char key[16];

	T_DO(t_store(&db, &err), err);
	for (int i = 0; i < 5; i++) {
		const struct burst b = {key, rcd_now_ms(), rcd_now_ms(), false};

		(void)snprintf(key, sizeof(key), "SM%d", i);
		T_DO(message(db, &b, &err), err);
		(void)snprintf(key, sizeof(key), "SMx%d", i);
		if (i < 2)
			T_DO(message(db, &b, &err), err);
		T_DO(claim(db, 0, &job, &n, &err), err);
		T_INT(n, 1);
		T_DO(begin(db, &job, NULL, &err), err);
		T_DO(answer(db, &job, false, NULL, NULL, &err), err);
		T_DO(rcd_history_finish(db, &job, RCD_SV("{}"), &err), err);
	}
	T_DO(rcd_history_bursts(db, 1, job.contact_id, 8, &turns, &bursts, &err), err);
	T_OK(turns == 5 && bursts == 2);
	T_DO(rcd_history_bursts(db, 1, job.contact_id, 3, &turns, &bursts, &err), err);
	T_OK(turns == 3 && bursts == 0);
	T_DO(rcd_history_bursts(db, 2, job.contact_id, 8, &turns, &bursts, &err), err);
	T_OK(turns == 0 && bursts == 0);
out:
	rcd_db_close(db);
	return ret;
}

/* A message that came before the clock was set back by an hour, and is stored after it. */
static int the_clock_is_set_back(void)
{
	const int64_t came = rcd_now_ms() + 3600000;
	const struct rcd_inbox_in in = {.tenant = 1,
	                                .event_key = RCD_SV("k"),
	                                .sender = RCD_SV(SENDER),
	                                .route = RCD_SV("/w"),
	                                .body = RCD_SV("b"),
	                                .received_ms = came,
	                                .due_ms = came + 1500,
	                                .latest_ms = came + 9000,
	                                .ahead = true};
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	struct rcd_job job;
	int ret = 0, n = 0;
	bool fresh;

	T_DO(t_store(&db, &err), err);
	T_DO(rcd_inbox_put(db, &in, &fresh, &err), err);
	T_DO(rcd_job_claim_ahead(db, 1, 60000, &job, 1, 1, &n, &err), err);
	T_INT(n, 1);
	T_OK(job.due_ms <= rcd_now_ms() + 1500);
out:
	rcd_db_close(db);
	return ret;
}

const struct t_case t_cases[] = {
	{"claimed_behind_what_is_due", claimed_behind_what_is_due, T_OOM},
	{"joined_in_the_window", joined_in_the_window, T_OOM},
	{"joined_after_the_window", joined_after_the_window, 0},
	{"joined_while_it_began", joined_while_it_began, 0},
	{"failed_in_the_window", failed_in_the_window, 0},
	{"a_full_turn_ends", a_full_turn_ends, 0},
	{"counts_bursts", counts_bursts, T_OOM},
	{"the_clock_is_set_back", the_clock_is_set_back, 0},
	{NULL, NULL, 0},
};
