/* Applies the fault of the plan to a finished answer. */

#include "daemon/sandbox/box.h"

#define GARBAGE_BYTES 700

static int refuse_status(struct rcd_sb_call *c, int status)
{
	const char *message = "Refused, says the sandbox's plan";

	if (status == 429)
		message = "Too many requests, says the sandbox's plan";
	else if (status >= 500)
		message = "The server had an error, says the sandbox's plan";
	c->out->n_headers = 0;
	c->out->stream = false;
	if (c->fault.retry_after > 0)
		rcd_sb_header(c, "Retry-After", "%d", c->fault.retry_after);
	return rcd_sb_refuse(c, status, c->fault.code, message);
}

/* The same bytes every time: neither text nor JSON nor audio nor events. */
static int send_garbage(struct rcd_sb_call *c)
{
	char junk[GARBAGE_BYTES];
	unsigned x = 2463534242u;

	for (size_t i = 0; i < sizeof(junk); i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		junk[i] = (char)(x >> 24);
	}
	return rcd_sb_reply(c, c->out->status, c->out->type, (struct rcd_sv){junk, sizeof(junk)});
}

int rcd_sb_spoil(struct rcd_sb_call *c)
{
	c->out->delay_ms += c->fault.delay_ms;
	switch (c->fault.kind) {
	case RCD_SB_STATUS:
	case RCD_SB_AFTER:
		return refuse_status(c, c->fault.status);
	case RCD_SB_GARBAGE:
		return send_garbage(c);
	case RCD_SB_CUT:
		c->out->cut = true;
		break;
	case RCD_SB_NEVER:
		c->out->never = true;
		return 0;
	default: /* faults of models are in the text already */
		break;
	}
	return c->fault.pace_ms > 0 && c->out->stream ? rcd_sb_pace(c) : 0;
}
