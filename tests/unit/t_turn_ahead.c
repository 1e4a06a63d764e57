/* Turns that run ahead of their window against the simulated providers: what is done before it
 * closes, what waits, and what a newer message leaves of it. */

#include "store/history.h"
#include "store/owner.h"
#include "tests/unit/audio.h"
#include "tests/unit/house.h"
#include "tools/tools.h"

#include <pthread.h>
#include <unistd.h>

#define CONTACT "SELECT id FROM contact ORDER BY id LIMIT 1"

/* One turn as a work process runs it. */
struct run {
	struct house *h;
	struct rcd_job job;
	struct rcd_cancel stop;
	pthread_t thread;
	bool begun;
	int ret;
	struct rcd_err err;
};

static void *run_turn(void *arg)
{
	struct run *r = arg;

	r->ret = rcd_turn_run(&r->h->env, &r->job, NULL, &r->stop, &r->err);
	return NULL;
}

/* A message whose window is open for window_ms. */
static int receive_message(struct house *h, const char *sid, const char *more, int window_ms,
                           struct rcd_err *err)
{
	char body[4096];
	bool fresh;
	struct rcd_inbox_in in = {.tenant = 1,
	                          .event_key = rcd_sv(sid),
	                          .sender = RCD_SV(SENDER),
	                          .route = RCD_SV("/webhook/whatsapp"),
	                          .received_ms = rcd_now_ms(),
	                          .ahead = true};

	(void)snprintf(body, sizeof(body),
	               "MessageSid=%s&From=%s&To=whatsapp%%3A%%2B14155238886&ProfileName=Ana&%s", sid,
	               SENT, more);
	in.body = rcd_sv(body);
	in.due_ms = in.received_ms + window_ms;
	in.latest_ms = in.received_ms + 4 * window_ms;
	return rcd_inbox_put(h->db, &in, &fresh, err);
}

static int start(struct run *r, struct house *h, struct rcd_err *err)
{
	int n = 0;

	*r = (struct run){.h = h};
	if (rcd_job_claim_ahead(h->db, OWNER, 30000, &r->job, 1, 1, &n, err) != 0)
		return -1;
	if (n != 1)
		return rcd_fail(err, RCD_NOENT, 0, "no job may run");
	rcd_cancel_init(&r->stop);
	r->begun = pthread_create(&r->thread, NULL, run_turn, r) == 0;
	return r->begun ? 0 : rcd_fail_nomem(err);
}

static int end(struct run *r, struct rcd_err *err)
{
	if (!r->begun)
		return 0;
	(void)pthread_join(r->thread, NULL);
	rcd_cancel_free(&r->stop);
	r->begun = false;
	*err = r->err;
	return r->ret;
}

/* What a work process does when the bell rings. */
static int stop_if_moved(struct run *r, struct rcd_err *err)
{
	int64_t fence;
	int n = 0;

	if (rcd_job_moved(r->h->db, OWNER, r->h->conf.cancels, &fence, 1, &n, err) != 0)
		return -1;
	if (n != 1 || fence != r->job.fence)
		return rcd_fail(err, RCD_NOENT, 0, "the turn is not told of a newer message");
	rcd_cancel_set(&r->stop);
	return 0;
}

static bool wait_for(struct house *h, const char *op, int n)
{
	const int64_t end = rcd_deadline_in(20000);

	while (count(h, op) < n && rcd_mono_ms() < end)
		(void)sched_yield();
	return count(h, op) >= n;
}

static int build_ahead(struct house *h, const char *plan, struct rcd_err *err)
{
	if (build(h, plan, err) != 0)
		return -1;
	h->conf.ahead = RCD_AHEAD_THINK;
	h->conf.cancels = 1;
	return 0;
}

static int count_file(void *arg, const char *name)
{
	(void)name;
	++*(int *)arg;
	return 0;
}

static int files(struct house *h)
{
	int n = 0;

	return rcd_blob_each(&h->blobs, RCD_BLOB_AUDIO, rcd_now_ms() + 60000, count_file, &n,
	                     RCD_UNREAD_ERR) == 0
	           ? n
	           : -1;
}

