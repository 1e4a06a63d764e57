#include "daemon/recadod/leases.h"

#include "daemon/log.h"
#include "daemon/recadod/title.h"
#include "store/job.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* owner, or all of host when it is 0. */
static int release_leases(const char *url, int64_t owner, int64_t host, int64_t *freed,
                          struct rcd_err *err)
{
	const struct rcd_db_conf dc = {.url = url, .readers = 1};
	struct rcd_db *db = NULL;
	int ret;

	if (rcd_db_open(&db, &dc, err) != 0)
		return -1;
	ret = owner != 0 ? rcd_job_release(db, owner, freed, err)
	                 : rcd_job_release_host(db, host, freed, err);
	rcd_db_close(db);
	return ret;
}

int rcd_leases_take_over(const char *url, int64_t host, int64_t *freed, struct rcd_err *err)
{
	if (release_leases(url, 0, host, freed, err) != 0)
		return -1;
	if (*freed > 0)
		rcd_log(RCD_NOTICE, "jobs_requeued n=%lld reason=restart", (long long)*freed);
	return 0;
}

void rcd_leases_release(const char *url, int64_t owner, int bell_tx)
{
	pid_t master = getpid(), pid = fork();
	struct rcd_err err;
	int64_t freed = 0;

	if (pid < 0)
		rcd_log(RCD_ERROR, "fork: %m");
	if (pid != 0)
		return;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	rcd_title("recadod: releases");
	if (getppid() != master)
		_exit(1);
	if (release_leases(url, owner, 0, &freed, &err) != 0)
		rcd_log(RCD_WARN, "lease_release_failed err=\"%s\"", err.msg);
	else if (freed > 0)
		rcd_log(RCD_NOTICE, "%lld jobs of a process that was to end go on", (long long)freed);
	(void)send(bell_tx, "!", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	_exit(0);
}
