#ifndef RCD_TALK_H
#define RCD_TALK_H

#include "base/cancel.h"
#include "base/json.h"
#include "daemon/conf.h"

/* A conversation with the bot in this process: the real steps of a turn (lib/turn) over a store of
 * its own in a temporary folder, into which the instance's knowledge is copied. Answers reach
 * nobody, and nothing is written into the instance's own store. Providers are the configured ones,
 * but OpenAI is asked to keep nothing. One thread at a time. What is embedded is logged: a program
 * says by rcd_log_init how much of that it wants to see. */

struct rcd_talk;

struct rcd_talk_conf {
	const struct rcd_conf *conf; /* the instance's; borrowed until close */
	struct rcd_db
		*from; /* its store: the knowledge is copied; borrowed for open. NULL: there is none yet */
	const char *route;       /* "/webhook/whatsapp"; NULL: the first configured one */
	struct rcd_cancel *stop; /* set from any thread, it ends with RCD_CANCELLED what is under way,
	                            open included, and what is begun later; borrowed until close */
	void *arg;               /* of those below, each of which may be NULL */
	/* The answer's words as they come; unsaid: what was said so far is taken back. */
	void (*said)(void *arg, struct rcd_sv words);
	void (*unsaid)(void *arg);
	/* While the knowledge is copied: what has rows, now and then. */
	void (*progress)(void *arg, const char *what, int64_t done, int64_t all);
};

/* One answer. Owned by the caller: rcd_talk_answer_free. */
struct rcd_talk_answer {
	struct rcd_buf
		text;      /* what the customer reads; "" when a person is to answer. Ends with a NUL */
	char rung[24]; /* which rung of the ladder said it; "person" when handed over */
	json_t *steps; /* the trace: [{"name":"recall","ms":3.2,...}] */
	json_t *why;   /* why the rungs above did not answer: {"chat":"down: ..."}; {} */
	json_t
		*passages; /* [{"source":"trocas.md","heading":"...","page":0,"score":...,"similarity":...,
	                  "text":"..."}] that reached the prompt, or were the answer */
	json_t
		*calls; /* [{"name":"save_contact","arguments":{...},"result":{...},"ms":...}] in order */
	json_t *notes; /* ["..."] what an operator would read in the log */
	int64_t ms;    /* until the answer was there; with voice, until the voice was */
	int64_t input_tokens, cached_tokens,
		output_tokens; /* of the model that answered; cached are among input */
	double cost;       /* in US dollars by the configured prices; < 0: no price is known */
	char *note; /* path of the spoken answer's .ogg in the temporary folder; NULL: not spoken */
	char
		persona[65]; /* the version that answered, as `recado persona list` names it; "" for none */
	bool handed_over; /* a person answers from now on, or already did */
};

/* Blocks while the knowledge is copied. */
int rcd_talk_open(struct rcd_talk **out, const struct rcd_talk_conf *conf, struct rcd_err *err);
/* who: 0, 1, 2 ... different contacts, isolated from each other. voice: ask for a spoken answer as
 * well. Blocks for as long as the providers take. RCD_INVAL: no words, or not UTF-8, or a NUL in
 * them; RCD_LIMIT: longer than RCD_TALK_WORDS; RCD_CANCELLED: stopped. *out is set on success
 * only. */
#define RCD_TALK_WORDS 16384
int rcd_talk_say(struct rcd_talk *t, int who, struct rcd_sv words, bool voice,
                 struct rcd_talk_answer *out, struct rcd_err *err);
/* words as an answer would be spoken: *note is the path of the .ogg in the temporary folder, the
 * caller's. */
int rcd_talk_speak(struct rcd_talk *t, struct rcd_sv words, char **note, struct rcd_err *err);
/* Who answers from now on: another folder of layers, which must have some; the caller's until
 * close. */
int rcd_talk_persona(struct rcd_talk *t, const char *dir, struct rcd_err *err);
/* As `recado contact forget` does: the contact becomes a stranger; an unknown one is no error. */
int rcd_talk_forget(struct rcd_talk *t, int who, struct rcd_err *err);
void rcd_talk_answer_free(struct rcd_talk_answer *a);
struct rcd_talk *rcd_talk_close(
	struct rcd_talk *t); /* removes the folder; NULL-safe, returns NULL */

#endif
