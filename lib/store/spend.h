#ifndef RCD_STORE_SPEND_H
#define RCD_STORE_SPEND_H

#include "store/db.h"

/* What a voice that is paid by the character may cost on one day (UTC). */
struct rcd_spend {
	int64_t tenant, now_ms;
	int64_t characters; /* that are about to be spoken */
	int64_t most;       /* of the day */
};

/* Takes the characters off the day's. RCD_LIMIT: there are not so many left, and nothing was
 * taken; *first (written then too) when nobody was told so that day. */
int rcd_spend(struct rcd_db *db, const struct rcd_spend *in, bool *first, struct rcd_err *err);

#endif
