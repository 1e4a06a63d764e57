#ifndef RCD_ZONE_H
#define RCD_ZONE_H

#include "base/err.h"
#include "base/sv.h"

#include <stdint.h>
#include <time.h>

/* Local time by the system's time zone database. Thread-safe for any zone: the environment's TZ is
 * neither read nor set. */

/* Breaks ms (UTC) down to local time. zone: an IANA name, "America/Sao_Paulo". RCD_INVAL: malformed
 * name; RCD_NOENT: unknown to the system; RCD_PROTO: malformed zone file. Fills tm_gmtoff, not
 * tm_zone. Reads a small file. */
int rcd_zone_time(const char *zone, int64_t ms, struct tm *out, struct rcd_err *err);

/* The inverse: the UTC time at which local clocks show wall_ms, a local time encoded as if it were
 * UTC. An ambiguous local time gives the first occurrence; one that is skipped by a change of
 * clocks gives the moment of the change. Errors as above. */
int rcd_zone_moment(const char *zone, int64_t wall_ms, int64_t *ms, struct rcd_err *err);

/* The likely zone of a phone number's owner: by the area code in Brazil, else by the country when
 * it has a single zone. phone: any form that rcd_phone_clean accepts. NULL: unknown. */
const char *rcd_zone_of_phone(struct rcd_sv phone);

#endif
