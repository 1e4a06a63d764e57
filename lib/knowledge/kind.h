#ifndef RCD_KIND_H
#define RCD_KIND_H

#include "base/sv.h"

/* What a document is: by its first bytes where they tell, else by its name. */
enum rcd_kind {
	RCD_KIND_TEXT, /* also what nothing else claims */
	RCD_KIND_MARKDOWN,
	RCD_KIND_HTML,
	RCD_KIND_CSV,
	RCD_KIND_PDF,
	RCD_KIND_OFFICE,     /* Word, Excel, PowerPoint, LibreOffice: which one is in the archive */
	RCD_KIND_VECTORS,    /* JSON with another system's passages */
	RCD_KIND_OLD_OFFICE, /* .doc, .xls, .ppt, or a newer one with a password: the same envelope */
	RCD_N_KINDS
};

#define RCD_KIND_HEAD 1024 /* as many of its first bytes are looked at */

enum rcd_kind rcd_kind(struct rcd_sv head, struct rcd_sv name);
/* Is it a name that a folder of documents is searched for? */
bool rcd_kind_readable(struct rcd_sv name);
/* Must recado-extract read it? Its argument for that kind, else NULL. */
const char *rcd_kind_extractor(enum rcd_kind kind);

#endif
