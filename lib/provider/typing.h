#ifndef RCD_TYPING_H
#define RCD_TYPING_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/* Shows a customer that an answer is being written, when it takes longer: one for a process,
 * with few threads of its own. It is a courtesy: it may come late or not at all. */

struct rcd_typist;
struct rcd_http;
struct rcd_twilio_conf;

/* One turn's; the caller's storage, zeroed before. */
struct rcd_typing {
	TAILQ_ENTRY(rcd_typing) link;
	int64_t due; /* rcd_mono_ms() of the next sign */
	bool on;
	char sid[64];
};

int rcd_typist_open(struct rcd_typist **out, struct rcd_http *http,
                    const struct rcd_twilio_conf *conf, struct rcd_err *err);
/* Ends its threads; the HTTP client is aborted or quiet by then. NULL-safe, returns NULL. */
struct rcd_typist *rcd_typist_close(struct rcd_typist *t);

/* From then (rcd_mono_ms()) on, until end: the customer who sent sid sees that we write. */
void rcd_typing_begin(struct rcd_typist *t, struct rcd_typing *w, const char *sid, int64_t due);
void rcd_typing_end(struct rcd_typist *t, struct rcd_typing *w);

#endif
