/* What the simulated Realtime API says to a client: events, errors, items. */

#include "daemon/sandbox/realtime_int.h"

#include "base/crypto.h"

#include <stdio.h>

void rcd_sb_rt_id(const char *prefix, char out[RCD_SB_RT_ID])
{
	char hex[23];

	rcd_random_hex(hex, 11);
	(void)snprintf(out, RCD_SB_RT_ID, "%s_%s", prefix, hex);
}

int rcd_sb_rt_send(struct rcd_sb_session *s, json_t *take)
{
	char id[RCD_SB_RT_ID];
	struct rcd_buf text;
	int ret = -1;

	rcd_sb_rt_id("event", id);
	if (take != NULL && json_object_set_new(take, "event_id", json_string(id)) != 0) {
		json_decref(take);
		return -1;
	}
	rcd_buf_init(&text, RCD_SB_RT_MAX_EVENT);
	rcd_json_text(take, &text);
	if (!text.bad)
		ret = rcd_sb_wire_send(s->wire, rcd_buf_view(&text));
	rcd_buf_free(&text);
	return ret;
}

int rcd_sb_rt_error(struct rcd_sb_session *s, const json_t *event, const char *type,
                    const char *code, const char *message)
{
	const char *id = json_string_value(json_object_get(event, "event_id"));

	return rcd_sb_rt_send(s, json_pack("{s:s s:{s:s s:s? s:s s:n s:s?}}", "type", "error", "error",
	                                   "type", type, "code", code, "message", message, "param",
	                                   "event_id", id));
}

int rcd_sb_rt_refuse(struct rcd_sb_session *s, const json_t *event, const struct rcd_sb_fault *f)
{
	const char *usual = f->status == 429 ? "rate_limit_exceeded" : NULL;
	const char *type = f->status >= 400 && f->status < 500 && f->status != 429 ? RCD_SB_RT_INVALID
	                                                                           : "server_error";

	return rcd_sb_rt_error(s, event, f->code[0] != '\0' ? f->code : type,
	                       f->code[0] != '\0' ? f->code : usual,
	                       "Refused, says the sandbox's plan");
}

json_t *rcd_sb_rt_item_json(const char *id, const char *role, const char *status, const char *type,
                            const char *key, struct rcd_sv text)
{
	json_t *content, *words;

	if (type == NULL) {
		content = json_array();
	} else {
		words = text.p != NULL ? rcd_json_str(text) : json_null();
		content = json_pack("[{s:s, s:o?}]", "type", type, key, words);
	}
	return json_pack("{s:s s:s s:s s:s s:s s:o}", "id", id, "object", "realtime.item", "type",
	                 "message", "status", status, "role", role, "content", content);
}

struct rcd_sb_rt_item *rcd_sb_rt_item(struct rcd_sb_session *s, struct rcd_sv id)
{
	for (size_t i = 0; i < s->n_items; i++)
		if (rcd_sv_is(id, s->item[i].id))
			return &s->item[i];
	return NULL;
}
