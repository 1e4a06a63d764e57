#ifndef RCD_SPOKEN_H
#define RCD_SPOKEN_H

#include "base/buf.h"

#define RCD_MAX_SPOKEN (256 * 1024) /* bytes of what is said of one text */

/* Appends to out what a voice should say of text: no marks and pictures that are for the eye;
 * numbers, money, dates, times, telephones, documents, addresses of the net, units and
 * abbreviations in words. language: "pt" (the Brazilian one) or "en". What could mean two things
 * stays as it is written. whole: text is all there is to say, so that pictures alone are named.
 *
 * Takes any bytes, gives UTF-8 (malformed bytes are left out), in linear time. It stops adding
 * near RCD_MAX_SPOKEN, which out should have as its maximum; out is bad when memory is short. */
void rcd_spoken(struct rcd_sv text, const char *language, bool whole, struct rcd_buf *out);

#endif
