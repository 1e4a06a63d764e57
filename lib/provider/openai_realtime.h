#ifndef RCD_OPENAI_REALTIME_H
#define RCD_OPENAI_REALTIME_H

#include "audio/pcm.h"
#include "provider/openai.h"
#include "provider/realtime_stats.h"

/* Pool of reusable sessions of OpenAI's Realtime API (GA) over WebSockets. A voice note is sent as
 * samples; its transcript and the answer, as text or as the model's own speech, come back.
 *
 * A session never carries one contact's words into another's turn: every answer is generated from
 * its own input alone (conversation "none"), tool calls and results included, and heard items are
 * deleted before the session is reused. A session for which that is uncertain is closed. */

#define RCD_REALTIME_HZ 24000 /* both ways */

/* Borrowed as long as the pool lives. */
struct rcd_realtime_conf {
	const char *base_url; /* with /v1, as OPENAI_BASE_URL: https becomes wss, http ws */
	const struct rcd_secret *key;
	const char *model, *voice;
	const char *transcribe_model, *language; /* of what is heard; language "" : any */
	bool own_audio;                          /* answers are spoken by the model itself */
	int max_tokens;                          /* of an answer */
	int sessions;                            /* most at once */
	int warm;                                /* idle sessions kept open */
	int renew_s; /* the age at which one is replaced (OpenAI ends them after an hour); 0: 3300 */
	struct rcd_realtime_stats *stats; /* zeroed; may be in shared memory; may be NULL */
};

struct rcd_realtime; /* the pool of a process, one at a time (see net/ws.h); safe from any thread */
struct rcd_live;     /* one session while it is taken; of one thread at a time */

/* Opens nothing itself: a thread of its own keeps some sessions ready. Without a key there is
 * no thread and take fails with RCD_DENIED. */
int rcd_realtime_open(struct rcd_realtime **out, const struct rcd_realtime_conf *conf,
                      struct rcd_err *err);
/* Ends every wait in it, now and later, with RCD_CANCELLED; joins the thread. */
void rcd_realtime_abort(struct rcd_realtime *pool);
/* Aborts and frees; nothing is taken any more. NULL-safe, returns NULL. */
struct rcd_realtime *rcd_realtime_close(struct rcd_realtime *pool);

/* Takes an idle session, opens a new one, or at the limit waits for the next that is returned
 * (FIFO). RCD_BUSY: none by the deadline; other codes as in rcd_openai_chat. Return it with
 * rcd_realtime_give. */
int rcd_realtime_take(struct rcd_realtime *pool, int64_t deadline, struct rcd_live **out,
                      struct rcd_err *err);
/* What the pool was opened with. */
const struct rcd_realtime_conf *rcd_realtime_settings(const struct rcd_realtime *pool);

/* Returns a session to the pool; never blocks on the provider. NULL-safe, returns NULL. */
struct rcd_live *rcd_realtime_give(struct rcd_live *live);

/* Gives one voice note to the session, whole; blocks until its transcript is there (appended,
 * trimmed; "" is one too). Several notes of one turn may follow each other. Codes as in
 * rcd_openai_chat; RCD_LIMIT also for a note of more than RCD_MAX_NOTE_SECONDS. */
int rcd_live_hear(struct rcd_live *live, const int16_t *pcm, size_t n, int64_t deadline,
                  struct rcd_buf *transcript, struct rcd_err *err);

struct rcd_live_ask {
	json_t *prompt; /* array of {role, content}, calls and their results among them as tool_call.h
	                   makes them, borrowed. When notes were heard they take the place of its
	                   last user message */
	const json_t *tools; /* array of {name, description, parameters}, borrowed; NULL: none */
	struct rcd_tool_calls *calls; /* with tools: what the model wants done; an answer that has some
	                        is whole without a word, and none at all after -1 */
	struct rcd_sv typed;          /* what was written beside those notes; absent: nothing */
	int64_t deadline;
	int stall_ms; /* the longest silence, the one before the first words included; 0: none */
	bool mute;    /* this answer is only written, whatever own_audio says */
};

/* Where the answer goes, as it comes. */
struct rcd_live_sink {
	rcd_text_fn *words;
	rcd_pcm_fn *sound; /* NULL unless own_audio, and when it is mute */
	void *arg;
};

struct rcd_live_usage {
	int64_t
		first_ms; /* from the question to the first words or sound; -1: there are none, but calls */
	int64_t input_tokens, cached_tokens, output_tokens;
	int64_t heard_tokens, spoken_tokens; /* of them audio */
};

/* The answer to prompt, or what the model calls before it has one: asked again with the results,
 * it goes on. Only a response that is completed is one; whatever came before, a
 * failed, incomplete or cancelled response, an error event, silence or a connection that goes
 * away is a failure: RCD_DENIED (not again), RCD_DOWN, RCD_TIMEOUT, RCD_PROTO (the content
 * filter, an empty answer, bytes that make no sense), RCD_LIMIT (out of tokens, RCD_MAX_TEXT),
 * RCD_INVAL (a setting that the model does not take), or what the sink said. */
int rcd_live_answer(struct rcd_live *live, const struct rcd_live_ask *ask,
                    const struct rcd_live_sink *sink, struct rcd_live_usage *usage,
                    struct rcd_err *err);

#endif
