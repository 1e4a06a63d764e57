#ifndef RCD_JSON_H
#define RCD_JSON_H

#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"

#include <jansson.h>

/* Wrapper of jansson that fixes its flags in one place. json_t is the one foreign type that may
 * appear in headers. */

/* Parses one whole value (any type) of at most max bytes: duplicated keys, NUL inside
 * strings, trailing bytes and nesting beyond jansson's limit are RCD_PROTO. *out is the
 * caller's (json_decref). */
int rcd_json_parse(struct rcd_sv text, size_t max, json_t **out, struct rcd_err *err);

/* Appends the compact form and takes the caller's reference, also on failure. A NULL value (a
 * failed json_pack) marks the buffer bad. */
void rcd_json_text(json_t *take, struct rcd_buf *out);

/* The same with members sorted by name, so that equal values give equal bytes. Borrows v. */
void rcd_json_canonical(const json_t *v, struct rcd_buf *out);

/* obj[key] as a view, absent when it is not a string. Lives as long as obj. */
struct rcd_sv rcd_json_sv(const json_t *obj, const char *key);

/* A new JSON string from any bytes: each malformed byte and each NUL becomes U+FFFD. */
json_t *rcd_json_str(struct rcd_sv v);

#endif
