#include "base/sv.h"
#include "daemon/log.h"
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Standard error goes to a file while a case logs; the harness's own words come after. */
struct tap {
	char path[300];
	int saved;
};

static int tap(struct tap *t)
{
	int fd;

	(void)snprintf(t->path, sizeof(t->path), "%s/log", t_dir());
	fd = open(t->path, O_CREAT | O_TRUNC | O_RDWR | O_APPEND, 0600);
	t->saved = dup(STDERR_FILENO);
	if (fd < 0 || t->saved < 0 || dup2(fd, STDERR_FILENO) < 0)
		return -1;
	return close(fd);
}

static char *untap(struct tap *t)
{
	size_t n;

	(void)dup2(t->saved, STDERR_FILENO);
	(void)close(t->saved);
	return t_slurp(t->path, &n);
}

static int stamped_line(void)
{
	struct tap t;
	char *text = NULL, want[64];
	int ret = 0;

	T_INT(tap(&t), 0);
	rcd_log_init("web", RCD_INFO);
	errno = EAGAIN;
	rcd_log(RCD_INFO, "turn=%d done", 7);
	rcd_log(RCD_DEBUG, "never seen");
	text = untap(&t);
	T_INT(errno, EAGAIN);
	T_OK(text != NULL && strlen(text) > 20);
	(void)snprintf(want, sizeof(want), " web[%d]: turn=7 done\n", (int)getpid());
	T_STR(text + sizeof("2026-11-21 13:05:09") - 1, want);
	T_OK(text[4] == '-' && text[10] == ' ' && text[13] == ':');
	T_OK(rcd_log_at(RCD_WARN) && !rcd_log_at(RCD_DEBUG));
out:
	free(text);
	return ret;
}

