#include "base/clock.h"
#include "base/limits.h"
#include "provider/text_stream.h"
#include "tests/peer.h"

#include <dirent.h>

/* Responses and Conversations against a peer that also lies and cuts. */

static int collect(void *arg, struct rcd_sv text, struct rcd_err *err)
{
	struct rcd_buf *b = arg;

	rcd_buf_sv(b, text);
	return b->bad ? rcd_fail_nomem(err) : 0;
}

/* --- the stream without a network ---------------------------------------------------------- */

static int read_stream(struct rcd_sv bytes, size_t cut, struct rcd_buf *text,
                       struct rcd_chat_usage *usage, struct rcd_err *err)
{
	struct rcd_text_stream s;
	int ret = 0;

	rcd_text_stream_init(&s, rcd_responses_event, "response", collect, text);
	for (size_t i = 0; i < bytes.n && ret == 0; i += cut)
		ret = rcd_text_stream_feed(&s, bytes.p + i, bytes.n - i < cut ? bytes.n - i : cut, err);
	if (ret == 0)
		ret = rcd_text_stream_end(&s, usage, err);
	rcd_text_stream_done(&s);
	return ret;
}

#define EVENT(type, members)                                                                       \
	"event: " type "\ndata: {\"type\":\"" type "\",\"sequence_number\":1," members "}\n\n"
#define DELTA_AT(index, text)                                                                      \
	EVENT("response.output_text.delta",                                                            \
	      "\"item_id\":\"msg_1\",\"output_index\":" index                                          \
	      ",\"content_index\":0,\"logprobs\":[],\"obfuscation\":\"x\",\"delta\":\"" text "\"")
#define DELTA(text) DELTA_AT("0", text)
#define CREATED                                                                                    \
	EVENT("response.created", "\"response\":{\"status\":\"in_progress\",\"error\":null}")
#define USAGE                                                                                      \
	"\"usage\":{\"input_tokens\":19,\"input_tokens_details\":{\"cached_tokens\":5},\"output_tokens\":7}"
#define COMPLETED EVENT("response.completed", "\"response\":{\"status\":\"completed\"," USAGE "}")
#define INCOMPLETE(why)                                                                            \
	EVENT("response.incomplete",                                                                   \
	      "\"response\":{\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"" why      \
	      "\"}}")
#define ITEM(index, phase)                                                                         \
	EVENT("response.output_item.added",                                                            \
	      "\"output_index\":" index ",\"item\":{\"type\":\"message\",\"phase\":\"" phase           \
	      "\",\"content\":[]}")

