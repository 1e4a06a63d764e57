/* What attachments take of the process's room and of the turn's time. */

#include "base/clock.h"
#include "media/media_int.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

void rcd_media_gates_init(struct rcd_media_gates *g)
{
	rcd_gate_init(&g->large, RCD_MAX_LARGE_AT_ONCE);
	rcd_gate_init(&g->opus, RCD_MAX_OPUS_AT_ONCE);
	rcd_gate_init(&g->decoders, RCD_MAX_DECODERS);
	rcd_gate_init(&g->extractors, RCD_MAX_EXTRACTORS);
	atomic_init(&g->live_bytes, 0);
}

void rcd_media_gates_free(struct rcd_media_gates *g)
{
	rcd_gate_free(&g->large);
	rcd_gate_free(&g->opus);
	rcd_gate_free(&g->decoders);
	rcd_gate_free(&g->extractors);
}

void rcd_media_log(const struct rcd_media *m, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	m->turn->log(m->arg, text);
}

void rcd_media_figure(const struct rcd_media *m, const char *key, int64_t value)
{
	m->turn->figure(m->arg, key, value);
}

void rcd_media_extend(const struct rcd_media *m, int64_t ms)
{
	*m->hear_by += ms;
	*m->deadline += ms;
}

int64_t rcd_media_wait_until(const struct rcd_media *m)
{
	int64_t until = rcd_deadline_in(m->hear_ms);

	return until > *m->hear_by ? until : *m->hear_by;
}

int rcd_media_enter_gate(const struct rcd_media *m, struct rcd_gate *gate, struct rcd_err *err)
{
	int64_t began = rcd_mono_ms();

	if (rcd_gate_enter(gate, rcd_media_wait_until(m), err) != 0)
		return -1;
	rcd_media_extend(m, rcd_mono_ms() - began);
	return 0;
}

bool rcd_media_has_model(const struct rcd_media *m)
{
	return !m->silent && !m->models_spent && rcd_openai_usable(m->openai);
}
