/* daemon/recadod/reply_slot.h: an answer goes from a turn's thread to the webhook's. */

#include "tests/t.h"
#include "base/clock.h"
#include "daemon/recadod/reply_slot.h"

#include <pthread.h>

static void *offer_answer(void *arg)
{
	struct rcd_reply_slot *slot = arg;
	struct rcd_buf twiml;
	intptr_t ret;

	rcd_buf_init(&twiml, 100);
	rcd_buf_str(&twiml, "<Response/>");
	ret = rcd_reply_slot_webhook(slot)->offer(rcd_reply_slot_webhook(slot)->arg, &twiml);
	rcd_buf_free(&twiml);
	rcd_reply_slot_release(slot);
	return (void *)ret;
}

static int hands_over_until_deadline(void)
{
	struct rcd_reply_slot *s = rcd_reply_slot_new(rcd_deadline_in(5000));
	struct rcd_buf got;
	pthread_t other;
	void *offered;
	int ret = 0;

	rcd_buf_init(&got, 100);
	T_OK(s != NULL && !rcd_reply_slot_await(s, rcd_deadline_in(1)) &&
	     !rcd_cancel_is_set(rcd_reply_slot_cancel(s)));
	T_OK(pthread_create(&other, NULL, offer_answer, s) == 0);
	T_OK(rcd_reply_slot_await(s, rcd_deadline_in(5000)));
	T_INT(rcd_reply_slot_take(s, &got), 0);
	T_STR(got.p, "<Response/>");
	rcd_reply_slot_settle(s, true);
	(void)pthread_join(other, &offered);
	T_OK(offered == NULL);
	rcd_reply_slot_release(s);
	/* nobody waits any more */
	s = rcd_reply_slot_new(rcd_deadline_in(1));
	T_OK(s != NULL);
	T_INT(rcd_reply_slot_take(s, &got), -1);
	rcd_reply_slot_release(s);
	T_OK(pthread_create(&other, NULL, offer_answer, s) == 0);
	(void)pthread_join(other, &offered);
	T_OK(offered != NULL);
out:
	rcd_buf_free(&got);
	return ret;
}

const struct t_case t_cases[] = {
	{"hands_over_until_deadline", hands_over_until_deadline, 0},
	{NULL, NULL, 0},
};
