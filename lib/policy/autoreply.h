#ifndef RCD_AUTOREPLY_H
#define RCD_AUTOREPLY_H

#include "base/err.h"
#include "base/sv.h"

/* Does a program say this for somebody who is not there? "Resposta automática: …", "I am out of the
 * office", "En este momento no podemos atenderle". By phrases in Portuguese, English and Spanish;
 * one alone proves nothing, since a person may quote it or ask about it. */
int rcd_autoreply(struct rcd_sv text, bool *yes, struct rcd_err *err);

#endif
