#include "base/clock.h"
#include "base/limits.h"
#include "provider/text_stream.h"
#include "tests/peer.h"

#include <dirent.h>

static int collect(void *arg, struct rcd_sv text, struct rcd_err *err)
{
	struct rcd_buf *b = arg;

	rcd_buf_sv(b, text);
	return b->bad ? rcd_fail_nomem(err) : 0;
}

/* --- the stream without a network ---------------------------------------------------------- */

/* The text of a stream that comes in pieces of cut bytes. */
static int read_stream(struct rcd_sv bytes, size_t cut, struct rcd_buf *text,
                       struct rcd_chat_usage *usage, struct rcd_err *err)
{
	struct rcd_text_stream s;
	int ret = 0;

	rcd_text_stream_init(&s, rcd_chat_event, "chat", collect, text);
	for (size_t i = 0; i < bytes.n && ret == 0; i += cut)
		ret = rcd_text_stream_feed(&s, bytes.p + i, bytes.n - i < cut ? bytes.n - i : cut, err);
	if (ret == 0)
		ret = rcd_text_stream_end(&s, usage, err);
	rcd_text_stream_done(&s);
	return ret;
}

#define DELTA(text)                                                                                \
	"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" text                              \
	"\"},\"finish_reason\":null}]}\n\n"
#define FINISH(why)                                                                                \
	"data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" why "\"}]}\n\n"
#define USAGE                                                                                            \
	"data: {\"choices\":[],\"usage\":{\"prompt_tokens\":19,\"completion_tokens\":7,\"total_tokens\":26," \
	"\"prompt_tokens_details\":{\"cached_tokens\":5,\"audio_tokens\":0}}}\n\n"
#define DONE "data: [DONE]\n\n"

static const struct {
	const char *bytes;
	enum rcd_code code; /* RCD_OK: text is the answer */
	const char *text;
} stream[] = {
	{DELTA("Ol\xC3\xA1") DELTA(", Ana") FINISH("stop") USAGE DONE, RCD_OK, "Ol\xC3\xA1, Ana"},
	{DELTA("oi") FINISH("stop"), RCD_OK, "oi"}, /* no [DONE] */
	{DELTA("oi") DONE, RCD_OK, "oi"},           /* no finish_reason */
	{DELTA("oi") FINISH("length") DONE, RCD_OK, "oi"},
	{"\xEF\xBB\xBF: hello\r\n\r\n" DELTA("oi") "data:[DONE]\r\n\r\n", RCD_OK, "oi"},
	{"data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null,\"x\":[1]},\"logprobs\":null}],"
     "\"usage\":null,\"obfuscation\":\"aa\"}\r\r" DELTA("oi") DONE,
     RCD_OK, "oi"},
	{DELTA("oi") DONE DELTA("depois") "data: {junk\n\n", RCD_OK, "oi"},
	{DELTA("oi") "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"outra\"}}]}\n\n" DONE,
     RCD_OK, "oi"},
	{DELTA("oi") "event: ping\ndata: {}\n\n" DONE, RCD_OK, "oi"},
	{DELTA("oi") FINISH("s)top") DONE, RCD_OK, "oi"}, /* a reason that is no word */
	{DELTA("oi") FINISH("a_reason_that_is_longer_than_any_we_know_of"), RCD_OK, "oi"},
	{"", RCD_DOWN, NULL},
	{DELTA("oi"), RCD_DOWN, NULL},                /* cut */
	{DELTA("oi") "data: [DONE]", RCD_DOWN, NULL}, /* cut within the last line */
	{DELTA(
		 "oi") "data: {\"error\":{\"message\":\"secret words\",\"type\":\"server_error\"}}\n\n" DONE,
     RCD_DOWN, NULL},
	{"data: {\"error\":{\"code\":\"insufficient_quota\"}}\n\n", RCD_DENIED, NULL},
	{"event: error\ndata: {\"code\":\"rate_limit_exceeded\"}\n\n" DONE, RCD_DOWN, NULL},
	{"data: {\"error\":\"just words\"}\n\n" DONE, RCD_DOWN, NULL},
	{DELTA("oi") "data: {\"choices\":[{\"delta\":{\"refusal\":\"I'm sorry\"}}]}\n\n" DONE,
     RCD_PROTO, NULL},
	{DELTA("oi") FINISH("content_filter") DONE, RCD_PROTO, NULL},
	{FINISH("stop") DONE, RCD_PROTO, NULL},               /* empty */
	{DELTA(" \\n") FINISH("stop") DONE, RCD_PROTO, NULL}, /* nothing but white space */
	{FINISH("length") DONE, RCD_PROTO, NULL},
	{"data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0}]},\"finish_reason\":\"tool_calls\"}]}\n\n" DONE,
     RCD_PROTO, NULL},
	{DELTA("oi") "data: {\"choices\":[\n\n" DONE, RCD_PROTO, NULL},
	{DELTA("oi\\u0000") DONE, RCD_PROTO, NULL},
	{DELTA("oi\xFF") DONE, RCD_PROTO, NULL},
	{"data: 7\n\ndata: null\n\ndata: []\n\ndata: {\"choices\":7}\n\ndata: "
     "{\"choices\":[7,null,{\"delta\":7}]}\n\n" DELTA("oi") DONE,
     RCD_OK, "oi"},
	{"<html>bad gateway</html>\n\n", RCD_DOWN, NULL},
};

