#ifndef RCD_STORE_TOOL_H
#define RCD_STORE_TOOL_H

#include "base/buf.h"
#include "store/job.h"

/* What a turn's tools have done. A call is known by its key, made of its name and arguments: in
 * one turn it is done once, however often the turn begins anew, and the second time its result
 * is what it was. */

enum rcd_tool_seen {
	RCD_TOOL_NEW,
	RCD_TOOL_AGAIN, /* done before: its result */
	RCD_TOOL_LOST,  /* begun before, and nobody knows what became of it: not done again */
	RCD_TOOL_OVER,  /* the turn has made all the calls it may */
};

/* The effect of a call on the store, inside the commit that keeps its result. May run again
 * after a failed commit: it begins by itself. */
typedef int rcd_tool_effect(struct rcd_conn *conn, const struct rcd_job *job, void *arg,
                            struct rcd_buf *result, struct rcd_err *err);

struct rcd_tool_entry {
	const struct rcd_job *job; /* with turn_id and contact_id; its fence is checked */
	const char *key, *name;
	int most;                /* calls in one turn */
	rcd_tool_effect *effect; /* NULL: it happens outside; rcd_tool_end tells the result */
	void *arg;
};

/* One commit: the row, and the effect when it is new. result: of effect or of the row. What
 * effect fails with undoes all of it. */
int rcd_tool_begin(struct rcd_db *db, const struct rcd_tool_entry *in, enum rcd_tool_seen *seen,
                   struct rcd_buf *result, struct rcd_err *err);
/* One commit: what became of a call that was begun; an absent result: nothing, it may be made
 * again. */
int rcd_tool_end(struct rcd_db *db, const struct rcd_tool_entry *in, struct rcd_sv result,
                 struct rcd_err *err);

/* --- effects. Inside a write, for the job's contact. ------------------------------------- */

struct rcd_card_in {
	struct rcd_sv name, email, notes; /* absent: stays; notes are added to those there are */
};
int rcd_card_put(struct rcd_conn *conn, const struct rcd_job *job, const struct rcd_card_in *in,
                 struct rcd_err *err);

struct rcd_lead_in {
	struct rcd_sv stage, reason, quote;
};
int rcd_lead_put(struct rcd_conn *conn, const struct rcd_job *job, const struct rcd_lead_in *in,
                 struct rcd_err *err);

#endif
