#ifndef RCD_FINISH_H
#define RCD_FINISH_H

#include "answer/marks.h"
#include "answer/sms.h"
#include "base/json.h"

/* A whole text of a model in the form its customer reads: filtered, in the channel's marks, and
 * for SMS plain and short. Answers that stream go through the same parts piece by piece. */

struct rcd_finish {
	enum rcd_marks_style marks;
	bool sms; /* as how says */
	struct rcd_sms_how how;
};

/* Appended to out. tools: those the model was offered, [{name, …}], or NULL. *cut: bytes that did
 * not fit into an SMS. RCD_PROTO: a tool call written as text. RCD_NOMEM. */
int rcd_finish_text(struct rcd_sv text, const json_t *tools, const struct rcd_finish *form,
                    struct rcd_buf *out, size_t *cut, struct rcd_err *err);

#endif
