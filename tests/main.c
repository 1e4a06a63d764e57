#include "tests/t.h"

#include <ftw.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* libcurl closes a socket that never came to be connected before it says so: by then the number may
 * be another thread's, and our epoll, which has lost the socket by itself, is asked for something
 * it does not have (lib/net/http_engine.c). */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
	return "race:^remove_socket$\n";
}

/* --- allocations that can be made to fail ------------------------------------------- */

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t m);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t m);
void *__wrap_realloc(void *p, size_t n);
char *__wrap_strdup(const char *s);

static long fail_at; /* 0: never */
static long count;

static bool fails(void)
{
	return __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED) == fail_at && fail_at > 0;
}

void *__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t m)
{
	return fails() ? NULL : __real_calloc(n, m);
}

void *__wrap_realloc(void *p, size_t n)
{
	return fails() ? NULL : __real_realloc(p, n);
}

char *__wrap_strdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = __wrap_malloc(n);

	return p != NULL ? memcpy(p, s, n) : NULL;
}

/* --- places ------------------------------------------------------------------------- */

static char dir[256];

static int rm(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void rm_dir(void)
{
	if (dir[0] != '\0')
		(void)nftw(dir, rm, 16, FTW_DEPTH | FTW_PHYS);
}

const char *t_dir(void)
{
	const char *tmp = getenv("TMPDIR");

	if (dir[0] == '\0') {
		(void)snprintf(dir, sizeof(dir), "%s/recado-t.XXXXXX", tmp != NULL ? tmp : "/tmp");
		if (mkdtemp(dir) == NULL)
			abort();
		(void)atexit(rm_dir);
	}
	return dir;
}

const char *t_corpus(void)
{
	const char *c = getenv("RECADO_CORPUS");

	if (c == NULL)
		c = "../shared/corpus";
	return access(c, R_OK) == 0 ? c : NULL;
}

char *t_slurp(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	char *p = NULL;
	long size;

	if (f == NULL)
		return NULL;
	if (fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0 &&
	    (p = __real_malloc((size_t)size + 1)) != NULL) {
		*n = fread(p, 1, (size_t)size, f);
		p[*n] = '\0';
	}
	(void)fclose(f);
	return p;
}

/* --- running ------------------------------------------------------------------------ */

/* The case's result as an exit status: 0, T_NOMEM, 2 for failed; 3 when the case passed
 * although its n-th allocation never came. */
static int child(const struct t_case *c, long nth)
{
	int ret;

	fail_at = nth;
	count = 0;
	ret = c->run();
	if (ret == 0 && nth > 0 && count < nth)
		return 3;
	return ret == 0 || ret == T_NOMEM ? ret : 2;
}

static pid_t begin(const struct t_case *c, long nth)
{
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		(void)alarm(getenv("T_ALARM") != NULL ? (unsigned)atoi(getenv("T_ALARM")) : 180);
		exit(child(c, nth));
	}
	return pid;
}

static bool passes(const struct t_case *c)
{
	int status = 0;
	pid_t pid = begin(c, 0);

	if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	(void)printf("FAIL %s (%s %d)\n", c->name, WIFSIGNALED(status) ? "signal" : "status",
	             WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return false;
}

/* Many of them wait for a time to pass. On PostgreSQL they share a schema: one after the other. */
#define AT_ONCE 4

/* The allocations nth to nth + n - 1, each failing in a process of its own: 1 when one of them
 * never came, -1 when a case did not survive. */
static int some_fail(const struct t_case *c, long nth, int n)
{
	pid_t pid[AT_ONCE];
	int ret = 0;

	for (int i = 0; i < n; i++)
		pid[i] = begin(c, nth + i);
	for (int i = 0; i < n; i++) {
		int status = 0;
		bool ended = pid[i] > 0 && waitpid(pid[i], &status, 0) == pid[i];

		if (ret != 0)
			continue; /* what comes after the first that tells does not count */
		if (!ended || !WIFEXITED(status) || WEXITSTATUS(status) == 2) {
			(void)printf("FAIL %s with allocation %ld failing (%s %d)\n", c->name, nth + i,
			             WIFSIGNALED(status) ? "signal" : "status",
			             WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
			ret = -1;
		} else if (WEXITSTATUS(status) == 3) {
			ret = 1;
		}
	}
	return ret;
}

static bool survives_oom(const struct t_case *c)
{
	const int n = getenv("T_STORE") != NULL ? 1 : AT_ONCE;

	for (long nth = 1; nth < 5000; nth += n) {
		int told = some_fail(c, nth, n);

		if (told != 0)
			return told > 0;
	}
	(void)printf("FAIL %s: no end of allocations\n", c->name);
	return false;
}

static bool meant(const struct t_case *c, const char *only, bool oom)
{
	bool pg = getenv("T_STORE") != NULL;

	return (only == NULL || strcmp(only, c->name) == 0) && (!oom || (c->flags & T_OOM) != 0) &&
	       (c->flags & (pg ? T_SQLITE : T_PG)) == 0;
}

static double seconds_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* T_TIMES=1: how long each case took. */
int main(int argc, char **argv)
{
	bool oom = argc > 1 && strcmp(argv[1], "-m") == 0;
	const char *only = argc > 1 + oom ? argv[1 + oom] : NULL;
	int passed = 0, failed = 0;

	for (const struct t_case *c = t_cases; c->name != NULL; c++) {
		double began = seconds_now();
		bool ok;

		if (!meant(c, only, oom))
			continue;
		ok = oom ? survives_oom(c) : passes(c);
		if (getenv("T_TIMES") != NULL)
			(void)printf("%8.2f s %s\n", seconds_now() - began, c->name);
		passed += ok;
		failed += !ok;
	}
	(void)printf("%s%s%s: %d passed, %d failed\n", argv[0], oom ? " -m" : "",
	             getenv("T_STORE") != NULL ? " (PostgreSQL)" : "", passed, failed);
	return failed > 0 || passed + failed == 0 ? 1 : 0;
}
