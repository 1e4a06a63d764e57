/* The store as the daemon and the turn use it: message in, job, turn, answer, messages out,
 * what people read in the views. */
#include "base/clock.h"
#include "store/history.h"
#include "store/inbox.h"
#include "store/media.h"
#include "tests/unit/store.h"

#include <stdlib.h>

static int put_message(struct rcd_db *db, const char *key, const char *sender, bool *fresh,
                       struct rcd_err *err)
{
	struct rcd_inbox_in in = {
		.tenant = 1,
		.event_key = rcd_sv(key),
		.sender = rcd_sv(sender),
		.route = RCD_SV("/webhook/whatsapp"),
		.body = RCD_SV("Body=oi&From=x"),
		.received_ms = rcd_now_ms(),
		.due_ms = rcd_now_ms(),
	};

	return rcd_inbox_put(db, &in, fresh, err);
}

#define ANA "whatsapp:+5511987654321"

static struct rcd_turn_begin begin_of(const struct rcd_job *job, const int64_t *ids, size_t n)
{
	return (struct rcd_turn_begin){
		.job = job,
		.inbox_ids = ids,
		.n_inbox = n,
		.route = RCD_SV("/webhook/whatsapp"),
		.started_ms = rcd_now_ms(),
		.contact = {.tenant = 1,
	                .phone = RCD_SV("+5511987654321"),
	                .name = RCD_SV("Ana Maria Souza"),
	                .seen_ms = rcd_now_ms(),
	                .messages = (int)n},
	};
}

