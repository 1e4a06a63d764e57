#include "daemon/cage/helper.h"

#include "base/record.h"
#include "daemon/cage/cage.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static char too_slow[160]; /* the record for a processor limit; made early, a signal needs it */
static size_t too_slow_n;

static void on_cpu_limit(int number)
{
	(void)number;
	if (write(1, too_slow, too_slow_n) == (ssize_t)too_slow_n)
		_exit(0);
	_exit(1);
}

static void put_error(struct rcd_buf *b, const struct rcd_err *err)
{
	rcd_record_put(b, &(struct rcd_record){RCD_RECORD_ERROR, err->code, rcd_sv(err->msg)});
}

int rcd_helper_limit(int cpu_s, struct rcd_err *err)
{
	struct sigaction act = {.sa_handler = on_cpu_limit};
	struct rcd_err late;
	struct rcd_buf b;

	(void)rcd_fail(&late, RCD_LIMIT, 0, "it was not read after %d s of work", cpu_s);
	rcd_buf_init(&b, sizeof(too_slow));
	put_error(&b, &late);
	if (!b.bad) {
		memcpy(too_slow, b.p, b.n);
		too_slow_n = b.n;
	}
	rcd_buf_free(&b);
	(void)sigaction(SIGXCPU, &act, NULL);
	return rcd_cage_limits(cpu_s, err);
}

int rcd_helper_input(struct rcd_buf *doc, struct rcd_err *err)
{
	off_t at = 0;

	for (;;) {
		size_t left = doc->max - (size_t)at, want = left < 65536 ? left : 65536;
		char *to = rcd_buf_room(doc, want);
		ssize_t n;

		if (to == NULL)
			return rcd_fail_nomem(err);
		if (want == 0)
			return rcd_fail(err, RCD_LIMIT, 0, "it has more than %zu MB", doc->max >> 20);
		n = pread(0, to, want, at);
		if (n < 0 && errno != EINTR)
			return rcd_fail_errno(err, "the input");
		if (n == 0)
			return 0;
		if (n > 0) {
			at += n;
			doc->n = (size_t)at;
		}
	}
}

int rcd_helper_write(struct rcd_sv v)
{
	while (v.n > 0) {
		ssize_t n = write(1, v.p, v.n);

		if (n < 0 && errno != EINTR)
			return 1;
		if (n > 0)
			v = rcd_sv_skip(v, (size_t)n);
	}
	return 0;
}

int rcd_helper_fail(const struct rcd_err *err)
{
	struct rcd_err why = *err;
	struct rcd_buf b;
	int status;

	if (err->code == RCD_NOMEM) /* ours, not that of who asked */
		(void)rcd_fail(&why, RCD_LIMIT, 0, "reading it takes more than %ld MB of memory",
		               rcd_cage_memory() >> 20);
	rcd_buf_init(&b, 1024);
	put_error(&b, &why);
	status = b.bad ? 1 : rcd_helper_write(rcd_buf_view(&b));
	rcd_buf_free(&b);
	return status;
}
