#ifndef RCD_STORE_KNOWLEDGE_ROW_H
#define RCD_STORE_KNOWLEDGE_ROW_H

#include "store/db.h"

/* Inside a write: the next version of the tenant's knowledge. Writers of one tenant's knowledge
 * take turns here, so it comes first. Inside lib/store only. */
int rcd_knowledge_changed(struct rcd_conn *conn, int64_t tenant, struct rcd_err *err);

#endif
