#ifndef RCD_STORE_TOMBSTONE_H
#define RCD_STORE_TOMBSTONE_H

#include "store/forget.h"

/* Inside a write: whoever has one of the contact's ids was forgotten at ms. */
int rcd_tombstones_add(struct rcd_conn *conn, int64_t tenant, int64_t contact_id, int64_t ms, struct rcd_err *err);

#endif
