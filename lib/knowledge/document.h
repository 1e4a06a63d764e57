#ifndef RCD_DOCUMENT_H
#define RCD_DOCUMENT_H

#include "base/json.h"
#include "knowledge/cut.h"
#include "knowledge/extract.h"

/* One document as passages, whatever its format. Text and Markdown are read here, the rest by
 * recado-extract. */
struct rcd_document {
	struct rcd_buf text;     /* what the passages are views of */
	struct rcd_passages cut; /* none: there is no text in it */
	json_t *json; /* of a file of passages, for its vectors (vectors_json.h); else NULL */
};

/* fd: an open regular file; name tells what its bytes leave open. RCD_PROTO, RCD_DENIED,
 * RCD_LIMIT, RCD_NOENT as rcd_extract() has them; RCD_BUSY: how is NULL and recado-extract would
 * be needed. Free with rcd_document_done(). */
int rcd_document_read(const struct rcd_extract_conf *how, int fd, const char *name,
                      struct rcd_document *out, struct rcd_err *err);
void rcd_document_done(struct rcd_document *d);

#endif