static int streams(void)
{
	struct rcd_chat_usage usage;
	struct rcd_buf text;
	struct rcd_err err;
	int ret = 0;

	rcd_buf_init(&text, RCD_MAX_TEXT);
	for (size_t i = 0; i < sizeof(stream) / sizeof(stream[0]); i++) {
		struct rcd_sv bytes = rcd_sv(stream[i].bytes);

		for (size_t cut = 1; cut < 70; cut += cut < 8 ? 1 : 13) {
			int got;

			rcd_buf_reset(&text);
			err = (struct rcd_err){.code = RCD_OK};
			got = read_stream(bytes, cut, &text, &usage, &err);
			if (got == 0 ? stream[i].code != RCD_OK : err.code != stream[i].code)
				T_FAIL("row %zu cut at %zu: %d %s (%s)", i, cut, got, err.msg,
				       rcd_code_name(err.code));
			if (got == 0)
				T_STR(text.p, stream[i].text);
			T_OK(strstr(err.msg, "secret words") == NULL);
		}
	}
	rcd_buf_reset(&text);
	T_DO(read_stream(rcd_sv(stream[0].bytes), 4096, &text, &usage, &err), err);
	T_INT(usage.input_tokens, 19);
	T_INT(usage.cached_tokens, 5);
	T_INT(usage.output_tokens, 7);
	T_STR(usage.finish, "stop");
	T_OK(usage.first_ms >= 0);
out:
	rcd_buf_free(&text);
	return ret;
}

static int stream_oom(void)
{
	struct rcd_chat_usage usage;
	struct rcd_buf text;
	struct rcd_err err;
	int ret = 0;

	rcd_buf_init(&text, RCD_MAX_TEXT);
	T_DO(read_stream(rcd_sv(stream[0].bytes), 7, &text, &usage, &err), err);
	T_STR(text.p, stream[0].text);
out:
	rcd_buf_free(&text);
	return ret;
}

static int nothing(void *arg, struct rcd_sv text, struct rcd_err *err)
{
	(void)arg;
	(void)text;
	(void)err;
	return 0;
}

static int stops(void *arg, struct rcd_sv text, struct rcd_err *err)
{
	(void)arg;
	return rcd_fail(err, RCD_CANCELLED, 0, "after %zu bytes", text.n);
}

