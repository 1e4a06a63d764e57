/* One message in, one answer out: through the inbox, a job and the steps of a turn as in the
 * daemon, without the quiet window and without the channel provider. */

#include "daemon/recado/talk_int.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "daemon/recado/contact_named.h"
#include "knowledge/persona.h"
#include "memory/memory.h"
#include "net/form.h"
#include "speech/speech.h"
#include "store/inbox.h"
#include "store/memory.h"
#include "store/persona.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEASE_MS 3600000 /* nobody else takes jobs here */
#define SPEAK_MS 120000
#define BUSINESS "whatsapp:+5511000000000"

static void format_sender(int who, char out[32])
{
	(void)snprintf(out, 32, "whatsapp:+55119%08d", who % 100000000);
}

/* --- what is told while the turn runs ------------------------------------------------------- */

static void on_said(void *arg, struct rcd_sv words)
{
	const struct rcd_talk *t = arg;

	if (t->how.said != NULL)
		t->how.said(t->how.arg, words);
}

static void on_unsaid(void *arg)
{
	const struct rcd_talk *t = arg;

	if (t->how.unsaid != NULL)
		t->how.unsaid(t->how.arg);
}

/* Sources as people name them. */
static json_t *list_passages(const struct rcd_turn_account *a)
{
	json_t *out = a->passages != NULL ? json_deep_copy(a->passages) : json_array(), *p;
	size_t i;

	json_array_foreach (out, i, p) {
		const char *source = json_string_value(json_object_get(p, "source"));

		if (source != NULL)
			(void)json_object_set_new(p, "source", json_string(rcd_source_shown(source)));
	}
	return out;
}

static void count_tokens(struct rcd_talk_answer *out)
{
	const json_t *step;
	size_t i;

	json_array_foreach (out->steps, i, step) {
		out->input_tokens += json_integer_value(json_object_get(step, "input_tokens"));
		out->cached_tokens += json_integer_value(json_object_get(step, "cached_tokens"));
		out->output_tokens += json_integer_value(json_object_get(step, "output_tokens"));
	}
}

/* The prices are those of the chat model, whichever rung asks it. */
static bool is_priced(const struct rcd_conf *conf, struct rcd_sv rung)
{
	if (rcd_sv_is(rung, rcd_rung_name[RCD_RUNG_ASSISTANT]))
		return strcmp(conf->openai.assistant_model, conf->openai.chat_model) == 0;
	return rcd_sv_is(rung, rcd_rung_name[RCD_RUNG_CHAT]);
}

static bool has_no_peer(struct rcd_sv rung)
{
	for (int i = 0; i < RCD_RUNG_KNOWLEDGE; i++)
		if (rcd_sv_is(rung, rcd_rung_name[i]))
			return false;
	return true;
}

/* What is cached costs as much as the rest when nobody has said otherwise. */
static double compute_cost(const struct rcd_conf *conf, const struct rcd_talk_answer *a)
{
	const double in = conf->price.input, cached = conf->price.cached > 0 ? conf->price.cached : in;
	const struct rcd_sv rung = rcd_sv(a->rung);

	if (has_no_peer(rung))
		return 0;
	if (!is_priced(conf, rung) || in <= 0 || conf->price.output <= 0)
		return -1;
	return ((double)(a->input_tokens - a->cached_tokens) * in + (double)a->cached_tokens * cached +
	        (double)a->output_tokens * conf->price.output) /
	       1e6;
}

static void on_ended(void *arg, const struct rcd_turn_account *a)
{
	struct rcd_talk *t = arg;
	struct rcd_talk_answer *out = t->answer;

	out->ms = rcd_mono_ms() - t->began_ms;
	rcd_buf_sv(&out->text, a->answer);
	(void)snprintf(out->rung, sizeof(out->rung), "%s", a->rung);
	out->steps = json_deep_copy(a->steps);
	out->why = json_deep_copy(a->why);
	out->passages = list_passages(a);
	out->calls = a->calls != NULL ? json_deep_copy(a->calls) : json_array();
	out->handed_over = a->handed_over;
	if (a->note != NULL && asprintf(&out->note, "%s/%s", t->own.audio_dir, a->note) < 0) {
		out->note = NULL;
		out->text.bad = true;
	}
	count_tokens(out);
	out->cost = compute_cost(&t->own, out);
	t->contact_id = a->contact_id;
	t->persona_id = a->persona_id;
	t->ended = true;
}

const struct rcd_turn_watch rcd_talk_watch = {.said = on_said,
                                              .unsaid = on_unsaid,
                                              .ended = on_ended};

