#ifndef RCD_WORDS_H
#define RCD_WORDS_H

#include "base/sv.h"

/* The words of a folded text (fold.h), as the search compares them. */

/* Takes the next run of letters and digits off folded text; false at its end. */
bool rcd_word(struct rcd_sv *rest, struct rcd_sv *word);

/* Says nothing about what a text is about: Portuguese and English articles, pronouns,
 * prepositions, greetings, forms of "to be" … word is folded. */
bool rcd_stop_word(struct rcd_sv word);

enum rcd_lang { RCD_PT, RCD_EN };

/* The same of one of the languages. */
bool rcd_stop_word_of(enum rcd_lang lang, struct rcd_sv word);

/* The language of a folded text by its stop words; Portuguese when they do not tell. */
enum rcd_lang rcd_lang_of(struct rcd_sv folded);

#endif
