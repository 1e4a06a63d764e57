#ifndef RCD_PASSAGES_JSON_H
#define RCD_PASSAGES_JSON_H

#include "base/buf.h"
#include "knowledge/cut.h"

/* Passages that another system cut, as a JSON file: an array, or an object that holds one as
 * "chunks", "documents", "passages", "items", "data" or "vectors"; in it strings, or objects with
 * the words as "text", "content", "chunk" or "page_content" and, if they have one, a heading as
 * "title", "heading" or "section", beside them or in "metadata". Each stays one passage. Vectors
 * are passed over: which model made them, and of what, a file of this kind does not tell.
 *
 * out gets views of text, which must be empty and is set up here. RCD_PROTO: no such file. */
int rcd_passages_json(struct rcd_sv json, struct rcd_buf *text, struct rcd_passages *out, struct rcd_err *err);

#endif
