/* Engines that speak OpenAI's protocol, each with its own way of doing so: what they refuse, how
 * they stream, how they call tools. */

#include "answer/prompt.h"
#include "base/clock.h"
#include "base/limits.h"
#include "provider/engine.h"
#include "provider/openai_api.h"
#include "provider/openai_embed.h"
#include "provider/text_stream.h"
#include "tests/peer.h"

#define DELTA(text)                                                                                \
	"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" text                              \
	"\"},\"finish_reason\":null}]}\n\n"
#define FINISH(why)                                                                                \
	"data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" why "\"}]}\n\n"
#define DONE "data: [DONE]\n\n"
#define STREAM PEER_HEAD("200 OK", "text/event-stream") "\r\n"
#define WELL STREAM DELTA("Sim.") FINISH("stop") DONE

static int collect(void *arg, struct rcd_sv text, struct rcd_err *err)
{
	struct rcd_buf *b = arg;

	rcd_buf_sv(b, text);
	return b->bad ? rcd_fail_nomem(err) : 0;
}

/* --- what a refusal says ------------------------------------------------------------------- */

struct said {
	int status;
	const char *body;
	unsigned parts;
	enum rcd_code code;
	enum rcd_account_fault account;
	bool too_long;
};

#define OPENAI(message, type, param, code)                                                         \
	"{\"error\":{\"message\":\"" message "\",\"type\":\"" type "\",\"param\":" param               \
	",\"code\":" code "}}"

