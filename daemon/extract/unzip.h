#ifndef RCD_DAEMON_EXTRACT_UNZIP_H
#define RCD_DAEMON_EXTRACT_UNZIP_H

#include "base/buf.h"
#include "base/err.h"

/* One file out of a zip archive in memory. What an archive says of its sizes may be a lie, so
 * the bytes are counted as they come. */

struct rcd_zip;

/* doc is borrowed until the archive is closed. RCD_PROTO: no zip archive; RCD_LIMIT: more than
 * RCD_ZIP_FILES entries. */
int rcd_zip_open(struct rcd_zip **out, struct rcd_sv doc, struct rcd_err *err);
#define RCD_ZIP_FILES 5000
bool rcd_zip_has(struct rcd_zip *zip, const char *name);
/* Appends the file's bytes to out. RCD_NOENT: it is not in there; RCD_LIMIT: more than out takes,
 * or packed so tightly that it must be a bomb; RCD_DENIED: it is encrypted. */
int rcd_zip_read(struct rcd_zip *zip, const char *name, struct rcd_buf *out, struct rcd_err *err);
void rcd_zip_close(struct rcd_zip *zip);

#endif
