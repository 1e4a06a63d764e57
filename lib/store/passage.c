#include "store/passage.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/fold.h"
#include "base/stem.h"
#include "store/driver.h"
#include "store/fts.h"
#include "store/knowledge_row.h"
#include "store/rows.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define MAX_STEMS ((size_t)16 * 1024 * 1024)
#define HASH_BYTES 16

/* --- sources -------------------------------------------------------------------------- */

struct list {
	int64_t tenant;
	struct rcd_rows rows;
};

static int list_sources(struct rcd_conn *conn, struct list *l, struct rcd_err *err)
{
	static const char get[] =
		"SELECT name, size, mtime_ns FROM source WHERE tenant_id = $1 ORDER BY name";
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(l->tenant)), err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		struct rcd_source *s = rcd_rows_add(&l->rows);

		if (s == NULL) {
			row = rcd_fail_nomem(err);
			break;
		}
		s->name = rcd_rows_text(&l->rows, rcd_q_sv(&q, 0));
		s->size = rcd_q_i64(&q, 1);
		s->mtime_ns = rcd_q_i64(&q, 2);
	}
	rcd_q_end(&q);
	return row;
}

int rcd_source_list(struct rcd_db *db, int64_t tenant, struct rcd_source **rows, size_t *n,
                    struct rcd_err *err)
{
	static const size_t text[] = {offsetof(struct rcd_source, name)};
	struct list l = {.tenant = tenant};
	void *all;
	struct rcd_read read = {.db = db};

	rcd_rows_init(&l.rows, sizeof(struct rcd_source));
	while (rcd_read_attempt(&read, err))
		read.ret = list_sources(read.conn, &l, err);
	if (read.ret != 0) {
		rcd_rows_free(&l.rows);
		return -1;
	}
	if (rcd_rows_take(&l.rows, text, 1, &all, n, err) != 0)
		return -1;
	*rows = all;
	return 0;
}

void rcd_sources_free(struct rcd_source *rows, size_t n)
{
	(void)n;
	free(rows);
}

/* --- what is made of a passage ----------------------------------------------------------- */

struct made {
	char hash[2 * HASH_BYTES + 1]; /* of heading and text; the page may change */
	struct rcd_buf stems;
};

static int make_hash(const struct rcd_passage_in *p, struct made *m, struct rcd_err *err)
{
	uint8_t digest[RCD_SHA256_N];
	struct rcd_buf whole;
	int ret;

	rcd_buf_init(&whole, MAX_STEMS);
	rcd_buf_sv(&whole, p->heading);
	rcd_buf_ch(&whole, '\0');
	rcd_buf_sv(&whole, p->text);
	ret = whole.bad || rcd_sha256(rcd_buf_view(&whole), digest) != 0 ? rcd_fail_nomem(err) : 0;
	if (ret == 0)
		rcd_hex(digest, HASH_BYTES, m->hash);
	rcd_buf_free(&whole);
	return ret;
}

/* The heading's stand there twice: they weigh twice. */
static int make_stems(struct rcd_stemmer *stemmer, const struct rcd_passage_in *p, struct made *m,
                      struct rcd_err *err)
{
	struct rcd_buf folded;
	struct rcd_sv heading = {NULL, 0};
	enum rcd_lang lang;
	int ret = -1;

	rcd_buf_reset(&m->stems);
	rcd_buf_init(&folded, MAX_STEMS);
	if (rcd_fold(p->heading, &folded, err) == 0) {
		size_t n = folded.n;

		rcd_buf_ch(&folded, ' ');
		ret = rcd_fold(p->text, &folded, err);
		heading = (struct rcd_sv){folded.p, n};
	}
	if (ret == 0) {
		lang = rcd_lang_of(rcd_buf_view(&folded));
		ret = rcd_stems(stemmer, lang, heading, &m->stems, err);
	}
	if (ret == 0)
		ret = rcd_stems(stemmer, lang, rcd_buf_view(&folded), &m->stems, err);
	rcd_buf_free(&folded);
	return ret;
}

