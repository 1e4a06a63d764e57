#ifndef RCD_TWILIO_API_H
#define RCD_TWILIO_API_H

#include "provider/answer.h"
#include "provider/twilio.h"

/* Inside lib/provider only: what the calls to Twilio's REST interface have in common. */

/* {base}/2010-04-01/Accounts/{AC}/Messages.json */
void rcd_twilio_messages_url(const struct rcd_twilio_conf *conf, struct rcd_buf *out);

/* The error for a refusal; err->sys is Twilio's own number when it told one, else the status. */
int rcd_twilio_refused(const char *doing, const struct rcd_http_res *res, struct rcd_err *err);

/* "Fri, 21 Nov 2026 13:05:09 +0000" (RFC 2822) to ms UTC; -1 for anything else. */
int rcd_twilio_time(struct rcd_sv v, int64_t *ms);

/* A message's sid as we keep it: letters and digits, at most 63. */
int rcd_twilio_sid(struct rcd_sv v, char out[64]);

#endif
