#include "daemon/log.h"

#include "base/clock.h"
#include "base/sv.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE 1024 /* of one line, its end included */
#define MORE 48   /* of it for the number of lines that were left out */
#define CUT "…"

/* Set once, before there are threads; a line itself is built on the stack. */
static struct {
	char role[16];
	int level;
	bool journal;
} out = {.level = RCD_INFO};

/* The journal reads "<n>" at the start of a line. systemd names its socket by device and
 * inode: the variable alone may be inherited by a program whose output goes elsewhere. */
static bool is_journal(void)
{
	const char *name = getenv("JOURNAL_STREAM");
	struct stat st;
	char mine[64];

	if (name == NULL || fstat(STDERR_FILENO, &st) != 0)
		return false;
	(void)snprintf(mine, sizeof(mine), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(name, mine) == 0;
}

void rcd_log_init(const char *role, int level)
{
	(void)snprintf(out.role, sizeof(out.role), "%s", role);
	out.level = level;
	out.journal = is_journal();
}

bool rcd_log_at(int level)
{
	return level <= out.level;
}

static size_t write_head(char *line, size_t cap, int level)
{
	const char *role = out.role[0] != '\0' ? out.role : "recado";
	char when[RCD_TIME_TEXT];
	int n;

	if (out.journal) {
		n = snprintf(line, cap, "<%d>%s[%d]: ", level, role, (int)getpid());
	} else {
		rcd_time_text(rcd_now_ms(), when);
		n = snprintf(line, cap, "%s %s[%d]: ", when, role, (int)getpid());
	}
	return n > 0 ? (size_t)n : 0;
}

/* C0, DEL and C1 controls would let a peer's bytes forge lines or drive a terminal; U+2028
 * and U+2029 end a line for some readers. */
static bool is_shown(uint32_t c)
{
	return c >= 0x20 && (c < 0x7f || c > 0x9f) && c != 0x2028 && c != 0x2029;
}

/* One character from *p, as it may stand in a line: itself, or its bytes as \xNN. A
 * malformed byte reads as U+FFFD of one byte; a real U+FFFD has three. */
static size_t escape_char(const char **p, const char *end, char to[16])
{
	const char *from = *p;
	uint32_t c = rcd_utf8_next(p, end);
	size_t n = (size_t)(*p - from), at = 0;

	if (is_shown(c) && !(c == 0xfffd && n == 1)) {
		memcpy(to, from, n);
		return n;
	}
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(to + at, 5, "\\x%02x", (unsigned char)from[i]);
	return at;
}

static size_t add_escaped(char *line, size_t at, const char *text)
{
	const size_t room = LINE - 1 - (sizeof(CUT) - 1); /* for the mark and the end of line */
	const char *p = text, *end = text + strlen(text);

	while (p < end) {
		char to[16];
		size_t n = escape_char(&p, end, to);

		if (at + n > room) {
			memcpy(line + at, CUT, sizeof(CUT) - 1);
			return at + sizeof(CUT) - 1;
		}
		memcpy(line + at, to, n);
		at += n;
	}
	return at;
}

/* suppressed: how many such lines were left out before this one. */
static __attribute__((format(printf, 3, 0))) void write_line(int level, int64_t suppressed,
                                                             const char *fmt, va_list ap)
{
	char text[2 * LINE], line[LINE];
	size_t n = write_head(line, sizeof(line), level);

	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	if (suppressed > 0) {
		size_t end = strnlen(text, LINE - MORE - n); /* the number is not what is cut */

		(void)snprintf(text + end, MORE, " suppressed=%lld", (long long)suppressed);
	}
	n = add_escaped(line, n, text);
	line[n++] = '\n';
	while (write(STDERR_FILENO, line, n) < 0 && errno == EINTR)
		;
}

void rcd_log(int level, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	if (!rcd_log_at(level))
		return;
	va_start(ap, fmt);
	write_line(level, 0, fmt, ap);
	va_end(ap);
	errno = saved;
}

/* False: this line is left out. */
static bool admit_line(struct rcd_log_limit *l, int64_t *suppressed)
{
	int64_t now = rcd_mono_ms(), back;
	bool admitted;

	(void)pthread_mutex_lock(&l->lock);
	if (l->used == 0)
		l->refilled_ms = now;
	back = (now - l->refilled_ms) / RCD_LOG_EVERY_MS;
	l->refilled_ms += back * RCD_LOG_EVERY_MS;
	l->used = back < l->used ? l->used - (int)back : 0;
	admitted = l->used < RCD_LOG_BURST;
	*suppressed = l->suppressed;
	l->used += admitted;
	l->suppressed = admitted ? 0 : l->suppressed + 1;
	(void)pthread_mutex_unlock(&l->lock);
	return admitted;
}

void rcd_log_limited(struct rcd_log_limit *limit, int level, const char *fmt, ...)
{
	int saved = errno;
	int64_t suppressed;
	va_list ap;

	if (!rcd_log_at(level) || !admit_line(limit, &suppressed))
		return;
	va_start(ap, fmt);
	write_line(level, suppressed, fmt, ap);
	va_end(ap);
	errno = saved;
}
