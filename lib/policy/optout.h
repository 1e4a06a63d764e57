#ifndef RCD_OPTOUT_H
#define RCD_OPTOUT_H

#include "base/err.h"
#include "base/sv.h"

/* A message that is nothing but a wish about messages: no more of them, none of one kind, or again.
 * Portuguese, English and Spanish, by fixed phrases (optout_phrases.h), whatever its case, accents,
 * marks, emoji and politeness. A sentence that only has such a word in it is none. */
enum rcd_optout {
	RCD_OPTOUT_NONE,
	RCD_OPTOUT_STOP,      /* no messages at all */
	RCD_OPTOUT_START,     /* means something only to whom messages are suppressed */
	RCD_OPTOUT_NO_OFFERS, /* no advertising */
	RCD_OPTOUT_OFFERS,    /* advertising again; as START */
	RCD_N_OPTOUTS
};
extern const char *const rcd_optout_reason[RCD_N_OPTOUTS]; /* "stop" …, as they are kept */

/* Text of one whole message as it came. -1: no memory. */
int rcd_optout_of(struct rcd_sv text, enum rcd_optout *out, struct rcd_err *err);

#endif
