#include "base/cancel.h"
#include "base/clock.h"
#include "base/json.h"
#include "daemon/sandbox/sandbox.h"
#include "net/ws.h"
#include "provider/openai_realtime.h"
#include "tests/t.h"
#include "tests/unit/ws_server.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* Realtime sessions against the sandbox. */

#define SECOND RCD_REALTIME_HZ

static int16_t note[2 * SECOND]; /* what is in it does not matter here */

struct bench {
	struct rcd_sandbox *box;
	struct rcd_realtime *pool;
	struct rcd_secret key;
	char url[500];
	struct rcd_realtime_stats stats;
	struct rcd_realtime_conf conf;
};

static const char *env_of(const struct rcd_sandbox *box, const char *name)
{
	for (const struct rcd_sandbox_env *e = rcd_sandbox_env(box); e->name != NULL; e++)
		if (strcmp(e->name, name) == 0)
			return e->value;
	return "";
}

static void settings(struct bench *b, int sessions, int warm)
{
	b->conf.base_url = b->url;
	b->conf.key = &b->key;
	b->conf.model = "gpt-realtime-2.1";
	b->conf.voice = "sage";
	b->conf.transcribe_model = "gpt-transcribe";
	b->conf.language = "pt";
	b->conf.max_tokens = 300;
	b->conf.sessions = sessions;
	b->conf.warm = warm;
	b->conf.stats = &b->stats;
}

static int begin(struct bench *b, const char *plan, int sessions, int warm, struct rcd_err *err)
{
	const struct rcd_sandbox_conf sc = {.port = 0};

	for (size_t i = 0; i < 2 * SECOND; i++)
		note[i] = (int16_t)(i * 37);
	if (rcd_sandbox_start(&b->box, &sc, err) != 0 ||
	    (plan != NULL && rcd_sandbox_plan(b->box, plan, err) != 0) ||
	    rcd_secret_put(&b->key, rcd_sv(env_of(b->box, "OPENAI_API_KEY")), err) != 0)
		return -1;
	(void)snprintf(b->url, sizeof(b->url), "%s", env_of(b->box, "OPENAI_BASE_URL"));
	settings(b, sessions, warm);
	return rcd_realtime_open(&b->pool, &b->conf, err);
}
static void finish(struct bench *b)
{
	(void)rcd_realtime_close(b->pool);
	(void)rcd_sandbox_stop(b->box);
	rcd_secret_wipe(&b->key);
}

struct heard {
	struct rcd_buf text;
	size_t samples;
};

static int words(void *arg, struct rcd_sv text, struct rcd_err *err)
{
	struct heard *h = arg;

	(void)err;
	rcd_buf_sv(&h->text, text);
	return 0;
}

static int sound(void *arg, const int16_t *pcm, size_t n, struct rcd_err *err)
{
	struct heard *h = arg;

	(void)pcm;
	(void)err;
	h->samples += n;
	return 0;
}

static json_t *prompt_of(const char *who, const char *said)
{
	return json_pack("[{s:s s:s} {s:s s:s} {s:s s:s} {s:s s:s} {s:s s:s}]", "role", "system",
	                 "content", "You answer for a shop.", "role", "user", "content", who, "role",
	                 "assistant", "content", "Olá!", "role", "system", "content", "Passages",
	                 "role", "user", "content", said);
}

/* One turn: takes a session, says the note (NULL: none), asks. */
static int run_turn(struct bench *b, const char *who, bool spoken, struct heard *h,
                    struct rcd_live_usage *usage, struct rcd_err *err)
{
	const struct rcd_live_sink sink = {words, b->conf.own_audio ? sound : NULL, h};
	struct rcd_live_ask ask = {.deadline = rcd_deadline_in(10000), .stall_ms = 1000};
	struct rcd_live *live = NULL;
	struct rcd_buf said;
	int ret;

