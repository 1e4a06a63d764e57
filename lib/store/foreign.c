/* Reads the two tables of another system, whatever is in them. */
#include "store/foreign.h"

#include "base/buf.h"
#include "base/limits.h"
#include "store/driver.h"
#include "store/rows.h"
#include "store/url.h"

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_SQL 4096
#define MAX_RAW (4 * (RCD_MAX_TEXT + 1)) /* an engine may count characters */
#define SHORT 512                        /* what is no message */

/* How the engines say the same; a column stands between before and after, then the most of it
 * that is wanted. It is cut over there, because a cell may hold a gigabyte. SQLite counts bytes
 * of a blob: its substr() of a text ends at a NUL. */
struct dialect {
	const char *schema, *columns, *before, *after;
	const char *settings; /* at the beginning of each transaction */
};
static const struct dialect sqlite = {
	.schema = "",
	.columns = "SELECT name FROM pragma_table_info($1)",
	.before = "substr(CAST(\"",
	.after = "\" AS BLOB), 1, ",
};
static const struct dialect postgres = {
	.schema = "public.",
	.columns = "SELECT CAST(column_name AS TEXT) FROM information_schema.columns"
			   " WHERE table_schema = 'public' AND table_name = $1",
	.before = "left(CAST(\"",
	.after = "\" AS TEXT), ",
	.settings = "SELECT set_config('datestyle', 'ISO', true), set_config('timezone', 'UTC', true)",
};

static const struct {
	const char *name;
	struct {
		const char *name;
		int max;
		bool needed;
	} col[RCD_FOREIGN_COLUMNS];
} tables[RCD_FOREIGN_TABLES] = {
	[RCD_FOREIGN_USERS] = {"users",
                           {
							   [RCD_U_PHONE] = {"phone_number", SHORT, true},
							   [RCD_U_FIRST_NAME] = {"first_name", SHORT, false},
							   [RCD_U_LAST_NAME] = {"last_name", SHORT, false},
							   [RCD_U_ACTIVE] = {"is_active", SHORT, false},
							   [RCD_U_FIRST] = {"first_message_date", SHORT, false},
							   [RCD_U_LAST] = {"last_message_date", SHORT, false},
							   [RCD_U_TOTAL] = {"total_messages", SHORT, false},
						   }},
	[RCD_FOREIGN_CONVERSATIONS] = {"conversations",
                                   {
									   [RCD_C_PHONE] = {"phone_number", SHORT, true},
									   [RCD_C_MESSAGE] = {"user_message", RCD_MAX_TEXT, true},
									   [RCD_C_RESPONSE] = {"bot_response", RCD_MAX_TEXT, true},
									   [RCD_C_TYPE] = {"message_type", SHORT, false},
									   [RCD_C_TRANSCRIPT] = {"transcribed_text", RCD_MAX_TEXT,
                                                             false},
									   [RCD_C_THREAD] = {"thread_id", SHORT, false},
									   [RCD_C_TIME] = {"timestamp", SHORT, true},
								   }},
};

struct rcd_foreign {
	const struct dialect *say;
	struct rcd_conn *conn;
	char *read[RCD_FOREIGN_TABLES], *count[RCD_FOREIGN_TABLES]; /* statements, as long as conn */
};

const char *rcd_foreign_name(enum rcd_foreign_table table)
{
	return tables[table].name;
}

/* --- snapshots ------------------------------------------------------------------------ */

typedef int snapshot_fn(struct rcd_foreign *f, void *arg, struct rcd_err *err);

static int in_snapshot(struct rcd_foreign *f, snapshot_fn *fn, void *arg, struct rcd_err *err)
{
	int ret = f->conn->engine->begin(f->conn, false, err);

	if (ret == 0 && f->say->settings != NULL)
		ret = rcd_exec(f->conn, NULL, f->say->settings, RCD_BIND(), err);
	if (ret == 0)
		ret = fn(f, arg, err);
	f->conn->engine->rollback(f->conn);
	return ret;
}

/* --- what there is -------------------------------------------------------------------- */

/* Bit 0: the table; bit 1: its id; bit 2 + i: its column i. */
static int find_columns(struct rcd_foreign *f, enum rcd_foreign_table t, unsigned *found,
                        struct rcd_err *err)
{
	struct rcd_q q;
	int row;