static const struct said said[] = {
	/* OpenAI */
	{400,
     OPENAI("Unsupported parameter: 'max_tokens' is not supported with this model. Use "
            "'max_completion_tokens' "
            "instead.",
            "invalid_request_error", "\"max_tokens\"", "\"unsupported_parameter\""),
     RCD_ENGINE_MAX_TOKENS | RCD_ENGINE_MAX_COMPLETION, RCD_INVAL, 0, false},
	{400,
     OPENAI("Unsupported value: 'temperature' does not support 0.5 with this model.",
            "invalid_request_error", "\"temperature\"", "\"unsupported_value\""),
     RCD_ENGINE_TEMPERATURE, RCD_INVAL, 0, false},
	{400,
     OPENAI("Unsupported value: 'messages[0].role' does not support 'system' with this model.",
            "invalid_request_error", "\"messages[0].role\"", "\"unsupported_value\""),
     RCD_ENGINE_SYSTEM, RCD_INVAL, 0, false},
	{400,
     OPENAI("This model's maximum context length is 4096 tokens.", "invalid_request_error",
            "\"messages\"", "\"context_length_exceeded\""),
     0, RCD_LIMIT, 0, true},
	{400,
     OPENAI("Invalid value for 'content': expected a string, got null.", "invalid_request_error",
            "\"messages.[1].content\"", "null"),
     RCD_ENGINE_NULL, RCD_INVAL, 0, false},
	{401,
     OPENAI("Incorrect API key provided: sk-x.", "invalid_request_error", "null",
            "\"invalid_api_key\""),
     0, RCD_DENIED, RCD_ACCOUNT_KEY, false},
	{403,
     OPENAI("Country, region, or territory not supported", "request_forbidden", "null",
            "\"unsupported_country_region_territory\""),
     0, RCD_DENIED, RCD_ACCOUNT_KEY, false},
	{429,
     OPENAI("Rate limit reached for gpt-x on requests per min (RPM).", "requests", "null",
            "\"rate_limit_exceeded\""),
     0, RCD_DOWN, 0, false},
	{429,
     OPENAI("Request too large for gpt-x on tokens per min (TPM): Limit 30000, Requested 40000.",
            "tokens", "null", "\"rate_limit_exceeded\""),
     0, RCD_LIMIT, 0, true},
	{429,
     OPENAI("You exceeded your current quota, please check your plan and billing details.",
            "insufficient_quota", "null", "\"insufficient_quota\""),
     0, RCD_DENIED, RCD_ACCOUNT_QUOTA, false},
	{400,
     OPENAI("Invalid schema for function 'x': array schema missing items.", "invalid_request_error",
            "\"tools[0].function.parameters\"", "\"invalid_function_parameters\""),
     RCD_ENGINE_TOOLS, RCD_INVAL, 0, false},
	{400,
     OPENAI("Invalid content type. image_url is only supported by certain models.",
            "invalid_request_error", "\"messages.[1].content.[1].type\"", "null"),
     RCD_ENGINE_PICTURES, RCD_INVAL, 0, false},
	{400,
     OPENAI("You uploaded an unsupported image. Please make sure your image is valid.",
            "invalid_request_error", "null", "\"invalid_image_format\""),
     RCD_ENGINE_BAD_PICTURE, RCD_INVAL, 0, false},
	{500,
     "{\"error\":{\"code\":500,\"message\":\"image input is not supported - hint: if this is "
     "unexpected, you may "
     "need to provide the mmproj\",\"type\":\"server_error\"}}",
     RCD_ENGINE_PICTURES, RCD_DOWN, 0, false},
	{404, OPENAI("No endpoints found that support image input", "x", "null", "404"),
     RCD_ENGINE_PICTURES, RCD_DENIED, 0, false},
	{400, OPENAI("llama is not a multimodal model", "BadRequestError", "null", "400"),
     RCD_ENGINE_PICTURES, RCD_INVAL, 0, false},
	/* Azure */
	{400,
     "{\"error\":{\"message\":\"The response was filtered due to the prompt triggering Azure "
     "OpenAI's content "
     "management policy.\",\"type\":null,\"param\":\"prompt\",\"code\":\"content_filter\",\"status\":400,"
     "\"innererror\":{\"code\":\"ResponsibleAIPolicyViolation\"}}}",
     0, RCD_INVAL, 0, false},
	{400,
     "{\"error\":{\"code\":\"BadRequest\",\"message\":\"Unrecognized request argument supplied: "
     "store\"}}",
     RCD_ENGINE_STORE, RCD_INVAL, 0, false},
	{404,
     "{\"error\":{\"code\":\"DeploymentNotFound\",\"message\":\"The API deployment for this "
     "resource does not "
     "exist.\"}}",
     0, RCD_DENIED, 0, false},
	/* Gemini: a list around it; a wrong key is a 400 */
	{400,
     "[{\"error\":{\"code\":400,\"message\":\"Invalid JSON payload received. Unknown name "
     "\\\"store\\\": Cannot find "
     "field.\",\"status\":\"INVALID_ARGUMENT\"}}]",
     RCD_ENGINE_STORE, RCD_INVAL, 0, false},
	{400,
     "[{\"error\":{\"code\":400,\"message\":\"API key not valid. Please pass a valid API "
     "key.\",\"status\":"
     "\"INVALID_ARGUMENT\",\"details\":[{\"reason\":\"API_KEY_INVALID\"}]}}]",
     0, RCD_DENIED, RCD_ACCOUNT_KEY, false},
	{400,
     "[{\"error\":{\"code\":400,\"message\":\"The input token count (9000) exceeds the maximum "
     "number of tokens "
     "allowed (8192).\",\"status\":\"INVALID_ARGUMENT\"}}]",
     0, RCD_LIMIT, 0, true},
	{400,
     "[{\"error\":{\"code\":400,\"message\":\"Developer instruction is not enabled for "
     "models/gemma-3\",\"status\":"
     "\"INVALID_ARGUMENT\"}}]",
     RCD_ENGINE_SYSTEM, RCD_INVAL, 0, false},
	{429,
     "[{\"error\":{\"code\":429,\"message\":\"You exceeded your current quota, please check your "
     "plan and billing "
     "details.\",\"status\":\"RESOURCE_EXHAUSTED\"}}]",
     0, RCD_DOWN, 0, false},
	/* FastAPI: vLLM and others; Mistral puts it into a message */
	{422,
     "{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"stream_options\"],\"msg\":\"Extra inputs are not "
     "permitted\",\"input\":{\"store\":1,\"temperature\":2}},{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"store\"],"
     "\"msg\":\"Extra inputs are not permitted\",\"input\":false}]}",
     RCD_ENGINE_STREAM_OPTIONS | RCD_ENGINE_STORE, RCD_INVAL, 0, false},
	{422,
     "{\"object\":\"error\",\"message\":{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\","
     "\"max_completion_tokens\"],\"msg\":\"Extra inputs are not permitted\"}]}}",
     RCD_ENGINE_MAX_COMPLETION, RCD_INVAL, 0, false},
	{422,
     "{\"detail\":[{\"type\":\"string_type\",\"loc\":[\"body\",\"messages\",2,\"content\",\"str\"],\"msg\":\"Input should "
     "be a valid string\",\"input\":null}]}",
     RCD_ENGINE_NULL, RCD_INVAL, 0, false},
	{422,
     "{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"messages\",2,\"assistant\",\"reasoning_content\"],"
     "\"msg\":\"Extra inputs are not permitted\"}]}",
     RCD_ENGINE_EXTRAS, RCD_INVAL, 0, false},
	{400,
     "{\"object\":\"error\",\"message\":\"\\\"auto\\\" tool choice requires "
     "--enable-auto-tool-choice and "
     "--tool-call-parser to be set\",\"type\":\"BadRequestError\",\"param\":null,\"code\":400}",
     RCD_ENGINE_TOOLS, RCD_INVAL, 0, false},
	{400,
     "{\"object\":\"error\",\"message\":\"'max_tokens' or 'max_completion_tokens' is too large: "
     "8000. This model's "
     "maximum context length is 4096 tokens and your request has 300 input tokens\",\"code\":400}",
     RCD_ENGINE_MAX_TOKENS | RCD_ENGINE_MAX_COMPLETION, RCD_INVAL, 0, false},
	{400,
     "{\"object\":\"error\",\"message\":\"max_tokens must be at least 1, got -604.\",\"code\":400}",
     0, RCD_LIMIT, 0, true},
	{400,
     "{\"error\":{\"message\":\"This model's maximum context length is 4096 tokens. However, you "
     "requested 5000 "
     "tokens. Please reduce the length of the messages or "
     "completion.\",\"type\":\"BadRequestError\",\"code\":400}}",
     0, RCD_LIMIT, 0, true},
	{400,
     "{\"message\":\"Model does not support matryoshka representation, changing output dimensions "
     "will lead to poor "
     "results.\",\"code\":400}",
     RCD_ENGINE_DIMENSIONS, RCD_INVAL, 0, false},
	/* Ollama */
	{400,
     "{\"error\":{\"message\":\"registry.ollama.ai/library/gemma does not support "
     "tools\",\"type\":\"api_error\","
     "\"param\":null,\"code\":null}}",
     RCD_ENGINE_TOOLS, RCD_INVAL, 0, false},
	{404, "{\"error\":{\"message\":\"model 'x' not found\",\"type\":\"not_found_error\"}}", 0,
     RCD_DENIED, 0, false},
	/* llama.cpp, which says 500 for a template that fails */
	{400,
     "{\"error\":{\"code\":400,\"message\":\"the request exceeds the available context "
     "size\",\"type\":"
     "\"exceed_context_size_error\",\"n_prompt_tokens\":9000,\"n_ctx\":4096}}",
     0, RCD_LIMIT, 0, true},
	{500,
     "{\"error\":{\"code\":500,\"message\":\"Conversation roles must alternate "
     "user/assistant/user/assistant\","
     "\"type\":\"server_error\"}}",
     RCD_ENGINE_SYSTEMS | RCD_ENGINE_SYSTEM, RCD_DOWN, 0, false},
	{500,
     "{\"error\":{\"code\":500,\"message\":\"tools param requires --jinja "
     "flag\",\"type\":\"server_error\"}}",
     RCD_ENGINE_TOOLS, RCD_DOWN, 0, false},
	{503, "{\"error\":{\"code\":503,\"message\":\"Loading model\",\"type\":\"unavailable_error\"}}",
     0, RCD_DOWN, 0, false},
	{500, "failed to store the tools", 0, RCD_DOWN, 0, false},
	/* LM Studio */
	{400, "{\"error\":\"'response_format.type' must be 'json_schema' or 'text'\"}",
     RCD_ENGINE_FORMAT, RCD_INVAL, 0, false},
	{400, "{\"error\":\"Error rendering prompt: System role not supported\"}", RCD_ENGINE_SYSTEM,
     RCD_INVAL, 0, false},
	/* Groq: what the model made is not the engine's word */
	{413,
     "{\"error\":{\"message\":\"Request too large for model on tokens per minute (TPM): Limit "
     "6000, Requested 9000, "
     "please reduce your message size and try again.\",\"type\":\"tokens\",\"code\":\"rate_limit_exceeded\"}}",
     0, RCD_LIMIT, 0, true},
	{400,
     "{\"error\":{\"message\":\"property 'store' is unsupported\",\"type\":\"invalid_request_error\"}}",
     RCD_ENGINE_STORE, RCD_INVAL, 0, false},
	{400,
     "{\"error\":{\"message\":\"Failed to call a function. Please adjust your prompt.\",\"type\":"
     "\"invalid_request_error\",\"code\":\"tool_use_failed\",\"failed_generation\":\"tools store "
     "temperature\"}}",
     0, RCD_INVAL, 0, false},
	{400,
     "{\"error\":{\"message\":\"Tool choice is none, but model called a "
     "tool\",\"type\":\"invalid_request_error\","
     "\"code\":\"tool_use_failed\"}}",
     0, RCD_INVAL, 0, false},
	{400, "{\"error\":{\"message\":\"`tool calling` is not supported with this model\"}}",
     RCD_ENGINE_TOOLS, RCD_INVAL, 0, false},
	/* OpenRouter: the provider's own error is a text within; a prompt that is not wanted is a 403
     */
	{400,
     "{\"error\":{\"message\":\"Provider returned error\",\"code\":400,\"metadata\":{\"raw\":\"{\\\"error\\\":{\\\"message"
     "\\\":\\\"Unknown parameter: 'reasoning_effort'\\\"}}\",\"provider_name\":\"x\"}}}",
     RCD_ENGINE_REASONING, RCD_INVAL, 0, false},
	{402, "{\"error\":{\"code\":402,\"message\":\"Insufficient credits\"}}", 0, RCD_DENIED,
     RCD_ACCOUNT_QUOTA, false},
	{403,
     "{\"error\":{\"code\":403,\"message\":\"The model requires "
     "moderation\",\"metadata\":{\"reasons\":[\"x\"],"
     "\"flagged_input\":\"secret words\"}}}",
     0, RCD_INVAL, 0, false},
	{404, "{\"error\":{\"message\":\"No endpoints found that support tool use.\",\"code\":404}}",
     RCD_ENGINE_TOOLS, RCD_DENIED, 0, false},
	/* within a stream */
	{0,
     "{\"id\":\"gen-1\",\"error\":{\"code\":502,\"message\":\"Provider "
     "disconnected\"},\"choices\":[{\"index\":0,\"delta\":"
     "{\"content\":\"store\"},\"finish_reason\":\"error\"}]}",
     0, RCD_DOWN, 0, false},
	{0, "{\"error\":{\"code\":429,\"message\":\"Rate limited\"}}", 0, RCD_DOWN, 0, false},
	{0, "{\"error\":{\"code\":402,\"message\":\"Insufficient credits\"}}", 0, RCD_DENIED,
     RCD_ACCOUNT_QUOTA, false},
	{0, "{\"error\":{\"code\":400,\"message\":\"Unknown name \\\"store\\\"\"}}", RCD_ENGINE_STORE,
     RCD_INVAL, 0, false},
	{0, "{\"error\":{\"code\":\"invalid_prompt\",\"message\":\"secret words\"}}", 0, RCD_INVAL, 0,
     false},
	/* of no form at all */
	{400, "<html>secret words</html>", 0, RCD_INVAL, 0, false},
	{422, "Failed to deserialize the JSON body: unknown field `store`, expected one of `model`",
     RCD_ENGINE_STORE, RCD_INVAL, 0, false},
	{400, "", 0, RCD_INVAL, 0, false},
	{400, "null", 0, RCD_INVAL, 0, false},
	{400, "[[[[[[[[[[[[\"store\"]]]]]]]]]]]]", 0, RCD_INVAL, 0, false}, /* too deep to be one */
};

