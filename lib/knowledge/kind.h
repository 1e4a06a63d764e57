#ifndef RCD_KIND_H
#define RCD_KIND_H

#include "base/sv.h"

/* Type of a document, by its first bytes where they decide, else by its name. */
enum rcd_kind {
	RCD_KIND_TEXT, /* also the fallback */
	RCD_KIND_MARKDOWN,
	RCD_KIND_HTML,
	RCD_KIND_CSV,
	RCD_KIND_PDF,
	RCD_KIND_OFFICE,     /* Word, Excel, PowerPoint, LibreOffice: which one is in the archive */
	RCD_KIND_VECTORS,    /* JSON with imported passages */
	RCD_KIND_OLD_OFFICE, /* .doc, .xls, .ppt, or a newer one with a password: the same envelope */
	RCD_N_KINDS
};

#define RCD_KIND_HEAD 1024 /* leading bytes that are examined */

enum rcd_kind rcd_kind(struct rcd_sv head, struct rcd_sv name);
/* Has name the extension of a document? */
bool rcd_kind_readable(struct rcd_sv name);
/* Argument of recado-extract for that kind; NULL: it is not needed. */
const char *rcd_kind_extractor(enum rcd_kind kind);

#endif
