/* STOP against sending, ten thousand times: once a suppression is committed and what was on its way
 * has settled, nothing leaves until START. And what the store decides of wishes in whatever order.
 */

#include "base/clock.h"
#include "store/history.h"
#include "store/inbox.h"
#include "store/owner.h"
#include "store/suppression.h"
#include "tests/t.h"
#include "tests/unit/store.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

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
	_Atomic bool stopped, over;
	_Atomic int leaks, sent, failed;
};

static int mark(struct race *r, enum rcd_out_state state, struct rcd_err *err)
{
	const struct rcd_outbox_move m = {.job = &r->job, .id = r->part, .state = state};

	return rcd_outbox_mark(r->db, &m, err);
}

static int again(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	const struct race *r = arg;

	return rcd_exec(conn, NULL, "UPDATE outbox SET state = 0 WHERE id = $1",
	                RCD_BIND(rcd_i64(r->part)), err);
}

/* What a turn does around its request, without the request. */
static void *sender(void *arg)
{
	struct race *r = arg;
	struct rcd_err err = {0};

	while (!atomic_load(&r->over)) {
		if (mark(r, RCD_OUT_SENDING, &err) != 0) {
			/* dropped: the next answer is another row; this one serves again */
			if (err.code != RCD_DENIED && err.code != RCD_EXISTS)
				atomic_fetch_add(&r->failed, 1);
			if (rcd_db_write(r->db, again, r, &err) != 0)
				atomic_fetch_add(&r->failed, 1);
			continue;
		}
		if (atomic_load(&r->stopped))
			atomic_fetch_add(&r->leaks, 1);
		atomic_fetch_add(&r->sent, 1);
		if (mark(r, RCD_OUT_READY, &err) != 0)
			atomic_fetch_add(&r->failed, 1);
	}
	return NULL;
}

static int set_wish(struct race *r, bool on, int64_t inbox_id, bool *tell, struct rcd_err *err)
{
	const struct rcd_suppress in = {.tenant = 1,
	                                .contact_id = r->job.contact_id,
	                                .scope = RCD_SCOPE_ALL,
	                                .on = on,
	                                .source = RCD_BY_CUSTOMER,
	                                .reason = "stop",
	                                .inbox_id = inbox_id,
	                                .turn_id = tell != NULL ? 77 : 0};

	return rcd_suppression_set(r->db, NULL, &in, tell, err);
}

static int stop_and_start(struct race *r, struct rcd_err *err)
{
	int64_t left = 1;

	if (set_wish(r, true, 0, NULL, err) != 0)
		return -1;
	while (left > 0)
		if (rcd_owner_on_the_way(r->db, 1, r->job.contact_id, &left, err) != 0)
			return -1;
	atomic_store(&r->stopped, true);
	for (int i = rand() % 4; i > 0; i--)
		(void)sched_yield();
	atomic_store(&r->stopped, false);
	return set_wish(r, false, 0, NULL, err);
}

static void *customer(void *arg)
{
	struct race *r = arg;
	struct rcd_err err = {0};

	for (int i = 0; i < r->races; i++)
		if (stop_and_start(r, &err) != 0)
			atomic_fetch_add(&r->failed, 1);
	atomic_store(&r->over, true);
	return NULL;
}

/* A turn that is answered, with one part. */
static int begin(struct race *r, int i, struct rcd_err *err)
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

