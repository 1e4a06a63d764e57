#ifndef RCD_OWNER_H
#define RCD_OWNER_H

#include "store/db.h"

/* Who a conversation belongs to: one versioned row (the contact's), looked at and held in the
 * very transaction that lets a message out, so that the bot never talks over a person. */

enum rcd_owner {
	RCD_OWNER_BOT,
	RCD_OWNER_PERSON,
	RCD_OWNER_WAITS, /* for a person: the bot is as silent */
	RCD_N_OWNERS
};
extern const char *const rcd_owner_name[RCD_N_OWNERS]; /* "bot", "person", "waits" */

/* Inside a write: the owner, who cannot change before this transaction has ended. RCD_NOENT:
 * no such contact. */
int rcd_owner_hold(struct rcd_conn *conn, int64_t tenant, int64_t contact_id, enum rcd_owner *owner,
                   struct rcd_err *err);

/* Inside a write: may a message of this turn leave? Holds the row too. When the bot itself has
 * handed the conversation over, the answer of the turn that did so still may. */
int rcd_owner_lets(struct rcd_conn *conn, int64_t tenant, int64_t contact_id, int64_t turn_id,
                   bool *lets, struct rcd_err *err);
/* Inside a write: the turn hands its conversation over to whoever of the team is there first. */
int rcd_owner_hand_off(struct rcd_conn *conn, int64_t tenant, int64_t contact_id, int64_t turn_id,
                       struct rcd_sv reason, struct rcd_err *err);

/* Inside a write: nobody is asked for any more. A conversation that waits is the bot's again. */
int rcd_owner_stop_waiting(struct rcd_conn *conn, int64_t tenant, int64_t contact_id,
                           struct rcd_err *err);

int rcd_owner_get(struct rcd_db *db, int64_t tenant, int64_t contact_id, enum rcd_owner *owner,
                  struct rcd_err *err);
/* From its commit on no message of the bot is begun (or none is held back any more). was: whose
 * it had been. The bot's again: the contact's requests for a person are done. */
int rcd_owner_set(struct rcd_db *db, int64_t tenant, int64_t contact_id, enum rcd_owner owner,
                  enum rcd_owner *was, struct rcd_err *err);
/* How many messages to the contact left for the provider in the last two minutes and have no
 * answer yet: what a person who has just taken over may still see arriving. */
int rcd_owner_on_the_way(struct rcd_db *db, int64_t tenant, int64_t contact_id, int64_t *n,
                         struct rcd_err *err);

#endif
