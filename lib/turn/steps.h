#ifndef RCD_TURN_STEPS_H
#define RCD_TURN_STEPS_H

#include "answer/caption.h"
#include "answer/filter.h"
#include "answer/marks.h"
#include "audio/sniff.h"
#include "base/json.h"
#include "store/history.h"
#include "store/inbox.h"
#include "store/recent.h"
#include "store/suppression.h"
#include "turn/speaker.h"
#include "turn/turn.h"

/* One turn while it runs, and its steps. Each step takes the turn, does its part and
 * returns 0, or -1 with err: it does not know who called it. Owned by rcd_turn_run. */

#define RCD_MAX_ALONG 3  /* pictures and documents of one answer */
#define RCD_MAX_PARTS 47 /* of one answer: RCD_MAX_TEXT in pieces, those, and the audio */

struct rcd_tool_media;
struct rcd_hold_on;

struct rcd_turn {
	const struct rcd_turn_env *env;
	struct rcd_job job; /* a copy: turn_id and contact_id are filled by gather */
	struct rcd_twiml_seat *seat;
	struct rcd_cancel *cancel;
	int64_t deadline; /* for the answer to leave */
	struct rcd_typing typing;

	/* running ahead; all of it 0 in a turn that began after its window had closed */
	int64_t window_end;   /* rcd_mono_ms() before which the answer is not stored; 0: at any time */
	enum rcd_ahead ahead; /* how far this turn runs until then */
	struct rcd_job_lost asked; /* of models meanwhile: lost when the turn begins anew */
	int early_calls;           /* of tools meanwhile, which no row counts */

	/* gather */
	struct rcd_inbox_row *in;
	struct rcd_form *form;      /* n_in of them, and */
	struct rcd_twilio_msg *msg; /* the messages in them */
	size_t n_in;
	const struct rcd_route *route;
	bool answered;            /* a predecessor got as far as the answer */
	bool over;                /* nothing to answer: the steps below are not run */
	bool silent;              /* the conversation is a person's: heard, not answered */
	bool elsewhere;           /* another life of the store has answered: answer is what it said */
	struct rcd_suppressed no; /* what the contact does not want; all of it is silence too */
	bool more;                /* more came in before the answer was stored */

	/* ceiling */
	enum rcd_ceiling ceiling; /* what this turn may not cost any more */

	/* hear */
	int64_t hear_by;             /* the rest of the time is the ladder's */
	struct rcd_hold_on *hold_on; /* says so when that is over; NULL: nobody does */
	struct rcd_buf said; /* what the model is told and the history shows: what the customer wrote
	                        and said, one line a message, and in brackets what came beside it */
	struct rcd_buf own;  /* of it, the customer's own words alone: for rules */
	size_t own_end[RCD_MAX_TURN_MESSAGES]; /* where each message's words end in own */
	struct rcd_buf transcript;             /* the spoken part alone */
	int64_t asked_us;        /* when a session was given the note, or the text; 0: none was */
	struct rcd_live *live;   /* the session that heard it, until the answer; NULL: none */
	struct rcd_buf beside;   /* of said: what that session has not heard */
	struct rcd_err live_err; /* why no session could hear; the rung need not try again */
	bool audio;              /* there was a voice note */
	bool words;              /* said holds words, not only marks such as "[imagem]" */
	bool shown;              /* there is something beside words that a model answers */
	json_t *pictures;        /* "data:…" each, for the model; NULL: none */
	size_t shown_bytes;      /* of those, as they came */
	size_t marks_image;      /* how often said has the mark of a picture, and */
	size_t picture_mark[RCD_MAX_PICTURES]; /* which of them is whose */
	struct rcd_buf documents;              /* the text of documents, quoted line by line */
	size_t document_chars;                 /* in there */
	size_t n_documents;
	bool wants_audio; /* as a voice note: asked for in it, or kept as a wish */
	int notice;       /* enum rcd_text that answers what cannot be understood; -1 */
	int unless_shown; /* the same of what is shown to a model, where none answers it; -1 */