/* --- replacing a source ------------------------------------------------------------------ */

struct old {
	char hash[2 * HASH_BYTES + 1];
	int64_t id;
	bool kept;
};

struct replace {
	int64_t tenant, source;
	const struct rcd_source *src;
	const struct rcd_passage_in *p;
	size_t n;
	struct rcd_stemmer *stemmer;
	struct made made;
	struct old *old; /* the source's passages until now, by hash */
	size_t n_old;
};

static int put_source(struct rcd_conn *conn, struct replace *r, struct rcd_err *err)
{
	static const char put[] =
		"INSERT INTO source(id, tenant_id, name, size, mtime_ns)"
		" VALUES($1, $2, $3, $4, $5) ON CONFLICT(tenant_id, name) DO UPDATE"
		" SET size = excluded.size, mtime_ns = excluded.mtime_ns RETURNING id";

	return rcd_get_i64(conn, &r->source, put,
	                   RCD_BIND(rcd_i64(rcd_id_new()), rcd_i64(r->tenant), rcd_str(r->src->name),
	                            rcd_i64(r->src->size), rcd_i64(r->src->mtime_ns)),
	                   err);
}

static int by_hash(const void *a, const void *b)
{
	const struct old *x = a, *y = b;
	int order = strcmp(x->hash, y->hash);

	return order != 0 ? order : (x->id > y->id) - (x->id < y->id);
}

static int read_old(struct rcd_conn *conn, struct replace *r, struct rcd_err *err)
{
	static const char get[] =
		"SELECT id, hash FROM passage WHERE tenant_id = $1 AND source_id = $2";
	struct rcd_rows rows;
	struct rcd_q q;
	void *all;
	int row;

	rcd_rows_init(&rows, sizeof(struct old));
	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(r->tenant), rcd_i64(r->source)), err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		struct old *o = rcd_rows_add(&rows);
		struct rcd_sv hash = rcd_q_sv(&q, 1);

		if (o == NULL) {
			row = rcd_fail_nomem(err);
			break;
		}
		o->id = rcd_q_i64(&q, 0);
		if (hash.n < sizeof(o->hash)) /* else somebody's own: it matches none */
			memcpy(o->hash, hash.p, hash.n);
	}
	rcd_q_end(&q);
	if (row != 0) {
		rcd_rows_free(&rows);
		return -1;
	}
	if (rcd_rows_take(&rows, NULL, 0, &all, &r->n_old, err) != 0)
		return -1;
	r->old = all;
	if (r->n_old > 1)
		qsort(r->old, r->n_old, sizeof(*r->old), by_hash);
	return 0;
}

/* The oldest of the passages with this hash that is not taken yet; NULL: none. */
static struct old *find_same(struct replace *r, const char *hash)
{
	size_t from = 0, to = r->n_old;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (strcmp(r->old[mid].hash, hash) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	for (; from < r->n_old && strcmp(r->old[from].hash, hash) == 0; from++)
		if (!r->old[from].kept)
			return &r->old[from];
	return NULL;
}

static int add_passage(struct rcd_conn *conn, struct replace *r, const struct rcd_passage_in *p,
                       struct rcd_err *err)
{
	static const char add[] =
		"INSERT INTO passage(id, tenant_id, source_id, heading, text, page, hash, stems)"
		" VALUES($1, $2, $3, $4, $5, $6, $7, $8)";
	struct rcd_sv heading = p->heading.p != NULL ? p->heading : RCD_SV("");
	struct rcd_sv stems;
	int64_t id = rcd_id_new();

	if (make_stems(r->stemmer, p, &r->made, err) != 0)
		return -1;
	stems = r->made.stems.n > 0 ? rcd_buf_view(&r->made.stems) : RCD_SV("");
	if (rcd_exec(conn, NULL, add,
	             RCD_BIND(rcd_i64(id), rcd_i64(r->tenant), rcd_i64(r->source), rcd_text(heading),
	                      rcd_text(p->text), rcd_i64(p->page), rcd_str(r->made.hash),
	                      rcd_text(stems)),
	             err) != 0)
		return -1;
	return conn->engine->fts->add(conn, id, stems, err);
}

static int put_passage(struct rcd_conn *conn, struct replace *r, const struct rcd_passage_in *p,
                       struct rcd_err *err)
{
	static const char turned[] = "UPDATE passage SET page = $2 WHERE id = $1 AND page <> $2";
	struct old *o;

