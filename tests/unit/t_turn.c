/* The turn against the simulated providers, in this process: what goes out, what is stored,
 * and what happens at every place where a predecessor may have died. */

#include "knowledge/knowledge.h"
#include "store/dead.h"
#include "store/history.h"
#include "store/owner.h"
#include "tests/unit/audio.h"
#include "tests/unit/house.h"

#include <pthread.h>
#include <stdlib.h>

/* A message comes in; the job is claimed as a work process would. */
static int receive_from(struct house *h, const char *sender, const char *sid, const char *form,
                        struct rcd_job *job, struct rcd_err *err)
{
	struct rcd_inbox_in in = {.tenant = 1,
	                          .event_key = rcd_sv(sid),
	                          .sender = rcd_sv(sender),
	                          .route = RCD_SV("/webhook/whatsapp"),
	                          .received_ms = rcd_now_ms()};
	bool fresh;

	in.body = rcd_sv(form);
	in.due_ms = in.received_ms;
	if (rcd_inbox_put(h->db, &in, &fresh, err) != 0)
		return -1;
	if (!fresh)
		return rcd_fail(err, RCD_EXISTS, 0, "%s is not new", sid);
	return rcd_job_claim_one(h->db, OWNER, 30000, 1, RCD_JOB_TURN, sender, job, err);
}

static int receive_message(struct house *h, const char *sid, const char *more, struct rcd_job *job,
                           struct rcd_err *err)
{
	char body[16384];

	(void)snprintf(
		body, sizeof(body),
		"MessageSid=%s&From=whatsapp%%3A%%2B5511987654321&To=whatsapp%%3A%%2B14155238886&ProfileName=Ana&%s",
		sid, more);
	return receive_from(h, SENDER, sid, body, job, err);
}

struct contact_of {
	int64_t id;
};

static int contact_id(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char sql[] = "SELECT id FROM contact ORDER BY id LIMIT 1";

	return rcd_get_i64(conn, &((struct contact_of *)arg)->id, sql, RCD_BIND(), err);
}

static int turns(struct house *h, struct rcd_history_row **row, size_t *n, struct rcd_err *err)
{
	struct contact_of c = {0};

	if (rcd_db_read(h->db, contact_id, &c, err) != 0)
		return -1;
	return rcd_history_window(h->db, 1, c.id, &(struct rcd_history_window){.max = 10}, row, n, err);
}

/* --- cases --------------------------------------------------------------------------------- */

static int text_turn(void)
{
	struct rcd_history_row *row = NULL;
	struct rcd_err err = {0};
	struct rcd_job job, none;
	struct house h;
	size_t n = 0;
	int ret = 0, got = 0;

	T_DO(build(&h, "chat text=\"Atendemos das 9 às 18h.\"\n", &err), err);
	T_DO(receive_message(&h, "SM1", "Body=oi", &job, &err), err);
	T_DO(rcd_turn_run(&h.env, &job, NULL, NULL, &err), err);
	T_DO(turns(&h, &row, &n, &err), err);
	T_INT(n, 1);
	T_STR(row[0].user_message, "oi");
	T_STR(row[0].bot_response, "Atendemos das 9 às 18h.");
	T_INT(count(&h, "messages.create"), 1);
	T_DO(rcd_job_claim(h.db, OWNER, 1000, &none, 1, &got, &err), err);
	T_INT(got, 0);
	/* the same job again: its fence is gone, nothing happens */
	T_INT(rcd_turn_run(&h.env, &job, NULL, NULL, &err), -1);
	T_INT(count(&h, "messages.create"), 1);
out:
	rcd_history_rows_free(row, n);
	pull_down(&h);
	return ret;
}

static int two_messages_make_one_turn(void)
{
	struct rcd_history_row *row = NULL;
	struct rcd_err err = {0};
	struct rcd_job job, late;
	struct house h;
	size_t n = 0;
	int ret = 0, got = 0;

	T_DO(build(&h, NULL, &err), err);
	T_DO(receive_message(&h, "SM1", "Body=oi", &job, &err), err);
	/* the second comes in while the first is claimed: this claim fails, the row waits */
	T_INT(receive_message(&h, "SM2", "Body=tudo+bem%3F", &late, &err), -1);
	T_OK(err.code == RCD_BUSY);
	T_DO(rcd_turn_run(&h.env, &job, NULL, NULL, &err), err);
	T_DO(turns(&h, &row, &n, &err), err);
	T_INT(n, 1);
	T_STR(row[0].user_message, "oi\ntudo bem?");
	/* both are answered: the job does not come back for the second */
	T_DO(rcd_job_claim(h.db, OWNER, 30000, &late, 1, &got, &err), err);
	T_INT(got, 0);
	T_INT(count(&h, "messages.create"), 1);
out:
	rcd_history_rows_free(row, n);
	pull_down(&h);
	return ret;
}

/* A predecessor died after the provider had accepted: the successor looks before it sends. */
static int accepted_but_unread(void)
{
	struct rcd_err err = {0};
	struct rcd_job job;
	struct house h;
	int64_t freed;
	int ret = 0, got = 0;

	T_DO(build(&h, "messages.create 500-after times=1\n", &err), err);
	T_DO(receive_message(&h, "SM1", "Body=oi", &job, &err), err);
	T_INT(rcd_turn_run(&h.env, &job, NULL, NULL, &err), -1);
	T_INT(count(&h, "messages.create"), 1);
	T_DO(rcd_job_release(h.db, OWNER, &freed, &err), err);
	T_INT(freed, 1);
	T_DO(rcd_job_claim(h.db, OWNER + 1, 30000, &job, 1, &got, &err), err);
	T_INT(got, 1);
	T_OK(job.turn_id != 0);
	T_DO(rcd_turn_run(&h.env, &job, NULL, NULL, &err), err);
	T_INT(count(&h, "messages.create"), 1);
	T_INT(count(&h, "chat"), 1);
out:
	pull_down(&h);
	return ret;
}

/* Somebody else took the job over while the model talked: the first one's answer is dropped. */
static void *usurp(void *arg)
{
	struct house *h = arg;
	struct rcd_err err;
	struct rcd_job job;
	int64_t freed;
	int got = 0;

	while (count(h, "chat") == 0)
		(void)sched_yield();
	if (rcd_job_release(h->db, OWNER, &freed, &err) == 0)
		(void)rcd_job_claim(h->db, OWNER + 1, 30000, &job, 1, &got, &err);
	return NULL;
}

static int the_fence_holds(void)
{
	struct rcd_err err = {0};
	struct rcd_job job;
	struct house h;
	pthread_t other;
	int ret = 0;

	T_DO(build(&h, "chat delay=500\n", &err), err);
	T_DO(receive_message(&h, "SM1", "Body=oi", &job, &err), err);
	T_OK(pthread_create(&other, NULL, usurp, &h) == 0);
	T_INT(rcd_turn_run(&h.env, &job, NULL, NULL, &err), -1);
	(void)pthread_join(other, NULL);
	T_STR(rcd_code_name(err.code), "cancelled");
	T_INT(count(&h, "messages.create"), 0);
out:
	pull_down(&h);
	return ret;
}

/* Of the message that waits to be sent. */
static int attempts(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	return rcd_get_i64(conn, arg, "SELECT attempts FROM outbox WHERE state = 0", RCD_BIND(), err);
}

/* Who stood still between the intent and the wire for as long as others may have waited for it
 * does not send; nobody else does so in the meantime, because the intent began the lease anew. */
static int too_late_to_send(void)
{
	struct rcd_err err = {0};
	struct rcd_job job;
	struct house h;
	int ret = 0, got = 0;

	T_DO(build(&h, NULL, &err), err);
	T_DO(receive_message(&h, "SM1", "Body=oi", &job, &err), err);
	T_INT(job.lease_ms, 30000);
	job.lease_ms = 2; /* its share is over before anything can leave */
	T_INT(rcd_turn_run(&h.env, &job, NULL, NULL, &err), -1);
	T_STR(rcd_code_name(err.code), "timeout");
	T_INT(count(&h, "messages.create"), 0);
	T_DO(rcd_job_retry(h.db, &job, rcd_now_ms(), "late", &err), err);
	T_DO(rcd_job_claim(h.db, OWNER + 1, 30000, &job, 1, &got, &err), err);
	T_INT(got, 1);
	T_DO(rcd_turn_run(&h.env, &job, NULL, NULL, &err), err);
	T_INT(count(&h, "messages.create"), 1);
	T_INT(count(&h, "messages.list"), 0); /* it had surely not left: nothing to be looked for */
out:
	pull_down(&h);
	return ret;
}

