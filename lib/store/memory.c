#include "store/memory.h"

#include "base/clock.h"
#include "store/rows.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const rcd_fact_kind_name[RCD_N_FACT_KINDS] = {
	[RCD_FACT_NAME] = "name", [RCD_FACT_BUSINESS] = "business",     [RCD_FACT_ANSWERS] = "answers",
	[RCD_FACT_NEED] = "need", [RCD_FACT_PREFERENCE] = "preference", [RCD_FACT_DATE] = "date",
};

/* --- reading ------------------------------------------------------------------------------- */

struct get {
	int64_t tenant, contact_id;
	struct rcd_memory *out;
	struct rcd_rows rows;
};

static int get_summary(struct rcd_conn *conn, struct get *g, struct rcd_err *err)
{
	static const char sql[] =
		"SELECT upto_turn_id, text FROM summary WHERE tenant_id = $1 AND contact_id = $2";
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, sql, RCD_BIND(rcd_i64(g->tenant), rcd_i64(g->contact_id)), err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1) {
		g->out->upto = rcd_q_i64(&q, 0);
		g->out->summary = rcd_sv_dup(rcd_q_sv(&q, 1));
		if (g->out->summary == NULL)
			row = rcd_fail_nomem(err);
	}
	rcd_q_end(&q);
	return row < 0 ? -1 : 0;
}

static int get_facts(struct rcd_conn *conn, struct get *g, struct rcd_err *err)
{
	static const char sql[] =
		"SELECT made_ms, kind, value, quote FROM fact"
		" WHERE tenant_id = $1 AND contact_id = $2 ORDER BY made_ms, kind, value";
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, sql, RCD_BIND(rcd_i64(g->tenant), rcd_i64(g->contact_id)), err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		struct rcd_fact *f = rcd_rows_add(&g->rows);

		if (f == NULL) {
			row = rcd_fail_nomem(err);
			break;
		}
		f->made_ms = rcd_q_i64(&q, 0);
		f->kind = rcd_rows_text(&g->rows, rcd_q_sv(&q, 1));
		f->value = rcd_rows_text(&g->rows, rcd_q_sv(&q, 2));
		f->quote = rcd_rows_text(&g->rows, rcd_q_sv(&q, 3));
	}
	rcd_q_end(&q);
	return row;
}

static int copy_text(char **out, struct rcd_sv v, struct rcd_err *err)
{
	if (v.n == 0)
		return 0;
	*out = rcd_sv_dup(v);
	return *out != NULL ? 0 : rcd_fail_nomem(err);
}

static int get_card(struct rcd_conn *conn, struct get *g, struct rcd_err *err)
{
	static const char sql[] =
		"SELECT name, email, notes FROM contact_card WHERE tenant_id = $1 AND contact_id = $2";
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, sql, RCD_BIND(rcd_i64(g->tenant), rcd_i64(g->contact_id)), err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1 && (copy_text(&g->out->name, rcd_q_sv(&q, 0), err) != 0 ||
	                 copy_text(&g->out->email, rcd_q_sv(&q, 1), err) != 0 ||
	                 copy_text(&g->out->notes, rcd_q_sv(&q, 2), err) != 0))
		row = -1;
	rcd_q_end(&q);
	return row < 0 ? -1 : 0;
}

static int read_memory(struct rcd_conn *conn, struct get *g, struct rcd_err *err)
{
	if (get_summary(conn, g, err) != 0 || get_card(conn, g, err) != 0)
		return -1;
	return get_facts(conn, g, err);
}

int rcd_memory_get(struct rcd_db *db, int64_t tenant, int64_t contact_id, struct rcd_memory *out,
                   struct rcd_err *err)
{
	static const size_t text[] = {offsetof(struct rcd_fact, kind), offsetof(struct rcd_fact, value),
	                              offsetof(struct rcd_fact, quote)};
	struct get g = {.tenant = tenant, .contact_id = contact_id, .out = out};
	struct rcd_read read = {.db = db};
	void *all = NULL;
	int ret;

	*out = (struct rcd_memory){0};
	rcd_rows_init(&g.rows, sizeof(struct rcd_fact));
	while (rcd_read_attempt(&read, err))
		read.ret = read_memory(read.conn, &g, err);
	ret = read.ret;
	if (ret != 0)
		rcd_rows_free(&g.rows);
	else
		ret = rcd_rows_take(&g.rows, text, 3, &all, &out->n_facts, err);
	out->fact = all;
	if (ret != 0)
		rcd_memory_free(out);
	return ret;
}

void rcd_memory_free(struct rcd_memory *m)
{
	free(m->summary);
	free(m->fact);
	free(m->name);
	free(m->email);
	free(m->notes);
	*m = (struct rcd_memory){0};
}