static int limits(void)
{
	struct rcd_text_stream s;
	struct rcd_err err = {0};
	char line[1200];
	int ret = 0, fed = 0, i;

	(void)snprintf(line, sizeof(line),
	               "data: {\"choices\":[{\"delta\":{\"content\":\"%01000d\"}}]}\n\n", 0);
	rcd_text_stream_init(&s, rcd_chat_event, "chat", nothing, NULL);
	for (i = 0; i < 100 && fed == 0; i++)
		fed = rcd_text_stream_feed(&s, line, strlen(line), &err);
	rcd_text_stream_done(&s);
	T_INT(fed, -1);
	T_INT(err.code, RCD_LIMIT);
	T_INT(i, RCD_MAX_TEXT / 1000 + 1);
	rcd_text_stream_init(&s, rcd_chat_event, "chat", stops, NULL);
	fed = rcd_text_stream_feed(&s, line, strlen(line), &err);
	rcd_text_stream_done(&s);
	T_INT(fed, -1);
	T_INT(err.code, RCD_CANCELLED);
out:
	return ret;
}

/* Streams that OpenAI sent to others: the same text and the same end however they are cut. */
static int replay(const char *path)
{
	struct rcd_buf whole, cut;
	struct rcd_chat_usage a = {0}, b = {0};
	struct rcd_err ea = {0}, eb = {0};
	size_t n = 0;
	char *bytes = t_slurp(path, &n);
	int ra, rb, ret = 0;

	rcd_buf_init(&whole, RCD_MAX_TEXT);
	rcd_buf_init(&cut, RCD_MAX_TEXT);
	T_OK(bytes != NULL);
	ra = read_stream((struct rcd_sv){bytes, n}, n, &whole, &a, &ea);
	rb = read_stream((struct rcd_sv){bytes, n}, 1, &cut, &b, &eb);
	T_INT(ra, rb);
	T_OK(rcd_sv_eq(rcd_buf_view(&whole), rcd_buf_view(&cut)));
	T_STR(a.finish, b.finish);
	T_INT(a.output_tokens, b.output_tokens);
	T_STR(ea.msg, eb.msg);
	/* those that call a tool have no text; all others are whole answers */
	if (ra != 0)
		T_OK(strstr(bytes, "tool_calls") != NULL && whole.n == 0);
	else
		T_OK(whole.n > 0 && a.finish[0] != '\0');
out:
	free(bytes);
	rcd_buf_free(&whole);
	rcd_buf_free(&cut);
	return ret != 0 ? -1 : ra == 0;
}

static int recorded(void)
{
	char path[1024];
	struct dirent *e;
	DIR *d = NULL;
	int files = 0, answers = 0, ret = 0;

	if (t_corpus() == NULL)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/sse", t_corpus());
	d = opendir(path);
	T_OK(d != NULL);
	while ((e = readdir(d)) != NULL) {
		int got;

		if (strcasestr(e->d_name, "chat") == NULL || strstr(e->d_name, ".sse") == NULL)
			continue;
		(void)snprintf(path, sizeof(path), "%s/sse/%s", t_corpus(), e->d_name);
		got = replay(path);
		if (got < 0)
			T_FAIL("%s", path);
		answers += got;
		files++;
	}
	T_OK(files >= 10 && answers >= 10);
out:
	if (d != NULL)
		(void)closedir(d);
	return ret;
}

static int temperature(void)
{
	static const char *const takes[] = {"gpt-4o",
	                                    "gpt-4.1-mini",
	                                    "gpt-4",
	                                    "gpt-3.5-turbo",
	                                    "llama-3",
	                                    "ft:gpt-4o:acme::x",
	                                    "openrouter/mistral-7b",
	                                    "",
	                                    "o",
	                                    "orca"};
	static const char *const fixed[] =
		{"gpt-5",   "gpt-5.4-mini", "gpt-6-luna",     "gpt-6.1-sol",      "o1",
	     "o3-mini", "o4-mini",      "openai/gpt-5.5", "ft:gpt-5:acme::x", "ft:o4-mini:acme"};
	int ret = 0;

	for (size_t i = 0; i < sizeof(takes) / sizeof(takes[0]); i++)
		if (!rcd_openai_takes_temperature(takes[i]))
			T_FAIL("%s", takes[i]);
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (rcd_openai_takes_temperature(fixed[i]))
			T_FAIL("%s", fixed[i]);
out:
	return ret;
}