static int refusals(void)
{
	int ret = 0;

	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		const struct said *s = &said[i];
		struct rcd_err err = {0};
		struct rcd_refusal r;
		unsigned parts;

		rcd_refusal_read(rcd_sv(s->body), &r);
		parts = rcd_refusal_parts(&r, s->status);
		(void)rcd_openai_refuse("x", s->status, &r, &err);
		if (parts != s->parts || err.code != s->code || err.account != s->account ||
		    rcd_openai_too_long(&err) != s->too_long)
			T_FAIL("row %zu: parts %x, %s, account %d, %s: %.100s", i, parts,
			       rcd_code_name(err.code), err.account, err.msg, s->body);
		T_OK(strstr(err.msg, "secret words") == NULL);
	}
out:
	return ret;
}

/* --- what is left out, and remembered --------------------------------------------------------- */

static char key[] = "sk-test-0123456789";

struct engine {
	struct peer peer;
	struct rcd_http *http;
	struct rcd_openai_conf conf;
	struct rcd_openai_engine known;
	json_t *messages, *tools;
	struct rcd_tool_calls calls;
	struct rcd_buf text, told;
	struct rcd_chat_usage usage;
	struct rcd_err err;
	char base[128];
};

static void note(void *arg, const char *call, const char *part)
{
	struct rcd_buf *told = arg;

	rcd_buf_fmt(told, "%s:%s ", call, part);
}

/* base: what comes behind the peer's origin. */
static int open_engine(struct engine *e, const char *base)
{
	memset(e, 0, sizeof(*e));
	rcd_buf_init(&e->text, RCD_MAX_TEXT);
	rcd_buf_init(&e->told, 4096);
	rcd_tool_calls_init(&e->calls);
	e->known.tell = note;
	e->known.arg = &e->told;
	e->messages = json_pack("[{s:s,s:s},{s:s,s:s},{s:s,s:s},{s:s,s:s},{s:s,s:s}]", "role", "system",
	                        "content", "Persona.", "role", "user", "content", "oi", "role",
	                        "assistant", "content", "Oi!", "role", "system", "content", "Agora.",
	                        "role", "user", "content", "e aí?");
	e->tools = json_pack("[{s:s,s:s,s:{s:s}}]", "name", "save", "description", "d", "parameters",
	                     "type", "object");
	if (e->messages == NULL || e->tools == NULL)
		return rcd_fail_nomem(&e->err);
	if (rcd_http_open(&e->http, &e->err) != 0 || peer_start(&e->peer) != 0)
		return -1;
	(void)snprintf(e->base, sizeof(e->base), "%s%s", e->peer.url, base);
	e->conf = (struct rcd_openai_conf){.base_url = e->base,
	                                   .key = {key, sizeof(key) - 1},
	                                   .chat_model = "gpt-4.1-mini",
	                                   .embedding_model = "e",
	                                   .embedding_dimensions = 2,
	                                   .temperature = 0.5,
	                                   .max_tokens = 300,
	                                   .json = true,
	                                   .engine = &e->known};
	return 0;
}

static void close_engine(struct engine *e)
{
	e->http = rcd_http_close(e->http);
	peer_stop(&e->peer);
	json_decref(e->messages);
	json_decref(e->tools);
	e->messages = e->tools = NULL; /* closed again at the end of the case */
	rcd_tool_calls_free(&e->calls);
	rcd_buf_free(&e->text);
	rcd_buf_free(&e->told);
}

