#ifndef RCD_SB_REALTIME_H
#define RCD_SB_REALTIME_H

#include "base/err.h"

/* Simulated OpenAI: the sessions of the Realtime API, each on a thread of its own. */
struct rcd_sb_sessions;

int rcd_sb_sessions_open(struct rcd_sb_sessions **out, struct rcd_err *err);
/* Cuts them off and waits for their threads; there will be no others. Before the server stops,
 * which may still bring some; close comes after that. Both are NULL-safe. */
void rcd_sb_sessions_end(struct rcd_sb_sessions *s);
struct rcd_sb_sessions *rcd_sb_sessions_close(struct rcd_sb_sessions *s); /* returns NULL */

#endif
