#ifndef RCD_CUT_H
#define RCD_CUT_H

#include "base/limits.h"
#include "store/passage.h"

/* Cuts a text into passages: paragraphs that stand under the same headings and on the same page
 * are joined up to about RCD_PASSAGE_BYTES; the heading is the path of headings above
 * ("Entrega > Prazos"). A paragraph that is too long by itself is cut between lines, else after a
 * sentence, else between words. Each piece of a split table repeats the table's header. */

#define RCD_PASSAGE_BYTES 900

struct rcd_passages {
	struct rcd_passage_in *p; /* views into text and into the headings below */
	size_t n, cap;
	char **heading; /* owned */
	size_t n_headings;
	char **made; /* owned: texts that repeat the header of their table */
	size_t n_made;
};

/* Markdown or plain text, UTF-8. */
int rcd_cut(struct rcd_sv text, struct rcd_passages *out, struct rcd_err *err);
/* What recado-extract found (knowledge/frame.h). */
int rcd_cut_frames(struct rcd_sv frames, struct rcd_passages *out, struct rcd_err *err);
/* One more, whose views somebody else keeps. */
int rcd_passages_add(struct rcd_passages *to, const struct rcd_passage_in *p, struct rcd_err *err);
void rcd_passages_done(struct rcd_passages *p);

#endif
