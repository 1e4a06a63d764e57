#include "provider/realtime_ask.h"

#include "base/crypto.h"
#include "base/limits.h"

#include <string.h>

void rcd_realtime_say_settings(const struct rcd_realtime_conf *conf, struct rcd_buf *out)
{
	bool language = conf->language != NULL && conf->language[0] != '\0';
	json_t *pcm = json_pack("{s:s s:i}", "type", "audio/pcm", "rate", RCD_REALTIME_HZ);
	json_t *transcription = json_pack("{s:s s:s*}", "model", conf->transcribe_model, "language",
	                                  language ? conf->language : NULL);

	rcd_json_text(json_pack("{s:s s:{s:s s:[s] s:{s:{s:O s:o s:n} s:{s:o s:s}}}}", "type",
	                        "session.update", "session", "type", "realtime", "output_modalities",
	                        conf->own_audio ? "audio" : "text", "audio", "input", "format", pcm,
	                        "transcription", transcription, "turn_detection", "output", "format",
	                        pcm, "voice", conf->voice),
	              out);
}

/* By hand: the samples are large, and base64 needs no escapes. */
void rcd_realtime_say_append(const int16_t *pcm, size_t n, struct rcd_buf *out)
{
	rcd_buf_str(out, "{\"type\":\"input_audio_buffer.append\",\"audio\":\"");
	rcd_base64((struct rcd_sv){(const char *)pcm, n * sizeof(*pcm)}, out);
	rcd_buf_str(out, "\"}");
}

void rcd_realtime_say_commit(struct rcd_buf *out)
{
	rcd_buf_str(out, "{\"type\":\"input_audio_buffer.commit\"}");
}

void rcd_realtime_say_delete(const char *item, struct rcd_buf *out)
{
	rcd_json_text(json_pack("{s:s s:s}", "type", "conversation.item.delete", "item_id", item), out);
}

/* --- the question ------------------------------------------------------------------------ */

static bool has_role(const json_t *message, const char *role)
{
	return rcd_sv_is(rcd_json_sv(message, "role"), role);
}

static int add_item(json_t *input, json_t *item)
{
	return json_array_append_new(input, item);
}

static int add_text(json_t *input, const char *role, struct rcd_sv text)
{
	return add_item(input,
	                json_pack("{s:s s:s s:[{s:s s:o}]}", "type", "message", "role", role, "content",
	                          "type", strcmp(role, "assistant") == 0 ? "output_text" : "input_text",
	                          "text", rcd_json_str(text)));
}

static int add_heard(json_t *input, struct rcd_sv typed, char (*heard)[RCD_REALTIME_ID], size_t n)
{
	if (typed.n > 0 && add_text(input, "user", typed) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (add_item(input, json_pack("{s:s s:s}", "type", "item_reference", "id", heard[i])) != 0)
			return -1;
	return 0;
}

static size_t find_last_user(const json_t *prompt)
{
	size_t i = json_array_size(prompt);

	while (i > 0 && !has_role(json_array_get(prompt, i - 1), "user"))
		i--;
	return i - 1; /* SIZE_MAX: none */
}

/* The system messages in front, joined: they change least, and come first for the cache. */
static size_t join_instructions(const json_t *prompt, struct rcd_buf *out)
{
	size_t i = 0;

	for (; has_role(json_array_get(prompt, i), "system"); i++) {
		if (out->n > 0)
			rcd_buf_str(out, "\n\n");
		rcd_buf_sv(out, rcd_json_sv(json_array_get(prompt, i), "content"));
	}
	return i;
}

/* Any other message than that which the notes stand for. */
static int add_message(json_t *input, const json_t *m)
{
	const char *role = json_string_value(json_object_get(m, "role"));
	struct rcd_sv text = rcd_json_sv(m, "content");
	int ret;

	if (role == NULL)
		return 0;
	if (json_object_get(m, "tool_calls") != NULL && text.n > 0 && add_text(input, role, text) != 0)
		return -1;
	ret = rcd_tool_items(m, input);
	return ret == 1 ? add_text(input, role, text) : ret;
}

static json_t *build_input(const struct rcd_live_ask *ask, size_t from,
                           char (*heard)[RCD_REALTIME_ID], size_t n)
{
	size_t last = n > 0 ? find_last_user(ask->prompt) : SIZE_MAX;
	json_t *input = json_array();
	bool ok = input != NULL;

	for (size_t i = from; ok && i < json_array_size(ask->prompt); i++)
		ok = (i == last ? add_heard(input, ask->typed, heard, n)
		                : add_message(input, json_array_get(ask->prompt, i))) == 0;
	if (ok && n > 0 && last == SIZE_MAX)
		ok = add_heard(input, ask->typed, heard, n) == 0;
	if (!ok) {
		json_decref(input);
		return NULL;
	}
	return input;
}

/* What not every question has. */
static bool add_options(json_t *response, const struct rcd_realtime_conf *conf,
                        const struct rcd_live_ask *ask)
{
	int most = conf->max_tokens < 4096 ? conf->max_tokens : 4096;

	if (most > 0 && json_object_set_new(response, "max_output_tokens", json_integer(most)) != 0)
		return false;
	return ask->tools == NULL ||
	       json_object_set_new(response, "tools",
	                           rcd_tools_offer(ask->tools, RCD_TOOLS_REALTIME)) == 0;
}

void rcd_realtime_say_ask(const struct rcd_realtime_conf *conf, const struct rcd_live_ask *ask,
                          char (*heard)[RCD_REALTIME_ID], size_t n, const char *tag,
                          struct rcd_buf *out)
{
	struct rcd_buf told;
	json_t *input, *event = NULL;
	size_t from;

	rcd_buf_init(&told, RCD_MAX_PROMPT);
	rcd_buf_str(&told, "");
	from = join_instructions(ask->prompt, &told);
	input = build_input(ask, from, heard, n);
	if (input != NULL && !told.bad)
		event = json_pack("{s:s s:{s:s s:[s] s:o s:o s:{s:s}}}", "type", "response.create",
		                  "response", "conversation", "none", "output_modalities",
		                  conf->own_audio && !ask->mute ? "audio" : "text", "instructions",
		                  rcd_json_str(rcd_buf_view(&told)), "input", input, "metadata", "ask",
		                  tag);
	else
		json_decref(input);
	if (event != NULL && !add_options(json_object_get(event, "response"), conf, ask)) {
		json_decref(event);
		event = NULL;
	}
	rcd_json_text(event, out);
	rcd_buf_free(&told);
}
