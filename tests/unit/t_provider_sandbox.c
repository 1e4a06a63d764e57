#include "base/clock.h"
#include "daemon/sandbox/sandbox.h"
#include "provider/openai.h"
#include "provider/twilio.h"
#include "provider/voice.h"
#include "tests/t.h"

#include <stdlib.h>

/* All callers against providers that behave, on the real wire formats, and against the faults
 * of their plan. */

struct bench {
	struct rcd_sandbox *box;
	struct rcd_http *http;
	struct rcd_twilio_conf twilio;
	struct rcd_openai_conf openai;
	struct rcd_voice_conf voice;
	struct rcd_buf text;
};

static const char *setting(const struct bench *b, const char *name)
{
	for (const struct rcd_sandbox_env *e = rcd_sandbox_env(b->box); e->name != NULL; e++)
		if (strcmp(e->name, name) == 0)
			return e->value;
	return NULL;
}

static int bench_open(struct bench *b, struct rcd_err *err)
{
	const struct rcd_sandbox_conf conf = {.port = 0};

	*b = (struct bench){.box = NULL};
	rcd_buf_init(&b->text, RCD_MAX_MEDIA);
	if (rcd_sandbox_start(&b->box, &conf, err) != 0 || rcd_http_open(&b->http, err) != 0)
		return -1;
	b->twilio = (struct rcd_twilio_conf){.base_url = setting(b, "TWILIO_BASE_URL"),
	                                     .base_url_set = true,
	                                     .account_sid = setting(b, "TWILIO_ACCOUNT_SID")};
	b->openai = (struct rcd_openai_conf){.base_url = setting(b, "OPENAI_BASE_URL"),
	                                     .chat_model = "gpt-4.1-mini",
	                                     .assistant_model = "gpt-6-luna",
	                                     .reasoning = "none",
	                                     .transcribe_model = "gpt-4o-mini-transcribe",
	                                     .language = "pt",
	                                     .temperature = 0.7,
	                                     .max_tokens = 300};
	b->voice = (struct rcd_voice_conf){.base_url = setting(b, "ELEVENLABS_BASE_URL"),
	                                   .voice_id = setting(b, "ELEVENLABS_VOICE_ID"),
	                                   .model = "eleven_flash_v2_5",
	                                   .stability = 0.6,
	                                   .similarity = 0.8,
	                                   .style = 0.2,
	                                   .speed = 1.0,
	                                   .language = "pt"};
	if (rcd_secret_put(&b->twilio.token, rcd_sv(setting(b, "TWILIO_AUTH_TOKEN")), err) != 0 ||
	    rcd_secret_put(&b->openai.key, rcd_sv(setting(b, "OPENAI_API_KEY")), err) != 0)
		return -1;
	return rcd_secret_put(&b->voice.key, rcd_sv(setting(b, "ELEVENLABS_API_KEY")), err);
}

static void bench_close(struct bench *b)
{
	rcd_secret_wipe(&b->twilio.token);
	rcd_secret_wipe(&b->openai.key);
	rcd_secret_wipe(&b->voice.key);
	rcd_buf_free(&b->text);
	(void)rcd_http_close(b->http);
	(void)rcd_sandbox_stop(b->box);
}

static const struct rcd_twilio_send hello = {.from = "whatsapp:+14155238886",
                                             .to = "whatsapp:+5511987654321",
                                             .body =
                                                 "Ol\xC3\xA1, Ana! S\xC3\xA3o R$ 3,50 & pronto.",
                                             .key = "00112233445566778899aabbccddeeff"};

static int send(struct bench *b, const struct rcd_twilio_send *m, int64_t ms, enum rcd_sent *what,
                char sid[64], struct rcd_err *err)
{
	return rcd_twilio_send(b->http, &b->twilio, m, rcd_deadline_in(ms), what, sid, err);
}

static int find(struct bench *b, const struct rcd_twilio_send *m, int64_t since, char sid[64],
                struct rcd_err *err)
{
	return rcd_twilio_find(b->http, &b->twilio, m, since, NULL, NULL, rcd_deadline_in(10000), sid,
	                       err);
}

