#ifndef RCD_TOOLS_ASKER_H
#define RCD_TOOLS_ASKER_H

#include "tools/tools.h"

/* Headers of a declared tool's request that name the contact it is made for. They come from the
 * turn and never from the model, so that the other side can refuse what is not this contact's.
 * Inside lib/tools only. */
struct rcd_tool_asker {
	char contact[48]; /* X-Recado-Contact: TENANT-ID, the same for this contact for ever */
	char channel[72]; /* X-Recado-Channel: whatsapp, sms …; the sender of an SMS may be forged */
	char phone[RCD_MAX_ADDRESS +
	           24];        /* X-Recado-Phone: +5511…, where TLS protects it and it is known */
	const char *header[5]; /* these and Accept, NULL-terminated, pointing into this struct */
};
void rcd_tool_asker(const struct rcd_tool_env *env, bool tls, struct rcd_tool_asker *out);

#endif