/* --- cases ------------------------------------------------------------------------------- */

/* The model and the voice are asked before the window closes; the answer is stored after. */
static int answers_when_it_closes(void)
{
	struct rcd_err err = {0};
	struct run r = {0};
	struct house h;
	int ret = 0;

	T_DO(build_ahead(&h, "chat text=\"Atendemos das 9 às 18h.\"\n", &err), err);
	h.conf.voice_when = RCD_VOICE_ALWAYS;
	T_DO(receive_message(&h, "SM1", "Body=oi", 1500, &err), err);
	T_DO(start(&r, &h, &err), err);
	T_OK(wait_for(&h, "chat", 1) && wait_for(&h, "tts", 1));
	T_OK(number(&h, "SELECT due_ms FROM job") > rcd_now_ms());
	T_INT(count(&h, "messages.create"), 0);
	T_INT(number(&h, "SELECT count(*) FROM outbox"), 0);
	T_DO(end(&r, &err), err);
	T_INT(count(&h, "messages.create"), 2);
	T_OK(number(&h, "SELECT answered_ms FROM turn") >= r.job.due_ms);
	T_INT(number(&h, "SELECT ahead_abandoned FROM tally"), 0);
	T_INT(files(&h), 1);
out:
	(void)end(&r, &err);
	pull_down(&h);
	return ret;
}

/* A newer message joins: nothing of the first answer is left, but for what it has cost. */
static int a_newer_message_joins(void)
{
	struct rcd_history_row *row = NULL;
	struct rcd_err err = {0};
	struct run r = {0};
	struct house h;
	size_t n = 0;
	int ret = 0;

	T_DO(build_ahead(&h, NULL, &err), err);
	h.conf.voice_when = RCD_VOICE_ALWAYS;
	T_DO(receive_message(&h, "SM1", "Body=quanto+custa", 2000, &err), err);
	T_DO(start(&r, &h, &err), err);
	T_OK(wait_for(&h, "tts", 1));
	while (files(&h) == 0)
		(void)sched_yield();
	T_DO(receive_message(&h, "SM2", "Body=o+frete%3F", 300, &err), err);
	T_DO(stop_if_moved(&r, &err), err);
	T_DO(end(&r, &err), err);
	T_INT(count(&h, "messages.create"), 0);
	T_INT(files(&h), 0);
	T_INT(number(&h, "SELECT ahead_abandoned FROM tally WHERE ahead_tokens > 0"), 1);
	T_DO(start(&r, &h, &err), err);
	T_INT(r.job.cancels, 0);
	T_DO(end(&r, &err), err);
	T_INT(count(&h, "messages.create"), 2);
	T_INT(number(&h, "SELECT CAST(sum(ahead_abandoned) AS BIGINT) FROM tally"), 1);
	T_DO(rcd_history_window(h.db, 1, number(&h, CONTACT), &(struct rcd_history_window){.max = 10},
	                        &row, &n, &err),
	     err);
	T_INT(n, 1);
	T_STR(row[0].user_message, "quanto custa\no frete?");
out:
	(void)end(&r, &err);
	rcd_history_rows_free(row, n);
	pull_down(&h);
	return ret;
}

/* Nobody waits for the voice of an answer that is given up. */
static int a_newer_message_stops_the_voice(void)
{
	struct rcd_err err = {0};
	struct run r = {0};
	struct house h;
	int64_t began;
	int ret = 0;

	T_DO(build_ahead(&h, "tts never times=1\n", &err), err);
	h.conf.voice_when = RCD_VOICE_ALWAYS;
	h.conf.deadline_ms = 100000;
	T_DO(receive_message(&h, "SM1", "Body=oi", 100000, &err), err);
	T_DO(start(&r, &h, &err), err);
	T_OK(wait_for(&h, "tts", 1));
	T_DO(receive_message(&h, "SM2", "Body=tudo+bem%3F", 300, &err), err);
	began = rcd_mono_ms();
	T_DO(stop_if_moved(&r, &err), err);
	T_DO(end(&r, &err), err);
	T_OK(rcd_mono_ms() - began < 20000);
	T_INT(files(&h), 0);
	T_DO(start(&r, &h, &err), err);
	T_DO(end(&r, &err), err);
	T_INT(count(&h, "messages.create"), 2);
out:
	(void)end(&r, &err);
	pull_down(&h);
	return ret;
}

