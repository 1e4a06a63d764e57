#ifndef RCD_STORE_BIND_H
#define RCD_STORE_BIND_H

#include "base/sv.h"

/* Arguments of a SQL statement, $1 … $n. Each constructor takes one C type, so that a wrong one
 * does not compile; a string or a view with p == NULL binds NULL.
 *
 *     rcd_exec(conn, NULL, sql, RCD_BIND(rcd_i64(id), rcd_text(name)), err)
 *
 * The list lives on the stack of its caller, and so do the bytes that its views point at: they
 * stay until the statement has ended. */

#define RCD_MAX_ARGS 24

struct rcd_arg {
	char type; /* i int64_t, d double, v text, b bytes */
	bool null; /* of that type; a v or b may be the absent view instead */
	union {
		int64_t i;
		double d;
		struct rcd_sv v;
	};
};

struct rcd_bind {
	const struct rcd_arg *arg;
	size_t n;
};

static inline struct rcd_arg rcd_i64(int64_t i)
{
	return (struct rcd_arg){.type = 'i', .i = i};
}

static inline struct rcd_arg rcd_double(double d)
{
	return (struct rcd_arg){.type = 'd', .d = d};
}

static inline struct rcd_arg rcd_text(struct rcd_sv v)
{
	return (struct rcd_arg){.type = 'v', .v = v};
}

static inline struct rcd_arg rcd_str(const char *s)
{
	return rcd_text(rcd_sv(s));
}

static inline struct rcd_arg rcd_bytes(struct rcd_sv v)
{
	return (struct rcd_arg){.type = 'b', .v = v};
}

#define RCD_BIND(...)                                                                              \
	((struct rcd_bind){.arg = (const struct rcd_arg[]){__VA_ARGS__},                               \
	                   .n = RCD_COUNT_ARGS(__VA_ARGS__)})

/* Too many do not compile. */
#define RCD_COUNT_ARGS(...)                                                                        \
	(RCD_SIZE_ARGS(__VA_ARGS__) +                                                                  \
	 0 * sizeof(char[1 - 2 * (RCD_SIZE_ARGS(__VA_ARGS__) > RCD_MAX_ARGS)]))
#define RCD_SIZE_ARGS(...) (sizeof((const struct rcd_arg[]){__VA_ARGS__}) / sizeof(struct rcd_arg))

#endif