	rcd_buf_init(&said, 1000);
	ret = rcd_realtime_take(b->pool, ask.deadline, &live, err);
	if (ret == 0 && spoken)
		ret = rcd_live_hear(live, note, 2 * SECOND, ask.deadline, &said, err);
	if (ret == 0) {
		ask.prompt = prompt_of(who, spoken ? said.p : who);
		ret = ask.prompt != NULL ? rcd_live_answer(live, &ask, &sink, usage, err)
		                         : rcd_fail_nomem(err);
		json_decref(ask.prompt);
	}
	(void)rcd_realtime_give(live);
	rcd_buf_free(&said);
	return ret;
}

/* How many lines of the ledger have op, and all of the words given (NULL: no more). */
static int lines(struct bench *b, const char *op, const char *with, const char *and)
{
	char *text = rcd_sandbox_ledger(b->box), name[64];
	struct rcd_sv rest = rcd_sv(text), line;
	int n = 0;

	(void)snprintf(name, sizeof(name), "\"op\":\"%s\"", op);
	while (rcd_sv_cut(&rest, '\n', &line))
		if (memmem(line.p, line.n, name, strlen(name)) != NULL &&
		    (with == NULL || memmem(line.p, line.n, with, strlen(with)) != NULL) &&
		    (and == NULL || memmem(line.p, line.n, and, strlen(and)) != NULL))
			n++;
	free(text);
	return n;
}

/* --- cases ------------------------------------------------------------------------------- */

static int text_answer(void)
{
	struct bench b = {.box = NULL};
	struct rcd_live_usage usage = {0};
	struct rcd_err err = {0};
	struct heard h = {.samples = 0};
	int ret = 0;

	rcd_buf_init(&h.text, 4000);
	T_DO(begin(&b, NULL, 2, 0, &err), err);
	T_DO(run_turn(&b, "eu", true, &h, &usage, &err), err);
	T_OK(strstr(h.text.p, "quanto custa a entrega?") != NULL);
	T_OK(usage.input_tokens > 0 && usage.output_tokens > 0 && usage.heard_tokens == 13);
	T_OK(usage.first_ms >= 0 && usage.first_ms < 5000);
	T_INT(h.samples, 0);
	T_INT(lines(&b, "realtime.connect", "\"status\":101", NULL), 1);
	T_INT(lines(&b, "realtime.response", "\"aside\":true", "\"audio\":false"), 1);
	/* the note itself is there, not its transcript once more; and all the rest of the prompt */
	T_INT(lines(&b, "realtime.response", "\"id\":\"item_", "You answer for a shop."), 1);
	T_INT(lines(&b, "realtime.response", "Passages", "Ol"), 1);
	rcd_buf_reset(&h.text);
	T_DO(run_turn(&b, "quero um orçamento", false, &h, &usage, &err), err);
	T_OK(strstr(h.text.p, "quero um or") != NULL);
	T_INT(lines(&b, "realtime.connect", NULL, NULL), 1); /* the same session */
out:
	finish(&b);
	rcd_buf_free(&h.text);
	return ret;
}

static int own_voice(void)
{
	struct bench b = {.box = NULL};
	struct rcd_live_usage usage = {0};
	struct rcd_err err = {0};
	struct heard h = {.samples = 0};
	int ret = 0;

	rcd_buf_init(&h.text, 4000);
	b.conf.own_audio = true;
	T_DO(begin(&b, "realtime.response text=\"Custa dez reais.\"", 2, 0, &err), err);
	T_DO(run_turn(&b, "eu", true, &h, &usage, &err), err);
	T_STR(h.text.p, "Custa dez reais.");
	T_OK(h.samples > SECOND / 2);
	T_OK(usage.spoken_tokens > 0);
out:
	finish(&b);
	rcd_buf_free(&h.text);
	return ret;
}