static int ask_engine(struct engine *e)
{
	const struct rcd_openai_ask ask = {.messages = e->messages,
	                                   .tools = e->tools,
	                                   .calls = &e->calls,
	                                   .deadline = rcd_deadline_in(10000)};

	rcd_buf_reset(&e->text);
	rcd_tool_calls_free(&e->calls);
	e->err = (struct rcd_err){0};
	return rcd_openai_complete(e->http, &e->conf, &ask, collect, &e->text, &e->usage, &e->err);
}

/* A refusal for as long as the request has what it does not take. */
#define REFUSE(status, body) PEER_JSON(status) body
static const struct {
	const char *name, *model;
	const char *answer[4];  /* the last one again and again */
	const char *gone, *has; /* of the last request's body; NULL: nothing is looked for */
	const char *told;
} strict[] = {
	{"Gemini",
     "gemini-2.5-flash",
     {REFUSE("400 Bad", "[{\"error\":{\"code\":400,\"message\":\"Unknown name "
                        "\\\"store\\\"\",\"status\":\"INVALID_ARGUMENT\"}}]"),
      WELL},
     "\"store\"",
     "\"max_tokens\":300",
     "chat:store "},
	{"Mistral",
     "gpt-4.1-mini",
     {REFUSE(
		  "422 No",
		  "{\"object\":\"error\",\"message\":{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\","
		  "\"max_completion_tokens\"],\"msg\":\"Extra inputs are not permitted\"}]}}"),
      REFUSE("422 No", "{\"detail\":[{\"loc\":[\"body\",\"store\"],\"msg\":\"Extra inputs are not "
                       "permitted\"}]}"),
      WELL},
     "max_completion_tokens",
     "\"max_tokens\":300",
     "chat:store chat:max_completion_tokens "},
	{"neither limit",
     "gpt-4.1-mini",
     {REFUSE("400 Bad", "{\"error\":\"unknown parameter max_completion_tokens\"}"),
      REFUSE("400 Bad", "{\"error\":\"unknown parameter max_tokens\"}"), WELL},
     "max_",
     "\"store\":false",
     "chat:max_completion_tokens chat:max_tokens "},
	{"a reasoning model by another name",
     "house-model",
     {REFUSE("400 Bad", "{\"error\":{\"message\":\"'max_tokens' is not supported. Use "
                        "'max_completion_tokens'.\",\"param\":"
                        "\"max_tokens\"}}"),
      WELL},
     "\"max_tokens\"",
     "\"max_completion_tokens\":300",
     "chat:max_tokens "},
	{"Ollama",
     "gemma",
     {REFUSE("400 Bad", "{\"error\":{\"message\":\"gemma does not support tools\"}}"), WELL},
     "\"tools\"",
     "\"store\":false",
     "chat:tools "},
	{"LM Studio",
     "qwen",
     {REFUSE("400 Bad", "{\"error\":\"'response_format.type' must be 'json_schema' or 'text'\"}"),
      WELL},
     "response_format",
     "\"tools\"",
     "chat:response_format "},
	{"llama.cpp, one system message",
     "qwen",
     {REFUSE("500 Oops",
             "{\"error\":{\"code\":500,\"message\":\"System message must be at the beginning.\"}}"),
      WELL},
     NULL,
     "\"messages\":[{\"role\":\"system\",\"content\":\"Persona.\\n\\nAgora.\"},{\"role\":\"user\",\"content\":\"oi\"},"
     "{\"role\":\"assistant\",\"content\":\"Oi!\"},{\"role\":\"user\",\"content\":\"e aí?\"}]",
     "chat:system_messages "},
	{"Gemma, none",
     "gemma",
     {REFUSE("400 Bad", "{\"error\":\"System role not supported\"}"), WELL},
     "\"system\"",
     "\"messages\":[{\"role\":\"user\",\"content\":\"Persona.\\n\\nAgora.\\n\\noi\"}",
     "chat:system_role "},
	{"a template: first one, then none",
     "mistral",
     {REFUSE("400 Bad", "{\"message\":\"Unexpected role 'system' after role 'assistant'\"}"),
      REFUSE("400 Bad", "{\"message\":\"Unexpected role 'system'\"}"), WELL},
     "\"system\"",
     "Persona.",
     "chat:system_messages chat:system_role "},
	{"OpenRouter, refused within a stream",
     "x/y",
     {STREAM ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\ndata: "
             "{\"error\":{\"code\":400,\"message\":\"Unknown name "
             "\\\"stream_options\\\"\"}}\n\n",
      WELL},
     "stream_options",
     "\"tools\"",
     "chat:stream_options "},
	{"in one object",
     "x",
     {REFUSE("200 OK", "{\"error\":{\"code\":400,\"message\":\"unsupported: temperature\"}}"),
      WELL},
     "temperature",
     "\"tools\"",
     "chat:temperature "},
};

static int leaves_out(void)
{
	static struct engine e; /* holds the requests: too large for a stack */
	int ret = 0;

	for (size_t i = 0; i < sizeof(strict) / sizeof(strict[0]); i++) {
		const char *last = NULL, *body;
		int tries = 0;

		if (open_engine(&e, "/v1") != 0)
			T_FAIL("%s", e.err.msg);
		for (int k = 0; k < PEER_MAX; k++) {
			last = k < 4 && strict[i].answer[k] != NULL ? strict[i].answer[k] : last;
			tries += k < 4 && strict[i].answer[k] != NULL;
			e.peer.answer[k] = last;
		}
		e.conf.chat_model = strict[i].model;
		if (ask_engine(&e) != 0)
			T_FAIL("%s: %s", strict[i].name, e.err.msg);
		T_STR(e.text.p, "Sim.");
		T_INT(peer_count(&e.peer), tries);
		body = peer_body(&e.peer, tries - 1);
		if ((strict[i].gone != NULL && strstr(body, strict[i].gone) != NULL) ||
		    (strict[i].has != NULL && strstr(body, strict[i].has) == NULL))
			T_FAIL("%s: %s", strict[i].name, body);
		/* known from now on */
		T_DO(ask_engine(&e), e.err);
		T_INT(peer_count(&e.peer), tries + 1);
		T_STR(peer_body(&e.peer, tries), body);
		T_STR(e.told.p, strict[i].told);
		close_engine(&e);
	}
out:
	close_engine(&e);
	return ret;
}

/* What cannot be left out is refused once; what did not help is not remembered; a wrong guess ends.
 */