/* Claims the one due job and begins its turn. */
static int start_turn(struct rcd_db *db, struct rcd_job *job, size_t want, struct rcd_err *err)
{
	struct rcd_inbox_row *rows = NULL;
	int64_t ids[RCD_MAX_TURN_MESSAGES];
	struct rcd_turn_begin in;
	size_t n = 0;
	int got = 0;

	if (rcd_job_claim(db, 7, 60000, job, 1, &got, err) != 0)
		return -1;
	if (got != 1)
		return rcd_fail(err, RCD_NOENT, 0, "no job");
	if (rcd_inbox_gather(db, job, false, &rows, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		ids[i] = rows[i].id;
	rcd_inbox_rows_free(rows, n);
	if (n != want)
		return rcd_fail(err, RCD_INVAL, 0, "gathered %zu", n);
	in = begin_of(job, ids, n);
	return rcd_history_begin(db, &in, &job->turn_id, &job->contact_id, err);
}

static int answer_turn(struct rcd_db *db, const struct rcd_job *job, bool audio,
                       struct rcd_err *err)
{
	const struct rcd_outbox_in part[] = {
		{RCD_SV("whatsapp:+14155238886"), RCD_SV(ANA), RCD_SV("Oi, Ana!"), {NULL, 0}},
		{RCD_SV("whatsapp:+14155238886"),
	     RCD_SV(ANA),
	     {NULL, 0},
	     RCD_SV("https://x.example/a.ogg")},
	};
	const struct rcd_media_in media = {.name = RCD_SV("0123456789abcdef.ogg"),
	                                   .bytes = 1000,
	                                   .duration_ms = 2500,
	                                   .expires_ms = rcd_now_ms() + 5};
	const struct rcd_turn_answer in = {
		.job = job,
		.audio = audio,
		.user_message = RCD_SV("oi"),
		.transcript = audio ? RCD_SV("oi") : (struct rcd_sv){NULL, 0},
		.bot_response = RCD_SV("Oi, Ana!"),
		.rung = RCD_SV("chat"),
		.why = RCD_SV("[]"),
		.part = part,
		.n_parts = 2,
		.sending = true,
		.media = audio ? &media : NULL,
		.thread_id = RCD_SV("conv_1"),
	};

	return rcd_history_answer(db, &in, err);
}

static int mark(struct rcd_db *db, const struct rcd_job *job, int64_t id, enum rcd_out_state state,
                const char *sid, int code, struct rcd_err *err)
{
	const struct rcd_outbox_move m =
		{.job = job, .id = id, .state = state, .sid = rcd_sv(sid), .code = code, .why = "no"};

	return rcd_outbox_mark(db, &m, err);
}

/* The one voice note of the conversation, when its time has come. */
static int expire_media(struct rcd_db *db, struct rcd_err *err)
{
	char names[4][64];
	bool known = true;
	int ret = 0, n_names = 0;

	T_DO(rcd_media_expired(db, rcd_now_ms() + 1000, names, 4, &n_names, err), *err);
	T_INT(n_names, 1);
	T_STR(names[0], "0123456789abcdef.ogg");
	/* one that could not be removed does not come again before its time, and holds up no other */
	T_DO(rcd_media_postpone(db, names[0], rcd_now_ms() + 60000, err), *err);
	T_DO(rcd_media_expired(db, rcd_now_ms() + 1000, names, 4, &n_names, err), *err);
	T_INT(n_names, 0);
	T_DO(rcd_media_expired(db, rcd_now_ms() + 60000, names, 4, &n_names, err), *err);
	T_INT(n_names, 1);
	T_DO(rcd_media_forget(db, names[0], err), *err);
	T_DO(rcd_media_known(db, names[0], &known, err), *err);
	T_OK(!known);
out:
	return ret;
}

static int conversation(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	struct rcd_job job;
	struct rcd_outbox_row *out = NULL;
	struct rcd_history_row *rows = NULL;
	struct rcd_stats st;
	struct rcd_rung_count rung[2];
	bool fresh = false, answered = true;
	char thread[RCD_THREAD_ID];
	size_t n = 0;
	int ret = 0, n_rungs = -1;

	T_DO(t_store(&db, &err), err);
	T_DO(put_message(db, "SM1", ANA, &fresh, &err), err);
	T_OK(fresh);
	T_DO(put_message(db, "SM1", ANA, &fresh, &err), err);
	T_OK(!fresh);
	T_DO(put_message(db, "SM2", ANA, &fresh, &err), err);
	T_DO(start_turn(db, &job, 2, &err), err);
	T_DO(rcd_history_answered(db, &job, &answered, &err), err);
	T_OK(!answered);
	T_DO(answer_turn(db, &job, true, &err), err);
	T_INT(answer_turn(db, &job, true, &err), -1);
	T_INT(err.code, RCD_EXISTS);
	T_DO(rcd_history_answered(db, &job, &answered, &err), err);
	T_OK(answered);

	T_DO(rcd_outbox_of_turn(db, 1, job.turn_id, &out, &n, &err), err);
	T_INT(n, 2);
	T_INT(out[0].state, RCD_OUT_SENDING);
	T_INT(out[0].attempts, 1);
	T_STR(out[0].to, ANA);
	T_STR(out[0].body, "Oi, Ana!");
	T_OK(out[0].media_url == NULL && out[1].body == NULL);
	T_STR(out[1].media_url, "https://x.example/a.ogg");
	T_INT(strlen(out[0].key), 32);
	T_OK(strcmp(out[0].key, out[1].key) != 0);
	/* a text without an id is known once it may have left, and by its id afterwards */
	T_DO(rcd_outbox_knows(db, 1, job.contact_id, "SMout", RCD_SV("Oi, Ana!"), &fresh, &err), err);
	T_OK(fresh);
	T_DO(rcd_outbox_knows(db, 1, job.contact_id, "SMout", RCD_SV("Oi, Bia!"), &fresh, &err), err);
	T_OK(!fresh);
	T_DO(rcd_outbox_knows(db, 1, job.contact_id, "SMout", (struct rcd_sv){NULL, 0}, &fresh, &err),
	     err);
	T_OK(!fresh); /* the voice note is ready, and has surely not left */
	T_DO(mark(db, &job, out[0].id, RCD_OUT_ACCEPTED, "SMout", 0, &err), err);
	T_DO(rcd_outbox_knows(db, 1, job.contact_id, "SMout", RCD_SV("Oi, Bia!"), &fresh, &err), err);
	T_OK(fresh);
	T_DO(rcd_outbox_knows(db, 1, job.contact_id, "SMother", RCD_SV("Oi, Ana!"), &fresh, &err), err);
	T_OK(!fresh);
	T_DO(mark(db, &job, out[1].id, RCD_OUT_REJECTED, NULL, 63016, &err), err);
	T_INT(mark(db, &job, out[0].id, RCD_OUT_SENDING, NULL, 0, &err), -1);
	T_INT(err.code, RCD_EXISTS);
	T_INT(mark(db, &job, 12345, RCD_OUT_SENDING, NULL, 0, &err), -1);
	T_INT(err.code, RCD_NOENT);

	T_DO(rcd_history_finish(db, &job, RCD_SV("{\"steps\":[]}"), &err), err);
	T_INT(rcd_history_finish(db, &job, RCD_SV("{}"), &err), -1);
	T_INT(err.code, RCD_CANCELLED);
	T_DO(rcd_history_window(db, 1, job.contact_id, &(struct rcd_history_window){.max = 20}, &rows,
	                        &n, &err),
	     err);
	T_INT(n, 1);
	T_STR(rows[0].user_message, "oi");
	T_STR(rows[0].bot_response, "Oi, Ana!");
	T_OK(rows[0].audio && rows[0].id == job.turn_id);
	T_DO(rcd_history_thread(db, 1, job.contact_id, thread, &err), err);
	T_STR(thread, "conv_1");
	T_DO(rcd_history_thread(db, 2, job.contact_id, thread, &err), err);
	T_STR(thread, "");

	T_DO(rcd_stats(db, 1, &st, &err), err);
	T_INT(st.total_users, 1);
	T_INT(st.total_conversations, 1);
	T_INT(st.audio_conversations, 1);
	T_INT(st.text_conversations, 0);
	T_INT(st.messages_received, 2);
	T_INT(st.messages_sent, 1);
	T_INT(st.messages_rejected, 1);
	T_INT(st.jobs_waiting + st.jobs_running, 0);
	T_OK(st.last_message_ms > 0);
	T_DO(rcd_rung_counts(db, 1, 200, rung, 2, &n_rungs, &err), err);
	T_INT(n_rungs, 1);
	T_STR(rung[0].rung, "chat");
	T_INT(rung[0].n, 1);
	T_DO(rcd_rung_counts(db, 2, 200, rung, 2, &n_rungs, &err), err);
	T_INT(n_rungs, 0);
	ret = expire_media(db, &err);
out:
	rcd_outbox_rows_free(out, 2);
	rcd_history_rows_free(rows, 1);
	rcd_db_close(db);
	return ret;
}

const struct t_case t_cases[] = {
	{"conversation", conversation, T_OOM},
	{NULL, NULL, 0},
};
