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
	RCD_N_OUT
};

struct rcd_outbox_in {
	struct rcd_sv from, to;   /* channel addresses */
	struct rcd_sv body;       /* text, absent for an audio message */
	struct rcd_sv media_url;  /* absent for a text */
};

struct rcd_outbox_row {
	int64_t id;
	int part; /* 0, 1 … within the turn: the order of sending */
	char key[33];
	enum rcd_out_state state;
	int attempts;
	int64_t created_ms;
	char *from, *to, *body, *media_url; /* the last two may be NULL */
};

/* A turn's rows in order. */
int rcd_outbox_of_turn(struct rcd_db *db, int64_t tenant, int64_t turn_id,
                       struct rcd_outbox_row **rows, size_t *n, struct rcd_err *err);
void rcd_outbox_rows_free(struct rcd_outbox_row *rows, size_t n);

/* Moves a row to SENDING (the intent, counted as an attempt) or to what became of it.
 * Checks the fence of job. sid: the provider's id or absent; code: its error code or 0. */
int rcd_outbox_mark(struct rcd_db *db, const struct rcd_job *job, int64_t id,
                    enum rcd_out_state state, struct rcd_sv sid, int code, struct rcd_err *err);

#endif
