#include "daemon/lock.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

static int wait_for_lock(int fd, const char *path, int wait_ms, struct rcd_err *err)
{
	int64_t until = rcd_mono_ms() + wait_ms;

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (rcd_mono_ms() >= until)
			return rcd_fail(err, RCD_BUSY, 0, "%s: a recadod works on this state; stop it first",
			                path);
		(void)poll(NULL, 0, 20);
	}
	return 0;
}

int rcd_lock_state(const char *state_dir, bool create, int wait_ms, int *fd, struct rcd_err *err)
{
	char *path = NULL;
	int f, ret = 0;

	if (asprintf(&path, "%s/recadod.lock", state_dir) < 0)
		return rcd_fail_nomem(err);
	f = open(path, O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0640);
	if (f < 0 && (create || errno != ENOENT))
		ret = rcd_fail_errno(err, "%s", path);
	else if (f >= 0)
		ret = wait_for_lock(f, path, wait_ms, err);
	free(path);
	if (ret == 0)
		*fd = f;
	else if (f >= 0)
		(void)close(f);
	return ret;
}