static int journal_line(void)
{
	struct stat st;
	struct tap t;
	char *text = NULL, want[64];
	int ret = 0;

	T_INT(tap(&t), 0);
	T_INT(fstat(STDERR_FILENO, &st), 0);
	(void)snprintf(want, sizeof(want), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	(void)setenv("JOURNAL_STREAM", want, 1);
	rcd_log_init("work", RCD_DEBUG);
	rcd_log(RCD_ERROR, "store is down");
	/* inherited by a program whose output was sent elsewhere: no prefix then */
	(void)setenv("JOURNAL_STREAM", "1:1", 1);
	rcd_log_init("work", RCD_DEBUG);
	rcd_log(RCD_WARN, "x");
	text = untap(&t);
	(void)snprintf(want, sizeof(want), "<3>work[%d]: store is down\n2", (int)getpid());
	T_OK(text != NULL);
	T_INT(strncmp(text, want, strlen(want)), 0);
out:
	free(text);
	return ret;
}

static int nobody_forges_a_line(void)
{
	struct tap t;
	char *text = NULL;
	int ret = 0;

	T_INT(tap(&t), 0);
	rcd_log_init("web", RCD_INFO);
	rcd_log(RCD_WARN, "route=%s",
	        "/a\n<3>master[1]: \x1b[2J\x7f \xc2\x9b \xff \xe2\x80\xa8 ação 😀 \xef\xbf\xbd");
	text = untap(&t);
	T_OK(text != NULL);
	T_OK(strchr(text, '\n') == text + strlen(text) - 1);
	T_STR(strstr(text, "route="),
	      "route=/a\\x0a<3>master[1]: \\x1b[2J\\x7f \\xc2\\x9b \\xff \\xe2\\x80\\xa8 ação 😀 "
	      "\xef\xbf\xbd\n");
out:
	free(text);
	return ret;
}

/* Lines of every length around the limit: never over 1 KiB, whole characters, marked. */
static int long_lines_are_cut(void)
{
	char *text = NULL, *line, *rest, body[4100];
	struct tap t;
	int ret = 0;

	T_INT(tap(&t), 0);
	rcd_log_init("web", RCD_INFO);
	for (size_t n = 950; n < 1030; n++) {
		memset(body, 'a', n);
		(void)snprintf(body + n, sizeof(body) - n, "çççççççççççççççççççççççççççççççççççççççç");
		rcd_log(RCD_INFO, "%s", body);
	}
	memset(body, '\x01', 4000);
	body[4000] = '\0';
	rcd_log(RCD_INFO, "%s", body);
	text = untap(&t);
	T_OK(text != NULL);
	for (line = text; (rest = strchr(line, '\n')) != NULL; line = rest + 1) {
		struct rcd_sv v = {line, (size_t)(rest - line)};

		T_OK(v.n < 1024);
		T_OK(rcd_utf8_ok(v));
		T_OK(rcd_sv_ends(v, RCD_SV("…")) || rcd_sv_ends(v, RCD_SV("ç")));
	}
	T_OK(*line == '\0');
out:
	free(text);
	return ret;
}

static void *chatter(void *arg)
{
	for (int i = 0; i < 200; i++)
		rcd_log(RCD_INFO, "thread %s line %d.", (const char *)arg, i);
	return NULL;
}

static int threads_do_not_mix(void)
{
	static char name[4][2] = {"a", "b", "c", "d"};
	pthread_t id[4];
	char *text = NULL, *line, *rest;
	struct tap t;
	int ret = 0, lines = 0;

	T_INT(tap(&t), 0);
	rcd_log_init("web", RCD_INFO);
	for (int i = 0; i < 4; i++)
		T_INT(pthread_create(&id[i], NULL, chatter, name[i]), 0);
	for (int i = 0; i < 4; i++)
		(void)pthread_join(id[i], NULL);
	text = untap(&t);
	T_OK(text != NULL);
	for (line = text; (rest = strchr(line, '\n')) != NULL; line = rest + 1, lines++) {
		*rest = '\0';
		T_OK(strstr(line, ": thread ") != NULL && rest[-1] == '.');
		T_OK(strstr(strstr(line, "thread ") + 1, "thread ") == NULL);
	}
	T_INT(lines, 800);
out:
	free(text);
	return ret;
}

static int count_lines(const char *text, const char *with)
{
	int n = 0;

	for (const char *p = text; (p = strstr(p, with)) != NULL; p += strlen(with))
		n++;
	return n;
}

/* Ten, then one for each ten seconds that have passed, which tells of the others. */
static int limited_lines(void)
{
	static struct rcd_log_limit limit = RCD_LOG_LIMIT, other = RCD_LOG_LIMIT;
	struct tap t;
	char *text = NULL, longest[1200];
	int ret = 0;

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	T_INT(tap(&t), 0);
	rcd_log_init("web", RCD_INFO);
	for (int i = 0; i < 1000; i++)
		rcd_log_limited(&limit, RCD_WARN, "event n=%d", i);
	for (int i = 0; i < 1000; i++)
		rcd_log_limited(&limit, RCD_DEBUG, "event of no level");
	limit.refilled_ms -= RCD_LOG_EVERY_MS;
	rcd_log_limited(&limit, RCD_WARN, "event %s", longest);
	rcd_log_limited(&limit, RCD_WARN, "event again");
	limit.refilled_ms -= 1000LL * RCD_LOG_EVERY_MS; /* a long time is no more than a full bucket */
	for (int i = 0; i < 50; i++)
		rcd_log_limited(&limit, RCD_WARN, "event late");
	rcd_log_limited(&other, RCD_WARN, "another");
	text = untap(&t);
	T_OK(text != NULL);
	T_INT(count_lines(text, "event n="), 10);
	T_INT(count_lines(text, " suppressed=990\n"), 1);
	T_INT(count_lines(text, "event again"), 0);
	T_INT(count_lines(text, "event late"), 10);
	T_INT(count_lines(text, "event late suppressed=1\n"), 1);
	T_INT(count_lines(text, "another\n"), 1);
	T_INT(count_lines(text, "no level"), 0);
out:
	free(text);
	return ret;
}

const struct t_case t_cases[] = {
	{"stamped_line", stamped_line, 0},
	{"journal_line", journal_line, 0},
	{"nobody_forges_a_line", nobody_forges_a_line, 0},
	{"long_lines_are_cut", long_lines_are_cut, 0},
	{"threads_do_not_mix", threads_do_not_mix, 0},
	{"limited_lines", limited_lines, 0},
	{NULL, NULL, 0},
};
