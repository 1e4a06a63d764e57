/* Random bursts of many contacts through whole turns that run ahead: what came before a window
 * closed is in its answer, nothing is lost and nothing is answered twice. T_BURSTS=10000 for a long
 * run. */

#include "base/limits.h"
#include "store/history.h"
#include "tests/unit/house.h"

#include <pthread.h>
#include <unistd.h>

#define CONTACTS 32
#define MOST_MESSAGES 6
#define CLAIMS 16
#define CLOCKS_MS 3 /* between the wall clock, which is noted here, and that of the store */

struct sent {
	int64_t received_ms, stored_ms; /* stored_ms: when it was known to be */
	int64_t turn, answered_ms;
	int window_ms, most_ms;
};

struct storm;
struct contact {
	struct storm *storm;
	int i, bursts;
	unsigned seed;
	pthread_t thread;
	struct sent *sent;
	size_t n;
	bool failed;
};

struct storm {
	struct house h;
	struct contact contact[CONTACTS];
	_Atomic int writing, running;
	struct rcd_cancel *stop[CONTACTS]; /* of the turn that runs for it, under lock */
	int64_t fence[CONTACTS];
	pthread_mutex_t lock;
	_Atomic bool failed;
};

struct run {
	struct storm *s;
	int slot;
	struct rcd_job job;
	struct rcd_cancel stop;
};

/* --- the contacts ------------------------------------------------------------------------- */

static int upto(unsigned *seed, int n)
{
	return rand_r(seed) % n;
}

static int write_one(struct contact *c, struct rcd_err *err)
{
	struct sent *m = &c->sent[c->n];
	char sid[32], sender[48], body[256];
	struct rcd_inbox_in in = {.tenant = 1,
	                          .event_key = {sid, 0},
	                          .route = RCD_SV("/webhook/whatsapp"),
	                          .ahead = true};
	bool fresh;

	(void)snprintf(sid, sizeof(sid), "SM%d-%zu", c->i, c->n);
	(void)snprintf(sender, sizeof(sender), "whatsapp:+55119%08d", c->i);
	(void)snprintf(
		body, sizeof(body),
		"MessageSid=%s&From=whatsapp%%3A%%2B55119%08d&To=whatsapp%%3A%%2B14155238886&Body=m%zu",
		sid, c->i, c->n);
	in.event_key = rcd_sv(sid);
	in.sender = rcd_sv(sender);
	in.body = rcd_sv(body);
	m->window_ms = 100 + upto(&c->seed, 300);
	m->most_ms = m->window_ms + upto(&c->seed, 600);
	in.received_ms = m->received_ms = rcd_now_ms();
	in.due_ms = in.received_ms + m->window_ms;
	in.latest_ms = in.received_ms + m->most_ms;
	if (rcd_inbox_put(c->storm->h.db, &in, &fresh, err) != 0)
		return -1;
	m->stored_ms = rcd_now_ms();
	c->n++;
	return 0;
}

static void *write_bursts(void *arg)
{
	struct contact *c = arg;
	struct rcd_err err;

	for (int b = 0; b < c->bursts && !c->failed; b++) {
		/* mostly one: who has the habit is not thought about ahead */
		for (int k = upto(&c->seed, 3) ? 1 : 2 + upto(&c->seed, MOST_MESSAGES - 1);
		     k > 0 && !c->failed; k--) {
			c->failed = write_one(c, &err) != 0;
			(void)usleep((useconds_t)upto(&c->seed, 150000));
		}
		(void)usleep((useconds_t)upto(&c->seed, 600000));
	}
	atomic_fetch_sub(&c->storm->writing, 1);
	return NULL;
}

/* --- a work process ----------------------------------------------------------------------- */

static void *run_turn(void *arg)
{
	struct run *r = arg;
	struct storm *s = r->s;
	struct rcd_err err = {0};

	if (rcd_turn_run(&s->h.env, &r->job, NULL, &r->stop, &err) != 0) {
		(void)fprintf(stderr, "a turn failed: %s\n", err.msg);
		atomic_store(&s->failed, true);
	}
	(void)pthread_mutex_lock(&s->lock);
	s->stop[r->slot] = NULL;
	(void)pthread_mutex_unlock(&s->lock);
	rcd_cancel_free(&r->stop);
	free(r);
	atomic_fetch_sub(&s->running, 1);
	return NULL;
}