/* A provider that is not asked for now is waited for: that is no attempt, of neither. */
static int sending_waits_for_the_provider(void)
{
	struct rcd_err err = {0};
	struct rcd_job job;
	struct house h;
	int64_t n = -1;
	int ret = 0;

	T_DO(build(&h, NULL, &err), err);
	T_DO(receive_message(&h, "SM1", "Body=oi", &job, &err), err);
	while (!rcd_breaker_is_open(&h.send)) {
		T_DO(rcd_breaker_enter(&h.send, "twilio", &err), err);
		rcd_breaker_done(&h.send, false);
	}
	T_INT(rcd_turn_run(&h.env, &job, NULL, NULL, &err), -1);
	T_STR(rcd_code_name(err.code), "busy"); /* a work process lets such a job wait, uncounted */
	T_OK(err.retry_after > 0);
	T_INT(count(&h, "messages.create"), 0);
	T_DO(rcd_db_read(h.db, attempts, &n, &err), err);
	T_INT(n, 0);
out:
	pull_down(&h);
	return ret;
}

static int refused_for_good(void)
{
	struct rcd_history_row *row = NULL;
	struct rcd_err err = {0};
	struct rcd_job job;
	struct house h;
	size_t n = 0;
	int ret = 0;

	T_DO(build(&h, "messages.create status=400 code=63016\n", &err), err);
	T_DO(receive_message(&h, "SM1", "Body=oi", &job, &err), err);
	T_DO(rcd_turn_run(&h.env, &job, NULL, NULL, &err), err);
	T_INT(count(&h, "messages.create"), 1);
	T_DO(turns(&h, &row, &n, &err), err);
	T_INT(n, 1);
out:
	rcd_history_rows_free(row, n);
	pull_down(&h);
	return ret;
}

static int answered_ago(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	return rcd_exec(conn, NULL, "UPDATE turn SET answered_ms = $1",
	                RCD_BIND(rcd_i64(rcd_now_ms() - *(const int64_t *)arg)), err);
}

/* What may be tried again is, ever more seldom, and not for ever. */
static int tried_again_ever_more_seldom(void)
{
	static const struct {
		int64_t age_ms, least_ms, most_ms; /* of the answer; until it is tried again */
	} row[] = {
		{0, 3590000, 3600000}, {36000000, 17990000, 18010000}, {90000000, 0, 0}, /* never */
	};
	struct rcd_dead *dead = NULL;
	struct rcd_err err = {0};
	struct rcd_job job;
	struct house h;
	size_t n = 0;
	int ret = 0, got;

	T_DO(build(&h, "messages.create status=400 code=63038\n", &err), err);
	T_DO(receive_message(&h, "SM1", "Body=oi", &job, &err), err);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		int64_t age = row[i].age_ms, wait;

		if (i > 0) {
			T_DO(rcd_db_write(h.db, answered_ago, &age, &err), err);
			T_DO(rcd_dead_retry(h.db, 1, dead[0].id, &err), err);
			T_DO(rcd_job_claim(h.db, OWNER, 30000, &job, 1, &got, &err), err);
			T_INT(got, 1);
			rcd_dead_rows_free(dead, n);
			dead = NULL;
		}
		T_DO(rcd_turn_run(&h.env, &job, NULL, NULL, &err), err);
		T_DO(rcd_dead_list(h.db, 1, 5, &dead, &n, &err), err);
		T_INT(n, 1);
		T_INT(dead[0].code, 63038);
		wait = dead[0].retry_ms - dead[0].died_ms;
		T_OK(row[i].most_ms > 0 ? wait >= row[i].least_ms && wait <= row[i].most_ms
		                        : dead[0].retry_ms == 0);
	}
out:
	rcd_dead_rows_free(dead, n);
	pull_down(&h);
	return ret;
}

static int nothing_to_read(void)
{
	struct rcd_history_row *row = NULL;
	struct rcd_err err = {0};
	struct rcd_job job;
	struct house h;
	size_t n = 0;
	int ret = 0;

	T_DO(build(&h, NULL, &err), err);
	T_DO(receive_message(&h, "SM1", "Body=", &job, &err), err);
	T_DO(rcd_turn_run(&h.env, &job, NULL, NULL, &err), err);
	T_DO(turns(&h, &row, &n, &err), err);
	T_STR(row[0].bot_response, rcd_text_name[RCD_TEXT_EMPTY]);
	T_INT(count(&h, "chat"), 0);
out:
	rcd_history_rows_free(row, n);
	pull_down(&h);
	return ret;
}

/* --- the assistant rung ---------------------------------------------------------------------- */

/* How many lines of the ledger have all three. */
static int say(struct house *h, const char *op, const char *one, const char *two)
{
	char *ledger = rcd_sandbox_ledger(h->box), of_op[64];
	struct rcd_sv rest = rcd_sv(ledger), line;
	int n = 0;

	(void)snprintf(of_op, sizeof(of_op), "\"op\":\"%s\"", op);
	while (rcd_sv_cut(&rest, '\n', &line))
		n += line.n > 0 && memmem(line.p, line.n, of_op, strlen(of_op)) != NULL &&
		     memmem(line.p, line.n, one, strlen(one)) != NULL &&
		     memmem(line.p, line.n, two, strlen(two)) != NULL;
	free(ledger);
	return n;
}

static int one_turn(struct house *h, const char *sid, char thread[RCD_THREAD_ID],
                    struct rcd_err *err)
{
	struct contact_of c = {0};
	struct rcd_job job;

	if (receive_message(h, sid, "Body=oi", &job, err) != 0 ||
	    rcd_turn_run(&h->env, &job, NULL, NULL, err) != 0 ||
	    rcd_db_read(h->db, contact_id, &c, err) != 0)
		return -1;
	return rcd_history_thread(h->db, 1, c.id, thread, err);
}

/* Nothing is kept at OpenAI: the history goes along. */
static int assistant_below_chat(void)
{
	char thread[RCD_THREAD_ID], path[] = "/webhook/whatsapp";
	const struct rcd_route route = {.path = path, .text = {2, {RCD_RUNG_CHAT, RCD_RUNG_ASSISTANT}}};
	struct rcd_err err = {0};
	struct house h;
	int ret = 0;

	T_DO(build(&h, "chat 500-before\nresponses text=\"Pois não.\"\n", &err), err);
	h.conf.route = &route;
	h.conf.n_routes = 1;
	T_DO(one_turn(&h, "SM1", thread, &err), err);
	T_STR(thread, "");
	T_DO(one_turn(&h, "SM2", thread, &err), err);
	T_INT(say(&h, "responses", "\"store\":false", "\"input\":1"), 1);
	T_INT(say(&h, "responses", "\"store\":false", "\"input\":4"),
	      1); /* a turn, the time, the message */
	T_INT(count(&h, "conversations.create"), 0);
	T_INT(say(&h, "messages.create", "Pois n\xC3\xA3o.", ""), 2);
out:
	pull_down(&h);
	return ret;
}

