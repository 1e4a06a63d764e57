#ifndef RCD_EXTRACT_H
#define RCD_EXTRACT_H

#include "base/buf.h"
#include "base/err.h"

/* Runs recado-extract: a document in, its frames out. */

struct rcd_extract_conf {
	const char *program; /* its path; NULL: not installed, documents that need it are refused */
	int ms;              /* time limit in ms; 0: RCD_EXTRACT_MS */
	bool unsandboxed;    /* run it even where the kernel has no sandbox */
};

/* kind: "pdf" … (rcd_kind_extractor). fd is an open file at offset 0 and stays the
 * caller's. Appends to frames only a complete run. Blocks, at most RCD_EXTRACT_MS. RCD_PROTO:
 * malformed document; RCD_DENIED: encrypted, or no sandbox available; RCD_LIMIT; RCD_NOENT: a
 * program is missing. */
#define RCD_EXTRACT_MS 100000
int rcd_extract(const struct rcd_extract_conf *conf, const char *kind, int fd,
                struct rcd_buf *frames, struct rcd_err *err);

#endif
