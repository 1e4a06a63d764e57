/* What a crash point does: nothing, or SIGKILL (or SIGSTOP) to its own process. */
#define RCD_NO_POINTS
#include "tests/crash/points.h"

#include "base/sv.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct rcd_crash_aim own; /* of CRASH_AT=NAME:NTH: every process has its copy */
static struct rcd_crash_aim *aim = &own;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void map_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	void *p = fd >= 0 ? mmap(NULL, sizeof(own), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
	                  : MAP_FAILED;

	if (p != MAP_FAILED)
		aim = p;
	else
		(void)fprintf(stderr, "CRASH_AT: cannot map %s\n", path);
	if (fd >= 0)
		(void)close(fd);
}

static void read_aim(void)
{
	struct rcd_sv name, rest = rcd_sv(getenv("CRASH_AT"));
	int64_t nth = 1;

	if (rest.n > 0 && rest.p[0] == '@') {
		map_file(rest.p + 1);
		return;
	}
	if (!rcd_sv_cut(&rest, ':', &name) || name.n >= sizeof(own.name))
		return;
	(void)rcd_parse_i64(rest, 1, 1000000000, &nth);
	memcpy(own.name, name.p, name.n);
	atomic_store(&own.left, (int)nth);
}

void rcd_crash_name(const struct rcd_crash_point *p, char out[RCD_CRASH_NAME])
{
	(void)snprintf(out, RCD_CRASH_NAME, "%.*s.%s.%s.%s", (int)strcspn(p->file, "."), p->file,
	               p->func, p->call, p->when);
}

void rcd_crash_pass(const struct rcd_crash_point *p)
{
	char name[RCD_CRASH_NAME];

	(void)pthread_once(&once, read_aim);
	if (atomic_load(&aim->left) < 1)
		return;
	rcd_crash_name(p, name);
	if (strncmp(name, aim->name, sizeof(name)) == 0 && atomic_fetch_sub(&aim->left, 1) == 1)
		(void)kill(getpid(), atomic_load(&aim->stops) ? SIGSTOP : SIGKILL);
}