static int races(void)
{
	struct race r[PEOPLE] = {{.races = RACES / PEOPLE}};
	pthread_t id[2 * PEOPLE];
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	int ret = 0, sent = 0;

	T_DO(t_store(&db, &err), err);
	for (int i = 0; i < PEOPLE; i++) {
		r[i].db = db;
		r[i].races = RACES / PEOPLE;
		T_DO(begin(&r[i], i, &err), err);
	}
	for (int i = 0; i < PEOPLE; i++) {
		T_INT(pthread_create(&id[2 * i], NULL, sender, &r[i]), 0);
		T_INT(pthread_create(&id[2 * i + 1], NULL, customer, &r[i]), 0);
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

/* Messages decide in their order, once each; one turn confirms. */
static int order(void)
{
	struct race r = {.races = 0};
	struct rcd_suppressed now;
	struct rcd_err err = {0};
	bool tell = false;
	int ret = 0;

	T_DO(t_store(&r.db, &err), err);
	T_DO(begin(&r, 0, &err), err);
	T_DO(set_wish(&r, true, 10, NULL, &err), err); /* as a webhook does */
	T_DO(set_wish(&r, true, 10, &tell, &err), err);
	T_INT(tell, true);
	T_DO(set_wish(&r, true, 10, &tell, &err), err); /* the same turn, run again */
	T_INT(tell, true);
	T_DO(set_wish(&r, false, 12, &tell, &err), err);
	T_INT(tell, true);
	T_DO(set_wish(&r, true, 10, &tell, &err), err); /* late, and older than the START */
	T_INT(tell, false);
	T_DO(rcd_suppression_get(r.db, 1, r.job.contact_id, false, &now, &err), err);
	T_INT(now.on[RCD_SCOPE_ALL], false);
	T_DO(set_wish(&r, true, 13, NULL, &err), err);
	T_DO(rcd_suppression_get(r.db, 1, r.job.contact_id, false, &now, &err), err);
	T_INT(now.on[RCD_SCOPE_ALL], true);
	T_INT(mark(&r, RCD_OUT_SENDING, &err), -1);
	T_INT(err.code, RCD_DENIED);
	r.job.contact_id = 5; /* nobody */
	T_INT(set_wish(&r, true, 14, NULL, &err), -1);
	T_INT(err.code, RCD_NOENT);
out:
	rcd_db_close(r.db);
	return ret;
}

/* Whoever wants no voice notes does not want nothing but voice notes. */
static int opposites(void)
{
	struct rcd_suppress in = {.tenant = 1,
	                          .scope = RCD_SCOPE_TEXT,
	                          .on = true,
	                          .source = RCD_BY_OPERATOR,
	                          .reason = "command"};
	struct race r = {.races = 0};
	struct rcd_suppressed now;
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(t_store(&r.db, &err), err);
	T_DO(begin(&r, 0, &err), err);
	in.contact_id = r.job.contact_id;
	T_DO(rcd_suppression_set(r.db, NULL, &in, NULL, &err), err);
	in.scope = RCD_SCOPE_AUDIO;
	T_DO(rcd_suppression_set(r.db, NULL, &in, NULL, &err), err);
	T_DO(rcd_suppression_get(r.db, 1, in.contact_id, false, &now, &err), err);
	T_INT(now.on[RCD_SCOPE_TEXT], false);
	T_INT(now.on[RCD_SCOPE_AUDIO], true);
	T_DO(mark(&r, RCD_OUT_SENDING, &err), err); /* a text */
out:
	rcd_db_close(r.db);
	return ret;
}

/* May it leave now? The row serves again. */
static int may_leave(struct race *r, bool *yes, struct rcd_err *err)
{
	*yes = mark(r, RCD_OUT_SENDING, err) == 0;
	if (!*yes && err->code != RCD_DENIED)
		return -1;
	return rcd_db_write(r->db, again, r, err);
}

/* Its sender can be forged: what an SMS says of messages holds for SMS alone. */
static int sms_counts_for_sms(void)
{
	static const struct {
		bool on, by_sms;
		enum rcd_wish_source source;
		bool whatsapp, sms; /* what may leave then */
	} row[] = {
		{true, true, RCD_BY_CUSTOMER, true, false},   /* a forged STOP */
		{false, false, RCD_BY_CUSTOMER, true, false}, /* a START elsewhere is not its end */
		{true, false, RCD_BY_CUSTOMER, false, false}, /* a STOP on WhatsApp */
		{false, true, RCD_BY_CUSTOMER, false, false}, /* a forged START */
		{true, true, RCD_BY_PROVIDER, false, false},  {false, false, RCD_BY_OPERATOR, true, true},
	};
	struct race r = {.by_sms = false}, s = {.by_sms = true};
	struct rcd_suppress in = {.tenant = 1, .reason = "stop"};
	struct rcd_suppressed now;
	struct rcd_err err = {0};
	bool leaves;
	int ret = 0;

	T_DO(t_store(&r.db, &err), err);
	s.db = r.db;
	T_DO(begin(&r, 0, &err), err);
	T_DO(begin(&s, 0, &err), err);
	T_INT(r.job.contact_id, s.job.contact_id);
	in.contact_id = r.job.contact_id;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		in.on = row[i].on;
		in.by_sms = row[i].by_sms;
		in.source = row[i].source;
		T_DO(rcd_suppression_set(r.db, NULL, &in, NULL, &err), err);
		T_DO(may_leave(&r, &leaves, &err), err);
		T_INT(leaves, row[i].whatsapp);
		T_DO(may_leave(&s, &leaves, &err), err);
		T_INT(leaves, row[i].sms);
		T_DO(rcd_suppression_get(r.db, 1, in.contact_id, false, &now, &err), err);
		T_INT(now.on[RCD_SCOPE_ALL], !row[i].whatsapp);
		T_DO(rcd_suppression_get(r.db, 1, in.contact_id, true, &now, &err), err);
		T_INT(now.on[RCD_SCOPE_ALL], !row[i].sms);
	}
	in.scope = RCD_SCOPE_AUDIO; /* there is no such wish by SMS */
	in.on = in.by_sms = true;
	T_INT(rcd_suppression_set(r.db, NULL, &in, NULL, &err), -1);
	T_INT(err.code, RCD_INVAL);
out:
	rcd_db_close(r.db);
	return ret;
}

const struct t_case t_cases[] = {
	{"races", races, 0},
	{"order", order, T_OOM},
	{"opposites", opposites, 0},
	{"sms_counts_for_sms", sms_counts_for_sms, T_OOM},
	{NULL, NULL, 0},
};
