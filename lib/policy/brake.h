#ifndef RCD_BRAKE_H
#define RCD_BRAKE_H

#include "base/err.h"
#include "base/sv.h"

/* The brake: whether the next message of a contact is answered, by its last turns on that channel
 * alone. Two programs that answer each other never end, and each round costs both of them. A person
 * is not braked however fast they write: what counts is the same again, what programs say by
 * themselves, messages with nothing in them, and a pace that nobody types at.
 *
 * Nothing is kept but the turns: a turn that is not answered is stored as braked, and the
 * conversation stays so until something new comes. */

/* A limit of 0 is none. */
struct rcd_brake_conf {
	int loop_answers; /* to messages that look like a loop's, in the last hour: see rcd_brake */
	int answers;      /* to anything, within */
	int window_s;     /* so many seconds */
	int fast_answers; /* in a row, to messages that came faster than anybody types */
	int quiet_s;      /* without such messages before something new is answered */
};

#define RCD_BRAKE_MEMORY_MS 3600000 /* how far back is looked, */
#define RCD_BRAKE_TURNS 64          /* and how many turns of that; more are the last ones */

/* A turn as it was; out: "" where there was no answer. */
struct rcd_brake_turn {
	int64_t started_ms; /* when its first message came */
	int64_t messages;
	bool audio, braked;
	struct rcd_sv in, out;
};

enum rcd_brake {
	RCD_BRAKE_NONE, /* answer it */
	RCD_BRAKE_LOOP, /* the same messages, auto-replies, stickers and empty messages again and again
	                 */
	RCD_BRAKE_RATE, /* too many answers in the window */
	RCD_BRAKE_PACE, /* nobody types that fast for that long */
	RCD_BRAKE_HELD, /* braked before, and nothing new has come */
	RCD_N_BRAKES
};
extern const char *const rcd_brake_name[RCD_N_BRAKES]; /* "loop" … */

/* turn: oldest first, the one to be decided last (n > 0). What looks like a loop's counts one
 * against loop_answers: a message all of whose lines came before (or echo our own), an auto-reply
 * (two when it came before), a sticker, an empty message, a note without speech. A short one
 * ("ok", "2") counts a half, and only where our answers were the same too; a picture or a document
 * counts a half. */
int rcd_brake(const struct rcd_brake_conf *conf, const struct rcd_brake_turn *turn, size_t n,
              enum rcd_brake *out, struct rcd_err *err);

/* Before a voice note is fetched and paid for: is it certain that it is not answered, whatever it
 * says? last: the turn before it. */
bool rcd_brake_holds(const struct rcd_brake_conf *conf, const struct rcd_brake_turn *last,
                     int64_t started_ms);

#endif
