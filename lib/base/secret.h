#ifndef RCD_SECRET_H
#define RCD_SECRET_H

#include "base/err.h"
#include "base/sv.h"

/* A key or token. No function prints one; code that needs the bytes passes the view directly to the
 * library that sends them. */
struct rcd_secret {
	char *p;
	size_t n;
};

bool rcd_secret_set(const struct rcd_secret *s); /* is a value present? NULL-safe */
struct rcd_sv rcd_secret_view(const struct rcd_secret *s);

/* Copies v without surrounding white space; wipes and replaces the previous value. RCD_NOMEM, or
 * RCD_INVAL for a control byte (it could forge a header). */
int rcd_secret_put(struct rcd_secret *s, struct rcd_sv v, struct rcd_err *err);

/* Reads a file of at most 4 KiB. RCD_NOENT when it is not there. */
int rcd_secret_read(struct rcd_secret *s, const char *path, struct rcd_err *err);

void rcd_secret_wipe(struct rcd_secret *s);

#endif
