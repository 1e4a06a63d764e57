#include "store/wake.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/thread.h"
#include "store/pq.h"
#include "store/url.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define GAP_MS 50     /* between two that we send */
#define LOOK_MS 1000  /* between two rings while nobody can tell us */
#define PROBE_MS 2000 /* in which our own must come back */
#define AGAIN_MS 2000 /* between two attempts to connect */
#define STACK (256 * 1024)
#define NAME_BYTES 8

struct rcd_wake {
	struct rcd_wake_conf conf;
	char *url;
	char name[2 * NAME_BYTES + 1]; /* says of a notification that it is ours */
	int stop_fd;
	pthread_t thread;

	/* the thread's own */
	struct rcd_pq *pq;
	bool listening, news;
	int said; /* of listening: -1 nothing yet */
	int64_t sent_ms, looked_ms, tried_ms;
};

/* --- commands ------------------------------------------------------------------------- */

/* Runs one command and gives the first column of its first row, 0 without one. */
static int run_command(struct rcd_pq *pq, const char *sql, const struct rcd_arg *arg, int n,
                       int64_t *out, struct rcd_err *err)
{
	struct rcd_pq_fail fail = {0};
	enum rcd_pq_end end;
	void *res = NULL;
	int ret = 0;

	if (rcd_pq_run_text(pq, sql, arg, n, err) != 0 || rcd_pq_sync(pq, err) != 0)
		return -1;
	while ((end = rcd_pq_next(pq, &res, &fail)) != RCD_PQ_MARK) {
		if (end == RCD_PQ_DONE && out != NULL && rcd_pq_rows(res) == 1)
			*out = rcd_pq_number(rcd_pq_value(res, 0, 0));
		rcd_pq_free(res);
		if (end == RCD_PQ_FAILED || end == RCD_PQ_LOST)
			ret = rcd_fail(err, fail.err.code, 0, "%s", fail.err.msg);
		if (end == RCD_PQ_LOST)
			break;
	}
	return ret;
}

static int send_notice(struct rcd_wake *w, struct rcd_err *err)
{
	const struct rcd_arg name = {.type = 'v', .v = rcd_sv(w->name)};

	return run_command(w->pq, "SELECT CAST(pg_notify('recado', $1) AS TEXT)", &name, 1, NULL, err);
}

/* --- listening ------------------------------------------------------------------------ */

/* Takes the notifications that have arrived; *ours and *others: from whom. */
static void drain_notices(struct rcd_wake *w, bool *ours, bool *others)
{
	char name[sizeof(w->name)];

	while (rcd_pq_notice(w->pq, name, sizeof(name))) {
		bool mine = strcmp(name, w->name) == 0;

		*ours = *ours || mine;
		*others = *others || !mine;
	}
}