static const struct {
	const char *bytes;
	enum rcd_code code; /* RCD_OK: text is the answer */
	const char *text;
} stream[] = {
	{CREATED DELTA("Ol\xC3\xA1") DELTA(", Ana") COMPLETED, RCD_OK, "Ol\xC3\xA1, Ana"},
	{DELTA("oi") COMPLETED "data: [DONE]\n\n", RCD_OK, "oi"},
	{DELTA("oi") COMPLETED DELTA("depois") "data: {junk\n\n", RCD_OK, "oi"},
	{DELTA("oi") INCOMPLETE("max_output_tokens"), RCD_OK, "oi"},
	{"data: {\"type\":\"response.output_text.delta\",\"delta\":\"oi\"}\r\n\r\n" COMPLETED, RCD_OK,
     "oi"},
	{"event: response.output_text.delta\ndata: {\"delta\":\"oi\"}\n\n" COMPLETED, RCD_OK, "oi"},
	{ITEM("0", "commentary") DELTA("vou ver") ITEM("1", "final_answer") DELTA_AT("1", "oi")
         COMPLETED,
     RCD_OK, "oi"},
	{DELTA("oi") EVENT("response.output_text.done", "\"text\":\"oi\"") COMPLETED, RCD_OK, "oi"},
	{EVENT("response.reasoning_summary_text.delta", "\"delta\":\"hm\"") DELTA("oi") COMPLETED,
     RCD_OK, "oi"},
	{"", RCD_DOWN, NULL},
	{CREATED DELTA("oi"), RCD_DOWN, NULL}, /* cut */
	{DELTA("oi") "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}",
     RCD_DOWN, NULL},
	{DELTA("oi") INCOMPLETE("content_filter"), RCD_PROTO, NULL},
	{DELTA("oi") INCOMPLETE("steered"), RCD_PROTO, NULL},
	{INCOMPLETE("max_output_tokens"), RCD_PROTO, NULL},
	{DELTA(" \\n") COMPLETED, RCD_PROTO, NULL},
	{COMPLETED, RCD_PROTO, NULL},
	{ITEM("0", "commentary") DELTA("vou ver") COMPLETED, RCD_PROTO, NULL},
	{DELTA("oi") EVENT("response.failed",
                       "\"response\":{\"status\":\"failed\",\"error\":{\"code\":\"server_error\","
                       "\"message\":\"secret words\"}}"),
     RCD_DOWN, NULL},
	{DELTA("oi") EVENT("response.failed", "\"response\":7"), RCD_PROTO, NULL},
	{EVENT("error", "\"code\":\"rate_limit_exceeded\",\"message\":\"secret words\",\"param\":null"),
     RCD_DOWN, NULL},
	{EVENT("error", "\"error\":{\"code\":\"insufficient_quota\",\"message\":\"secret words\"}"),
     RCD_DENIED, NULL},
	{EVENT("error", "\"code\":\"conversation_locked\""), RCD_BUSY, NULL},
	{"data: {\"error\":{\"type\":\"server_error\"}}\n\n", RCD_DOWN, NULL},
	{EVENT("response.refusal.delta", "\"delta\":\"secret words\"") COMPLETED, RCD_PROTO, NULL},
	{DELTA("oi") "data: {\"type\":\n\n" COMPLETED, RCD_PROTO, NULL},
	{"data: 7\n\ndata: null\n\ndata: []\n\ndata: {\"type\":7}\n\n" DELTA("oi") COMPLETED, RCD_OK,
     "oi"},
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
		for (size_t cut = 1; cut < 70; cut += cut < 8 ? 1 : 13) {
			int got;

			rcd_buf_reset(&text);
			err = (struct rcd_err){.code = RCD_OK};
			got = read_stream(rcd_sv(stream[i].bytes), cut, &text, &usage, &err);
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
	T_DO(read_stream(rcd_sv(stream[3].bytes), 4096, &text, &usage, &err), err);
	T_STR(usage.finish, "length");
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

/* What OpenAI sent to others, whole and byte by byte. -1, or whether it is an answer. */
static int replay(const char *path)
{
	struct rcd_chat_usage a = {0}, b = {0};
	struct rcd_err ea = {0}, eb = {0};
	struct rcd_buf whole, cut;
	size_t n = 0;
	char *bytes = t_slurp(path, &n);
	int ra = -1, rb, ret = 0;

	rcd_buf_init(&whole, RCD_MAX_TEXT);
	rcd_buf_init(&cut, RCD_MAX_TEXT);
	T_OK(bytes != NULL);
	ra = read_stream((struct rcd_sv){bytes, n}, n, &whole, &a, &ea);
	rb = read_stream((struct rcd_sv){bytes, n}, 1, &cut, &b, &eb);
	T_INT(ra, rb);
	T_OK(rcd_sv_eq(rcd_buf_view(&whole), rcd_buf_view(&cut)));
	T_STR(ea.msg, eb.msg);
	T_INT(a.output_tokens, b.output_tokens);
	/* some only call a tool; all others are whole answers */
	if (ra == 0)
		T_OK(whole.n > 0 && a.output_tokens > 0 && strcmp(a.finish, "stop") == 0);
	else
		T_OK(whole.n == 0 && ea.code == RCD_PROTO);
out:
	free(bytes);
	rcd_buf_free(&whole);
	rcd_buf_free(&cut);
	return ret != 0 ? -1 : ra == 0;
}

static bool is_response(const char *path)
{
	size_t n = 0;
	char *bytes = t_slurp(path, &n);
	bool yes = bytes != NULL && strstr(bytes, "event: response.created") != NULL &&
	           strstr(bytes, "event: response.completed") != NULL;

	free(bytes);
	return yes;
}

static int recorded(void)
{
	int files = 0, answers = 0, ret = 0;
	struct dirent *e;
	char path[1024];
	DIR *d = NULL;

	if (t_corpus() == NULL) {
		(void)fprintf(stderr, "skipped: no corpus\n");
		return 0;
	}
	(void)snprintf(path, sizeof(path), "%s/sse", t_corpus());
	d = opendir(path);
	T_OK(d != NULL);
	while ((e = readdir(d)) != NULL) {
		int got;

		(void)snprintf(path, sizeof(path), "%s/sse/%s", t_corpus(), e->d_name);
		if (!rcd_sv_ends(rcd_sv(path), RCD_SV(".sse")) || !is_response(path))
			continue;
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

/* --- over HTTP ------------------------------------------------------------------------------ */

static char key[] = "sk-test-0123456789";
static struct peer peer; /* holds the requests: too large for a stack */

struct bench {
	struct rcd_http *http;
	struct rcd_openai_conf conf;
	struct rcd_openai_ask ask;
	struct rcd_chat_usage usage;
	struct rcd_buf text;
	char base[96];
};

static int bench_open(struct bench *b, struct rcd_err *err)
{
	*b = (struct bench){.http = NULL};
	rcd_buf_init(&b->text, RCD_MAX_TEXT);
	b->ask.messages = json_pack("[{s:s,s:s}{s:s,s:s}{s:s,s:s}{s:s,s:s}{s:s,s:s}]", "role", "system",
	                            "content", "Voc\xC3\xAA \xC3\xA9 a Ana.", "role", "system",
	                            "content", "Seja breve.", "role", "user", "content", "oi", "role",
	                            "assistant", "content", "Ol\xC3\xA1!", "role", "user", "content",
	                            "e a\xC3\xAD?");
	if (b->ask.messages == NULL)
		return rcd_fail_nomem(err);
	if (peer_start(&peer) != 0)
		return rcd_fail(err, RCD_IO, 0, "no peer");
	(void)snprintf(b->base, sizeof(b->base), "%s/v1", peer.url);
	b->conf = (struct rcd_openai_conf){.base_url = b->base,
	                                   .key = {key, sizeof(key) - 1},
	                                   .assistant_model = "gpt-4.1-mini",
	                                   .temperature = 0.5,
	                                   .max_tokens = 300,
	                                   .reasoning = "low"};
	return rcd_http_open(&b->http, err);
}

static void bench_close(struct bench *b)
{
	(void)rcd_http_close(b->http);
	peer_stop(&peer);
	json_decref(b->ask.messages);
	rcd_buf_free(&b->text);
}

static int respond(struct bench *b, int64_t ms, struct rcd_err *err)
{
	rcd_buf_reset(&b->text);
	b->ask.deadline = rcd_deadline_in(ms);
	return rcd_openai_respond(b->http, &b->conf, &b->ask, collect, &b->text, &b->usage, err);
}

#define STREAM PEER_HEAD("200 OK", "text/event-stream") "\r\n"

static int plain(void)
{
	json_t *req = NULL, *input;
	struct bench b;
	struct rcd_err err;
	int ret = 0;

	peer.answer[0] = STREAM CREATED DELTA("Sim.") COMPLETED;
	T_DO(bench_open(&b, &err), err);
	T_DO(respond(&b, 10000, &err), err);
	T_STR(b.text.p, "Sim.");
	T_INT(b.usage.output_tokens, 7);
	T_OK(strncmp(peer.got[0], "POST /v1/responses HTTP/1.1\r\n", 29) == 0);
	T_OK(strcasestr(peer.got[0], "\r\nauthorization: Bearer sk-test-0123456789\r\n") != NULL);
	T_DO(rcd_json_parse(rcd_sv(peer_body(&peer, 0)), 1 << 20, &req, &err), err);
	T_INT(json_object_size(req), 7);
	T_STR(json_string_value(json_object_get(req, "model")), "gpt-4.1-mini");
	T_STR(json_string_value(json_object_get(req, "instructions")),
	      "Voc\xC3\xAA \xC3\xA9 a Ana.\n\nSeja breve.");
	input = json_object_get(req, "input");
	T_INT(json_array_size(input), 3);
	T_OK(json_equal(json_array_get(input, 0), json_array_get(b.ask.messages, 2)));
	T_OK(json_equal(json_array_get(input, 2), json_array_get(b.ask.messages, 4)));
	T_OK(json_is_true(json_object_get(req, "stream")) &&
	     json_is_false(json_object_get(req, "store")));
	T_INT(json_integer_value(json_object_get(req, "max_output_tokens")), 300);
	T_OK(json_real_value(json_object_get(req, "temperature")) == 0.5);
out:
	json_decref(req);
	bench_close(&b);
	return ret;
}

static int kept(void)
{
	json_t *req = NULL;
	struct bench b;
	struct rcd_err err;
	int ret = 0;

	peer.answer[0] = STREAM DELTA("Sim.") COMPLETED;
	T_DO(bench_open(&b, &err), err);
	b.conf.assistant_model = "gpt-6-luna";
	b.ask.conversation = "conv_0123";
	b.ask.cache_key = "c-7";
	T_DO(respond(&b, 10000, &err), err);
	T_DO(rcd_json_parse(rcd_sv(peer_body(&peer, 0)), 1 << 20, &req, &err), err);
	T_INT(json_object_size(req), 9);
	T_STR(json_string_value(json_object_get(req, "conversation")), "conv_0123");
	T_STR(json_string_value(json_object_get(req, "prompt_cache_key")), "c-7");
	T_STR(json_string_value(json_object_get(json_object_get(req, "reasoning"), "effort")), "low");
	T_OK(json_is_true(json_object_get(req, "store")));
	T_OK(json_object_get(req, "temperature") == NULL);
out:
	json_decref(req);
	bench_close(&b);
	return ret;
}

#define MESSAGE(phase, part)                                                                       \
	"{\"type\":\"message\",\"role\":\"assistant\",\"phase\":" phase ",\"content\":[" part "]}"
#define TEXT(text) "{\"type\":\"output_text\",\"text\":\"" text "\",\"annotations\":[]}"
#define WHOLE(output)                                                                              \
	PEER_JSON("200 OK")                                                                            \
	"{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"completed\",\"error\":null,"          \
	"\"incomplete_details\":null," USAGE ",\"output\":[" output "]}"

/* An engine that does not stream answers with one object. */
static int without_a_stream(void)
{
	struct bench b;
	struct rcd_err err;
	int ret = 0;

	peer.answer[0] = WHOLE("{\"type\":\"reasoning\",\"summary\":[]}," MESSAGE(
		"\"commentary\"", TEXT("hm")) "," MESSAGE("null", TEXT("Sim") "," TEXT(", claro.")));
	peer.answer[1] = WHOLE(
		MESSAGE("null", TEXT("x") ",{\"type\":\"refusal\",\"refusal\":\"secret words\"}"));
	peer.answer[2] = WHOLE("");
	peer.answer[3] =
		PEER_JSON("200 OK") "{\"object\":\"response\",\"status\":\"in_progress\",\"output\":[" MESSAGE(
			"null", TEXT("x")) "]}";
	T_DO(bench_open(&b, &err), err);
	T_DO(respond(&b, 10000, &err), err);
	T_STR(b.text.p, "Sim, claro.");
	T_INT(b.usage.input_tokens, 19);
	for (int i = 1; i < 4; i++) {
		T_INT(respond(&b, 10000, &err), -1);
		T_INT(err.code, RCD_PROTO);
		T_OK(strstr(err.msg, "secret words") == NULL);
	}
out:
	bench_close(&b);
	return ret;
}

#define ERROR(code)                                                                                \
	"{\"error\":{\"message\":\"secret words\",\"type\":\"x\",\"param\":null,\"code\":" code "}}"

static int refusals(void)
{
	static const struct {
		const char *answer;
		bool conversation;
		enum rcd_code code;
		int sys;
	} row[] = {
		{PEER_JSON("404 Not Found") ERROR("null"), true, RCD_NOENT, 404},
		{PEER_JSON("404 Not Found") "<html>", true, RCD_NOENT, 404},
		{PEER_JSON("404 Not Found") ERROR("\"model_not_found\""), true, RCD_DENIED, 404},
		{PEER_JSON("404 Not Found") ERROR("null"), false, RCD_DENIED, 404},
		{PEER_JSON("409 Conflict") ERROR("null"), true, RCD_BUSY, 409},
		{PEER_JSON("400 Bad") ERROR("\"conversation_locked\""), true, RCD_BUSY, 400},
		{PEER_JSON("409 Conflict") ERROR("null"), false, RCD_DOWN, 409},
		{PEER_JSON("401 Unauthorized") ERROR("\"invalid_api_key\""), true, RCD_DENIED, 401},
		{PEER_JSON("400 Bad") ERROR("\"unknown_parameter\""), true, RCD_INVAL, 400},
		{PEER_JSON("500 Oops") "", true, RCD_DOWN, 500},
		{NULL, true, RCD_DOWN, 0}, /* read, then closed without a word */
	};
	int n = sizeof(row) / sizeof(row[0]), ret = 0;
	struct bench b;
	struct rcd_err err;

	for (int i = 0; i < n; i++)
		peer.answer[i] = row[i].answer;
	T_DO(bench_open(&b, &err), err);
	for (int i = 0; i < n; i++) {
		b.ask.conversation = row[i].conversation ? "conv_0123" : NULL;
		T_INT(respond(&b, 10000, &err), -1);
		if (err.code != row[i].code || err.sys != row[i].sys ||
		    strncmp(err.msg, "openai: response of ", 20) != 0 || strstr(err.msg, "secret") != NULL)
			T_FAIL("row %d: %s, %d, %s", i, rcd_code_name(err.code), err.sys, err.msg);
	}
	T_INT(peer_count(&peer), n); /* nothing went out twice */
out:
	bench_close(&b);
	return ret;
}

static int conversations(void)
{
	static const struct {
		const char *answer;
		enum rcd_code code;
	} row[] = {
		{PEER_JSON("200 OK") "{\"object\":\"conversation\"}", RCD_PROTO},
		{PEER_JSON("200 OK") "{\"id\":\"conv_a/../b\"}", RCD_PROTO},
		{PEER_JSON("200 OK") "{\"id\":\"conv_\"}", RCD_PROTO},
		{PEER_JSON("200 OK") "[", RCD_PROTO},
		{PEER_JSON("404 Not Found") "", RCD_DENIED}, /* an engine that has none */
		{PEER_JSON("429 Slow") ERROR("\"rate_limit_exceeded\""), RCD_DOWN},
	};
	int n = sizeof(row) / sizeof(row[0]), ret = 0;
	char id[RCD_CONVERSATION_ID] = "unchanged";
	struct bench b;
	struct rcd_err err;

	for (int i = 0; i < n; i++)
		peer.answer[i] = row[i].answer;
	peer.answer[n] = PEER_JSON("200 OK") "{\"id\":\"conv_A-b_9\",\"object\":\"conversation\"}";
	peer.answer[n + 1] = PEER_JSON(
		"200 OK") "{\"id\":\"conv_A-b_9\",\"object\":\"conversation.deleted\",\"deleted\":true}";
	peer.answer[n + 2] = PEER_JSON("404 Not Found") ERROR("null");
	T_DO(bench_open(&b, &err), err);
	for (int i = 0; i < n; i++) {
		T_INT(rcd_openai_conversation_new(b.http, &b.conf, rcd_deadline_in(10000), id, &err), -1);
		if (err.code != row[i].code || strcmp(id, "unchanged") != 0)
			T_FAIL("row %d: %s, %s", i, rcd_code_name(err.code), err.msg);
	}
	T_DO(rcd_openai_conversation_new(b.http, &b.conf, rcd_deadline_in(10000), id, &err), err);
	T_STR(id, "conv_A-b_9");
	T_OK(strncmp(peer.got[n], "POST /v1/conversations HTTP/1.1\r\n", 33) == 0);
	T_STR(peer_body(&peer, n), "{}");
	T_DO(rcd_openai_conversation_delete(b.http, &b.conf, id, rcd_deadline_in(10000), &err), err);
	T_OK(strncmp(peer.got[n + 1], "DELETE /v1/conversations/conv_A-b_9 HTTP/1.1\r\n", 46) == 0);
	T_INT(rcd_openai_conversation_delete(b.http, &b.conf, id, rcd_deadline_in(10000), &err), -1);
	T_INT(err.code, RCD_NOENT);
	T_INT(rcd_openai_conversation_delete(b.http, &b.conf, "thread_1", 0, &err), -1);
	T_INT(err.code, RCD_INVAL);
	T_INT(peer_count(&peer), n + 3);
out:
	bench_close(&b);
	return ret;
}

static int oom(void)
{
	char id[RCD_CONVERSATION_ID];
	struct bench b;
	struct rcd_err err;
	int ret = 0;

	peer.answer[0] = PEER_JSON("200 OK") "{\"id\":\"conv_1\"}";
	peer.answer[1] = STREAM DELTA("oi") COMPLETED;
	T_DO(bench_open(&b, &err), err);
	T_DO(rcd_openai_conversation_new(b.http, &b.conf, rcd_deadline_in(10000), id, &err), err);
	b.ask.conversation = id;
	T_DO(respond(&b, 10000, &err), err);
	T_STR(b.text.p, "oi");
out:
	bench_close(&b);
	return ret;
}

const struct t_case t_cases[] = {
	{"streams", streams, 0},   {"stream_oom", stream_oom, T_OOM},
	{"recorded", recorded, 0}, {"plain", plain, 0},
	{"kept", kept, 0},         {"without_a_stream", without_a_stream, 0},
	{"refusals", refusals, 0}, {"conversations", conversations, 0},
	{"oom", oom, T_OOM},       {NULL, NULL, 0},
};
