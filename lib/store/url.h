#ifndef RCD_STORE_URL_H
#define RCD_STORE_URL_H

#include "store/driver.h"

/* Which engine url means, and its where (malloc'd). */
int rcd_engine_of(const char *url, const struct rcd_engine **engine, char **where,
                  struct rcd_err *err);

#endif
