#ifndef RCD_T_H
#define RCD_T_H

/* The harness of the unit tests. A case is a function that returns 0 (passed), T_NOMEM
 * (an allocation failed and the code said so) or -1. Each case runs in a process of its
 * own with a time limit. Cases marked T_OOM run again with -m: the first allocation fails,
 * then the second, and so on until a run passes; any result but 0 or T_NOMEM is a failure. */

#include "base/err.h"

#include <stdio.h>
#include <string.h>

#define T_NOMEM 1
/* flags of a case */
#define T_OOM 1
#define T_SQLITE 2 /* not with PostgreSQL: see unit/store.h */
#define T_PG 4     /* only with PostgreSQL */

struct t_case {
	const char *name;
	int (*run)(void);
	unsigned flags;
};

extern const struct t_case t_cases[]; /* ends with a NULL name */

/* Where two long texts begin to differ, a little before it; 0 in short ones. */
static inline size_t t_differs(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] != '\0' && a[n] == b[n])
		n++;
	return n > 160 ? n - 40 : 0;
}

#define T_FAIL(...)                                                                                \
	do {                                                                                           \
		(void)fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                                      \
		(void)fprintf(stderr, __VA_ARGS__);                                                        \
		(void)fputc('\n', stderr);                                                                 \
		ret = -1;                                                                                  \
		goto out;                                                                                  \
	} while (0)

/* All of them need `int ret = 0;` and a label `out:`. */
#define T_OK(cond)                                                                                 \
	do {                                                                                           \
		if (!(cond))                                                                               \
			T_FAIL("not so: %s", #cond);                                                           \
	} while (0)
#define T_INT(got, want)                                                                           \
	do {                                                                                           \
		long long t_g = (long long)(got), t_w = (long long)(want);                                 \
		if (t_g != t_w)                                                                            \
			T_FAIL("%s is %lld, not %lld", #got, t_g, t_w);                                        \
	} while (0)
#define T_STR(got, want)                                                                           \
	do {                                                                                           \
		const char *t_g = (got), *t_w = (want);                                                    \
		size_t t_at = t_g != NULL ? t_differs(t_g, t_w) : 0;                                       \
		if (t_g == NULL || strcmp(t_g, t_w) != 0)                                                  \
			T_FAIL("%s is \"%.200s\", not \"%.200s\" (from byte %zu on)", #got,                    \
			       t_g ? t_g + t_at : "(null)", t_w + t_at, t_at);                                 \
	} while (0)
/* call must succeed; an honest RCD_NOMEM ends the case as T_NOMEM. */
#define T_DO(call, err)                                                                            \
	do {                                                                                           \
		if ((call) != 0) {                                                                         \
			if ((err).code == RCD_NOMEM) {                                                         \
				ret = T_NOMEM;                                                                     \
				goto out;                                                                          \
			}                                                                                      \
			T_FAIL("%s: %s (%s)", #call, (err).msg, rcd_code_name((err).code));                    \
		}                                                                                          \
	} while (0)

/* A fresh directory under $TMPDIR that is removed when the case's process ends. */
const char *t_dir(void);

/* Where the shared inputs nobody here wrote are, or NULL: $RECADO_CORPUS, else ../shared/corpus. */
const char *t_corpus(void);

/* The whole file, NUL-terminated, free(); NULL when it cannot be read. */
char *t_slurp(const char *path, size_t *n);

#endif
