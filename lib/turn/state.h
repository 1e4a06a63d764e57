#ifndef RCD_TURN_STATE_H
#define RCD_TURN_STATE_H

#include "answer/caption.h"
#include "answer/filter.h"
#include "answer/marks.h"
#include "audio/sniff.h"
#include "base/json.h"
#include "delivery/delivery.h"
#include "speech/speech.h"
#include "store/history.h"
#include "store/inbox.h"
#include "store/recent.h"
#include "store/suppression.h"
#include "turn/turn.h"

/* The state of a running turn: one part per step, written by that step's files alone and read by
 * the steps after it. What several steps write (the time, the outcome, the trace) stands at the
 * top. Owned by rcd_turn_run. */

/* Of one answer: RCD_MAX_TEXT in pieces, RCD_MAX_ANSWER_MEDIA and the audio. */
#define RCD_MAX_PARTS 47

struct rcd_hold_on;

/* rcd_mono_ms() of the turn's ends. Extended while a gate or a large attachment holds it up. */
struct rcd_turn_time {
	int64_t deadline;     /* for the answer to leave */
	int64_t hear_by;      /* for attachments to become words; the rest is the ladder's */
	int64_t window_end;   /* before which the answer is not stored; 0: at any time */
	enum rcd_ahead ahead; /* how far this turn runs until then */
};

/* What has been decided about the answer, by whichever step decides first. */
struct rcd_turn_outcome {
	bool silent;      /* the messages are read, and not answered */
	const char *rung; /* what the answer is stored as */
	int64_t waits;    /* enum rcd_waits: what a person is asked for with this answer */
	json_t *why;      /* {"chat": "down: …"}: why the rungs above did not answer */
};

/* What is stored and shown of how the turn went. */
struct rcd_turn_trace {
	json_t *steps;            /* [{name, ms, figures …}] */
	json_t *passages, *calls; /* of a watched turn: see struct rcd_turn_account */
};

struct rcd_gather {
	struct rcd_inbox_row *row;  /* n of them, */
	struct rcd_form *form;      /* and */
	struct rcd_twilio_msg *msg; /* the messages in them */
	size_t n;
	const struct rcd_route *route;
	bool over;                     /* nothing to answer: the steps below are not run */
	bool elsewhere;                /* another instance of the store has answered, */
	struct rcd_buf elsewhere_text; /* with that */
};

/* Ceiling, requests, wishes and brake: what is decided without a model. */
struct rcd_rules {
	enum rcd_ceiling ceiling;         /* what this turn may not cost any more */
	struct rcd_suppressed suppressed; /* what the contact does not want */
	bool wants_audio;          /* as a voice note: asked for in this turn, or kept as a wish */
	struct rcd_buf reply;      /* the answer by rule; empty: the ladder's */
	struct rcd_recent *recent; /* n_recent turns before this one on its channel, oldest first; */
	size_t n_recent;
	bool looked_back; /* they were read */
	bool braked;      /* it looks like a program's, and is not answered */
};

/* The realtime session that hears and answers. */
struct rcd_turn_live {
	struct rcd_live *session; /* the one that heard the note, until the answer; NULL: none */
	int64_t asked_us;         /* when it was given the note, or the text; 0: none was */
	struct rcd_err err;       /* why no session could hear; the rung need not try again */
};

struct rcd_recall {
	json_t *prompt;     /* messages for the model */
	const char *zone;   /* where the contact most likely is; NULL: where the business is */
	bool window_full;   /* the window of turns is full: what falls out is to be summed up */
	int64_t persona_id; /* the version of it in the prompt; 0: none */
};

struct rcd_think {
	struct rcd_buf answer;
	struct rcd_buf seen_text; /* customer_text with what the model saw in pictures; empty: none */
	struct rcd_filter filter; /* a model's message on its way into answer, */
	struct rcd_filter_sink sink;
	struct rcd_captions captions; /* between that and the marks, of a turn with pictures */
	struct rcd_marks marks;
	struct rcd_buf watched_text; /* of a watched turn: that message as its observer was told it */
	size_t message_at;           /* which begins there in answer */
	char thread_id[80];          /* of the conversation at the provider; "" for none */
	struct rcd_tool_effects effects; /* of the tools it called, on the answer */
};

struct rcd_speak {
	bool own_voice;            /* the rung speaks itself */
	struct rcd_speech *speech; /* synthesised since the first sentence; NULL: none */
	bool spoken;
	struct rcd_voice_note voice_note; /* when spoken */
};

struct rcd_send {
	struct rcd_outgoing outgoing; /* its beginning is filled when the turn begins */
	bool more_came; /* before the answer was stored: the turn begins anew with all of it */
};

struct rcd_turn {
	const struct rcd_turn_env *env;
	struct rcd_job job; /* a copy: turn_id and contact_id are filled by gather */
	const struct rcd_webhook_reply *webhook; /* that waits for the answer; NULL: none */
	struct rcd_cancel *cancel;
	struct rcd_typing typing;
	struct rcd_hold_on *hold_on; /* tells the customer that hearing takes longer; NULL: nobody */
	bool answered;               /* the answer is stored, by this turn or a predecessor */
	struct rcd_job_lost spent;   /* on models: lost when the turn begins anew */

	struct rcd_turn_time time;
	struct rcd_turn_outcome outcome;
	struct rcd_turn_trace trace;
	struct rcd_turn_live live;

	/* What the steps have found: everybody reads it, and the files of a step write their own part
	 * through parts (turn/parts.h), which tests/layers looks after. */
	struct rcd_turn_parts *parts;
	const struct rcd_gather *gather;
	const struct rcd_rules *rules;
	const struct rcd_received *hear;
	const struct rcd_recall *recall;
	const struct rcd_think *think;
	const struct rcd_speak *speak;
	const struct rcd_send *send;
};

#endif