	*found = 0;
	if (rcd_q(&q, f->conn, f->say->columns, RCD_BIND(rcd_str(tables[t].name)), err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		struct rcd_sv name = rcd_q_sv(&q, 0);

		*found |= 1 | (rcd_sv_ieq(name, RCD_SV("id")) ? 2u : 0);
		for (unsigned i = 0; i < RCD_FOREIGN_COLUMNS; i++)
			if (rcd_sv_ieq(name, rcd_sv(tables[t].col[i].name)))
				*found |= 4u << i;
	}
	rcd_q_end(&q);
	return row;
}

static int no_column(enum rcd_foreign_table t, const char *name, struct rcd_err *err)
{
	return rcd_fail(err, RCD_NOENT, 0, "the table %s there has no column %s", tables[t].name, name);
}

static int check_columns(enum rcd_foreign_table t, unsigned found, struct rcd_err *err)
{
	if (found == 0)
		return rcd_fail(err, RCD_NOENT, 0, "there is no table %s", tables[t].name);
	if ((found & 2) == 0)
		return no_column(t, "id", err);
	for (unsigned i = 0; i < RCD_FOREIGN_COLUMNS; i++)
		if (tables[t].col[i].needed && (found & 4u << i) == 0)
			return no_column(t, tables[t].col[i].name, err);
	return 0;
}

static int take_text(struct rcd_buf *b, char **out, struct rcd_err *err)
{
	*out = rcd_buf_take(b, NULL);
	rcd_buf_free(b);
	return *out != NULL ? 0 : rcd_fail_nomem(err);
}

/* A column that is not there reads as NULL. */
static int make_statements(struct rcd_foreign *f, enum rcd_foreign_table t, unsigned found,
                           struct rcd_err *err)
{
	struct rcd_buf b;