void rcd_talk_note(void *arg, int64_t turn_id, const char *text)
{
	struct rcd_talk *t = arg;

	(void)turn_id;
	(void)pthread_mutex_lock(&t->lock);
	if (json_array_size(t->notes) < RCD_TALK_NOTES)
		(void)json_array_append_new(t->notes, rcd_json_str(rcd_sv(text)));
	(void)pthread_mutex_unlock(&t->lock);
}

/* --- one turn ------------------------------------------------------------------------------- */

static int check_words(struct rcd_sv words, struct rcd_err *err)
{
	if (words.n > RCD_TALK_WORDS)
		return rcd_fail(err, RCD_LIMIT, 0, "a message of %zu bytes; say it in pieces of at most %d",
		                words.n, RCD_TALK_WORDS);
	if (words.n > 0 && memchr(words.p, '\0', words.n) != NULL)
		return rcd_fail(err, RCD_INVAL, 0,
		                "a message with a NUL byte in it: only text can be said");
	if (!rcd_utf8_ok(words))
		return rcd_fail(err, RCD_INVAL, 0,
		                "a message that is not UTF-8: set the terminal or the file to UTF-8");
	if (rcd_sv_trim(words).n == 0)
		return rcd_fail(err, RCD_INVAL, 0, "a message without a word");
	return 0;
}

/* As Twilio would tell it. */
static int put_message(struct rcd_talk *t, const char *sender, struct rcd_sv words,
                       struct rcd_err *err)
{
	struct rcd_inbox_in in = {.tenant = RCD_TALK_TENANT,
	                          .sender = rcd_sv(sender),
	                          .route = rcd_sv(t->route.path),
	                          .received_ms = rcd_now_ms()};
	char sid[35] = "SM";
	struct rcd_buf body;
	bool fresh;
	int ret;

	rcd_random_hex(sid + 2, 16);
	rcd_buf_init(&body, RCD_MAX_WEBHOOK);
	rcd_form_add(&body, "MessageSid", rcd_sv(sid));
	rcd_form_add(&body, "From", rcd_sv(sender));
	rcd_form_add(&body, "To", RCD_SV(BUSINESS));
	rcd_form_add(&body, "MessageType", RCD_SV("text"));
	rcd_form_add(&body, "NumMedia", RCD_SV("0"));
	rcd_form_add(&body, "Body", words);
	in.event_key = rcd_sv(sid);
	in.body = rcd_buf_view(&body);
	in.due_ms = in.latest_ms = in.received_ms;
	ret = body.bad ? rcd_fail_nomem(err) : rcd_inbox_put(t->rt.db, &in, &fresh, err);
	rcd_buf_free(&body);
	return ret;
}

static int claim_job(struct rcd_talk *t, const char *kind, const char *key, struct rcd_job *job,
                     struct rcd_err *err)
{
	return rcd_job_claim_one(t->rt.db, rcd_job_owner(1), LEASE_MS, RCD_TALK_TENANT, kind, key, job,
	                         err);
}

/* An unanswered message stays in the inbox and joins the next turn, as in the daemon. */
static int take_turn(struct rcd_talk *t, const char *sender, struct rcd_err *err)
{
	struct rcd_job job;
	struct rcd_err again;

	if (claim_job(t, RCD_JOB_TURN, sender, &job, err) != 0)
		return -1;
	t->ended = false;
	t->began_ms = rcd_mono_ms();
	if (rcd_turn_run(&t->rt.turn, &job, NULL, t->how.stop, err) != 0) {
		(void)rcd_job_wait(t->rt.db, &job, rcd_now_ms(), &again);
		return -1;
	}
	return t->ended ? 0 : rcd_fail(err, RCD_CANCELLED, 0, "stopped before there was an answer");
}

/* Summarises the turns that leave a full history window. A failure is noted; the next turn
 * retries. */
static void run_summary(struct rcd_talk *t)
{
	const struct rcd_memory_env env = rcd_turn_memory_env(&t->rt.turn);
	struct rcd_err err = {0}, again;
	struct rcd_job job;
	char key[24];

	(void)snprintf(key, sizeof(key), "%lld", (long long)t->contact_id);
	if (claim_job(t, RCD_JOB_SUMMARY, key, &job, &err) != 0)
		return;
	(void)rcd_cancel_under(t->how.stop);
	if (rcd_memory_summarise(&env, &job, &err) != 0) {
		rcd_talk_note(t, 0, err.msg);
		(void)rcd_job_wait(t->rt.db, &job, rcd_now_ms(), &again);
	}
	(void)rcd_cancel_under(NULL);
}

