/* What a customer may ask of their own data (lib/memory), and of messages themselves (wishes.c), is
 * answered by rule, before any model is asked. */

#include "memory/memory.h"
#include "turn/channel.h"
#include "turn/steps.h"

static int answer_request(struct rcd_turn *t, enum rcd_wish wish, struct rcd_err *err)
{
	const struct rcd_person p = rcd_turn_person(t);
	const struct rcd_memory_texts texts = {.known = rcd_turn_text(t, RCD_TEXT_KNOWN),
	                                       .forget = rcd_turn_text(t, RCD_TEXT_FORGET),
	                                       .forgotten = rcd_turn_text(t, RCD_TEXT_FORGOTTEN),
	                                       .by_sms = rcd_turn_text(t, RCD_TEXT_BY_SMS)};

	return rcd_memory_answer(&p, wish, &texts, &t->parts->rules.reply, &t->outcome.rung, err);
}

int rcd_turn_handle_request(struct rcd_turn *t, struct rcd_err *err)
{
	enum rcd_wish wish;

	if (rcd_turn_keep_wishes(t, err) != 0)
		return -1;
	if (t->outcome.silent)
		return 0;
	if (t->rules->reply.n == 0 && (rcd_wish(rcd_received_own_words(t->hear), &wish, err) != 0 ||
	                               answer_request(t, wish, err) != 0))
		return -1;
	if (t->rules->reply.n > 0) /* what was spoken is for no model, and leaves the session at once */
		t->live.session = rcd_realtime_give(t->live.session);
	return 0;
}