/* Two contacts, one session, turn by turn: no answer sees what the other one said. */
static int alternating(void)
{
	static const char plan[] = "realtime.transcribe nth=1 text=\"segredo da ana um\"\n"
							   "realtime.transcribe nth=2 text=\"segredo do rui um\"\n"
							   "realtime.transcribe nth=3 text=\"segredo da ana dois\"\n"
							   "realtime.transcribe nth=4 text=\"segredo do rui dois\"\n"
							   "realtime.transcribe nth=5 text=\"segredo da ana fim\"\n"
							   "realtime.transcribe nth=6 text=\"segredo do rui fim\"\n";
	struct bench b = {.box = NULL};
	struct rcd_live_usage usage = {0};
	struct rcd_err err = {0};
	struct heard h = {.samples = 0};
	int ret = 0;

	rcd_buf_init(&h.text, 4000);
	T_DO(begin(&b, plan, 1, 0, &err), err);
	for (int i = 0; i < 6; i++) {
		const char *mine = i % 2 == 0 ? "segredo da ana" : "segredo do rui";

		rcd_buf_reset(&h.text);
		T_DO(run_turn(&b, i % 2 == 0 ? "Ana" : "Rui", true, &h, &usage, &err), err);
		T_OK(strstr(h.text.p, mine) != NULL);
	}
	T_INT(lines(&b, "realtime.connect", NULL, NULL), 1);
	T_INT(lines(&b, "realtime.response", "segredo da ana", NULL), 3);
	T_INT(lines(&b, "realtime.response", "segredo do rui", NULL), 3);
	T_INT(lines(&b, "realtime.response", "segredo da ana", "segredo do rui"), 0);
	T_INT(lines(&b, "realtime.response", "\"Ana\"", "segredo do rui"), 0);
	/* and each saw one item: those before it are gone */
	T_INT(lines(&b, "realtime.response", "item_", NULL), 6);
out:
	finish(&b);
	rcd_buf_free(&h.text);
	return ret;
}

struct taker {
	struct bench *b;
	int nth, ret;
	struct rcd_err err;
	int64_t done;
};

static void *take_turn(void *arg)
{
	struct taker *t = arg;
	struct rcd_live_usage usage = {0};
	struct heard h = {.samples = 0};

	rcd_buf_init(&h.text, 4000);
	t->ret = run_turn(t->b, "eu", true, &h, &usage, &t->err);
	t->done = rcd_mono_ms();
	rcd_buf_free(&h.text);
	return NULL;
}

/* More notes than sessions: they queue, and nobody is left out. */
static int queue(void)
{
	enum { N = 40 };
	static struct taker t[N];
	pthread_t id[N];
	struct bench b = {.box = NULL};
	struct rcd_err err = {0};
	int ret = 0, n = 0;

	T_DO(begin(&b, "realtime.response delay=250", 4, 1, &err),
	     err); /* the last waits over two seconds */
	for (; n < N; n++) {
		t[n] = (struct taker){.b = &b, .nth = n};
		if (pthread_create(&id[n], NULL, take_turn, &t[n]) != 0)
			break;
	}
	for (int i = 0; i < n; i++)
		(void)pthread_join(id[i], NULL);
	T_INT(n, N);
	for (int i = 0; i < n; i++)
		if (t[i].ret != 0)
			T_FAIL("%d: %s", i, t[i].err.msg);
	T_INT(lines(&b, "realtime.response", NULL, NULL), N);
	T_OK(lines(&b, "realtime.connect", NULL, NULL) <=
	     4); /* however long one waited for a session */
	T_INT(atomic_load(&b.stats.waiting), 0);
	T_INT(atomic_load(&b.stats.busy), 0);
	T_INT(atomic_load(&b.stats.failed), 0);
out:
	finish(&b);
	return ret;
}

static int deadline_in_queue(void)
{
	struct bench b = {.box = NULL};
	struct rcd_live *live = NULL, *none = NULL;
	struct rcd_err err = {0};
	int64_t began;
	int ret = 0;

	T_DO(begin(&b, NULL, 1, 0, &err), err);
	T_DO(rcd_realtime_take(b.pool, rcd_deadline_in(5000), &live, &err), err);
	began = rcd_mono_ms();
	T_INT(rcd_realtime_take(b.pool, rcd_deadline_in(50), &none, &err), -1);
	T_INT(err.code, RCD_BUSY);
	T_OK(rcd_mono_ms() - began < 2000);
	T_INT(atomic_load(&b.stats.busy), 1);
	live = rcd_realtime_give(live);
	T_DO(rcd_realtime_take(b.pool, rcd_deadline_in(5000), &live, &err), err);
out:
	(void)rcd_realtime_give(live);
	finish(&b);
	return ret;
}

