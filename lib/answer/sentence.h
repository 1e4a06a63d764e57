#ifndef RCD_SENTENCE_H
#define RCD_SENTENCE_H

#include "base/sv.h"

/* How many bytes of text, from its beginning, are its first whole sentence, or as many of them as
 * are worth a request for speech: up to and with the white space after a mark that ends one
 * (. ! ? … and line ends). 0: not so much yet. A mark with nothing after it may still turn out to
 * be the dot of "R$ 3.50". first: the listener waits for it, a short one will do. */
size_t rcd_sentence(struct rcd_sv text, bool first);

/* How many bytes of a text that was cut are whole sentences: up to and with the white space after
 * the last mark that ends one, or all of it. What rcd_sentence has given lies within. */
size_t rcd_sentence_last(struct rcd_sv text);

#endif
