#include "delivery/hold_on.h"

#include "base/clock.h"
#include "base/thread.h"
#include "store/history.h"

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
	struct rcd_outgoing outgoing;
	struct rcd_job job;
	char from[RCD_MAX_ADDRESS + 1], to[RCD_MAX_ADDRESS + 1];
	const char *body;
	int64_t due;            /* rcd_mono_ms() */
	struct rcd_cancel stop; /* the thread works under it */
	pthread_t thread;
	_Atomic int stage; /* whoever takes it out of WAITING decides whether it is sent */
};

/* What cannot be stored is found as SENDING by rcd_hold_on_skip, or by a callback. */
static void store_end(const struct rcd_hold_on *h, int64_t id, bool accepted, const char *sid,
                      int code)
{
	const struct rcd_outbox_move move = {.job = &h->job,
	                                     .id = id,
	                                     .state = accepted ? RCD_OUT_ACCEPTED : RCD_OUT_DROPPED,
	                                     .sid = accepted ? rcd_sv(sid) : rcd_sv(NULL),
	                                     .code = code};
	struct rcd_err err = {0};

	(void)rcd_outbox_mark(h->outgoing.db, &move, &err);
}

static void send_message(struct rcd_hold_on *h)
{
	const struct rcd_outbox_in part = {.from = rcd_sv(h->from),
	                                   .to = rcd_sv(h->to),
	                                   .body = rcd_sv(h->body)};
	struct rcd_twilio_send m = {.from = h->from, .to = h->to, .body = h->body};
	struct rcd_outbox_row row = {0};
	struct rcd_err err = {0};
	enum rcd_sent what;
	char sid[64] = "";
	bool accepted;

	h->outgoing.intended = rcd_mono_ms();
	if (rcd_history_hold_on(h->outgoing.db, &h->job, &part, &row, &err) != 0)
		return; /* it has left before, or must not: the answer meets the same reason and tells it */
	m.key = row.key;
	(void)rcd_outgoing_request(&h->outgoing, SEND_MS, &m, &what, sid, &err);
	accepted = what == RCD_SENT_ACCEPTED;
	store_end(h, row.id, accepted, sid, accepted ? 0 : err.sys);
	rcd_outgoing_log(&h->outgoing, accepted ? "hold_on_sent" : "hold_on_given_up");
}

static void *wait_and_send(void *arg)
{
	struct rcd_hold_on *h = arg;
	int64_t left = h->due - rcd_mono_ms();
	int was = WAITING;

	(void)rcd_cancel_under(&h->stop);
	if ((left <= 0 || rcd_cancel_sleep(left)) &&
	    atomic_compare_exchange_strong(&h->stage, &was, SENDING))
		send_message(h);
	return NULL;
}

struct rcd_hold_on *rcd_hold_on_begin(const struct rcd_outgoing *o, const struct rcd_hold_on_in *in)
{
	struct rcd_hold_on *h;

	if (in->from.n > RCD_MAX_ADDRESS || in->to.n > RCD_MAX_ADDRESS ||
	    (h = calloc(1, sizeof(*h))) == NULL)
		return NULL;
	h->outgoing = *o;
	h->job = *o->job;
	h->outgoing.job = &h->job;
	h->body = in->body;
	h->due = in->due;
	(void)snprintf(h->to, sizeof(h->to), "%.*s", RCD_SV_ARG(in->to));
	(void)snprintf(h->from, sizeof(h->from), "%.*s", RCD_SV_ARG(in->from));
	rcd_cancel_init(&h->stop);
	if (rcd_thread_start(&h->thread, STACK, wait_and_send, h) == 0)
		return h;
	rcd_cancel_free(&h->stop);
	free(h);
	return NULL;
}

struct rcd_hold_on *rcd_hold_on_end(struct rcd_hold_on *h)
{
	int was = WAITING;

	if (h != NULL && atomic_compare_exchange_strong(&h->stage, &was, ENDED))
		return rcd_hold_on_drop(h);
	return h;
}

struct rcd_hold_on *rcd_hold_on_drop(struct rcd_hold_on *h)
{
	if (h == NULL)
		return NULL;
	rcd_cancel_set(&h->stop);
	(void)pthread_join(h->thread, NULL);
	rcd_cancel_free(&h->stop);
	free(h);
	return NULL;
}

int rcd_hold_on_skip(const struct rcd_outgoing *o, const struct rcd_outbox_row *row, size_t *n,
                     struct rcd_err *err)
{
	const struct rcd_outbox_row *last = *n > 0 ? &row[*n - 1] : NULL;
	struct rcd_outbox_move move = {.job = o->job, .state = RCD_OUT_DROPPED};

	if (last == NULL || last->part != RCD_PART_HOLD_ON)
		return 0;
	--*n;
	if (last->state != RCD_OUT_SENDING)
		return 0;
	move.id = last->id;
	return rcd_outbox_mark(o->db, &move, err) == 0 || err->code == RCD_EXISTS ? 0 : -1;
}
