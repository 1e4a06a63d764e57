#ifndef RCD_FOLDER_H
#define RCD_FOLDER_H

#include "base/err.h"

#include <sys/stat.h>

/* Lists the documents below a folder, 8 levels deep, by file extension. Hidden files are skipped
 * silently; other files that cannot be read are reported with the reason, symbolic links included,
 * since one could lead anywhere. */

struct rcd_folder_file {
	const char *path; /* to be opened */
	const char *name; /* below the folder */
	struct stat st;
	const char *why; /* why it cannot be read; NULL: it can */
};
/* -1 ends the walk. */
typedef int rcd_folder_fn(void *arg, const struct rcd_folder_file *file, struct rcd_err *err);

/* A missing folder counts as empty. */
int rcd_folder_each(const char *dir, rcd_folder_fn *fn, void *arg, struct rcd_err *err);

#endif