static int start(struct storm *s, const struct rcd_job *job)
{
	struct run *r = calloc(1, sizeof(*r));
	pthread_t thread;

	if (r == NULL)
		return -1;
	*r = (struct run){.s = s, .job = *job, .slot = atoi(job->key + sizeof("whatsapp:+55119") - 1)};
	rcd_cancel_init(&r->stop);
	(void)pthread_mutex_lock(&s->lock);
	s->stop[r->slot] = &r->stop;
	s->fence[r->slot] = job->fence;
	(void)pthread_mutex_unlock(&s->lock);
	atomic_fetch_add(&s->running, 1);
	if (pthread_create(&thread, NULL, run_turn, r) != 0)
		return -1;
	return pthread_detach(thread);
}

static int stop_moved(struct storm *s, struct rcd_err *err)
{
	int64_t fence[CONTACTS];
	int n = 0;

	if (rcd_job_moved(s->h.db, OWNER, s->h.conf.cancels, fence, CONTACTS, &n, err) != 0)
		return -1;
	(void)pthread_mutex_lock(&s->lock);
	for (int i = 0; i < CONTACTS; i++)
		for (int k = 0; k < n; k++)
			if (s->stop[i] != NULL && s->fence[i] == fence[k])
				rcd_cancel_set(s->stop[i]);
	(void)pthread_mutex_unlock(&s->lock);
	return 0;
}

/* Until all is written and answered. Half of the contacts may run ahead at once. */
static int work(struct storm *s, struct rcd_err *err)
{
	struct rcd_job job[CLAIMS];
	int64_t next = 0;
	int n;

	while (atomic_load(&s->writing) > 0 || atomic_load(&s->running) > 0 || next != INT64_MAX) {
		int ahead = CONTACTS / 2 - atomic_load(&s->running);

		if (rcd_job_claim_ahead(s->h.db, OWNER, 30000, job, CLAIMS, ahead > 0 ? ahead : 0, &n,
		                        err) != 0)
			return -1;
		for (int i = 0; i < n; i++)
			if (start(s, &job[i]) != 0)
				return rcd_fail_nomem(err);
		if (stop_moved(s, err) != 0 || rcd_job_next(s->h.db, &next, err) != 0)
			return -1;
		(void)usleep(2000);
	}
	return 0;
}

/* --- the judge ----------------------------------------------------------------------------- */

