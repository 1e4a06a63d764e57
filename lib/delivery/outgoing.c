#include "base/clock.h"
#include "delivery/delivery.h"

#include <stdarg.h>
#include <stdio.h>

void rcd_outgoing_log(const struct rcd_outgoing *o, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (o->log == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	o->log(o->log_arg, o->job->turn_id, text);
}

bool rcd_outgoing_is_late(const struct rcd_outgoing *o, int64_t since_ms)
{
	return o->twilio->account_sid[0] != '\0' && rcd_now_ms() - since_ms >= RCD_LATE_MS;
}