static int assistant_keeps_a_conversation(void)
{
	char path[] = "/webhook/whatsapp";
	const struct rcd_route route = {.path = path, .text = {1, {RCD_RUNG_ASSISTANT}}};
	char first[RCD_THREAD_ID], second[RCD_THREAD_ID], id[RCD_THREAD_ID + 16];
	struct rcd_err err = {0};
	struct house h;
	int ret = 0;

	T_DO(build(&h, NULL, &err), err);
	h.conf.route = &route;
	h.conf.n_routes = 1;
	h.openai.store = true;
	T_DO(one_turn(&h, "SM1", first, &err), err);
	T_OK(strncmp(first, "conv_", 5) == 0);
	T_DO(one_turn(&h, "SM2", second, &err), err);
	T_STR(second, first);
	T_INT(count(&h, "conversations.create"), 1);
	(void)snprintf(id, sizeof(id), "\"conversation\":\"%s", first);
	T_INT(say(&h, "responses", id, "\"store\":true"), 2);
	T_INT(say(&h, "responses", "\"input\":1", "\"context\":2"),
	      1); /* the second: one message, the rest is there */
	/* it is gone: a new one, told what was said before */
	T_DO(rcd_openai_conversation_delete(h.http, &h.openai, first, rcd_deadline_in(10000), &err),
	     err);
	T_DO(one_turn(&h, "SM3", second, &err), err);
	T_OK(strncmp(second, "conv_", 5) == 0 && strcmp(second, first) != 0);
	T_INT(say(&h, "responses", "\"input\":5", "\"context\":0"), 1);
	/* it is in use: likewise */
	T_DO(rcd_sandbox_plan(h.box, "responses status=400 code=conversation_locked times=1", &err),
	     err);
	T_DO(one_turn(&h, "SM4", first, &err), err);
	T_OK(strncmp(first, "conv_", 5) == 0 && strcmp(second, first) != 0);
	/* another rung answered, so the conversation does not hold everything: a new one */
	T_DO(rcd_sandbox_plan(h.box, "responses broken times=1", &err), err);
	T_DO(one_turn(&h, "SM5", second, &err), err);
	T_STR(second, "");
	T_DO(one_turn(&h, "SM6", second, &err), err);
	T_OK(strncmp(second, "conv_", 5) == 0 && strcmp(second, first) != 0);
	T_INT(count(&h, "conversations.create"), 4);
out:
	pull_down(&h);
	return ret;
}

/* --- the realtime rung ----------------------------------------------------------------------- */

static char live_path[] = "/webhook/whatsapp";
static const struct rcd_route live_route = {.path = live_path,
                                            .text = {1, {RCD_RUNG_CHAT}},
                                            .audio = {2, {RCD_RUNG_REALTIME, RCD_RUNG_CHAT}}};

static int open_live(struct house *h, struct rcd_err *err)
{
	h->live = (struct rcd_realtime_conf){.base_url = h->openai.base_url,
	                                     .key = &h->openai.key,
	                                     .model = "gpt-realtime-2.1",
	                                     .voice = "sage",
	                                     .transcribe_model = "gpt-transcribe",
	                                     .language = "pt",
	                                     .sessions = 2};
	h->conf.route = &live_route;
	h->conf.n_routes = 1;
	if (rcd_realtime_open(&h->sessions, &h->live, err) != 0)
		return -1;
	h->env.sessions = h->sessions;
	return 0;
}

/* A spoken message comes in, and more beside it; its turn is run. 1: nobody can speak here. */
static int spoken_turn(struct house *h, const char *sid, const char *more, struct rcd_err *err)
{
	char *url, body[1024];
	struct rcd_job job;
	size_t n = 0;
	char *wav = a_speech("pt-br", "150", "qual o prazo de entrega para o interior", &n);
	int len;

	if (wav == NULL)
		return 1;
	url = rcd_sandbox_media(h->box, wav, n, "audio/wav");
	free(wav);
	if (url == NULL)
		return rcd_fail_nomem(err);
	len = snprintf(body, sizeof(body), "%s&NumMedia=1&MediaContentType0=audio%%2Fwav&MediaUrl0=%s",
	               more, url);
	free(url);
	if (len < 0 || (size_t)len >= sizeof(body))
		return rcd_fail(err, RCD_LIMIT, 0, "too long for the test");
	if (receive_message(h, sid, body, &job, err) != 0)
		return -1;
	return rcd_turn_run(&h->env, &job, NULL, NULL, err);
}

#define SPOKEN(h, sid, more)                                                                       \
	do {                                                                                           \
		int t_rc = spoken_turn((h), (sid), (more), &err);                                          \
		if (t_rc == 1)                                                                             \
			goto out;                                                                              \
		T_DO(t_rc, err);                                                                           \
	} while (0)

/* Words that come after the turn's time are waited for, once, and answered. */
static int a_slow_transcription(void)
{
	struct rcd_history_row *row = NULL;
	struct rcd_err err = {0};
	struct house h;
	size_t n = 0;
	int ret = 0;

	T_DO(build(&h, "transcribe delay=2600 text=\"qual o prazo?\"\n", &err), err);
	h.conf.deadline_ms = 2000;
	h.conf.hear_ms = 15000;
	SPOKEN(&h, "SM1", "Body=");
	T_DO(turns(&h, &row, &n, &err), err);
	T_INT(n, 1);
	T_STR(row[0].user_message, "qual o prazo?");
	T_INT(count(&h, "transcribe"), 1);
	T_INT(count(&h, "chat"), 1);
	T_INT(count(&h, "messages.create"), 1);
out:
	rcd_history_rows_free(row, n);
	pull_down(&h);
	return ret;
}

/* What never comes is given up at the end of that wait, and the customer is asked to write. */
static int no_transcription(void)
{
	struct rcd_history_row *row = NULL;
	struct rcd_err err = {0};
	struct house h;
	size_t n = 0;
	int ret = 0;

	T_DO(build(&h, "transcribe never\n", &err), err);
	h.conf.deadline_ms = 2000;
	h.conf.hear_ms = 2500;
	SPOKEN(&h, "SM1", "Body=");
	T_DO(turns(&h, &row, &n, &err), err);
	T_STR(row[0].bot_response, rcd_text_name[RCD_TEXT_NOT_HEARD]);
	T_INT(count(&h, "transcribe"), 1);
out:
	rcd_history_rows_free(row, n);
	pull_down(&h);
	return ret;
}

/* --- a note that takes longer: its sender is told, once --------------------------------------- */

static int64_t hold_on_state(struct house *h)
{
	return number(h, "SELECT coalesce((SELECT state FROM outbox WHERE part = 63), -1)");
}

static int build_slow(struct house *h, const char *plan, struct rcd_err *err)
{
	if (build(h, plan, err) != 0)
		return -1;
	h->conf.deadline_ms = 2000; /* 1.1 s of it to hear in */
	h->conf.hear_ms = 15000;
	h->conf.hold_on = true;
	return 0;
}

/* Told when the time to hear is over, behind it comes the answer; one that is heard in time tells
 * nothing. */
static int told_to_hold_on(void)
{
	struct rcd_err err = {0};
	struct house h;
	int ret = 0;

	T_DO(build_slow(
			 &h, "transcribe delay=2600 text=\"qual o prazo?\" times=1\nchat text=\"Dois dias.\"\n",
			 &err),
	     err);
	SPOKEN(&h, "SM1", "Body=");
	T_INT(count(&h, "messages.create"), 2);
	T_INT(say(&h, "messages.create", "\"body\":\"hold_on\"", ""), 1);
	T_INT(say(&h, "messages.create", "Dois dias.", ""), 1);
	T_INT(hold_on_state(&h), RCD_OUT_ACCEPTED);
	SPOKEN(&h, "SM2", "Body=");
	T_INT(count(&h, "messages.create"), 3);
	h.conf.hold_on = false;
	T_DO(rcd_sandbox_plan(h.box, "transcribe delay=2600\n", &err), err);
	SPOKEN(&h, "SM3", "Body=");
	T_INT(count(&h, "messages.create"), 4);
out:
	pull_down(&h);
	return ret;
}

/* Takes the job over when the customer has been told, as after a death; all that was heard is lost.
 */
static void *usurp_told(void *arg)
{
	struct house *h = arg;
	struct rcd_err err;
	int64_t freed;

	while (hold_on_state(h) != RCD_OUT_ACCEPTED)
		(void)sched_yield();
	(void)rcd_job_release(h->db, OWNER, &freed, &err);
	return NULL;
}

static int forget_what_was_heard(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	const int64_t *state = arg;

	if (rcd_exec(conn, NULL, "DELETE FROM heard", RCD_BIND(), err) != 0)
		return -1;
	return rcd_exec(conn, NULL, "UPDATE outbox SET state = $1, sid = NULL WHERE part = 63",
	                RCD_BIND(rcd_i64(*state)), err);
}

/* The turn begins anew and takes as long again: the customer is not told twice, whether the first
 * telling is known to have arrived or its process died between intent and answer. */