static bool shows(_Atomic int *v, int want)
{
	for (int i = 0; i < 500 && atomic_load(v) != want; i++)
		(void)usleep(10000);
	return atomic_load(v) == want;
}

static bool counts(_Atomic int64_t *v, int64_t least)
{
	for (int i = 0; i < 500 && atomic_load(v) < least; i++)
		(void)usleep(10000);
	return atomic_load(v) >= least;
}

static int warm_and_renewed(void)
{
	struct bench b = {.box = NULL};
	struct rcd_live *live = NULL;
	struct rcd_err err = {0};
	int ret = 0;

	b.conf.renew_s = 1;
	T_DO(begin(&b, NULL, 3, 2, &err), err);
	T_OK(shows(&b.stats.ready, 2));
	T_INT(atomic_load(&b.stats.opened), 2);
	T_DO(rcd_realtime_take(b.pool, rcd_deadline_in(5000), &live, &err), err);
	T_OK(shows(&b.stats.ready, 2)); /* another one takes its place */
	live = rcd_realtime_give(live);
	T_OK(counts(&b.stats.renewed, 2));
	T_OK(shows(&b.stats.ready, 2));
	T_OK(atomic_load(&b.stats.opened) >= 4);
out:
	(void)rcd_realtime_give(live);
	finish(&b);
	return ret;
}

/* The provider goes away and comes back: the keeper notices both. */
static int comes_back(void)
{
	struct bench b = {.box = NULL};
	struct rcd_sandbox_conf sc = {.port = 0};
	struct rcd_live *live = NULL;
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(begin(&b, NULL, 2, 1, &err), err);
	T_OK(shows(&b.stats.ready, 1));
	sc.port = rcd_sandbox_port(b.box);
	b.box = rcd_sandbox_stop(b.box);
	T_OK(shows(&b.stats.ready, 0));
	T_OK(counts(&b.stats.failed, 1));
	T_DO(rcd_sandbox_start(&b.box, &sc, &err), err);
	T_OK(shows(&b.stats.ready, 1));
	T_DO(rcd_realtime_take(b.pool, rcd_deadline_in(5000), &live, &err), err);
out:
	(void)rcd_realtime_give(live);
	finish(&b);
	return ret;
}

static int no_key(void)
{
	struct rcd_secret none = {NULL, 0};
	const struct rcd_realtime_conf conf = {.base_url = "https://127.0.0.1:1/v1",
	                                       .key = &none,
	                                       .model = "m",
	                                       .sessions = 2,
	                                       .warm = 2};
	struct rcd_realtime *pool = NULL;
	struct rcd_live *live = NULL;
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(rcd_realtime_open(&pool, &conf, &err), err);
	T_INT(rcd_realtime_take(pool, rcd_deadline_in(1000), &live, &err), -1);
	T_INT(err.code, RCD_DENIED);
out:
	(void)rcd_realtime_close(pool);
	return ret;
}

