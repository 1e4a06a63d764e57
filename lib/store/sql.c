/* The half of the SQL layer that is the same for every engine: arguments and the two
 * statements everybody wants. */
#include "store/driver.h"

#include <stdarg.h>

static int collect(struct rcd_arg *arg, int *n, const char *types, va_list ap,
                   struct rcd_err *err)
{
	for (*n = 0; types[*n] != '\0'; (*n)++) {
		struct rcd_arg *a = &arg[*n];

		if (*n == RCD_MAX_ARGS)
			return rcd_fail(err, RCD_INVAL, 0, "a statement takes at most %d arguments", RCD_MAX_ARGS);
		a->type = types[*n];
		switch (a->type) {
		case 'i':
			a->i = va_arg(ap, int64_t);
			break;
		case 'd':
			a->d = va_arg(ap, double);
			break;
		case 's':
			a->type = 'v';
			a->v = rcd_sv(va_arg(ap, const char *));
			break;
		case 'v':
		case 'b':
			a->v = va_arg(ap, struct rcd_sv);
			break;
		default:
			return rcd_fail(err, RCD_INVAL, 0, "argument type %c is unknown", a->type);
		}
	}
	return 0;
}

static int start(struct rcd_q *q, struct rcd_conn *conn, const char *sql, struct rcd_err *err,
                 const char *types, va_list ap)
{
	struct rcd_arg arg[RCD_MAX_ARGS];
	int n;

	q->conn = conn;
	q->stmt = NULL;
	if (collect(arg, &n, types, ap, err) != 0)
		return -1;
	return rcd_stmt_start(conn, sql, arg, n, &q->stmt, err);
}

int rcd_q(struct rcd_q *q, struct rcd_conn *conn, const char *sql, struct rcd_err *err,
          const char *types, ...)
{
	va_list ap;
	int ret;

	va_start(ap, types);
	ret = start(q, conn, sql, err, types, ap);
	va_end(ap);
	return ret;
}

void rcd_q_end(struct rcd_q *q)
{
	if (q->stmt != NULL)
		rcd_stmt_end(q->stmt);
	q->stmt = NULL;
}

int rcd_exec(struct rcd_conn *conn, int64_t *changes, const char *sql, struct rcd_err *err,
             const char *types, ...)
{
	struct rcd_q q;
	va_list ap;
	int ret;

	va_start(ap, types);
	ret = start(&q, conn, sql, err, types, ap);
	va_end(ap);
	if (ret != 0)
		return -1;
	while ((ret = rcd_q_step(&q, err)) == 1)
		continue;
	rcd_q_end(&q);
	if (ret == 0 && changes != NULL)
		*changes = rcd_conn_changes(conn);
	return ret;
}

int rcd_get_i64(struct rcd_conn *conn, int64_t *out, const char *sql, struct rcd_err *err,
                const char *types, ...)
{
	struct rcd_q q;
	va_list ap;
	int row;

	va_start(ap, types);
	row = start(&q, conn, sql, err, types, ap);
	va_end(ap);
	if (row != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1)
		*out = rcd_q_i64(&q, 0);
	rcd_q_end(&q);
	if (row == 0)
		return rcd_fail(err, RCD_NOENT, 0, "no such row");
	return row == 1 ? 0 : -1;
}
