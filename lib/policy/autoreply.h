#ifndef RCD_AUTOREPLY_H
#define RCD_AUTOREPLY_H

#include "base/err.h"
#include "base/sv.h"

/* Is this an auto-reply? "Resposta automática: …", "I am out of the
 * office", "En este momento no podemos atenderle". By phrases in Portuguese, English and Spanish;
 * a single match proves nothing, since a person may quote one or ask about it. */
int rcd_autoreply(struct rcd_sv text, bool *yes, struct rcd_err *err);

#endif
