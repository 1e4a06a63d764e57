#ifndef RCD_BASE_STEM_H
#define RCD_BASE_STEM_H

#include "base/buf.h"
#include "base/err.h"
#include "base/words.h"

/* Stemming by Snowball (libstemmer): "entregas" and "entregamos" both become "entreg". Used for
 * stored text and for queries alike. */

#define RCD_STEM_N 96   /* bytes of the longest stem, NUL included */
#define RCD_MAX_WORD 64 /* bytes; longer runs are not words and are left out */

struct rcd_stemmer; /* for one thread at a time */

int rcd_stemmer_new(struct rcd_stemmer **out, struct rcd_err *err);
struct rcd_stemmer *rcd_stemmer_free(struct rcd_stemmer *s); /* NULL-safe, returns NULL */

/* The stem of a folded word of at most RCD_MAX_WORD bytes: lower-case letters without accents,
 * and digits. Words with digits and those of other scripts stay as they are. */
int rcd_stem(struct rcd_stemmer *s, enum rcd_lang lang, struct rcd_sv word, char out[RCD_STEM_N],
             struct rcd_err *err);

/* Appends the stems of folded text in lang, without stop words, each followed by a space. */
int rcd_stems(struct rcd_stemmer *s, enum rcd_lang lang, struct rcd_sv folded, struct rcd_buf *out,
              struct rcd_err *err);

#endif
