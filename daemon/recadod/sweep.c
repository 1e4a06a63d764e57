#include "daemon/recadod/sweep.h"

#include "base/clock.h"
#include "daemon/log.h"
#include "daemon/tenant.h"
#include "policy/message_wish.h"
#include "store/inbox.h"

#include <stdio.h>

#define MARK "sweep"
#define BACK_MS (15 * 60000LL) /* before the last good sweep: a list may lag */
#define YOUNG_MS 30000         /* its webhook may still be on its way, and tells more */
#define SWEEP_MS 60000

struct sweep {
	const struct rcd_conf *conf;
	struct rcd_runtime *rt;
	int64_t now;
	int found, late;
};

static int has_message(void *arg, struct rcd_sv sid, bool *yes, struct rcd_err *err)
{
	const struct sweep *s = arg;

	return rcd_inbox_has(s->rt->db, RCD_TENANT, sid, yes, err);
}

/* Does the message ask for fewer messages? parsed is what out views. */
static bool has_wish(const struct rcd_form *form, struct rcd_twilio_msg *parsed,
                     struct rcd_inbox_wish *out, struct rcd_err *err)
{
	struct rcd_wish_message message;

	if (rcd_twilio_parse(form, parsed, err) != 0)
		return false;
	message = (struct rcd_wish_message){parsed->opt_out, parsed->from, parsed->body};
	return rcd_wish_holds(&message, parsed->phone, parsed->bsuid, out);
}

/* Taken in as its webhook would have been. */
static int put_message(void *arg, const struct rcd_twilio_swept *msg, struct rcd_err *err)
{
	struct sweep *s = arg;
	char sender[RCD_MAX_ADDRESS + 1];
	struct rcd_form form = {0};
	struct rcd_twilio_msg parsed;
	struct rcd_inbox_wish wish;
	bool fresh = false;
	struct rcd_inbox_in in = {.tenant = RCD_TENANT,
	                          .event_key = msg->sid,
	                          .route = rcd_sv(s->conf->route[0].path),
	                          .body = msg->form,
	                          .received_ms = msg->received_ms,
	                          .due_ms = s->now,
	                          .latest_ms = s->now};
	int ret;

	if (s->now - msg->received_ms < YOUNG_MS)
		return 0;
	if (s->now - msg->received_ms > s->conf->turn.late_ms)
		in.late = "found in Twilio's list too late to be answered";
	ret = rcd_form_parse(msg->form, &form, err);
	if (ret == 0)
		ret = rcd_twilio_sender(&form, sender, err);
	in.sender = rcd_sv(sender);
	if (ret == 0 && has_wish(&form, &parsed, &wish, err))
		in.wish = &wish;
	if (ret == 0)
		ret = rcd_inbox_put(s->rt->db, &in, &fresh, err);
	rcd_form_free(&form);
	s->found += fresh;
	s->late += fresh && in.late != NULL;
	return ret;
}

/* Not before the store was made: another installation answered what came in then. */
static int read_watermark(struct sweep *s, int64_t *ms, struct rcd_err *err)
{
	int64_t created, good = 0;

	if (rcd_tenant_created(s->rt->db, RCD_TENANT, &created, err) != 0)
		return -1;
	if (rcd_watermark_get(s->rt->db, RCD_TENANT, MARK, &good, err) != 0 && err->code != RCD_NOENT)
		return -1;
	*ms = good - BACK_MS > created ? good - BACK_MS : created;
	return 0;
}

void rcd_sweep(const struct rcd_child *child, struct rcd_runtime *rt)
{
	const struct rcd_conf *conf = child->conf;
	struct sweep s = {.conf = conf, .rt = rt, .now = rcd_now_ms()};
	struct rcd_twilio_sweep how = {.deadline = rcd_deadline_in(SWEEP_MS),
	                               .have = has_message,
	                               .put = put_message,
	                               .arg = &s};
	struct rcd_err err = {0};
	int ret;

	if (!conf->sweep || conf->twilio.account_sid[0] == '\0' || conf->twilio.number[0] == '\0' ||
	    !rcd_secret_set(&conf->twilio.token))
		return;
	ret = read_watermark(&s, &how.since_ms, &err);
	if (ret == 0)
		ret = rcd_twilio_sweep(rt->http, &conf->twilio, &how, &err);
	if (s.found > 0) {
		rcd_log(RCD_NOTICE,
		        "%d messages were in Twilio's list alone; %d of them are too old to be answered",
		        s.found, s.late);
		rcd_bell_ring(child);
	}
	if (ret == 0)
		ret = rcd_watermark_set(rt->db, RCD_TENANT, MARK, s.now, &err);
	if (ret != 0 && err.code != RCD_CANCELLED)
		rcd_log(RCD_WARN, "the look for missed messages was not finished: %s", err.msg);
}
