/* The ledger: one write(2) per line on a descriptor opened O_APPEND. */

#include "daemon/sandbox/ledger.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_KEPT ((size_t)64 * 1024 * 1024)
#define MAX_LINE ((size_t)256 * 1024)

struct rcd_sb_ledger {
	pthread_mutex_t lock;
	struct rcd_buf kept, line;
	int fd; /* -1: none */
	int64_t n;
	bool keep;
};

int rcd_sb_ledger_open(struct rcd_sb_ledger **out, const char *path, bool keep, struct rcd_err *err)
{
	struct rcd_sb_ledger *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return rcd_fail_nomem(err);
	l->fd = -1;
	l->keep = keep;
	rcd_buf_init(&l->kept, MAX_KEPT);
	rcd_buf_init(&l->line, MAX_LINE);
	if (path != NULL) {
		l->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		if (l->fd < 0) {
			(void)rcd_fail_errno(err, "cannot open the ledger %s", path);
			free(l);
			return -1;
		}
	}
	(void)pthread_mutex_init(&l->lock, NULL);
	*out = l;
	return 0;
}

static int write_out(struct rcd_sb_ledger *l)
{
	ssize_t n;

	if (l->fd < 0)
		return 0;
	do
		n = write(l->fd, l->line.p, l->line.n);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)l->line.n ? 0 : -1;
}

/* An entry as {"t":…,"n":…, rest}. The order serves human readers. */
static json_t *number_entry(int64_t n, json_t *rest)
{
	json_t *o = json_pack("{s:I, s:I}", "t", (json_int_t)rcd_now_ms(), "n", (json_int_t)n);

	if (o != NULL && json_object_update(o, rest) != 0) {
		json_decref(o);
		o = NULL;
	}
	return o;
}

int rcd_sb_ledger_add(struct rcd_sb_ledger *l, json_t *take)
{
	int ret = -1;

	if (take == NULL)
		return -1;
	(void)pthread_mutex_lock(&l->lock);
	rcd_buf_reset(&l->line);
	rcd_json_text(number_entry(l->n + 1, take), &l->line);
	rcd_buf_ch(&l->line, '\n');
	if (!l->line.bad && write_out(l) == 0) {
		l->n++;
		if (l->keep && l->kept.n + l->line.n <= MAX_KEPT)
			rcd_buf_sv(&l->kept, rcd_buf_view(&l->line));
		ret = 0;
	}
	(void)pthread_mutex_unlock(&l->lock);
	json_decref(take);
	return ret;
}

char *rcd_sb_ledger_text(struct rcd_sb_ledger *l)
{
	char *text = NULL;

	(void)pthread_mutex_lock(&l->lock);
	if (!l->kept.bad)
		text = rcd_sv_dup(l->kept.n > 0 ? rcd_buf_view(&l->kept) : RCD_SV(""));
	(void)pthread_mutex_unlock(&l->lock);
	return text;
}

struct rcd_sb_ledger *rcd_sb_ledger_close(struct rcd_sb_ledger *l)
{
	if (l == NULL)
		return NULL;
	if (l->fd >= 0)
		(void)close(l->fd);
	rcd_buf_free(&l->kept);
	rcd_buf_free(&l->line);
	(void)pthread_mutex_destroy(&l->lock);
	free(l);
	return NULL;
}
