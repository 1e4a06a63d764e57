#include "daemon/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A file of any bytes is taken or refused with at least one reason; what is taken prints as
 * a file that is taken too and prints the same values. */

/* libconfig 1.5 loses the text it has just read when the syntax breaks behind it. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig.so\n";
}

struct seen {
	int errors;
};

static void keep(void *arg, bool error, const char *text)
{
	struct seen *s = arg;

	s->errors += error;
	if (strlen(text) == 0)
		abort();
}

static struct rcd_conf *load(const void *p, size_t n)
{
	struct rcd_conf *conf = NULL;
	struct seen seen = {0};
	char path[40];
	int fd = memfd_create("conf", MFD_CLOEXEC);
	int rc;

	if (fd < 0 || write(fd, p, n) != (ssize_t)n)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = rcd_conf_load(&conf, path, NULL, keep, &seen);
	if ((rc != 0) != (seen.errors > 0) || (rc == 0) != (conf != NULL))
		abort();
	(void)close(fd);
	return conf;
}

/* The value of every line, without the comment that tells its source. */
static void values(const char *text, struct rcd_buf *out)
{
	for (const char *end; *text != '\0'; text = *end != '\0' ? end + 1 : end) {
		const char *mark = NULL;

		end = text + strcspn(text, "\n");
		for (const char *at = text; at + 3 <= end; at++)
			if (memcmp(at, " # ", 3) == 0)
				mark = at;
		rcd_buf_add(out, text, (size_t)((mark != NULL ? mark : end) - text));
		rcd_buf_ch(out, '\n');
	}
}

static void print(const struct rcd_conf *conf, struct rcd_buf *whole, struct rcd_buf *bare)
{
	rcd_buf_init(whole, 1 << 22);
	rcd_buf_init(bare, 1 << 22);
	rcd_conf_print(conf, whole);
	if (whole->bad)
		abort();
	values(whole->p, bare);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rcd_buf whole, bare, again, bare_again;
	struct rcd_conf *conf, *second;

	if (n > 64 * 1024)
		return 0;
	conf = load(p, n);
	if (conf == NULL)
		return 0;
	print(conf, &whole, &bare);
	second = load(whole.p, whole.n);
	if (second == NULL)
		abort();
	print(second, &again, &bare_again);
	if (bare.bad || bare_again.bad || !rcd_sv_eq(rcd_buf_view(&bare), rcd_buf_view(&bare_again)))
		abort();
	rcd_buf_free(&whole);
	rcd_buf_free(&bare);
	rcd_buf_free(&again);
	rcd_buf_free(&bare_again);
	rcd_conf_free(second);
	rcd_conf_free(conf);
	return 0;
}
