#include "provider/realtime_event.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static int words(void *arg, struct rcd_sv text, struct rcd_err *err)
{
	(void)err;
	*(size_t *)arg += text.n;
	return 0;
}

static int sound(void *arg, const int16_t *pcm, size_t n, struct rcd_err *err)
{
	(void)err;
	for (size_t i = 0; i < n; i++)
		*(size_t *)arg += (size_t)(pcm[i] & 1);
	return 0;
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

/* A line is a message of the session; all of them are fed to one response. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rcd_sv in = {(const char *)p, n}, line;
	struct rcd_realtime_answer a;
	struct rcd_tool_calls calls;
	struct rcd_err err = {0};
	size_t seen = 0;
	const struct rcd_live_sink sink = {words, sound, &seen};
	int ret = 0;

	rcd_tool_calls_init(&calls);
	rcd_realtime_answer_init(&a, "openai: realtime", "1", &sink, n % 2 == 0 ? &calls : NULL);
	while (ret == 0 && !a.done && rcd_sv_cut(&in, '\n', &line)) {
		struct rcd_realtime_event e;

		ret = rcd_realtime_event_read(line, &e, &err);
		if (ret != 0)
			break;
		if (e.item.n >= RCD_REALTIME_ID || e.response.n >= RCD_REALTIME_ID)
			abort();
		ret = rcd_realtime_answer_feed(&a, &e, &err);
		rcd_realtime_event_done(&e);
	}
	if (ret != 0)
		check_err(&err);
	if (a.done && !a.words && calls.n == 0)
		abort();
	for (size_t i = 0; a.done && i < calls.n; i++)
		if (calls.call[i].id[0] == '\0' || calls.call[i].name[0] == '\0')
			abort();
	rcd_realtime_answer_done(&a);
	rcd_tool_calls_free(&calls);
	return 0;
}
