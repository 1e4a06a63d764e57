#ifndef RCD_SB_OBJECTS_H
#define RCD_SB_OBJECTS_H

#include "base/buf.h"
#include "base/err.h"

/* The simulated object store's memory: bytes under "bucket/key", in the order of names, up to
 * 256 MiB. For the event loop's thread alone. */
struct rcd_sb_objects;

struct rcd_sb_object {
	char *name, *type, *bytes;
	size_t n;
	int64_t modified_ms;
	char etag[35]; /* in quotes */
};

int rcd_sb_objects_open(struct rcd_sb_objects **out, struct rcd_err *err);
struct rcd_sb_objects *rcd_sb_objects_close(struct rcd_sb_objects *o); /* NULL-safe, returns NULL */

/* Replaces what was there. RCD_LIMIT when it does not fit. What it gives lives until the object
 * is replaced or removed. */
int rcd_sb_objects_put(struct rcd_sb_objects *o, struct rcd_sv name, struct rcd_sv type,
                       struct rcd_sv bytes, const struct rcd_sb_object **out, struct rcd_err *err);
/* NULL: not there. */
const struct rcd_sb_object *rcd_sb_objects_get(struct rcd_sb_objects *o, struct rcd_sv name);
/* The first whose name comes after this one. */
const struct rcd_sb_object *rcd_sb_objects_after(struct rcd_sb_objects *o, struct rcd_sv name);
void rcd_sb_objects_remove(struct rcd_sb_objects *o, struct rcd_sv name);

#endif
