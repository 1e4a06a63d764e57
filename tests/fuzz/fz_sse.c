#include "net/sse.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static int note(void *arg, struct rcd_sv type, struct rcd_sv data, struct rcd_err *err)
{
	(void)err;
	rcd_buf_sv(arg, type);
	rcd_buf_ch(arg, 0);
	rcd_buf_sv(arg, data);
	rcd_buf_ch(arg, 0);
	return 0;
}

static int parse(const uint8_t *p, size_t n, size_t cut, struct rcd_buf *out)
{
	struct rcd_sse s;
	int ret = 0;

	rcd_buf_init(out, 1 << 22);
	rcd_sse_init(&s);
	for (size_t i = 0, len; i < n && ret == 0; i += len) {
		len = n - i < cut ? n - i : cut;
		ret = rcd_sse_feed(&s, p + i, len, note, out, RCD_UNREAD_ERR);
	}
	rcd_sse_done(&s);
	return ret;
}

/* The first byte says how the rest is cut; the events must not depend on it. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rcd_buf whole, cut;
	int a, b;

	if (n == 0)
		return 0;
	a = parse(p + 1, n - 1, n, &whole);
	b = parse(p + 1, n - 1, p[0] % 16 + 1U, &cut);
	if (a != b || (a == 0 && !rcd_sv_eq(rcd_buf_view(&whole), rcd_buf_view(&cut))))
		abort();
	rcd_buf_free(&whole);
	rcd_buf_free(&cut);
	return 0;
}
