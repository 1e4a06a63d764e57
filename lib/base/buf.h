#ifndef RCD_BUF_H
#define RCD_BUF_H

#include "base/sv.h"

/* A growable byte buffer with a maximum set at initialisation. A failed append (no memory, or
 * over the maximum) sets bad, drops the content and turns later appends into no-ops: append
 * everything, then test bad once. Always NUL-terminated when p is not NULL. */
struct rcd_buf {
	char *p;
	size_t n, cap, max;
	bool bad;
	bool over; /* bad because of the maximum, not for lack of memory */
};

void rcd_buf_init(struct rcd_buf *b, size_t max);
void rcd_buf_free(struct rcd_buf *b);  /* usable again afterwards, with the same maximum */
void rcd_buf_reset(struct rcd_buf *b); /* empty, keeps the memory, forgets bad */
void rcd_buf_add(struct rcd_buf *b, const void *p, size_t n);
void rcd_buf_str(struct rcd_buf *b, const char *s);
void rcd_buf_sv(struct rcd_buf *b, struct rcd_sv v);
/* Appends v as valid UTF-8: each malformed byte and each NUL becomes U+FFFD. */
void rcd_buf_utf8(struct rcd_buf *b, struct rcd_sv v);
/* Appends cp (at most U+10FFFF, no surrogate) in UTF-8. */
void rcd_buf_code_point(struct rcd_buf *b, uint32_t cp);
void rcd_buf_ch(struct rcd_buf *b, char c);
void rcd_buf_fmt(struct rcd_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Keeps the first n bytes; a bad buffer stays bad. */
void rcd_buf_cut(struct rcd_buf *b, size_t n);
void rcd_buf_drop(struct rcd_buf *b, size_t n); /* removes n bytes from the front */
struct rcd_sv rcd_buf_view(const struct rcd_buf *b);

/* Reserves n bytes and returns b->p + b->n; the caller writes there and raises b->n itself.
 * NULL when bad. */
char *rcd_buf_room(struct rcd_buf *b, size_t n);

/* Moves the bytes to the caller (free()); NULL when bad. An empty buffer gives "". */
char *rcd_buf_take(struct rcd_buf *b, size_t *n) __attribute__((warn_unused_result));

#endif
