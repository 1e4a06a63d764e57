#include "store/pg_session.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

/* --- failures ------------------------------------------------------------------------- */

int rcd_session_fail(const struct rcd_session *s, struct rcd_err *err)
{
	return rcd_fail(err, s->err.code, s->err.sys, "%s", s->err.msg);
}

/* May the function be run again? A write always: it was undone. A read only when it has not
 * yet gathered anything. */
static bool is_repeatable(const struct rcd_session *s)
{
	return s->writes || !s->delivered;
}

/* Behind a statement that failed, COMMIT was skipped: then nothing is unknown. */
static void mark_lost(struct rcd_session *s, const struct rcd_err *why)
{
	bool unknown = s->committing && s->writes && !s->failed;

	s->broken = s->failed = true;
	s->again = !unknown && is_repeatable(s);
	s->err = *why;
	if (unknown)
		rcd_fail(&s->err, RCD_IO, 0,
		         "store: the connection was lost while committing: it is unknown whether it was");
}

/* A name that is not known or is taken, tables not found: there is a pooler after all. */
static bool is_pooled(const char *state)
{
	return strcmp(state, "26000") == 0 || strcmp(state, "42P05") == 0 ||
	       strcmp(state, "42P01") == 0;
}

static void mark_refused(struct rcd_session *s, const struct rcd_pq_fail *fail)
{
	if (s->failed)
		return;
	s->failed = true;
	s->err = fail->err;
	s->again = strcmp(fail->state, "40001") == 0 || strcmp(fail->state, "40P01") == 0;
	if (s->direct && is_pooled(fail->state)) {
		s->direct = false;
		s->again = true;
	}
	s->again = s->again && is_repeatable(s);
}

/* --- results -------------------------------------------------------------------------- */

static void push_command(struct rcd_session *s, struct rcd_pg_stmt *wanted,
                         struct rcd_pg_stmt *naming)
{
	int at = (s->head + s->n_queued++) % RCD_SESSION_QUEUE;

	s->queue[at].wanted = wanted;
	s->queue[at].naming = naming;
}

/* One result, for the command that was queued first. */
static void take_result(struct rcd_session *s)
{
	struct rcd_pg_stmt *wanted = s->queue[s->head].wanted, *naming = s->queue[s->head].naming;
	struct rcd_pq_fail fail = {0};
	void *res = NULL;
	enum rcd_pq_end end = rcd_pq_next(s->pq, &res, &fail);

	s->head = (s->head + 1) % RCD_SESSION_QUEUE;
	s->n_queued--;
	if (end == RCD_PQ_LOST)
		mark_lost(s, &fail.err);
	else if (end == RCD_PQ_FAILED)
		mark_refused(s, &fail);
	if (naming != NULL)
		naming->named = end == RCD_PQ_DONE;
	if (wanted != NULL && end == RCD_PQ_DONE) {
		wanted->res = res;
		wanted->fetched = true;
	} else {
		rcd_pq_free(res);
	}
}

int rcd_session_mark(struct rcd_session *s, struct rcd_err *err)
{
	struct rcd_err why = {0};

	if (rcd_pq_sync(s->pq, &why) != 0) {
		mark_lost(s, &why);
		return rcd_session_fail(s, err);
	}
	push_command(s, NULL, NULL);
	return 0;
}

int rcd_session_collect(struct rcd_session *s, struct rcd_err *err)
{
	if (s->n_queued > 0 && !s->broken)
		(void)rcd_session_mark(s, RCD_UNREAD_ERR); /* a failure stands in s */
	while (s->n_queued > 0 && !s->broken)
		take_result(s);
	if (s->broken)
		s->n_queued = 0;
	return s->failed ? rcd_session_fail(s, err) : 0;
}

void rcd_session_forget(struct rcd_session *s, const struct rcd_pg_stmt *st)
{
	for (int i = 0; i < s->n_queued; i++) {
		int at = (s->head + i) % RCD_SESSION_QUEUE;

		if (s->queue[at].wanted == st)
			s->queue[at].wanted = NULL;
	}
}

/* --- commands ------------------------------------------------------------------------- */

