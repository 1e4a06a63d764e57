/* LD_PRELOAD: every fsync and fdatasync takes $SLOWFSYNC_US microseconds longer, as on an
 * ordinary rented disk. */

#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int slow(const char *name, int fd)
{
	const char *us = getenv("SLOWFSYNC_US");
	long n = us != NULL ? strtol(us, NULL, 10) : 0;
	struct timespec ts = {n / 1000000, n % 1000000 * 1000};
	int (*real)(int);

	*(void **)&real = dlsym(RTLD_NEXT, name);
	(void)nanosleep(&ts, NULL);
	return real(fd);
}

int fsync(int fd)
{
	return slow("fsync", fd);
}

int fdatasync(int fd)
{
	return slow("fdatasync", fd);
}
