#ifndef RCD_MESSAGE_WISH_H
#define RCD_MESSAGE_WISH_H

#include "store/inbox.h"

/* What a whole message asks of messages: by the provider's own word, else by its words. */
struct rcd_wish_message {
	struct rcd_sv opt_out; /* OptOutType of the provider; absent: it told none */
	struct rcd_sv from;    /* channel address: a wish by SMS is one about SMS */
	struct rcd_sv words;   /* text of the message, or what was heard */
};
/* *asks: out has scope, on, source and reason; the rest is the caller's. -1: no memory. */
int rcd_wish_of_message(const struct rcd_wish_message *m, struct rcd_suppress *out, bool *asks,
                        struct rcd_err *err);

/* Does a message that has just come in ask for fewer messages? Then out goes into the store with
 * it. What ends a suppression waits for the turn, and so does what cannot be read now. phone,
 * bsuid: of its sender, "" where not known; out views them. */
bool rcd_wish_holds(const struct rcd_wish_message *m, const char *phone, const char *bsuid,
                    struct rcd_inbox_wish *out);

#endif
