#ifndef RCD_DAEMON_EXTRACT_H
#define RCD_DAEMON_EXTRACT_H

#include "daemon/cage/child.h"
#include "daemon/extract/text.h"

/* recado-extract: a document on standard input, frames (knowledge/frame.h) on standard output.
 * It runs once per document, sandboxed (daemon/cage/), and is the only program that links the
 * libraries for foreign formats. The readers below are pure functions of the document's bytes:
 * RCD_PROTO: malformed; RCD_DENIED: encrypted; RCD_LIMIT: too large. */

int rcd_read_html(struct rcd_sv doc, struct rcd_prose *out, struct rcd_err *err);
int rcd_read_office(struct rcd_sv doc, struct rcd_prose *out, struct rcd_err *err);
int rcd_read_csv(struct rcd_sv doc, struct rcd_prose *out, struct rcd_err *err);

/* PDF: pdftotext as a separate process, started before this process confines itself. */
int rcd_pdf_start(struct rcd_cage_child *pdf, bool may_be_free, struct rcd_err *err);
int rcd_pdf_read(struct rcd_cage_child *pdf, struct rcd_sv doc, struct rcd_prose *out,
                 struct rcd_err *err);
/* Parses the output of pdftotext: pages, each followed by a form feed. */
void rcd_pdf_pages(struct rcd_sv text, struct rcd_prose *out);

#endif
