#include "tools/asker.h"

#include <stdio.h>

#define MAX_CHANNEL 40

void rcd_tool_asker(const struct rcd_turn *t, bool tls, struct rcd_tool_asker *out)
{
	const struct rcd_sv channel = rcd_address_channel(rcd_sv(t->job.key));
	const char *phone = t->gather.n > 0 ? t->gather.msg[t->gather.n - 1].phone : "";
	size_t n = 0;

	(void)snprintf(out->contact, sizeof(out->contact), "X-Recado-Contact: %lld-%lld",
	               (long long)t->job.tenant, (long long)t->job.contact_id);
	(void)snprintf(out->channel, sizeof(out->channel), "X-Recado-Channel: %.*s",
	               channel.n > MAX_CHANNEL ? MAX_CHANNEL : (int)channel.n, channel.p);
	out->header[n++] = "Accept: application/json";
	out->header[n++] = out->contact;
	out->header[n++] = out->channel;
	if (tls && phone[0] != '\0') {
		(void)snprintf(out->phone, sizeof(out->phone), "X-Recado-Phone: %s", phone);
		out->header[n++] = out->phone;
	}
	out->header[n] = NULL;
}
