#ifndef RCD_PASSAGES_JSON_H
#define RCD_PASSAGES_JSON_H

#include "base/buf.h"
#include "base/json.h"
#include "knowledge/cut.h"

/* Passages that another system cut, as a JSON file: an array, or an object that holds one as
 * "chunks", "documents", "passages", "items", "data" or "vectors"; in it strings, or objects with
 * the words as "text", "content", "chunk" or "page_content" and, if they have one, a heading as
 * "title", "heading" or "section", beside them or in "metadata". Each stays one passage. The
 * vectors in it are another matter: vectors_json.h.
 *
 * out gets views of text, which is set up here; bytes is the length of the file, which the words
 * are no longer than. RCD_PROTO: no such file. */
int rcd_passages_json(const json_t *file, size_t bytes, struct rcd_buf *text,
                      struct rcd_passages *out, struct rcd_err *err);
/* The list in a file, NULL: there is none; and the words of one of its items, absent when none. */
const json_t *rcd_passages_json_list(const json_t *file);
struct rcd_sv rcd_passages_json_words(const json_t *item);

#endif
