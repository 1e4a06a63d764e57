#include "tools/asker.h"

#include <stdio.h>

#define MAX_CHANNEL 40

void rcd_tool_asker(const struct rcd_tool_env *env, bool tls, struct rcd_tool_asker *out)
{
	const struct rcd_sv channel = env->channel;
	size_t n = 0;

	(void)snprintf(out->contact, sizeof(out->contact), "X-Recado-Contact: %lld-%lld",
	               (long long)env->job->tenant, (long long)env->job->contact_id);
	(void)snprintf(out->channel, sizeof(out->channel), "X-Recado-Channel: %.*s",
	               channel.n > MAX_CHANNEL ? MAX_CHANNEL : (int)channel.n, channel.p);
	out->header[n++] = "Accept: application/json";
	out->header[n++] = out->contact;
	out->header[n++] = out->channel;
	if (tls && env->phone != NULL && env->phone[0] != '\0') {
		(void)snprintf(out->phone, sizeof(out->phone), "X-Recado-Phone: %s", env->phone);
		out->header[n++] = out->phone;
	}
	out->header[n] = NULL;
}
