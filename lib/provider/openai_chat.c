#include "provider/openai_api.h"
#include "provider/text_stream.h"

#include <stdio.h>
#include <string.h>

/* Of "openai/gpt-…" or "ft:gpt-…:…" what begins with "gpt-". */
static struct rcd_sv find_gpt_name(const char *model)
{
	struct rcd_sv m = rcd_sv(model);

	for (const char *sep = "/:"; *sep != '\0'; sep++) {
		const char *at = m.n > 0 ? memchr(m.p, *sep, m.n) : NULL;

		if (at != NULL && (*sep == '/' || rcd_sv_starts(m, RCD_SV("ft:"))))
			m = rcd_sv_skip(m, (size_t)(at - m.p) + 1);
	}
	return m;
}

bool rcd_openai_takes_temperature(const char *model)
{
	struct rcd_sv m = find_gpt_name(model);

	if (rcd_sv_starts(m, RCD_SV("gpt-")))
		return m.n < 5 || m.p[4] < '5' || m.p[4] > '9';
	return m.n < 2 || m.p[0] != 'o' || m.p[1] < '0' || m.p[1] > '9';
}

/* What the limit is called: OpenAI's own models take the new name alone, and the engines that serve
 * others have known the old one for longest. The wrong one is refused by some and ignored by
 * others. */
static const char *limit_name(const char *model)
{
	struct rcd_sv m = find_gpt_name(model);
	bool openai = (rcd_sv_starts(m, RCD_SV("gpt-")) && !rcd_sv_starts(m, RCD_SV("gpt-oss"))) ||
	              rcd_sv_starts(m, RCD_SV("chatgpt-")) || !rcd_openai_takes_temperature(model);

	return openai ? "max_completion_tokens" : "max_tokens";
}

static json_t *build_request(const struct rcd_openai_conf *conf, const struct rcd_openai_ask *ask)
{
	json_t *req = json_pack("{s:s, s:O, s:b, s:{s:b}, s:b}", "model", conf->chat_model, "messages",
	                        ask->messages, "stream", 1, "stream_options", "include_usage", 1,
	                        "store", 0);
	bool ok = req != NULL;

	if (ok && conf->max_tokens > 0)
		ok = json_object_set_new(req, limit_name(conf->chat_model),
		                         json_integer(conf->max_tokens)) == 0;
	if (ok && rcd_openai_takes_temperature(conf->chat_model))
		ok = json_object_set_new(req, "temperature", json_real(conf->temperature)) == 0;
	else if (ok && conf->reasoning != NULL && conf->reasoning[0] != '\0')
		ok = json_object_set_new(req, "reasoning_effort", json_string(conf->reasoning)) == 0;
	if (ok && conf->json)
		ok = json_object_set_new(req, "response_format",
		                         json_pack("{s:s}", "type", "json_object")) == 0;
	if (ok && ask->tools != NULL)
		ok = json_object_set_new(req, "tools", rcd_tools_offer(ask->tools, RCD_TOOLS_CHAT)) == 0;
	if (ok && rcd_engine_add_pictures(req, ask->pictures) == 0)
		return req;
	json_decref(req);
	return NULL;
}

int rcd_openai_complete(struct rcd_http *http, const struct rcd_openai_conf *conf,
                        const struct rcd_openai_ask *ask, rcd_text_fn *fn, void *arg,
                        struct rcd_chat_usage *usage, struct rcd_err *err)
{
	struct rcd_text_stream s;
	char doing[96];
	int ret;

	(void)snprintf(doing, sizeof(doing), "openai: chat with %.64s", conf->chat_model);
	rcd_text_stream_init(&s, rcd_chat_event, doing, fn, arg);
	s.calls = ask->calls;
	ret = rcd_openai_stream(http, conf,
	                        &(struct rcd_openai_post){.path = "/chat/completions",
	                                                  .call = RCD_ENGINE_CHAT,
	                                                  .body = build_request(conf, ask),
	                                                  .pictures = ask->pictures != NULL,
	                                                  .repeatable = true,
	                                                  .stall_ms = ask->stall_ms,
	                                                  .deadline = ask->deadline},
	                        &s, usage, err);
	rcd_text_stream_done(&s);
	return ret;
}

int rcd_openai_chat(struct rcd_http *http, const struct rcd_openai_conf *conf, json_t *messages,
                    int64_t deadline, int stall_ms, rcd_text_fn *fn, void *arg,
                    struct rcd_chat_usage *usage, struct rcd_err *err)
{
	const struct rcd_openai_ask ask = {.messages = messages,
	                                   .deadline = deadline,
	                                   .stall_ms = stall_ms};

	return rcd_openai_complete(http, conf, &ask, fn, arg, usage, err);
}
