#ifndef RCD_STORE_MEMORY_H
#define RCD_STORE_MEMORY_H

#include "store/job.h"

/* What is remembered of one contact beyond its last messages: a summary of the turns that the
 * window of messages has left behind, facts with the contact's own words they came from, and the
 * card that save_contact fills (tool.h). */

#define RCD_JOB_SUMMARY "summary" /* its key is the contact's id, in decimal */

/* "name", "business", "need", "preference", "date", "answers" (how it likes to be answered). Of
 * a name, a business and answers there is one each; of the others there may be several. */
enum rcd_fact_kind {
	RCD_FACT_NAME,
	RCD_FACT_BUSINESS,
	RCD_FACT_ANSWERS,
	RCD_FACT_NEED,
	RCD_FACT_PREFERENCE,
	RCD_FACT_DATE,
	RCD_N_FACT_KINDS
};
extern const char *const rcd_fact_kind_name[RCD_N_FACT_KINDS];

struct rcd_fact {
	int64_t made_ms;
	char *kind, *value, *quote;
};
struct rcd_memory {
	char *summary; /* NULL: none yet */
	int64_t upto;  /* the last turn in it; 0 */
	struct rcd_fact *fact;
	size_t n_facts;
	char *name, *email, *notes; /* of the card, notes a line each; NULL: not known */
};
/* How it wants to be called: by the card, else by a fact; absent when it never said. */
struct rcd_sv rcd_memory_name(const struct rcd_memory *m);
int rcd_memory_get(struct rcd_db *db, int64_t tenant, int64_t contact_id, struct rcd_memory *out,
                   struct rcd_err *err);
void rcd_memory_free(struct rcd_memory *m);

struct rcd_fact_in {
	enum rcd_fact_kind kind;
	struct rcd_sv value, quote;
};
#define RCD_MAX_FACTS 60 /* of one contact; the oldest go first */
/* One commit: the new summary, which ends with turn upto, more facts, and the job is done. */
int rcd_memory_put(struct rcd_db *db, const struct rcd_job *job, int64_t contact_id, int64_t upto,
                   struct rcd_sv summary, const struct rcd_fact_in *fact, size_t n,
                   struct rcd_err *err);

/* The contact's memory is to be brought up to date, best not before due_ms. A job that waits
 * already, for its second try perhaps, stays as it is. */
int rcd_memory_ask(struct rcd_db *db, int64_t tenant, int64_t contact_id, int64_t due_ms,
                   struct rcd_err *err);

#endif