static int messages(void)
{
	struct rcd_twilio_send audio = hello, other = hello;
	int64_t since = rcd_now_ms();
	char sent[64] = "", found[64] = "";
	enum rcd_sent what;
	struct bench b;
	struct rcd_err err;
	int ret = 0;

	T_DO(bench_open(&b, &err), err);
	T_INT(find(&b, &hello, since, found, &err), -1);
	T_INT(err.code, RCD_NOENT);
	T_DO(send(&b, &hello, 10000, &what, sent, &err), err);
	T_DO(find(&b, &hello, since, found, &err), err);
	T_STR(found, sent);
	other.body = "Outra coisa";
	T_INT(find(&b, &other, since, found, &err), -1);
	T_INT(err.code, RCD_NOENT);
	T_INT(find(&b, &hello, since + 3600 * 1000, found, &err), -1);
	T_INT(err.code, RCD_NOENT);
	audio.body = NULL;
	audio.media_url = "https://h.example/static/audio/a.ogg";
	T_INT(find(&b, &audio, since, found, &err), -1);
	T_INT(err.code, RCD_NOENT);
	T_DO(send(&b, &audio, 10000, &what, sent, &err), err);
	T_DO(find(&b, &audio, since, found, &err), err);
	T_STR(found, sent);
	b.twilio.account_sid = "AC11111111111111111111111111111111";
	T_INT(send(&b, &hello, 10000, &what, sent, &err), -1);
	T_INT(what, RCD_SENT_REJECTED);
out:
	bench_close(&b);
	return ret;
}

/* After every fault the two questions have the right answers: what became of it, and is it
 * there? */
static int messages_that_fail(void)
{
	static const struct {
		const char *plan;
		enum rcd_sent what;
		bool there;
	} row[] = {
		{"messages.create 429 retry-after=7", RCD_SENT_AGAIN, false},
		{"messages.create 500-before", RCD_SENT_UNKNOWN, false},
		{"messages.create 500-after", RCD_SENT_UNKNOWN, true},
		{"messages.create cut", RCD_SENT_UNKNOWN, true},
		{"messages.create garbage", RCD_SENT_UNKNOWN, true},
		{"messages.create never", RCD_SENT_UNKNOWN, true},
		{"messages.create status=400 code=21610", RCD_SENT_REJECTED, false},
	};
	char sid[64], body[32];
	struct bench b;
	struct rcd_err err;
	int ret = 0;

	T_DO(bench_open(&b, &err), err);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct rcd_twilio_send m = hello;
		int64_t since = rcd_now_ms();
		enum rcd_sent what = RCD_SENT_ACCEPTED;

		(void)snprintf(body, sizeof(body), "mensagem %zu", i);
		m.body = body;
		T_DO(rcd_sandbox_plan(b.box, row[i].plan, &err), err);
		T_INT(send(&b, &m, 700, &what, sid, &err), -1);
		if (what != row[i].what || (i == 0 && err.retry_after != 7) ||
		    (what == RCD_SENT_REJECTED && err.sys != 21610))
			T_FAIL("%s: %d, %s", row[i].plan, what, err.msg);
		T_DO(rcd_sandbox_plan(b.box, "", &err), err);
		if ((find(&b, &m, since, sid, &err) == 0) != row[i].there)
			T_FAIL("%s: %s", row[i].plan, row[i].there ? err.msg : "it is there");
		T_OK(row[i].there || err.code == RCD_NOENT);
	}
out:
	bench_close(&b);
	return ret;
}

static int media(void)
{
	char *url = NULL, type[96] = "";
	struct bench b;
	struct rcd_err err;
	int ret = 0;

	T_DO(bench_open(&b, &err), err);
	url = rcd_sandbox_media(b.box, "OggS\0note", 9, "audio/ogg");
	T_OK(url != NULL);
	T_DO(rcd_twilio_fetch(b.http, &b.twilio, url, rcd_deadline_in(10000), &b.text, type, &err),
	     err);
	T_OK(rcd_sv_eq(rcd_buf_view(&b.text), RCD_SV("OggS\0note")));
	T_STR(type, "audio/ogg");
	T_DO(rcd_sandbox_plan(b.box, "media.get status=404 times=2", &err), err);
	T_DO(rcd_twilio_fetch(b.http, &b.twilio, url, rcd_deadline_in(10000), &b.text, type, &err),
	     err);
	T_DO(rcd_sandbox_plan(b.box, "cdn.get cut times=1", &err), err);
	T_INT(rcd_twilio_fetch(b.http, &b.twilio, url, rcd_deadline_in(10000), &b.text, type, &err),
	      -1);
	T_INT(err.code, RCD_DOWN);
	rcd_secret_wipe(&b.twilio.token);
	T_DO(rcd_secret_put(&b.twilio.token, RCD_SV("wrong"), &err), err);
	T_INT(rcd_twilio_fetch(b.http, &b.twilio, url, rcd_deadline_in(10000), &b.text, type, &err),
	      -1);
	T_INT(err.code, RCD_DENIED);
out:
	free(url);
	bench_close(&b);
	return ret;
}

