/* The first byte says what the rest is: a schema and a value, a refusal of an engine, or a stream
 * in which a model calls tools. A schema that is taken must judge any value, and a value that is
 * taken must be one by its own outermost type; calls that are whole have names. */

#include "base/limits.h"
#include "base/shape.h"
#include "provider/engine.h"
#include "provider/text_stream.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void judge(struct rcd_sv text)
{
	struct rcd_sv first;
	json_t *schema = NULL, *value = NULL;

	if (!rcd_sv_cut(&text, '\n', &first))
		return;
	if (rcd_json_parse(first, RCD_MAX_JSON, &schema, RCD_UNREAD_ERR) == 0 &&
	    rcd_shape_valid(schema, RCD_UNREAD_ERR) == 0 &&
	    rcd_json_parse(text, RCD_MAX_JSON, &value, RCD_UNREAD_ERR) == 0 &&
	    rcd_shape_check(schema, value, RCD_UNREAD_ERR) == 0 &&
	    rcd_sv_is(rcd_json_sv(schema, "type"), "object") && !json_is_object(value))
		abort();
	json_decref(schema);
	json_decref(value);
}

static int hear(void *arg, struct rcd_sv text, struct rcd_err *err)
{
	(void)arg, (void)text, (void)err;
	return 0;
}

/* Whatever came with the calls, the message can be made plain again. */
static void send_back(json_t *message)
{
	json_t *messages = json_pack("[o]", message), *fitted = NULL;
	const unsigned all = RCD_ENGINE_SYSTEMS | RCD_ENGINE_SYSTEM | RCD_ENGINE_NULL |
	                     RCD_ENGINE_EXTRAS;

	if (messages != NULL)
		fitted = rcd_engine_messages(messages, all);
	if (fitted != NULL && rcd_engine_message_parts(fitted) != 0)
		abort();
	json_decref(messages);
	json_decref(fitted);
}

static void read_refusal(struct rcd_sv body)
{
	static const int status[] = {0, 400, 401, 403, 404, 413, 422, 429, 500};
	struct rcd_refusal r;

	rcd_refusal_read(body, &r);
	for (size_t i = 0; i < sizeof(status) / sizeof(status[0]); i++)
		if (rcd_refusal_parts(&r, status[i]) >> RCD_N_ENGINE_PARTS != 0)
			abort();
}

static void listen(rcd_text_event_fn *event, struct rcd_sv bytes)
{
	struct rcd_chat_usage usage;
	struct rcd_tool_calls calls;
	struct rcd_text_stream s;

	rcd_tool_calls_init(&calls);
	rcd_text_stream_init(&s, event, "fuzz", hear, NULL);
	s.calls = &calls;
	if (rcd_text_stream_feed(&s, bytes.p, bytes.n, RCD_UNREAD_ERR) == 0 &&
	    rcd_text_stream_end(&s, &usage, RCD_UNREAD_ERR) == 0)
		for (size_t i = 0; i < calls.n; i++)
			if (calls.call[i].name[0] == '\0' || calls.call[i].id[0] == '\0')
				abort();
	if (calls.extras_n > RCD_MAX_CALL_EXTRAS)
		abort();
	send_back(rcd_tool_calls_message(&calls, RCD_SV("")));
	rcd_text_stream_done(&s);
	rcd_tool_calls_free(&calls);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rcd_sv rest;

	if (n == 0)
		return 0;
	rest = (struct rcd_sv){(const char *)p + 1, n - 1};
	if (p[0] % 4 == 0)
		judge(rest);
	else if (p[0] % 4 == 3)
		read_refusal(rest);
	else
		listen(p[0] % 4 == 1 ? rcd_chat_event : rcd_responses_event, rest);
	return 0;
}
