#ifndef RCD_OUTBOX_H
#define RCD_OUTBOX_H

#include "store/job.h"

/* What goes out. The row, with our own 128-bit key, is committed before the first byte
 * leaves; ready → sending → accepted | rejected | unknown. */

enum rcd_out_state {
	RCD_OUT_READY,
	RCD_OUT_SENDING,
	RCD_OUT_ACCEPTED,
	RCD_OUT_REJECTED, /* the provider said no and meant it */
	RCD_OUT_UNKNOWN,  /* the request may have arrived: to be looked up, never just repeated */
	RCD_OUT_DROPPED, /* a person has taken the conversation over, or the contact does not want it */
	RCD_N_OUT
};

/* The place of the message that tells of a late answer, behind all parts of the answer: see
 * rcd_history_hold_on. */
#define RCD_PART_HOLD_ON 63

struct rcd_outbox_in {
	struct rcd_sv from, to;  /* channel addresses */
	struct rcd_sv body;      /* text, absent for an audio message */
	struct rcd_sv media_url; /* absent for a text */
};

struct rcd_outbox_row {
	int64_t id;
	int part; /* 0, 1 … within the turn: the order of sending */
	char key[33];
	enum rcd_out_state state;
	int attempts;
	int resends; /* of them those after nobody had seen it arrive */
	int64_t created_ms, updated_ms;
	char *from, *to, *body, *media_url; /* the last two may be NULL */
};

/* A turn's rows in order. */
int rcd_outbox_of_turn(struct rcd_db *db, int64_t tenant, int64_t turn_id,
                       struct rcd_outbox_row **rows, size_t *n, struct rcd_err *err);
void rcd_outbox_rows_free(struct rcd_outbox_row *rows, size_t n);

struct rcd_outbox_move {
	const struct rcd_job *job;
	int64_t id;
	enum rcd_out_state state;
	bool resend;       /* with SENDING: it left once before, and nobody had seen it arrive */
	bool untried;      /* with READY: it was not sent after all, and counts as no attempt */
	struct rcd_sv sid; /* the provider's id, or absent */
	int code;          /* its error code, or 0 */
	const char *why;   /* with REJECTED: the reason, for the dead letter */
	int64_t retry_ms;  /* and when it is tried again by itself, 0 never */
	bool opted_out;    /* with REJECTED: because the contact wants no messages, which is kept */
};
/* Moves a row to SENDING (the intent, counted as an attempt; the lease begins anew) or to what
 * became of it. Checks the fence. With SENDING also that the conversation is the bot's and that the
 * contact wants the message (suppression.h): else the row is DROPPED and the result RCD_DENIED, the
 * drop committed. REJECTED makes a dead letter, and takes the parts behind it along; only of a
 * confirmation that the provider has given already (opted_out) it is DROPPED. RCD_EXISTS: its end
 * is known already, and another one. */
int rcd_outbox_mark(struct rcd_db *db, const struct rcd_outbox_move *move, struct rcd_err *err);

/* The same inside a write, for a row that does not begin to leave: the commit of it all is the
 * caller's. */
int rcd_outbox_mark_in(struct rcd_conn *conn, const struct rcd_outbox_move *move,
                       struct rcd_err *err);

/* A status callback of the provider; they arrive in any order. */
enum rcd_delivery {
	RCD_DELIVERY_NONE,
	RCD_DELIVERY_QUEUED,
	RCD_DELIVERY_SENDING,
	RCD_DELIVERY_SENT,
	RCD_DELIVERY_DELIVERED,
	RCD_DELIVERY_READ,
	RCD_DELIVERY_FAILED = 9
};
struct rcd_outbox_news {
	int64_t tenant;
	struct rcd_sv key, sid; /* found by our key when there is one, else by the provider's id */
	enum rcd_delivery delivery;
	int code;
	const char *why; /* with FAILED: for the dead letter */
	int64_t retry_ms;
	bool opted_out; /* with FAILED: because the contact wants no messages, which is kept */
};
/* Only ever forward. A message whose fate was unknown, or one of RCD_PART_HOLD_ON that was given
 * up, is ACCEPTED by it, and its turn goes on at once (*woken: ring the bell). *known: it is one of
 * ours. */
int rcd_outbox_told(struct rcd_db *db, const struct rcd_outbox_news *news, bool *known, bool *woken,
                    struct rcd_err *err);

/* Is the provider's id that of one of our messages, other than id? */
int rcd_outbox_has_sid(struct rcd_db *db, int64_t tenant, const char *sid, int64_t id, bool *has,
                       struct rcd_err *err);

/* Is a message of the provider's list one that we know of: by its id, or, where the provider has
 * not told the id yet, by its text in one of the contact's last turns? Voice notes have an empty
 * text. */
int rcd_outbox_knows(struct rcd_db *db, int64_t tenant, int64_t contact_id, const char *sid,
                     struct rcd_sv body, bool *knows, struct rcd_err *err);

/* Inside a write: what of the turn's answer was refused, dropped or not delivered is ready to leave
 * again, under new keys. */
int rcd_outbox_revive(struct rcd_conn *conn, int64_t tenant, int64_t turn_id, struct rcd_err *err);

#endif