/* What was planted and no webhook told of, as "body;" or "media type;". */
static int here(void *arg, struct rcd_sv sid, bool *yes, struct rcd_err *err)
{
	(void)arg;
	(void)sid;
	(void)err;
	*yes = false;
	return 0;
}

static int put(void *arg, const struct rcd_twilio_swept *swept, struct rcd_err *err)
{
	struct rcd_buf *text = arg;
	struct rcd_twilio_msg m;
	struct rcd_form f = {0};
	int ret = rcd_form_parse(swept->form, &f, err);

	if (ret == 0)
		ret = rcd_twilio_parse(&f, &m, err);
	if (ret == 0)
		rcd_buf_fmt(text, "%.*s;", RCD_SV_ARG(m.n_media > 0 ? m.media[0].type : m.body));
	rcd_form_free(&f);
	return ret;
}

static int sweep(void)
{
	static const char from[] = "whatsapp:+5511987654321";
	struct rcd_twilio_sweep how = {.since_ms = rcd_now_ms() - 600 * 1000,
	                               .deadline = rcd_deadline_in(20000),
	                               .have = here,
	                               .put = put};
	char *url = NULL, *sid[4] = {NULL}, sent[64];
	enum rcd_sent what;
	struct bench b;
	struct rcd_err err;
	int ret = 0;

	T_DO(bench_open(&b, &err), err);
	b.twilio.number = setting(&b, "TWILIO_PHONE_NUMBER");
	how.arg = &b.text;
	url = rcd_sandbox_media(b.box, "OggS", 4, "audio/ogg");
	sid[0] = rcd_sandbox_inbound(b.box, &(struct rcd_sandbox_inbound){.from = from,
	                                                                  .body = "velha",
	                                                                  .age_ms = 700000});
	sid[1] = rcd_sandbox_inbound(b.box, &(struct rcd_sandbox_inbound){.from = from,
	                                                                  .body = "um",
	                                                                  .age_ms = 500000});
	sid[2] = rcd_sandbox_inbound(b.box, &(struct rcd_sandbox_inbound){.from = from,
	                                                                  .media_url = url,
	                                                                  .age_ms = 400000});
	sid[3] = rcd_sandbox_inbound(b.box, &(struct rcd_sandbox_inbound){.from = "+5511987654321",
	                                                                  .body = "sms & \xC3\xA7"});
	T_DO(send(&b, &hello, 10000, &what, sent, &err), err);
	T_DO(rcd_twilio_sweep(b.http, &b.twilio, &how, &err), err);
	T_STR(b.text.p, "um;audio/ogg;sms & \xC3\xA7;");
	T_DO(rcd_twilio_typing(b.http, &b.twilio, sid[1], rcd_deadline_in(10000), &err), err);
	T_INT(rcd_twilio_typing(b.http, &b.twilio, "XX1", rcd_deadline_in(10000), &err), -1);
	T_INT(err.code, RCD_INVAL);
	T_DO(rcd_sandbox_plan(b.box, "messages.media 500-before", &err), err);
	T_INT(rcd_twilio_sweep(b.http, &b.twilio, &how, &err), -1);
	T_INT(err.code, RCD_DOWN);
out:
	for (size_t i = 0; i < 4; i++)
		free(sid[i]);
	free(url);
	bench_close(&b);
	return ret;
}

static int collect(void *arg, struct rcd_sv text, struct rcd_err *err)
{
	rcd_buf_sv(arg, text);
	return ((struct rcd_buf *)arg)->bad ? rcd_fail_nomem(err) : 0;
}

static int chat(struct bench *b, json_t *messages_in, int64_t ms, struct rcd_chat_usage *usage,
                struct rcd_err *err)
{
	rcd_buf_reset(&b->text);
	return rcd_openai_chat(b->http, &b->openai, messages_in, rcd_deadline_in(ms), 0, collect,
	                       &b->text, usage, err);
}