	/* heed */
	struct rcd_buf reply; /* the answer by rule; empty: the ladder's */

	/* brake */
	struct rcd_recent *recent; /* n_recent turns before this one on its channel, oldest first; */
	size_t n_recent;
	bool looked_back; /* they were read */
	bool braked;      /* it looks like a program's, and is not answered */

	/* recall */
	json_t *prompt;     /* messages for the model */
	const char *zone;   /* where the contact most likely is; NULL: where the business is */
	bool forgets;       /* the window of turns is full: what falls out is to be summed up */
	int64_t persona_id; /* the version of it in there; 0: none */

	/* think */
	struct rcd_buf answer;
	struct rcd_filter filter; /* a model's message on its way into answer, */
	struct rcd_filter_sink sink;
	struct rcd_captions captions; /* between that and the marks, of a turn with pictures */
	struct rcd_marks marks;
	struct rcd_buf live_words; /* of a watched turn: that message as it was told while it came */
	size_t message_at;         /* which begins there */
	const char *rung;
	char thread_id[80]; /* of the conversation at the provider; "" for none */
	json_t *why;        /* {"chat": "down: …"}: why the rungs above did not answer */

	/* tools */
	char handoff[400]; /* the reason why a person is to go on after this answer; "" */
	const struct rcd_tool_media *along[RCD_MAX_ALONG]; /* what is sent along with it */
	size_t n_along;

	/* send */
	int64_t waits;         /* enum rcd_waits: what a person is asked for with this answer */
	bool last_part;        /* what leaves now is the last of the turn: its acceptance is */
	int64_t accepted;      /* stored with the turn's end. The row that was accepted; 0: none, */
	char accepted_sid[64]; /* and its sid */
	int64_t intended;      /* rcd_mono_ms() before what leaves now was marked as leaving */

	/* speak */
	bool own_voice;              /* the rung speaks itself */
	struct rcd_speaker *speaker; /* at work since the first sentence; NULL: none */
	bool spoken;
	struct rcd_note note; /* when spoken */

	json_t *steps;            /* the trace */
	json_t *passages, *calls; /* of a watched turn: see struct rcd_turn_account */
};

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
int rcd_turn_heed(struct rcd_turn *t, struct rcd_err *err);
/* The part of heed that keeps what the contact does not want: t->no, t->silent, and the answer
 * where a wish has one. */
int rcd_turn_keep_wishes(struct rcd_turn *t, struct rcd_err *err);
int rcd_turn_brake(struct rcd_turn *t, struct rcd_err *err);
int rcd_turn_recall(struct rcd_turn *t, struct rcd_err *err);
int rcd_turn_think(struct rcd_turn *t, struct rcd_err *err);
int rcd_turn_speak(struct rcd_turn *t, struct rcd_err *err);
int rcd_turn_send(struct rcd_turn *t, struct rcd_err *err);
int rcd_turn_remember(struct rcd_turn *t, struct rcd_err *err);

/* The waiting for the end of the window, in the trace; it is not a part of the turn's time. */
#define RCD_STEP_WINDOW "window"

/* What a turn that asks whether to forget is stored as, and one that was told yes. */
#define RCD_RUNG_ASKS "forget?"
#define RCD_RUNG_FORGETS "forget"
/* And one that is not answered because the contact wants no messages. */
#define RCD_RUNG_SUPPRESSED "suppressed"

/* The customer's own words as far as rules read them: what came last, RCD_MAX_SAID bytes at most.
 */
struct rcd_sv rcd_turn_own(const struct rcd_turn *t);

/* Appends what the provider tells beside the words of message i, a line in brackets each. *asks: it
 * is something to answer also without words. */
#define RCD_MAX_CONTEXT 16384 /* bytes: many times what the caps in there come to */
int rcd_turn_context(struct rcd_turn *t, size_t i, struct rcd_buf *out, bool *asks,
                     struct rcd_err *err);
/* The same of a contact card; false when it names nobody. */
bool rcd_turn_card(const struct rcd_turn *t, struct rcd_sv vcard, struct rcd_buf *out);

