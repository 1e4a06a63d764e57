#ifndef RCD_MEMORY_SUMMARY_ANSWER_H
#define RCD_MEMORY_SUMMARY_ANSWER_H

#include "base/json.h"
#include "store/memory.h"

/* The model's answer to a request for a summary, checked. Inside lib/memory only.
 *
 * Its words are stored, shown to the person and told to later models, so they pass the filter of
 * answers: reasoning before the JSON or in a text of it is left out, and a tool call written as
 * text is RCD_PROTO. */

#define RCD_MAX_ANSWER_FACTS 20 /* taken from one answer */

struct rcd_summary_answer {
	json_t *json; /* the views of fact are of it */
	struct rcd_buf summary;
	struct rcd_fact_in fact[RCD_MAX_ANSWER_FACTS];
	size_t n;
};

/* said: all that the contact said, folded, a message a line. A fact whose quote is not in there is
 * left out. RCD_PROTO: it is no such answer. To be freed in any case. */
int rcd_summary_answer_read(struct rcd_sv text, struct rcd_sv said, struct rcd_summary_answer *out,
                            struct rcd_err *err);
void rcd_summary_answer_free(struct rcd_summary_answer *a);

#endif