static int name_persona(struct rcd_talk *t, struct rcd_talk_answer *out, struct rcd_err *err)
{
	struct rcd_persona_version *row = NULL;
	size_t n = 0;

	if (t->persona_id == 0)
		return 0;
	if (rcd_persona_list(t->rt.db, RCD_TALK_TENANT, rcd_persona_name(t->own.turn.persona_dir), &row,
	                     &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (row[i].id == t->persona_id)
			(void)snprintf(out->persona, sizeof(out->persona), "%s", row[i].hash);
	rcd_persona_rows_free(row, n);
	return 0;
}

/* Those of the opening too, the first time. */
static void take_notes(struct rcd_talk *t, struct rcd_talk_answer *out)
{
	(void)pthread_mutex_lock(&t->lock);
	out->notes = json_deep_copy(t->notes);
	json_array_clear(t->notes);
	(void)pthread_mutex_unlock(&t->lock);
}

int rcd_talk_say(struct rcd_talk *t, int who, struct rcd_sv words, bool voice,
                 struct rcd_talk_answer *out, struct rcd_err *err)
{
	struct rcd_talk_answer answer = {.note = NULL};
	char sender[32];
	int ret;

	if (check_words(words, err) != 0)
		return -1;
	format_sender(who, sender);
	rcd_buf_init(&answer.text, RCD_MAX_TEXT + 4096);
	rcd_buf_str(&answer.text, "");
	t->answer = &answer;
	t->own.turn.voice_when = voice ? RCD_VOICE_ALWAYS : RCD_VOICE_NEVER;
	t->own.turn.voice_on_request = voice;
	ret = put_message(t, sender, words, err);
	if (ret == 0)
		ret = take_turn(t, sender, err);
	if (ret == 0)
		ret = name_persona(t, &answer, err);
	if (ret == 0)
		run_summary(t);
	if (ret == 0)
		take_notes(t, &answer);
	if (ret == 0 && (answer.text.bad || answer.steps == NULL || answer.why == NULL ||
	                 answer.passages == NULL || answer.calls == NULL || answer.notes == NULL))
		ret = rcd_fail_nomem(err);
	t->answer = NULL;
	if (ret != 0) {
		rcd_talk_answer_free(&answer);
		return -1;
	}
	*out = answer;
	return 0;
}

void rcd_talk_answer_free(struct rcd_talk_answer *a)
{
	rcd_buf_free(&a->text);
	json_decref(a->steps);
	json_decref(a->why);
	json_decref(a->passages);
	json_decref(a->calls);
	json_decref(a->notes);
	free(a->note);
	*a = (struct rcd_talk_answer){.note = NULL};
}

/* --- beside the turns ----------------------------------------------------------------------- */

int rcd_talk_speak(struct rcd_talk *t, struct rcd_sv words, char **note, struct rcd_err *err)
{
	const struct rcd_speech_env env = rcd_turn_speech_env(&t->rt.turn);
	int64_t deadline = rcd_deadline_in(SPEAK_MS);
	struct rcd_speech *s = NULL;
	struct rcd_voice_note made;
	int ret;

	if (check_words(words, err) != 0)
		return -1;
	(void)rcd_cancel_under(t->how.stop);
	ret = rcd_speech_open(&s, &env, RCD_TALK_TENANT, deadline, err);
	if (ret == 0)
		ret = rcd_speech_write_all(s, words, err);
	if (ret == 0)
		ret = rcd_speech_wait(s, deadline, &made, err);
	s = rcd_speech_drop(s);
	(void)rcd_cancel_under(NULL);
	if (ret == 0 && asprintf(note, "%s/%s", t->own.audio_dir, made.file) < 0)
		ret = rcd_fail_nomem(err);
	return ret;
}

int rcd_talk_persona(struct rcd_talk *t, const char *dir, struct rcd_err *err)
{
	struct rcd_buf text;
	int ret;

	rcd_buf_init(&text, RCD_MAX_PROMPT);
	ret = rcd_persona_read(dir, &text, NULL, err);
	if (ret == 0 && text.n == 0)
		ret = rcd_fail(err, RCD_NOENT, 0, "%s: no layer (*.md) in it", dir);
	rcd_buf_free(&text);
	if (ret == 0)
		t->own.turn.persona_dir = dir;
	return ret;
}

int rcd_talk_forget(struct rcd_talk *t, int who, struct rcd_err *err)
{
	const struct rcd_memory_env env = rcd_turn_memory_env(&t->rt.turn);
	struct rcd_forget what = {.tenant = RCD_TALK_TENANT, .until_ms = rcd_now_ms()};
	char sender[32];
	int ret;

	format_sender(who, sender);
	if (rcd_contact_named(t->rt.db, RCD_TALK_TENANT, sender, &what.contact_id, err) != 0)
		return err->code == RCD_NOENT ? 0 : -1;
	(void)rcd_cancel_under(t->how.stop);
	ret = rcd_memory_forget(&env, &what, err);
	(void)rcd_cancel_under(NULL);
	return ret;
}