/* --- over HTTP ------------------------------------------------------------------------------ */

static char key[] = "sk-test-0123456789";

static struct rcd_openai_conf conf_for(const struct peer *p, char base[96])
{
	(void)snprintf(base, 96, "%s/v1", p->url);
	return (struct rcd_openai_conf){.base_url = base,
	                                .key = {key, sizeof(key) - 1},
	                                .chat_model = "gpt-4.1-mini",
	                                .transcribe_model = "gpt-4o-mini-transcribe",
	                                .language = "pt",
	                                .temperature = 0.5,
	                                .max_tokens = 300,
	                                .reasoning = "low"};
}

struct chat {
	struct peer peer;
	struct rcd_http *http;
	json_t *messages;
	struct rcd_buf text;
	struct rcd_openai_conf conf;
	char base[96];
};

static int chat_open(struct chat *c, struct rcd_err *err)
{
	*c = (struct chat){.http = NULL};
	rcd_buf_init(&c->text, RCD_MAX_TEXT);
	c->messages = json_pack("[{s:s,s:s}]", "role", "user", "content", "oi");
	if (c->messages == NULL)
		return rcd_fail_nomem(err);
	return rcd_http_open(&c->http, err);
}

static void chat_close(struct chat *c)
{
	c->http = rcd_http_close(c->http);
	peer_stop(&c->peer);
	json_decref(c->messages);
	rcd_buf_free(&c->text);
}

static int chat_run(struct chat *c, int64_t ms, struct rcd_chat_usage *usage, struct rcd_err *err)
{
	c->conf = conf_for(&c->peer, c->base);
	rcd_buf_reset(&c->text);
	return rcd_openai_chat(c->http, &c->conf, c->messages, rcd_deadline_in(ms), 0, collect,
	                       &c->text, usage, err);
}

static int chat_ok(void)
{
	static struct chat c; /* holds the requests: too large for a stack */
	struct rcd_chat_usage usage = {0};
	json_t *req = NULL;
	struct rcd_err err;
	int ret = 0;

	T_DO(chat_open(&c, &err), err);
	c.peer.answer[0] = PEER_HEAD("200 OK", "text/event-stream") "\r\n" DELTA("Ol\xC3\xA1")
		DELTA("!") FINISH("stop") USAGE DONE;
	T_INT(peer_start(&c.peer), 0);
	T_DO(chat_run(&c, 10000, &usage, &err), err);
	T_STR(c.text.p, "Ol\xC3\xA1!");
	T_INT(usage.output_tokens, 7);
	T_INT(peer_count(&c.peer), 1);
	T_OK(strncmp(c.peer.got[0], "POST /v1/chat/completions HTTP/1.1\r\n", 36) == 0);
	T_OK(strcasestr(c.peer.got[0], "\r\nauthorization: Bearer sk-test-0123456789\r\n") != NULL);
	T_OK(strcasestr(c.peer.got[0], "\r\ncontent-type: application/json\r\n") != NULL);
	T_DO(rcd_json_parse(rcd_sv(peer_body(&c.peer, 0)), 1 << 20, &req, &err), err);
	T_INT(json_object_size(req), 7);
	T_STR(json_string_value(json_object_get(req, "model")), "gpt-4.1-mini");
	T_OK(json_equal(json_object_get(req, "messages"), c.messages));
	T_OK(json_is_true(json_object_get(req, "stream")));
	T_OK(json_is_true(json_object_get(json_object_get(req, "stream_options"), "include_usage")));
	T_OK(json_is_false(json_object_get(req, "store")));
	T_INT(json_integer_value(json_object_get(req, "max_completion_tokens")), 300);
	T_OK(json_real_value(json_object_get(req, "temperature")) == 0.5);
out:
	json_decref(req);
	chat_close(&c);
	return ret;
}

