#ifndef RCD_REFUSAL_H
#define RCD_REFUSAL_H

#include "base/json.h"
#include "provider/answer.h"

/* Parser of an engine's error response: {"error": {…}}, [{"error": …}], {"error": "…"},
 * {"detail": [{"loc", "msg"}]}, {"message": …}, nested errors, or plain text. The text is not kept:
 * it may contain a customer's words. */
struct rcd_refusal {
	char code[RCD_WORD], type[RCD_WORD]; /* "" where there is none */
	int status;       /* of the error itself, where the answer around it has none; 0 */
	unsigned named;   /* parts of a request (provider/engine.h) that it names */
	unsigned phrased; /* those that a well-known sentence is about */
	bool too_long;    /* the prompt, for the model */
	bool bad_key;
	bool bad_picture; /* a picture in it is broken, or of a kind or size that is not taken */
	bool unwanted;    /* this one input, by the provider's rules */
};

void rcd_refusal_read(struct rcd_sv body, struct rcd_refusal *out);
void rcd_refusal_read_json(const json_t *v, struct rcd_refusal *out); /* NULL: nothing is said */
/* Parts that an answer with this status (0: an error within a stream) may be about. */
unsigned rcd_refusal_parts(const struct rcd_refusal *r, int status);
bool rcd_refusal_is(const struct rcd_refusal *r, const char *word); /* the code or the type */

#endif