	rcd_buf_init(&b, MAX_SQL);
	rcd_buf_str(&b, "SELECT CAST(id AS BIGINT)");
	for (unsigned i = 0; i < RCD_FOREIGN_COLUMNS; i++) {
		if ((found & 4u << i) != 0)
			rcd_buf_fmt(&b, ", %s%s%s%d)", f->say->before, tables[t].col[i].name, f->say->after,
			            tables[t].col[i].max + 1);
		else
			rcd_buf_str(&b, ", NULL");
	}
	rcd_buf_fmt(&b, " FROM %s%s WHERE id > CAST($1 AS BIGINT) ORDER BY id LIMIT CAST($2 AS BIGINT)",
	            f->say->schema, tables[t].name);
	if (take_text(&b, &f->read[t], err) != 0)
		return -1;
	rcd_buf_fmt(&b, "SELECT count(*) FROM %s%s", f->say->schema, tables[t].name);
	return take_text(&b, &f->count[t], err);
}

/* Its views have the right names, and every turn would be there twice. */
static int not_ours(struct rcd_foreign *f, struct rcd_err *err)
{
	struct rcd_q q;
	int row;

	if (rcd_q(&q, f->conn, f->say->columns, RCD_BIND(rcd_str("contact_alias")), err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	rcd_q_end(&q);
	return row == 1 ? rcd_fail(err, RCD_INVAL, 0, "this is a store of Recado itself") : row;
}

static int prepare_statements(struct rcd_foreign *f, void *arg, struct rcd_err *err)
{
	unsigned found;

	(void)arg;
	if (not_ours(f, err) != 0)
		return -1;
	for (enum rcd_foreign_table t = 0; t < RCD_FOREIGN_TABLES; t++)
		if (find_columns(f, t, &found, err) != 0 || check_columns(t, found, err) != 0 ||
		    make_statements(f, t, found, err) != 0)
			return -1;
	return 0;
}

static int connect_to(struct rcd_foreign *f, const char *url, struct rcd_err *err)
{
	const struct rcd_engine *engine;
	char *where = NULL;
	int ret = -1;

	if (rcd_engine_of(url, &engine, &where, err) != 0)
		return -1;
	f->say = engine->one_writer ? &sqlite : &postgres;
	if (engine->one_writer && access(where, R_OK) != 0)
		rcd_fail_errno(err, "%s", where);
	else
		ret = engine->open(&f->conn, where, RCD_CONN_READ, err);
	free(where);
	return ret;
}

int rcd_foreign_open(struct rcd_foreign **out, const char *url, struct rcd_err *err)
{
	struct rcd_foreign *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return rcd_fail_nomem(err);
	if (connect_to(f, url, err) == 0 && in_snapshot(f, prepare_statements, NULL, err) == 0) {
		*out = f;
		return 0;
	}
	rcd_foreign_close(f);
	return -1;
}

struct rcd_foreign *rcd_foreign_close(struct rcd_foreign *f)
{
	if (f == NULL)
		return NULL;
	rcd_conn_close(f->conn);
	for (int t = 0; t < RCD_FOREIGN_TABLES; t++) {
		free(f->read[t]);
		free(f->count[t]);
	}
	free(f);
	return NULL;
}

/* --- rows ----------------------------------------------------------------------------- */

struct count {
	enum rcd_foreign_table table;
	int64_t n;
};

static int count_rows(struct rcd_foreign *f, void *arg, struct rcd_err *err)
{
	struct count *c = arg;

	return rcd_get_i64(f->conn, &c->n, f->count[c->table], RCD_BIND(), err);
}

int rcd_foreign_count(struct rcd_foreign *f, enum rcd_foreign_table table, int64_t *n,
                      struct rcd_err *err)
{
	struct count c = {.table = table};

	if (in_snapshot(f, count_rows, &c, err) != 0)
		return -1;
	*n = c.n;
	return 0;
}

/* Absent columns stay NULL. Without memory the rows are bad. */
static char *put_text(struct rcd_rows *rows, struct rcd_sv raw, size_t max, bool *cut)
{
	struct rcd_buf clean;
	struct rcd_sv v;
	char *text = NULL;

	if (raw.p == NULL)
		return NULL;
	rcd_buf_init(&clean, 3 * MAX_RAW);
	rcd_buf_utf8(&clean, raw);
	if (clean.bad) {
		rows->text.bad = true;
	} else {
		v = clean.n > 0 ? rcd_buf_view(&clean) : RCD_SV("");
		*cut = *cut || v.n > max;
		v.n = rcd_utf8_cut(v, max);
		text = rcd_rows_text(rows, v);
	}
	rcd_buf_free(&clean);
	return text;
}

/* A key that is not a number would come back as one that we have seen: no end. */
static int check_order(int64_t id, int64_t *last, struct rcd_err *err)
{
	if (id <= *last)
		return rcd_fail(err, RCD_PROTO, 0, "the ids there are not ascending integers");
	*last = id;
	return 0;
}

struct page {
	enum rcd_foreign_table table;
	int64_t after;
	struct rcd_rows rows;
};

static int fill_row(struct page *p, struct rcd_q *q, struct rcd_err *err)
{
	int row;

	while ((row = rcd_q_step(q, err)) == 1) {
		struct rcd_foreign_row *r = rcd_rows_add(&p->rows);

		if (r == NULL)
			return rcd_fail_nomem(err);
		r->id = rcd_q_i64(q, 0);
		if (check_order(r->id, &p->after, err) != 0)
			return -1;
		for (int i = 0; i < RCD_FOREIGN_COLUMNS; i++)
			r->col[i] = put_text(&p->rows, rcd_q_sv(q, i + 1), (size_t)tables[p->table].col[i].max,
			                     &r->cut);
	}
	return row;
}

static int read_page(struct rcd_foreign *f, void *arg, struct rcd_err *err)
{
	struct page *p = arg;
	struct rcd_q q;
	int ret;

	if (rcd_q(&q, f->conn, f->read[p->table],
	          RCD_BIND(rcd_i64(p->after), rcd_i64(RCD_FOREIGN_BATCH)), err) != 0)
		return -1;
	ret = fill_row(p, &q, err);
	rcd_q_end(&q);
	return ret;
}

int rcd_foreign_read(struct rcd_foreign *f, enum rcd_foreign_table table, int64_t after,
                     struct rcd_foreign_row **out, size_t *n, struct rcd_err *err)
{
	struct page p = {.table = table, .after = after};
	size_t text[RCD_FOREIGN_COLUMNS];
	void *all;

	for (size_t i = 0; i < RCD_FOREIGN_COLUMNS; i++)
		text[i] = offsetof(struct rcd_foreign_row, col) + i * sizeof(char *);
	rcd_rows_init(&p.rows, sizeof(struct rcd_foreign_row));
	if (in_snapshot(f, read_page, &p, err) != 0) {
		rcd_rows_free(&p.rows);
		return -1;
	}
	if (rcd_rows_take(&p.rows, text, RCD_FOREIGN_COLUMNS, &all, n, err) != 0)
		return -1;
	*out = all;
	return 0;
}
