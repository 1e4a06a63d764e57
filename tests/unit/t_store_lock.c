/* The writers' lock: one at a time, in turn, over processes that may die at any moment. */
#include "base/clock.h"
#include "store/wlock.h"
#include "tests/t.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 4

/* ThreadSanitizer does not know that a timed lock may also be had from a dead owner. */
#if defined(__SANITIZE_THREAD__)
#define KILLS 0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define KILLS 0
#endif
#endif
#ifndef KILLS
#define KILLS 25
#endif

struct board {
	atomic_int inside, overlaps, holder; /* holder: pid of who is in, 0 for nobody */
	atomic_long turns[CHILDREN];
	atomic_bool stop;
	useconds_t hold_us; /* as long as a commit: the others come to wait meanwhile */
};

static const char *lock_path(void)
{
	static char path[300];

	(void)snprintf(path, sizeof(path), "%s/x-lock", t_dir());
	return path;
}

/* The one inside counts itself in; whoever was killed in there cannot count itself out, so
 * a new holder sets the count instead of adding to it. */
static void child(struct board *b, int who)
{
	struct rcd_wlock *l = NULL;
	struct rcd_err err;

	if (rcd_wlock_open(&l, lock_path(), &err) != 0)
		_exit(1);
	while (!atomic_load(&b->stop)) {
		if (rcd_wlock_take(l, 10000, &err) != 0)
			_exit(2);
		atomic_store(&b->inside, 0);
		atomic_store(&b->holder, getpid());
		if (atomic_fetch_add(&b->inside, 1) != 0)
			atomic_fetch_add(&b->overlaps, 1);
		for (int i = 0; i < 200; i++)
			if (atomic_load(&b->inside) != 1)
				atomic_fetch_add(&b->overlaps, 1);
		if (b->hold_us > 0)
			(void)usleep(b->hold_us);
		atomic_fetch_add(&b->turns[who], 1);
		atomic_store(&b->holder, 0);
		rcd_wlock_drop(l);
	}
	rcd_wlock_close(l);
	_exit(0);
}

