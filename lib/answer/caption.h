#ifndef RCD_CAPTION_H
#define RCD_CAPTION_H

#include "base/buf.h"

/* Extracts picture descriptions that a model writes on separate lines of its answer, "[imagem: a
 * red bicycle]" or "[image: …]". They go to the history; the customer gets the answer without them.
 * The result does not depend on how the input is split. */

#define RCD_CAPTION_CHARS 200 /* of one, in the history */
#define RCD_MAX_CAPTIONS 10   /* kept of one answer */

struct rcd_captions {
	struct rcd_buf held;   /* the beginning of a line that may be one, or the inside of one */
	struct rcd_buf text;   /* those that were found, each on a line, safe to stand in brackets */
	size_t n, depth;       /* depth: of brackets in the one being read; 0: none is */
	bool mid_line, behind; /* in a line of the answer; right behind a caption */
};

void rcd_captions_init(struct rcd_captions *c);
void rcd_captions_done(struct rcd_captions *c);
/* Appends the part of words that belongs to the answer. */
void rcd_captions_push(struct rcd_captions *c, struct rcd_sv words, struct rcd_buf *out);
/* End of the answer: writes what was held back. c->text.bad: out of memory. */
void rcd_captions_end(struct rcd_captions *c, struct rcd_buf *out);

#endif
