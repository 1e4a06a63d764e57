#ifndef RCD_DOCUMENT_H
#define RCD_DOCUMENT_H

#include "base/json.h"
#include "knowledge/cut.h"
#include "knowledge/extract.h"

/* Reads one document of any format into passages. Text and Markdown are read here, the rest by
 * recado-extract. */
struct rcd_document {
	struct rcd_buf text;     /* backing memory of the passages */
	struct rcd_passages cut; /* empty: the document has no text */
	json_t *json; /* of a file of passages, for its vectors (vectors_json.h); else NULL */
};

/* fd: an open regular file; name decides where its bytes do not. RCD_PROTO, RCD_DENIED,
 * RCD_LIMIT, RCD_NOENT as rcd_extract() has them; RCD_BUSY: how is NULL and recado-extract would
 * be needed. Free with rcd_document_done(). */
int rcd_document_read(const struct rcd_extract_conf *how, int fd, const char *name,
                      struct rcd_document *out, struct rcd_err *err);
void rcd_document_done(struct rcd_document *d);

#endif