static int model(void)
{
	static const struct {
		const char *plan;
		enum rcd_code code;
	} row[] = {
		{"chat 429 retry-after=3", RCD_DOWN},
		{"chat 500-before", RCD_DOWN},
		{"chat cut", RCD_DOWN},
		{"chat garbage", RCD_PROTO},
		{"chat never", RCD_TIMEOUT},
		{"chat delay=3000", RCD_TIMEOUT},
		{"chat status=429 code=insufficient_quota", RCD_DENIED},
	};
	json_t *in = json_pack("[{s:s,s:s}]", "role", "user", "content", "Qual o pre\xC3\xA7o?");
	struct rcd_chat_usage usage = {0};
	struct bench b;
	struct rcd_err err;
	int ret = 0;

	T_DO(bench_open(&b, &err), err);
	T_DO(rcd_sandbox_plan(b.box, "chat text=\"S\xC3\xA3o R$ 3,50.\\nPosso ajudar?\"", &err), err);
	T_DO(chat(&b, in, 10000, &usage, &err), err);
	T_STR(b.text.p, "S\xC3\xA3o R$ 3,50.\nPosso ajudar?");
	T_STR(usage.finish, "stop");
	T_OK(usage.input_tokens > 0 && usage.output_tokens > 0);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		T_DO(rcd_sandbox_plan(b.box, row[i].plan, &err), err);
		if (chat(&b, in, 700, &usage, &err) == 0)
			T_FAIL("%s: an answer", row[i].plan);
		if (err.code != row[i].code && !(err.code == RCD_DOWN && row[i].code == RCD_PROTO))
			T_FAIL("%s: %s (%s)", row[i].plan, err.msg, rcd_code_name(err.code));
	}
out:
	json_decref(in);
	bench_close(&b);
	return ret;
}

static int respond(struct bench *b, json_t *messages_in, const char *conversation, int64_t ms,
                   struct rcd_chat_usage *usage, struct rcd_err *err)
{
	const struct rcd_openai_ask ask = {.messages = messages_in,
	                                   .conversation = conversation,
	                                   .cache_key = "contact-1",
	                                   .deadline = rcd_deadline_in(ms)};

	rcd_buf_reset(&b->text);
	return rcd_openai_respond(b->http, &b->openai, &ask, collect, &b->text, usage, err);
}

/* How many lines of the ledger say both things. */
static int ledger(struct bench *b, const char *one, const char *two)
{
	char *text = rcd_sandbox_ledger(b->box);
	struct rcd_sv rest = rcd_sv(text), line;
	int n = 0;

	while (rcd_sv_cut(&rest, '\n', &line))
		n += line.n > 0 && memmem(line.p, line.n, one, strlen(one)) != NULL &&
		     memmem(line.p, line.n, two, strlen(two)) != NULL;
	free(text);
	return n;
}

/* The context is ours, or a conversation's. What each keeps at OpenAI is in the ledger. */
static int assistant(void)
{
	json_t *in = json_pack("[{s:s,s:s}{s:s,s:s}]", "role", "system", "content", "Seja breve.",
	                       "role", "user", "content", "Qual o pre\xC3\xA7o?");
	struct rcd_chat_usage usage = {0};
	char id[RCD_CONVERSATION_ID];
	struct bench b;
	struct rcd_err err;
	int ret = 0;

	T_DO(bench_open(&b, &err), err);
	T_DO(rcd_sandbox_plan(b.box, "responses text=\"S\xC3\xA3o R$ 3,50.\" pace=5", &err), err);
	T_DO(respond(&b, in, NULL, 10000, &usage, &err), err);
	T_STR(b.text.p, "S\xC3\xA3o R$ 3,50.");
	T_STR(usage.finish, "stop");
	T_OK(usage.input_tokens > 0 && usage.output_tokens > 0);
	T_INT(ledger(&b, "\"instructions\":\"Seja breve.\"", "\"store\":false"), 1);
	T_DO(rcd_openai_conversation_new(b.http, &b.openai, rcd_deadline_in(10000), id, &err), err);
	T_DO(respond(&b, in, id, 10000, &usage, &err), err);
	T_DO(respond(&b, in, id, 10000, &usage, &err), err);
	T_INT(ledger(&b, "\"store\":true", "\"context\":2"), 1);
	T_INT(ledger(&b, "\"cache_key\":\"contact-1\"", id), 2);
	T_DO(rcd_openai_conversation_delete(b.http, &b.openai, id, rcd_deadline_in(10000), &err), err);
	T_INT(respond(&b, in, id, 10000, &usage, &err), -1);
	T_INT(err.code, RCD_NOENT);
	T_INT(rcd_openai_conversation_delete(b.http, &b.openai, id, rcd_deadline_in(10000), &err), -1);
	T_INT(err.code, RCD_NOENT);
out:
	json_decref(in);
	bench_close(&b);
	return ret;
}

