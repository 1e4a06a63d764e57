#ifndef RCD_FOLD_H
#define RCD_FOLD_H

#include "base/buf.h"
#include "base/err.h"

/* The words of a text as the search compares them: case folded, accents stripped (Unicode,
 * by utf8proc). */

#define RCD_MAX_WORDS 64

/* Appends the folded text; malformed bytes are dropped. */
int rcd_fold(struct rcd_sv text, struct rcd_buf *out, struct rcd_err *err);

/* Takes the next run of letters and digits off folded text; false at its end. */
bool rcd_word(struct rcd_sv *rest, struct rcd_sv *word);

/* Says nothing about what a text is about: Portuguese and English articles, pronouns,
 * prepositions, greetings, forms of "to be" … word is folded. */
bool rcd_stop_word(struct rcd_sv word);

#endif
