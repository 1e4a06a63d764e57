/* Calls of tools in a Realtime session: how they are told, how their results are told back, and
 * that nothing of either stays in a session. */

#include "base/clock.h"
#include "daemon/sandbox/sandbox.h"
#include "provider/realtime_ask.h"
#include "tests/t.h"

#include <stdlib.h>

static const char tools_text[] =
	"[{\"name\":\"save\",\"description\":\"Keeps it.\",\"parameters\":{\"type\":\"object\",\"properties\":{\"a\":"
	"{\"type\":\"string\"}}}}]";

static int words(void *arg, struct rcd_sv text, struct rcd_err *err)
{
	(void)err;
	rcd_buf_sv(arg, text);
	return 0;
}

/* --- what is told ------------------------------------------------------------------------- */

#define CREATED                                                                                    \
	"{\"type\":\"response.created\",\"response\":{\"id\":\"r\",\"metadata\":{\"ask\":\"1\"}}}\n"
#define ADDED                                                                                      \
	"{\"type\":\"response.output_item.added\",\"response_id\":\"r\",\"output_index\":0,\"item\":"  \
	"{\"type\":\"function_call\",\"call_id\":\"c1\",\"name\":\"save\",\"arguments\":\"\"}}\n"
#define PIECE                                                                                        \
	"{\"type\":\"response.function_call_arguments.delta\",\"response_id\":\"r\",\"output_index\":0," \
	"\"call_id\":\"c1\",\"delta\":\"{\\\"a\\\"\"}\n"
#define ARGS                                                                                        \
	"{\"type\":\"response.function_call_arguments.done\",\"response_id\":\"r\",\"output_index\":0," \
	"\"call_id\":\"c1\",\"name\":\"save\",\"arguments\":\"{\\\"a\\\":\\\"b\\\"}\"}\n"
#define WHOLE(at, id, name)                                                                        \
	"{\"type\":\"response.output_item.done\",\"response_id\":\"r\",\"output_index\":" at           \
	",\"item\":"                                                                                   \
	"{\"type\":\"function_call\",\"call_id\":" id ",\"name\":" name                                \
	",\"arguments\":\"{\\\"a\\\":\\\"b\\\"}\"}}\n"
#define DONE(status, output)                                                                       \
	"{\"type\":\"response.done\",\"response\":{\"id\":\"r\",\"status\":\"" status                  \
	"\",\"output\":[" output "]}}\n"
#define CALL                                                                                       \
	"{\"type\":\"function_call\",\"call_id\":\"c1\",\"name\":\"save\",\"arguments\":\"{\\\"a\\\":\\\"b\\\"}\"}"
#define SAID                                                                                       \
	"{\"type\":\"response.output_text.delta\",\"response_id\":\"r\",\"delta\":\"Um momento.\"}\n"

static int feed(const char *text, struct rcd_tool_calls *calls, struct rcd_buf *said,
                struct rcd_err *err)
{
	const struct rcd_live_sink sink = {.words = words, .arg = said};
	struct rcd_sv in = rcd_sv(text), line;
	struct rcd_realtime_answer a;
	int ret = 0;

	rcd_realtime_answer_init(&a, "realtime", "1", &sink, calls);
	while (ret == 0 && !a.done && rcd_sv_cut(&in, '\n', &line)) {
		struct rcd_realtime_event e = {.kind = RCD_RT_OTHER};

		ret = rcd_realtime_event_read(line, &e, err);
		if (ret == 0)
			ret = rcd_realtime_answer_feed(&a, &e, err);
		rcd_realtime_event_done(&e);
	}
	if (ret == 0 && !a.done)
		ret = rcd_fail(err, RCD_DOWN, 0, "no end");
	rcd_realtime_answer_done(&a);
	return ret;
}

