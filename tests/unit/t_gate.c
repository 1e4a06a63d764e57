/* base/gate.h, and what else ends when its work is cancelled: a program that is read. */

#include "base/cancel.h"
#include "base/clock.h"
#include "base/gate.h"
#include "base/program.h"
#include "tests/t.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define CROWD 20

struct visitor {
	struct rcd_gate *gate;
	_Atomic int *order;
	struct rcd_cancel *under;
	int64_t deadline;
	pthread_t thread;
	int ret, place;
	struct rcd_err err;
};

static void *visit(void *arg)
{
	struct visitor *v = arg;

	(void)rcd_cancel_under(v->under);
	v->ret = rcd_gate_enter(v->gate, v->deadline, &v->err);
	v->place = atomic_fetch_add(v->order, 1);
	if (v->ret == 0)
		rcd_gate_leave(v->gate);
	return NULL;
}

/* Until n wait: nothing wakes us for that. */
static bool await_queue(struct rcd_gate *g, int n)
{
	int64_t until = rcd_deadline_in(20000);
	int waiting;

	do {
		(void)rcd_cancel_sleep(1);
		(void)pthread_mutex_lock(&g->lock);
		waiting = g->waiting;
		(void)pthread_mutex_unlock(&g->lock);
	} while (waiting < n && rcd_deadline_left(until, 1) > 0);
	return waiting == n;
}

/* One at a time through a gate of one: in the order in which they came. */
static int first_come(void)
{
	struct visitor v[CROWD] = {0};
	_Atomic int order = 0;
	struct rcd_gate g;
	int ret = 0;

	rcd_gate_init(&g, 1);
	T_INT(rcd_gate_enter(&g, rcd_deadline_in(0), RCD_UNREAD_ERR), 0);
	for (int i = 0; i < CROWD; i++) {
		v[i] = (struct visitor){.gate = &g, .order = &order, .deadline = rcd_deadline_in(60000)};
		(void)pthread_create(&v[i].thread, NULL, visit, &v[i]);
		T_OK(await_queue(&g, i + 1));
	}
	rcd_gate_leave(&g);
	for (int i = 0; i < CROWD; i++)
		(void)pthread_join(v[i].thread, NULL);
	for (int i = 0; i < CROWD; i++) {
		T_INT(v[i].ret, 0);
		T_INT(v[i].place, i);
	}
	T_INT(g.room, 1);
out:
	rcd_gate_free(&g);
	return ret;
}

static int deadline(void)
{
	struct rcd_err err = {0};
	struct rcd_gate g;
	int64_t began = rcd_mono_ms();
	int ret = 0;

	rcd_gate_init(&g, 2);
	T_INT(rcd_gate_enter(&g, began, &err), 0);
	T_INT(rcd_gate_enter(&g, began, &err), 0);
	T_INT(rcd_gate_enter(&g, rcd_deadline_in(30), &err), -1);
	T_INT(err.code, RCD_BUSY);
	T_OK(rcd_mono_ms() - began >= 29);
	T_OK(TAILQ_EMPTY(&g.queue));
	rcd_gate_leave(&g);
	T_INT(rcd_gate_enter(&g, rcd_deadline_in(30), &err), 0);
	rcd_gate_leave(&g);
	rcd_gate_leave(&g);
	T_INT(g.room, 2);
	T_INT(rcd_gate_enter(NULL, 0, &err), 0);
	rcd_gate_leave(NULL);
out:
	rcd_gate_free(&g);
	return ret;
}

/* One in the queue, and one whose sign was set before. */
static int cancelled(void)
{
	_Atomic int order = 0;
	struct rcd_cancel sign;
	struct rcd_gate g;
	struct visitor v = {.gate = &g, .order = &order, .under = &sign};
	int ret = 0;

	rcd_cancel_init(&sign);
	rcd_gate_init(&g, 0);
	for (int i = 0; i < 2; i++) {
		v.deadline = rcd_deadline_in(60000);
		(void)pthread_create(&v.thread, NULL, visit, &v);
		if (i == 0) {
			T_OK(await_queue(&g, 1));
			rcd_cancel_set(&sign);
		}
		(void)pthread_join(v.thread, NULL);
		T_INT(v.ret, -1);
		T_INT(v.err.code, RCD_CANCELLED);
		T_OK(TAILQ_EMPTY(&g.queue));
	}
out:
	rcd_gate_free(&g);
	rcd_cancel_free(&sign);
	return ret;
}

static void *set_soon(void *arg)
{
	(void)rcd_cancel_sleep(100);
	rcd_cancel_set(arg);
	return NULL;
}

/* It would write nothing for a minute. */
static int cancelled_program(void)
{
	static const char *const argv[] = {"sleep", "60", NULL};
	struct rcd_err err = {0};
	struct rcd_cancel sign;
	struct rcd_buf out;
	pthread_t thread;
	int64_t began = rcd_mono_ms();
	int ret = 0, in = rcd_program_input(RCD_SV("x"), &err);

	rcd_buf_init(&out, 1 << 20);
	rcd_cancel_init(&sign);
	(void)pthread_create(&thread, NULL, set_soon, &sign);
	(void)rcd_cancel_under(&sign);
	T_INT(rcd_program_run(argv, in, rcd_deadline_in(60000), &out, &err), -1);
	T_INT(err.code, RCD_CANCELLED);
	T_OK(rcd_mono_ms() - began < 30000);
out:
	(void)rcd_cancel_under(NULL);
	(void)pthread_join(thread, NULL);
	rcd_cancel_free(&sign);
	rcd_buf_free(&out);
	(void)close(in);
	return ret;
}

const struct t_case t_cases[] = {
	{"first_come", first_come, 0},
	{"deadline", deadline, 0},
	{"cancelled", cancelled, 0},
	{"cancelled_program", cancelled_program, 0},
	{NULL, NULL, 0},
};