/* Without a bell the store refuses the answer all the same, whatever budget is left. */
static int a_newer_message_joins_unheard(void)
{
	struct rcd_err err = {0};
	struct run r = {0};
	struct house h;
	int ret = 0;

	T_DO(build_ahead(&h, NULL, &err), err);
	h.conf.cancels = 0;
	T_DO(receive_message(&h, "SM1", "Body=oi", 400, &err), err);
	T_DO(start(&r, &h, &err), err);
	T_OK(wait_for(&h, "chat", 1));
	T_DO(receive_message(&h, "SM2", "Body=tudo+bem%3F", 400, &err), err);
	T_DO(end(&r, &err), err);
	T_INT(count(&h, "messages.create"), 0);
	T_DO(start(&r, &h, &err), err);
	T_DO(end(&r, &err), err);
	T_INT(count(&h, "messages.create"), 1);
	T_INT(number(&h, "SELECT count(*) FROM turn"), 1);
out:
	(void)end(&r, &err);
	pull_down(&h);
	return ret;
}

/* A spoken message; 1: nobody can speak here. */
static int note_form(struct house *h, char *form, size_t size)
{
	size_t n = 0;
	char *wav = a_speech("pt-br", "150", "vocês entregam hoje", &n), *url;

	if (wav == NULL)
		return 1;
	url = rcd_sandbox_media(h->box, wav, n, "audio/wav");
	free(wav);
	if (url == NULL)
		return -1;
	(void)snprintf(form, size, "Body=&NumMedia=1&MediaContentType0=audio%%2Fwav&MediaUrl0=%s", url);
	free(url);
	return 0;
}

/* What was being heard when a newer message came is heard to its end, and not once more. */
static int a_note_is_heard_once(void)
{
	struct rcd_err err = {0};
	struct run r = {0};
	struct house h;
	char form[1024];
	int ret = 0, spoken;

	T_DO(build_ahead(&h, "transcribe delay=300 text=\"Vocês entregam hoje?\"\n", &err), err);
	spoken = note_form(&h, form, sizeof(form));
	if (spoken == 1)
		goto out;
	T_INT(spoken, 0);
	T_DO(receive_message(&h, "SM1", form, 3000, &err), err);
	T_DO(start(&r, &h, &err), err);
	T_OK(wait_for(&h, "media.get", 1));
	T_DO(receive_message(&h, "SM2", "Body=em+Manaus", 400, &err), err);
	T_DO(stop_if_moved(&r, &err), err);
	T_DO(end(&r, &err), err);
	T_INT(count(&h, "transcribe"), number(&h, "SELECT count(*) FROM heard"));
	T_INT(count(&h, "chat"), 0);
	T_DO(start(&r, &h, &err), err);
	T_DO(end(&r, &err), err);
	T_INT(count(&h, "transcribe"), 1);
	T_INT(count(&h, "messages.create"), 1);
out:
	(void)end(&r, &err);
	pull_down(&h);
	return ret;
}

/* A person who takes over while the answer waits is quicker. */
static int taken_over_in_the_window(void)
{
	struct rcd_err err = {0};
	struct run r = {0};
	struct house h;
	enum rcd_owner was;
	int ret = 0;

	T_DO(build_ahead(&h, NULL, &err), err);
	T_DO(receive_message(&h, "SM1", "Body=oi", 1200, &err), err);
	T_DO(start(&r, &h, &err), err);
	T_OK(wait_for(&h, "chat", 1));
	T_DO(rcd_owner_set(h.db, 1, number(&h, CONTACT), RCD_OWNER_PERSON, &was, &err), err);
	T_DO(end(&r, &err), err);
	T_INT(count(&h, "messages.create"), 0);
	T_INT(number(&h, "SELECT count(*) FROM turn WHERE rung = 'person' AND finished_ms IS NOT NULL"),
	      1);
out:
	(void)end(&r, &err);
	pull_down(&h);
	return ret;
}

