#ifndef RCD_SUPPRESSION_H
#define RCD_SUPPRESSION_H

#include "store/job.h"

/* What a contact does not want. One row per scope holds at a time; ended rows stay as evidence.
 * Every write holds the contact's row, which the transaction that lets a message out holds as
 * well: a message is marked as leaving before a suppression's commit, or never.
 *
 * The sender of an SMS can be forged. So what an SMS asks for counts for SMS alone, in rows of
 * scopes of their own ("sms", "sms_marketing"); what WhatsApp asks for counts for both, but a block
 * on WhatsApp (RCD_REASON_BLOCKED) is that channel's alone. */

enum rcd_scope {
	RCD_SCOPE_ALL,       /* no message at all */
	RCD_SCOPE_MARKETING, /* no messages that answer nothing: follow-ups, campaigns */
	RCD_SCOPE_AUDIO,     /* no voice notes */
	RCD_SCOPE_TEXT,      /* no answer as text alone: the contact wants to hear it */
	RCD_N_SCOPES
};
extern const char *const rcd_scope_name[RCD_N_SCOPES]; /* "all", "marketing", "audio", "text" */

enum rcd_wish_source { RCD_BY_CUSTOMER, RCD_BY_PROVIDER, RCD_BY_OPERATOR, RCD_N_WISH_SOURCES };
extern const char *const rcd_wish_source_name[RCD_N_WISH_SOURCES];

struct rcd_suppress {
	int64_t tenant, contact_id;
	enum rcd_scope scope;
	bool on;     /* false: ends it */
	bool by_sms; /* said by SMS: counts there alone. Of RCD_SCOPE_AUDIO and _TEXT there is no such
	                wish */
	enum rcd_wish_source source;
	const char *reason; /* the kind of words: "stop", "deaf", "21610"; never what was written */
	int64_t inbox_id;   /* the message that says so; 0: none does */
	int64_t turn_id;    /* the turn that can confirm it to the customer; 0: not now */
};

/* The scope as it is stored and told: also "sms" and "sms_marketing". NULL: there is no such wish.
 */
const char *rcd_suppress_scope(const struct rcd_suppress *in);

/* Inside a write. A message older than the one that decided last changes nothing; the same one
 * again changes nothing either. *tell: this turn is the one that confirms it, so a turn that is
 * run again confirms it again, and no other turn does. What a provider or an operator decides is
 * never confirmed. tell may be NULL. RCD_NOENT: no such contact. */
int rcd_suppression_put(struct rcd_conn *conn, const struct rcd_suppress *in, bool *tell,
                        struct rcd_err *err);
/* The same as a write of its own; job: NULL, or whose fence is checked. */
int rcd_suppression_set(struct rcd_db *db, const struct rcd_job *job, const struct rcd_suppress *in,
                        bool *tell, struct rcd_err *err);

/* What holds now, for messages by SMS or by any other channel. */
struct rcd_suppressed {
	bool on[RCD_N_SCOPES];
	bool by_block; /* all, because the provider says that the contact has blocked us; not by SMS */
};
int rcd_suppression_get(struct rcd_db *db, int64_t tenant, int64_t contact_id, bool by_sms,
                        struct rcd_suppressed *out, struct rcd_err *err);

/* Why a provider says that nothing may be sent, as a reason. With the last one the contact writes
 * again only after it has ended the block itself. */
#define RCD_REASON_BLOCKED "63014"

/* Inside a write that holds the contact's row: may messages of this turn leave, by its channel? The
 * confirmation of a suppression may; marketing stops turns that answer nothing. */
struct rcd_suppression_check {
	bool message; /* none may */
	bool voice;   /* no voice note may */
};
int rcd_suppression_check(struct rcd_conn *conn, int64_t tenant, int64_t contact_id,
                          int64_t turn_id, struct rcd_suppression_check *out, struct rcd_err *err);

/* Inside a read or a write: was anything unasked suppressed since since_ms, or is it now? A promise
 * made before a STOP is not kept after a START. by_sms: how it would be sent. */
int rcd_suppression_since(struct rcd_conn *conn, int64_t tenant, int64_t contact_id, bool by_sms,
                          int64_t since_ms, bool *yes, struct rcd_err *err);

#endif
