/* The ladder: each rung answers, or says why not and hands down to the next. */

#include "base/clock.h"
#include "turn/steps.h"

#include <stdio.h>

static const struct rcd_rung *const ladder[] = {
	&rcd_rung_chat,
	&rcd_rung_knowledge,
	&rcd_rung_apology,
};

static void hand_down(struct rcd_turn *t, const struct rcd_rung *rung, const struct rcd_err *why)
{
	char text[256];

	(void)snprintf(text, sizeof(text), "%s: %s", rcd_code_name(why->code), why->msg);
	(void)json_object_set_new(t->why, rung->name, rcd_json_str(rcd_sv(text)));
	rcd_turn_note(t, "rung %s gave no answer: %s", rung->name, why->msg);
}

int rcd_turn_think(struct rcd_turn *t, struct rcd_err *err)
{
	if (t->notice >= 0) { /* nothing to think about: it is answered as what it is */
		t->rung = "notice";
		rcd_buf_str(&t->answer, rcd_turn_text(t, (enum rcd_text)t->notice));
		return t->answer.bad ? rcd_fail_nomem(err) : 0;
	}
	for (size_t i = 0; i < sizeof(ladder) / sizeof(ladder[0]); i++) {
		rcd_buf_reset(&t->answer);
		if (ladder[i]->run(t, err) == 0) {
			t->rung = ladder[i]->name;
			return 0;
		}
		if (err->code == RCD_NOMEM || err->code == RCD_CANCELLED)
			return -1;
		hand_down(t, ladder[i], err);
	}
	return -1;
}
