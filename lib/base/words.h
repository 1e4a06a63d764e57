#ifndef RCD_WORDS_H
#define RCD_WORDS_H

#include "base/sv.h"

/* Tokenisation of folded text (fold.h) for the search. */

/* The next run of letters and digits; *rest moves behind it. False at the end of the text. */
bool rcd_word(struct rcd_sv *rest, struct rcd_sv *word);

/* Is word (folded) a stop word of Portuguese or English: article, pronoun, preposition, greeting,
 * form of "to be" …? */
bool rcd_stop_word(struct rcd_sv word);

/* Is word in a list that is sorted by bytes? */
bool rcd_word_listed(struct rcd_sv word, const char *const *sorted, size_t n);

enum rcd_lang { RCD_PT, RCD_EN };

/* The same for one language. */
bool rcd_stop_word_of(enum rcd_lang lang, struct rcd_sv word);

/* Language of a folded text by its stop words; Portuguese when undecided. */
enum rcd_lang rcd_lang_of(struct rcd_sv folded);

/* How many tokens a text is about: Portuguese and English take 3.5 bytes of UTF-8 for one. */
size_t rcd_tokens(size_t bytes);

#endif
