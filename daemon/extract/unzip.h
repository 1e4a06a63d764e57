#ifndef RCD_DAEMON_EXTRACT_UNZIP_H
#define RCD_DAEMON_EXTRACT_UNZIP_H

#include "base/buf.h"
#include "base/err.h"

/* Reads files of a zip archive in memory. Declared sizes are untrusted, so bytes are counted while
 * they are unpacked. */

struct rcd_zip;

/* doc is borrowed until the archive is closed. RCD_PROTO: no zip archive; RCD_LIMIT: more than
 * RCD_ZIP_FILES entries. */
int rcd_zip_open(struct rcd_zip **out, struct rcd_sv doc, struct rcd_err *err);
#define RCD_ZIP_FILES 5000
bool rcd_zip_has(struct rcd_zip *zip, const char *name);
/* Appends the file's bytes to out. RCD_NOENT: no such file; RCD_LIMIT: more than out may hold,
 * or a compression ratio of a zip bomb; RCD_DENIED: encrypted. */
int rcd_zip_read(struct rcd_zip *zip, const char *name, struct rcd_buf *out, struct rcd_err *err);
void rcd_zip_close(struct rcd_zip *zip);

#endif