/* The part of gather that parses what came in, and settles what no turn can take up: t->n_in is
 * what is left, and may be 0. */
int rcd_turn_take_in(struct rcd_turn *t, struct rcd_err *err);

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

/* From this age on what is unfinished is looked up at the provider before anything leaves: it may
 * have been finished by another life of this store (a copy, a backup that came back). Younger, no
 * copy can have been started from it. */
#define RCD_LATE_MS 20000
bool rcd_turn_is_late(const struct rcd_turn *t, int64_t since_ms);
/* A part of gather. Sets t->elsewhere and t->answer when the customer got an answer that this store
 * knows nothing of. */
int rcd_turn_look_for_answer(struct rcd_turn *t, struct rcd_err *err);

/* Waits for room in a gate of env's (NULL: none is needed); RCD_BUSY when it takes too long. The
 * time in the queue is not the turn's: its deadlines move by it. */
int rcd_turn_enter_gate(struct rcd_turn *t, struct rcd_gate *gate, struct rcd_err *err);

/* A part of hear: an attachment's bytes and type, from where Twilio keeps it. What is heard is not
 * kept here, its words are; one that is declared as a picture is not fetched a second time by a
 * turn that begins anew. *gate: to be left when the bytes are gone; untouched: none. */
int rcd_turn_fetch(struct rcd_turn *t, size_t i, int part, struct rcd_buf *bytes, char type[96],
                   struct rcd_gate **gate, struct rcd_err *err);

/* The part of hear that the rung realtime does itself: where it stands first on the route's
 * ladder for audio, notes go (at RCD_REALTIME_HZ) into a session, which is kept in t->live for
 * the answer. Once that has failed, t->live_err says why and no other note goes there. */
bool rcd_turn_hears_live(const struct rcd_turn *t);
int rcd_turn_hear_live(struct rcd_turn *t, const struct rcd_pcm *pcm, struct rcd_buf *text,
                       struct rcd_err *err);

/* A model's answer to t->prompt, with what the tools it calls say on the way: round is one
 * request, asked again with the results until the model calls no more. The model has the turn's
 * time for its first words, or what is left of it once it has begun to work. */
typedef int rcd_round_fn(struct rcd_turn *t, struct rcd_openai_ask *ask, void *arg,
                         struct rcd_chat_usage *usage, struct rcd_err *err);
int rcd_turn_converse(struct rcd_turn *t, int stall_ms, rcd_round_fn *round, void *arg,
                      struct rcd_chat_usage *usage, struct rcd_err *err);

/* The next words of the answer, as they are. They are spoken from the first whole sentence on. */
int rcd_turn_say(struct rcd_turn *t, struct rcd_sv words, struct rcd_err *err);
/* The whole answer at once, Markdown as the channel's marks: what was said like this before is not
 * made again. */
int rcd_turn_say_all(struct rcd_turn *t, struct rcd_sv text, struct rcd_err *err);
/* The two halves of rcd_turn_say: into the answer alone, to the voice alone. */
int rcd_turn_write(struct rcd_turn *t, struct rcd_sv words, struct rcd_err *err);
int rcd_turn_voice(struct rcd_turn *t, struct rcd_sv words, struct rcd_err *err);

/* One message of a model: its words go through the filter to the voice, and with the channel's
 * marks into the answer. words fits rcd_text_fn. */
void rcd_turn_model_begin(struct rcd_turn *t);
int rcd_turn_model_words(void *arg, struct rcd_sv words, struct rcd_err *err);
/* finish: why it ended. One that was cut ends at its last whole sentence. calls: it called tools
 * and need not say anything. RCD_PROTO: nothing in it is for the customer to see. */
int rcd_turn_model_end(struct rcd_turn *t, const char *finish, bool calls, struct rcd_err *err);
void rcd_turn_model_done(struct rcd_turn *t);

