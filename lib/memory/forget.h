#ifndef RCD_MEMORY_FORGET_H
#define RCD_MEMORY_FORGET_H

#include "store/forget.h"
#include "turn/turn.h"

/* Forgets a contact: its files, what OpenAI keeps of it, its rows, and the words of all these in
 * the store's own files. Of env the store and the media are needed; without an HTTP client, or
 * where OpenAI cannot be reached, its conversations stay there, and env's note says so. Blocks on
 * the network. RCD_BUSY, RCD_LIMIT: the rows are gone, but their words may be in the database's
 * files still (rcd_db_scrub).
 * -1 otherwise: not done, or not wholly; doing it again goes on. */
int rcd_turn_forget(const struct rcd_turn_env *env, const struct rcd_forget *what,
                    struct rcd_err *err);

/* The tombstones' file, in the state folder of env's media. */
#define RCD_TOMBSTONES_PATH 1100
void rcd_tombstones_path(const struct rcd_turn_env *env, char out[RCD_TOMBSTONES_PATH]);

/* Where a store that came back from a backup knows somebody who was forgotten: once more. */
int rcd_turn_forget_again(const struct rcd_turn_env *env, int64_t tenant, int *n,
                          struct rcd_err *err);

#endif
