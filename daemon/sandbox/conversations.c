/* The Conversations of the simulated OpenAI. */

#include "daemon/sandbox/conversations.h"

#include "base/clock.h"
#include "base/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#define MAX_KEPT 10000

struct conversation {
	SLIST_ENTRY(conversation) link;
	char id[RCD_SB_CONVERSATION_ID];
	int64_t created;
	json_t *metadata, *items;
};

struct rcd_sb_conversations {
	SLIST_HEAD(kept, conversation) kept; /* newest first, since those are the ones in use */
	size_t n;
};

static void free_items(struct conversation *v)
{
	json_decref(v->metadata);
	json_decref(v->items);
	free(v);
}

int rcd_sb_conversations_open(struct rcd_sb_conversations **out, struct rcd_err *err)
{
	struct rcd_sb_conversations *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return rcd_fail_nomem(err);
	SLIST_INIT(&c->kept);
	*out = c;
	return 0;
}

struct rcd_sb_conversations *rcd_sb_conversations_close(struct rcd_sb_conversations *c)
{
	struct conversation *v;

	if (c == NULL)
		return NULL;
	while ((v = SLIST_FIRST(&c->kept)) != NULL) {
		SLIST_REMOVE_HEAD(&c->kept, link);
		free_items(v);
	}
	free(c);
	return NULL;
}

static struct conversation *find_conversation(struct rcd_sb_conversations *c, struct rcd_sv id)
{
	struct conversation *v;

	SLIST_FOREACH(v, &c->kept, link)
	if (rcd_sv_is(id, v->id))
		return v;
	return NULL;
}

int rcd_sb_conversations_new(struct rcd_sb_conversations *c, json_t *metadata,
                             char id[RCD_SB_CONVERSATION_ID])
{
	struct conversation *v = c->n < MAX_KEPT ? calloc(1, sizeof(*v)) : NULL;
	char hex[49];

	if (v == NULL)
		return -1;
	v->items = json_array();
	v->metadata = metadata != NULL ? json_deep_copy(metadata) : json_object();
	if (v->items == NULL || v->metadata == NULL) {
		json_decref(v->items);
		json_decref(v->metadata);
		free(v);
		return -1;
	}
	rcd_random_hex(hex, 24);
	(void)snprintf(v->id, sizeof(v->id), "conv_%s", hex);
	(void)snprintf(id, RCD_SB_CONVERSATION_ID, "%s", v->id);
	v->created = rcd_now_ms() / 1000;
	SLIST_INSERT_HEAD(&c->kept, v, link);
	c->n++;
	return 0;
}

bool rcd_sb_conversations_delete(struct rcd_sb_conversations *c, struct rcd_sv id)
{
	struct conversation *v = find_conversation(c, id);

	if (v == NULL)
		return false;
	SLIST_REMOVE(&c->kept, v, conversation, link);
	c->n--;
	free_items(v);
	return true;
}

json_t *rcd_sb_conversations_get(struct rcd_sb_conversations *c, struct rcd_sv id, bool *nomem)
{
	struct conversation *v = find_conversation(c, id);
	json_t *doc;

	*nomem = false;
	if (v == NULL)
		return NULL;
	doc = json_pack("{s:s s:s s:I s:O}", "id", v->id, "object", "conversation", "created_at",
	                (json_int_t)v->created, "metadata", v->metadata);
	*nomem = doc == NULL;
	return doc;
}

const json_t *rcd_sb_conversations_items(struct rcd_sb_conversations *c, struct rcd_sv id)
{
	const struct conversation *v = find_conversation(c, id);

	return v != NULL ? v->items : NULL;
}

/* A string becomes one part; parts stay as they are. */
static json_t *make_content(const json_t *message, bool assistant)
{
	const json_t *given = json_object_get(message, "content");
	const char *text = json_string_value(given);

	if (text == NULL)
		return json_deep_copy(given);
	if (assistant)
		return json_pack("[{s:s s:s s:[] s:[]}]", "type", "output_text", "text", text,
		                 "annotations", "logprobs");
	return json_pack("[{s:s s:s}]", "type", "input_text", "text", text);
}

static json_t *make_item(const json_t *message)
{
	struct rcd_sv role = rcd_json_sv(message, "role");
	char hex[49];

	if (role.p == NULL) /* a tool's call or the like */
		return json_deep_copy(message);
	rcd_random_hex(hex, 24);
	return json_pack("{s:s s:s+ s:s s:s% s:o}", "type", "message", "id", "msg_", hex, "status",
	                 "completed", "role", role.p, role.n, "content",
	                 make_content(message, rcd_sv_is(role, "assistant")));
}

int rcd_sb_conversations_add(struct rcd_sb_conversations *c, struct rcd_sv id,
                             const json_t *messages)
{
	struct conversation *v = find_conversation(c, id);
	const json_t *m;
	size_t i;

	if (v == NULL)
		return -1;
	json_array_foreach (messages, i, m)
		if (json_array_append_new(v->items, make_item(m)) != 0)
			return -1;
	return 0;
}