struct rcd_sv rcd_memory_name(const struct rcd_memory *m)
{
	if (m->name != NULL)
		return rcd_sv(m->name);
	for (size_t i = 0; i < m->n_facts; i++)
		if (strcmp(m->fact[i].kind, rcd_fact_kind_name[RCD_FACT_NAME]) == 0)
			return rcd_sv(m->fact[i].value);
	return (struct rcd_sv){NULL, 0};
}

/* --- writing ------------------------------------------------------------------------------- */

struct put {
	const struct rcd_job *job;
	int64_t contact_id, upto, now;
	struct rcd_sv summary;
	const struct rcd_fact_in *fact;
	size_t n;
};

static int put_fact(struct rcd_conn *conn, const struct put *p, const struct rcd_fact_in *f,
                    struct rcd_err *err)
{
	static const char one[] =
		"DELETE FROM fact WHERE tenant_id = $1 AND contact_id = $2 AND kind = $3"
		" AND value <> $4";
	static const char add[] =
		"INSERT INTO fact(tenant_id, contact_id, kind, value, quote, made_ms)"
		" VALUES($1, $2, $3, $4, $5, $6) ON CONFLICT(tenant_id, contact_id, kind, value)"
		" DO UPDATE SET quote = excluded.quote, made_ms = excluded.made_ms";
	const char *kind = rcd_fact_kind_name[f->kind];

	if (f->kind <= RCD_FACT_ANSWERS &&
	    rcd_exec(conn, NULL, one,
	             RCD_BIND(rcd_i64(p->job->tenant), rcd_i64(p->contact_id), rcd_str(kind),
	                      rcd_text(f->value)),
	             err) != 0)
		return -1;
	return rcd_exec(conn, NULL, add,
	                RCD_BIND(rcd_i64(p->job->tenant), rcd_i64(p->contact_id), rcd_str(kind),
	                         rcd_text(f->value), rcd_text(f->quote), rcd_i64(p->now)),
	                err);
}

static int put_memory(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char set[] =
		"INSERT INTO summary(tenant_id, contact_id, upto_turn_id, text, made_ms)"
		" VALUES($1, $2, $3, $4, $5) ON CONFLICT(tenant_id, contact_id) DO UPDATE"
		" SET upto_turn_id = excluded.upto_turn_id, text = excluded.text, made_ms = "
		"excluded.made_ms";
	static const char trim[] =
		"DELETE FROM fact WHERE tenant_id = $1 AND contact_id = $2 AND made_ms <"
		" (SELECT min(made_ms) FROM (SELECT made_ms FROM fact WHERE tenant_id = $1 AND contact_id "
		"= $2"
		" ORDER BY made_ms DESC LIMIT $3) AS newest)";
	const struct put *p = arg;
	const int64_t tenant = p->job->tenant;

	if (rcd_job_check(conn, p->job, err) != 0 ||
	    rcd_exec(conn, NULL, set,
	             RCD_BIND(rcd_i64(tenant), rcd_i64(p->contact_id), rcd_i64(p->upto),
	                      rcd_text(p->summary), rcd_i64(p->now)),
	             err) != 0)
		return -1;
	for (size_t i = 0; i < p->n; i++)
		if (put_fact(conn, p, &p->fact[i], err) != 0)
			return -1;
	if (rcd_exec(conn, NULL, trim,
	             RCD_BIND(rcd_i64(tenant), rcd_i64(p->contact_id), rcd_i64(RCD_MAX_FACTS)),
	             err) != 0)
		return -1;
	return rcd_job_finish(conn, p->job, err);
}

int rcd_memory_put(struct rcd_db *db, const struct rcd_job *job, int64_t contact_id, int64_t upto,
                   struct rcd_sv summary, const struct rcd_fact_in *fact, size_t n,
                   struct rcd_err *err)
{
	struct put p = {job, contact_id, upto, rcd_now_ms(), summary, fact, n};

	return rcd_db_write(db, put_memory, &p, err);
}

struct ask {
	int64_t tenant, due_ms;
	char key[24];
};

static int ask_summary(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char waits[] =
		"SELECT count(*) FROM job WHERE tenant_id = $1 AND kind = $2 AND key = $3";
	const struct ask *a = arg;
	int64_t n;

	if (rcd_get_i64(conn, &n, waits,
	                RCD_BIND(rcd_i64(a->tenant), rcd_str(RCD_JOB_SUMMARY), rcd_str(a->key)),
	                err) != 0)
		return -1;
	return n > 0 ? 0
	             : rcd_job_put(conn, a->tenant, RCD_JOB_SUMMARY, rcd_sv(a->key), a->due_ms,
	                           a->due_ms, err);
}

int rcd_memory_ask(struct rcd_db *db, int64_t tenant, int64_t contact_id, int64_t due_ms,
                   struct rcd_err *err)
{
	struct ask a = {.tenant = tenant, .due_ms = due_ms};

	(void)snprintf(a.key, sizeof(a.key), "%lld", (long long)contact_id);
	return rcd_db_write(db, ask_summary, &a, err);
}
