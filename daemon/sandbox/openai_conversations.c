/* Simulated OpenAI: Conversations and their items. */

#include "daemon/sandbox/box.h"
#include "daemon/sandbox/openai_check.h"

#include <stdio.h>

#define PAGE 20

int rcd_sb_conversation_missing(struct rcd_sb_call *c, struct rcd_sv id)
{
	char message[160];

	(void)snprintf(message, sizeof(message), "Conversation with id '%.*s' not found.",
	               (int)(id.n < RCD_SB_CONVERSATION_ID ? id.n : RCD_SB_CONVERSATION_ID), id.p);
	return rcd_sb_refuse(c, 404, "", message);
}

static int send_conversation(struct rcd_sb_call *c, struct rcd_sv id)
{
	bool nomem;
	json_t *doc = rcd_sb_conversations_get(c->box->conversations, id, &nomem);

	if (doc == NULL)
		return nomem ? -1 : rcd_sb_conversation_missing(c, id);
	return rcd_sb_reply_json(c, 200, doc);
}

static int make_conversation(struct rcd_sb_call *c, const json_t *req)
{
	json_t *metadata = json_object_get(req, "metadata");
	char id[RCD_SB_CONVERSATION_ID];

	if (c->dry)
		return rcd_sb_reply(c, 200, NULL, RCD_SV(""));
	if (rcd_sb_conversations_new(c->box->conversations, json_is_object(metadata) ? metadata : NULL,
	                             id) != 0 ||
	    rcd_sb_conversations_add(c->box->conversations, rcd_sv(id),
	                             json_object_get(req, "items")) != 0)
		return -1;
	rcd_sb_note(c, "conversation", json_string(id));
	return send_conversation(c, rcd_sv(id));
}

/* POST /v1/conversations */
int rcd_sb_openai_conversation_new(struct rcd_sb_call *c)
{
	struct rcd_sb_ruling no = {.status = 0};
	bool nomem;
	json_t *req = rcd_sb_json(c, &nomem);
	int ret;

	if (req == NULL)
		return nomem ? -1 : rcd_sb_refuse(c, 400, "", "The body is not a JSON object");
	ret = rcd_sb_check_conversation(req, &no) == 0
	          ? make_conversation(c, req)
	          : rcd_sb_refuse(c, no.status, no.code, no.message);
	json_decref(req);
	return ret;
}

/* GET, DELETE /v1/conversations/ID */
int rcd_sb_openai_conversation(struct rcd_sb_call *c)
{
	rcd_sb_note_sv(c, "conversation", c->star[0]);
	return send_conversation(c, c->star[0]);
}

int rcd_sb_openai_conversation_delete(struct rcd_sb_call *c)
{
	rcd_sb_note_sv(c, "conversation", c->star[0]);
	if (c->dry)
		return rcd_sb_reply(c, 200, NULL, RCD_SV(""));
	if (!rcd_sb_conversations_delete(c->box->conversations, c->star[0]))
		return rcd_sb_conversation_missing(c, c->star[0]);
	return rcd_sb_reply_json(c, 200,
	                         json_pack("{s:o s:s s:b}", "id", rcd_json_str(c->star[0]), "object",
	                                   "conversation.deleted", "deleted", 1));
}

/* At most n of the items, in the order asked for. NULL: no memory. */
static json_t *make_page(const json_t *items, size_t n, bool oldest_first)
{
	size_t all = json_array_size(items);
	json_t *list = json_array();

	for (size_t i = 0; i < all && i < n; i++) {
		if (json_array_append_new(list, json_deep_copy(
											json_array_get(items,
		                                                   oldest_first ? i : all - 1 - i))) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *dup_id(const json_t *list, size_t i)
{
	json_t *id = json_object_get(json_array_get(list, i), "id");

	return id != NULL ? json_incref(id) : json_null();
}

/* GET /v1/conversations/ID/items */
int rcd_sb_openai_conversation_items(struct rcd_sb_call *c)
{
	const json_t *items = rcd_sb_conversations_items(c->box->conversations, c->star[0]);
	const char *limit = rcd_sb_req_arg(c->req, "limit"), *order = rcd_sb_req_arg(c->req, "order");
	int64_t n = PAGE;
	json_t *list;

	rcd_sb_note_sv(c, "conversation", c->star[0]);
	if (items == NULL)
		return rcd_sb_conversation_missing(c, c->star[0]);
	if (limit != NULL && rcd_parse_i64(rcd_sv(limit), 1, 100, &n) != 0)
		return rcd_sb_refuse(c, 400, "invalid_value", "'limit' is not a number from 1 to 100");
	list = make_page(items, (size_t)n, rcd_sv_is(rcd_sv(order), "asc"));
	if (list == NULL)
		return -1;
	return rcd_sb_reply_json(c, 200,
	                         json_pack("{s:s s:o s:o s:o s:b}", "object", "list", "first_id",
	                                   dup_id(list, 0), "last_id",
	                                   dup_id(list, json_array_size(list) - 1), "data", list,
	                                   "has_more", json_array_size(items) > (size_t)n));
}
