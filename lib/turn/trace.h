#ifndef RCD_TURN_TRACE_H
#define RCD_TURN_TRACE_H

#include "turn/state.h"

/* What a turn leaves in its trace and in the log. */

/* A line for the operator: "event_name key=value …". */
void rcd_turn_log(const struct rcd_turn *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* A figure of the step that runs: {"name": …, "ms": …, key: value}. */
void rcd_turn_figure(struct rcd_turn *t, const char *key, int64_t value);
/* The figures of a model's answer. */
void rcd_turn_usage(struct rcd_turn *t, const struct rcd_chat_usage *usage);

#endif
