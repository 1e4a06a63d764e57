#ifndef RCD_TWILIO_FIELDS_H
#define RCD_TWILIO_FIELDS_H

#include "provider/twilio.h"

/* Every field that Twilio is known to send with a message, and what becomes of it. The form itself
 * is kept in the inbox as it came in, whatever stands here. docs/twilio-fields.md is this table for
 * people; a test compares them. */

enum rcd_field_do {
	RCD_FIELD_TOLD,    /* the model is told, and the history shows it */
	RCD_FIELD_USED,    /* decides what is done with the message */
	RCD_FIELD_STORED,  /* kept with the form, for reports and people; no model reads it */
	RCD_FIELD_IGNORED, /* nothing is done with it, on purpose */
	RCD_N_FIELD_DOES
};
extern const char *const rcd_field_do_name[RCD_N_FIELD_DOES]; /* "told" … */

struct rcd_twilio_field {
	const char *name;
	bool numbered; /* MediaUrl0, MediaUrl1 … */
	enum rcd_field_do act;
	const char *why;
	size_t at; /* of the view in struct rcd_twilio_msg that takes the value; RCD_FIELD_NO_VIEW */
};
#define RCD_FIELD_NO_VIEW ((size_t)-1)

extern const struct rcd_twilio_field rcd_twilio_fields[]; /* ends with a NULL name */

/* The views of *m that the table names. */
void rcd_twilio_fields_read(const struct rcd_form *form, struct rcd_twilio_msg *m);

#endif
