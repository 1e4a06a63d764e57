#ifndef RCD_CUT_H
#define RCD_CUT_H

#include "base/limits.h"
#include "store/passage.h"

/* Cuts Markdown (or plain text) into passages: paragraphs that stand under the same headings
 * are joined up to about RCD_PASSAGE_BYTES; the heading is the path of headings above
 * ("Entrega > Prazos"). */

#define RCD_PASSAGE_BYTES 900

struct rcd_passages {
	struct rcd_passage_in *p; /* views into text and into the headings below */
	size_t n, cap;
	char **heading;           /* owned */
	size_t n_headings;
};

int rcd_cut(struct rcd_sv text, struct rcd_passages *out, struct rcd_err *err);
void rcd_passages_done(struct rcd_passages *p);

#endif
