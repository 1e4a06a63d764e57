#ifndef RCD_TOOLS_ASKER_H
#define RCD_TOOLS_ASKER_H

#include "turn/steps.h"

/* Whose turn a declared tool is called in, as headers of its request. They come from the turn and
 * never from the model, so that the other side can refuse what is not this contact's. Inside
 * lib/tools only. */
struct rcd_tool_asker {
	char contact[48]; /* X-Recado-Contact: TENANT-ID, the same for this contact for ever */
	char channel[72]; /* X-Recado-Channel: whatsapp, sms …; the sender of an SMS may be forged */
	char phone[RCD_MAX_ADDRESS +
	           24];        /* X-Recado-Phone: +5511…, where TLS protects it and it is known */
	const char *header[5]; /* these and Accept, NULL-terminated, pointing into this struct */
};
void rcd_tool_asker(const struct rcd_turn *t, bool tls, struct rcd_tool_asker *out);

#endif
