#include "provider/realtime_event.h"

#include "base/limits.h"
#include "provider/answer.h"

static const struct {
	const char *type;
	enum rcd_realtime_kind kind;
	const char *text; /* the key of what it brings */
	const char *body;
} kinds[] = {
	{"error", RCD_RT_ERROR, NULL, "error"},
	{"session.created", RCD_RT_SESSION_CREATED, NULL, "session"},
	{"session.updated", RCD_RT_SESSION_UPDATED, NULL, "session"},
	{"input_audio_buffer.committed", RCD_RT_COMMITTED, NULL, NULL},
	{"conversation.item.added", RCD_RT_ITEM_ADDED, NULL, "item"},
	{"conversation.item.created", RCD_RT_ITEM_ADDED, NULL, "item"}, /* before there was "added" */
	{"conversation.item.deleted", RCD_RT_ITEM_DELETED, NULL, NULL},
	{"conversation.item.input_audio_transcription.completed", RCD_RT_TRANSCRIBED, "transcript",
     NULL},
	{"conversation.item.input_audio_transcription.failed", RCD_RT_NOT_TRANSCRIBED, NULL, "error"},
	{"response.created", RCD_RT_RESPONSE_CREATED, NULL, "response"},
	{"response.output_text.delta", RCD_RT_WORDS, "delta", NULL},
	{"response.output_audio_transcript.delta", RCD_RT_WORDS, "delta", NULL},
	{"response.output_audio.delta", RCD_RT_SOUND, "delta", NULL},
	{"response.output_item.added", RCD_RT_OUTPUT_ITEM, NULL, "item"},
	{"response.output_item.done", RCD_RT_OUTPUT_WHOLE, NULL, "item"},
	{"response.function_call_arguments.delta", RCD_RT_CALLING, NULL, NULL},
	{"response.function_call_arguments.done", RCD_RT_CALL, NULL, NULL},
	{"response.done", RCD_RT_RESPONSE_DONE, NULL, "response"},
};

/* Ids stand beside the type, or in the object that the event is about. */
static void read_ids(struct rcd_realtime_event *e)
{
	e->item = rcd_json_sv(e->root, "item_id");
	e->response = rcd_json_sv(e->root, "response_id");
	if (e->kind == RCD_RT_ITEM_ADDED)
		e->item = rcd_json_sv(e->body, "id");
	if (e->kind == RCD_RT_RESPONSE_CREATED || e->kind == RCD_RT_RESPONSE_DONE)
		e->response = rcd_json_sv(e->body, "id");
	if (e->item.n >= RCD_REALTIME_ID)
		e->item = rcd_sv(NULL);
	if (e->response.n >= RCD_REALTIME_ID)
		e->response = rcd_sv(NULL);
}

int rcd_realtime_event_read(struct rcd_sv text, struct rcd_realtime_event *out, struct rcd_err *err)
{
	struct rcd_realtime_event e = {.kind = RCD_RT_OTHER};
	struct rcd_sv type;

	if (rcd_answer_json(text, &e.root, err) != 0)
		return -1;
	type = rcd_json_sv(e.root, "type");
	if (type.p == NULL) {
		json_decref(e.root);
		return rcd_fail(err, RCD_PROTO, 0, "an event without a type");
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!rcd_sv_is(type, kinds[i].type))
			continue;
		e.kind = kinds[i].kind;
		if (kinds[i].text != NULL)
			e.text = rcd_json_sv(e.root, kinds[i].text);
		if (kinds[i].body != NULL)
			e.body = json_object_get(e.root, kinds[i].body);
		if (e.kind == RCD_RT_CALL)
			e.body = e.root;
	}
	read_ids(&e);
	*out = e;
	return 0;
}

void rcd_realtime_event_done(struct rcd_realtime_event *e)
{
	json_decref(e->root);
	*e = (struct rcd_realtime_event){.kind = RCD_RT_OTHER};
}
