/* The audio buffer of a session, and what becomes of it when it is committed. */

#include "daemon/sandbox/realtime_int.h"

#include "base/crypto.h"
#include "base/limits.h"

#define MAX_APPEND ((size_t)15 * 1024 * 1024)
#define LEAST (RCD_SB_RT_HZ / 10 * 2) /* bytes: 100 ms */

int rcd_sb_rt_append(struct rcd_sb_session *s, const json_t *event)
{
	struct rcd_sv audio = rcd_json_sv(event, "audio");
	size_t before = s->audio.n;

	if (audio.p == NULL || audio.n > MAX_APPEND || rcd_base64_decode(audio, &s->audio) != 0 ||
	    (s->audio.n - before) % 2 != 0) {
		if (s->audio.bad)
			return -1;
		s->audio.n = before;
		return rcd_sb_rt_error(s, event, RCD_SB_RT_INVALID, "invalid_value",
		                       "The audio is no base64 of 16-bit samples");
	}
	return s->audio.bad ? -1 : 0; /* no confirmation, as documented */
}

int rcd_sb_rt_clear(struct rcd_sb_session *s, const json_t *event)
{
	(void)event;
	rcd_buf_reset(&s->audio);
	return rcd_sb_rt_send(s, json_pack("{s:s}", "type", "input_audio_buffer.cleared"));
}

static int send_failed(struct rcd_sb_session *s, const char *id, const struct rcd_sb_fault *f)
{
	return rcd_sb_rt_send(s,
	                      json_pack("{s:s s:s s:i s:{s:s s:s? s:s s:n}}", "type",
	                                "conversation.item.input_audio_transcription.failed", "item_id",
	                                id, "content_index", 0, "error", "type", "transcription_error",
	                                "code", f->code[0] != '\0' ? f->code : "audio_unintelligible",
	                                "message", "Says the sandbox's plan", "param"));
}

static int send_completed(struct rcd_sb_session *s, const char *id, struct rcd_sv text)
{
	json_t *delta = json_pack("{s:s s:s s:i s:o}", "type",
	                          "conversation.item.input_audio_transcription.delta", "item_id", id,
	                          "content_index", 0, "delta", rcd_json_str(text));

	if (rcd_sb_rt_send(s, delta) != 0)
		return -1;
	return rcd_sb_rt_send(s, json_pack("{s:s s:s s:i s:o s:{s:s s:i s:i s:i}}", "type",
	                                   "conversation.item.input_audio_transcription.completed",
	                                   "item_id", id, "content_index", 0, "transcript",
	                                   rcd_json_str(text), "usage", "type", "tokens",
	                                   "total_tokens", 22, "input_tokens", 13, "output_tokens", 9));
}

/* The transcript: the text of the plan, else the one registered for these bytes, else the
 * default. */
static void make_transcript(const struct rcd_sb_session *s, const struct rcd_sb_fault *f,
                            struct rcd_buf *text)
{
	if (f->text != NULL)
		rcd_buf_str(text, f->text);
	else if (!rcd_sb_media_said(s->box->media, rcd_buf_view(&s->audio), text))
		rcd_buf_str(text, "quanto custa a entrega?");
}

static int write_note(struct rcd_sb_session *s, const char *id, const struct rcd_sb_fault *f,
                      struct rcd_sv text)
{
	return rcd_sb_ledger_add(s->box->ledger,
	                         json_pack("{s:s s:s s:s s:s s:i s:o s:s}", "provider", "openai", "op",
	                                   "realtime.transcribe", "session", s->id, "item", id, "bytes",
	                                   (int)s->audio.n, "text", rcd_json_str(text), "decision",
	                                   rcd_sb_fault_name(f)));
}

static int send_transcript(struct rcd_sb_session *s, const char *id, const struct rcd_sb_fault *f,
                           struct rcd_sv text)
{
	if (rcd_sb_wire_sleep(s->wire, f->delay_ms) != 0)
		return -1;
	if (f->kind == RCD_SB_OK)
		return send_completed(s, id, text);
	return f->kind == RCD_SB_NEVER ? 0 : send_failed(s, id, f);
}

/* Appends an item to the conversation and sends all of its events. */
static int add_item(struct rcd_sb_session *s, const struct rcd_sb_fault *f, struct rcd_sv text)
{
	struct rcd_sb_rt_item *item = &s->item[s->n_items];
	const char *before = s->n_items > 0 ? s->item[s->n_items - 1].id : NULL;
	static const char *const told[] = {"conversation.item.added", "conversation.item.done"};

	item->text = rcd_sv_dup(text);
	if (item->text == NULL)
		return -1;
	rcd_sb_rt_id("item", item->id);
	s->n_items++;
	if (write_note(s, item->id, f, text) != 0 ||
	    rcd_sb_rt_send(s, json_pack("{s:s s:s? s:s}", "type", "input_audio_buffer.committed",
	                                "previous_item_id", before, "item_id", item->id)) != 0)
		return -1;
	for (size_t i = 0; i < 2; i++)
		if (rcd_sb_rt_send(s, json_pack("{s:s s:s? s:o}", "type", told[i], "previous_item_id",
		                                before, "item",
		                                rcd_sb_rt_item_json(item->id, "user", "completed",
		                                                    "input_audio", "transcript",
		                                                    rcd_sv(NULL)))) != 0)
			return -1;
	return s->transcribes ? send_transcript(s, item->id, f, text) : 0;
}

int rcd_sb_rt_commit(struct rcd_sb_session *s, const json_t *event)
{
	struct rcd_sb_fault f;
	struct rcd_buf text;
	int ret = -1;

	if (s->audio.n < LEAST)
		return rcd_sb_rt_error(s, event, RCD_SB_RT_INVALID, "input_audio_buffer_commit_empty",
		                       "The buffer holds less than 100 ms of audio");
	if (s->n_items == RCD_SB_ITEMS)
		return rcd_sb_rt_error(s, event, RCD_SB_RT_INVALID, "invalid_value", "Too many items");
	if (rcd_sb_plan_ask(s->box->plan, "openai", "realtime.transcribe", &f) != 0)
		return -1;
	rcd_buf_init(&text, RCD_MAX_TEXT);
	make_transcript(s, &f, &text);
	if (!text.bad)
		ret = add_item(s, &f, rcd_buf_view(&text));
	rcd_buf_reset(&s->audio);
	rcd_buf_free(&text);
	rcd_sb_fault_done(&f);
	return ret;
}