static int assistant_that_fails(void)
{
	static const struct {
		const char *plan;
		enum rcd_code code;
	} row[] = {
		{"responses 429 retry-after=3", RCD_DOWN},
		{"responses 500-before", RCD_DOWN},
		{"responses cut", RCD_DOWN},
		{"responses cut pace=1", RCD_DOWN},
		{"responses never", RCD_TIMEOUT},
		{"responses pace=500", RCD_TIMEOUT},
		{"responses broken", RCD_DOWN},
		{"responses broken code=insufficient_quota", RCD_DENIED},
		{"responses failed", RCD_DOWN},
		{"responses filtered", RCD_PROTO},
		{"responses refusal", RCD_PROTO},
		{"responses status=400 code=conversation_locked", RCD_BUSY},
		{"chat broken", RCD_DOWN},
		{"chat filtered", RCD_PROTO},
		{"chat refusal", RCD_PROTO},
	};
	json_t *in = json_pack("[{s:s,s:s}]", "role", "user", "content", "Qual o pre\xC3\xA7o?");
	struct rcd_chat_usage usage = {0};
	struct bench b;
	struct rcd_err err;
	int ret = 0;

	T_DO(bench_open(&b, &err), err);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		T_DO(rcd_sandbox_plan(b.box, row[i].plan, &err), err);
		if ((row[i].plan[0] == 'c' ? chat(&b, in, 700, &usage, &err)
		                           : respond(&b, in, NULL, 700, &usage, &err)) == 0)
			T_FAIL("%s: an answer", row[i].plan);
		if (err.code != row[i].code)
			T_FAIL("%s: %s (%s)", row[i].plan, err.msg, rcd_code_name(err.code));
	}
	T_DO(rcd_sandbox_plan(b.box, "responses incomplete", &err), err);
	T_DO(respond(&b, in, NULL, 10000, &usage, &err), err);
	T_STR(usage.finish, "length");
out:
	json_decref(in);
	bench_close(&b);
	return ret;
}

static int ears(void)
{
	struct bench b;
	struct rcd_err err;
	int ret = 0;

	T_DO(bench_open(&b, &err), err);
	T_DO(rcd_sandbox_plan(
			 b.box, "transcribe text=\"Qual o hor\xC3\xA1rio?\" nth=1\ntranscribe 500-before nth=2",
			 &err),
	     err);
	T_DO(rcd_openai_transcribe(b.http, &b.openai, RCD_SV("OggS\0note"), "note.ogg", "audio/ogg",
	                           rcd_deadline_in(10000), &b.text, &err),
	     err);
	T_STR(b.text.p, "Qual o hor\xC3\xA1rio?");
	T_INT(rcd_openai_transcribe(b.http, &b.openai, RCD_SV("OggS\0note"), "note.ogg", "audio/ogg",
	                            rcd_deadline_in(10000), &b.text, &err),
	      -1);
	T_INT(err.code, RCD_DOWN);
out:
	bench_close(&b);
	return ret;
}

static int count(void *arg, const int16_t *s, size_t n, struct rcd_err *err)
{
	(void)s;
	(void)err;
	*(size_t *)arg += n;
	return 0;
}

static int voice(void)
{
	/* not "garbage": any bytes are samples, there is nothing to see */
	static const char *const bad[] = {"tts 429", "tts 500-before", "tts cut", "tts never"};
	size_t n = 0;
	struct bench b;
	struct rcd_err err;
	int ret = 0;

	T_DO(bench_open(&b, &err), err);
	T_STR(rcd_voice_pick(&b.voice)->name, "elevenlabs");
	T_DO(rcd_voice_elevenlabs.speak(b.http, &b.voice, rcd_sv(hello.body), rcd_deadline_in(20000),
	                                count, &n, &err),
	     err);
	T_OK(n > 24000 / 2);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		T_DO(rcd_sandbox_plan(b.box, bad[i], &err), err);
		if (rcd_voice_elevenlabs.speak(b.http, &b.voice, rcd_sv(hello.body), rcd_deadline_in(1500),
		                               count, &n, &err) == 0)
			T_FAIL("%s: it speaks", bad[i]);
		T_OK(err.code == RCD_DOWN || err.code == RCD_PROTO || err.code == RCD_TIMEOUT);
	}
out:
	bench_close(&b);
	return ret;
}

const struct t_case t_cases[] = {
	{"messages", messages, 0},
	{"messages_that_fail", messages_that_fail, 0},
	{"sweep", sweep, 0},
	{"media", media, 0},
	{"model", model, 0},
	{"assistant", assistant, 0},
	{"assistant_that_fails", assistant_that_fails, 0},
	{"ears", ears, 0},
	{"voice", voice, 0},
	{NULL, NULL, 0},
};
