#ifndef RCD_AUDIO_WISH_H
#define RCD_AUDIO_WISH_H

#include "base/err.h"
#include "base/sv.h"

/* Detects by rule whether a customer wants voice notes or text: Portuguese, English, Spanish.
 * Unlike an opt-out it may be part of another message: "sou surda, não mande áudio. Quanto custa o
 * queijo?". The last match counts. */
enum rcd_audio_wish {
	RCD_AUDIO_NONE,
	RCD_AUDIO_ASKED,  /* this answer as a voice note: "me manda um áudio" */
	RCD_AUDIO_ALWAYS, /* voice notes from now on: "prefiro áudio", "sou cega" */
	RCD_AUDIO_NEVER,  /* none from now on: "sou surda", "por escrito, por favor" */
	RCD_N_AUDIO_WISHES
};

struct rcd_audio_said {
	enum rcd_audio_wish wish;
	const char *reason; /* the kind of words: "deaf", "no_audio" …; static */
};

/* Not matched: "não mande áudio" as a question, "o áudio não tocou", "você recebeu meu áudio?". -1:
 * RCD_NOMEM. */
int rcd_audio_wish_of(struct rcd_sv text, struct rcd_audio_said *out, struct rcd_err *err);

#endif
