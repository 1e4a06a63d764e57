#ifndef RCD_STORE_MIGRATE_H
#define RCD_STORE_MIGRATE_H

#include "base/err.h"

/* Is the schema of the file the one this program knows? RCD_INVAL when not, with what to do;
 * RCD_NOENT when there is no file. */
int rcd_schema_check(const char *path, struct rcd_err *err);

#endif