static int told(void)
{
	static const struct {
		const char *text;
		int ret;
		size_t calls;
		enum rcd_code code;
	} row[] = {
		{CREATED ADDED PIECE ARGS WHOLE("0", "\"c1\"", "\"save\"") DONE("completed", CALL), 0, 1,
	     0},
		{CREATED SAID ADDED ARGS DONE("completed", CALL), 0, 1, 0},
		{CREATED WHOLE("0", "\"c1\"", "\"save\"") WHOLE("1", "\"c2\"", "\"save\"")
	         DONE("completed", ""),
	     0, 2, 0},
		{CREATED DONE("completed", CALL), 0, 1, 0}, /* told of at the end alone */
		{CREATED SAID DONE("completed", ""), 0, 0, 0},
		{CREATED DONE("completed", ""), -1, 0, RCD_PROTO},
		{CREATED ADDED PIECE DONE("completed", ""), -1, 0, RCD_PROTO},
		{CREATED ADDED PIECE ARGS DONE("incomplete", CALL), -1, 1, RCD_DOWN},
		{CREATED ADDED PIECE ARGS DONE("cancelled", ""), -1, 1, RCD_DOWN},
		{CREATED WHOLE("0", "\"\"", "\"save\"") DONE("completed", ""), -1, 1, RCD_PROTO},
		{CREATED WHOLE("0", "\"c1\"", "7") DONE("completed", ""), -1, 1, RCD_PROTO},
		{CREATED WHOLE("0", "\"c 1\"", "\"save\"") DONE("completed", ""), -1, 1, RCD_PROTO},
		/* of somebody else's response */
		{CREATED
	     "{\"type\":\"response.output_item.done\",\"response_id\":\"x\",\"output_index\":0,\"item\":" CALL
	     "}\n" DONE("completed", ""),
	     -1, 0, RCD_PROTO},
	};
	struct rcd_tool_calls calls;
	struct rcd_err err = {0};
	struct rcd_buf said;
	int ret = 0;

	rcd_tool_calls_init(&calls);
	rcd_buf_init(&said, 4000);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		int got;

		rcd_buf_reset(&said);
		rcd_tool_calls_free(&calls);
		got = feed(row[i].text, &calls, &said, &err);
		if (got != 0 && err.code == RCD_NOMEM) {
			ret = T_NOMEM;
			goto out;
		}
		if (got != row[i].ret || calls.n != row[i].calls || (got != 0 && err.code != row[i].code))
			T_FAIL("%zu: %d, %zu calls, %s: %s", i, got, calls.n, rcd_code_name(err.code), err.msg);
		for (size_t k = 0; got == 0 && k < calls.n; k++) {
			T_STR(calls.call[k].name, "save");
			T_STR(calls.call[k].id, k == 0 ? "c1" : "c2");
			T_STR(calls.call[k].args.p, "{\"a\":\"b\"}");
		}
	}
	/* where no tool is offered a call is no answer */
	T_INT(feed(CREATED ARGS DONE("completed", CALL), NULL, &said, &err), -1);
	T_OK(err.code == RCD_PROTO || err.code == RCD_NOMEM);
out:
	rcd_tool_calls_free(&calls);
	rcd_buf_free(&said);
	return ret;
}

static int too_many(void)
{
	struct rcd_tool_calls calls;
	struct rcd_buf text, said;
	struct rcd_err err = {0};
	int ret = 0;

	rcd_tool_calls_init(&calls);
	rcd_buf_init(&said, 4000);
	rcd_buf_init(&text, 1 << 16);
	rcd_buf_str(&text, CREATED);
	for (int i = 0; i <= RCD_MAX_CALLS; i++)
		rcd_buf_fmt(
			&text,
			"{\"type\":\"response.output_item.done\",\"response_id\":\"r\",\"output_index\":%d,"
			"\"item\":" CALL "}\n",
			i);
	T_INT(feed(text.p, &calls, &said, &err), -1);
	T_INT(err.code, RCD_LIMIT);
out:
	rcd_tool_calls_free(&calls);
	rcd_buf_free(&text);
	rcd_buf_free(&said);
	return ret;
}

/* --- what is told back -------------------------------------------------------------------- */

/* A note, what the model called after it, and what came of it. */
static json_t *prompt_with_result(void)
{
	return json_pack("[{s:s s:s} {s:s s:s} {s:s s:s s:[{s:s s:s s:{s:s s:s}}]} {s:s s:s s:s}]",
	                 "role", "system", "content", "Be brief.", "role", "user", "content",
	                 "transcript", "role", "assistant", "content", "Vou ver.", "tool_calls", "id",
	                 "c1", "type", "function", "function", "name", "save", "arguments", "{}",
	                 "role", "tool", "tool_call_id", "c1", "content", "{\"ok\":true}");
}

