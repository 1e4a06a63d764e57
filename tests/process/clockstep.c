/* Preloaded by t_fault.py: the wall clock of every process, moved by the seconds that the file
 * named by CLOCKSTEP holds (a double, in the machine's own bytes). The monotonic clock stays. */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t which, struct timespec *ts);
int gettimeofday(struct timeval *restrict tv, void *restrict zone);
time_t time(time_t *out);
int pthread_mutex_timedlock(pthread_mutex_t *m, const struct timespec *until);

static const volatile double *step;

static __attribute__((constructor)) void begin(void)
{
	const char *path = getenv("CLOCKSTEP");
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *p = fd >= 0 ? mmap(NULL, sizeof(double), PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;

	if (p != MAP_FAILED)
		step = p;
	if (fd >= 0)
		(void)close(fd);
}

static time_t ahead(void)
{
	return step != NULL ? (time_t)*step : 0;
}

int clock_gettime(clockid_t which, struct timespec *ts)
{
	int ret = (int)syscall(SYS_clock_gettime, which, ts); /* other libraries ask before we begin */

	if (ret == 0 && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE))
		ts->tv_sec += ahead();
	return ret;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec ts;

	(void)zone;
	(void)clock_gettime(CLOCK_REALTIME, &ts);
	*tv = (struct timeval){ts.tv_sec, ts.tv_nsec / 1000};
	return 0;
}

time_t time(time_t *out)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	if (out != NULL)
		*out = ts.tv_sec;
	return ts.tv_sec;
}

/* The kernel measures this one by the real clock. */
int pthread_mutex_timedlock(pthread_mutex_t *m, const struct timespec *until)
{
	int (*real_timedlock)(pthread_mutex_t *, const struct timespec *);
	struct timespec real = *until;

	*(void **)&real_timedlock = dlsym(RTLD_NEXT, "pthread_mutex_timedlock");
	real.tv_sec -= ahead();
	return real_timedlock(m, &real);
}