static int refused_for_good(void)
{
	static const char *const body[] = {
		OPENAI("The model refuses 'messages'.", "invalid_request_error", "\"messages\"", "null"),
		OPENAI("Unknown parameter: 'store'.", "invalid_request_error", "\"store\"", "null"),
	};
	static char answer[2][512];
	static struct engine e;
	int ret = 0;

	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(answer[i], sizeof(answer[i]), "%s%s", PEER_JSON("400 Bad"), body[i]);
		if (open_engine(&e, "/v1") != 0)
			T_FAIL("%s", e.err.msg);
		for (int k = 0; k < PEER_MAX; k++)
			e.peer.answer[k] = answer[i];
		T_INT(ask_engine(&e), -1);
		T_INT(e.err.code, RCD_INVAL);
		T_INT(e.err.sys, 400);
		T_INT(peer_count(&e.peer), i == 0 ? 1 : 2);
		T_INT(e.told.n, 0);
		T_INT(rcd_engine_known(&e.known, RCD_ENGINE_CHAT), 0);
		close_engine(&e);
	}
out:
	close_engine(&e);
	return ret;
}

static int embeddings(void)
{
	static const struct rcd_sv text = RCD_SV("x");
	static struct engine e;
	float out[2];
	int ret = 0;

	if (open_engine(&e, "/v1") != 0)
		T_FAIL("%s", e.err.msg);
	e.peer.answer[0] = PEER_JSON(
		"400 Bad") "{\"message\":\"Model does not support matryoshka representation\"}";
	e.peer.answer[1] = PEER_JSON(
		"422 No") "{\"detail\":[{\"loc\":[\"body\",\"encoding_format\"],\"msg\":\"no\"}]}";
	e.peer.answer[2] = e.peer.answer[3] = PEER_JSON(
		"200 OK") "{\"data\":[{\"index\":0,\"embedding\":[0.5,1]}]}";
	for (int i = 0; i < 2; i++)
		if (rcd_openai_embed(e.http, &e.conf, &text, 1, rcd_deadline_in(10000), out, &e.err) != 0)
			T_FAIL("%s", e.err.msg);
	T_OK(out[0] == 0.5F && out[1] == 1.0F);
	T_INT(peer_count(&e.peer), 4);
	T_STR(peer_body(&e.peer, 3), "{\"model\":\"e\",\"input\":[\"x\"]}");
	T_STR(e.told.p, "embeddings:encoding_format embeddings:dimensions ");
	T_INT(rcd_engine_known(&e.known, RCD_ENGINE_CHAT), 0);
out:
	close_engine(&e);
	return ret;
}

/* --- whom to ask, and how --------------------------------------------------------------------- */

static int keys(void)
{
	static const struct {
		const char *base;
		bool usable; /* without a key */
		const char *header;
	} row[] = {
		{"https://api.openai.com/v1", false, "Authorization: Bearer "},
		{"https://EU.api.openai.com:443/v1/", false, "Authorization: Bearer "},
		{"https://openai.com.example/v1", true, "Authorization: Bearer "},
		{"https://notopenai.com/v1", true, "Authorization: Bearer "},
		{"http://127.0.0.1:11434/v1", true, "Authorization: Bearer "},
		{"https://x.openai.azure.com/openai/v1", true, "api-key: "},
		{"https://x.example/openai/deployments/d?api-version=2024-10-21", true, "api-key: "},
	};
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct rcd_openai_conf conf = {.base_url = row[i].base};

		if (rcd_openai_usable(&conf) != row[i].usable)
			T_FAIL("%s", row[i].base);
		T_STR(rcd_openai_key_header(&conf), row[i].header);
		conf.key = (struct rcd_secret){key, sizeof(key) - 1};
		T_OK(rcd_openai_usable(&conf));
	}
out:
	return ret;
}

static int addresses(void)
{
	static struct engine e;
	int ret = 0;

	if (open_engine(&e, "/openai/deployments/d/?api-version=2024-10-21") != 0)
		T_FAIL("%s", e.err.msg);
	e.peer.answer[0] = e.peer.answer[1] = WELL;
	T_DO(ask_engine(&e), e.err);
	T_OK(
		strstr(e.peer.got[0],
	           "POST /openai/deployments/d/chat/completions?api-version=2024-10-21 HTTP/1.1\r\n") !=
		NULL);
	T_OK(strcasestr(e.peer.got[0], "\r\napi-key: sk-test-0123456789\r\n") != NULL);
	T_OK(strcasestr(e.peer.got[0], "authorization:") == NULL);
	/* an engine of one's own: no key, no header */
	(void)snprintf(e.base, sizeof(e.base), "%s/v1", e.peer.url);
	e.conf.key = (struct rcd_secret){NULL, 0};
	T_DO(ask_engine(&e), e.err);
	T_OK(strcasestr(e.peer.got[1], "authorization:") == NULL &&
	     strcasestr(e.peer.got[1], "api-key:") == NULL);
out:
	close_engine(&e);
	return ret;
}

/* --- how they stream -------------------------------------------------------------------------- */

