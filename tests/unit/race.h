#ifndef T_RACE_H
#define T_RACE_H

#include "base/clock.h"
#include "store/history.h"
#include "store/inbox.h"
#include "store/outbox.h"
#include "store/owner.h"
#include "tests/t.h"
#include "tests/unit/store.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* Sending against something that forbids it: one thread per contact sends the same part again and
 * again, another forbids it, sees that nothing may leave, and allows it again. */

#define PEOPLE 4
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RACES 800
#else
#define RACES 10000
#endif

struct race {
	struct rcd_db *db;
	struct rcd_job job;
	int64_t part;
	int races;
	bool by_sms;
	/* Forbids sending, and allows it again. */
	int (*forbid)(struct race *r, struct rcd_err *err);
	int (*allow)(struct race *r, struct rcd_err *err);
	_Atomic bool forbidden, over;
	_Atomic int leaks, sent, failed;
};

static int mark_part(struct race *r, enum rcd_out_state state, struct rcd_err *err)
{
	const struct rcd_outbox_move m = {.job = &r->job, .id = r->part, .state = state};

	return rcd_outbox_mark(r->db, &m, err);
}

static int make_ready(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	const struct race *r = arg;

	return rcd_exec(conn, NULL, "UPDATE outbox SET state = 0 WHERE id = $1",
	                RCD_BIND(rcd_i64(r->part)), err);
}

/* What a turn does around its request, without the request. */
static void *send_parts(void *arg)
{
	struct race *r = arg;
	struct rcd_err err = {0};

	while (!atomic_load(&r->over)) {
		if (mark_part(r, RCD_OUT_SENDING, &err) != 0) {
			/* dropped: the next answer is another row; this one serves again */
			if (err.code != RCD_DENIED && err.code != RCD_EXISTS)
				atomic_fetch_add(&r->failed, 1);
			if (rcd_db_write(r->db, make_ready, r, &err) != 0)
				atomic_fetch_add(&r->failed, 1);
			continue;
		}
		if (atomic_load(&r->forbidden))
			atomic_fetch_add(&r->leaks, 1);
		atomic_fetch_add(&r->sent, 1);
		if (mark_part(r, RCD_OUT_READY, &err) != 0)
			atomic_fetch_add(&r->failed, 1);
	}
	return NULL;
}

/* Until no part is on its way. */
static int wait_settled(struct race *r, struct rcd_err *err)
{
	int64_t left = 1;

	while (left > 0)
		if (rcd_owner_on_the_way(r->db, 1, r->job.contact_id, &left, err) != 0)
			return -1;
	return 0;
}

static int forbid_and_allow(struct race *r, struct rcd_err *err)
{
	if (r->forbid(r, err) != 0 || wait_settled(r, err) != 0)
		return -1;
	atomic_store(&r->forbidden, true);
	for (int i = rand() % 4; i > 0; i--)
		(void)sched_yield();
	atomic_store(&r->forbidden, false);
	return r->allow(r, err);
}

static void *interrupt_parts(void *arg)
{
	struct race *r = arg;
	struct rcd_err err = {0};

	for (int i = 0; i < r->races; i++)
		if (forbid_and_allow(r, &err) != 0)
			atomic_fetch_add(&r->failed, 1);
	atomic_store(&r->over, true);
	return NULL;
}

/* A turn that is answered, with one part. */
static int begin_race(struct race *r, int i, struct rcd_err *err)
{
	const char *prefix = r->by_sms ? "" : "whatsapp:";
	const struct rcd_outbox_in part = {r->by_sms ? RCD_SV("+14155238886")
	                                             : RCD_SV("whatsapp:+14155238886"),
	                                   r->by_sms ? RCD_SV("+5511987654321")
	                                             : RCD_SV("whatsapp:+5511987654321"),
	                                   RCD_SV("oi"), rcd_sv(NULL)};
	char sid[16], sender_of[64], phone[32];
	struct rcd_inbox_in in = {.tenant = 1, .route = RCD_SV("/"), .body = RCD_SV("Body=oi")};
	struct rcd_turn_begin turn = {.job = &r->job, .n_inbox = 1, .route = RCD_SV("/")};
	struct rcd_turn_answer answer = {.job = &r->job,
	                                 .bot_response = RCD_SV("oi"),
	                                 .rung = RCD_SV("chat"),
	                                 .why = RCD_SV("{}"),
	                                 .user_message = RCD_SV("oi"),
	                                 .part = &part,
	                                 .n_parts = 1};
	struct rcd_inbox_row *row = NULL;
	struct rcd_outbox_row *out = NULL;
	size_t n = 0;
	bool fresh;
	int ret = -1;

	(void)snprintf(sid, sizeof(sid), "SM%d%s", i, r->by_sms ? "s" : "");
	(void)snprintf(phone, sizeof(phone), "+551198765432%d", i);
	(void)snprintf(sender_of, sizeof(sender_of), "%s%s", prefix, phone);
	in.event_key = rcd_sv(sid);
	in.sender = rcd_sv(sender_of);
	in.received_ms = in.due_ms = in.latest_ms = turn.started_ms = rcd_now_ms();
	turn.contact = (struct rcd_contact_in){.tenant = 1,
	                                       .phone = rcd_sv(phone),
	                                       .seen_ms = in.received_ms};
	if (rcd_inbox_put(r->db, &in, &fresh, err) != 0 ||
	    rcd_job_claim_one(r->db, 7, 600000, 1, RCD_JOB_TURN, sender_of, &r->job, err) != 0 ||
	    rcd_inbox_gather(r->db, &r->job, false, &row, &n, err) != 0)
		return -1;
	turn.inbox_ids = &row[0].id;
	if (rcd_history_begin(r->db, &turn, &r->job.turn_id, &r->job.contact_id, err) == 0 &&
	    rcd_history_answer(r->db, &answer, err) == 0 &&
	    rcd_outbox_of_turn(r->db, 1, r->job.turn_id, &out, &n, err) == 0) {
		r->part = out[0].id;
		rcd_outbox_rows_free(out, n);
		ret = 0;
	}
	rcd_inbox_rows_free(row, 1);
	return ret;
}

static int run_races(int (*forbid)(struct race *, struct rcd_err *),
                     int (*allow)(struct race *, struct rcd_err *))
{
	struct race r[PEOPLE] = {{.races = 0}};
	pthread_t id[2 * PEOPLE];
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	int ret = 0, sent = 0;

	T_DO(t_store(&db, &err), err);
	for (int i = 0; i < PEOPLE; i++) {
		r[i].db = db;
		r[i].races = RACES / PEOPLE;
		r[i].forbid = forbid;
		r[i].allow = allow;
		T_DO(begin_race(&r[i], i, &err), err);
	}
	for (int i = 0; i < PEOPLE; i++) {
		T_INT(pthread_create(&id[2 * i], NULL, send_parts, &r[i]), 0);
		T_INT(pthread_create(&id[2 * i + 1], NULL, interrupt_parts, &r[i]), 0);
	}
	for (int i = 0; i < 2 * PEOPLE; i++)
		(void)pthread_join(id[i], NULL);
	for (int i = 0; i < PEOPLE; i++) {
		T_INT(r[i].failed, 0);
		T_INT(r[i].leaks, 0);
		sent += r[i].sent;
	}
	T_OK(sent > RACES / 20); /* otherwise they never met */
out:
	rcd_db_close(db);
	return ret;
}

#endif
