#ifndef RCD_QUOTED_H
#define RCD_QUOTED_H

#include "base/buf.h"
#include "store/db.h"

/* A message of a contact's conversation, looked for by the provider's id. */

struct rcd_quoted {
	bool ours;        /* text is what we wrote, or what our voice note said */
	int64_t inbox_id; /* of a customer's own message: text is its form, as it came in */
};
/* RCD_NOENT when there is none of this sid, or it is another contact's. */
int rcd_quoted_find(struct rcd_db *db, int64_t tenant, int64_t contact_id, struct rcd_sv sid,
                    struct rcd_quoted *out, struct rcd_buf *text, struct rcd_err *err);

#endif
