#ifndef RCD_SV_H
#define RCD_SV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A borrowed byte range: never owned, not NUL-terminated. {NULL, 0} is "absent". */
struct rcd_sv {
	const char *p;
	size_t n;
};

#define RCD_SV(lit) ((struct rcd_sv){(lit), sizeof(lit) - 1})
#define RCD_SV_ARG(v) (int)(v).n, (v).p /* for "%.*s" */

struct rcd_sv rcd_sv(const char *s); /* NULL gives the absent view */
bool rcd_sv_eq(struct rcd_sv a, struct rcd_sv b);
bool rcd_sv_is(struct rcd_sv a, const char *s);
bool rcd_sv_ieq(struct rcd_sv a, struct rcd_sv b); /* ASCII case ignored */
bool rcd_sv_starts(struct rcd_sv a, struct rcd_sv prefix);
bool rcd_sv_ends(struct rcd_sv a, struct rcd_sv suffix);
/* Does a contain what at offset at? */
bool rcd_sv_has_at(struct rcd_sv a, size_t at, struct rcd_sv what);
unsigned rcd_sv_byte(struct rcd_sv a, size_t at); /* 0 beyond the end */
bool rcd_sv_is_digits(struct rcd_sv a);           /* ASCII digits only, at least one */
char rcd_ascii_lower(char c);
struct rcd_sv rcd_sv_skip(struct rcd_sv a, size_t n);
struct rcd_sv rcd_sv_trim(struct rcd_sv a); /* ASCII white space off both ends */

/* Splits *rest at the first sep: *part is what precedes it, *rest what follows; absent after the
 * last part. False when *rest is absent. */
bool rcd_sv_cut(struct rcd_sv *rest, char sep, struct rcd_sv *part);

/* Decimal with an optional sign and nothing around it. 0, or -1 when malformed or out of range. */
int rcd_parse_i64(struct rcd_sv v, int64_t min, int64_t max, int64_t *out);

/* A NUL-terminated copy, freed with free(); NULL when out of memory. */
char *rcd_sv_dup(struct rcd_sv v) __attribute__((warn_unused_result));

/* UTF-8. rcd_utf8_ok: well-formed by RFC 3629. rcd_utf8_cut: the largest length ≤ max
 * that ends on a code-point boundary. rcd_utf8_count: code points (bytes of a malformed
 * sequence count one each). */
bool rcd_utf8_ok(struct rcd_sv v);
size_t rcd_utf8_cut(struct rcd_sv v, size_t max);
size_t rcd_utf8_count(struct rcd_sv v);
/* Decodes the code point at *p < end and advances *p; U+FFFD and one byte when malformed. */
uint32_t rcd_utf8_next(const char **p, const char *end);

#endif
