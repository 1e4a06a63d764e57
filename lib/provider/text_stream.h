#ifndef RCD_TEXT_STREAM_H
#define RCD_TEXT_STREAM_H

#include "net/sse.h"
#include "provider/openai.h"
#include "provider/refusal.h"

/* Incremental parser of a model's streamed answer. The common part is here; each protocol has its
 * own function for one event. No network. Caller's storage. Inside lib/provider only. */
struct rcd_text_stream;

/* Reads one event (v, of the stream's type, "" for none) and hands its text to
 * rcd_text_stream_say. Sets usage, with usage.finish at the proper end, and ended when
 * nothing after it counts. */
typedef int rcd_text_event_fn(struct rcd_text_stream *s, struct rcd_sv type, const json_t *v,
                              struct rcd_err *err);
rcd_text_event_fn rcd_chat_event;      /* a chunk of Chat Completions, or a whole completion */
rcd_text_event_fn rcd_responses_event; /* an event of Responses, or a whole response */

struct rcd_text_stream {
	struct rcd_sse sse;
	rcd_text_event_fn *event;
	struct rcd_chat_usage usage;
	rcd_text_fn *fn;
	void *arg;
	const char *doing;            /* for errors: "openai: chat with gpt-…" */
	int64_t began;                /* rcd_mono_ms() of the call */
	size_t n, events;             /* bytes of text so far; events, of any kind */
	bool words, ended;            /* something but white space came; the last event came */
	struct rcd_tool_calls *calls; /* where calls go; NULL: nowhere */
	struct rcd_refusal refusal;   /* the error within the answer; zeroed: none */
	int64_t aside; /* Responses: the number of an output that is not for the customer; -1 */
};

void rcd_text_stream_init(struct rcd_text_stream *s, rcd_text_event_fn *event, const char *doing,
                          rcd_text_fn *fn, void *arg);
/* Resets it for another try of the same request, before any text was passed on. */
void rcd_text_stream_again(struct rcd_text_stream *s);
/* -1: an error object, a refusal, malformed bytes, too much text, or what fn said. */
int rcd_text_stream_feed(struct rcd_text_stream *s, const void *p, size_t n, struct rcd_err *err);
/* The answer of an engine that does not stream: one JSON object. */
int rcd_text_stream_whole(struct rcd_text_stream *s, struct rcd_sv body, struct rcd_err *err);
/* Was that a whole answer? Fills *usage when it was. A stream without [DONE] is whole when
 * it told how it finished. One that a content filter stopped is not an answer, whatever came
 * before: half a sentence is worse for a customer than what the next rung says. */
int rcd_text_stream_end(const struct rcd_text_stream *s, struct rcd_chat_usage *usage,
                        struct rcd_err *err);
void rcd_text_stream_done(struct rcd_text_stream *s);

/* For the protocols. A piece of text; a count of tokens, 0 when it is something else; how it
 * finished, as far as that is a word. */
int rcd_text_stream_say(struct rcd_text_stream *s, struct rcd_sv v, struct rcd_err *err);
int64_t rcd_text_stream_count(const json_t *obj, const char *key);
void rcd_text_stream_finish(struct rcd_text_stream *s, struct rcd_sv word);

#endif
