#ifndef RCD_STORE_SMS_PAST_H
#define RCD_STORE_SMS_PAST_H

#include "store/forget.h"

/* What of a contact came by SMS. Its sender can be forged, that of WhatsApp cannot: so nothing that
 * came by another channel is told to an SMS, or erased by one, although the number is the same. */

/* True of turn t (an alias of the table): its messages, or those it sent, are SMS. Addresses of
 * every other channel have its name and a colon in front. */
#define RCD_TURN_IS_SMS(t)                                                                         \
	"(EXISTS (SELECT 1 FROM inbox i WHERE i.tenant_id = " t ".tenant_id AND i.turn_id = " t ".id"  \
	" AND i.sender NOT LIKE '%:%') OR EXISTS (SELECT 1 FROM outbox o WHERE o.tenant_id = " t       \
	".tenant_id"                                                                                   \
	" AND o.turn_id = " t ".id AND o.to_address NOT LIKE '%:%'))"

struct rcd_sms_past {
	int64_t messages, first_ms; /* that came by SMS, and the first of them */
	int64_t other_turns;        /* of any other channel; 0: this contact only ever used SMS */
};
int rcd_sms_past_get(struct rcd_db *db, int64_t tenant, int64_t contact_id,
                     struct rcd_sms_past *out, struct rcd_err *err);

/* The files that belong to it, in the form of rcd_contact_export: "attachments", "spoken" and
 * "conversations". The caller's. */
int rcd_sms_past_files(struct rcd_db *db, const struct rcd_forget *what, json_t **out,
                       struct rcd_err *err);

/* Inside a write: the rows of the SMS up to what->until_ms go. The contact stays, with what it said
 * elsewhere, and there is no tombstone: it would take that away from a store that comes back. */
int rcd_sms_past_forget(struct rcd_conn *conn, const struct rcd_forget *what, struct rcd_err *err);

#endif
