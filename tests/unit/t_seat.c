/* daemon/recadod/seat.h: an answer goes from a turn's thread to the webhook's. */

#include "tests/t.h"
#include "base/clock.h"
#include "daemon/recadod/seat.h"

#include <pthread.h>

static void *offer_answer(void *arg)
{
	struct rcd_twiml_seat *seat = arg;
	struct rcd_buf twiml;
	intptr_t ret;

	rcd_buf_init(&twiml, 100);
	rcd_buf_str(&twiml, "<Response/>");
	ret = rcd_seat_reply(seat)->offer(rcd_seat_reply(seat)->arg, &twiml);
	rcd_buf_free(&twiml);
	rcd_seat_leave(seat);
	return (void *)ret;
}

static int hands_over_until_deadline(void)
{
	struct rcd_twiml_seat *s = rcd_seat_new(rcd_deadline_in(5000));
	struct rcd_buf got;
	pthread_t other;
	void *offered;
	int ret = 0;

	rcd_buf_init(&got, 100);
	T_OK(s != NULL && rcd_seat_waits(s, rcd_deadline_in(1)) &&
	     !rcd_cancel_is_set(rcd_seat_cancel(s)));
	T_OK(pthread_create(&other, NULL, offer_answer, s) == 0);
	T_OK(!rcd_seat_waits(s, rcd_deadline_in(5000)));
	T_INT(rcd_seat_wait(s, &got), 0);
	T_STR(got.p, "<Response/>");
	rcd_seat_written(s, true);
	(void)pthread_join(other, &offered);
	T_OK(offered == NULL);
	rcd_seat_leave(s);
	/* nobody waits any more */
	s = rcd_seat_new(rcd_deadline_in(1));
	T_OK(s != NULL);
	T_INT(rcd_seat_wait(s, &got), -1);
	rcd_seat_leave(s);
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
