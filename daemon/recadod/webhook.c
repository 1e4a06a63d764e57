/* A webhook: bounds → signature → one committed transaction → answer. No provider is called
 * and nothing of the content is judged before the message is on disk, but for one thing: a message
 * that is a wish for fewer messages holds them back from that very commit on. */

#include "base/clock.h"
#include "daemon/log.h"
#include "daemon/recadod/web.h"
#include "daemon/tenant.h"
#include "policy/message_wish.h"

#include <stdio.h>

struct hook {
	struct rcd_signed in;
	struct rcd_twilio_msg msg;
	char sender[RCD_MAX_ADDRESS + 1];
};

static int window_ms(const struct rcd_window *window, const struct rcd_twilio_msg *msg)
{
	return rcd_window_ms(window, msg->body, rcd_twilio_has_audio(msg));
}

static void keep_message(struct rcd_web *web, struct rcd_req *req, const struct rcd_route *route,
                         const struct hook *h)
{
	const struct rcd_window *window = &web->child->conf->turn.window;
	struct rcd_inbox_in in = {
		.tenant = RCD_TENANT,
		.event_key = h->msg.sid,
		.sender = rcd_sv(h->sender),
		.route = rcd_sv(route->path),
		.body = rcd_buf_view(&h->in.body),
		.received_ms = rcd_now_ms(),
	};
	const struct rcd_wish_message message = {h->msg.opt_out, h->msg.from, h->msg.body};
	struct rcd_inbox_wish wish;
	struct rcd_err err = {0};
	bool fresh = false;

	if (rcd_wish_holds(&message, h->msg.phone, h->msg.bsuid, &wish))
		in.wish = &wish;
	in.due_ms = in.received_ms + (route->twiml ? 0 : window_ms(window, &h->msg));
	in.latest_ms = in.received_ms + window->most;
	if (in.due_ms > in.latest_ms)
		in.due_ms = in.latest_ms;
	in.ahead = web->child->conf->turn.ahead != RCD_AHEAD_OFF && in.due_ms > in.received_ms;
	if (route->twiml && rcd_answer_in_twiml(web, req, &in))
		return;
	if (web->put(web->rt.db, &in, &fresh, &err) != 0) {
		rcd_log(RCD_ERROR, "message %.*s not stored: %s", RCD_SV_ARG(h->msg.sid), err.msg);
		(void)rcd_reply_error(req, 503, "the message could not be stored; send it again");
		return;
	}
	if (fresh && web->max_twiml > 0)
		rcd_board_message(web->child->board);
	if (fresh)
		rcd_bell_ring(web->child);
	(void)rcd_reply(req, 200, "text/xml", RCD_SV("<Response/>"));
}

void rcd_webhook(struct rcd_web *web, struct rcd_req *req, const struct rcd_route *route)
{
	static struct rcd_log_limit deprecated = RCD_LOG_LIMIT;
	struct rcd_sv method = rcd_req_method(req);
	struct hook h = {0};
	struct rcd_err err = {0};

	if (rcd_sv_is(method, "GET") || rcd_sv_is(method, "HEAD")) {
		(void)rcd_reply_json(req, 200,
		                     json_pack("{s:s, s:s}", "status", "alive", "webhook", route->path));
		return;
	}
	if (route->deprecated)
		rcd_log_limited(&deprecated, RCD_NOTICE,
		                "%s is deprecated: point Twilio at /webhook/whatsapp", route->path);
	if (rcd_signed_form(web, req, &h.in)) {
		if (rcd_twilio_is_status(&h.in.form)) /* the status callback was set to this URL */
			rcd_status_told(web, req, &h.in.form);
		else if (rcd_twilio_parse(&h.in.form, &h.msg, &err) != 0 ||
		         rcd_twilio_sender(&h.in.form, h.sender, &err) != 0)
			rcd_refuse_signed(req, &err);
		else
			keep_message(web, req, route, &h);
	}
	rcd_signed_free(&h.in);
}
