#ifndef RCD_STORE_WLOCK_H
#define RCD_STORE_WLOCK_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* The right to write, one at a time over all threads of all processes, handed on in turn.
 * It lives in a small file beside the database. A holder that dies blocks nobody. */

struct rcd_wlock;

/* FILE-lock of the database file (malloc'd); NULL when memory is short. */
char *rcd_wlock_path(const char *path);

/* Makes the file when it is not there. */
int rcd_wlock_open(struct rcd_wlock **out, const char *path, struct rcd_err *err);
struct rcd_wlock *rcd_wlock_close(
	struct rcd_wlock *l); /* NULL-safe, returns NULL; not while held */

/* RCD_BUSY when ms went by. */
int rcd_wlock_take(struct rcd_wlock *l, int ms, struct rcd_err *err);
void rcd_wlock_drop(struct rcd_wlock *l);

/* rcd_now_ms() - rcd_mono_ms() when the file was made for this boot: who adds the monotonic
 * clock to it has a time that all processes agree on and nobody can set. */
int64_t rcd_wlock_epoch_ms(const struct rcd_wlock *l);

/* A request of the holder to readers, which never take the lock, to start a moment later: the log
 * can begin anew only while no reader is on it. It expires within a tenth of a second, so that no
 * reader waits where no writer comes. */
void rcd_wlock_request_gap(struct rcd_wlock *l, bool on);
bool rcd_wlock_gap_requested(const struct rcd_wlock *l);

#endif
