#include "turn/hold_on.h"

#include "base/clock.h"
#include "base/thread.h"
#include "turn/deliver.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEND_MS 5000 /* for its one request */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK (2u << 20)
#else
#define STACK (512u << 10)
#endif

enum stage { WAITING, SENDING, ENDED };

struct rcd_hold_on {
	const struct rcd_turn_env *env;
	struct rcd_job job;
	char from[RCD_MAX_ADDRESS + 1], to[RCD_MAX_ADDRESS + 1];
	int64_t due;            /* rcd_mono_ms() */
	struct rcd_cancel stop; /* the thread works under it */
	pthread_t thread;
	_Atomic int stage; /* whoever takes it out of WAITING decides whether it is sent */
};

static void log_line(const struct rcd_hold_on *h, const char *text)
{
	if (h->env->note != NULL)
		h->env->note(h->env->note_arg, h->job.turn_id, text);
}

/* What cannot be stored is found as SENDING by rcd_hold_on_skip, or by a callback. */
static void store_end(const struct rcd_hold_on *h, int64_t id, bool accepted, const char *sid,
                      int code)
{
	const struct rcd_outbox_move move = {.job = &h->job,
	                                     .id = id,
	                                     .state = accepted ? RCD_OUT_ACCEPTED : RCD_OUT_DROPPED,
	                                     .sid = accepted ? rcd_sv(sid) : rcd_sv(NULL),
	                                     .code = code};

	(void)rcd_outbox_mark(h->env->db, &move, NULL);
}

static void send_word(struct rcd_hold_on *h)
{
	const char *body = h->env->conf->text[RCD_TEXT_HOLD_ON];
	const struct rcd_outbox_in part = {.from = rcd_sv(h->from),
	                                   .to = rcd_sv(h->to),
	                                   .body = rcd_sv(body)};
	struct rcd_leaving leaving = {.env = h->env, .lease_ms = h->job.lease_ms, .most_ms = SEND_MS};
	struct rcd_twilio_send m = {.from = h->from, .to = h->to, .body = body};
	struct rcd_outbox_row row = {0};
	struct rcd_err err = {0};
	enum rcd_sent what;
	char sid[64] = "";

	leaving.intended = rcd_mono_ms();
	if (rcd_history_hold_on(h->env->db, &h->job, &part, &row, &err) != 0)
		return; /* it has left before, or must not: the reason is the answer's too, and told there
		         */
	m.key = row.key;
	(void)rcd_turn_request(&leaving, &m, &what, sid, &err);
	store_end(h, row.id, what == RCD_SENT_ACCEPTED, sid, what == RCD_SENT_ACCEPTED ? 0 : err.sys);
	log_line(h, what == RCD_SENT_ACCEPTED ? "hold_on_sent" : "hold_on_given_up");
}

static void *wait_and_send(void *arg)
{
	struct rcd_hold_on *h = arg;
	int64_t left = h->due - rcd_mono_ms();
	int was = WAITING;

	(void)rcd_cancel_under(&h->stop);
	if ((left <= 0 || rcd_cancel_sleep(left)) &&
	    atomic_compare_exchange_strong(&h->stage, &was, SENDING))
		send_word(h);
	return NULL;
}

static bool is_wanted(const struct rcd_turn *t)
{
	const struct rcd_twilio_msg *last = &t->gather.msg[t->gather.n - 1];

	return t->env->conf->hold_on && t->hold_on == NULL && t->env->watch == NULL &&
	       !t->outcome.silent && !t->rules.suppressed.on[RCD_SCOPE_ALL] &&
	       t->rules.ceiling < RCD_CEILING_MODELS && rcd_turn_text(t, RCD_TEXT_HOLD_ON)[0] != '\0' &&
	       last->from.n <= RCD_MAX_ADDRESS && last->to.n <= RCD_MAX_ADDRESS;
}

void rcd_hold_on_begin(struct rcd_turn *t)
{
	const struct rcd_twilio_msg *last = &t->gather.msg[t->gather.n - 1];
	struct rcd_hold_on *h = is_wanted(t) ? calloc(1, sizeof(*h)) : NULL;

	if (h == NULL)
		return;
	h->env = t->env;
	h->job = t->job;
	h->due = t->time.hear_by > t->time.window_end
	             ? t->time.hear_by
	             : t->time.window_end; /* nothing is sent while the window is open */
	(void)snprintf(h->to, sizeof(h->to), "%.*s", RCD_SV_ARG(last->from));
	(void)snprintf(h->from, sizeof(h->from), "%.*s", RCD_SV_ARG(last->to));
	rcd_cancel_init(&h->stop);
	if (rcd_thread_start(&h->thread, STACK, wait_and_send, h) == 0) {
		t->hold_on = h;
		return;
	}
	rcd_cancel_free(&h->stop);
	free(h);
}

void rcd_hold_on_end(struct rcd_turn *t)
{
	int was = WAITING;

	if (t->hold_on != NULL && atomic_compare_exchange_strong(&t->hold_on->stage, &was, ENDED))
		rcd_hold_on_drop(t);
}

void rcd_hold_on_drop(struct rcd_turn *t)
{
	struct rcd_hold_on *h = t->hold_on;

	if (h == NULL)
		return;
	t->hold_on = NULL;
	rcd_cancel_set(&h->stop);
	(void)pthread_join(h->thread, NULL);
	rcd_cancel_free(&h->stop);
	free(h);
}

int rcd_hold_on_skip(struct rcd_turn *t, const struct rcd_outbox_row *row, size_t *n,
                     struct rcd_err *err)
{
	const struct rcd_outbox_row *last = *n > 0 ? &row[*n - 1] : NULL;
	struct rcd_outbox_move move = {.job = &t->job, .state = RCD_OUT_DROPPED};

	if (last == NULL || last->part != RCD_PART_HOLD_ON)
		return 0;
	--*n;
	if (last->state != RCD_OUT_SENDING)
		return 0;
	move.id = last->id;
	return rcd_outbox_mark(t->env->db, &move, err) == 0 || err->code == RCD_EXISTS ? 0 : -1;
}