static int faults(void)
{
	static const struct {
		const char *plan;
		enum rcd_code code;
		const char *says;
	} row[] = {
		{"realtime.connect status=401", RCD_DENIED, "OPENAI_API_KEY"},
		{"realtime.connect status=404", RCD_DENIED, "model"},
		{"realtime.connect 429", RCD_DOWN, "429"},
		{"realtime.connect 500-before", RCD_DOWN, "500"},
		{"realtime.transcribe status=500", RCD_DOWN, "realtime"},
		{"realtime.transcribe 429 code=insufficient_quota", RCD_DENIED, "credit"},
		{"realtime.response 429 code=insufficient_quota", RCD_DENIED, "credit"},
		{"realtime.response 429", RCD_DOWN, "rate_limit_exceeded"},
		{"realtime.response status=400", RCD_INVAL, "invalid_request_error"},
		{"realtime.response failed code=insufficient_quota", RCD_DENIED, "credit"},
		{"realtime.response failed", RCD_DOWN, "server_error"},
		{"realtime.response broken", RCD_DOWN, "server_error"},
		{"realtime.response incomplete", RCD_LIMIT, "tokens"},
		{"realtime.response filtered", RCD_PROTO, "filter"},
		{"realtime.response text=\" \"", RCD_PROTO, "empty"},
		{"realtime.response never", RCD_TIMEOUT, "realtime"},
		{"realtime.response delay=1500", RCD_TIMEOUT, "realtime"},
		{"realtime.response pace=1500", RCD_TIMEOUT, "realtime"},
		{"realtime.response cut", RCD_DOWN, "realtime"},
		{"realtime.response garbage", RCD_DOWN, "realtime"},
	};
	struct bench b = {.box = NULL};
	struct rcd_live_usage usage = {0};
	struct rcd_err err = {0};
	struct heard h = {.samples = 0};
	int ret = 0;

	rcd_buf_init(&h.text, 4000);
	T_DO(begin(&b, NULL, 1, 0, &err), err);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct rcd_live *live = NULL;

		T_DO(rcd_sandbox_plan(b.box, row[i].plan, &err), err);
		rcd_buf_reset(&h.text);
		if (strncmp(row[i].plan, "realtime.connect", 16) == 0)
			T_INT(rcd_realtime_take(b.pool, rcd_deadline_in(5000), &live, &err), -1);
		else
			T_INT(run_turn(&b, "eu", true, &h, &usage, &err), -1);
		if (err.code != row[i].code || strstr(err.msg, row[i].says) == NULL)
			T_FAIL("%s: %s (%s)", row[i].plan, err.msg, rcd_code_name(err.code));
		T_DO(rcd_sandbox_plan(b.box, "", &err), err);
		T_INT(atomic_load(&b.stats.busy), 0);
		T_INT(atomic_load(&b.stats.ready), 0); /* nobody gets that session again */
		T_DO(run_turn(&b, "eu", true, &h, &usage, &err), err);
		T_DO(rcd_realtime_take(b.pool, 0, &live, &err), err);
		/* so that each row begins with no session */
		T_INT(rcd_live_hear(live, note, 100, rcd_deadline_in(5000), &h.text, &err), -1);
		T_INT(err.code, RCD_INVAL);
		(void)rcd_realtime_give(live);
	}
out:
	finish(&b);
	rcd_buf_free(&h.text);
	return ret;
}

/* What the real one refuses, the simulated one does too. */
static int refused(void)
{
	static const struct {
		const char *event, *says;
	} row[] = {
		{"{\"type\":\"session.update\",\"event_id\":\"e1\",\"session\":{\"voice\":\"sage\"}}",
	     "\"event_id\":\"e1\""},
		{"{\"type\":\"session.update\",\"session\":{\"type\":\"realtime\",\"modalities\":[\"text\"]}}",
	     "unknown_parameter"},
		{"{\"type\":\"session.update\",\"session\":{\"type\":\"realtime\",\"output_modalities\":[\"text\",\"audio\"]}}",
	     "invalid_value"},
		{"{\"type\":\"session.update\",\"session\":{\"type\":\"realtime\",\"audio\":{\"output\":{\"voice\":\"bob\"}}}}",
	     "invalid_value"},
		{"{\"type\":\"transcription_session.update\"}", "invalid_value"},
		{"{\"type\":\"response.create\",\"response\":{\"modalities\":[\"text\"]}}",
	     "unknown_parameter"},
		{"{\"type\":\"response.create\",\"response\":{\"input\":[{\"type\":\"item_reference\",\"id\":\"item_x\"}]}}",
	     "item_not_found"},
		{"{\"type\":\"response.create\",\"response\":{\"input\":[{\"type\":\"message\",\"role\":\"assistant\","
	     "\"content\":[{\"type\":\"text\",\"text\":\"a\"}]}]}}",
	     "invalid_value"},
		{"{\"type\":\"conversation.item.delete\",\"item_id\":\"item_x\"}",
	     "item_delete_invalid_item_id"},
		{"{\"type\":\"input_audio_buffer.commit\"}", "input_audio_buffer_commit_empty"},
		{"{\"type\":\"input_audio_buffer.append\",\"audio\":\"A\"}", "invalid_value"},
		{"nothing", "invalid_json"},
	};
	struct bench b = {.box = NULL};
	struct rcd_ws *ws = NULL;
	struct rcd_ws_conn *c = NULL;
	struct rcd_err err = {0};
	struct rcd_buf in;
	char url[600];
	int ret = 0;

	rcd_buf_init(&in, 4000);
	T_DO(begin(&b, NULL, 1, 0, &err), err);
	b.pool = rcd_realtime_close(b.pool);
	T_DO(rcd_ws_open(&ws, &err), err);
	(void)snprintf(url, sizeof(url), "ws://127.0.0.1:%d/v1/realtime?model=m",
	               rcd_sandbox_port(b.box));
	const struct rcd_ws_req req = {.url = url,
	                               .key_header = "Authorization: Bearer ",
	                               .key = &b.key};
	T_DO(rcd_ws_connect(ws, &req, &c, &err), err);
	T_DO(rcd_ws_recv(c, &in, rcd_deadline_in(5000), &err), err);
	T_OK(strstr(in.p, "session.created") != NULL);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		T_DO(rcd_ws_send(c, rcd_sv(row[i].event), rcd_deadline_in(5000), &err), err);
		T_DO(rcd_ws_recv(c, &in, rcd_deadline_in(5000), &err), err);
		if (strstr(in.p, "\"type\":\"error\"") == NULL || strstr(in.p, row[i].says) == NULL)
			T_FAIL("%s: %s", row[i].event, in.p);
	}
