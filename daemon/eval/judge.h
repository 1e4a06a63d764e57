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

/* Is it as expected? When not, what was found instead is put into found, which is
 * empty: half a sentence. */
int rcd_judge(const struct rcd_expect *e, const struct rcd_heard *heard, bool *held,
              struct rcd_buf *found, struct rcd_err *err);

/* Do the words of phrase stand in text one behind the other? Folded: case and accents say
 * nothing, nor do punctuation and white space; a "*" behind a word stands for any ending. */
int rcd_says(struct rcd_sv text, struct rcd_sv phrase, bool *says, struct rcd_err *err);
/* Is there a word in it to compare? */
int rcd_has_words(struct rcd_sv phrase, bool *has, struct rcd_err *err);
/* Does text hold these very characters? Any run of white space is one space. */
int rcd_writes(struct rcd_sv text, struct rcd_sv piece, bool *writes, struct rcd_err *err);

/* Does value hold all that want asks for? Objects may hold more; strings say the words of the
 * wanted one, of which "" is said by any. */
int rcd_holds_json(const json_t *value, const json_t *want, bool *holds, struct rcd_err *err);

#endif
