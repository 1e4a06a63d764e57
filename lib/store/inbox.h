#ifndef RCD_INBOX_H
#define RCD_INBOX_H

#include "base/buf.h"
#include "store/suppression.h"

/* Messages as they came in: the raw body, kept before anything in it is understood. */

/* A message that is a wish for fewer messages: the suppression begins with the commit that stores
 * it, so that nothing more leaves while it waits for its turn. Of the suppression's fields the
 * tenant, the contact and the message are filled here; a contact that is not known has nothing on
 * its way. */
struct rcd_inbox_wish {
	struct rcd_sv phone, bsuid; /* either may be absent */
	struct rcd_suppress what;
};

struct rcd_inbox_in {
	int64_t tenant;
	struct rcd_sv event_key; /* the provider's id of the message; the same again is not stored */
	struct rcd_sv sender;    /* channel address, the key of the contact's turn job */
	struct rcd_sv route;     /* path it came in by */
	struct rcd_sv body;      /* raw form */
	int64_t received_ms;
	int64_t due_ms;    /* when the turn may answer: it waits for more until then, */
	int64_t latest_ms; /* but at most until then, however much comes */
	bool ahead;        /* it may begin at once all the same */
	const char *late;  /* NULL, or why it is listed (store/dead.h) instead of answered */
	const struct rcd_inbox_wish *wish; /* NULL: none */
};

/* Commits the message and its turn job. *fresh is false (and nothing changed) when the
 * event key is there already. */
int rcd_inbox_put(struct rcd_db *db, const struct rcd_inbox_in *in, bool *fresh,
                  struct rcd_err *err);

/* Is the message with this event key here? */
int rcd_inbox_has(struct rcd_db *db, int64_t tenant, struct rcd_sv event_key, bool *has,
                  struct rcd_err *err);

struct rcd_inbox_row {
	int64_t id, received_ms;
	char *event_key, *route;
	struct rcd_sv body; /* malloc'd */
};

/* The messages that job's turn answers, oldest first, at most RCD_MAX_TURN_MESSAGES: those
 * already given to job->turn_id, and with more those of the sender that no turn has. */
int rcd_inbox_gather(struct rcd_db *db, const struct rcd_job *job, bool more,
                     struct rcd_inbox_row **rows, size_t *n, struct rcd_err *err);
/* One commit, under the fence of the sender's job: no turn takes the message up, unless a person
 * says so. why: the reason for the dead letter; NULL: it is not listed. */
struct rcd_inbox_settled {
	int64_t id;
	const char *why;
};
int rcd_inbox_settle(struct rcd_db *db, const struct rcd_job *job,
                     const struct rcd_inbox_settled *row, size_t n, struct rcd_err *err);
/* Inside a write: the same of the sender's messages that wait, for the reason why; at most
 * RCD_MAX_TURN_MESSAGES of them. */
int rcd_inbox_settle_waiting(struct rcd_conn *conn, const struct rcd_job *job, const char *why,
                             struct rcd_err *err);
void rcd_inbox_rows_free(struct rcd_inbox_row *rows, size_t n);

/* What was heard in attachment part of a message, so that a turn that begins anew does not pay
 * for it again. get: RCD_NOENT when nothing was kept. */
int rcd_heard_put(struct rcd_db *db, int64_t tenant, int64_t inbox_id, int part, struct rcd_sv text,
                  struct rcd_err *err);
int rcd_heard_get(struct rcd_db *db, int64_t tenant, int64_t inbox_id, int part,
                  struct rcd_buf *out, struct rcd_err *err);

/* How far something has got, in ms UTC; RCD_NOENT when it never began. The tenant's own
 * beginning is rcd_tenant_created. */
int rcd_watermark_get(struct rcd_db *db, int64_t tenant, const char *name, int64_t *ms,
                      struct rcd_err *err);
int rcd_watermark_set(struct rcd_db *db, int64_t tenant, const char *name, int64_t ms,
                      struct rcd_err *err);
int rcd_tenant_created(struct rcd_db *db, int64_t tenant, int64_t *ms, struct rcd_err *err);

#endif
