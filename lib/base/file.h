#ifndef RCD_FILE_H
#define RCD_FILE_H

#include "base/buf.h"
#include "base/err.h"

#include <sys/types.h>

/* Atomic replacement of files: a reader sees the old file or the whole new one. */

/* A file being written under a temporary name in the folder of its final name. */
struct rcd_file {
	int fd; /* -1: none */
	char *path, *tmp;
};

/* Makes the missing folders of path (mode 0750) and opens a temporary file beside it. */
int rcd_file_begin(struct rcd_file *f, const char *path, mode_t mode, struct rcd_err *err);
int rcd_file_add(struct rcd_file *f, const void *p, size_t n, struct rcd_err *err);
/* fsync, rename over path, fsync of the folder. Frees f in any case; a failure leaves no
 * temporary file. */
int rcd_file_commit(struct rcd_file *f, struct rcd_err *err);
/* Removes the temporary file. Safe on a zeroed, committed or half-built f (fd 0 counts as none). */
void rcd_file_drop(struct rcd_file *f);

/* Of a file that was just made for path: as root, it gets the owner of the file that is there, else
 * of the folder. What an operator's command writes stays the service's. A failure shows when the
 * service cannot read it. rcd_file_begin does so by itself. */
void rcd_file_keep_owner(int fd, const char *path);

/* begin, add and commit in one call. */
int rcd_file_write(const char *path, struct rcd_sv bytes, mode_t mode, struct rcd_err *err);
/* Appends the content to out; RCD_LIMIT when it is more than max bytes. */
int rcd_file_read(const char *path, size_t max, struct rcd_buf *out, struct rcd_err *err);
/* Creates path and its missing parents. 0 when it exists already. */
int rcd_make_dirs(const char *path, mode_t mode, struct rcd_err *err);

#endif