/* For a name, a run, and the mark behind them. */
static int make_room(struct rcd_session *s, struct rcd_err *err)
{
	return s->n_queued + 3 > RCD_SESSION_QUEUE ? rcd_session_collect(s, err) : 0;
}

static int not_queued(struct rcd_session *s, const struct rcd_err *why, struct rcd_err *err)
{
	if (why->code == RCD_IO)
		mark_lost(s, why);
	else
		s->broken = true; /* half of a pair may be queued */
	return rcd_fail(err, why->code, why->sys, "%s", why->msg);
}

int rcd_session_queue(struct rcd_session *s, const char *sql, const struct rcd_arg *arg, int n,
                      struct rcd_pg_stmt *wanted, struct rcd_err *err)
{
	struct rcd_err why = {0};

	if (make_room(s, err) != 0)
		return -1;
	if (rcd_pq_run_text(s->pq, sql, arg, n, &why) != 0)
		return not_queued(s, &why, err);
	push_command(s, wanted, NULL);
	return 0;
}

/* The name is made of the text and the types, so that it can never mean another statement,
 * not even one of another version of this program behind the same pooler. */
static void name_it(struct rcd_pg_stmt *st, const char *sql, const struct rcd_arg *arg, int n)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (const char *p = sql; *p != '\0'; p++)
		h = (h ^ (unsigned char)*p) * 0x100000001b3u;
	for (int i = 0; i < n; i++)
		h = (h ^ (unsigned char)arg[i].type) * 0x100000001b3u;
	(void)snprintf(st->name, sizeof(st->name), "rcd_%016llx", (unsigned long long)h);
}

int rcd_session_queue_named(struct rcd_session *s, struct rcd_pg_stmt *st, const char *sql,
                            const struct rcd_arg *arg, int n, struct rcd_err *err)
{
	struct rcd_err why = {0};

	if (make_room(s, err) != 0)
		return -1;
	if (!st->named) {
		name_it(st, sql, arg, n);
		if (rcd_pq_prepare(s->pq, st->name, sql, arg, n, &why) != 0)
			return not_queued(s, &why, err);
		push_command(s, NULL, st);
		st->named = true;
	}
	if (rcd_pq_run(s->pq, st->name, arg, n, &why) != 0)
		return not_queued(s, &why, err);
	push_command(s, st, NULL);
	return 0;
}

/* --- settings and the clock ----------------------------------------------------------- */

/* Every statement of ours has its index, and shall use it whatever the server thinks of its tables:
 * one without statistics (new, or after a crash, which also loses what would start ANALYZE) reads
 * all that waits for each claim, and sorts it. So one plan is as good for any parameters. */
int rcd_session_settings(struct rcd_session *s, bool local, struct rcd_err *err)
{
	static const char set[] =
		"SELECT set_config('search_path', 'recado', $1 = 'on'), set_config('lock_timeout', '10s', "
		"$1 = 'on'),"
		" set_config('idle_in_transaction_session_timeout', '5s', $1 = 'on'),"
		" set_config('enable_seqscan', 'off', $1 = 'on'), set_config('enable_bitmapscan', 'off', "
		"$1 = 'on'),"
		" set_config('jit', 'off', $1 = 'on'), set_config('plan_cache_mode', 'force_generic_plan', "
		"$1 = 'on')";
	const struct rcd_arg arg = {.type = 'v', .v = local ? RCD_SV("on") : RCD_SV("off")};

	return rcd_session_queue(s, set, &arg, 1, NULL, err);
}

int rcd_session_clock(struct rcd_session *s, int *backend, struct rcd_err *err)
{
	static const char ask[] =
		"SELECT pg_backend_pid(), CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";
	struct rcd_pg_stmt st = {.session = s};
	int ret = rcd_session_queue(s, ask, NULL, 0, &st, err);

	if (ret == 0)
		ret = rcd_session_collect(s, err);
	if (ret == 0 && st.fetched) {
		*backend = (int)rcd_pq_number(rcd_pq_value(st.res, 0, 0));
		s->clock_ms = rcd_pq_number(rcd_pq_value(st.res, 0, 1));
		s->at_ms = rcd_mono_ms();
	}
	rcd_pq_free(st.res);
	return ret;
}