static int open_tools(struct rcd_tools **tools, struct rcd_err *err)
{
	static char *enabled[] = {"search_knowledge", "save_contact", NULL}, *stages[] = {NULL};
	const struct rcd_tools_conf conf = {.enabled = enabled,
	                                    .lead_stages = stages,
	                                    .public_url = "https://bot.example.com",
	                                    .secrets_dir = t_dir()};

	return rcd_tools_open(tools, &conf, err);
}

/* A tool that changes something waits for the end of the window, and what a newer message made
 * useless has changed nothing. */
static int effects_wait(void)
{
	struct rcd_tools *tools = NULL;
	struct rcd_err err = {0};
	struct run r = {0};
	struct house h;
	int ret = 0;

	T_DO(build_ahead(&h, NULL, &err), err);
	T_DO(open_tools(&tools, &err), err);
	h.env.tools = tools;
	T_DO(receive_message(&h, "SM1", "Body=%40call+save_contact+%7B%22name%22%3A%22Mallory%22%7D",
	                     1500, &err),
	     err);
	T_DO(start(&r, &h, &err), err);
	T_OK(wait_for(&h, "chat", 1));
	T_DO(receive_message(&h, "SM2", "Body=oi", 400, &err), err);
	T_DO(stop_if_moved(&r, &err), err);
	T_DO(end(&r, &err), err);
	T_INT(count(&h, "chat"), 1);
	T_INT(number(&h, "SELECT count(*) FROM contact_card"), 0);
	T_INT(number(&h, "SELECT count(*) FROM tool_call"), 0);
	T_DO(start(&r, &h, &err), err);
	T_DO(end(&r, &err), err);
	T_INT(
		number(
			&h,
			"SELECT count(*) FROM contact_card WHERE ms >= (SELECT answered_ms - 5000 FROM turn)"),
		1);
	T_OK(number(&h, "SELECT ms FROM tool_call") >= r.job.due_ms);
	T_INT(count(&h, "messages.create"), 1);
out:
	(void)end(&r, &err);
	h.env.tools = NULL;
	rcd_tools_close(tools);
	pull_down(&h);
	return ret;
}

/* One that only reads runs at once, and is no row: another message may make it another question. */
static int reading_runs_ahead(void)
{
	struct rcd_tools *tools = NULL;
	struct rcd_err err = {0};
	struct run r = {0};
	struct house h;
	int ret = 0;

	T_DO(build_ahead(&h, NULL, &err), err);
	T_DO(open_tools(&tools, &err), err);
	h.env.tools = tools;
	T_DO(receive_message(&h, "SM1", "Body=%40call+search_knowledge+%7B%22query%22%3A%22frete%22%7D",
	                     1500, &err),
	     err);
	T_DO(start(&r, &h, &err), err);
	T_OK(wait_for(&h, "chat", 2));
	T_OK(number(&h, "SELECT due_ms FROM job") > rcd_now_ms());
	T_DO(end(&r, &err), err);
	T_INT(number(&h, "SELECT count(*) FROM tool_call"), 0);
	T_INT(count(&h, "messages.create"), 1);
out:
	(void)end(&r, &err);
	h.env.tools = NULL;
	rcd_tools_close(tools);
	pull_down(&h);
	return ret;
}

