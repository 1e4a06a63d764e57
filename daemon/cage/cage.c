#include "daemon/cage/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define MB (1024L * 1024)

long rcd_cage_memory(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE), quarter;

	if (pages <= 0 || page <= 0)
		return 512 * MB;
	quarter = pages / 4 > 1024 * MB / page ? 1024 * MB : pages / 4 * page;
	return quarter < 512 * MB ? 512 * MB : quarter;
}

int rcd_cage_limits(int cpu_s, struct rcd_err *err)
{
	const struct {
		int what;
		rlim_t soft, hard;
	} limits[] = {
		{RLIMIT_CPU, (rlim_t)cpu_s, (rlim_t)cpu_s + 5},
		{RLIMIT_AS, (rlim_t)rcd_cage_memory(), (rlim_t)rcd_cage_memory()},
		{RLIMIT_FSIZE, 0, 0},
		{RLIMIT_CORE, 0, 0},
		{RLIMIT_NOFILE, 32, 32},
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rlimit r = {limits[i].soft, limits[i].hard};

		if (SANITIZED && limits[i].what == RLIMIT_AS) /* its shadow alone is larger */
			continue;
		if (setrlimit((__rlimit_resource_t)limits[i].what, &r) != 0)
			return rcd_fail_errno(err, "limits for a caged program");
	}
	return 0;
}

/* --- Landlock: which files ---------------------------------------------------------------- */

#define FS_1 ((1ULL << 13) - 1) /* every right of its first version */
#define FS_REFER (1ULL << 13)
#define FS_TRUNCATE (1ULL << 14)
#define FS_IOCTL (1ULL << 15)
#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define EXECUTE (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE)

struct may {
	const char *path;
	uint64_t rights;
};

/* A path that is not there needs no rule. */
static int allow_path(int ruleset, const struct may *m, struct rcd_err *err)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = m->rights};
	int ret = 0;

	rule.parent_fd = open(m->path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return 0;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
		ret = rcd_fail(err, RCD_DENIED, errno, "Landlock takes no rule for %s", m->path);
	(void)close(rule.parent_fd);
	return ret;
}

static int apply_landlock(const struct may *may, size_t n, struct rcd_err *err)
{
	struct landlock_ruleset_attr attr = {.handled_access_fs = FS_1};
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	int ruleset, ret = 0;

	if (abi < 1)
		return rcd_fail(err, RCD_DENIED, errno, "this kernel has no Landlock");
	attr.handled_access_fs |= (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) |
	                          (abi >= 5 ? FS_IOCTL : 0);
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset < 0)
		return rcd_fail(err, RCD_DENIED, errno, "Landlock makes no rules");
	for (size_t i = 0; i < n && ret == 0; i++)
		ret = allow_path(ruleset, &may[i], err);
	if (ret == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		ret = rcd_fail(err, RCD_DENIED, errno, "Landlock does not restrict us");
	(void)close(ruleset);
	return ret;
}

/* --- seccomp: which calls ----------------------------------------------------------------- */

static const int plain[] = {
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(pread64),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(close),
	SCMP_SYS(lseek),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(brk),
	SCMP_SYS(mmap),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(mprotect),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(wait4),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(getrandom),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(sched_yield),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(restart_syscall),
};

/* What the dynamic loader and the start of a program want besides; Landlock judges the paths. */
static const int starting[] = {
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(access),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(stat),
	SCMP_SYS(lstat),
	SCMP_SYS(statx),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(getdents64),
	SCMP_SYS(fcntl),
	SCMP_SYS(dup),
	SCMP_SYS(getcwd),
	SCMP_SYS(uname),
	SCMP_SYS(arch_prctl),
	SCMP_SYS(set_tid_address),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	SCMP_SYS(sysinfo),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(fadvise64),
};

static int add_calls(scmp_filter_ctx filter, const int *call, size_t n)
{
	int ret = 0;

	for (size_t i = 0; i < n && ret == 0; i++)
		ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call[i], 0);
	return ret;
}

/* Threads, and no processes: clone3 keeps its flags where a filter cannot see them, and libraries
 * fall back on clone when they hear that it is not there. */
static int add_threads(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp thread = {.arg = 0,
	                                    .op = SCMP_CMP_MASKED_EQ,
	                                    .datum_a = CLONE_THREAD,
	                                    .datum_b = CLONE_THREAD};
	int ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, thread);

	return ret == 0 ? seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) : ret;
}

static int add_program(scmp_filter_ctx filter, const struct rcd_cage_program *p)
{
	const struct scmp_arg_cmp asks_only = {.arg = 2, .op = SCMP_CMP_EQ, .datum_a = 0};
	const struct scmp_arg_cmp that = {.arg = 0,
	                                  .op = SCMP_CMP_EQ,
	                                  .datum_a = (scmp_datum_t)(uintptr_t)p->path};
	int ret = add_calls(filter, starting, sizeof(starting) / sizeof(starting[0]));

	if (ret == 0) /* a program asks for its limits, and sets none */
		ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, asks_only);
	if (ret == 0)
		ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(execve), 1, that);
	return ret == 0 && p->threads ? add_threads(filter) : ret;
}

/* A call that is not in the list fails with EPERM. p: what may be executed, by the address of its
 * path, which no later program can have again; NULL: nothing. */
static int filter_calls(const struct rcd_cage_program *p, struct rcd_err *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int ret;

	if (filter == NULL)
		return rcd_fail_nomem(err);
	ret = add_calls(filter, plain, sizeof(plain) / sizeof(plain[0]));
	if (ret == 0 && p != NULL)
		ret = add_program(filter, p);
	if (ret == 0)
		ret = seccomp_load(filter);
	seccomp_release(filter);
	return ret == 0 ? 0 : rcd_fail(err, RCD_DENIED, -ret, "seccomp takes no filter");
}

/* --- both --------------------------------------------------------------------------------- */

static int close_cage(const struct may *may, size_t n, const struct rcd_cage_program *p,
                      struct rcd_err *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return rcd_fail(err, RCD_DENIED, errno, "new rights cannot be given up");
	return apply_landlock(may, n, err) == 0 ? filter_calls(p, err) : -1;
}

int rcd_cage_self(struct rcd_err *err)
{
	return close_cage(NULL, 0, NULL, err);
}

int rcd_cage_program(const struct rcd_cage_program *p, struct rcd_err *err)
{
	const struct may may[] = {
		{p->path, EXECUTE},
		{"/lib64/ld-linux-x86-64.so.2", EXECUTE},
		{"/lib/ld-linux-aarch64.so.1", EXECUTE},
		{"/lib", READ},
		{"/lib64", READ},
		{"/usr/lib", READ},
		{"/etc/ld.so.cache", LANDLOCK_ACCESS_FS_READ_FILE},
		{p->data, READ},
	};

	return close_cage(may, sizeof(may) / sizeof(may[0]) - (p->data == NULL), p, err);
}
