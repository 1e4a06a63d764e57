#ifndef RCD_WEB_H
#define RCD_WEB_H

#include "daemon/recadod/child.h"
#include "daemon/recadod/newer.h"
#include "daemon/recadod/req.h"
#include "store/inbox.h"

/* A web process: one listener, many threads, one request at a time in each. */

struct rcd_web {
	struct rcd_child *child;
	struct rcd_runtime rt;
	int stop_fd; /* readable once we are stopping */
	int gone_fd; /* eventfd: one of threads or of turns has ended; never closed, the last one
	              * may be about to write to it when the process ends */
	_Atomic int threads;       /* still running */
	_Atomic int twiml;         /* threads that sit in a TwiML answer */
	_Atomic int turns;         /* turns of TwiML routes that run beside them */
	int max_twiml;             /* 0: no route answers in TwiML */
	struct rcd_newer newer;    /* where one does */
	_Atomic int64_t probed_ms; /* rcd_mono_ms() of the last write probe of /health, and */
	_Atomic bool writable;     /* its result */
	_Atomic bool trying;       /* somebody tries a realtime session: one at a time */
	/* Takes a message and its job in; the tests' and the bench's way to leave the store out. */
	int (*put)(struct rcd_db *db, const struct rcd_inbox_in *in, bool *fresh, struct rcd_err *err);
};

/* The answer to one request; the handlers call rcd_reply* exactly once. */
typedef void rcd_handler(struct rcd_web *web, struct rcd_req *req);

/* From this machine itself, where the world does not reach the instance; or with the admin token.
 */
bool rcd_is_admitted(struct rcd_web *web, struct rcd_req *req);

/* The last thing that a thread does with web, which ends when all have: one of its count is gone.
 */
void rcd_web_leave(struct rcd_web *web, _Atomic int *count);

void rcd_route_request(struct rcd_web *web, struct rcd_req *req);

/* A form that Twilio signed for this very URL, of Twilio's shape, and of our own account. */
struct rcd_signed {
	struct rcd_buf body;
	struct rcd_form form;
};
/* False: it is not one, and was answered. The caller zeroes it before and frees it after. */
bool rcd_signed_form(struct rcd_web *web, struct rcd_req *req, struct rcd_signed *out);
void rcd_signed_free(struct rcd_signed *in);
/* Answers a form that is not taken: 400, 413, 415 or 503 by what err says. */
void rcd_refuse_signed(struct rcd_req *req, const struct rcd_err *err);

/* What became of messages that Twilio had accepted; told: of a form whose signature is right. */
rcd_handler rcd_status_callback;
void rcd_status_told(struct rcd_web *web, struct rcd_req *req, const struct rcd_form *form);
#define RCD_STATUS_PATH "/webhook/twilio/status"

/* A webhook on route. */
void rcd_webhook(struct rcd_web *web, struct rcd_req *req, const struct rcd_route *route);
/* The same request, answered by a turn that runs beside it; false when it is not possible
 * now (too many of them, somebody has the contact) and nothing was answered. */
bool rcd_answer_in_twiml(struct rcd_web *web, struct rcd_req *req, const struct rcd_inbox_in *in);

rcd_handler rcd_page_media, rcd_page_index, rcd_page_health, rcd_page_stats, rcd_page_system;
rcd_handler rcd_page_upgrade, rcd_page_advanced;
rcd_handler rcd_page_realtime, rcd_page_try_connection, rcd_page_try_audio;

#endif