	if (make_hash(p, &r->made, err) != 0)
		return -1;
	o = find_same(r, r->made.hash);
	if (o == NULL)
		return add_passage(conn, r, p, err);
	o->kept = true;
	return rcd_exec(conn, NULL, turned, RCD_BIND(rcd_i64(o->id), rcd_i64(p->page)), err);
}

static int remove_rest(struct rcd_conn *conn, const struct replace *r, struct rcd_err *err)
{
	static const char gone[] = "DELETE FROM passage WHERE id = $1";

	for (size_t i = 0; i < r->n_old; i++)
		if (!r->old[i].kept &&
		    (conn->engine->fts->remove(conn, r->old[i].id, err) != 0 ||
		     rcd_exec(conn, NULL, gone, RCD_BIND(rcd_i64(r->old[i].id)), err) != 0))
			return -1;
	return 0;
}

static int put_all(struct rcd_conn *conn, struct replace *r, struct rcd_err *err)
{
	static const char gone[] = "DELETE FROM source WHERE tenant_id = $1 AND id = $2";

	if (put_source(conn, r, err) != 0 || read_old(conn, r, err) != 0)
		return -1;
	for (size_t i = 0; i < r->n; i++)
		if (put_passage(conn, r, &r->p[i], err) != 0)
			return -1;
	if (remove_rest(conn, r, err) != 0)
		return -1;
	return r->n > 0
	           ? 0
	           : rcd_exec(conn, NULL, gone, RCD_BIND(rcd_i64(r->tenant), rcd_i64(r->source)), err);
}

/* May run more than once: nothing of an earlier try is left. */
static int replace_source(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct replace *r = arg;
	int ret;

	if (rcd_knowledge_changed(conn, r->tenant, err) != 0)
		return -1;
	ret = put_all(conn, r, err);
	free(r->old);
	r->old = NULL;
	r->n_old = 0;
	return ret;
}

int rcd_source_replace(struct rcd_db *db, int64_t tenant, const struct rcd_source *src,
                       const struct rcd_passage_in *p, size_t n, struct rcd_err *err)
{
	struct replace r = {.tenant = tenant, .src = src, .p = p, .n = n};
	int ret;

	if (rcd_stemmer_new(&r.stemmer, err) != 0)
		return -1;
	rcd_buf_init(&r.made.stems, MAX_STEMS);
	ret = rcd_db_write(db, replace_source, &r, err);
	rcd_buf_free(&r.made.stems);
	rcd_stemmer_free(r.stemmer);
	return ret;
}

/* --- the version ------------------------------------------------------------------------- */

int rcd_knowledge_changed(struct rcd_conn *conn, int64_t tenant, struct rcd_err *err)
{
	static const char next[] =
		"INSERT INTO knowledge(tenant_id, version) VALUES($1, 1)"
		" ON CONFLICT(tenant_id) DO UPDATE SET version = knowledge.version + 1";

	return rcd_exec(conn, NULL, next, RCD_BIND(rcd_i64(tenant)), err);
}

struct version {
	int64_t tenant, n;
};

static int read_version(struct rcd_conn *conn, struct version *v, struct rcd_err *err)
{
	static const char get[] =
		"SELECT coalesce((SELECT version FROM knowledge WHERE tenant_id = $1), 0)";

	return rcd_get_i64(conn, &v->n, get, RCD_BIND(rcd_i64(v->tenant)), err);
}

int rcd_knowledge_version(struct rcd_db *db, int64_t tenant, int64_t *version, struct rcd_err *err)
{
	struct version v = {.tenant = tenant};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = read_version(read.conn, &v, err);
	if (read.ret != 0)
		return -1;
	*version = v.n;
	return 0;
}
