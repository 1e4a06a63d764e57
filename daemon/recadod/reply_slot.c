#include "daemon/recadod/reply_slot.h"

#include "base/limits.h"
#include "base/wait.h"

#include <pthread.h>
#include <stdlib.h>

enum state { WAITING, OFFERED, WRITTEN, FAILED, EMPTY };

struct rcd_reply_slot {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	enum state state;
	int refs;
	struct rcd_webhook_reply reply;
	struct rcd_cancel cancel;
	struct rcd_buf twiml;
};

static int offer_twiml(void *arg, struct rcd_buf *twiml)
{
	struct rcd_reply_slot *s = arg;
	int ret = -1;

	(void)pthread_mutex_lock(&s->lock);
	if (s->state == WAITING) {
		s->twiml = *twiml;
		rcd_buf_init(twiml, twiml->max);
		s->state = OFFERED;
		(void)pthread_cond_broadcast(&s->changed);
		while (s->state == OFFERED)
			(void)pthread_cond_wait(&s->changed, &s->lock);
		ret = s->state == WRITTEN ? 0 : -1;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return ret;
}

struct rcd_reply_slot *rcd_reply_slot_new(int64_t deadline)
{
	struct rcd_reply_slot *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->refs = 2;
	s->reply = (struct rcd_webhook_reply){deadline, offer_twiml, s};
	rcd_cancel_init(&s->cancel);
	rcd_buf_init(&s->twiml, RCD_MAX_JSON);
	rcd_cond_init(&s->changed);
	(void)pthread_mutex_init(&s->lock, NULL);
	return s;
}

void rcd_reply_slot_release(struct rcd_reply_slot *s)
{
	bool last;

	if (s == NULL)
		return;
	(void)pthread_mutex_lock(&s->lock);
	last = --s->refs == 0;
	if (s->state == WAITING || s->state == OFFERED) {
		/* the other side must not wait for one that has left */
		s->state = s->state == WAITING ? EMPTY : FAILED;
		(void)pthread_cond_broadcast(&s->changed);
	}
	(void)pthread_mutex_unlock(&s->lock);
	if (!last)
		return;
	rcd_buf_free(&s->twiml);
	rcd_cancel_free(&s->cancel);
	(void)pthread_cond_destroy(&s->changed);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}

const struct rcd_webhook_reply *rcd_reply_slot_webhook(const struct rcd_reply_slot *s)
{
	return &s->reply;
}

struct rcd_cancel *rcd_reply_slot_cancel(struct rcd_reply_slot *s)
{
	return &s->cancel;
}

/* With the lock held. */
static void wait_for_change(struct rcd_reply_slot *s, int64_t until)
{
	while (s->state == WAITING)
		if (!rcd_cond_wait(&s->changed, &s->lock, until))
			break;
}

bool rcd_reply_slot_await(struct rcd_reply_slot *s, int64_t until)
{
	bool changed;

	(void)pthread_mutex_lock(&s->lock);
	wait_for_change(s, until);
	changed = s->state != WAITING;
	(void)pthread_mutex_unlock(&s->lock);
	return changed;
}

int rcd_reply_slot_take(struct rcd_reply_slot *s, struct rcd_buf *out)
{
	int ret = -1;

	(void)pthread_mutex_lock(&s->lock);
	wait_for_change(s, s->reply.deadline);
	if (s->state == OFFERED) {
		*out = s->twiml;
		rcd_buf_init(&s->twiml, RCD_MAX_JSON);
		ret = 0;
	} else {
		s->state = EMPTY;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return ret;
}

void rcd_reply_slot_settle(struct rcd_reply_slot *s, bool ok)
{
	(void)pthread_mutex_lock(&s->lock);
	if (s->state == OFFERED)
		s->state = ok ? WRITTEN : FAILED;
	(void)pthread_cond_broadcast(&s->changed);
	(void)pthread_mutex_unlock(&s->lock);
}
