#include "turn/trace.h"

#include <stdarg.h>
#include <stdio.h>

void rcd_turn_log(const struct rcd_turn *t, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (t->env->note == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	t->env->note(t->env->note_arg, t->job.turn_id, text);
}

void rcd_turn_figure(struct rcd_turn *t, const char *key, int64_t value)
{
	json_t *row = json_array_get(t->trace.steps, json_array_size(t->trace.steps) - 1);

	/* the trace is a convenience: one figure less is no reason to fail a turn */
	(void)json_object_set_new(row, key, json_integer(value));
}

void rcd_turn_usage(struct rcd_turn *t, const struct rcd_chat_usage *u)
{
	rcd_turn_figure(t, "first_ms", u->first_ms);
	rcd_turn_figure(t, "input_tokens", u->input_tokens);
	rcd_turn_figure(t, "cached_tokens", u->cached_tokens);
	rcd_turn_figure(t, "output_tokens", u->output_tokens);
}
