#ifndef RCD_SB_LEDGER_H
#define RCD_SB_LEDGER_H

#include "base/json.h"

/* What the sandbox was asked and what it did, one JSON object a line, append-only. A request's
 * line is in the file before a byte of its answer is out, so a client that has an answer finds
 * it there. Thread-safe. */
struct rcd_sb_ledger;

/* path NULL: memory only. keep: also in memory (up to 64 MiB, then only in the file). */
int rcd_sb_ledger_open(struct rcd_sb_ledger **out, const char *path, bool keep,
                       struct rcd_err *err);
/* Adds "t" (ms) and "n" (sequence) in front of the object's members; drops the reference. -1
 * when the line could not be written. */
int rcd_sb_ledger_add(struct rcd_sb_ledger *l, json_t *take);
char *rcd_sb_ledger_text(struct rcd_sb_ledger *l); /* free(); NULL when memory is short */
struct rcd_sb_ledger *rcd_sb_ledger_close(struct rcd_sb_ledger *l); /* NULL-safe, returns NULL */

#endif
