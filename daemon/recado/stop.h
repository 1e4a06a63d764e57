#ifndef RCD_STOP_H
#define RCD_STOP_H

#include "base/cancel.h"
#include "base/err.h"

/* SIGINT, SIGTERM and SIGHUP as a cancellation, for a command that cleans up before it exits.
 * SIGPIPE is ignored: the write fails instead. */

struct rcd_stop;

/* Before there are threads: the signals are blocked in all of them from here on. */
int rcd_stop_open(struct rcd_stop **out, struct rcd_err *err);
struct rcd_cancel *rcd_stop_cancel(struct rcd_stop *s); /* set by the first of them */
int rcd_stop_fd(const struct rcd_stop *s);     /* readable from then on; read nothing from it */
int rcd_stop_signal(const struct rcd_stop *s); /* which it was; 0: none yet */
/* Restores their default action. NULL-safe, returns NULL. */
struct rcd_stop *rcd_stop_close(struct rcd_stop *s);

#endif