static const struct {
	const char *name, *answer;
	enum rcd_code code;
	const char *text, *finish;
} streams[] = {
	{"Azure: filters first",
     STREAM
     "data: {\"choices\":[],\"prompt_filter_results\":[{\"prompt_index\":0}]}\n\n"
     "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null,"
     "\"content_filter_results\":{}}]}\n\n" DELTA("Sim.") FINISH("stop") DONE,
     RCD_OK, "Sim.", "stop"},
	{"Azure: filtered", STREAM DELTA("Si") FINISH("content_filter") DONE, RCD_PROTO, NULL, NULL},
	{"Gemini: filtered", STREAM DELTA("Si") FINISH("SAFETY") DONE, RCD_PROTO, NULL, NULL},
	{"no [DONE]", STREAM DELTA("Sim.") FINISH("stop"), RCD_OK, "Sim.", "stop"},
	{"no finish_reason", STREAM DELTA("Sim.") DONE, RCD_OK, "Sim.", ""},
	{"another finish_reason", STREAM DELTA("Sim.") FINISH("eos") DONE, RCD_OK, "Sim.", "eos"},
	{"out of tokens", STREAM DELTA("Si") FINISH("MAX_TOKENS") DONE, RCD_OK, "Si", "length"},
	{"no space, CR LF",
     STREAM
     "data:{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Sim.\"}}]}\r\n\r\ndata:[DONE]\r\n\r\n",
     RCD_OK, "Sim.", ""},
	{"thoughts beside",
     STREAM
     "data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"hm\",\"reasoning\":\"hm\","
     "\"content\":null}}]}\n\n" DELTA("Sim.") FINISH("stop") DONE,
     RCD_OK, "Sim.", "stop"},
	{"thoughts among the parts",
     STREAM
     "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":[{\"type\":\"thinking\","
     "\"thinking\":[{\"type\":\"text\",\"text\":\"hm\"}]},{\"type\":\"text\",\"text\":\"Sim.\"}]}}]}\n\n" FINISH(
		 "stop") DONE,
     RCD_OK, "Sim.", "stop"},
	{"nothing but thoughts",
     STREAM
     "data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning\":\"hm\"}}]}\n\n" FINISH("stop") DONE,
     RCD_PROTO, NULL, NULL},
	{"one object",
     PEER_JSON("200 OK") "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"Sim.\"},"
                         "\"finish_reason\":\"stop\"}]}",
     RCD_OK, "Sim.", "stop"},
	{"one object that calls itself a stream",
     STREAM "\n {\"choices\":[{\"delta\":null,\"message\":{\"content\":\"Sim.\"},"
            "\"finish_reason\":\"stop\"}]}",
     RCD_OK, "Sim.", "stop"},
	{"a stream that does not say so", PEER_HEAD("200 OK", "text/plain") "\r\n" DELTA("Sim.") DONE,
     RCD_OK, "Sim.", ""},
	{"OpenRouter: comments, then an error in the middle",
     STREAM ": OPENROUTER PROCESSING\n\n" DELTA(
		 "Si") "data: {\"error\":{\"code\":\"server_error\",\"message\":\"Provider disconnected\"},\"choices\":[{\"index\":0,\"delta\":"
               "{\"content\":\"\"},\"finish_reason\":\"error\"}]}\n\n" DONE,
     RCD_DOWN, NULL, NULL},
	{"an end with an error alone", STREAM DELTA("Si") FINISH("error") DONE, RCD_DOWN, NULL, NULL},
	{"an empty stream", STREAM, RCD_DOWN, NULL, NULL},
};

static int answers(void)
{
	static struct engine e;
	int n = sizeof(streams) / sizeof(streams[0]), ret = 0;

	if (open_engine(&e, "/v1") != 0)
		T_FAIL("%s", e.err.msg);
	for (int i = 0; i < n; i++)
		e.peer.answer[i] = streams[i].answer;
	for (int i = 0; i < n; i++) {
		int got = ask_engine(&e);

		if (got == 0 ? streams[i].code != RCD_OK : e.err.code != streams[i].code)
			T_FAIL("%s: %d, %s", streams[i].name, got, e.err.msg);
		if (got == 0 && (strcmp(e.text.p, streams[i].text) != 0 ||
		                 strcmp(e.usage.finish, streams[i].finish) != 0))
			T_FAIL("%s: %s, %s", streams[i].name, e.text.p, e.usage.finish);
	}
	T_INT(peer_count(&e.peer), n);
out:
	close_engine(&e);
	return ret;
}

/* --- how they call tools ---------------------------------------------------------------------- */

#define CALLS(json)                                                                                \
	"data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[" json                            \
	"]},\"finish_reason\":null}]}\n\n"
#define ONE(index, id, name, args)                                                                 \
	"{" index "\"id\":\"" id "\",\"type\":\"function\",\"function\":{\"name\":\"" name             \
	"\",\"arguments\":" args "}}"

static const struct {
	const char *name, *answer, *calls; /* id name(arguments), "?" for an id of ours */
} callers[] = {
	{"OpenAI",
     CALLS(ONE("\"index\":0,", "c1", "save", "\"\""))
         CALLS("{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\":\"}}")
             CALLS("{\"index\":0,\"function\":{\"arguments\":\"1}\"}}")
                 CALLS(ONE("\"index\":1,", "c2", "find", "\"{}\"")) FINISH("tool_calls") DONE,
     "c1 save({\"a\":1}) c2 find({})"},
	{"Ollama: an object", CALLS(ONE("\"index\":0,", "c1", "save", "{\"a\":1}")) FINISH("stop") DONE,
     "c1 save({\"a\":1})"},
	{"Gemini: all have the same index",
     CALLS(ONE("\"index\":0,", "c1", "save", "\"{}\""))
         CALLS(ONE("\"index\":0,", "c2", "save", "\"{\\\"a\\\":1}\"")) FINISH("tool_calls") DONE,
     "c1 save({}) c2 save({\"a\":1})"},
	{"no index: by id",
     CALLS(ONE("", "c1", "save", "\"{\\\"a\\\":\"")) CALLS(ONE("", "c2", "find", "\"{}\""))
         CALLS("{\"id\":\"c1\",\"function\":{\"arguments\":\"1}\"}}") FINISH("stop") DONE,
     "c1 save({\"a\":1}) c2 find({})"},
	{"no index, and the rest without an id",
     CALLS(ONE("", "c1", "save", "\"{\\\"a\\\":\"")) CALLS("{\"function\":{\"arguments\":\"1}\"}}")
         DONE,
     "c1 save({\"a\":1})"},
	{"another id with each piece",
     CALLS(ONE("\"index\":0,", "c1", "save", "\"{\\\"a\\\":\""))
         CALLS("{\"index\":0,\"id\":\"c9\",\"function\":{\"arguments\":\"1}\"}}") DONE,
     "c1 save({\"a\":1})"},
	{"id and name with each piece",
     CALLS(ONE("\"index\":0,", "c1", "save", "\"{\\\"a\\\":\""))
         CALLS(ONE("\"index\":0,", "c1", "save", "\"1}\"")) DONE,
     "c1 save({\"a\":1})"},
	{"an empty id", CALLS(ONE("\"index\":0,", "", "save", "\"{}\"")) FINISH("tool_calls") DONE,
     "? save({})"},
	{"no id, two in one piece",
     CALLS("{\"function\":{\"name\":\"save\",\"arguments\":{}}},{\"function\":{\"name\":\"save\","
           "\"arguments\":{\"a\":1}}}") DONE,
     "? save({}) ? save({\"a\":1})"},
	{"the same id twice",
     CALLS(ONE("\"index\":0,", "call_0", "save", "\"{}\""))
         CALLS(ONE("\"index\":1,", "call_0", "find", "\"{}\"")) DONE,
     "call_0 save({}) ? find({})"},
	{"the same id twice, without an index",
     CALLS(ONE("", "call_0", "save", "\"{}\"")) CALLS(ONE("", "call_0", "find", "\"{}\"")) DONE,
     "call_0 save({}) ? find({})"},
	{"arguments null", CALLS(ONE("\"index\":0,", "c1", "save", "null")) DONE, "c1 save()"},
	{"the old function_call",
     "data: {\"choices\":[{\"index\":0,\"delta\":{\"function_call\":{\"name\":\"save\",\"arguments\":\"{\"}}}]}\n\n"
     "data: {\"choices\":[{\"index\":0,\"delta\":{\"function_call\":{\"arguments\":\"}\"}}}]}\n\n" FINISH(
		 "function_call") DONE,
     "? save({})"},
	{"whole, without numbers",
     "data: {\"choices\":[{\"message\":{\"content\":null,\"tool_calls\":[" ONE(
		 "", "c1", "save", "\"{}\"") "," ONE("", "c2", "save",
                                             "{}") "]},\"finish_reason\":\"tool_calls\"}]}\n\n",
     "c1 save({}) c2 save({})"},
};

static int listen_to(struct rcd_sv bytes, size_t cut, struct rcd_tool_calls *calls,
                     struct rcd_err *err)
{
	struct rcd_chat_usage usage;
	struct rcd_text_stream s;
	struct rcd_buf text;
	int ret = 0;

	rcd_buf_init(&text, RCD_MAX_TEXT);
	rcd_tool_calls_init(calls);
	rcd_text_stream_init(&s, rcd_chat_event, "chat", collect, &text);
	s.calls = calls;
	for (size_t i = 0; i < bytes.n && ret == 0; i += cut)
		ret = rcd_text_stream_feed(&s, bytes.p + i, bytes.n - i < cut ? bytes.n - i : cut, err);
	if (ret == 0)
		ret = rcd_text_stream_end(&s, &usage, err);
	rcd_text_stream_done(&s);
	rcd_buf_free(&text);
	return ret;
}

static bool is_plain(const char *id)
{
	return strlen(id) == 9 && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789") == 9;
}

static int tool_calls(void)
{
	struct rcd_tool_calls calls;
	struct rcd_err err = {0};
	struct rcd_buf got;
	int ret = 0;

	rcd_buf_init(&got, 4096);
	for (size_t i = 0; i < sizeof(callers) / sizeof(callers[0]); i++) {
		for (size_t cut = 1; cut < 60; cut += 19) {
			rcd_buf_reset(&got);
			if (listen_to(rcd_sv(callers[i].answer), cut, &calls, &err) != 0)
				rcd_buf_fmt(&got, "%s", err.msg);
			for (size_t k = 0; k < calls.n; k++) {
				const struct rcd_tool_call *c = &calls.call[k];

				rcd_buf_fmt(&got, "%s%s %s(%s)", k > 0 ? " " : "", is_plain(c->id) ? "?" : c->id,
				            c->name, c->args.n > 0 ? c->args.p : "");
			}
			rcd_tool_calls_free(&calls);
			if (strcmp(got.p, callers[i].calls) != 0)
				T_FAIL("%s: %s", callers[i].name, got.p);
		}
	}
out:
	rcd_buf_free(&got);
	return ret;
}

/* What an engine put beside its calls goes back as it came; null and what we know does not. */
static int members_go_back(void)
{
	static const char bytes[] =
		"data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"reasoning_content\":\"Pri\",\"refusal\":null,"
		"\"reasoning_details\":[{\"n\":1}]}}]}\n\n"
		"data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"meiro\",\"x\":null,\"reasoning_details\":[{\"n\":2}],"
		"\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"type\":\"function\",\"extra_content\":{\"google\":{\"thought_signature\":"
		"\"AbC==\"}},\"function\":{\"name\":\"save\",\"arguments\":\"{}\"}}]}}]}\n\n" FINISH(
			"tool_calls") DONE;
	static const char want[] =
		"{\"content\":null,\"reasoning_content\":\"Primeiro\",\"reasoning_details\":[{\"n\":1},{\"n\":2}],\"role\":\"assistant\","
		"\"tool_calls\":[{\"extra_content\":{\"google\":{\"thought_signature\":\"AbC==\"}},\"function\":{\"arguments\":\"{}\","
		"\"name\":\"save\"},\"id\":\"c1\",\"type\":\"function\"}]}";
	static const char plain[] =
		"{\"content\":\"\",\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"arguments\":\"{}\",\"name\":\"save\"},\"id\":\"c1\","
		"\"type\":\"function\"}]}";
	json_t *message = NULL, *messages = NULL, *fitted = NULL;
	struct rcd_tool_calls calls;
	struct rcd_err err = {0};
	struct rcd_buf text;
	int ret = 0;

	rcd_buf_init(&text, 4096);
	T_DO(listen_to(rcd_sv(bytes), 7, &calls, &err), err);
	message = rcd_tool_calls_message(&calls, rcd_sv(NULL));
	if (message == NULL) {
		ret = T_NOMEM;
		goto out;
	}
	rcd_json_canonical(message, &text);
	messages = json_pack("[O]", message);
	if (text.bad || messages == NULL) {
		ret = T_NOMEM;
		goto out;
	}
	T_STR(text.p, want);
	T_INT(rcd_engine_message_parts(messages), RCD_ENGINE_NULL | RCD_ENGINE_EXTRAS);
	fitted = rcd_engine_messages(messages, RCD_ENGINE_NULL | RCD_ENGINE_EXTRAS);
	rcd_buf_reset(&text);
	rcd_json_canonical(json_array_get(fitted, 0), &text);
	if (text.bad) {
		ret = T_NOMEM;
		goto out;
	}
	T_STR(text.p, plain);
	T_INT(rcd_engine_message_parts(fitted), 0);
out:
	json_decref(message);
	json_decref(messages);
	json_decref(fitted);
	rcd_tool_calls_free(&calls);
	rcd_buf_free(&text);
	return ret;
}

/* However much an engine sends beside its calls, so much is kept. */
static int members_are_bounded(void)
{
	static char chunk[9000];
	struct rcd_tool_calls calls;
	struct rcd_chat_usage usage;
	struct rcd_text_stream s;
	struct rcd_err err = {0};
	struct rcd_buf text;
	int ret = 0;

	rcd_buf_init(&text, RCD_MAX_TEXT);
	rcd_tool_calls_init(&calls);
	rcd_text_stream_init(&s, rcd_chat_event, "chat", collect, &text);
	s.calls = &calls;
	(void)snprintf(chunk, sizeof(chunk),
	               "data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning\":\"%08000d\"}}]}\n\n",
	               0);
	for (int i = 0; i < 100; i++)
		T_DO(rcd_text_stream_feed(&s, chunk, strlen(chunk), &err), err);
	T_DO(rcd_text_stream_feed(&s, DELTA("Sim.") DONE, strlen(DELTA("Sim.") DONE), &err), err);
	T_DO(rcd_text_stream_end(&s, &usage, &err), err);
	T_OK(calls.extras_n <= RCD_MAX_CALL_EXTRAS);
	T_OK(json_string_length(json_object_get(calls.extras, "reasoning")) <= RCD_MAX_CALL_EXTRAS);
out:
	rcd_text_stream_done(&s);
	rcd_tool_calls_free(&calls);
	rcd_buf_free(&text);
	return ret;
}

/* --- a prompt that is too long ------------------------------------------------------------------
 */

/* A message for each word: s, u or a is its role, and its length how long it is. */
static json_t *make_messages(const char *text)
{
	struct rcd_sv rest = rcd_sv(text), one;
	json_t *out = json_array();

	while (rcd_sv_cut(&rest, ' ', &one)) {
		const char *role = one.n > 0 && one.p[0] == 'u' ? "user" : "assistant";

		if (one.n == 0 || one.p[0] == 's')
			role = "system";
		if (json_array_append_new(out, json_pack("{s:s, s:o}", "role", role, "content",
		                                         rcd_json_str(one))) != 0) {
			json_decref(out);
			return NULL;
		}
	}
	return out;
}

static int shortens(void)
{
	static const struct {
		const char *messages;
		bool none;
		const char *left; /* NULL: nothing to leave out */
	} row[] = {
		{"s1 u111 a222 u333 a444 u555 a666 s2 u7", false, "s1 u555 a666 s2 u7"},
		{"s1 u111 a222 u333 a444 u555 a666 s2 u7", true, "s1 s2 u7"},
		{"s1 s2 u7", false, NULL},
		{"s1 s2 u7", true, NULL},
		{"u7", true, NULL},
		{"s1", true, NULL},
		{"s1 a22222222 u3", false, "s1 u3"},
		{"s1 u1 a2222222222222222 u3 a4 s5 u6", false, "s1 u3 a4 s5 u6"},
		{"s11111111111111111111 u1 a2 u3 a4 u5", false, "s11111111111111111111 u3 a4 u5"},
	};
	json_t *messages = NULL, *less = NULL, *want = NULL;
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t left = 0;

		messages = make_messages(row[i].messages);
		less = rcd_prompt_shorten(messages, row[i].none, &left);
		want = row[i].left != NULL ? make_messages(row[i].left) : NULL;
		if ((less == NULL) != (want == NULL) || (want != NULL && !json_equal(less, want)))
			T_FAIL("row %zu: %zu of %zu messages", i, json_array_size(less),
			       json_array_size(messages));
		json_decref(messages);
		json_decref(less);
		json_decref(want);
		messages = less = want = NULL;
	}
out:
	json_decref(messages);
	json_decref(less);
	json_decref(want);
	return ret;
}

static int adapts_without_memory(void)
{
	static struct engine e;
	int ret = 0, got;

	if (open_engine(&e, "/v1") != 0) {
		ret = e.err.code == RCD_NOMEM ? T_NOMEM : -1;
		goto out;
	}
	e.peer.answer[0] = REFUSE("400 Bad", "{\"error\":\"unknown parameter store\"}");
	e.peer.answer[1] = WELL;
	got = ask_engine(&e);
	/* a refusal that could not be read for want of memory is one that says nothing */
	if (got != 0 && (e.err.code == RCD_NOMEM || e.err.code == RCD_INVAL)) {
		ret = T_NOMEM;
		goto out;
	}
	T_DO(got, e.err);
	T_STR(e.text.p, "Sim.");
out:
	close_engine(&e);
	return ret;
}

/* Where pictures stand in either protocol, and what is left for a model that sees none. */
static int pictures_fit(void)
{
	static const struct {
		const char *list, *parts, *plain;
	} row[] = {
		{"messages",
	     "{\"messages\":[{\"content\":\"oi\",\"role\":\"user\"},{\"content\":[{\"text\":\"quanto?\",\"type\":\"text\"},"
	     "{\"text\":\"olhe\",\"type\":\"text\"},{\"image_url\":{\"detail\":\"auto\",\"url\":\"data:a\"},\"type\":\"image_url\"},"
	     "{\"image_url\":{\"detail\":\"auto\",\"url\":\"data:b\"},\"type\":\"image_url\"}],\"role\":\"user\"},"
	     "{\"content\":\"x\",\"role\":\"tool\"}]}",
	     "{\"messages\":[{\"content\":\"oi\",\"role\":\"user\"},{\"content\":\"quanto?\",\"role\":\"user\"},"
	     "{\"content\":\"x\",\"role\":\"tool\"}]}"},
		{"input",
	     "{\"input\":[{\"content\":\"oi\",\"role\":\"user\"},{\"content\":[{\"text\":\"quanto?\",\"type\":\"input_text\"},"
	     "{\"text\":\"olhe\",\"type\":\"input_text\"},{\"detail\":\"auto\",\"image_url\":\"data:a\",\"type\":\"input_image\"},"
	     "{\"detail\":\"auto\",\"image_url\":\"data:b\",\"type\":\"input_image\"}],\"role\":\"user\"},"
	     "{\"content\":\"x\",\"role\":\"tool\"}]}",
	     "{\"input\":[{\"content\":\"oi\",\"role\":\"user\"},{\"content\":\"quanto?\",\"role\":\"user\"},"
	     "{\"content\":\"x\",\"role\":\"tool\"}]}"},
	};
	json_t *req = NULL, *out = NULL;
	struct rcd_buf text;
	int ret = 0;

	rcd_buf_init(&text, 4096);
	for (size_t i = 0; i < 2 * sizeof(row) / sizeof(row[0]); i++) {
		const bool blind = i % 2 == 1;

		req = json_pack("{s:[{s:s s:s} {s:s s:s} {s:s s:s}] s:{s:s s:[s s]}}", row[i / 2].list,
		                "role", "user", "content", "oi", "role", "user", "content", "quanto?",
		                "role", "tool", "content", "x", "pictures", "note", "olhe", "urls",
		                "data:a", "data:b");
		out = NULL;
		if (req != NULL)
			out = rcd_engine_fit(req, blind ? RCD_ENGINE_PICTURES : 0);
		rcd_buf_reset(&text);
		if (out != NULL)
			rcd_json_canonical(out, &text);
		if (out == NULL || text.bad) {
			ret = T_NOMEM;
			goto out;
		}
		T_STR(text.p, blind ? row[i / 2].plain : row[i / 2].parts);
		T_INT(rcd_engine_parts(out) & RCD_ENGINE_UNSEEN, blind ? 0 : RCD_ENGINE_UNSEEN);
		json_decref(req);
		json_decref(out);
		req = out = NULL;
	}
out:
	json_decref(req);
	json_decref(out);
	rcd_buf_free(&text);
	return ret;
}

const struct t_case t_cases[] = {
	{"pictures_fit", pictures_fit, T_OOM},
	{"refusals", refusals, 0},
	{"leaves_out", leaves_out, 0},
	{"refused_for_good", refused_for_good, 0},
	{"embeddings", embeddings, 0},
	{"keys", keys, 0},
	{"addresses", addresses, 0},
	{"answers", answers, 0},
	{"tool_calls", tool_calls, 0},
	{"members_go_back", members_go_back, T_OOM},
	{"members_are_bounded", members_are_bounded, 0},
	{"shortens", shortens, 0},
	{"adapts_without_memory", adapts_without_memory, T_OOM},
	{NULL, NULL, 0},
};
