#ifndef RCD_TWILIO_API_H
#define RCD_TWILIO_API_H

#include "provider/answer.h"
#include "provider/twilio.h"

/* Shared parts of the calls to Twilio's REST API. Inside lib/provider only. */

/* {base}/2010-04-01/Accounts/{AC}/Messages.json */
void rcd_twilio_messages_url(const struct rcd_twilio_conf *conf, struct rcd_buf *out);

/* The error for a refusal; err->sys is Twilio's own number when it told one, else the status. */
int rcd_twilio_refused(const char *doing, const struct rcd_http_res *res, struct rcd_err *err);

/* A list that comes in pages. */
struct rcd_twilio_list {
	struct rcd_http *http;
	const struct rcd_twilio_conf *conf;
	const char *doing; /* for errors: "looking for a message" */
	int64_t deadline;
};
/* One page, the caller's (json_decref). RCD_NOENT: there is no such list. */
int rcd_twilio_page(const struct rcd_twilio_list *l, const char *url, json_t **page,
                    struct rcd_err *err);
/* The URL of the page behind it into url, which is left empty when there is none. */
int rcd_twilio_next_page(const struct rcd_twilio_list *l, const json_t *page, struct rcd_buf *url,
                         struct rcd_err *err);

/* One message of the account's list, as far as we look at it. -1: no date or no sid. */
struct rcd_twilio_listed {
	char sid[64];
	int64_t created_ms;
	bool inbound;
	int n_media;
};
int rcd_twilio_listed(const json_t *message, struct rcd_twilio_listed *out);
/* The webhook's form of it, but for its media. */
void rcd_twilio_listed_form(const json_t *message, const struct rcd_twilio_listed *l,
                            const char *account, struct rcd_buf *out);

/* "Fri, 21 Nov 2026 13:05:09 +0000" (RFC 2822) to ms UTC; -1 for anything else. */
int rcd_twilio_time(struct rcd_sv v, int64_t *ms);

/* A message's sid as we keep it: letters and digits, at most 63. */
int rcd_twilio_sid(struct rcd_sv v, char out[64]);

#endif