static int asked(void)
{
	static const char want[] =
		"[{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"typed\"}]},"
		"{\"type\":\"item_reference\",\"id\":\"item_9\"},"
		"{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"Vou ver.\"}]},"
		"{\"type\":\"function_call\",\"call_id\":\"c1\",\"name\":\"save\",\"arguments\":\"{}\"},"
		"{\"type\":\"function_call_output\",\"call_id\":\"c1\",\"output\":\"{\\\"ok\\\":true}\"}]";
	const struct rcd_realtime_conf conf = {.max_tokens = 100};
	char heard[1][RCD_REALTIME_ID] = {"item_9"};
	struct rcd_live_ask ask = {.prompt = prompt_with_result(), .typed = RCD_SV("typed")};
	json_t *tools = NULL, *event = NULL;
	struct rcd_err err = {0};
	struct rcd_buf out;
	int ret = 0;

	rcd_buf_init(&out, 1 << 16);
	T_DO(rcd_json_parse(rcd_sv(tools_text), 4096, &tools, &err), err);
	ask.tools = tools;
	if (ask.prompt != NULL)
		rcd_realtime_say_ask(&conf, &ask, heard, 1, "7", &out);
	if (out.bad || ask.prompt == NULL) {
		ret = T_NOMEM;
		goto out;
	}
	T_OK(strstr(out.p, want) != NULL);
	T_OK(strstr(out.p, "\"tools\":[{\"type\":\"function\",\"name\":\"save\"") != NULL);
	T_OK(strstr(out.p, "strict") == NULL); /* Realtime knows no such member */
	T_DO(rcd_json_parse(rcd_buf_view(&out), 1 << 16, &event, &err), err);
out:
	json_decref(ask.prompt);
	json_decref(tools);
	json_decref(event);
	rcd_buf_free(&out);
	return ret;
}

/* --- a session ---------------------------------------------------------------------------- */

struct bench {
	struct rcd_sandbox *box;
	struct rcd_realtime *pool;
	struct rcd_live *live;
	struct rcd_secret key;
	struct rcd_realtime_conf conf;
	struct rcd_buf said;
	struct rcd_tool_calls calls;
	json_t *tools;
};

static int begin(struct bench *b, const char *plan, struct rcd_err *err)
{
	const struct rcd_sandbox_conf sc = {.port = 0};
	const struct rcd_sandbox_env *e;

	*b = (struct bench){.conf = {.key = &b->key,
	                             .model = "gpt-realtime-2.1",
	                             .voice = "sage",
	                             .sessions = 1,
	                             .transcribe_model = "gpt-transcribe",
	                             .language = "pt",
	                             .max_tokens = 300}};
	rcd_buf_init(&b->said, 4000);
	rcd_tool_calls_init(&b->calls);
	if (rcd_json_parse(rcd_sv(tools_text), 4096, &b->tools, err) != 0 ||
	    rcd_sandbox_start(&b->box, &sc, err) != 0 ||
	    (plan != NULL && rcd_sandbox_plan(b->box, plan, err) != 0))
		return -1;
	for (e = rcd_sandbox_env(b->box); e->name != NULL; e++) {
		if (strcmp(e->name, "OPENAI_BASE_URL") == 0)
			b->conf.base_url = e->value;
		if (strcmp(e->name, "OPENAI_API_KEY") == 0 &&
		    rcd_secret_put(&b->key, rcd_sv(e->value), err) != 0)
			return -1;
	}
	return rcd_realtime_open(&b->pool, &b->conf, err);
}

static void finish(struct bench *b)
{
	(void)rcd_realtime_give(b->live);
	(void)rcd_realtime_close(b->pool);
	(void)rcd_sandbox_stop(b->box);
	rcd_secret_wipe(&b->key);
	rcd_buf_free(&b->said);
	rcd_tool_calls_free(&b->calls);
	json_decref(b->tools);
}

static int round_of(struct bench *b, json_t *prompt, struct rcd_err *err)
{
	const struct rcd_live_sink sink = {.words = words, .arg = &b->said};
	const struct rcd_live_ask ask = {.prompt = prompt,
	                                 .tools = b->tools,
	                                 .calls = &b->calls,
	                                 .deadline = rcd_deadline_in(10000),
	                                 .stall_ms = 2000};
	struct rcd_live_usage usage = {0};

	rcd_tool_calls_free(&b->calls);
	return rcd_live_answer(b->live, &ask, &sink, &usage, err);
}

static int count(struct bench *b, const char *word)
{
	char *text = rcd_sandbox_ledger(b->box);
	int n = 0;

	for (const char *at = text; at != NULL && (at = strstr(at, word)) != NULL; at++)
		n++;
	free(text);
	return n;
}

/* What the model called, and an answer to each, for the next round. */
static int add_results(struct bench *b, json_t *prompt, struct rcd_err *err)
{
	if (json_array_append_new(prompt, rcd_tool_calls_message(&b->calls, rcd_sv(NULL))) != 0)
		return rcd_fail_nomem(err);
	for (size_t i = 0; i < b->calls.n; i++)
		if (json_array_append_new(
				prompt, rcd_tool_result_message(&b->calls.call[i],
		                                        RCD_SV("{\"ok\":true,\"of\":\"the first\"}"))) != 0)
			return rcd_fail_nomem(err);
	return 0;
}

#define RESPONSE "\"op\":\"realtime.response\""

