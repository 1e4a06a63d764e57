#ifndef RCD_SB_OPENAI_QUOTE_H
#define RCD_SB_OPENAI_QUOTE_H

#include "base/json.h"

/* The part of understanding that a simulated model has: of the passages in what it was told (a line
 * "## HEADING", below it their source in parentheses) it finds the sentence that shares most words
 * with the question, those of its heading included, and one more from the same passage when that
 * has words of the question which the first has not. When only the heading has them, the passage's
 * beginning is the answer. Among equals of one passage a sentence with a figure (a
 * time, a price) is preferred, among passages the first. */

/* Appends them as they stand; nothing when no passage shares a word. req: of Chat Completions or
 * of Responses. -1: no memory. */
int rcd_sb_quote(const json_t *req, struct rcd_sv question, struct rcd_buf *out);

#endif