out:
	(void)rcd_ws_end(c);
	(void)rcd_ws_close(ws);
	finish(&b);
	rcd_buf_free(&in);
	return ret;
}

static int beta_header(void)
{
	static const char *const headers[] = {"Upgrade: websocket",
	                                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
	                                      "OpenAI-Beta: realtime=v1", NULL};
	struct bench b = {.box = NULL};
	struct rcd_http *http = NULL;
	struct rcd_http_res res = {.status = 0};
	struct rcd_err err = {0};
	char url[600];
	int ret = 0;

	T_DO(begin(&b, NULL, 1, 0, &err), err);
	T_DO(rcd_http_open(&http, &err), err);
	(void)snprintf(url, sizeof(url), "%s/realtime?model=m", b.url);
	struct rcd_http_req req = {.url = url,
	                           .headers = headers,
	                           .key_header = "Authorization: Bearer ",
	                           .key = &b.key};
	T_DO(rcd_http_do(http, &req, &res, &err), err);
	T_INT(res.status, 400);
	T_OK(strstr(res.body.p, "beta_api_shape_disabled") != NULL);
	rcd_http_res_free(&res);
	req.headers = NULL;
	T_DO(rcd_http_do(http, &req, &res, &err), err);
	T_INT(res.status, 426);
out:
	rcd_http_res_free(&res);
	(void)rcd_http_close(http);
	finish(&b);
	return ret;
}

struct sleeper {
	struct bench *b;
	struct rcd_cancel *sign;
	struct rcd_err err;
	int ret;
};

static void *ask_slowly(void *arg)
{
	struct sleeper *s = arg;
	struct rcd_live_usage usage = {0};
	struct heard h = {.samples = 0};

	(void)rcd_cancel_under(s->sign);
	rcd_buf_init(&h.text, 4000);
	s->ret = run_turn(s->b, "eu", true, &h, &usage, &s->err);
	rcd_buf_free(&h.text);
	return NULL;
}

/* Both the one that is answered and the one that waits for a session. */
static int cancelled(void)
{
	struct bench b = {.box = NULL};
	struct rcd_cancel sign;
	struct sleeper s[2];
	struct rcd_err err = {0};
	pthread_t id[2];
	int64_t began;
	int ret = 0, n = 0;

	rcd_cancel_init(&sign);
	T_DO(begin(&b, "realtime.transcribe delay=5000", 1, 0, &err), err);
	for (; n < 2; n++) {
		s[n] = (struct sleeper){.b = &b, .sign = &sign};
		T_INT(pthread_create(&id[n], NULL, ask_slowly, &s[n]), 0);
	}
	T_OK(shows(&b.stats.waiting, 1));
	began = rcd_mono_ms();
	rcd_cancel_set(&sign);
	for (; n > 0; n--)
		(void)pthread_join(id[n - 1], NULL);
	T_OK(rcd_mono_ms() - began < 2000);
	T_INT(s[0].err.code, RCD_CANCELLED);
	T_INT(s[1].err.code, RCD_CANCELLED);
	T_OK(shows(&b.stats.busy, 0));
out:
	for (; n > 0; n--)
		(void)pthread_join(id[n - 1], NULL);
	finish(&b);
	rcd_cancel_free(&sign);
	return ret;
}

