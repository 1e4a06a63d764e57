#ifndef RCD_ZONE_H
#define RCD_ZONE_H

#include "base/err.h"

#include <stdint.h>
#include <time.h>

/* Wall time in a zone of the system's time zone database, for any zone from any thread: the
 * environment's TZ is neither read nor set. */

/* zone: an IANA name, "America/Sao_Paulo". RCD_INVAL for what cannot be one, RCD_NOENT when the
 * system does not know it, RCD_PROTO for a file that is no zone. tm_gmtoff is filled, tm_zone is
 * not. Reads a small file. */
int rcd_zone_time(const char *zone, int64_t ms, struct tm *out, struct rcd_err *err);

#endif
