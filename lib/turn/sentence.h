#ifndef RCD_SENTENCE_H
#define RCD_SENTENCE_H

#include "base/sv.h"

/* How many bytes of text, from its beginning, are whole sentences: up to and with the white
 * space after the last mark that ends one (. ! ? … and line ends). 0: none yet. A mark with
 * nothing after it may still turn out to be the dot of "R$ 3.50". */
size_t rcd_sentences(struct rcd_sv text);

#endif
