#ifndef RCD_CONTACT_NAMED_H
#define RCD_CONTACT_NAMED_H

#include "store/db.h"

/* The contact whom the command line names: a number as people write it, or the id of a customer
 * who shows none. RCD_NOENT when nobody has written from there. */
int rcd_contact_named(struct rcd_db *db, int64_t tenant, const char *who, int64_t *id,
                      struct rcd_err *err);

#endif
