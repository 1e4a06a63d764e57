#ifndef RCD_CHAT_STREAM_H
#define RCD_CHAT_STREAM_H

#include "net/sse.h"
#include "provider/openai.h"

/* The streamed answer of Chat Completions: bytes in pieces of any size to text. It knows
 * nothing of the network. The caller's storage. */
struct rcd_chat_stream {
	struct rcd_sse sse;
	struct rcd_chat_usage usage;
	rcd_text_fn *fn;
	void *arg;
	const char *doing;   /* for errors: "openai: chat with gpt-…" */
	int64_t began;       /* rcd_mono_ms() of the call */
	size_t n;            /* bytes of text so far */
	bool words, ended;   /* something but white space came; [DONE] came */
};

void rcd_chat_stream_init(struct rcd_chat_stream *s, const char *doing, rcd_text_fn *fn, void *arg);
/* -1: an error object, a refusal, malformed bytes, too much text, or what fn said. */
int rcd_chat_stream_feed(struct rcd_chat_stream *s, const void *p, size_t n, struct rcd_err *err);
/* The answer of an engine that does not stream: one JSON object with "message" for "delta". */
int rcd_chat_stream_whole(struct rcd_chat_stream *s, struct rcd_sv body, struct rcd_err *err);
/* Was that a whole answer? Fills *usage when it was. A stream without [DONE] is whole when a
 * finish_reason came. One that a content filter stopped is not an answer, whatever came
 * before: half a sentence is worse for a customer than what the next rung says. */
int rcd_chat_stream_end(const struct rcd_chat_stream *s, struct rcd_chat_usage *usage,
                        struct rcd_err *err);
void rcd_chat_stream_done(struct rcd_chat_stream *s);

#endif
