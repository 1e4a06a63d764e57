#include "net/sse.h"

#include "base/limits.h"

#include <string.h>

void rcd_sse_init(struct rcd_sse *s)
{
	*s = (struct rcd_sse){.started = false};
	rcd_buf_init(&s->line, RCD_MAX_SSE_LINE);
	rcd_buf_init(&s->data, RCD_MAX_SSE_EVENT);
}

void rcd_sse_done(struct rcd_sse *s)
{
	rcd_buf_free(&s->line);
	rcd_buf_free(&s->data);
}

static int fail_buffer(const struct rcd_buf *b, const char *what, struct rcd_err *err)
{
	if (!b->over)
		return rcd_fail_nomem(err);
	return rcd_fail(err, RCD_LIMIT, 0, "%s of more than %zu bytes in an event stream", what,
	                b->max);
}

/* An empty line ends the event; one without data is dropped. */
static int deliver_event(struct rcd_sse *s, rcd_sse_fn *fn, void *arg, struct rcd_err *err)
{
	struct rcd_sv type = {s->event, s->event_n};
	int ret = 0;

	if (s->has_data)
		ret = fn(arg, type, (struct rcd_sv){s->data.n > 0 ? s->data.p : "", s->data.n}, err);
	s->has_data = false;
	s->event_n = 0;
	rcd_buf_reset(&s->data);
	return ret;
}

static int add_data(struct rcd_sse *s, struct rcd_sv value, struct rcd_err *err)
{
	if (s->has_data)
		rcd_buf_ch(&s->data, '\n');
	rcd_buf_sv(&s->data, value);
	s->has_data = true;
	return s->data.bad ? fail_buffer(&s->data, "an event", err) : 0;
}

static int set_type(struct rcd_sse *s, struct rcd_sv value, struct rcd_err *err)
{
	if (value.n > sizeof(s->event))
		return rcd_fail(err, RCD_LIMIT, 0, "name of more than %zu bytes in an event stream",
		                sizeof(s->event));
	if (value.n > 0)
		memcpy(s->event, value.p, value.n);
	s->event_n = value.n;
	return 0;
}

static int take_line(struct rcd_sse *s, struct rcd_sv line, rcd_sse_fn *fn, void *arg,
                     struct rcd_err *err)
{
	struct rcd_sv name, value;

	if (!s->started && rcd_sv_starts(line, RCD_SV("\xEF\xBB\xBF")))
		line = rcd_sv_skip(line, 3);
	s->started = true;
	if (line.n == 0)
		return deliver_event(s, fn, arg, err);
	value = line;
	(void)rcd_sv_cut(&value, ':', &name);
	if (rcd_sv_starts(value, RCD_SV(" ")))
		value = rcd_sv_skip(value, 1);
	if (rcd_sv_is(name, "data"))
		return add_data(s, value, err);
	if (rcd_sv_is(name, "event"))
		return set_type(s, value, err);
	return 0; /* a comment, id, retry or a field of the future */
}

static int end_line(struct rcd_sse *s, struct rcd_sv piece, rcd_sse_fn *fn, void *arg,
                    struct rcd_err *err)
{
	int ret;

	if (piece.n > RCD_MAX_SSE_LINE)
		return rcd_fail(err, RCD_LIMIT, 0, "a line of more than %d bytes in an event stream",
		                RCD_MAX_SSE_LINE);
	if (s->line.n == 0)
		return take_line(s, piece, fn, arg, err); /* whole in the input: no copy */
	rcd_buf_sv(&s->line, piece);
	if (s->line.bad)
		return fail_buffer(&s->line, "a line", err);
	ret = take_line(s, rcd_buf_view(&s->line), fn, arg, err);
	rcd_buf_reset(&s->line);
	return ret;
}

int rcd_sse_feed(struct rcd_sse *s, const void *p, size_t n, rcd_sse_fn *fn, void *arg,
                 struct rcd_err *err)
{
	const char *at = p;
	size_t start = 0;

	for (size_t i = 0; i < n; i++) {
		bool after_cr = s->cr;

		s->cr = at[i] == '\r';
		if (at[i] == '\n' && after_cr) {
			start = i + 1; /* the second half of a CR LF */
			continue;
		}
		if (at[i] != '\n' && at[i] != '\r')
			continue;
		if (end_line(s, (struct rcd_sv){at + start, i - start}, fn, arg, err) != 0)
			return -1;
		start = i + 1;
	}
	if (start < n)
		rcd_buf_add(&s->line, at + start, n - start);
	return s->line.bad ? fail_buffer(&s->line, "a line", err) : 0;
}
