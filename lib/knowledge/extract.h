#ifndef RCD_EXTRACT_H
#define RCD_EXTRACT_H

#include "base/buf.h"
#include "base/err.h"

/* recado-extract as a child of ours: a document in, its frames out. */

struct rcd_extract_conf {
	const char *program; /* its path; NULL: there is none, documents that need it are refused */
	int ms;              /* how long it may take; 0: RCD_EXTRACT_MS */
	bool unsandboxed;    /* also where the kernel has no sandbox for it */
};

/* kind: "pdf" … (rcd_kind_extractor). fd is an open file from its beginning on and stays the
 * caller's. frames are whole (the end has come), appended. Blocks, at most RCD_EXTRACT_MS. What
 * the program says of the document comes as the error: RCD_PROTO broken, RCD_DENIED locked, or no
 * sandbox to be had, RCD_LIMIT, RCD_NOENT a program is missing. */
#define RCD_EXTRACT_MS 100000
int rcd_extract(const struct rcd_extract_conf *conf, const char *kind, int fd,
                struct rcd_buf *frames, struct rcd_err *err);

#endif
