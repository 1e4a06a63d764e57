#include "provider/typing.h"

#include "base/clock.h"
#include "base/thread.h"
#include "base/wait.h"
#include "net/breaker.h"
#include "provider/twilio.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 2
#define AGAIN_MS 20000 /* WhatsApp shows the indicator for about 25 s */
#define LATE_MS 5000   /* what is this late is not worth a request */
#define CALL_MS 3000

TAILQ_HEAD(typings, rcd_typing);

struct rcd_typing_sender {
	struct rcd_http *http;
	const struct rcd_twilio_conf *conf;
	struct rcd_breaker breaker;
	pthread_t thread[THREADS];
	int n_threads;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct typings waiting; /* soonest first */
	bool closing;
};

/* Nearly all come in the order of their times, so the search begins at the end. */
static void insert_by_due(struct rcd_typing_sender *t, struct rcd_typing *w)
{
	struct rcd_typing *before = TAILQ_LAST(&t->waiting, typings);

	while (before != NULL && before->due > w->due)
		before = TAILQ_PREV(before, typings, link);
	if (before != NULL)
		TAILQ_INSERT_AFTER(&t->waiting, before, w, link);
	else
		TAILQ_INSERT_HEAD(&t->waiting, w, link);
	w->on = true;
}

static void send_indicator(struct rcd_typing_sender *t, const char *sid)
{
	struct rcd_err err;
	int ret;

	if (rcd_breaker_enter(&t->breaker, "typing", &err) != 0)
		return;
	ret = rcd_twilio_typing(t->http, t->conf, sid, rcd_deadline_in(CALL_MS), &err);
	rcd_breaker_settle(&t->breaker, ret, &err);
}

/* Waits for the next one that is due, takes its sid and schedules it again; false: closing. */
static bool take_due(struct rcd_typing_sender *t, char sid[64], bool *late)
{
	struct rcd_typing *w;
	int64_t now;

	while (!t->closing) {
		w = TAILQ_FIRST(&t->waiting);
		now = rcd_mono_ms();
		if (w == NULL || w->due > now) {
			(void)rcd_cond_wait(&t->changed, &t->lock, w != NULL ? w->due : 0);
		} else {
			*late = now - w->due > LATE_MS;
			(void)snprintf(sid, 64, "%s", w->sid);
			TAILQ_REMOVE(&t->waiting, w, link);
			w->due = now + AGAIN_MS;
			insert_by_due(t, w);
			return true;
		}
	}
	return false;
}

static void *run_sender(void *arg)
{
	struct rcd_typing_sender *t = arg;
	bool late = false;
	char sid[64];

	(void)pthread_mutex_lock(&t->lock);
	while (take_due(t, sid, &late)) {
		(void)pthread_mutex_unlock(&t->lock);
		if (!late)
			send_indicator(t, sid);
		(void)pthread_mutex_lock(&t->lock);
	}
	(void)pthread_mutex_unlock(&t->lock);
	return NULL;
}

int rcd_typing_sender_open(struct rcd_typing_sender **out, struct rcd_http *http,
                           const struct rcd_twilio_conf *conf, struct rcd_err *err)
{
	struct rcd_typing_sender *t = calloc(1, sizeof(*t));
	int e = 0;

	if (t == NULL)
		return rcd_fail_nomem(err);
	t->http = http;
	t->conf = conf;
	TAILQ_INIT(&t->waiting);
	rcd_breaker_init(&t->breaker);
	(void)pthread_mutex_init(&t->lock, NULL);
	rcd_cond_init(&t->changed);
	while (e == 0 && t->n_threads < THREADS) {
		e = rcd_thread_start(&t->thread[t->n_threads], 0, run_sender, t);
		t->n_threads += e == 0;
	}
	if (e != 0) {
		rcd_typing_sender_close(t);
		return rcd_fail(err, RCD_NOMEM, e,
		                "a thread for the typing indicator could not be started");
	}
	*out = t;
	return 0;
}

struct rcd_typing_sender *rcd_typing_sender_close(struct rcd_typing_sender *t)
{
	if (t == NULL)
		return NULL;
	(void)pthread_mutex_lock(&t->lock);
	t->closing = true;
	(void)pthread_cond_broadcast(&t->changed);
	(void)pthread_mutex_unlock(&t->lock);
	for (int i = 0; i < t->n_threads; i++)
		(void)pthread_join(t->thread[i], NULL);
	(void)pthread_cond_destroy(&t->changed);
	(void)pthread_mutex_destroy(&t->lock);
	rcd_breaker_free(&t->breaker);
	free(t);
	return NULL;
}

void rcd_typing_begin(struct rcd_typing_sender *t, struct rcd_typing *w, const char *sid,
                      int64_t due)
{
	(void)snprintf(w->sid, sizeof(w->sid), "%s", sid);
	w->due = due;
	(void)pthread_mutex_lock(&t->lock);
	insert_by_due(t, w);
	if (TAILQ_FIRST(&t->waiting) == w)
		(void)pthread_cond_signal(&t->changed);
	(void)pthread_mutex_unlock(&t->lock);
}

void rcd_typing_end(struct rcd_typing_sender *t, struct rcd_typing *w)
{
	if (t == NULL || !w->on)
		return;
	(void)pthread_mutex_lock(&t->lock);
	TAILQ_REMOVE(&t->waiting, w, link);
	w->on = false;
	(void)pthread_mutex_unlock(&t->lock);
}
