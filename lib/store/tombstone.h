#ifndef RCD_STORE_TOMBSTONE_H
#define RCD_STORE_TOMBSTONE_H

#include "store/forget.h"
#include "store/tombstone_key.h"

struct rcd_tombstone_in {
	int64_t tenant, contact_id, ms;
	uint8_t key[RCD_TOMBSTONE_KEY];
};
/* Inside a write: whoever has one of the contact's ids was forgotten at ms. */
int rcd_tombstones_add(struct rcd_conn *conn, const struct rcd_tombstone_in *in,
                       struct rcd_err *err);

#endif
