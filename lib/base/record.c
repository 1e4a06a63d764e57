#include "base/record.h"

#include <string.h>

#define HEAD 32 /* bytes of the longest head line */

void rcd_record_head(struct rcd_buf *b, const struct rcd_record *r)
{
	rcd_buf_fmt(b, "%c %lld %zu\n", r->kind, (long long)r->number, r->bytes.n);
}

void rcd_record_put(struct rcd_buf *b, const struct rcd_record *r)
{
	rcd_record_head(b, r);
	if (r->bytes.n > 0)
		rcd_buf_sv(b, r->bytes);
	rcd_buf_ch(b, '\n');
}

static int fail_broken(struct rcd_err *err)
{
	return rcd_fail(err, RCD_PROTO, 0, "malformed output of a helper program");
}

int rcd_record_next(struct rcd_sv *rest, size_t max, struct rcd_record *r, struct rcd_err *err)
{
	struct rcd_sv line = {rest->p, rest->n < HEAD ? rest->n : HEAD}, kind, number, length;
	const char *end = line.n > 0 ? memchr(line.p, '\n', line.n) : NULL;
	int64_t n, len;

	if (end == NULL)
		return fail_broken(err);
	line.n = (size_t)(end - line.p);
	*rest = rcd_sv_skip(*rest, line.n + 1);
	if (!rcd_sv_cut(&line, ' ', &kind) || kind.n != 1 || !rcd_sv_cut(&line, ' ', &number) ||
	    !rcd_sv_cut(&line, ' ', &length) || line.p != NULL)
		return fail_broken(err);
	if (rcd_parse_i64(number, 0, INT32_MAX, &n) != 0 ||
	    rcd_parse_i64(length, 0, (int64_t)max, &len) != 0 || rest->n <= (size_t)len ||
	    rest->p[len] != '\n')
		return fail_broken(err);
	*r = (struct rcd_record){kind.p[0], n, {rest->p, (size_t)len}};
	*rest = rcd_sv_skip(*rest, (size_t)len + 1);
	return 0;
}

int rcd_record_fail(const struct rcd_record *r, struct rcd_err *err)
{
	enum rcd_code code = (enum rcd_code)r->number;

	if (r->number < 1 || r->number >= RCD_N_CODES || !rcd_utf8_ok(r->bytes))
		return fail_broken(err);
	/* its memory is not ours */
	return rcd_fail(err, code == RCD_NOMEM ? RCD_LIMIT : code, 0, "%.*s", RCD_SV_ARG(r->bytes));
}
