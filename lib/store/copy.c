/* Copies table after table, then reads the copy back and compares. */
#include "store/copy.h"

#include "base/buf.h"
#include "base/cancel.h"
#include "base/crypto.h"
#include "store/driver.h"
#include "store/fts.h"

#include <string.h>

#define MAX_ROW ((size_t)64 * 1024 * 1024)
#define STEP 1000 /* rows between two words about it */

struct sum {
	int64_t rows, last_id;     /* of a table whose ids the engine makes */
	uint8_t all[RCD_SHA256_N]; /* the rows' SHA-256 added up, which needs no order */
};

struct copy {
	struct rcd_db *to;
	const struct rcd_copy *how;
	struct rcd_copied *out;
	size_t n;
	int64_t mended;
	struct rcd_cancel *stop; /* of who asked for it */
	struct rcd_conn *src, *dst;
	const struct rcd_table *table;
	struct rcd_arg row[RCD_TABLE_COLUMNS];
	struct rcd_buf text[RCD_TABLE_COLUMNS]; /* of the row: mended text; of a page's end: its key */
	struct rcd_buf canon;
};

/* --- one row -------------------------------------------------------------------------- */

/* What the row is, in bytes: the same for both engines. */
static void canon_value(struct rcd_buf *b, const struct rcd_arg *a)
{
	bool view = a->type == 'v' || a->type == 'b';

	if (a->null)
		rcd_buf_str(b, "n;");
	else if (view)
		rcd_buf_fmt(b, "%c%zu:", a->type, a->v.n);
	else if (a->type == 'd')
		rcd_buf_fmt(b, "d%.17g;", a->d);
	else
		rcd_buf_fmt(b, "i%lld;", (long long)a->i);
	if (view && !a->null)
		rcd_buf_sv(b, a->v);
}

static int add_up(struct copy *c, struct sum *sum, struct rcd_err *err)
{
	uint8_t digest[RCD_SHA256_N];
	unsigned carry = 0;

	rcd_buf_reset(&c->canon);
	for (size_t i = 0; c->table->types[i] != '\0'; i++)
		canon_value(&c->canon, &c->row[i]);
	if (c->canon.over)
		return rcd_fail(err, RCD_LIMIT, 0, "a row of %s is larger than %zu bytes", c->table->name,
		                MAX_ROW);
	if (c->canon.bad || rcd_sha256(rcd_buf_view(&c->canon), digest) != 0)
		return rcd_fail_nomem(err);
	for (int i = RCD_SHA256_N - 1; i >= 0; i--) {
		carry += (unsigned)sum->all[i] + digest[i];
		sum->all[i] = (uint8_t)carry;
		carry >>= 8;
	}
	sum->rows++;
	if (c->table->auto_id && c->row[0].i > sum->last_id)
		sum->last_id = c->row[0].i;
	return 0;
}

/* PostgreSQL takes no NUL and no malformed text. */
static int repair_text(struct copy *c, size_t i, bool *mended, struct rcd_err *err)
{
	struct rcd_arg *a = &c->row[i];

	if (rcd_utf8_ok(a->v) && memchr(a->v.p, '\0', a->v.n) == NULL)
		return 0;
	rcd_buf_reset(&c->text[i]);
	rcd_buf_utf8(&c->text[i], a->v);
	if (c->text[i].bad)
		return rcd_fail_nomem(err);
	a->v = rcd_buf_view(&c->text[i]);
	*mended = true;
	return 0;
}

/* The row that q stands on. */
static int read_row(struct copy *c, struct rcd_q *q, struct rcd_err *err)
{
	bool mended = false;

	for (size_t i = 0; c->table->types[i] != '\0'; i++) {
		struct rcd_arg *a = &c->row[i];

		*a = (struct rcd_arg){.type = c->table->types[i], .null = rcd_q_null(q, (int)i)};
		if (a->null)
			continue;
		if (a->type == 'i')
			a->i = rcd_q_i64(q, (int)i);
		else if (a->type == 'd')
			a->d = rcd_q_double(q, (int)i);
		else
			a->v = rcd_q_sv(q, (int)i);
		if (a->type == 'v' && repair_text(c, i, &mended, err) != 0)
			return -1;
	}
	c->mended += mended; /* what comes back is sound, or differs */
	return 0;
}

static int write_row(struct copy *c, struct rcd_err *err)
{
	const struct rcd_arg *row = c->row;
	struct rcd_bind bind = {.arg = row, .n = strlen(c->table->types)};

	if (rcd_exec(c->dst, NULL, c->table->add, bind, err) != 0)
		return -1;
	if (strcmp(c->table->name, "passage") == 0)
		return c->dst->engine->fts->add(c->dst, row[0].i, row[7].v, err); /* stems */
	return 0;
}

/* --- one table ------------------------------------------------------------------------ */

static int report_progress(const struct copy *c, int64_t done, int64_t all, struct rcd_err *err)
{
	if (done % STEP != 0 && done != all)
		return 0;
	if (c->how->progress != NULL)
		c->how->progress(c->how->arg, c->table->name, done, all);
	return c->stop != NULL && rcd_cancel_is_set(c->stop)
	           ? rcd_fail(err, RCD_CANCELLED, 0, "stopped")
	           : 0;
}

