#ifndef RCD_TURN_STEPS_H
#define RCD_TURN_STEPS_H

#include "turn/channel.h"
#include "turn/parts.h"
#include "turn/state.h"
#include "turn/trace.h"

/* The steps of a turn. Each takes the turn, writes its own part of the state and returns 0, or -1
 * with err: it does not know who called it. */

/* The window that is open until until_ms (UTC; 0: none is): how far the turn runs ahead. */
int rcd_turn_open_window(struct rcd_turn *t, int64_t until_ms, struct rcd_err *err);
/* Whatever is done now may turn out to be for nothing, and must leave no trace. */
bool rcd_turn_is_ahead(const struct rcd_turn *t);
/* Blocks until the window closes. RCD_CANCELLED: a newer message came first. */
int rcd_turn_await_window(struct rcd_turn *t, struct rcd_err *err);
/* A request to a model that began ahead; usage NULL: it failed. */
void rcd_turn_count_early(struct rcd_turn *t, const json_t *messages,
                          const struct rcd_chat_usage *usage);

int rcd_turn_gather(struct rcd_turn *t, struct rcd_err *err);
int rcd_turn_ceiling(struct rcd_turn *t, struct rcd_err *err);
int rcd_turn_hear(struct rcd_turn *t, struct rcd_err *err);
int rcd_turn_handle_request(struct rcd_turn *t, struct rcd_err *err);
/* The part of handle_request that keeps what the contact does not want: t->rules.suppressed,
 * t->outcome.silent, and the answer where a wish has one. */
int rcd_turn_keep_wishes(struct rcd_turn *t, struct rcd_err *err);
/* The wishes that hold when the turn begins, for gather. */
int rcd_turn_read_wishes(struct rcd_turn *t, struct rcd_err *err);
/* The store has refused the answer's voice: it goes as text. */
void rcd_turn_refuse_voice(struct rcd_turn *t);
int rcd_turn_brake(struct rcd_turn *t, struct rcd_err *err);
int rcd_turn_recall(struct rcd_turn *t, struct rcd_err *err);
int rcd_turn_think(struct rcd_turn *t, struct rcd_err *err);
int rcd_turn_speak(struct rcd_turn *t, struct rcd_err *err);
int rcd_turn_send(struct rcd_turn *t, struct rcd_err *err);
int rcd_turn_remember(struct rcd_turn *t, struct rcd_err *err);

/* The waiting for the end of the window, in the trace; it is not a part of the turn's time. */
#define RCD_STEP_WINDOW "window"

/* What a turn is stored as that is not answered because the contact wants no messages. */
#define RCD_RUNG_SUPPRESSED "suppressed"

/* One that confirms what the contact wants no more of. */
#define RCD_RUNG_WISH "wish"
/* And one that is not answered, because it looks like a program's: see policy/brake.h. */
#define RCD_RUNG_BRAKE "brake"
#define RCD_RUNG_CEILING "ceiling" /* or because the channel's messages of the day are spent */
/* Is a voice note not worth hearing, since it is not answered whatever it says? */
int rcd_turn_spares_note(struct rcd_turn *t, bool *yes, struct rcd_err *err);

/* A rung of the ladder. run says its answer, or fails with why: what it had
 * said by then is taken back. stall_ms: how long the provider may be silent, the first words
 * included, before the next rung is to have its chance. */
typedef int rcd_rung_fn(struct rcd_turn *t, int stall_ms, struct rcd_err *err);
rcd_rung_fn rcd_rung_realtime, rcd_rung_chat, rcd_rung_assistant, rcd_rung_knowledge,
	rcd_rung_apology;

/* The part of hear that the rung realtime does itself: where it stands first on the route's
 * ladder for audio, notes go (at RCD_REALTIME_HZ) into a session, which is kept in t->live.session
 * for the answer. Once that has failed, t->live.err says why and no other note goes there. */
bool rcd_turn_hears_live(const struct rcd_turn *t);
int rcd_turn_hear_live(struct rcd_turn *t, const struct rcd_pcm *pcm, struct rcd_buf *text,
                       struct rcd_err *err);

