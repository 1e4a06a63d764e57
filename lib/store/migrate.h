#ifndef RCD_STORE_MIGRATE_H
#define RCD_STORE_MIGRATE_H

#include "store/driver.h"

/* Is the schema there the one this program knows? RCD_INVAL when not, with what to do;
 * RCD_NOENT when there is no store. */
int rcd_schema_check(const struct rcd_engine *engine, const char *where, struct rcd_err *err);

#endif
