#ifndef RCD_RECENT_H
#define RCD_RECENT_H

#include "store/db.h"

/* What was said with a contact on one channel a short while ago, finished or not: what the rules of
 * lib/policy decide by. */

#define RCD_RECENT_CHARS 2000 /* of each text */

struct rcd_recent_in {
	int64_t tenant, contact_id;
	int64_t except;        /* all turns but this one */
	int64_t since_ms;      /* begun since then */
	struct rcd_sv channel; /* as rcd_address_channel names it */
	int max;               /* the last ones */
};

struct rcd_recent {
	int64_t id, started_ms;
	int64_t messages; /* that the contact sent in it; never 0 */
	bool audio;
	char *said, *answer, *rung; /* "" for none */
};

/* Oldest first. One query over the contact's own rows. */
int rcd_recent_turns(struct rcd_db *db, const struct rcd_recent_in *in, struct rcd_recent **rows,
                     size_t *n, struct rcd_err *err);

#endif