/* A model's answer to t->recall.prompt, with what the tools it calls say on the way: round is one
 * request, asked again with the results until the model calls no more. The model has the turn's
 * time for its first words, or what is left of it once it has begun to work. */
typedef int rcd_round_fn(struct rcd_turn *t, struct rcd_openai_ask *ask, void *arg,
                         struct rcd_chat_usage *usage, struct rcd_err *err);
int rcd_turn_converse(struct rcd_turn *t, int stall_ms, rcd_round_fn *round, void *arg,
                      struct rcd_chat_usage *usage, struct rcd_err *err);

/* One call of a model, from its words to the JSON it is told; errors are told too. -1: the turn
 * cannot go on. */
int rcd_turn_call(struct rcd_turn *t, const struct rcd_tool_call *call, int64_t deadline,
                  struct rcd_buf *result, struct rcd_err *err);

/* The next words of the answer, as they are. They are spoken from the first whole sentence on. */
int rcd_turn_add_answer(struct rcd_turn *t, struct rcd_sv text, struct rcd_err *err);
/* The two halves of it: into the text alone, to the voice alone. */
int rcd_turn_write_answer(struct rcd_turn *t, struct rcd_sv text, struct rcd_err *err);
int rcd_turn_speak_words(struct rcd_turn *t, struct rcd_sv words, struct rcd_err *err);
/* The whole answer at once, Markdown as the channel's marks: a sentence that was spoken before is
 * not synthesized again. */
int rcd_turn_put_answer(struct rcd_turn *t, struct rcd_sv text, struct rcd_err *err);
int rcd_turn_speak_all(struct rcd_turn *t, struct rcd_sv text, struct rcd_err *err);
/* A paragraph of ours below the text, when it is about to leave. */
int rcd_turn_append_notice(struct rcd_turn *t, const char *text, struct rcd_err *err);
/* Takes back text, voice and what tools asked for: another rung begins. */
void rcd_turn_discard_answer(struct rcd_turn *t);
/* The voice alone. */
void rcd_turn_drop_voice(struct rcd_turn *t);

/* One message of a model: its words go through the filter to the voice, and with the channel's
 * marks into the answer. words fits rcd_text_fn. */
void rcd_turn_model_begin(struct rcd_turn *t);
int rcd_turn_model_words(void *arg, struct rcd_sv words, struct rcd_err *err);
/* finish: why it ended. One that was cut ends at its last whole sentence. calls: it called tools
 * and need not say anything. RCD_PROTO: nothing in it is for the customer to see. */
int rcd_turn_model_end(struct rcd_turn *t, const char *finish, bool calls, struct rcd_err *err);
void rcd_turn_model_done(struct rcd_turn *t);

/* By SMS: the answer as it is sent, plain and short. */
int rcd_turn_fit_sms(struct rcd_turn *t, struct rcd_err *err);

/* The rung speaks itself (24 kHz): said before its first words, which are then only written. */
void rcd_turn_use_own_voice(struct rcd_turn *t, bool own);
int rcd_turn_speak_pcm(void *arg, const int16_t *pcm, size_t n, struct rcd_err *err);

/* Waits for the voice note until then: t->speak.spoken, or why not, or (with t->speak.speech still
 * set) not yet. */
int rcd_turn_await_voice(struct rcd_turn *t, int64_t until, struct rcd_err *err);

/* What whoever watches is told; nothing where nobody does. found: in the place of what was found
 * before. called: result is JSON. */
void rcd_turn_tell_words(const struct rcd_turn *t, struct rcd_sv words);
void rcd_turn_tell_discarded(const struct rcd_turn *t);
void rcd_turn_tell_found(struct rcd_turn *t, const struct rcd_passage *p, size_t n);
void rcd_turn_tell_called(struct rcd_turn *t, const struct rcd_tool_call *call,
                          struct rcd_sv result, int64_t ms);
void rcd_turn_tell_ended(const struct rcd_turn *t);

#endif
