#ifndef RCD_SB_S3_INT_H
#define RCD_SB_S3_INT_H

#include "daemon/sandbox/box.h"

/* Between the parts of the simulated S3. */

struct rcd_sb_verdict {
	int status; /* 0: the request is who it says it is */
	const char *code, *message;
};

/* Checks the request's Signature Version 4, in its headers or its query, by itself: nothing of
 * the product's own signer is used. -1 when memory is short. */
int rcd_sb_s3_verify(struct rcd_sb_call *c, struct rcd_sb_verdict *out);

#endif