static int told_once(int64_t state, int64_t after)
{
	struct rcd_err err = {0};
	struct rcd_job job;
	struct house h;
	pthread_t other;
	int ret = 0, got = 0;

	T_DO(build_slow(&h, "transcribe delay=2600 text=\"qual o prazo?\"\n", &err), err);
	T_OK(pthread_create(&other, NULL, usurp_told, &h) == 0);
	got = spoken_turn(&h, "SM1", "Body=", &err);
	if (got == 1) { /* no espeak here: nobody is told of anything */
		(void)pthread_cancel(other);
		goto out;
	}
	(void)pthread_join(other, NULL);
	T_INT(got, -1);
	T_STR(rcd_code_name(err.code), "cancelled");
	T_INT(count(&h, "messages.create"), 1);
	T_DO(rcd_db_write(h.db, forget_what_was_heard, &state, &err), err);
	T_DO(rcd_job_claim(h.db, OWNER + 1, 30000, &job, 1, &got, &err), err);
	T_INT(got, 1);
	T_DO(rcd_turn_run(&h.env, &job, NULL, NULL, &err), err);
	T_INT(count(&h, "transcribe"), 2);
	T_INT(count(&h, "messages.create"), 2);
	T_INT(say(&h, "messages.create", "\"body\":\"hold_on\"", ""), 1);
	T_INT(hold_on_state(&h), after);
	T_DO(rcd_job_claim(h.db, OWNER, 30000, &job, 1, &got, &err), err);
	T_INT(got, 0);
out:
	pull_down(&h);
	return ret;
}

static int told_once_when_begun_anew(void)
{
	return told_once(RCD_OUT_ACCEPTED, RCD_OUT_ACCEPTED);
}

static int told_once_over_a_death(void)
{
	return told_once(RCD_OUT_SENDING, RCD_OUT_DROPPED);
}

static int refused_telling(const char *plan, int answers, bool person)
{
	struct rcd_err err = {0};
	enum rcd_owner was;
	struct contact_of c = {0};
	struct house h;
	int64_t began;
	int ret = 0;

	T_DO(build_slow(&h, plan, &err), err);
	SPOKEN(&h, "SM1", "Body=");
	T_DO(rcd_db_read(h.db, contact_id, &c, &err), err);
	if (person)
		T_DO(rcd_owner_set(h.db, 1, c.id, RCD_OWNER_PERSON, &was, &err), err);
	began = rcd_mono_ms();
	SPOKEN(&h, "SM2", "Body=");
	T_OK(rcd_mono_ms() - began < 2600 + 3000);
	T_INT(say(&h, "messages.create", "\"body\":\"Dois dias.\"", "\"status\":201"), answers);
out:
	pull_down(&h);
	return ret;
}

/* A request that hangs holds up nothing: it is given up when the answer is there. */
static int a_telling_that_hangs(void)
{
	return refused_telling(
		"transcribe nth=2 delay=2600 text=\"e o prazo?\"\nchat text=\"Dois dias.\"\n"
		"messages.create nth=2 never\n",
		2, false);
}

/* Nobody is told anything in a person's conversation. */
static int no_telling_for_a_person(void)
{
	return refused_telling(
		"transcribe nth=2 delay=2600 text=\"e o prazo?\"\nchat text=\"Dois dias.\"\n", 1, true);
}

/* The session hears it and answers; the words it heard are what is searched and stored. */
static int a_session_hears_and_answers(void)
{
	struct rcd_history_row *row = NULL;
	struct rcd_err err = {0};
	struct house h;
	size_t n = 0;
	int ret = 0;

	T_DO(
		build(&h,
	          "realtime.transcribe text=\"qual o prazo?\"\nrealtime.response text=\"Dois dias.\"\n",
	          &err),
		err);
	T_DO(open_live(&h, &err), err);
	SPOKEN(&h, "SM1", "Body=bom+dia");
	T_DO(turns(&h, &row, &n, &err), err);
	T_STR(row[0].user_message, "bom dia\nqual o prazo?");
	T_STR(row[0].bot_response, "Dois dias.");
	T_INT(count(&h, "transcribe"), 0);
	T_INT(count(&h, "chat"), 0);
	/* what was written stands beside the note, and the note's words are not there twice */
	T_INT(say(&h, "realtime.response", "\"text\":\"bom dia\"", "\"id\":\"item_"), 1);
	T_INT(say(&h, "realtime.response", "bom dia\\n", ""), 0);
out:
	rcd_history_rows_free(row, n);
	pull_down(&h);
	return ret;
}

/* With too many samples under way a note is transcribed; what one takes is given back. */
static int live_bytes_have_a_bound(void)
{
	struct rcd_media_gates gates;
	struct rcd_history_row *row = NULL;
	struct rcd_err err = {0};
	struct house h;
	size_t n = 0;
	int ret = 0;

	rcd_media_gates_init(&gates);
	T_DO(
		build(&h,
	          "realtime.transcribe text=\"qual o prazo?\"\nrealtime.response text=\"Dois dias.\"\n",
	          &err),
		err);
	T_DO(open_live(&h, &err), err);
	h.env.gates = &gates;
	SPOKEN(&h, "SM1", "Body=");
	T_DO(turns(&h, &row, &n, &err), err);
	T_INT(count(&h, "transcribe"), 0);
	T_INT(gates.live_bytes, 0);
	gates.live_bytes = RCD_MAX_LIVE_BYTES;
	SPOKEN(&h, "SM2", "Body=");
	rcd_history_rows_free(row, n);
	row = NULL;
	T_DO(turns(&h, &row, &n, &err), err);
	T_INT(count(&h, "transcribe"), 1);
	T_INT(gates.live_bytes, RCD_MAX_LIVE_BYTES);
out:
	rcd_history_rows_free(row, n);
	pull_down(&h);
	rcd_media_gates_free(&gates);
	return ret;
}

/* Nobody hears or nobody answers there: transcription and the next rung do. */
static int below_a_session(void)
{
	static const char *const plans[] = {
		"realtime.connect 500-before\n", "realtime.transcribe 500-before\n",
		"realtime.transcribe never\n",   "realtime.response broken\n",
		"realtime.response cut\n",       "realtime.response 429 code=insufficient_quota\n",
	};
	struct rcd_history_row *row = NULL;
	struct rcd_err err = {0};
	struct house h;
	char sid[32];
	size_t n = 0;
	int ret = 0;

	for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
		T_DO(build(&h, plans[i], &err), err);
		T_DO(open_live(&h, &err), err);
		h.conf.deadline_ms = 6000;
		(void)snprintf(sid, sizeof(sid), "SM%zu", i);
		SPOKEN(&h, sid, "Body=");
		T_DO(turns(&h, &row, &n, &err), err);
		T_STR(row[n - 1].user_message, "quanto custa a entrega?");
		T_OK(strncmp(row[n - 1].bot_response, "Entendi", 7) == 0);
		T_INT(count(&h, "chat"), 1);
		T_INT(count(&h, "transcribe"), strncmp(plans[i], "realtime.response", 17) != 0);
		T_INT(count(&h, "messages.create"), 1);
		rcd_history_rows_free(row, n);
		row = NULL;
		pull_down(&h);
	}
	return 0;
out:
	rcd_history_rows_free(row, n);
	pull_down(&h);
	return ret;
}

/* --- who answered, and how ------------------------------------------------------------------- */

struct told {
	int64_t persona, voice;
};

static int read_told(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct told *n = arg;

	return rcd_get_i64(conn, &n->persona, "SELECT persona_id FROM turn ORDER BY id DESC LIMIT 1",
	                   RCD_BIND(), err) != 0
	           ? -1
	           : rcd_get_i64(conn, &n->voice, "SELECT count(*) FROM media", RCD_BIND(), err);
}

static int turn_of(struct house *h, const char *sid, const char *body, struct rcd_err *err)
{
	struct rcd_job job;

	return receive_message(h, sid, body, &job, err) == 0
	           ? rcd_turn_run(&h->env, &job, NULL, NULL, err)
	           : -1;
}

/* Who asks for audio gets it whatever voice.when says, unless on_request says no; who wants none
 * gets none. */