static struct board *new_board(void)
{
	(void)lock_path(); /* the folder is made here, not once more in every child */
	void *p = mmap(NULL, sizeof(struct board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	               -1, 0);

	return p != MAP_FAILED ? p : NULL;
}

static pid_t start(struct board *b, int who)
{
	pid_t pid = fork();

	if (pid == 0)
		child(b, who);
	return pid;
}

/* Until all have had n more turns; false when they do not within ten seconds. */
static bool all_go_on(struct board *b, long n)
{
	long from[CHILDREN];
	int64_t until = rcd_mono_ms() + 10000;

	for (int i = 0; i < CHILDREN; i++)
		from[i] = b->turns[i];
	for (int i = 0; i < CHILDREN; i++)
		while (b->turns[i] < from[i] + n) {
			if (rcd_mono_ms() > until)
				return false;
			(void)usleep(500);
		}
	return true;
}

/* Kills whoever is inside, as long as somebody is caught in the act. */
static pid_t kill_holder(struct board *b)
{
	pid_t pid;

	while ((pid = atomic_load(&b->holder)) == 0)
		continue;
	return kill(pid, SIGKILL) == 0 ? pid : -1;
}

static int killed(void)
{
	struct board *b = new_board();
	pid_t pid[CHILDREN];
	int ret = 0, status;

	T_OK(b != NULL);
	for (int i = 0; i < CHILDREN; i++)
		T_OK((pid[i] = start(b, i)) > 0);
	for (int round = 0; round < KILLS; round++) {
		pid_t dead;

		T_OK(all_go_on(b, 20));
		dead = kill_holder(b);
		T_OK(waitpid(dead, &status, 0) == dead && WIFSIGNALED(status));
		for (int i = 0; i < CHILDREN; i++)
			if (pid[i] == dead)
				T_OK((pid[i] = start(b, i)) > 0);
	}
	T_OK(all_go_on(b, 20));
	atomic_store(&b->stop, true);
	for (int i = 0; i < CHILDREN; i++)
		T_OK(waitpid(pid[i], &status, 0) == pid[i] && status == 0);
	T_INT(b->overlaps, 0);
out:
	return ret;
}

static int fair(void)
{
	struct board *b = new_board();
	long least = LONG_MAX, most = 0;
	pid_t pid[CHILDREN];
	int ret = 0, status;

	T_OK(b != NULL);
	b->hold_us = 300;
	for (int i = 0; i < CHILDREN; i++)
		T_OK((pid[i] = start(b, i)) > 0);
	T_OK(all_go_on(b, 10));
	for (int i = 0; i < CHILDREN; i++)
		atomic_store(&b->turns[i], 0);
	T_OK(all_go_on(b, 300));
	for (int i = 0; i < CHILDREN; i++) {
		least = b->turns[i] < least ? b->turns[i] : least;
		most = b->turns[i] > most ? b->turns[i] : most;
	}
	atomic_store(&b->stop, true);
	for (int i = 0; i < CHILDREN; i++)
		T_OK(waitpid(pid[i], &status, 0) == pid[i] && status == 0);
	T_INT(b->overlaps, 0);
	if (most > 2 * least)
		T_FAIL("one had %ld turns, another %ld", most, least);
out:
	return ret;
}

static int waiting(void)
{
	struct rcd_wlock *a = NULL, *b = NULL;
	struct rcd_err err = {0};
	int64_t from;
	int ret = 0;

	T_DO(rcd_wlock_open(&a, lock_path(), &err), err);
	T_DO(rcd_wlock_open(&b, lock_path(), &err), err);
	T_DO(rcd_wlock_take(a, 1000, &err), err);
	from = rcd_mono_ms();
	T_INT(rcd_wlock_take(b, 120, &err), -1);
	T_INT(err.code, RCD_BUSY);
	T_OK(rcd_mono_ms() - from >= 100);
	rcd_wlock_drop(a);
	T_DO(rcd_wlock_take(b, 1000, &err), err);
	rcd_wlock_drop(b);
out:
	rcd_wlock_close(a);
	rcd_wlock_close(b);
	return ret;
}

/* What a power cut or a stranger leaves is made anew: a lock held by nobody of this boot. */
static int left_over(void)
{
	struct rcd_wlock *l = NULL;
	struct rcd_err err = {0};
	int ret = 0, fd = -1;

	T_DO(rcd_wlock_open(&l, lock_path(), &err), err);
	T_DO(rcd_wlock_take(l, 1000, &err), err);
	rcd_wlock_drop(l);
	l = rcd_wlock_close(l);
	T_OK((fd = open(lock_path(), O_RDWR)) >= 0);
	for (off_t at = 16; at < 200; at++) /* behind magic and size: the boot id and the mutexes */
		T_OK(pwrite(fd, "\x41", 1, at) == 1);
	T_DO(rcd_wlock_open(&l, lock_path(), &err), err);
	T_DO(rcd_wlock_take(l, 1000, &err), err);
	rcd_wlock_drop(l);
	l = rcd_wlock_close(l);
	T_OK(ftruncate(fd, 3) == 0);
	T_DO(rcd_wlock_open(&l, lock_path(), &err), err);
	T_DO(rcd_wlock_take(l, 1000, &err), err);
	rcd_wlock_drop(l);
	l = rcd_wlock_close(l);
	T_INT(rcd_wlock_open(&l, "/nonexistent/x-lock", &err), -1);
	T_OK(err.code == RCD_NOENT || err.code == RCD_IO || err.code == RCD_NOMEM);
out:
	if (fd >= 0)
		(void)close(fd);
	rcd_wlock_close(l);
	return ret;
}

/* Without another writer the request to readers ends by itself: a large write that nothing follows
 * must not slow every later read down. */
static int room_expires(void)
{
	struct rcd_wlock *l = NULL;
	struct rcd_err err = {0};
	int64_t until;
	int ret = 0;

	T_DO(rcd_wlock_open(&l, lock_path(), &err), err);
	T_OK(!rcd_wlock_gap_requested(l));
	rcd_wlock_request_gap(l, true);
	T_OK(rcd_wlock_gap_requested(l));
	rcd_wlock_request_gap(l, false);
	T_OK(!rcd_wlock_gap_requested(l));
	rcd_wlock_request_gap(l, true);
	until = rcd_deadline_in(10000);
	while (rcd_wlock_gap_requested(l) && rcd_deadline_left(until, 10000) > 0)
		(void)sched_yield();
	T_OK(!rcd_wlock_gap_requested(l));
out:
	rcd_wlock_close(l);
	return ret;
}

const struct t_case t_cases[] = {
	{"room_expires", room_expires, 0}, {"killed", killed, 0},           {"fair", fair, 0},
	{"waiting", waiting, T_OOM},       {"left_over", left_over, T_OOM}, {NULL, NULL, 0},
};