static int copy_rows(struct copy *c, struct sum *sum, struct rcd_err *err)
{
	struct rcd_q q;
	int64_t all;
	int row;

	if (rcd_get_i64(c->src, &all, c->table->count, RCD_BIND(), err) != 0 ||
	    rcd_q(&q, c->src, c->table->all, RCD_BIND(), err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		if (read_row(c, &q, err) != 0 || add_up(c, sum, err) != 0 || write_row(c, err) != 0 ||
		    report_progress(c, sum->rows, all, err) != 0) {
			row = -1;
			break;
		}
	}
	rcd_q_end(&q);
	return row;
}

/* The key of the row that was read, kept while the next page is asked for. */
static int keep_key(struct copy *c, struct rcd_arg key[RCD_TABLE_COLUMNS], struct rcd_err *err)
{
	for (int i = 0; i < c->table->n_key; i++) {
		key[i] = c->row[i];
		if (key[i].type != 'v')
			continue;
		rcd_buf_reset(&c->text[i]);
		rcd_buf_sv(&c->text[i], c->row[i].v);
		if (c->text[i].bad)
			return rcd_fail_nomem(err);
		key[i].v = rcd_buf_view(&c->text[i]);
	}
	return 0;
}

/* One page after key; how many rows it had, or -1. */
static int read_page(struct copy *c, bool first, struct rcd_arg key[RCD_TABLE_COLUMNS],
                     struct sum *sum, struct rcd_err *err)
{
	struct rcd_bind bind = {.arg = key, .n = first ? 0 : (size_t)c->table->n_key};
	struct rcd_q q;
	int row, n = 0;

	if (rcd_q(&q, c->dst, first ? c->table->first : c->table->next, bind, err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		if (read_row(c, &q, err) != 0 || add_up(c, sum, err) != 0 ||
		    (++n == RCD_TABLE_PAGE && keep_key(c, key, err) != 0)) {
			row = -1;
			break;
		}
	}
	rcd_q_end(&q);
	return row == 0 ? n : -1;
}

static int read_back(struct copy *c, struct sum *sum, struct rcd_err *err)
{
	struct rcd_arg key[RCD_TABLE_COLUMNS];
	int n = read_page(c, true, key, sum, err);

	while (n == RCD_TABLE_PAGE)
		n = read_page(c, false, key, sum, err);
	return n < 0 ? -1 : 0;
}

static int copy_table(struct copy *c, struct rcd_err *err)
{
	struct rcd_copied *out = &c->out[c->n];
	const struct rcd_engine *engine = c->dst->engine;
	struct sum from = {0}, to = {0};

	*out = (struct rcd_copied){.table = c->table->name};
	if (copy_rows(c, &from, err) != 0 || read_back(c, &to, err) != 0)
		return -1;
	if (from.last_id > 0 && engine->ids_after != NULL &&
	    engine->ids_after(c->dst, c->table->name, from.last_id, err) != 0)
		return -1;
	out->rows_from = from.rows;
	out->rows_to = to.rows;
	rcd_hex(from.all, RCD_SHA256_N, out->hash_from);
	rcd_hex(to.all, RCD_SHA256_N, out->hash_to);
	out->same = from.rows == to.rows && memcmp(from.all, to.all, RCD_SHA256_N) == 0;
	c->n++;
	return 0;
}

/* --- the whole ------------------------------------------------------------------------ */

const char *const rcd_copy_knowledge[] = {"source", "passage", "embedding", "knowledge", NULL};

static bool is_meant(const struct copy *c, const struct rcd_table *t)
{
	const char *const *name = c->how->tables;

	while (name != NULL && *name != NULL && strcmp(*name, t->name) != 0)
		name++;
	return name == NULL || *name != NULL;
}

/* A fresh store has one tenant, which the source's own replaces. */
static int check_empty(struct copy *c, struct rcd_err *err)
{
	static const char drop[] = "DELETE FROM tenant";
	int64_t found;

	for (const struct rcd_table *t = rcd_tables; t->name != NULL; t++) {
		bool tenants = strcmp(t->name, "tenant") == 0;

		if (!is_meant(c, t))
			continue;
		if (rcd_get_i64(c->dst, &found, tenants ? t->count : t->any, RCD_BIND(), err) != 0)
			return -1;
		if (found > tenants)
			return rcd_fail(err, RCD_EXISTS, 0, "the target is not empty: there are rows in %s",
			                t->name);
	}
	return c->how->tables != NULL ? 0 : rcd_exec(c->dst, NULL, drop, RCD_BIND(), err);
}

static int write_all(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct copy *c = arg;

	c->dst = conn;
	c->n = 0;
	c->mended = 0;
	if (check_empty(c, err) != 0)
		return -1;
	for (c->table = rcd_tables; c->table->name != NULL; c->table++)
		if (is_meant(c, c->table) && copy_table(c, err) != 0)
			return -1;
	for (size_t i = 0; i < c->n; i++)
		if (!c->out[i].same)
			return rcd_fail(err, RCD_PROTO, 0,
			                "the copy of %s is not what was written; nothing was copied",
			                c->out[i].table);
	return 0;
}

static int read_all(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct copy *c = arg;

	c->src = conn;
	return rcd_db_write(c->to, write_all, c, err);
}

int rcd_copy_store(struct rcd_db *from, struct rcd_db *to, const struct rcd_copy *how,
                   struct rcd_copied *out, size_t *n, int64_t *mended, struct rcd_err *err)
{
	struct copy c = {.to = to, .how = how, .out = out, .stop = rcd_cancel_mine()};
	int ret;

	rcd_buf_init(&c.canon, MAX_ROW);
	for (int i = 0; i < RCD_TABLE_COLUMNS; i++)
		rcd_buf_init(&c.text[i], MAX_ROW);
	/* for a move a write, though it writes nothing: so that nobody else does meanwhile */
	ret = (how->tables == NULL ? rcd_db_write : rcd_db_read)(from, read_all, &c, err);
	for (int i = 0; i < RCD_TABLE_COLUMNS; i++)
		rcd_buf_free(&c.text[i]);
	rcd_buf_free(&c.canon);
	*n = c.n;
	if (mended != NULL)
		*mended = c.mended;
	return ret;
}
