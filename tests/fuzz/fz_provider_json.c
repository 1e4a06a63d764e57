#include "base/limits.h"
#include "provider/openai_api.h"
#include "provider/text_stream.h"
#include "provider/twilio_api.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static int collect(void *arg, struct rcd_sv text, struct rcd_err *err)
{
	(void)err;
	rcd_buf_sv(arg, text);
	return 0;
}

struct result {
	struct rcd_buf text;
	struct rcd_chat_usage usage;
	struct rcd_err err;
	int ret;
};

static void read_stream(rcd_text_event_fn *event, struct rcd_sv in, size_t cut, struct result *r)
{
	struct rcd_text_stream s;

	*r = (struct result){.ret = 0};
	rcd_buf_init(&r->text, RCD_MAX_TEXT);
	rcd_text_stream_init(&s, event, "model", collect, &r->text);
	for (size_t i = 0; i < in.n && r->ret == 0; i += cut)
		r->ret = rcd_text_stream_feed(&s, in.p + i, in.n - i < cut ? in.n - i : cut, &r->err);
	if (r->ret == 0)
		r->ret = rcd_text_stream_end(&s, &r->usage, &r->err);
	rcd_text_stream_done(&s);
}

/* What an error says goes to a log and to people: no bytes of the peer but plain words. */
static void check_err(const struct rcd_err *e)
{
	if (e->code == RCD_OK || memchr(e->msg, '\0', sizeof(e->msg)) == NULL)
		abort();
	for (const char *c = e->msg; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			abort();
}

/* A stream gives the same however it is cut. */
static void check_stream(rcd_text_event_fn *event, struct rcd_sv in, size_t cut)
{
	struct result a, b;

	read_stream(event, in, in.n + 1, &a);
	read_stream(event, in, cut, &b);
	if (a.ret != b.ret || a.err.code != b.err.code || strcmp(a.usage.finish, b.usage.finish) != 0 ||
	    !rcd_sv_eq(rcd_buf_view(&a.text), rcd_buf_view(&b.text)))
		abort();
	if (a.ret == 0 && a.text.n == 0)
		abort();
	if (a.ret != 0)
		check_err(&a.err);
	rcd_buf_free(&a.text);
	rcd_buf_free(&b.text);
}

static void check_refusals(struct rcd_sv in, int status)
{
	struct rcd_http_res res = {.status = status};
	struct rcd_err err = {0};

	if (rcd_openai_refused("openai: chat", &res, in, &err) != -1)
		abort();
	check_err(&err);
	rcd_buf_init(&res.body, in.n);
	rcd_buf_sv(&res.body, in);
	if (rcd_twilio_refused("sending", &res, &err) != -1)
		abort();
	check_err(&err);
	rcd_buf_free(&res.body);
}

/* The first byte says how a stream is cut, and is the status of a refusal. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rcd_sv in;
	char sid[64];
	int64_t ms;

	if (n == 0)
		return 0;
	in = (struct rcd_sv){(const char *)p + 1, n - 1};
	check_stream(rcd_chat_event, in, p[0] % 32 + 1U);
	check_stream(rcd_responses_event, in, p[0] % 32 + 1U);
	check_refusals(in, 300 + p[0]);
	(void)rcd_twilio_time(in, &ms);
	if (rcd_twilio_sid(in, sid) == 0 && strlen(sid) != in.n)
		abort();
	return 0;
}
