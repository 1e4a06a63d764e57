/* Calls of tools in the responses of the simulated Realtime API. */

#include "daemon/sandbox/openai_calls.h"
#include "daemon/sandbox/realtime_int.h"

#include <stdio.h>

static json_t *make_item(const json_t *call, const char *status, struct rcd_sv arguments)
{
	char id[RCD_SB_RT_ID] = "item_";
	struct rcd_sv call_id = rcd_json_sv(call,
	                                    "id"); /* "call_…": both are made once, and only once */

	(void)snprintf(id, sizeof(id), "item_%.*s",
	               RCD_SV_ARG(rcd_sv_skip(call_id, sizeof("call_") - 1)));
	return json_pack("{s:s s:s s:s s:s s:O s:O s:o}", "id", id, "object", "realtime.item", "type",
	                 "function_call", "status", status, "call_id", json_object_get(call, "id"),
	                 "name", json_object_get(call, "name"), "arguments", rcd_json_str(arguments));
}

json_t *rcd_sb_rt_call_items(const json_t *calls, const char *status)
{
	json_t *out = json_array();
	const json_t *call;
	size_t i;

	json_array_foreach (calls, i, call)
		(void)json_array_append_new(out, make_item(call, status, rcd_json_sv(call, "arguments")));
	return out;
}

static int describe_item(struct rcd_sb_session *s, const char *response, const char *type, int at,
                         json_t *what)
{
	return rcd_sb_rt_send(s, json_pack("{s:s s:s s:i s:o}", "type", type, "response_id", response,
	                                   "output_index", at, "item", what));
}

static int describe_part(struct rcd_sb_session *s, const char *response, int at, const json_t *call,
                         json_t *more)
{
	json_t *e = json_pack("{s:s s:i s:O}", "response_id", response, "output_index", at, "call_id",
	                      json_object_get(call, "id"));

	if (json_object_update(e, more) != 0) {
		json_decref(e);
		e = NULL;
	}
	json_decref(more);
	return rcd_sb_rt_send(s, e);
}

static int print_call(struct rcd_sb_session *s, const char *response, int at, const json_t *call)
{
	struct rcd_sv args = rcd_json_sv(call, "arguments"), all = args;
	size_t n;

	if (describe_item(s, response, "response.output_item.added", at,
	                  make_item(call, "in_progress", RCD_SV(""))) != 0)
		return -1;
	for (; (n = rcd_sb_calls_piece(args)) > 0; args = rcd_sv_skip(args, n))
		if (describe_part(s, response, at, call,
		                  json_pack("{s:s s:s%}", "type", "response.function_call_arguments.delta",
		                            "delta", args.p, n)) != 0)
			return -1;
	if (describe_part(s, response, at, call,
	                  json_pack("{s:s s:O s:o}", "type", "response.function_call_arguments.done",
	                            "name", json_object_get(call, "name"), "arguments",
	                            rcd_json_str(all))) != 0)
		return -1;
	return describe_item(s, response, "response.output_item.done", at,
	                     make_item(call, "completed", all));
}

int rcd_sb_rt_say_calls(struct rcd_sb_session *s, const char *response, const json_t *calls)
{
	const json_t *call;
	size_t i;

	json_array_foreach (calls, i, call)
		if (print_call(s, response, (int)i, call) != 0)
			return -1;
	return 0;
}