/* An engine that does not stream answers with one object; a cut one is no answer. */
static int chat_whole(void)
{
	static struct chat c;
	struct rcd_chat_usage usage = {0};
	struct rcd_err err;
	int ret = 0;

	T_DO(chat_open(&c, &err), err);
	c.peer.answer[0] = PEER_JSON(
		"200 OK") "{\n \"choices\": [{\"index\": 0, \"message\": {\"role\": \"assistant\","
				  " \"content\": \"Sim.\"}, \"finish_reason\": \"stop\"}],\n \"usage\": "
				  "{\"completion_tokens\": 3}}";
	c.peer.answer[1] = PEER_JSON("200 OK") "{\"choices\": [{\"index\": 0, \"mess";
	T_INT(peer_start(&c.peer), 0);
	T_DO(chat_run(&c, 10000, &usage, &err), err);
	T_STR(c.text.p, "Sim.");
	T_INT(usage.output_tokens, 3);
	rcd_buf_reset(&c.text);
	T_INT(chat_run(&c, 10000, &usage, &err), -1);
	T_OK(err.code == RCD_PROTO);
	T_INT(c.text.n, 0);
out:
	chat_close(&c);
	return ret;
}

static int chat_reasons(void)
{
	static struct chat c;
	struct rcd_chat_usage usage;
	struct rcd_err err;
	int ret = 0;

	T_DO(chat_open(&c, &err), err);
	c.peer.answer[0] = PEER_HEAD("200 OK", "text/event-stream") "\r\n" DELTA("oi") DONE;
	T_INT(peer_start(&c.peer), 0);
	c.conf = conf_for(&c.peer, c.base);
	c.conf.chat_model = "gpt-5.4-mini";
	T_DO(rcd_openai_chat(c.http, &c.conf, c.messages, 0, 0, collect, &c.text, &usage, &err), err);
	T_OK(strstr(peer_body(&c.peer, 0), "temperature") == NULL);
	T_OK(strstr(peer_body(&c.peer, 0), "\"reasoning_effort\":\"low\"") != NULL);
	T_STR(usage.finish, "");
out:
	chat_close(&c);
	return ret;
}

#define CHUNKED PEER_HEAD("200 OK", "text/event-stream") "Transfer-Encoding: chunked\r\n\r\n"
#define ERROR(code)                                                                                \
	"{\"error\":{\"message\":\"secret words\",\"type\":\"x\",\"param\":null,\"code\":\"" code "\"}}"

