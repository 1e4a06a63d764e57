#ifndef RCD_WORDS_H
#define RCD_WORDS_H

#include "base/fold.h"

/* The words of a folded text, as the search compares them. */

#define RCD_MAX_WORDS 64

/* Takes the next run of letters and digits off folded text; false at its end. */
bool rcd_word(struct rcd_sv *rest, struct rcd_sv *word);

/* Says nothing about what a text is about: Portuguese and English articles, pronouns,
 * prepositions, greetings, forms of "to be" … word is folded. */
bool rcd_stop_word(struct rcd_sv word);

#endif
