/* A robust, process-shared mutex in a mapped file. It uses priority inheritance because the kernel
 * then hands the mutex to the longest waiter; an ordinary mutex is taken again by the thread that
 * has just released it, and a second mutex as a queue only moves the contention. A mutex left by a
 * dead owner is made consistent: the engine's own recovery repairs what it guards. */
#include "store/wlock.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MAGIC 0x3276636b726f6365u
#define BOOT_ID 36
#define ROOM_MS 100 /* a writer that comes again within this time finds readers pausing */

struct shared {
	uint64_t magic;     /* written last: what follows is ready for use */
	uint64_t size;      /* of this struct: another C library's mutex is another lock */
	char boot[BOOT_ID]; /* a power cut leaves a mutex whose owner no kernel remembers */
	int64_t epoch_ms;
	atomic_llong room_until_ms; /* rcd_mono_ms() */
	pthread_mutex_t lock;
};

struct rcd_wlock {
	struct shared *s;
};

static int read_boot_id(char id[BOOT_ID], struct rcd_err *err)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, id, BOOT_ID) : -1;

	if (fd >= 0)
		(void)close(fd);
	/* no substitute: two processes that disagree about it would each make the lock anew */
	return n == BOOT_ID ? 0
	                    : rcd_fail(err, RCD_IO, 0,
	                               "store: /proc/sys/kernel/random/boot_id cannot be read"
	                               " (a unit with ProcSubset=pid hides it)");
}

static int make_mutex(struct shared *s)
{
	pthread_mutexattr_t a;
	int bad;

	if (pthread_mutexattr_init(&a) != 0)
		return -1;
	bad = pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED) != 0 ||
	      pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST) != 0 ||
	      pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_INHERIT) != 0 ||
	      pthread_mutex_init(&s->lock, &a) != 0;
	(void)pthread_mutexattr_destroy(&a);
	return bad ? -1 : 0;
}

/* Under flock: makes the file what it should be unless it is. */
static int prepare_mutex(struct shared *s, struct rcd_err *err)
{
	char boot[BOOT_ID];

	if (read_boot_id(boot, err) != 0)
		return -1;
	if (s->magic == MAGIC && s->size == sizeof(*s) && memcmp(s->boot, boot, BOOT_ID) == 0)
		return 0;
	memset(s, 0, sizeof(*s));
	if (make_mutex(s) != 0)
		return rcd_fail(err, RCD_IO, 0, "store: no robust process-shared mutex on this system");
	s->epoch_ms = rcd_now_ms() - rcd_mono_ms();
	s->size = sizeof(*s);
	memcpy(s->boot, boot, BOOT_ID);
	__atomic_store_n(&s->magic, MAGIC, __ATOMIC_RELEASE);
	return 0;
}

static int map_file(struct rcd_wlock *l, int fd, struct rcd_err *err)
{
	void *p;

	if (ftruncate(fd, sizeof(struct shared)) != 0)
		return rcd_fail_errno(err, "store: size of the lock file");
	p = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return rcd_fail_errno(err, "store: map the lock file");
	l->s = p;
	return prepare_mutex(l->s, err);
}

char *rcd_wlock_path(const char *path)
{
	char *p = NULL;

	return asprintf(&p, "%s-lock", path) >= 0 ? p : NULL;
}

int rcd_wlock_open(struct rcd_wlock **out, const char *path, struct rcd_err *err)
{
	struct rcd_wlock *l = calloc(1, sizeof(*l));
	int fd = -1, ret = -1;

	if (l == NULL)
		return rcd_fail_nomem(err);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
	if (fd < 0 || flock(fd, LOCK_EX) != 0)
		rcd_fail_errno(err, "store: open the lock file");
	else
		ret = map_file(l, fd, err);
	if (fd >= 0) {
		(void)flock(fd, LOCK_UN); /* closing alone would not: the mapping keeps the file open */
		(void)close(fd);
	}
	if (ret != 0)
		rcd_wlock_close(l);
	else
		*out = l;
	return ret;
}

struct rcd_wlock *rcd_wlock_close(struct rcd_wlock *l)
{
	if (l != NULL && l->s != NULL)
		(void)munmap(l->s, sizeof(*l->s));
	free(l);
	return NULL;
}

int rcd_wlock_take(struct rcd_wlock *l, int ms, struct rcd_err *err)
{
	struct timespec until;
	int e;

	/* the wall clock: kernels before 5.14 know no other for this kind of mutex */
	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	e = pthread_mutex_timedlock(&l->s->lock, &until);
	if (e == EOWNERDEAD)
		e = pthread_mutex_consistent(&l->s->lock);
	if (e == ETIMEDOUT)
		return rcd_fail(err, RCD_BUSY, 0, "store: somebody has been writing for %d ms", ms);
	return e == 0 ? 0 : rcd_fail(err, RCD_IO, e, "store: the lock file is of no use");
}

void rcd_wlock_drop(struct rcd_wlock *l)
{
	(void)pthread_mutex_unlock(&l->s->lock);
}

int64_t rcd_wlock_epoch_ms(const struct rcd_wlock *l)
{
	return l->s->epoch_ms;
}

void rcd_wlock_request_gap(struct rcd_wlock *l, bool on)
{
	long long until = on ? rcd_mono_ms() + ROOM_MS : 0;

	if (until != 0 || atomic_load(&l->s->room_until_ms) != 0)
		atomic_store(&l->s->room_until_ms, until);
}

bool rcd_wlock_gap_requested(const struct rcd_wlock *l)
{
	long long until = atomic_load(&l->s->room_until_ms);

	return until != 0 && rcd_mono_ms() < until;
}