static bool is_stopping(const struct rcd_wake *w)
{
	struct pollfd p = {.fd = w->stop_fd, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

/* Our own notification must come back. */
static bool probe_server(struct rcd_wake *w, struct rcd_err *err)
{
	int64_t until = rcd_deadline_in(PROBE_MS);
	bool ours = false, others = false;

	if (send_notice(w, err) != 0)
		return false;
	for (;;) {
		struct pollfd p = {.fd = rcd_pq_fd(w->pq), .events = POLLIN};
		int64_t left = rcd_deadline_left(until, PROBE_MS);

		drain_notices(w, &ours, &others);
		if (ours || left == 0 || is_stopping(w))
			break;
		(void)poll(&p, 1, (int)left);
		if (!rcd_pq_alive(w->pq))
			break;
	}
	if (!ours)
		rcd_fail(err, RCD_TIMEOUT, 0, "a notification did not come back");
	return ours;
}

/* A pooler lends a server process for one transaction: what listens there is not us. */
static bool listen_there(struct rcd_wake *w, struct rcd_err *err)
{
	int64_t backend = 0;

	if (run_command(w->pq, "SELECT pg_backend_pid()", NULL, 0, &backend, err) != 0)
		return false;
	if (backend != rcd_pq_backend(w->pq)) {
		rcd_fail(err, RCD_INVAL, 0, "there is a pooler in between");
		return false;
	}
	return run_command(w->pq, "LISTEN recado", NULL, 0, NULL, err) == 0 && probe_server(w, err);
}

/* Says it once, when it is otherwise than before. */
static void report_trouble(struct rcd_wake *w, const char *why)
{
	char text[256];

	if ((int)w->listening == w->said)
		return;
	w->said = w->listening;
	(void)snprintf(text, sizeof(text), "%s%s",
	               w->listening ? "other machines can wake this one"
	                            : "looking for other machines' work every second: ",
	               w->listening ? "" : why);
	w->conf.note(w->conf.arg, text);
}

static void hang_up(struct rcd_wake *w)
{
	w->pq = rcd_pq_close(w->pq);
	w->listening = false;
	report_trouble(w, "the connection was lost");
}

/* A connection that cannot listen still sends. */
static void connect_again(struct rcd_wake *w)
{
	struct rcd_err err = {0};

	w->tried_ms = rcd_mono_ms();
	if (w->pq == NULL && rcd_pq_open(&w->pq, w->url, &err) == 0)
		w->listening = listen_there(w, &err);
	report_trouble(w, err.msg);
}

/* --- the thread ----------------------------------------------------------------------- */

static void take_news(struct rcd_wake *w)
{
	eventfd_t n;

	if (eventfd_read(w->conf.news_fd, &n) == 0)
		w->news = true;
}

static void wake_caller(struct rcd_wake *w)
{
	struct rcd_err err = {0};

	if (!w->news || w->pq == NULL || rcd_mono_ms() - w->sent_ms < GAP_MS)
		return;
	w->news = false;
	w->sent_ms = rcd_mono_ms();
	if (send_notice(w, &err) != 0)
		hang_up(w); /* the others look by themselves, if late */
}

static void listen_and_ring(struct rcd_wake *w)
{
	bool ours = false, others = false;

	if (w->pq != NULL && !rcd_pq_alive(w->pq))
		hang_up(w);
	if (w->pq != NULL)
		drain_notices(w, &ours, &others);
	if (!w->listening && rcd_mono_ms() - w->looked_ms >= LOOK_MS) {
		w->looked_ms = rcd_mono_ms();
		others = true;
	}
	if (others)
		w->conf.ring(w->conf.arg);
}

static int pause_ms(const struct rcd_wake *w)
{
	return w->news && w->pq != NULL ? GAP_MS : LOOK_MS;
}

static void *run_thread(void *arg)
{
	struct rcd_wake *w = arg;

	while (!is_stopping(w)) {
		struct pollfd p[3] = {{.fd = w->stop_fd, .events = POLLIN},
		                      {.fd = w->conf.news_fd, .events = POLLIN},
		                      {.fd = -1, .events = POLLIN}};

		if (w->pq == NULL && rcd_mono_ms() - w->tried_ms >= AGAIN_MS)
			connect_again(w);
		p[2].fd = w->pq != NULL ? rcd_pq_fd(w->pq) : -1;
		(void)poll(p, 3, pause_ms(w));
		if (p[1].revents != 0)
			take_news(w);
		wake_caller(w);
		listen_and_ring(w);
	}
	return NULL;
}

/* --- opening and closing ---------------------------------------------------------------- */

static void free_wake(struct rcd_wake *w)
{
	rcd_pq_close(w->pq);
	if (w->stop_fd >= 0)
		(void)close(w->stop_fd);
	free(w->url);
	free(w);
}

static int start_thread(struct rcd_wake *w, struct rcd_err *err)
{
	int e = rcd_thread_start(&w->thread, STACK, run_thread, w);

	return e == 0 ? 0 : rcd_fail(err, RCD_NOMEM, e, "store: no thread");
}

int rcd_wake_start(struct rcd_wake **out, const struct rcd_wake_conf *conf, struct rcd_err *err)
{
	const struct rcd_engine *engine;
	struct rcd_wake *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return rcd_fail_nomem(err);
	w->conf = *conf;
	w->stop_fd = -1;
	w->tried_ms = -AGAIN_MS;
	w->said = -1;
	rcd_random_hex(w->name, NAME_BYTES);
	if (rcd_engine_of(conf->url, &engine, &w->url, err) != 0) {
		free_wake(w);
		return -1;
	}
	if (engine->one_writer) {
		free_wake(w);
		*out = NULL;
		return 0;
	}
	w->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (w->stop_fd < 0 ? rcd_fail_errno(err, "eventfd") != 0 : start_thread(w, err) != 0) {
		free_wake(w);
		return -1;
	}
	*out = w;
	return 0;
}

struct rcd_wake *rcd_wake_stop(struct rcd_wake *w)
{
	if (w == NULL)
		return NULL;
	(void)eventfd_write(w->stop_fd, 1);
	(void)pthread_join(w->thread, NULL);
	free_wake(w);
	return NULL;
}