static int audio_on_request(void)
{
	static const enum rcd_voice_when when[] = {RCD_VOICE_MIRROR, RCD_VOICE_SHORT, RCD_VOICE_NEVER};
	struct told told = {0};
	struct rcd_err err = {0};
	struct rcd_job job;
	struct house h;
	char path[600];
	int ret = 0;

	T_DO(build(&h, "chat text=\"Atendemos das 9 às 18h.\"\n", &err), err);
	(void)snprintf(path, sizeof(path), "%s/10.md", h.persona);
	T_DO(rcd_file_write(path, RCD_SV("Você é a loja."), 0644, &err), err);
	h.conf.short_chars = 1;
	h.conf.voice_on_request = true;
	h.conf.late_voice_ms = 20000;
	for (int i = 0; i < 3; i++) {
		char sid[8];

		h.conf.voice_when = when[i];
		(void)snprintf(sid, sizeof(sid), "SM%d", 2 * i);
		T_DO(receive_message(&h, sid, "Body=oi", &job, &err), err);
		T_DO(rcd_turn_run(&h.env, &job, NULL, NULL, &err), err);
		T_DO(rcd_db_read(h.db, read_told, &told, &err), err);
		T_INT(told.voice, i);
		(void)snprintf(sid, sizeof(sid), "SM%d", 2 * i + 1);
		T_DO(receive_message(&h, sid, "Body=me+manda+um+%C3%A1udio", &job, &err), err);
		T_DO(rcd_turn_run(&h.env, &job, NULL, NULL, &err), err);
		T_DO(rcd_db_read(h.db, read_told, &told, &err), err);
		T_INT(told.voice, i + 1);
	}
	h.conf.voice_on_request = false;
	T_DO(turn_of(&h, "SM10", "Body=me+manda+um+%C3%A1udio", &err), err);
	T_DO(rcd_db_read(h.db, read_told, &told, &err), err);
	T_INT(told.voice, 3);
	h.conf.voice_on_request = true;
	h.conf.voice_when = RCD_VOICE_ALWAYS;
	T_DO(turn_of(&h, "SM11", "Body=n%C3%A3o+mande+%C3%A1udio", &err), err);
	T_DO(turn_of(&h, "SM12", "Body=oi", &err), err);
	T_DO(rcd_db_read(h.db, read_told, &told, &err), err);
	T_INT(told.voice, 3);
	h.conf.voice_when = RCD_VOICE_NEVER;
	T_DO(turn_of(&h, "SM13", "Body=prefiro+%C3%A1udio", &err), err);
	T_DO(turn_of(&h, "SM14", "Body=oi", &err), err);
	T_DO(rcd_db_read(h.db, read_told, &told, &err), err);
	T_INT(told.voice, 5);
	T_OK(told.persona != 0);
out:
	pull_down(&h);
	return ret;
}

/* --- the voice's cost ------------------------------------------------------------------------ */

static int files(void *arg, const char *name)
{
	(void)name;
	++*(int *)arg;
	return 0;
}

static int unlink_it(void *arg, const char *name)
{
	const struct house *h = arg;
	char key[RCD_BLOB_KEY];

	(void)snprintf(key, sizeof(key), RCD_BLOB_AUDIO "%s", name);
	return rcd_blob_remove(&h->blobs, key, RCD_UNREAD_ERR);
}

static void heard_of(void *arg, int64_t turn_id, const char *text)
{
	(void)turn_id;
	*(int *)arg += strstr(text, "characters of the day") != NULL;
}

static int statement(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	return rcd_exec(conn, NULL, arg, RCD_BIND(), err);
}

/* The same answer in the same voice is a copy of the first one's file; another voice's is not. */
static int said_again(void)
{
	struct rcd_err err = {0};
	struct house h;
	int ret = 0, n = 0;

	T_DO(build(&h, NULL, &err), err);
	h.conf.voice_when = RCD_VOICE_ALWAYS;
	h.conf.speech.keep_days = 30;
	T_DO(turn_of(&h, "SM1", "Body=", &err), err);
	T_INT(count(&h, "tts"), 1);
	T_DO(turn_of(&h, "SM2", "Body=", &err), err);
	T_INT(count(&h, "tts"), 1);
	T_INT(count(&h, "messages.create"), 4);
	T_DO(rcd_blob_each(&h.blobs, RCD_BLOB_AUDIO, INT64_MAX, files, &n, &err), err);
	T_INT(n, 2);
	h.voice.speed = 1.1;
	T_DO(turn_of(&h, "SM3", "Body=", &err), err);
	T_INT(count(&h, "tts"), 2);
out:
	pull_down(&h);
	return ret;
}

static int measure(void *arg, const char *name)
{
	struct rcd_pcm pcm = {0};
	struct rcd_err err = {0};
	struct rcd_buf bytes;
	char path[600];
	int ret;

	rcd_buf_init(&bytes, 8 << 20);
	(void)snprintf(path, sizeof(path), "%s/audio/%s", t_dir(), name);
	ret = rcd_file_read(path, 8 << 20, &bytes, &err) == 0
	          ? rcd_decode(NULL, rcd_buf_view(&bytes), RCD_KIND_OGG_OPUS, 24000, &pcm, &err)
	          : -1;
	*(int64_t *)arg += (int64_t)pcm.n / 24;
	rcd_pcm_free(&pcm);
	rcd_buf_free(&bytes);
	return ret;
}

struct spoken_rows {
	int64_t ms, pieces, paid;
};

static int spoken_rows(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct spoken_rows *r = arg;

	return rcd_get_i64(conn, &r->ms, "SELECT CAST(sum(duration_ms) AS BIGINT) FROM media",
	                   RCD_BIND(), err) != 0 ||
	               rcd_get_i64(conn, &r->pieces, "SELECT count(*) FROM speech", RCD_BIND(), err) !=
	                   0 ||
	               rcd_get_i64(conn, &r->paid,
	                           "SELECT CAST(sum(characters) AS BIGINT) FROM voice_day", RCD_BIND(),
	                           err) != 0
	           ? -1
	           : 0;
}

#define FIRST_SENTENCE "Bom dia, tudo bem com você? "
#define SECOND_SENTENCE "A entrega para Campinas leva dois dias úteis, sem custo. "
#define OTHER_SENTENCE "A entrega para Santos leva três dias úteis, com custo pequeno. "
#define LAST_SENTENCE "Posso ajudar em mais alguma coisa?"

/* A model's answer comes in pieces: sentences that were spoken before are not spoken again, whoever
 * they were said to and however fast they come. */
static int said_by_sentence(void)
{
	const int all = (int)(rcd_utf8_count(RCD_SV(FIRST_SENTENCE SECOND_SENTENCE LAST_SENTENCE)) - 2 +
	                      rcd_utf8_count(RCD_SV(OTHER_SENTENCE)) - 1);
	struct spoken_rows r = {0};
	struct rcd_err err = {0};
	struct house h;
	int64_t heard = 0;
	int ret = 0;

	T_DO(build(&h,
	           "chat text=\"" FIRST_SENTENCE SECOND_SENTENCE LAST_SENTENCE "\" times=2\n"
	           "chat text=\"" FIRST_SENTENCE OTHER_SENTENCE LAST_SENTENCE "\" nth=3\n"
	           "chat pace=20 text=\"" LAST_SENTENCE " " SECOND_SENTENCE "\" nth=4\n",
	           &err),
	     err);
	h.conf.voice_when = RCD_VOICE_ALWAYS;
	h.conf.speech.keep_days = 30;
	h.conf.speech.daily_characters = all; /* what is spoken again is not counted */
	T_DO(turn_of(&h, "SM1", "Body=oi", &err), err);
	T_INT(count(&h, "tts"), 3);
	T_DO(turn_of(&h, "SM2", "Body=oi", &err), err);
	T_INT(count(&h, "tts"), 3);
	T_DO(turn_of(&h, "SM3", "Body=oi", &err), err);
	T_INT(count(&h, "tts"), 4);
	T_DO(turn_of(&h, "SM4", "Body=oi", &err), err);
	T_INT(count(&h, "tts"), 4);
	T_INT(count(&h, "messages.create"), 8); /* with a note each */
	T_DO(rcd_db_read(h.db, spoken_rows, &r, &err), err);
	T_INT(r.pieces, 4);
	T_INT(r.paid, all);
	T_DO(rcd_blob_each(&h.blobs, RCD_BLOB_AUDIO, INT64_MAX, measure, &heard, &err), err);
	T_OK(r.ms > 10000 && llabs(heard - r.ms) < 4 * 2);
out:
	pull_down(&h);
	return ret;
}

