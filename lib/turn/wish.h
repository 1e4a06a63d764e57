#ifndef RCD_WISH_H
#define RCD_WISH_H

#include "base/err.h"
#include "base/sv.h"

/* What a customer asks of the conversation itself, in Portuguese or English, told by fixed
 * phrases. Text as it was written or heard. */

/* The answer as a voice note: "me manda um áudio", "can you reply by voice?". Not "não mande
 * áudio" nor "recebi o seu áudio". */
int rcd_wish_audio(struct rcd_sv text, bool *yes, struct rcd_err *err);

#endif
