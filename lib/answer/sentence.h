#ifndef RCD_SENTENCE_H
#define RCD_SENTENCE_H

#include "base/sv.h"

/* Length of the first whole sentence of text, or of as many as make one speech request, including
 * the white space after the end mark (. ! ? … and line ends). 0: incomplete. An end mark with
 * nothing after it may still become the dot of "R$ 3.50". first: latency matters, a short one is
 * enough. */
size_t rcd_sentence(struct rcd_sv text, bool first);

/* Length of the whole sentences of a truncated text, including the white space after the last end
 * mark, or all of it. Never less than what rcd_sentence returned. */
size_t rcd_sentence_last(struct rcd_sv text);

#endif
