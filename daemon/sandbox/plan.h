#ifndef RCD_SB_PLAN_H
#define RCD_SB_PLAN_H

#include "base/err.h"
#include "base/sv.h"

/* The fault plan: what goes wrong, how often. One rule a line, "#" begins a comment:
 *
 *     seed 42                            the dice of prob=, 1 when not said
 *     OP [FAULT] [NAME=VALUE …]
 *
 * OP is one operation (messages.create messages.list messages.get messages.media media.get
 * cdn.get typing chat responses conversations.create conversations.get conversations.delete
 * conversations.items transcribe embeddings models tts voices realtime.connect
 * realtime.transcribe realtime.response s3.put s3.get s3.head s3.delete s3.list), a provider
 * (twilio openai elevenlabs s3), * for all of these, or callback: the status callbacks of one
 * sent message.
 *
 * FAULT is one of
 *     429           too many requests; retry-after=SECONDS goes into the header
 *     500-before    500, and nothing was done
 *     500-after     500, and it was done all the same
 *     status=NNN    any other refusal, nothing was done; code=WORD is the provider's own code
 *     cut           the head of the answer and half of its body, then the connection ends
 *     garbage       the right head with bytes that mean nothing
 *     never         taken and done, but no answer until the other side gives up
 *
 * for chat, responses and realtime.response also
 *     broken        an error object in the stream, after half of the text; code=WORD is its code
 *     failed        the same, as each protocol ends an answer that failed
 *     incomplete    half of the text, then the end of the tokens
 *     filtered      half of the text, then the content filter
 *     refusal       the model says no
 *
 * and for callback
 *     never         none comes; the message list goes on all the same
 *     twice         each comes two times
 *     disorder      delivered, then sent, then queued
 *     failed        the message fails after it was accepted; code=NUMBER says why
 *
 * With or without a fault: delay=MS before the answer (of callback: before the first one),
 * pace=MS between the pieces of a model's answer, text="…" as that answer or as the transcript
 * of transcribe and realtime.transcribe (\" \\ and \n inside).
 *
 * Within a session (realtime.transcribe, realtime.response) there are no heads: a status is an
 * error event, cut ends the connection, garbage is a frame that no WebSocket has, never is
 * silence.
 *
 * When: times=N (the first N that match), nth=N (from the N-th that matches on; alone, that
 * one only), prob=0..1. A request takes the delays of all rules that apply, added up, and the
 * first fault and the first text. */
struct rcd_sb_plan;

enum rcd_sb_fault_kind {
	RCD_SB_OK,
	RCD_SB_STATUS, /* a refusal: 429, 500-before, status= */
	RCD_SB_AFTER,
	RCD_SB_CUT,
	RCD_SB_GARBAGE,
	RCD_SB_NEVER,
	RCD_SB_BROKEN,
	RCD_SB_FAILED,
	RCD_SB_INCOMPLETE,
	RCD_SB_FILTERED,
	RCD_SB_REFUSAL,
	RCD_SB_TWICE,
	RCD_SB_DISORDER,
};

/* What to do to one request. */
struct rcd_sb_fault {
	enum rcd_sb_fault_kind kind;
	int status, retry_after, delay_ms, pace_ms;
	char code[48];
	char *text; /* NULL: none; rcd_sb_fault_done() */
};

const char *rcd_sb_fault_name(const struct rcd_sb_fault *f); /* "ok", "429", "cut" … */
void rcd_sb_fault_done(struct rcd_sb_fault *f);

int rcd_sb_plan_open(struct rcd_sb_plan **out, struct rcd_err *err);
/* Replaces all rules, or none when one line is wrong: "name:line: what". */
int rcd_sb_plan_set(struct rcd_sb_plan *p, const char *name, struct rcd_sv text,
                    struct rcd_err *err);
int rcd_sb_plan_read(struct rcd_sb_plan *p, const char *path, struct rcd_err *err);
/* Counts one request and says what becomes of it. provider NULL: no request but something
 * that the provider does by itself, which only a rule with its own name concerns. -1 when
 * memory is short. Thread-safe. */
int rcd_sb_plan_ask(struct rcd_sb_plan *p, const char *provider, const char *op,
                    struct rcd_sb_fault *out);
struct rcd_sb_plan *rcd_sb_plan_close(struct rcd_sb_plan *p); /* NULL-safe, returns NULL */

#endif
