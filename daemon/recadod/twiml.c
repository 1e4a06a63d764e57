/* A route with reply = "twiml": the turn runs on a thread of its own beside the request,
 * which waits for it up to a deadline. If the answer is not there by then the request ends
 * with an empty TwiML and the turn goes on through REST; a turn that cannot begin here is
 * left to a work process.
 *
 * A newer message of the same customer stops a turn that has no answer yet: its webhook ends
 * empty, and the newer one's gets the answer to both. */

#include "base/clock.h"
#include "daemon/log.h"
#include "daemon/recadod/reply_slot.h"
#include "daemon/recadod/web.h"

#include <stdio.h>
#include <stdlib.h>

#define LEASE_MS 90000 /* longer than any turn: nobody here renews it */
#define LEFT_MS 100    /* with less than this until the deadline, a predecessor is not waited for */
#define AWAIT_MS 1000  /* a predecessor on another machine ends without a word to ours */

struct beside {
	struct rcd_web *web;
	struct rcd_job job;
	struct rcd_reply_slot *slot;
};

static void *perform_turn(void *arg)
{
	struct beside *b = arg;
	struct rcd_web *web = b->web;
	struct rcd_err err = {0}, again;

	if (rcd_turn_run(&web->rt.turn, &b->job, rcd_reply_slot_webhook(b->slot),
	                 rcd_reply_slot_cancel(b->slot), &err) != 0 &&
	    err.code != RCD_CANCELLED) {
		rcd_log(RCD_WARN, "turn beside a webhook: %s", err.msg);
		(void)rcd_job_wait(web->rt.db, &b->job, rcd_now_ms() + 1000LL * (err.retry_after + 1),
		                   &again);
		rcd_bell_ring(web->child);
	}
	rcd_board_turn_ended(web->child->board);
	rcd_reply_slot_release(b->slot);
	free(b);
	rcd_web_leave(web, &web->turns);
	return NULL;
}

static struct rcd_reply_slot *start_turn(struct rcd_web *web, const struct rcd_job *job,
                                         int64_t deadline)
{
	struct beside *b = calloc(1, sizeof(*b));
	struct rcd_reply_slot *slot = rcd_reply_slot_new(deadline);

	if (b != NULL && slot != NULL) {
		*b = (struct beside){web, *job, slot};
		atomic_fetch_add(&web->turns, 1);
		if (rcd_spawn(perform_turn, b) == 0)
			return slot;
		atomic_fetch_sub(&web->turns, 1);
	}
	free(b);
	rcd_reply_slot_release(slot);
	rcd_reply_slot_release(slot);
	return NULL;
}

static void wait_and_reply(struct rcd_req *req, struct rcd_reply_slot *slot)
{
	struct rcd_buf twiml;
	bool ok;

	if (slot != NULL && rcd_reply_slot_take(slot, &twiml) == 0) {
		ok = rcd_reply(req, 200, "text/xml", rcd_buf_view(&twiml)) == 0 && rcd_req_flush(req) == 0;
		rcd_buf_free(&twiml);
		rcd_reply_slot_settle(slot, ok);
	} else {
		(void)rcd_reply(req, 200, "text/xml", RCD_SV("<Response/>"));
	}
	rcd_reply_slot_release(slot);
}

/* Somebody has it, most likely the turn of the message before, which is stopped or ends soon; what
 * has to wait longer for that is not to wait for its time as well. */
static int claim_job(struct rcd_web *web, int64_t tenant, const char *key, int64_t deadline,
                     struct rcd_job *job)
{
	struct rcd_board *board = web->child->board;
	uint32_t seen = atomic_load(&board->turns_ended);
	struct rcd_err err, why;

	while (rcd_job_claim_one(web->rt.db, web->child->owner, LEASE_MS, tenant, RCD_JOB_TURN, key,
	                         job, &why) != 0) {
		int64_t left = deadline - LEFT_MS - rcd_mono_ms();

		if (why.code == RCD_BUSY && left > 0) {
			rcd_board_await_turn(board, seen, left < AWAIT_MS ? left : AWAIT_MS);
			seen = atomic_load(&board->turns_ended);
			continue;
		}
		if (why.code != RCD_NOENT &&
		    rcd_job_hasten(web->rt.db, tenant, RCD_JOB_TURN, key, &err) != 0)
			rcd_log(RCD_WARN, "a message waits for its time: %s", err.msg);
		return -1;
	}
	return 0;
}

/* The job is committed as not due before the deadline, so that no work process takes it
 * first; one whose web process dies is due soon after all the same. */
static void run_beside(struct rcd_web *web, struct rcd_req *req, const struct rcd_inbox_in *msg)
{
	int64_t deadline = rcd_mono_ms() + web->child->conf->twiml_deadline_ms;
	struct rcd_inbox_in in = *msg;
	struct rcd_reply_slot *slot = NULL;
	char key[RCD_MAX_ADDRESS + 1];
	struct rcd_err err = {0};
	struct rcd_job job;
	struct rcd_newer_turn watched = {.job = &job};
	bool fresh = false;

	in.due_ms = in.latest_ms = in.received_ms + web->child->conf->twiml_deadline_ms;
	in.ahead = false;
	if (web->put(web->rt.db, &in, &fresh, &err) != 0) {
		rcd_log(RCD_ERROR, "message %.*s not stored: %s", RCD_SV_ARG(in.event_key), err.msg);
		(void)rcd_reply_error(req, 503, "the message could not be stored; send it again");
		return;
	}
	(void)snprintf(key, sizeof(key), "%.*s", RCD_SV_ARG(in.sender));
	if (fresh)
		rcd_board_message(web->child->board);
	if (fresh && claim_job(web, in.tenant, key, deadline, &job) == 0) {
		slot = start_turn(web, &job, deadline);
		if (slot == NULL)
			(void)rcd_job_retry(web->rt.db, &job, rcd_now_ms(), "no thread", &err);
	}
	if (slot != NULL) {
		watched.cancel = rcd_reply_slot_cancel(slot);
		rcd_newer_add(&web->newer, &watched);
		(void)rcd_reply_slot_await(slot, deadline);
		rcd_newer_remove(&web->newer, &watched);
	}
	wait_and_reply(req, slot);
	rcd_bell_ring(web->child);
}

bool rcd_answer_in_twiml(struct rcd_web *web, struct rcd_req *req, const struct rcd_inbox_in *in)
{
	bool room = atomic_fetch_add(&web->twiml, 1) < web->max_twiml;

	if (room)
		run_beside(web, req, in);
	atomic_fetch_sub(&web->twiml, 1);
	return room;
}
