#ifndef RCD_MEMORY_SUMMARY_H
#define RCD_MEMORY_SUMMARY_H

#include "store/history.h"
#include "turn/turn.h"

/* A job of kind RCD_JOB_SUMMARY, from its claim to its end: the turns that the window of messages
 * is about to leave behind go into the contact's summary, and what they say of the contact into
 * its facts. A fact counts when the contact has said the sentence it is said to come from. Asks
 * the chat model once. -1: RCD_PROTO for an answer that is none; the other codes of
 * rcd_openai_chat; RCD_CANCELLED: somebody else has the job. */
int rcd_turn_summarise(const struct rcd_turn_env *env, const struct rcd_job *job,
                       struct rcd_err *err);

/* How many of the newest rows fit into max turns and tokens. */
size_t rcd_turn_fit(const struct rcd_history_row *row, size_t n, size_t max, size_t tokens);

#endif