/* A note that was damaged since, or is shorter than its pieces: the voice is asked. */
static int said_in_a_broken_note(void)
{
	static const char spoil[] = "UPDATE speech SET first_packet = 100000";
	struct rcd_err err = {0};
	struct house h;
	int ret = 0;

	T_DO(build(&h, "chat text=\"" FIRST_SENTENCE LAST_SENTENCE "\"\n", &err), err);
	h.conf.voice_when = RCD_VOICE_ALWAYS;
	T_DO(turn_of(&h, "SM1", "Body=oi", &err), err);
	T_INT(count(&h, "tts"), 2);
	T_DO(rcd_db_write(h.db, statement, (void *)(uintptr_t)spoil, &err), err);
	T_DO(turn_of(&h, "SM2", "Body=oi", &err), err);
	T_INT(count(&h, "tts"), 4);
	T_INT(count(&h, "messages.create"), 4);
	T_DO(turn_of(&h, "SM3", "Body=oi", &err), err); /* and what it spoke takes their place */
	T_INT(count(&h, "tts"), 4);
out:
	pull_down(&h);
	return ret;
}

/* A note whose time is over, or whose file is gone, is made anew. */
static int said_too_long_ago(void)
{
	struct rcd_err err = {0};
	struct house h;
	int ret = 0;

	T_DO(build(&h, NULL, &err), err);
	h.conf.voice_when = RCD_VOICE_ALWAYS;
	h.conf.speech.keep_days = 0;
	T_DO(turn_of(&h, "SM1", "Body=", &err), err);
	T_DO(turn_of(&h, "SM2", "Body=", &err), err);
	T_INT(count(&h, "tts"), 2);
	h.conf.speech.keep_days = 30;
	T_DO(turn_of(&h, "SM3", "Body=", &err), err);
	T_INT(count(&h, "tts"), 3);
	T_DO(rcd_blob_each(&h.blobs, RCD_BLOB_AUDIO, INT64_MAX, unlink_it, &h, &err), err);
	T_DO(turn_of(&h, "SM4", "Body=", &err), err);
	T_INT(count(&h, "tts"), 4);
out:
	pull_down(&h);
	return ret;
}

/* Beyond the day's characters the text goes alone, and that is told once. */
static int characters_of_a_day(void)
{
	struct rcd_err err = {0};
	struct house h;
	int ret = 0, told = 0;

	T_DO(build(&h, NULL, &err), err);
	h.env.note = heard_of;
	h.env.note_arg = &told;
	h.conf.voice_when = RCD_VOICE_ALWAYS;
	h.conf.speech.daily_characters = (int)strlen(rcd_text_name[RCD_TEXT_EMPTY]);
	T_DO(turn_of(&h, "SM1", "Body=", &err), err); /* all of them */
	T_INT(count(&h, "tts"), 1);
	T_INT(count(&h, "messages.create"), 2);
	T_INT(told, 0);
	T_DO(turn_of(&h, "SM2", "Body=", &err), err); /* a copy, which costs nothing */
	T_INT(count(&h, "messages.create"), 4);
	h.voice.speed = 1.1;
	T_DO(turn_of(&h, "SM3", "Body=", &err), err);
	T_DO(turn_of(&h, "SM4", "Body=", &err), err);
	T_INT(count(&h, "tts"), 1);
	T_INT(count(&h, "messages.create"), 6);
	T_INT(told, 1);
out:
	pull_down(&h);
	return ret;
}

/* A session's own voice is paid for as well: what it spoke counts, and beyond the day's it only
 * writes. */
static int characters_of_a_session(void)
{
	struct rcd_err err = {0};
	struct house h;
	int ret = 0;

	T_DO(
		build(&h,
	          "realtime.transcribe text=\"qual o prazo?\"\nrealtime.response text=\"Dois dias.\"\n",
	          &err),
		err);
	T_DO(open_live(&h, &err), err);
	rcd_realtime_close(h.sessions);
	h.live.own_audio = true;
	T_DO(rcd_realtime_open(&h.sessions, &h.live, &err), err);
	h.env.sessions = h.sessions;
	h.conf.voice_when = RCD_VOICE_ALWAYS;
	h.conf.speech.daily_characters = 5; /* less than it will speak */
	SPOKEN(&h, "SM1", "Body=");
	T_INT(count(&h, "messages.create"), 2);
	T_INT(say(&h, "realtime.response", "\"audio\":true", ""), 1);
	SPOKEN(&h, "SM2", "Body=");
	T_INT(count(&h, "messages.create"), 3);
	T_INT(count(&h, "tts"), 0);
	T_INT(say(&h, "realtime.response", "\"audio\":true", ""), 1);
out:
	pull_down(&h);
	return ret;
}

/* --- whose words they are ----------------------------------------------------------------------
 */

static int tally(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char rows[] =
		"SELECT (SELECT count(*) FROM contact) + (SELECT count(*) FROM turn)"
		" + (SELECT count(*) FROM outbox) + (SELECT count(*) FROM job) + (SELECT count(*) FROM "
		"contact_alias)"
		" + (SELECT count(*) FROM inbox WHERE sender <> '-')";

	return rcd_get_i64(conn, arg, rows, RCD_BIND(), err);
}

/* Asked for by phrase, done after a yes to our question alone; a yes to anything else is one. */
static int forgotten_on_request(void)
{
	struct rcd_history_row *row = NULL;
	struct rcd_err err = {0};
	struct house h;
	int64_t rows = 0;
	size_t n = 0;
	int ret = 0;

	T_DO(build(&h, NULL, &err), err);
	T_DO(turn_of(&h, "SM0", "Body=sim", &err), err);
	T_DO(turn_of(&h, "SM1", "Body=o+que+voc%C3%AA+sabe+sobre+mim%3F", &err), err);
	T_DO(turn_of(&h, "SM2", "Body=esque%C3%A7a+tudo+sobre+mim", &err), err);
	T_DO(turn_of(&h, "SM3", "Body=melhor+nao", &err), err);
	T_DO(turn_of(&h, "SM4", "Body=sim", &err), err);
	T_INT(count(&h, "chat"), 3);
	T_DO(turns(&h, &row, &n, &err), err);
	T_INT(n, 5);
	T_OK(strncmp(row[1].bot_response, "known\n- nome: Ana", 16) == 0);
	T_STR(row[2].bot_response, "forget");
	T_DO(turn_of(&h, "SM5", "Body=Apague+meus+dados.", &err), err);
	T_DO(turn_of(&h, "SM6", "Body=SIM", &err), err);
	T_INT(count(&h, "chat"), 3);
	T_INT(count(&h, "messages.create"), 7);
	T_DO(rcd_db_read(h.db, tally, &rows, &err), err);
	T_INT(rows, 0);
	/* who writes again is new here; what Twilio tells of twice is not */
	T_INT(turn_of(&h, "SM5", "Body=de+novo", &err), -1);
	T_OK(err.code == RCD_EXISTS);
	T_DO(turn_of(&h, "SM7", "Body=oi", &err), err);
	rcd_history_rows_free(row, n);
	row = NULL;
	T_DO(turns(&h, &row, &n, &err), err);
	T_INT(n, 1);
out:
	rcd_history_rows_free(row, n);
	pull_down(&h);
	return ret;
}

/* What no turn can take up is settled at the first look, and what comes with it is answered. */
static int settled_without_a_turn(void)
{
	static const struct {
		const char *sender, *sid, *form;
		int listed; /* dead letters by then */
	} row[] = {
		{"ACME", "SM1", "MessageSid=SM1&From=ACME&To=%2B14155238886&Body=Promo", 0},
		{"+14155238886", "SM2", "MessageSid=SM2&From=%2B14155238886&To=%2B5511&Body=oi", 0},
		{"+5511", "SM3", "MessageSid=SM3&From=%2B5511&To=%2B5511&Body=oi", 0},
		{SENDER, "SM4",
	     "MessageSid=SM4&From=" SENT "&To=%2B14155238886&MessageType=reaction&Body=", 0},
		{SENDER, "SM5", "MessageSid=SM5&From=" SENT "&Body=oi", 1}, /* no To */
	};
	const size_t n = sizeof(row) / sizeof(row[0]);
	struct rcd_err err = {0};
	struct rcd_job job;
	struct house h;
	int ret = 0;

	T_DO(build(&h, NULL, &err), err);
	for (size_t i = 0; i < n; i++) {
		T_DO(receive_from(&h, row[i].sender, row[i].sid, row[i].form, &job, &err), err);
		T_DO(rcd_turn_run(&h.env, &job, NULL, NULL, &err), err);
		T_INT(number(&h, "SELECT count(*) FROM job"), 0);
		T_INT(number(&h, "SELECT count(*) FROM inbox WHERE turn_id = -1"), i + 1);
		T_INT(number(&h, "SELECT count(*) FROM contact"), 0);
		T_INT(number(&h,
		             "SELECT count(*) FROM dead_letter WHERE kind = 'message' AND inbox_id > 0"),
		      row[i].listed);
		T_INT(count(&h, "messages.create"), 0);
	}
	T_DO(receive_from(&h, SENDER, "SM6", "MessageSid=SM6&From=" SENT "&Body=oi", &job, &err), err);
	T_INT(receive_message(&h, "SM7", "Body=bom+dia", &job, &err), -1);
	T_OK(err.code == RCD_BUSY);
	T_DO(rcd_turn_run(&h.env, &job, NULL, NULL, &err), err);
	T_INT(number(&h, "SELECT count(*) FROM inbox WHERE turn_id > 0"), 1);
	T_INT(count(&h, "messages.create"), 1);
out:
	pull_down(&h);
	return ret;
}