/* One after the other on the same session: the second sees neither call nor result of the first. */
static int two_contacts(void)
{
	json_t *first = json_pack("[{s:s s:s}]", "role", "user", "content",
	                          "@call save {\"a\":\"b\"} @call save {\"a\":\"c\"}");
	json_t *second = json_pack("[{s:s s:s}]", "role", "user", "content", "bom dia");
	struct rcd_err err = {0};
	struct bench b;
	int ret = 0;

	T_DO(begin(&b, NULL, &err), err);
	T_DO(rcd_realtime_take(b.pool, rcd_deadline_in(5000), &b.live, &err), err);
	T_DO(round_of(&b, first, &err), err);
	T_INT(b.calls.n, 2);
	T_INT(b.said.n, 0);
	T_STR(b.calls.call[1].args.p, "{\"a\":\"c\"}");
	T_DO(add_results(&b, first, &err), err);
	T_DO(round_of(&b, first, &err), err);
	T_INT(b.calls.n, 0);
	T_OK(b.said.n > 0);
	T_INT(count(&b, RESPONSE), 2);
	T_INT(count(&b, "the first"), 2); /* both results, and in one request */
	b.live = rcd_realtime_give(b.live);
	T_DO(rcd_realtime_take(b.pool, rcd_deadline_in(5000), &b.live, &err), err);
	T_DO(round_of(&b, second, &err), err);
	T_INT(count(&b, RESPONSE), 3); /* no call: no other request */
	T_INT(count(&b, "the first"), 2);
	T_INT(count(&b, "\"op\":\"realtime.connect\""), 1);
out:
	json_decref(first);
	json_decref(second);
	finish(&b);
	return ret;
}

static int broken_off(void)
{
	static const char *const plan[] = {"realtime.response cut", "realtime.response failed",
	                                   "realtime.response incomplete", "realtime.response garbage",
	                                   "realtime.response broken"};
	json_t *prompt = json_pack("[{s:s s:s}]", "role", "user", "content",
	                           "@call save {\"a\":\"b\"}");
	struct rcd_err err = {0};
	struct bench b;
	int ret = 0;

	T_DO(begin(&b, NULL, &err), err);
	for (size_t i = 0; i < sizeof(plan) / sizeof(plan[0]); i++) {
		T_DO(rcd_sandbox_plan(b.box, plan[i], &err), err);
		T_DO(rcd_realtime_take(b.pool, rcd_deadline_in(5000), &b.live, &err), err);
		T_INT(round_of(&b, prompt, &err), -1);
		T_INT(b.calls.n, 0); /* nothing that may be done */
		b.live = rcd_realtime_give(b.live);
	}
	T_INT(count(&b, "\"op\":\"realtime.connect\""), 5); /* no such session is used again */
out:
	json_decref(prompt);
	finish(&b);
	return ret;
}

/* What the real one would refuse of a question, the simulated one does too. */
static int refused(void)
{
	static const char *const bad[] =
		{"[{\"name\":\"save\"}]", "[{\"name\":\"save\",\"description\":\"x\",\"parameters\":7}]",
	     "[{\"name\":\"\",\"parameters\":{}}]",
	     "[{\"name\":\"save\",\"strict\":false,\"parameters\":{}}]"};
	json_t *prompt = json_pack("[{s:s s:s}]", "role", "user", "content", "oi");
	json_t *orphan = json_pack("[{s:s s:s s:s} {s:s s:s}]", "role", "tool", "tool_call_id", "c9",
	                           "content", "{}", "role", "user", "content", "oi");
	struct rcd_err err = {0};
	struct bench b;
	int ret = 0;

	T_DO(begin(&b, NULL, &err), err);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_decref(b.tools);
		b.tools = NULL;
		T_DO(rcd_json_parse(rcd_sv(bad[i]), 4096, &b.tools, &err), err);
		T_DO(rcd_realtime_take(b.pool, rcd_deadline_in(5000), &b.live, &err), err);
		T_INT(round_of(&b, prompt, &err), -1);
		T_INT(err.code, RCD_INVAL);
		b.live = rcd_realtime_give(b.live);
	}
	json_decref(b.tools);
	T_DO(rcd_json_parse(rcd_sv(tools_text), 4096, &b.tools, &err), err);
	T_DO(rcd_realtime_take(b.pool, rcd_deadline_in(5000), &b.live, &err), err);
	T_INT(round_of(&b, orphan, &err), -1);
	T_INT(err.code, RCD_INVAL);
out:
	json_decref(prompt);
	json_decref(orphan);
	finish(&b);
	return ret;
}

const struct t_case t_cases[] = {
	{"told", told, T_OOM},
	{"too_many", too_many, 0},
	{"asked", asked, T_OOM},
	{"two_contacts", two_contacts, 0},
	{"broken_off", broken_off, 0},
	{"refused", refused, 0},
	{NULL, NULL, 0},
};
