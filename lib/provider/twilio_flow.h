#ifndef RCD_TWILIO_FLOW_H
#define RCD_TWILIO_FLOW_H

#include "base/buf.h"
#include "base/err.h"

/* The answers to a form (WhatsApp Flows), JSON of any shape: appends what it says as "name: value;
 * name: value", JSON in strings included, tokens and page numbers left out, at most so many answers
 * as fit a line. False, and nothing appended, when it says nothing or is no JSON. RCD_NOMEM. */
int rcd_flow_read(struct rcd_sv json, struct rcd_buf *out, bool *any, struct rcd_err *err);

#endif
