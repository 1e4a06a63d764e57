#ifndef RCD_DEAD_H
#define RCD_DEAD_H

#include "store/db.h"

/* Dead letters: work that failed for good, with the reason, until an operator decides (recado
 * queue) or its one more try is due. */

#define RCD_DEAD_PART "part"       /* a message to a customer was refused, or not delivered */
#define RCD_DEAD_TURN "turn"       /* no answer could be made */
#define RCD_DEAD_LATE "late"       /* a message from a customer that was found too late */
#define RCD_DEAD_MESSAGE "message" /* one that no turn can take up */

struct rcd_dead_in {
	int64_t tenant;
	const char *kind;
	struct rcd_sv sender; /* key of the contact's turn job; absent: whoever turn_id is with */
	int64_t contact_id, turn_id, inbox_id, outbox_id; /* what there is of them */
	int code;                                         /* the provider's, or 0 */
	const char *why;                                  /* never what a customer wrote */
	int64_t retry_ms; /* tried again by itself at that time, or later if it has been tried for
	                     long, and not when that is a day; 0: never */
};

/* Inside a write. A part or late message that has one already keeps it. */
int rcd_dead_add(struct rcd_conn *conn, const struct rcd_dead_in *in, struct rcd_err *err);

struct rcd_dead {
	int64_t id, died_ms, retry_ms, turn_id, contact_id;
	int code;
	char *kind, *sender, *why;
};
/* How things stand: jobs, dead letters, messages whose fate is unknown, conversations that are
 * a person's or wait for one. */
struct rcd_queue_sums {
	int64_t waiting, running, dead, unknown, person, waits;
};
int rcd_queue_sums(struct rcd_db *db, int64_t tenant, struct rcd_queue_sums *out,
                   struct rcd_err *err);

/* Newest first. */
int rcd_dead_list(struct rcd_db *db, int64_t tenant, int max, struct rcd_dead **rows, size_t *n,
                  struct rcd_err *err);
void rcd_dead_rows_free(struct rcd_dead *rows, size_t n);

/* Back to work: its messages get new keys, its turn a job. RCD_NOENT; RCD_BUSY while the
 * contact has another turn under way. */
int rcd_dead_retry(struct rcd_db *db, int64_t tenant, int64_t id, struct rcd_err *err);
int rcd_dead_drop(struct rcd_db *db, int64_t tenant, int64_t id, struct rcd_err *err);
/* Those whose time has come, at most max ids. */
int rcd_dead_due(struct rcd_db *db, int64_t tenant, int64_t now_ms, int64_t *ids, int max, int *n,
                 struct rcd_err *err);

#endif
