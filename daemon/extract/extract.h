#ifndef RCD_DAEMON_EXTRACT_H
#define RCD_DAEMON_EXTRACT_H

#include "daemon/cage/child.h"
#include "daemon/extract/text.h"

/* recado-extract: a document on standard input, frames (knowledge/frame.h) on standard output.
 * It runs once for one document, in a cage (daemon/cage/), and is the only program that knows the
 * libraries which read other people's formats. The readers below are plain functions of the
 * document's bytes: RCD_PROTO for one that is broken, RCD_DENIED for one that is locked,
 * RCD_LIMIT for one that is too much. */

int rcd_read_html(struct rcd_sv doc, struct rcd_prose *out, struct rcd_err *err);
int rcd_read_office(struct rcd_sv doc, struct rcd_prose *out, struct rcd_err *err);
int rcd_read_csv(struct rcd_sv doc, struct rcd_prose *out, struct rcd_err *err);

/* PDF: pdftotext as a process of its own, started before our own cage shuts, and then read. */
int rcd_pdf_start(struct rcd_cage_child *pdf, bool may_be_free, struct rcd_err *err);
int rcd_pdf_read(struct rcd_cage_child *pdf, struct rcd_sv doc, struct rcd_prose *out,
                 struct rcd_err *err);
/* What pdftotext writes: pages with a form feed behind each. */
void rcd_pdf_pages(struct rcd_sv text, struct rcd_prose *out);

#endif
