#ifndef RCD_FILE_H
#define RCD_FILE_H

#include "base/buf.h"
#include "base/err.h"

#include <sys/types.h>

/* Files that are there whole or not at all. */

/* A file that is being written beside its final name. */
struct rcd_file {
	int fd; /* -1: none */
	char *path, *tmp;
};

/* Makes the missing folders of path (mode 0750) and opens a temporary file beside it. */
int rcd_file_begin(struct rcd_file *f, const char *path, mode_t mode, struct rcd_err *err);
int rcd_file_add(struct rcd_file *f, const void *p, size_t n, struct rcd_err *err);
/* fsync, rename over path, fsync of the folder. Frees f in any case; on failure nothing is
 * left behind. */
int rcd_file_commit(struct rcd_file *f, struct rcd_err *err);
/* Drops what was written. Safe on a zeroed, committed or half-built f (fd 0 counts as none). */
void rcd_file_drop(struct rcd_file *f);

/* The whole of it at once. */
int rcd_file_write(const char *path, struct rcd_sv bytes, mode_t mode, struct rcd_err *err);
/* At most max bytes into out (appended); RCD_LIMIT when there are more. */
int rcd_file_read(const char *path, size_t max, struct rcd_buf *out, struct rcd_err *err);
int rcd_make_dirs(const char *path, mode_t mode, struct rcd_err *err);

#endif
