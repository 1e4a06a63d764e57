#include "base/limits.h"
#include "provider/openai_api.h"
#include "provider/text_stream.h"

#include <stdio.h>

static bool is_system(const json_t *message)
{
	return rcd_sv_is(rcd_json_sv(message, "role"), "system");
}

/* The system messages in front, as one text; *n of them. NULL when memory is short. */
static json_t *join_instructions(const json_t *messages, size_t *n)
{
	struct rcd_buf text;
	json_t *v = NULL;

	rcd_buf_init(&text, RCD_MAX_PROMPT);
	rcd_buf_str(&text, "");
	for (*n = 0; is_system(json_array_get(messages, *n)); ++*n) {
		if (*n > 0)
			rcd_buf_str(&text, "\n\n");
		rcd_buf_sv(&text, rcd_json_sv(json_array_get(messages, *n), "content"));
	}
	if (!text.bad)
		v = rcd_json_str(rcd_buf_view(&text));
	rcd_buf_free(&text);
	return v;
}

/* The text beside calls stands in front of them. */
static int add_message(json_t *input, const json_t *message)
{
	json_t *said = json_object_get(message, "content");

	if (json_object_get(message, "tool_calls") == NULL || !json_is_string(said))
		return 0;
	return json_array_append_new(input,
	                             json_pack("{s:s, s:O}", "role", "assistant", "content", said));
}

static json_t *build_input(const json_t *messages, size_t from)
{
	json_t *input = json_array();

	for (size_t i = from; i < json_array_size(messages); i++) {
		json_t *m = json_array_get(messages, i);
		int ret = add_message(input, m) == 0 ? rcd_tool_items(m, input) : -1;

		if (ret == 1)
			ret = json_array_append(input, m);
		if (ret != 0) {
			json_decref(input);
			return NULL;
		}
	}
	return input;
}

/* What not every request has. */
static bool add_options(json_t *req, const struct rcd_openai_conf *conf,
                        const struct rcd_openai_ask *ask)
{
	bool ok = true;

	if (conf->max_tokens > 0)
		ok = json_object_set_new(req, "max_output_tokens", json_integer(conf->max_tokens)) == 0;
	if (rcd_openai_takes_temperature(conf->assistant_model))
		ok = json_object_set_new(req, "temperature", json_real(conf->temperature)) == 0 && ok;
	else if (conf->reasoning != NULL && conf->reasoning[0] != '\0')
		ok = json_object_set_new(req, "reasoning", json_pack("{s:s}", "effort", conf->reasoning)) ==
		         0 &&
		     ok;
	if (ask->conversation != NULL)
		ok = json_object_set_new(req, "conversation", json_string(ask->conversation)) == 0 && ok;
	if (ask->tools != NULL)
		ok = json_object_set_new(req, "tools", rcd_tools_offer(ask->tools, RCD_TOOLS_RESPONSES)) ==
		         0 &&
		     ok;
	if (ask->pictures != NULL)
		ok = rcd_engine_add_pictures(req, ask->pictures) == 0 && ok;
	if (ask->cache_key != NULL)
		ok = json_object_set_new(req, "prompt_cache_key", json_string(ask->cache_key)) == 0 && ok;
	return ok;
}

static json_t *build_request(const struct rcd_openai_conf *conf, const struct rcd_openai_ask *ask)
{
	size_t n = 0;
	json_t *instructions = join_instructions(ask->messages, &n);
	json_t *req = json_pack("{s:s, s:o, s:o, s:b, s:b}", "model", conf->assistant_model,
	                        "instructions", instructions, "input", build_input(ask->messages, n),
	                        "stream", 1, "store", ask->conversation != NULL);

	if (req != NULL && n == 0)
		(void)json_object_del(req, "instructions");
	if (req != NULL && add_options(req, conf, ask))
		return req;
	json_decref(req);
	return NULL;
}

int rcd_openai_respond(struct rcd_http *http, const struct rcd_openai_conf *conf,
                       const struct rcd_openai_ask *ask, rcd_text_fn *fn, void *arg,
                       struct rcd_chat_usage *usage, struct rcd_err *err)
{
	bool kept = ask->conversation != NULL;
	struct rcd_text_stream s;
	char doing[96];
	int ret;

	(void)snprintf(doing, sizeof(doing), "openai: response of %.64s", conf->assistant_model);
	rcd_text_stream_init(&s, rcd_responses_event, doing, fn, arg);
	s.calls = ask->calls;
	ret = rcd_openai_stream(
		http, conf,
		&(struct rcd_openai_post){.path = "/responses",
	                              .call = RCD_ENGINE_RESPONSES,
	                              .body = build_request(conf, ask),
	                              .pictures = ask->pictures != NULL,
	                              .repeatable = !kept, /* the message would be in it twice */
	                              .refused = kept ? rcd_openai_conversation_refused : NULL,
	                              .deadline = ask->deadline,
	                              .stall_ms = ask->stall_ms},
		&s, usage, err);
	rcd_text_stream_done(&s);
	return ret;
}
