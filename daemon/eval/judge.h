#ifndef RCD_EVAL_JUDGE_H
#define RCD_EVAL_JUDGE_H

#include "base/buf.h"
#include "daemon/eval/script.h"

/* One answer as it was heard; all borrowed. */
struct rcd_heard {
	struct rcd_sv text;
	const char *rung;
	const json_t *passages; /* [{"source": …}]: what the answer was made from; may be NULL */
	const json_t *calls; /* [{"name": …, "arguments": {…}, "result": {…}}]; may be NULL. Passages
	                        in a result count among those above */
	int64_t ms;
	bool spoken, handed_over;
};

/* Whether the expectation holds. If not, found (empty before) gets what was found instead, as
 * half a sentence. */
int rcd_judge(const struct rcd_expect *e, const struct rcd_heard *heard, bool *held,
              struct rcd_buf *found, struct rcd_err *err);

/* Whether the words of phrase appear consecutively in text. Folded: case, accents, punctuation
 * and white space are ignored; "*" after a word matches any ending. */
int rcd_says(struct rcd_sv text, struct rcd_sv phrase, bool *says, struct rcd_err *err);
/* Is there a word in it to compare? */
int rcd_has_words(struct rcd_sv phrase, bool *has, struct rcd_err *err);
/* Whether text contains these exact characters. Any run of white space equals one space. */
int rcd_writes(struct rcd_sv text, struct rcd_sv piece, bool *writes, struct rcd_err *err);

/* Whether value contains all members of want. Objects may have more; a string matches when it
 * contains the words of the wanted one ("" matches any). */
int rcd_holds_json(const json_t *value, const json_t *want, bool *holds, struct rcd_err *err);

#endif