static int percentiles(void)
{
	static struct rcd_realtime_stats a, b;
	struct rcd_realtime_sum sum = {0};
	int ret = 0;

	T_INT(rcd_realtime_percentile(&sum, 50), -1);
	T_INT(rcd_realtime_sound_percentile(&sum, 50), -1);
	for (int i = 1; i <= 100; i++)
		rcd_realtime_first(i % 2 == 0 ? &a : &b, i * 10);
	rcd_realtime_first(&a, -5);
	rcd_realtime_first(&a, INT64_MAX);
	for (int i = 0; i < 3; i++)
		rcd_realtime_sound(&b, 2000);
	atomic_store(&a.ready, 2);
	atomic_store(&b.ready, 1);
	rcd_realtime_add(&sum, &a);
	rcd_realtime_add(&sum, &b);
	T_INT(sum.answers, 102);
	T_INT(sum.ready, 3);
	T_OK(rcd_realtime_percentile(&sum, 50) >= 500 && rcd_realtime_percentile(&sum, 50) <= 640);
	T_OK(rcd_realtime_percentile(&sum, 95) >= 950 && rcd_realtime_percentile(&sum, 95) <= 1200);
	T_INT(rcd_realtime_percentile(&sum, 0), 0);
	T_OK(rcd_realtime_percentile(&sum, 100) > 200000);
	T_INT(sum.spoken, 3);
	T_OK(rcd_realtime_sound_percentile(&sum, 50) >= 2000 &&
	     rcd_realtime_sound_percentile(&sum, 50) <= 2500);
out:
	return ret;
}

/* Against a server that allocates nothing: every failing allocation is our own. */
static int oom(void)
{
	struct bench b = {.box = NULL};
	struct rcd_live_usage usage = {0};
	struct rcd_err err = {0};
	struct heard h = {.samples = 0};
	int ret = 0;

	rcd_buf_init(&h.text, 4000);
	/* the authorities are not needed, and reading them takes longer than all the rest */
	(void)setenv("SSL_CERT_FILE", "/dev/null", 1);
	T_INT(ws_server_start(), 0);
	(void)snprintf(b.url, sizeof(b.url), "http://127.0.0.1:%d/v1", ws_server.port);
	T_DO(rcd_secret_put(&b.key, RCD_SV("sk-x"), &err), err);
	settings(&b, 1, 0);
	T_DO(rcd_realtime_open(&b.pool, &b.conf, &err), err);
	for (int i = 0; i < 2; i++) {
		rcd_buf_reset(&h.text);
		T_DO(run_turn(&b, "eu", true, &h, &usage, &err), err);
		if (h.text.bad) {
			ret = T_NOMEM;
			goto out;
		}
		T_STR(h.text.p, "Oi!"); /* and nothing of another's response */
	}
out:
	finish(&b);
	rcd_buf_free(&h.text);
	return ret;
}

const struct t_case t_cases[] = {
	{"text_answer", text_answer, 0},
	{"own_voice", own_voice, 0},
	{"alternating", alternating, 0},
	{"queue", queue, 0},
	{"deadline_in_queue", deadline_in_queue, 0},
	{"warm_and_renewed", warm_and_renewed, 0},
	{"comes_back", comes_back, 0},
	{"no_key", no_key, 0},
	{"faults", faults, 0},
	{"cancelled", cancelled, 0},
	{"refused", refused, 0},
	{"beta_header", beta_header, 0},
	{"percentiles", percentiles, 0},
	{"oom", oom, T_OOM},
	{NULL, NULL, 0},
};
