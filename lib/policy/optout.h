#ifndef RCD_OPTOUT_H
#define RCD_OPTOUT_H

#include "base/err.h"
#include "base/sv.h"

/* Detects messages that are only an opt-out or opt-in: no messages, no advertising, or again.
 * Portuguese, English and Spanish, by fixed phrases (optout_phrases.h), regardless of case,
 * accents, punctuation, emoji and politeness. A sentence that merely contains such a word does not
 * match. */
enum rcd_optout {
	RCD_OPTOUT_NONE,
	RCD_OPTOUT_STOP,      /* no messages at all */
	RCD_OPTOUT_START,     /* relevant only while messages are suppressed */
	RCD_OPTOUT_NO_OFFERS, /* no advertising */
	RCD_OPTOUT_OFFERS,    /* advertising again; as START */
	RCD_N_OPTOUTS
};
extern const char *const rcd_optout_reason[RCD_N_OPTOUTS]; /* "stop" …, as they are kept */

/* text: one whole message as received. -1: RCD_NOMEM. */
int rcd_optout_of(struct rcd_sv text, enum rcd_optout *out, struct rcd_err *err);

#endif
