#ifndef RCD_ZONE_H
#define RCD_ZONE_H

#include "base/err.h"
#include "base/sv.h"

#include <stdint.h>
#include <time.h>

/* Wall time in a zone of the system's time zone database, for any zone from any thread: the
 * environment's TZ is neither read nor set. */

/* zone: an IANA name, "America/Sao_Paulo". RCD_INVAL for what cannot be one, RCD_NOENT when the
 * system does not know it, RCD_PROTO for a file that is no zone. tm_gmtoff is filled, tm_zone is
 * not. Reads a small file. */
int rcd_zone_time(const char *zone, int64_t ms, struct tm *out, struct rcd_err *err);

/* The other way: when clocks there show wall_ms, which is what they show read as if it were UTC.
 * Of a time that they show twice the first; of one that they leave out (they are put forward) the
 * next that there is. Errors as above. */
int rcd_zone_moment(const char *zone, int64_t wall_ms, int64_t *ms, struct rcd_err *err);

/* The zone in which the owner of a number, as rcd_phone_clean takes it, most likely lives: by the
 * area code in Brazil, else by the country where that has one time. NULL: the number does not say.
 */
const char *rcd_zone_of_phone(struct rcd_sv phone);

#endif
