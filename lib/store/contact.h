#ifndef RCD_CONTACT_H
#define RCD_CONTACT_H

#include "store/db.h"

/* Who writes to us. Several ids lead to one contact: (tenant, kind, value). */

#define RCD_ID_PHONE "phone" /* "+5511987654321" */
#define RCD_ID_BSUID "bsuid" /* "BR.1A2B…": a WhatsApp user who shows no number */

struct rcd_contact_in {
	int64_t tenant;
	struct rcd_sv phone, bsuid; /* either may be absent, not both */
	struct rcd_sv name;         /* ProfileName; absent keeps the old one */
	int64_t seen_ms;
	int messages;               /* how many more it has written */
};

/* Inside a write: finds the contact by any of its ids, or makes it; learns new ids and the
 * name; counts. When both ids are known and lead to different contacts, the bsuid's wins. */
int rcd_contact_resolve(struct rcd_conn *conn, const struct rcd_contact_in *in,
                        int64_t *contact_id, struct rcd_err *err);

#endif
