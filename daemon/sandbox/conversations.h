#ifndef RCD_SB_CONVERSATIONS_H
#define RCD_SB_CONVERSATIONS_H

#include "base/json.h"

/* The Conversations that the simulated OpenAI keeps, with their items. In memory, at
 * most 10 000; used by the server's event loop alone. */
struct rcd_sb_conversations;

#define RCD_SB_CONVERSATION_ID 64

int rcd_sb_conversations_open(struct rcd_sb_conversations **out, struct rcd_err *err);
struct rcd_sb_conversations *rcd_sb_conversations_close(
	struct rcd_sb_conversations *c); /* NULL-safe */

/* metadata: an object or NULL, borrowed. -1: no memory, or too many. */
int rcd_sb_conversations_new(struct rcd_sb_conversations *c, json_t *metadata,
                             char id[RCD_SB_CONVERSATION_ID]);
bool rcd_sb_conversations_delete(struct rcd_sb_conversations *c, struct rcd_sv id);
/* As the API shows it; NULL: not there (*nomem: or no memory). */
json_t *rcd_sb_conversations_get(struct rcd_sb_conversations *c, struct rcd_sv id, bool *nomem);

/* Its items, oldest first: borrowed, to be read only. NULL: not there. */
const json_t *rcd_sb_conversations_items(struct rcd_sb_conversations *c, struct rcd_sv id);
/* Appends messages in any of the forms that a request may have, as the API keeps them. -1:
 * not there, or no memory. */
int rcd_sb_conversations_add(struct rcd_sb_conversations *c, struct rcd_sv id,
                             const json_t *messages);

#endif
