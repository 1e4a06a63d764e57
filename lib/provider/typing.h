#ifndef RCD_TYPING_H
#define RCD_TYPING_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/* The typing indicator of WhatsApp, shown while an answer takes longer. One sender for a process,
 * with few threads of its own. It is a courtesy: it may come late or not at all. */

struct rcd_typing_sender;
struct rcd_http;
struct rcd_twilio_conf;

/* The indicator of one turn; the caller's storage, zeroed before. */
struct rcd_typing {
	TAILQ_ENTRY(rcd_typing) link;
	int64_t due; /* rcd_mono_ms() of the next request */
	bool on;
	char sid[64];
};

int rcd_typing_sender_open(struct rcd_typing_sender **out, struct rcd_http *http,
                           const struct rcd_twilio_conf *conf, struct rcd_err *err);
/* Ends its threads; the HTTP client is aborted or quiet by then. NULL-safe, returns NULL. */
struct rcd_typing_sender *rcd_typing_sender_close(struct rcd_typing_sender *t);

/* From then (rcd_mono_ms()) on, until end: the customer who sent sid sees the indicator. */
void rcd_typing_begin(struct rcd_typing_sender *t, struct rcd_typing *w, const char *sid,
                      int64_t due);
void rcd_typing_end(struct rcd_typing_sender *t, struct rcd_typing *w);

#endif