bool rcd_turn_is_sms(const struct rcd_turn *t);
/* The turns that this one may know of: an SMS, whose sender can be forged, knows of SMS alone. */
enum rcd_turns_of rcd_turn_reach(const struct rcd_turn *t);
enum rcd_marks_style rcd_turn_marks(const struct rcd_turn *t);
/* A whole text of a model as the customer of this turn reads it, appended to out. RCD_PROTO: a tool
 * call written as text. */
int rcd_turn_finish_text(struct rcd_turn *t, struct rcd_sv text, struct rcd_buf *out,
                         struct rcd_err *err);
/* By SMS: the answer as it is sent, plain and short. */
int rcd_turn_fit_sms(struct rcd_turn *t, struct rcd_err *err);

/* The answer's speech, where the rung has a voice of its own (24 kHz): it sets t->own_voice
 * before its first words, which are then only written. */
int rcd_turn_sound(void *arg, const int16_t *pcm, size_t n, struct rcd_err *err);
/* Takes back all that was said: another rung begins. */
void rcd_turn_unsay(struct rcd_turn *t);

/* The part of hear that shows a picture to a model that sees; false: there is none, or the picture
 * is too large, broken or one too many. -1: RCD_NOMEM. */
int rcd_turn_show(struct rcd_turn *t, struct rcd_sv bytes, bool *shown, struct rcd_err *err);
/* What is asked along with t->pictures, as struct rcd_openai_ask has it; NULL when memory is short.
 */
json_t *rcd_turn_pictures(const struct rcd_turn *t);
/* The marks of pictures in t->said become what the model saw in them. */
int rcd_turn_name_pictures(struct rcd_turn *t, struct rcd_err *err);

/* The part of hear that reads a document: its mark into t->said, its text into t->documents. told:
 * that was done, or what is wrong with it was said; else it is answered as the kind that it is. */
int rcd_turn_read(struct rcd_turn *t, size_t i, int part, struct rcd_sv bytes, struct rcd_sv type,
                  bool *told, struct rcd_err *err);
/* The same of one that this turn had read before it began anew. */
int rcd_turn_read_before(struct rcd_turn *t, size_t i, int part, bool *told, struct rcd_err *err);
/* What the model is told of t->documents. */
const char *rcd_turn_documents_rule(const struct rcd_turn *t);

/* Keeps an attachment's bytes and a row for it. */
int rcd_turn_keep(struct rcd_turn *t, size_t msg, int part, enum rcd_kind kind, struct rcd_sv type,
                  struct rcd_sv bytes, struct rcd_err *err);

/* Those bytes, where this turn kept them before it began anew. RCD_NOENT: it did not. */
int rcd_turn_kept(struct rcd_turn *t, size_t msg, int part, struct rcd_buf *bytes,
                  struct rcd_err *err);

void rcd_turn_note(const struct rcd_turn *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Waits for the voice note until then: t->spoken, or why not, or (with t->speaker still set)
 * not yet. */
int rcd_turn_hear_out(struct rcd_turn *t, int64_t until, struct rcd_err *err);

/* What whoever watches is told; nothing where nobody does. found: in the place of what was found
 * before. called: result is JSON. */
void rcd_turn_tell_words(const struct rcd_turn *t, struct rcd_sv words);
void rcd_turn_tell_unsaid(const struct rcd_turn *t);
void rcd_turn_tell_found(struct rcd_turn *t, const struct rcd_passage *p, size_t n);
void rcd_turn_tell_called(struct rcd_turn *t, const struct rcd_tool_call *call,
                          struct rcd_sv result, int64_t ms);
void rcd_turn_tell_ended(const struct rcd_turn *t);

/* The time zone in which the contact is told and says times. */
const char *rcd_turn_zone(const struct rcd_turn *t);

/* A figure for the trace's current step: {"name": …, "ms": …, key: value}. */
void rcd_turn_figure(struct rcd_turn *t, const char *key, int64_t value);
/* Those of a model's answer. */
void rcd_turn_usage(struct rcd_turn *t, const struct rcd_chat_usage *usage);
const char *rcd_turn_text(const struct rcd_turn *t, enum rcd_text which);

#endif