static int read_turns(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char get[] =
		"SELECT i.turn_id, t.answered_ms FROM inbox i JOIN turn t ON t.tenant_id = 1"
		" AND t.contact_id = $2 AND t.id = i.turn_id WHERE i.tenant_id = 1 AND i.sender = $1"
		" AND t.finished_ms IS NOT NULL ORDER BY i.id";
	static const char who[] =
		"SELECT contact_id FROM contact_alias WHERE tenant_id = 1 AND value = $1 LIMIT 1";
	struct contact *c = arg;
	char sender[48];
	struct rcd_q q;
	int64_t id;
	size_t n = 0;
	int row;

	(void)snprintf(sender, sizeof(sender), "whatsapp:+55119%08d", c->i);
	if (rcd_get_i64(conn, &id, who, RCD_BIND(rcd_str(sender + sizeof("whatsapp:") - 1)), err) !=
	        0 ||
	    rcd_q(&q, conn, get, RCD_BIND(rcd_str(sender), rcd_i64(id)), err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1 && n < c->n) {
		c->sent[n].turn = rcd_q_i64(&q, 0);
		c->sent[n++].answered_ms = rcd_q_i64(&q, 1);
	}
	rcd_q_end(&q);
	if (row != 0 || n != c->n)
		return rcd_fail(err, RCD_INVAL, 0, "contact %d: %zu of %zu messages have an answer", c->i,
		                n, c->n);
	return 0;
}

/* When, at the earliest, the window of the turn closed that answers these n messages: what came
 * after that may have opened it once more. Of one that was stored across the end nobody knows here
 * on which side of it; from there on the end is only taken to be earlier, never later. */
static int64_t closed_at(const struct sent *m, size_t n)
{
	int64_t end = m[0].received_ms + m[0].window_ms, latest = m[0].received_ms + m[0].most_ms;
	bool sure = true;

	for (size_t i = 1; i < n && m[i].received_ms < end; i++) {
		int64_t due = m[i].received_ms + m[i].window_ms;

		sure = sure && m[i].stored_ms < end;
		if (due < end || (sure && due <= latest))
			end = due;
		else if (sure && latest > end)
			end = latest;
	}
	return end;
}

static size_t count_of_turn(const struct contact *c, size_t i)
{
	size_t n = 1;

	while (i + n < c->n && c->sent[i + n].turn == c->sent[i].turn)
		n++;
	return n;
}

/* The turn that begins with message i, and the message behind it. */
static int judge_turn(const struct contact *c, size_t i, size_t n, bool any_joins)
{
	const struct sent *m = &c->sent[i];
	int64_t closed = closed_at(m, n) - CLOCKS_MS;

	if (m->answered_ms < closed) {
		(void)fprintf(stderr,
		              "contact %d, message %zu of %zu: answered %lld ms before its window closed\n",
		              c->i, i, n, (long long)(closed - m->answered_ms));
		return -1;
	}
	if (i + n < c->n && m[n].stored_ms < (any_joins ? m->answered_ms - CLOCKS_MS : closed)) {
		(void)fprintf(stderr, "contact %d, message %zu: did not join %zu others\n", c->i, i + n, n);
		return -1;
	}
	for (size_t k = i + n; k < c->n; k++)
		if (c->sent[k].turn == m->turn)
			return -1;
	return 0;
}

/* A full turn leaves messages to the next, whose window is then not their own alone. */
static int judge(const struct contact *c, bool any_joins, int *turns)
{
	bool full = false;

	for (size_t i = 0, n; i < c->n; i += n) {
		bool after_full = full;

		n = count_of_turn(c, i);
		full = n == RCD_MAX_TURN_MESSAGES;
		++*turns;
		if (!full && !after_full && judge_turn(c, i, n, any_joins) != 0)
			return -1;
	}
	return 0;
}

/* --- cases --------------------------------------------------------------------------------- */

static int bursts_of(const char *plan, int cancels)
{
	const char *all = getenv("T_BURSTS");
	const int bursts = (all != NULL ? atoi(all) : 192) / CONTACTS;
	struct storm *s = calloc(1, sizeof(*s));
	struct rcd_err err = {0};
	int ret = 0, turns = 0, begun = 0;

	T_OK(s != NULL && pthread_mutex_init(&s->lock, NULL) == 0);
	T_DO(build(&s->h, plan, &err), err);
	s->h.conf.ahead = RCD_AHEAD_THINK;
	s->h.conf.cancels = cancels;
	for (; begun < CONTACTS; begun++) {
		struct contact *c = &s->contact[begun];

		*c = (struct contact){.storm = s,
		                      .i = begun,
		                      .bursts = bursts,
		                      .seed = 7u + (unsigned)begun};
		c->sent = calloc((size_t)bursts * MOST_MESSAGES + 1, sizeof(*c->sent));
		atomic_fetch_add(&s->writing, 1);
		T_OK(c->sent != NULL && pthread_create(&c->thread, NULL, write_bursts, c) == 0);
	}
	T_DO(work(s, &err), err);
	T_OK(!atomic_load(&s->failed));
	for (int i = 0; i < CONTACTS; i++) {
		T_OK(!s->contact[i].failed);
		T_DO(rcd_db_read(s->h.db, read_turns, &s->contact[i], &err), err);
		T_INT(judge(&s->contact[i], cancels > 100, &turns), 0);
	}
	/* one message for each turn, and nothing else */
	T_INT(number(&s->h, "SELECT count(*) FROM turn"), turns);
	T_INT(number(&s->h, "SELECT count(*) FROM outbox WHERE state = 2"), turns);
	T_INT(count(&s->h, "messages.create"), turns);
	T_INT(number(&s->h, "SELECT count(*) FROM dead_letter"), 0);
	T_OK(number(&s->h, "SELECT CAST(sum(ahead_abandoned) AS BIGINT) FROM tally") > 0);
	(void)fprintf(stderr, "%d bursts, %d turns, %lld model calls for nothing\n", bursts * CONTACTS,
	              turns,
	              (long long)number(&s->h,
	                                "SELECT CAST(sum(ahead_abandoned) AS BIGINT) FROM tally"));
out:
	for (int i = 0; s != NULL && i < begun; i++) {
		(void)pthread_join(s->contact[i].thread, NULL);
		free(s->contact[i].sent);
	}
	if (s != NULL)
		pull_down(&s->h);
	free(s);
	return ret;
}

/* The model is quicker than the windows: what comes before they close joins without a budget. */
static int none_left_behind(void)
{
	return bursts_of("chat delay=5\n", 0);
}

/* It is slower: what comes before the answer is stored joins too. */
static int none_sent_past(void)
{
	return bursts_of("chat delay=60\n", 1000);
}

const struct t_case t_cases[] = {
	{"none_left_behind", none_left_behind, 0},
	{"none_sent_past", none_sent_past, 0},
	{NULL, NULL, 0},
};
