#ifndef RCD_UPKEEP_H
#define RCD_UPKEEP_H

#include "daemon/recadod/child.h"

/* Housekeeping of an instance, on a thread of the first work process: the knowledge folder is
 * brought in line with the store, its passages get their embeddings, spoken answers whose time is
 * over are removed, and so is, once an hour, audio that no row knows (its writer died before the
 * row was committed). */

struct rcd_upkeep;

/* Brings the texts of the knowledge in line once, on the caller's thread: every work process does
 * so before it takes a job, so that a fresh instance answers from what it knows. Documents that
 * need recado-extract follow in the housekeeping. */
void rcd_upkeep_knowledge(const struct rcd_conf *conf, struct rcd_runtime *rt);

int rcd_upkeep_start(struct rcd_upkeep **out, struct rcd_child *child, struct rcd_runtime *rt,
                     struct rcd_err *err);
void rcd_upkeep_stop(struct rcd_upkeep *u); /* NULL-safe */

#endif