/* Back to where it came from, on the channel it came by. */
static int answered_where_it_came_from(void)
{
	static const char *const sender[] = {"28811", "rcs:+5511987654321", "messenger:1234567890",
	                                     "whatsapp:BR.1A2B3C"};
	struct rcd_err err = {0};
	struct rcd_job job;
	struct house h;
	int ret = 0;

	T_DO(build(&h, NULL, &err), err);
	for (size_t i = 0; i < sizeof(sender) / sizeof(sender[0]); i++) {
		char form[512], sql[256], sid[16];
		struct rcd_buf escaped;

		rcd_buf_init(&escaped, 512);
		rcd_form_escape(rcd_sv(sender[i]), &escaped);
		(void)snprintf(sid, sizeof(sid), "SM%zu", i);
		(void)snprintf(form, sizeof(form), "MessageSid=%s&From=%s&To=rcs:agent&Body=oi", sid,
		               escaped.p);
		rcd_buf_free(&escaped);
		T_DO(receive_from(&h, sender[i], sid, form, &job, &err), err);
		T_DO(rcd_turn_run(&h.env, &job, NULL, NULL, &err), err);
		(void)snprintf(sql, sizeof(sql),
		               "SELECT count(*) FROM outbox WHERE to_address = '%s' AND"
		               " from_address = 'rcs:agent'",
		               sender[i]);
		T_INT(number(&h, sql), 1);
		T_INT(number(&h, "SELECT count(*) FROM contact"), i + 1);
	}
out:
	pull_down(&h);
	return ret;
}

/* Given up before a turn exists: its messages wait for no other, and can be taken up again. */
static int given_up_without_a_turn(void)
{
	struct rcd_dead *dead = NULL;
	struct rcd_err err = {0};
	struct rcd_job job;
	struct house h;
	size_t n = 0;
	int ret = 0;

	T_DO(build(&h, NULL, &err), err);
	T_DO(receive_message(&h, "SM1", "Body=oi", &job, &err), err);
	T_DO(rcd_history_die(h.db, &job, "it never works", 0, &err), err);
	T_INT(number(&h, "SELECT count(*) FROM job"), 0);
	T_INT(number(&h, "SELECT count(*) FROM inbox WHERE turn_id = -1"), 1);
	T_DO(rcd_dead_list(h.db, 1, 10, &dead, &n, &err), err);
	T_INT(n, 1);
	T_STR(dead[0].kind, RCD_DEAD_MESSAGE);
	T_STR(dead[0].why, "it never works");
	T_DO(rcd_dead_retry(h.db, 1, dead[0].id, &err), err);
	T_DO(rcd_job_claim_one(h.db, OWNER, 30000, 1, RCD_JOB_TURN, SENDER, &job, &err), err);
	T_DO(rcd_turn_run(&h.env, &job, NULL, NULL, &err), err);
	T_INT(count(&h, "messages.create"), 1);
	T_INT(number(&h, "SELECT count(*) FROM dead_letter"), 0);
out:
	rcd_dead_rows_free(dead, n);
	pull_down(&h);
	return ret;
}

/* What our own input makes impossible says so, and the next error does not any more: the work role
 * gives such a turn up at the first try. */
static int impossible_for_good(void)
{
	static char text[RCD_MAX_TEXT + 1];
	struct rcd_err err = {0};
	struct rcd_job job;
	struct house h;
	int64_t turn, contact;
	struct rcd_turn_begin begin = {.job = &job, .route = RCD_SV("/webhook/whatsapp")};
	struct rcd_turn_answer answer = {.job = &job, .bot_response = {text, sizeof(text)}};
	int64_t id;
	int ret = 0;

	T_DO(build(&h, NULL, &err), err);
	T_DO(receive_message(&h, "SM1", "Body=oi", &job, &err), err);
	id = number(&h, "SELECT id FROM inbox");
	begin.inbox_ids = &id;
	begin.n_inbox = 1;
	T_INT(rcd_history_begin(h.db, &begin, &turn, &contact, &err), -1);
	T_OK(err.code == RCD_INVAL && err.for_good);
	T_INT(rcd_history_answer(h.db, &answer, &err), -1);
	T_OK(err.code == RCD_LIMIT && err.for_good);
	T_INT(rcd_fail(&err, RCD_LIMIT, 0, "another"), -1);
	T_OK(!err.for_good);
	T_DO(rcd_turn_run(&h.env, &job, NULL, NULL, &err), err);
	T_INT(count(&h, "messages.create"), 1);
out:
	pull_down(&h);
	return ret;
}

/* The provider's id of our first message; "" when there is none. */
static int first_sid(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, "SELECT sid FROM outbox WHERE sid IS NOT NULL ORDER BY id LIMIT 1",
	          RCD_BIND(), err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1)
		(void)snprintf(arg, 64, "%.*s", RCD_SV_ARG(rcd_q_sv(&q, 0)));
	rcd_q_end(&q);
	return row < 0 ? -1 : 0;
}

/* Of the last turn. */
static int last_message(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char sql[] =
		"SELECT user_message FROM turn WHERE tenant_id = 1 ORDER BY id DESC LIMIT 1";
	struct rcd_buf *out = arg;
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, sql, RCD_BIND(), err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	rcd_buf_reset(out);
	if (row == 1)
		rcd_buf_sv(out, rcd_q_sv(&q, 0));
	rcd_q_end(&q);
	return row < 0 ? -1 : 0;
}

/* What the model is told, and the history shows, beside the words. */
/* The form, with the sid where it says OURS. */
static void put_sid(char *out, size_t size, const char *form, const char *sid)
{
	const char *at = strstr(form, "OURS");

	(void)snprintf(out, size, "%.*s%s%s", at != NULL ? (int)(at - form) : (int)strlen(form), form,
	               at != NULL ? sid : "", at != NULL ? at + 4 : "");
}

