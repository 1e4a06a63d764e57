#include "daemon/cage/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CAGELESS 126 /* how a child says that it got no cage, */
#define MISSING 127  /* and that there is no such program */
#define CHUNK 65536

static const char *name_of(const struct rcd_cage_program *p)
{
	const char *slash = strrchr(p->path, '/');

	return slash != NULL ? slash + 1 : p->path;
}

static void exec_program(const struct rcd_cage_program *p, const char *const *argv, int out,
                         bool may_be_free)
{
	/* numeric libraries start a thread per core when they are loaded, needed or not */
	static const char *const env[] = {"LANG=C.UTF-8", "OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1",
	                                  NULL};

	/* when we are killed, so is it */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || lseek(0, 0, SEEK_SET) < 0 ||
	    dup2(out, 1) < 0)
		_exit(MISSING);
	if (rcd_cage_program(p, RCD_UNREAD_ERR) != 0 && !may_be_free)
		_exit(CAGELESS);
	/* the type of argv is older than const; nothing writes to it */
	(void)execve(p->path, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
	_exit(MISSING);
}

int rcd_cage_child_start(struct rcd_cage_child *c, const struct rcd_cage_program *p,
                         const char *const *argv, bool may_be_free, struct rcd_err *err)
{
	int pipes[2];

	if (pipe2(pipes, O_CLOEXEC) != 0)
		return rcd_fail_errno(err, "a pipe to %s", name_of(p));
	c->program = p;
	c->pid = fork();
	if (c->pid == 0)
		exec_program(p, argv, pipes[1], may_be_free);
	(void)close(pipes[1]);
	if (c->pid < 0) {
		(void)close(pipes[0]);
		return rcd_fail_errno(err, "a process for %s", name_of(p));
	}
	c->out = pipes[0];
	return 0;
}

int rcd_cage_child_read(struct rcd_cage_child *c, struct rcd_buf *out, struct rcd_err *err)
{
	for (;;) {
		char *at = rcd_buf_room(out, CHUNK);
		ssize_t n;

		if (at == NULL)
			return out->over ? rcd_fail(err, RCD_LIMIT, 0, "%s writes more than %zu MB",
			                            name_of(c->program), out->max >> 20)
			                 : rcd_fail_nomem(err);
		n = read(c->out, at, CHUNK);
		if (n < 0 && errno != EINTR)
			return rcd_fail_errno(err, "the output of %s", name_of(c->program));
		if (n == 0)
			return 0;
		if (n > 0)
			out->n += (size_t)n;
	}
}

int rcd_cage_child_end(struct rcd_cage_child *c, int *status, struct rcd_err *err)
{
	const char *name = name_of(c->program);
	int how = 0;

	(void)close(c->out); /* ends one that still writes */
	while (waitpid(c->pid, &how, 0) < 0)
		if (errno != EINTR)
			return rcd_fail_errno(err, "%s", name);
	if (WIFSIGNALED(how))
		return WTERMSIG(how) == SIGXCPU || WTERMSIG(how) == SIGKILL
		           ? rcd_fail(err, RCD_LIMIT, 0, "%s was not done in its time", name)
		           : rcd_fail(err, RCD_PROTO, 0, "%s died of it (signal %d)", name, WTERMSIG(how));
	*status = WEXITSTATUS(how);
	if (*status == CAGELESS)
		return rcd_fail(err, RCD_DENIED, 0, "there is no cage for %s", name);
	if (*status == MISSING)
		return rcd_fail(err, RCD_NOENT, 0, "there is no %s (apt install %s)", c->program->path,
		                c->program->package);
	return 0;
}
