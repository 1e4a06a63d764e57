/* The Realtime rung, looked at from outside: /system/realtime-status, and two tries of the real
 * thing, /test/realtime-connection and /test/realtime-audio. */

#include "base/clock.h"
#include "base/limits.h"
#include "daemon/recadod/web.h"

#define PROMISED_MS 800 /* to the first words or sound of an answer */
#define TRY_MS 15000
#define SAMPLE "Olá! Qual é o horário de funcionamento?"

/* --- status ------------------------------------------------------------------------------ */

static json_t *figure_json(int64_t ms)
{
	return ms >= 0 ? json_integer(ms) : json_null();
}

/* From the question to the first words of an answer, and from the note to the first sound of it. */
static json_t *first_words_json(const struct rcd_realtime_sum *sum)
{
	return json_pack("{s:i, s:I, s:o, s:o}", "promised", PROMISED_MS, "answers",
	                 (json_int_t)sum->answers, "p50", figure_json(rcd_realtime_percentile(sum, 50)),
	                 "p95", figure_json(rcd_realtime_percentile(sum, 95)));
}

static json_t *first_audio_json(const struct rcd_realtime_sum *sum)
{
	return json_pack("{s:i, s:I, s:o, s:o}", "promised", PROMISED_MS, "answers",
	                 (json_int_t)sum->spoken, "p50",
	                 figure_json(rcd_realtime_sound_percentile(sum, 50)), "p95",
	                 figure_json(rcd_realtime_sound_percentile(sum, 95)));
}

static const char *state_of(bool enabled, const struct rcd_realtime_sum *sum)
{
	if (!enabled)
		return "off";
	return sum->ready + sum->busy > 0 ? "ready" : "idle";
}

void rcd_page_realtime(struct rcd_web *web, struct rcd_req *req)
{
	const struct rcd_conf *conf = web->child->conf;
	const struct rcd_realtime_conf *live = &conf->realtime;
	struct rcd_realtime_sum sum;
	bool enabled = conf->work_processes > 0 && rcd_runtime_keeps_sessions(conf);

	rcd_board_realtime(web->child->board, &sum);
	(void)rcd_reply_json(
		req, 200,
		json_pack(
			"{s:s, s:b, s:s, s:s, s:s, s:{s:i, s:i, s:i, s:i, s:i}, s:{s:I, s:I, s:I}, s:o, s:o}",
			"status", state_of(enabled, &sum), "enabled", enabled, "model", live->model, "output",
			live->own_audio ? "audio" : "text", "voice", live->voice, "sessions", "ready",
			sum.ready, "busy", sum.busy, "waiting_for_one", sum.waiting, "most",
			live->sessions * conf->work_processes, "kept_warm", live->warm * conf->work_processes,
			"since_start", "opened", (json_int_t)sum.opened, "renewed", (json_int_t)sum.renewed,
			"failed", (json_int_t)sum.failed, "first_ms", first_words_json(&sum), "first_audio_ms",
			first_audio_json(&sum)));
}

/* --- a session of our own ---------------------------------------------------------------- */

struct attempt {
	struct rcd_realtime_conf conf;
	struct rcd_realtime *pool; /* of one */
	struct rcd_live *live;
	int64_t deadline, began, connect_ms;
	bool mine;
};

static int open_attempt(struct attempt *a, struct rcd_web *web, struct rcd_err *err)
{
	a->mine = !atomic_exchange(&web->trying, true);
	if (!a->mine)
		return rcd_fail(err, RCD_BUSY, 0, "somebody else is trying just now");
	a->conf = web->child->conf->realtime;
	a->conf.sessions = 1;
	a->conf.warm = 0;
	a->began = rcd_mono_ms();
	a->deadline = a->began + TRY_MS;
	if (rcd_realtime_open(&a->pool, &a->conf, err) != 0 ||
	    rcd_realtime_take(a->pool, a->deadline, &a->live, err) != 0)
		return -1;
	a->connect_ms = rcd_mono_ms() - a->began;
	return 0;
}

static void close_attempt(struct attempt *a, struct rcd_web *web)
{
	(void)rcd_realtime_give(a->live);
	(void)rcd_realtime_close(a->pool);
	if (a->mine)
		atomic_store(&web->trying, false);
}

static void reply_failed(struct rcd_req *req, const struct attempt *a, const struct rcd_err *err)
{
	(void)rcd_reply_json(req, 503,
	                     json_pack("{s:s, s:s, s:s, s:s, s:I}", "status", "failed", "error",
	                               err->msg, "code", rcd_code_name(err->code), "model",
	                               a->conf.model, "after_ms",
	                               (json_int_t)(rcd_mono_ms() - a->began)));
}

