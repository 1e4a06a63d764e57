#ifndef RCD_REALTIME_EVENT_H
#define RCD_REALTIME_EVENT_H

#include "provider/openai_realtime.h"

/* Parser of server events of a Realtime session; no network. Inside lib/provider only. */

#define RCD_REALTIME_ID 96 /* bytes of an id we keep, NUL included */

enum rcd_realtime_kind {
	RCD_RT_OTHER, /* ignored */
	RCD_RT_ERROR,
	RCD_RT_SESSION_CREATED,
	RCD_RT_SESSION_UPDATED,
	RCD_RT_COMMITTED,
	RCD_RT_ITEM_ADDED,
	RCD_RT_ITEM_DELETED,
	RCD_RT_TRANSCRIBED,
	RCD_RT_NOT_TRANSCRIBED,
	RCD_RT_RESPONSE_CREATED,
	RCD_RT_WORDS, /* output text, or the transcript of output audio */
	RCD_RT_SOUND,
	RCD_RT_CALLING,      /* a piece of a call */
	RCD_RT_CALL,         /* a call with its arguments */
	RCD_RT_OUTPUT_ITEM,  /* a part of the response, begun */
	RCD_RT_OUTPUT_WHOLE, /* and done */
	RCD_RT_RESPONSE_DONE,
};

struct rcd_realtime_event {
	enum rcd_realtime_kind kind;
	json_t *root;                       /* owned; the rest points into it */
	struct rcd_sv item, response, text; /* ids; transcript or delta */
	const json_t *body;                 /* the error, the response, the item or the call */
};

/* RCD_PROTO for what is no JSON object with a type. Free with rcd_realtime_event_done. */
int rcd_realtime_event_read(struct rcd_sv text, struct rcd_realtime_event *out,
                            struct rcd_err *err);
void rcd_realtime_event_done(struct rcd_realtime_event *e);

/* One response, from response.create on. The caller's storage. */
struct rcd_realtime_answer {
	const char *doing; /* for errors: "openai: realtime with gpt-…" */
	const char *tag;   /* metadata.ask of ours: another's response is not looked at */
	const struct rcd_live_sink *sink;
	struct rcd_tool_calls *calls; /* NULL: none may come */
	struct rcd_live_usage usage;
	char id[RCD_REALTIME_ID]; /* "": not created yet */
	int64_t began;            /* rcd_mono_ms() */
	size_t text_n, samples;   /* so far */
	struct rcd_buf sound;     /* of one delta */
	bool words, done, moved;  /* moved: the last event was of this response */
	bool works;               /* it has said something, or begun a call */
};
void rcd_realtime_answer_init(struct rcd_realtime_answer *a, const char *doing, const char *tag,
                              const struct rcd_live_sink *sink, struct rcd_tool_calls *calls);
/* -1: the answer failed. a->done: it is complete. */
int rcd_realtime_answer_feed(struct rcd_realtime_answer *a, const struct rcd_realtime_event *e,
                             struct rcd_err *err);
void rcd_realtime_answer_done(struct rcd_realtime_answer *a);

#endif
