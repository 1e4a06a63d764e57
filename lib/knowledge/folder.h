#ifndef RCD_FOLDER_H
#define RCD_FOLDER_H

#include "base/err.h"

#include <sys/stat.h>

/* The documents below a folder, sub-folders too (8 deep), by the endings of their names. Hidden
 * files are nobody's business; what else is not read is told with the reason, symbolic links too:
 * one could lead anywhere. */

struct rcd_folder_file {
	const char *path; /* to be opened */
	const char *name; /* below the folder */
	struct stat st;
	const char *why; /* it cannot be read; NULL: it can */
};
/* -1 ends the walk. */
typedef int rcd_folder_fn(void *arg, const struct rcd_folder_file *file, struct rcd_err *err);

/* A folder that is not there is an empty one. */
int rcd_folder_each(const char *dir, rcd_folder_fn *fn, void *arg, struct rcd_err *err);

#endif
