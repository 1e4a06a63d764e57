#ifndef RCD_CONTACT_H
#define RCD_CONTACT_H

#include "store/db.h"

/* Who writes to us. Several ids lead to one contact: (tenant, kind, value). */

#define RCD_ID_PHONE "phone" /* "+5511987654321" */
#define RCD_ID_BSUID                                                                               \
	"bsuid" /* "BR.1A2B…": a WhatsApp user who shows no number; and any other address            \
	           without one, whole: "messenger:1234", "28811" */

struct rcd_contact_in {
	int64_t tenant;
	struct rcd_sv phone, bsuid; /* either may be absent, not both */
	struct rcd_sv name;         /* ProfileName; absent keeps the old one */
	int64_t seen_ms;
	int messages; /* how many more it has written */
};

/* Inside a write: finds the contact by any of its ids, or makes it; learns new ids and the
 * name; counts. When both ids are known and lead to different contacts, the bsuid's wins. */
int rcd_contact_resolve(struct rcd_conn *conn, const struct rcd_contact_in *in, int64_t *contact_id,
                        struct rcd_err *err);

/* Inside a read or a write: whom the ids lead to; 0 when nobody is known by them. */
int rcd_contact_find(struct rcd_conn *conn, int64_t tenant, struct rcd_sv phone,
                     struct rcd_sv bsuid, int64_t *contact_id, struct rcd_err *err);

/* What another system knew of a contact that is resolved already. */
struct rcd_contact_past {
	int64_t tenant, id;
	struct rcd_sv first_name, last_name; /* may be absent; used when no name is known here */
	int64_t first_ms, last_ms;
	int64_t messages; /* the contact has written at least so many */
	bool aside;       /* not active there */
};
/* Inside a write: fills what is not known yet. The same past told again changes nothing. */
int rcd_contact_past(struct rcd_conn *conn, const struct rcd_contact_past *in, struct rcd_err *err);
/* Inside a write: it wrote at first_ms already; the day it counts as new moves with it. */
int rcd_contact_earlier(struct rcd_conn *conn, int64_t tenant, int64_t id, int64_t first_ms,
                        struct rcd_err *err);

struct rcd_contact_row {
	int64_t id, first_ms, last_ms, messages;
	char *phone, *bsuid, *first_name, *last_name; /* NULL: not known */
};
/* RCD_NOENT when there is none of this id. *out is free()d as one. */
int rcd_contact_get(struct rcd_db *db, int64_t tenant, int64_t id, struct rcd_contact_row **out,
                    struct rcd_err *err);

#endif
