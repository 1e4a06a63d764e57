#ifndef RCD_REALTIME_ASK_H
#define RCD_REALTIME_ASK_H

#include "provider/realtime_event.h"

/* Client events of a Realtime session. Each function appends one event to out; out->bad means out
 * of memory. Inside lib/provider only. */

/* The settings of a session: no turn detection, samples both ways, transcripts. */
void rcd_realtime_say_settings(const struct rcd_realtime_conf *conf, struct rcd_buf *out);
void rcd_realtime_say_append(const int16_t *pcm, size_t n, struct rcd_buf *out);
void rcd_realtime_say_commit(struct rcd_buf *out);
void rcd_realtime_say_delete(const char *item, struct rcd_buf *out);
/* A response of its own input, beside the conversation. heard: items that take the place of
 * the prompt's last user message, n of them. */
void rcd_realtime_say_ask(const struct rcd_realtime_conf *conf, const struct rcd_live_ask *ask,
                          char (*heard)[RCD_REALTIME_ID], size_t n, const char *tag,
                          struct rcd_buf *out);

#endif