static int chat_failures(void)
{
	static const struct {
		const char *answer;
		enum rcd_code code;
		int sys, retry_after;
		const char *says;
	} row[] = {
		{PEER_JSON("401 Unauthorized") ERROR("invalid_api_key"), RCD_DENIED, 401, 0,
	     "OPENAI_API_KEY"},
		{PEER_JSON("403 Forbidden") "{}", RCD_DENIED, 403, 0, "HTTP 403"},
		{PEER_JSON("404 Not Found") ERROR("model_not_found"), RCD_DENIED, 404, 0,
	     "model_not_found"},
		{PEER_HEAD("429 Slow",
	               "application/json") "Retry-After: 7\r\n\r\n" ERROR("rate_limit_exceeded"),
	     RCD_DOWN, 429, 7, "rate_limit_exceeded"},
		{PEER_JSON("429 Slow") ERROR("insufficient_quota"), RCD_DENIED, 429, 0, "credit"},
		{PEER_JSON("500 Oops") "<html>secret words</html>", RCD_DOWN, 500, 0, "HTTP 500"},
		{PEER_JSON("503 Busy") "", RCD_DOWN, 503, 0, "HTTP 503"},
		{PEER_JSON("400 Bad") ERROR("unsupported parameter: secret words"), RCD_INVAL, 400, 0,
	     "HTTP 400"},
		{PEER_HEAD("302 Found", "text/html") "Location: https://elsewhere/\r\n\r\n", RCD_PROTO, 302,
	     0, "OPENAI_BASE_URL"},
		{CHUNKED "2\r\nda", RCD_DOWN, 0, 0, "gpt-4.1-mini"},
		{NULL, RCD_DOWN, 0, 0, "gpt-4.1-mini"},
	};
	static struct chat c;
	struct rcd_chat_usage usage;
	struct rcd_err err;
	size_t n = sizeof(row) / sizeof(row[0]);
	int ret = 0;

	T_DO(chat_open(&c, &err), err);
	for (size_t i = 0; i < n; i++)
		c.peer.answer[i] = row[i].answer;
	T_INT(peer_start(&c.peer), 0);
	for (size_t i = 0; i < n; i++) {
		T_INT(chat_run(&c, 10000, &usage, &err), -1);
		if (err.code != row[i].code || err.sys != row[i].sys ||
		    err.retry_after != row[i].retry_after || strstr(err.msg, row[i].says) == NULL ||
		    strncmp(err.msg, "openai: chat with ", 18) != 0)
			T_FAIL("row %zu: %s, %d, %d, %s", i, rcd_code_name(err.code), err.sys, err.retry_after,
			       err.msg);
		T_OK(strstr(err.msg, "secret words") == NULL && strstr(err.msg, key) == NULL);
	}
	T_INT(peer_count(&c.peer), (int)n); /* each was asked once */
out:
	chat_close(&c);
	return ret;
}

static int chat_waits_no_longer(void)
{
	static struct chat c;
	struct rcd_chat_usage usage;
	int64_t began = rcd_mono_ms();
	struct rcd_err err;
	int ret = 0;

	T_DO(chat_open(&c, &err), err);
	c.peer.answer[0] = "";
	T_INT(peer_start(&c.peer), 0);
	T_INT(chat_run(&c, 200, &usage, &err), -1);
	T_INT(err.code, RCD_TIMEOUT);
	T_OK(rcd_mono_ms() - began < 3000);
out:
	chat_close(&c);
	return ret;
}

static int chat_oom(void)
{
	static struct chat c;
	struct rcd_chat_usage usage;
	struct rcd_err err;
	int ret = 0;

	T_DO(chat_open(&c, &err), err);
	c.peer.answer[0] = PEER_HEAD("200 OK", "text/event-stream") "\r\n" DELTA("oi") FINISH("stop")
		DONE;
	T_INT(peer_start(&c.peer), 0);
	T_DO(chat_run(&c, 10000, &usage, &err), err);
	T_STR(c.text.p, "oi");
out:
	chat_close(&c);
	return ret;
}

static int transcribe(struct chat *c, struct rcd_err *err)
{
	c->conf = conf_for(&c->peer, c->base);
	rcd_buf_reset(&c->text);
	return rcd_openai_transcribe(c->http, &c->conf, RCD_SV("OggS\0\r\n--x"), "note.ogg",
	                             "audio/ogg", rcd_deadline_in(10000), &c->text, err);
}

