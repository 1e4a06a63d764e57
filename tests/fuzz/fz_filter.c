#include "answer/filter.h"
#include "base/limits.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static int add(void *arg, struct rcd_sv words, struct rcd_err *err)
{
	struct rcd_buf *out = arg;

	(void)err;
	if (words.n == 0 || !rcd_utf8_ok(words))
		abort();
	rcd_buf_sv(out, words);
	return 0;
}

static int again(void *arg, struct rcd_err *err)
{
	(void)err;
	rcd_buf_reset(arg);
	return 0;
}

/* Any bytes, in pieces of the size that the first byte says, give what they give at once. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rcd_buf whole, cut;
	struct rcd_err err;
	const struct rcd_filter_sink sink = {add, again, &cut};
	struct rcd_filter f;
	struct rcd_sv text = {(const char *)p + 1, n - 1};
	size_t step;
	int a, b = 0;

	if (n == 0 || n > 20000)
		return 0;
	step = p[0] % 16 + 1u;
	rcd_buf_init(&whole, RCD_MAX_TEXT);
	rcd_buf_init(&cut, RCD_MAX_TEXT);
	a = rcd_filter_text(text, NULL, &whole, &err);
	rcd_filter_init(&f, &sink, NULL);
	while (b == 0 && text.n > 0) {
		size_t k = step < text.n ? step : text.n;

		b = rcd_filter_push(&f, (struct rcd_sv){text.p, k}, &err);
		text = rcd_sv_skip(text, k);
	}
	if (b == 0)
		b = rcd_filter_end(&f, &err);
	if (a != b || (a == 0 && !rcd_sv_eq(rcd_buf_view(&whole), rcd_buf_view(&cut))))
		abort();
	rcd_filter_done(&f);
	rcd_buf_free(&whole);
	rcd_buf_free(&cut);
	return 0;
}
