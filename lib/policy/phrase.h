#ifndef RCD_PHRASE_H
#define RCD_PHRASE_H

#include "base/buf.h"
#include "base/err.h"

/* Phrases by rule: patterns over the words of a folded text (base/fold.h, base/words.h).
 *
 * A pattern is words with one space between them: "a|b" is either word, "a?" may be missing, "_"
 * is any word. "nao quero mais? receber (…)" is thus "nao quero mais? receber mensagens|nada". */

#define RCD_MAX_PHRASE 64 /* words of a text that are examined */

struct rcd_words {
	struct rcd_sv word[RCD_MAX_PHRASE];
	size_t n;
};

/* The first RCD_MAX_PHRASE words of folded text; false when there are more. The views point into
 * it. */
bool rcd_words_of(struct rcd_sv folded, struct rcd_words *out);
/* Removes greetings and politeness from both ends ("por favor", "agora", "obrigado") and immediate
 * repetitions ("pare pare"). */
void rcd_words_trim(struct rcd_words *w);

/* Is w exactly the pattern? */
bool rcd_phrase_is(const char *pattern, const struct rcd_words *w);
/* Index of the first match at or after word from; w->n: none. */
size_t rcd_phrase_find(const char *pattern, const struct rcd_words *w, size_t from);

/* The first letters of what pattern may begin with, as a set for rcd_phrase_initial: most messages
 * begin like none of hundreds of patterns, which need not be looked at then. */
uint32_t rcd_phrase_initials(const char *pattern);
/* The bit of the first letter of words in such a set; 0: there is no word. */
uint32_t rcd_phrase_initial(const struct rcd_words *w);

#endif
