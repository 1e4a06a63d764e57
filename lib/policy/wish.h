#ifndef RCD_WISH_H
#define RCD_WISH_H

#include "base/err.h"
#include "base/sv.h"

/* What a customer asks of their own data, in Portuguese or English, told by fixed phrases. Text as
 * it was written or heard. */

enum rcd_wish {
	RCD_WISH_NONE,
	RCD_WISH_KNOWN,  /* what is known of me: "o que você sabe sobre mim?" */
	RCD_WISH_FORGET, /* forget me: "esqueça tudo sobre mim" */
	RCD_WISH_YES     /* the whole message is a yes */
};
/* Of a short message alone: nobody says these things in passing. */
int rcd_wish(struct rcd_sv text, enum rcd_wish *out, struct rcd_err *err);

#endif