static int told_beside_the_words(void)
{
	static const struct {
		const char *form, *said;
	} row[] = {
		{"Body=quanto+custa+o+azul", "quanto custa o azul"},
		{"Body=quero+esse&OriginalRepliedMessageSid=OURS&OriginalRepliedMessageSender=whatsapp:%2B14155238886",
	     "[o cliente responde à mensagem da empresa: \"Custa R$ 100 (à vista) 'hoje'.\"]\nquero "
	     "esse"},
		{"Body=e+isto&OriginalRepliedMessageSid=SM0",
	     "[o cliente responde à própria mensagem anterior: "
	     "\"quanto custa o azul\"]\ne isto"},
		{"Body=esse&OriginalRepliedMessageSid=SMx&OriginalRepliedMessageSender=whatsapp:%2B14155238886",
	     "[o cliente responde a uma mensagem anterior da empresa, cujo texto não está "
	     "disponível]\nesse"},
		{"Body=esse&OriginalRepliedMessageSid=SMx",
	     "[o cliente responde a uma mensagem anterior, cujo texto não está disponível]\nesse"},
		{"Body=&ReferralSourceType=ad&ReferralSourceId=1&ReferralHeadline=20%25+off&ReferralBody=S%C3%B3+hoje",
	     "[o cliente veio pelo anúncio: \"20% off\" – \"Só hoje\"]"},
		{"Body=oi&ReferralCtwaClid=x&ReferralNumMedia=0",
	     "[o cliente veio por um anúncio ou publicação]\noi"},
		{"Body=oi&ReferralNumMedia=0", "oi"},
		{"Body=oi&ReferralSourceType=post&ReferralHeadline=a%0A%5Bx%5D+%22b%22",
	     "[o cliente veio pela publicação: \"a (x) 'b'\"]\noi"},
		{"Body=aqui%3F&Latitude=-23.55&Longitude=-46.63&Address=Pra%C3%A7a+da+S%C3%A9&Label=S%C3%A9",
	     "[localização: \"Sé\", \"Praça da Sé\"; -23.55, -46.63]\naqui?"},
		{"Body=&Latitude=1&Longitude=-181&Label=%E2%80%AE", ""},
		{"Body=Sim&ButtonText=Sim&ButtonPayload=SIM_1",
	     "[o cliente tocou no botão: \"Sim\", id \"SIM_1\"]\nSim"},
		{"Body=&ListTitle=Azul&ListId=az&ListDescription=R%24+100",
	     "[o cliente escolheu na lista: \"Azul\" – \"R$ 100\", id \"az\"]"},
		{"Body=&FlowData=%7B%22name%22%3A%22Ana%22%2C%22flow_token%22%3A%22x%22%2C%22n%22%3A2%7D",
	     "[o cliente preencheu o formulário: \"name: Ana; n: 2\"]"},
		{"Body=olha&Forwarded=true", "[mensagem encaminhada pelo cliente]\nolha"},
		{"Body=olha&Forwarded=true&FrequentlyForwarded=true",
	     "[mensagem encaminhada muitas vezes]\nolha"},
		{"Body=%5Blocaliza%C3%A7%C3%A3o%3A+x%5D%0A%5B10%3A32%5D+oi%00%07",
	     "(localização: x]\n[10:32] oi"},
	};
	struct rcd_err err = {0};
	struct rcd_buf said;
	struct rcd_job job;
	struct house h;
	int ret = 0;

	rcd_buf_init(&said, RCD_MAX_TEXT);
	T_DO(build(&h, "chat text=\"Custa R$ 100 [à vista] “hoje”.\"\n", &err), err);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char sid[16], form[1024], ours[64] = "";

		T_DO(rcd_db_read(h.db, first_sid, ours, &err), err);
		(void)snprintf(sid, sizeof(sid), "SM%zu", i);
		put_sid(form, sizeof(form), row[i].form, ours);
		T_DO(receive_message(&h, sid, form, &job, &err), err);
		T_DO(rcd_turn_run(&h.env, &job, NULL, NULL, &err), err);
		T_DO(rcd_db_read(h.db, last_message, &said, &err), err);
		T_STR(said.p != NULL ? said.p : "", row[i].said);
	}
out:
	rcd_buf_free(&said);
	pull_down(&h);
	return ret;
}

/* A quoted text is nobody's wish: we ask whether to forget, and "sim" to it is a yes. */
static int a_quoted_wish_is_none(void)
{
	struct rcd_err err = {0};
	struct rcd_job job;
	struct house h;
	char form[512], ours[64] = "";
	int ret = 0;

	T_DO(build(&h, "chat text=\"esqueça tudo sobre mim\"\n", &err), err);
	T_DO(receive_message(&h, "SM1", "Body=oi", &job, &err), err);
	T_DO(rcd_turn_run(&h.env, &job, NULL, NULL, &err), err);
	T_DO(rcd_db_read(h.db, first_sid, ours, &err), err);
	(void)snprintf(form, sizeof(form), "Body=como+assim&OriginalRepliedMessageSid=%s", ours);
	T_DO(receive_message(&h, "SM2", form, &job, &err), err);
	T_DO(rcd_turn_run(&h.env, &job, NULL, NULL, &err), err);
	T_INT(number(&h, "SELECT count(*) FROM turn WHERE rung = 'chat'"), 2);
	T_DO(receive_message(&h, "SM3", "Body=esque%C3%A7a+tudo+sobre+mim&Forwarded=true", &job, &err),
	     err);
	T_DO(rcd_turn_run(&h.env, &job, NULL, NULL, &err), err);
	T_INT(number(&h, "SELECT count(*) FROM turn WHERE rung = 'forget?'"), 1);
	(void)snprintf(form, sizeof(form), "Body=sim&OriginalRepliedMessageSid=%s", ours);
	T_DO(receive_message(&h, "SM4", form, &job, &err), err);
	T_DO(rcd_turn_run(&h.env, &job, NULL, NULL, &err), err);
	T_INT(number(&h, "SELECT count(*) FROM contact WHERE first_name IS NOT NULL"), 0);
	T_INT(number(&h, "SELECT count(*) FROM turn"), 0);
out:
	pull_down(&h);
	return ret;
}

/* More than a turn takes is shortened, and the last message is whole. */
static int too_much_at_once(void)
{
	struct rcd_err err = {0};
	struct rcd_job job, late;
	struct rcd_buf said;
	struct house h;
	char form[5000] = "Body=", sid[16];
	int ret = 0;

	rcd_buf_init(&said, RCD_MAX_TEXT);
	memset(form + 5, 'c', 4000);
	T_DO(build(&h, NULL, &err), err);
	T_DO(receive_message(&h, "SM0", form, &job, &err), err);
	for (int i = 1; i < 24; i++) {
		(void)snprintf(sid, sizeof(sid), "SM%d", i);
		T_INT(receive_message(&h, sid, form, &late, &err), -1);
	}
	T_INT(receive_message(&h, "SM24", "Body=algu%C3%A9m+a%C3%AD%3F", &late, &err), -1);
	T_DO(rcd_turn_run(&h.env, &job, NULL, NULL, &err), err);
	T_INT(count(&h, "messages.create"), 1);
	T_INT(number(&h, "SELECT count(*) FROM job"), 0);
	T_DO(rcd_db_read(h.db, last_message, &said, &err), err);
	T_OK(said.n <= RCD_MAX_SAID && said.n > RCD_MAX_SAID - 8192);
	T_OK(rcd_sv_ends(rcd_buf_view(&said), RCD_SV("c\nalguém aí?")));
	T_OK(strstr(said.p, "cortado]\nc") != NULL);
out:
	rcd_buf_free(&said);
	pull_down(&h);
	return ret;
}

const struct t_case t_cases[] = {
	{"told_beside_the_words", told_beside_the_words, 0},
	{"a_quoted_wish_is_none", a_quoted_wish_is_none, 0},
	{"too_much_at_once", too_much_at_once, 0},
	{"settled_without_a_turn", settled_without_a_turn, 0},
	{"answered_where_it_came_from", answered_where_it_came_from, 0},
	{"impossible_for_good", impossible_for_good, 0},
	{"given_up_without_a_turn", given_up_without_a_turn, 0},
	{"text_turn", text_turn, 0},
	{"two_messages_make_one_turn", two_messages_make_one_turn, 0},
	{"accepted_but_unread", accepted_but_unread, 0},
	{"the_fence_holds", the_fence_holds, 0},
	{"too_late_to_send", too_late_to_send, 0},
	{"sending_waits_for_the_provider", sending_waits_for_the_provider, 0},
	{"refused_for_good", refused_for_good, 0},
	{"tried_again_ever_more_seldom", tried_again_ever_more_seldom, 0},
	{"nothing_to_read", nothing_to_read, 0},
	{"a_slow_transcription", a_slow_transcription, 0},
	{"no_transcription", no_transcription, 0},
	{"told_to_hold_on", told_to_hold_on, 0},
	{"told_once_when_begun_anew", told_once_when_begun_anew, 0},
	{"told_once_over_a_death", told_once_over_a_death, 0},
	{"a_telling_that_hangs", a_telling_that_hangs, 0},
	{"no_telling_for_a_person", no_telling_for_a_person, 0},
	{"a_session_hears_and_answers", a_session_hears_and_answers, 0},
	{"live_bytes_have_a_bound", live_bytes_have_a_bound, 0},
	{"below_a_session", below_a_session, 0},
	{"assistant_below_chat", assistant_below_chat, 0},
	{"assistant_keeps_a_conversation", assistant_keeps_a_conversation, 0},
	{"audio_on_request", audio_on_request, 0},
	{"said_again", said_again, 0},
	{"said_too_long_ago", said_too_long_ago, 0},
	{"said_by_sentence", said_by_sentence, 0},
	{"said_in_a_broken_note", said_in_a_broken_note, 0},
	{"characters_of_a_day", characters_of_a_day, 0},
	{"characters_of_a_session", characters_of_a_session, 0},
	{"forgotten_on_request", forgotten_on_request, 0},
	{NULL, NULL, 0},
};