/* A conversation at the provider is told nothing before the window closes. */
static int a_conversation_waits(void)
{
	static char path[] = "/webhook/whatsapp";
	const struct rcd_route route = {.path = path,
	                                .text = {1, {RCD_RUNG_ASSISTANT}},
	                                .audio = {1, {RCD_RUNG_ASSISTANT}}};
	struct rcd_err err = {0};
	struct run r = {0};
	struct house h;
	int ret = 0;

	T_DO(build_ahead(&h, NULL, &err), err);
	h.openai.store = true;
	h.conf.route = &route;
	h.conf.n_routes = 1;
	T_DO(receive_message(&h, "SM1", "Body=oi", 1000, &err), err);
	T_DO(start(&r, &h, &err), err);
	while (number(&h, "SELECT count(*) FROM turn") == 0)
		(void)sched_yield();
	T_DO(receive_message(&h, "SM2", "Body=tudo+bem%3F", 1000, &err), err);
	T_DO(stop_if_moved(&r, &err), err);
	T_DO(end(&r, &err), err);
	T_INT(count(&h, "conversations.create"), 0);
	T_DO(start(&r, &h, &err), err);
	T_DO(end(&r, &err), err);
	T_INT(count(&h, "conversations.create"), 1);
	T_INT(count(&h, "responses"), 1);
	T_INT(count(&h, "messages.create"), 1);
out:
	(void)end(&r, &err);
	h.conf.n_routes = 0;
	pull_down(&h);
	return ret;
}

static int burst(struct house *h, int i, int messages, int window_ms, struct rcd_err *err)
{
	char sid[24];

	for (int k = 0; k < messages; k++) {
		(void)snprintf(sid, sizeof(sid), "SM%d-%d", i, k);
		if (receive_message(h, sid, "Body=oi", window_ms, err) != 0)
			return -1;
	}
	return 0;
}

/* Who mostly writes in bursts, or does so now, is not thought about before the window closes. */
static int a_habit_is_heeded(void)
{
	struct rcd_err err = {0};
	struct run r = {0};
	struct house h;
	int64_t due;
	int ret = 0;

	T_DO(build_ahead(&h, NULL, &err), err);
	for (int i = 0; i < 4; i++) {
		T_DO(burst(&h, i, i < 2 ? 2 : 1, 1, &err), err);
		(void)usleep(5000);
		T_DO(start(&r, &h, &err), err);
		T_DO(end(&r, &err), err);
	}
	T_INT(count(&h, "chat"), 4);
	T_DO(burst(&h, 4, 1, 700, &err), err);
	T_DO(start(&r, &h, &err), err);
	due = r.job.due_ms;
	T_OK(wait_for(&h, "chat", 5));
	T_OK(rcd_now_ms() >= due);
	T_DO(end(&r, &err), err);
	/* single messages by now, but a long burst */
	for (int i = 5; i < 9; i++) {
		T_DO(burst(&h, i, 1, 1, &err), err);
		(void)usleep(5000);
		T_DO(start(&r, &h, &err), err);
		T_DO(end(&r, &err), err);
	}
	T_DO(burst(&h, 9, 5, 700, &err), err);
	T_DO(start(&r, &h, &err), err);
	due = r.job.due_ms;
	T_OK(wait_for(&h, "chat", 10));
	T_OK(rcd_now_ms() >= due);
	T_DO(end(&r, &err), err);
	T_INT(count(&h, "messages.create"), 10);
out:
	(void)end(&r, &err);
	pull_down(&h);
	return ret;
}

const struct t_case t_cases[] = {
	{"answers_when_it_closes", answers_when_it_closes, 0},
	{"a_newer_message_joins", a_newer_message_joins, 0},
	{"a_newer_message_stops_the_voice", a_newer_message_stops_the_voice, 0},
	{"a_newer_message_joins_unheard", a_newer_message_joins_unheard, 0},
	{"a_note_is_heard_once", a_note_is_heard_once, 0},
	{"taken_over_in_the_window", taken_over_in_the_window, 0},
	{"effects_wait", effects_wait, 0},
	{"reading_runs_ahead", reading_runs_ahead, 0},
	{"a_conversation_waits", a_conversation_waits, 0},
	{"a_habit_is_heeded", a_habit_is_heeded, 0},
	{NULL, NULL, 0},
};