static int transcribe_ok(void)
{
	static struct chat c;
	const char *body;
	struct rcd_err err;
	int ret = 0;

	T_DO(chat_open(&c, &err), err);
	c.peer.answer[0] = PEER_JSON(
		"200 OK") "{\"text\":\" Qual o pre\\u00e7o?\\n\",\"usage\":{\"type\":\"duration\"}}";
	c.peer.answer[1] = PEER_JSON("200 OK") "{\"text\":\"\"}";
	T_INT(peer_start(&c.peer), 0);
	T_DO(transcribe(&c, &err), err);
	T_STR(c.text.p, "Qual o pre\xC3\xA7o?");
	T_OK(strncmp(c.peer.got[0], "POST /v1/audio/transcriptions HTTP/1.1\r\n", 40) == 0);
	T_OK(strcasestr(c.peer.got[0], "\r\nauthorization: Bearer sk-test-0123456789\r\n") != NULL);
	T_OK(strcasestr(c.peer.got[0], "\r\ncontent-type: multipart/form-data; boundary=") != NULL);
	body = peer_body(&c.peer, 0);
	T_OK(strstr(body,
	            "name=\"file\"; filename=\"note.ogg\"\r\nContent-Type: audio/ogg\r\n\r\nOggS") !=
	     NULL);
	T_OK(memmem(body, c.peer.got_n[0] - (size_t)(body - c.peer.got[0]),
	            "\r\n\r\nOggS\0\r\n--x\r\n--", 18) != NULL);
	body = memmem(c.peer.got[0], c.peer.got_n[0], "name=\"model\"", 12);
	T_OK(body != NULL &&
	     strncmp(body, "name=\"model\"\r\n\r\ngpt-4o-mini-transcribe\r\n", 40) == 0);
	T_OK(strstr(body, "name=\"response_format\"\r\n\r\njson\r\n") != NULL);
	T_OK(strstr(body, "name=\"language\"\r\n\r\npt\r\n") != NULL);
	T_DO(transcribe(&c, &err), err);
	T_INT(c.text.n, 0);
out:
	chat_close(&c);
	return ret;
}

static int transcribe_failures(void)
{
	static const struct {
		const char *answer;
		enum rcd_code code;
	} row[] = {
		{PEER_JSON("200 OK") "{\"txt\":\"\"}", RCD_PROTO},
		{PEER_JSON("200 OK") "{\"text\":7}", RCD_PROTO},
		{PEER_JSON("200 OK") "[]", RCD_PROTO},
		{PEER_JSON("200 OK") "Qual", RCD_PROTO},
		{PEER_JSON("200 OK") "", RCD_PROTO},
		{PEER_JSON("429 Slow") ERROR("insufficient_quota"), RCD_DENIED},
		{PEER_JSON("413 Large") "", RCD_LIMIT},
		{PEER_JSON("502 Bad") "", RCD_DOWN},
	};
	static struct chat c;
	struct rcd_err err;
	size_t n = sizeof(row) / sizeof(row[0]);
	int ret = 0;

	T_DO(chat_open(&c, &err), err);
	for (size_t i = 0; i < n; i++)
		c.peer.answer[i] = row[i].answer;
	T_INT(peer_start(&c.peer), 0);
	for (size_t i = 0; i < n; i++) {
		T_INT(transcribe(&c, &err), -1);
		if (err.code != row[i].code || strncmp(err.msg, "openai: transcription with ", 27) != 0)
			T_FAIL("row %zu: %s, %s", i, rcd_code_name(err.code), err.msg);
		T_INT(c.text.n, 0);
	}
	T_INT(rcd_openai_transcribe(c.http, &c.conf, RCD_SV("x"), NULL, NULL, 0, &c.text, &err), -1);
	T_INT(err.code, RCD_INVAL);
	T_INT(peer_count(&c.peer), (int)n);
out:
	chat_close(&c);
	return ret;
}

const struct t_case t_cases[] = {
	{"streams", streams, 0},
	{"stream_oom", stream_oom, T_OOM},
	{"limits", limits, 0},
	{"recorded", recorded, 0},
	{"temperature", temperature, 0},
	{"chat_ok", chat_ok, 0},
	{"chat_whole", chat_whole, 0},
	{"chat_reasons", chat_reasons, 0},
	{"chat_failures", chat_failures, 0},
	{"chat_waits_no_longer", chat_waits_no_longer, 0},
	{"chat_oom", chat_oom, T_OOM},
	{"transcribe_ok", transcribe_ok, 0},
	{"transcribe_failures", transcribe_failures, 0},
	{NULL, NULL, 0},
};
