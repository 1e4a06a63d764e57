#ifndef RCD_SB_OPENAI_CHECK_H
#define RCD_SB_OPENAI_CHECK_H

#include "base/json.h"

/* What the real service would refuse of a request to Responses or Conversations. */

struct rcd_sb_ruling {
	int status;
	const char *code; /* "": none */
	char message[200];
};

/* -1 with *no filled when it is refused. */
int rcd_sb_check_response(json_t *req, struct rcd_sb_ruling *no);
int rcd_sb_check_conversation(json_t *req, struct rcd_sb_ruling *no);
/* The id of a request's conversation, in either of its forms; absent: none. */
struct rcd_sv rcd_sb_conversation_of(const json_t *req);

#endif