void rcd_page_try_connection(struct rcd_web *web, struct rcd_req *req)
{
	struct attempt a = {.began = rcd_mono_ms(), .conf.model = web->child->conf->realtime.model};
	struct rcd_err err = {0};

	if (open_attempt(&a, web, &err) != 0)
		reply_failed(req, &a, &err);
	else
		(void)rcd_reply_json(req, 200,
		                     json_pack("{s:s, s:s, s:I}", "status", "ok", "model", a.conf.model,
		                               "connect_ms", (json_int_t)a.connect_ms));
	close_attempt(&a, web);
}

/* --- a spoken sample --------------------------------------------------------------------- */

struct sample {
	struct rcd_buf pcm;           /* what goes in */
	struct rcd_buf heard, answer; /* what comes back, in words */
	size_t sound;                 /* and in samples */
	int64_t hear_ms;
	struct rcd_live_usage usage;
};

static int keep_pcm(void *arg, const int16_t *pcm, size_t n, struct rcd_err *err)
{
	struct sample *s = arg;

	rcd_buf_add(&s->pcm, pcm, n * sizeof(*pcm));
	return s->pcm.bad ? rcd_fail_nomem(err) : 0;
}

static int keep_words(void *arg, struct rcd_sv text, struct rcd_err *err)
{
	struct sample *s = arg;

	rcd_buf_sv(&s->answer, text);
	return s->answer.bad ? rcd_fail_nomem(err) : 0;
}

static int keep_sound(void *arg, const int16_t *pcm, size_t n, struct rcd_err *err)
{
	struct sample *s = arg;

	(void)pcm;
	(void)err;
	s->sound += n;
	return 0;
}

static int run_conversation(struct attempt *a, struct sample *s, struct rcd_err *err)
{
	const struct rcd_live_sink sink = {keep_words, a->conf.own_audio ? keep_sound : NULL, s};
	struct rcd_live_ask ask = {.deadline = a->deadline};
	int64_t began = rcd_mono_ms();
	int ret;

	if (rcd_live_hear(a->live, (const int16_t *)(const void *)s->pcm.p, s->pcm.n / sizeof(int16_t),
	                  a->deadline, &s->heard, err) != 0)
		return -1;
	s->hear_ms = rcd_mono_ms() - began;
	ask.prompt = json_pack("[{s:s, s:s}, {s:s, s:o}]", "role", "system", "content",
	                       "Answer in one short sentence, in the language you hear.", "role",
	                       "user", "content", rcd_json_str(rcd_buf_view(&s->heard)));
	if (ask.prompt == NULL)
		return rcd_fail_nomem(err);
	ret = rcd_live_answer(a->live, &ask, &sink, &s->usage, err);
	json_decref(ask.prompt);
	return ret;
}

static json_t *sample_json(const struct attempt *a, const struct sample *s)
{
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:s, s:I, s:o, s:o, s:I}", "status", "ok",
	                 "model", a->conf.model, "connect_ms", (json_int_t)a->connect_ms, "hear_ms",
	                 (json_int_t)s->hear_ms, "first_ms", (json_int_t)s->usage.first_ms,
	                 "promised_ms", (json_int_t)PROMISED_MS, "said", SAMPLE, "said_ms",
	                 (json_int_t)(s->pcm.n / sizeof(int16_t) * 1000 / RCD_REALTIME_HZ), "heard",
	                 rcd_json_str(rcd_buf_view(&s->heard)), "answer",
	                 rcd_json_str(rcd_buf_view(&s->answer)), "answer_sound_ms",
	                 (json_int_t)(s->sound * 1000 / RCD_REALTIME_HZ));
}

void rcd_page_try_audio(struct rcd_web *web, struct rcd_req *req)
{
	struct attempt a = {.began = rcd_mono_ms(), .conf.model = web->child->conf->realtime.model};
	struct sample s = {.sound = 0};
	struct rcd_err err = {0};

	rcd_buf_init(&s.pcm, (size_t)RCD_REALTIME_HZ * 2 * 60);
	rcd_buf_init(&s.heard, RCD_MAX_TEXT);
	rcd_buf_init(&s.answer, RCD_MAX_TEXT);
	if (rcd_voice_offline.speak(NULL, &web->child->conf->voice, RCD_SV(SAMPLE),
	                            rcd_deadline_in(TRY_MS), keep_pcm, &s, &err) != 0 ||
	    open_attempt(&a, web, &err) != 0 || run_conversation(&a, &s, &err) != 0)
		reply_failed(req, &a, &err);
	else
		(void)rcd_reply_json(req, 200, sample_json(&a, &s));
	close_attempt(&a, web);
	rcd_buf_free(&s.pcm);
	rcd_buf_free(&s.heard);
	rcd_buf_free(&s.answer);
}
