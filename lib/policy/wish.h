#ifndef RCD_WISH_H
#define RCD_WISH_H

#include "base/err.h"
#include "base/sv.h"

/* Detects requests about the customer's own data by fixed phrases in Portuguese or English. text:
 * as written or transcribed. */

enum rcd_wish {
	RCD_WISH_NONE,
	RCD_WISH_KNOWN,  /* what is known of me: "o que você sabe sobre mim?" */
	RCD_WISH_FORGET, /* forget me: "esqueça tudo sobre mim" */
	RCD_WISH_YES     /* the whole message is a yes */
};
/* Only short messages match: such a request is not made in passing. */
int rcd_wish(struct rcd_sv text, enum rcd_wish *out, struct rcd_err *err);

#endif
