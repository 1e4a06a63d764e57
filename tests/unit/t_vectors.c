/* Vectors: the kernels of every processor, the index file, and what it is made of. */
#include "base/file.h"
#include "base/fold.h"
#include "knowledge/knowledge.h"
#include "knowledge/vec.h"
#include "store/driver.h"
#include "store/schema.h"
#include "store/url.h"
#include "tests/unit/store.h"

#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>

static uint64_t seed = 1;

static uint64_t next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

static void random_vector(float *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		v[i] = (float)((double)(next_random() >> 11) / 9007199254740992.0 - 0.5);
}

/* --- kernels ------------------------------------------------------------------------------- */

static int kernels(void)
{
	static _Alignas(64) uint64_t bits[9 * RCD_MAX_DIMENSIONS / 64], want[RCD_MAX_DIMENSIONS / 64];
	static _Alignas(64) int8_t row[RCD_MAX_DIMENSIONS];
	static _Alignas(64) int16_t q[RCD_MAX_DIMENSIONS];
	const struct rcd_vec_ops *plain = &rcd_vec_ops[rcd_n_vec_ops - 1];
	uint16_t a[9], b[9];
	int ret = 0;

	T_STR(plain->name, "plain");
	for (int round = 0; round < 200; round++) {
		size_t words = 8 * (1 + next_random() % 8), n = 64 * (1 + next_random() % 64);

		for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
			bits[i] = round == 0 ? UINT64_MAX : next_random();
		for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
			want[i] = round == 0 ? 0 : next_random();
		for (size_t i = 0; i < RCD_MAX_DIMENSIONS; i++) { /* the first round is the extreme */
			row[i] = (int8_t)(round == 0 ? -127 : (int)(next_random() % 255) - 127);
			q[i] = (int16_t)(round == 0 ? 2047 : (int)(next_random() % 4095) - 2047);
		}
		plain->differ(bits, 9, words, want, a);
		for (size_t k = 0; k < rcd_n_vec_ops; k++) {
			if (!rcd_vec_ops[k].can())
				continue;
			rcd_vec_ops[k].differ(bits, 9, words, want, b);
			T_OK(memcmp(a, b, sizeof(a)) == 0);
			T_INT(rcd_vec_ops[k].dot(row, q, n), plain->dot(row, q, n));
		}
	}
out:
	return ret;
}

static int coding(void)
{
	static const size_t size[] = {1, 3, 64, 100, 1536, RCD_MAX_DIMENSIONS};
	static float v[RCD_MAX_DIMENSIONS];
	static uint64_t bits[RCD_MAX_DIMENSIONS / 64];
	static int8_t codes[RCD_MAX_DIMENSIONS];
	struct rcd_err err = {0};
	float scale;
	int ret = 0;

	for (size_t s = 0; s < sizeof(size) / sizeof(size[0]); s++) {
		double sum = 0;

		random_vector(v, size[s]);
		T_DO(rcd_vec_code(v, size[s], bits, codes, &scale, &err), err);
		for (size_t i = 0; i < size[s]; i++) {
			sum += pow((double)codes[i] * (double)scale, 2);
			T_OK((v[i] > 0) == ((((uint8_t *)bits)[i / 8] >> i % 8 & 1) != 0));
		}
		T_OK(fabs(sum - 1) < 0.02);
	}
	memset(v, 0, sizeof(v));
	T_INT(rcd_vec_code(v, 64, bits, codes, &scale, &err), -1);
	T_INT(err.code, RCD_PROTO);
	v[3] = NAN;
	T_INT(rcd_vec_code(v, 64, bits, codes, &scale, &err), -1);
	v[3] = INFINITY;
	T_INT(rcd_vec_code(v, 64, bits, codes, &scale, &err), -1);
	v[3] = 1;
	T_INT(rcd_vec_code(v, 0, bits, codes, &scale, &err), -1);
	T_INT(rcd_vec_code(v, RCD_MAX_DIMENSIONS + 1, bits, codes, &scale, &err), -1);
out:
	return ret;
}

/* --- the file ------------------------------------------------------------------------------ */

#define DIM 96
#define ROWS 640 /* no padding between the sections */

static float corpus[ROWS][DIM];

static const char *path(void)
{
	static char p[300];

	(void)snprintf(p, sizeof(p), "%s/t.vec", t_dir());
	return p;
}

/* Row i has the id 10 i; every third is the same vector as the one before it. */
static int write_index(size_t rows, struct rcd_err *err)
{
	const struct rcd_vindex_about about = {.tenant = 1,
	                                       .version = 7,
	                                       .dimensions = DIM,
	                                       .model = "m",
	                                       .rows = ROWS};
	struct rcd_vindex_writer *w = NULL;
	uint64_t bits[8];
	int8_t codes[128];
	float scale;

	if (rcd_vindex_begin(&w, path(), &about, err) != 0)
		return -1;
	for (size_t i = 0; i < rows; i++) {
		if (i % 3 == 2)
			memcpy(corpus[i], corpus[i - 1], sizeof(corpus[i]));
		else
			random_vector(corpus[i], DIM);
		if (rcd_vec_code(corpus[i], DIM, bits, codes, &scale, err) != 0 ||
		    rcd_vindex_add(w, (int64_t)i * 10, (struct rcd_sv){(char *)bits, DIM / 8},
		                   (struct rcd_sv){(char *)codes, DIM}, (double)scale, err) != 0) {
			rcd_vindex_drop(w);
			return -1;
		}
	}
	return rcd_vindex_commit(w, err);
}

static int index_file(void)
{
	struct rcd_near near[RCD_MAX_NEAR];
	struct rcd_vindex *v = NULL;
	struct rcd_err err = {0};
	int ret = 0;
	size_t n;

	T_INT(rcd_vindex_open(&v, path(), &err), -1);
	T_OK(err.code == RCD_NOENT || err.code == RCD_NOMEM);
	T_DO(write_index(ROWS - 1, &err), err); /* fewer than announced */
	T_DO(rcd_vindex_open(&v, path(), &err), err);
	T_INT(rcd_vindex_about(v)->rows, ROWS - 1);
	T_INT(rcd_vindex_about(v)->version, 7);
	for (size_t i = 0; i + 3 < ROWS; i += 3) {
		T_DO(rcd_vindex_search(v, corpus[i + 1], 3, near, &n, &err), err);
		T_INT(n, 3);
		T_INT(near[0].id, (int64_t)(i + 1) * 10); /* of two equals the older */
		T_INT(near[1].id, (int64_t)(i + 2) * 10);
		T_OK(near[0].similarity == near[1].similarity && fabs(near[0].similarity - 1) < 0.01);
		T_OK(near[2].similarity < near[1].similarity);
	}
	T_DO(rcd_vindex_search(v, corpus[0], 1000, near, &n, &err), err);
	T_INT(n, RCD_MAX_NEAR);
	T_DO(rcd_vindex_search(v, corpus[0], 0, near, &n, &err), err);
	T_INT(n, 0);
out:
	rcd_vindex_close(v);
	return ret;
}

static int bad_files(void)
{
	struct rcd_vindex *v = NULL;
	struct rcd_err err = {0};
	struct rcd_buf file;
	struct stat st;
	int ret = 0;

	rcd_buf_init(&file, 1000000);
	T_DO(write_index(ROWS, &err), err);
	T_DO(rcd_file_read(path(), 1000000, &file, &err), err);
	/* a bit anywhere in what is read, and a cut anywhere */
	for (size_t i = 0; i < file.n; i += 1 + next_random() % 977) {
		bool hole = i >= 152 && i < 256; /* between the header and the rows */

		file.p[i] ^= 4;
		T_DO(rcd_file_write(path(), rcd_buf_view(&file), 0600, &err), err);
		file.p[i] ^= 4;
		if (!hole) {
			T_INT(rcd_vindex_open(&v, path(), &err), -1);
			T_INT(err.code, RCD_PROTO);
		}
		T_DO(rcd_file_write(path(), (struct rcd_sv){file.p, i}, 0600, &err), err);
		T_INT(rcd_vindex_open(&v, path(), &err), -1);
		T_INT(err.code, RCD_PROTO);
	}
	/* damaged rows are not taken, and a writer that gives up leaves nothing */
	T_OK(stat(path(), &st) == 0);
	T_DO(rcd_file_write(path(), RCD_SV("old"), 0600, &err), err);
	{
		const struct rcd_vindex_about about = {.dimensions = DIM, .model = "m", .rows = 2};
		const struct rcd_sv bits = {(char *)corpus, DIM / 8}, codes = {(char *)corpus, DIM};
		struct rcd_vindex_writer *w = NULL;

		T_DO(rcd_vindex_begin(&w, path(), &about, &err), err);
		T_INT(rcd_vindex_add(w, 1, bits, (struct rcd_sv){codes.p, DIM - 1}, 0.1, &err), -1);
		T_INT(rcd_vindex_add(w, 1, (struct rcd_sv){bits.p, 1000}, codes, 0.1, &err), -1);
		T_INT(rcd_vindex_add(w, 1, bits, codes, NAN, &err), -1);
		T_INT(err.code, RCD_PROTO);
		T_DO(rcd_vindex_add(w, 1, bits, codes, 0.1, &err), err);
		T_INT(rcd_vindex_add(w, 1, bits, codes, 0.1, &err), -1);
		T_INT(err.code, RCD_INVAL);
		rcd_vindex_drop(w);
	}
	T_OK(stat(path(), &st) == 0 && st.st_size == 3);
out:
	rcd_vindex_close(v);
	rcd_buf_free(&file);
	return ret;
}

/* --- from the store to an answer ------------------------------------------------------------- */

/* A model that knows three subjects: what is sent, what is paid, what is eaten. */
struct model {
	int calls, fail_after;
	size_t texts;
	bool dead;
};

static int embed_texts(void *arg, const struct rcd_sv *text, size_t n, int64_t deadline, float *out,
                       struct rcd_err *err)
{
	static const char *const subject[][4] = {{"frete", "entrega", "envio", "chega"},
	                                         {"pix", "pagamento", "dinheiro", "boleto"},
	                                         {"bolo", "comida", "fome", "doce"}};
	struct model *m = arg;

	(void)deadline;
	if (m->dead || (m->fail_after > 0 && m->calls >= m->fail_after))
		return rcd_fail(err, RCD_DOWN, 503, "the model is down");
	m->calls++;
	m->texts += n;
	for (size_t i = 0; i < n; i++) {
		struct rcd_buf folded;

		rcd_buf_init(&folded, 100000);
		if (rcd_fold(text[i], &folded, err) != 0)
			return -1;
		for (size_t k = 0; k < DIM; k++)
			out[i * DIM + k] = k % 7 == 0 ? 0.001f : 0;
		for (size_t s = 0; s < 3; s++)
			for (size_t w = 0; w < 4; w++)
				for (size_t k = 0; strstr(folded.p, subject[s][w]) != NULL && k < DIM; k++)
					out[i * DIM + k] += (k * (s + 3) / 5) % 2 == 0 ? 1.0f : -1.0f;
		rcd_buf_free(&folded);
	}
	return 0;
}

struct shop {
	struct rcd_db *db;
	struct model model;
	struct rcd_embedder by;
	struct rcd_vectors *vectors;
	struct rcd_breaker breaker;
	struct rcd_semantic semantic;
};

static int use_model(struct shop *s, const char *name, struct rcd_err *err)
{
	const struct rcd_vectors_conf conf = {path(), {1, name, DIM}};

	s->vectors = rcd_vectors_close(s->vectors);
	s->by = (struct rcd_embedder){.embed = embed_texts,
	                              .arg = &s->model,
	                              .model = name,
	                              .dimensions = DIM,
	                              .most = 2,
	                              .most_bytes = 100000};
	if (rcd_vectors_open(&s->vectors, &conf, err) != 0)
		return -1;
	s->semantic = (struct rcd_semantic){s->vectors, s->by, &s->breaker, 1000, 0.5};
	return 0;
}

static const struct rcd_source src = {.name = (char *)(uintptr_t) "loja.md",
                                      .size = 1,
                                      .mtime_ns = 2};
static const struct rcd_passage_in three[] = {{RCD_SV("Frete"),
                                               RCD_SV("O frete custa quinze reais."), 1},
                                              {RCD_SV("Pix"), RCD_SV("Aceitamos pix na hora."), 2},
                                              {RCD_SV("Doces"), RCD_SV("Temos bolo de cenoura."),
                                               3}};

static int open_shop(struct shop *s, struct rcd_err *err)
{
	*s = (struct shop){.db = NULL};
	rcd_breaker_init(&s->breaker);
	if (t_store(&s->db, err) != 0 || rcd_source_replace(s->db, 1, &src, three, 3, err) != 0)
		return -1;
	return use_model(s, "m1", err);
}

static void close_shop(struct shop *s)
{
	rcd_vectors_close(s->vectors);
	rcd_breaker_free(&s->breaker);
	rcd_db_close(s->db);
}

/* The first passage for a question holds this; NULL: there is none. */
static bool finds(struct shop *s, const char *question, const char *want, bool by_meaning)
{
	struct rcd_passage *p = NULL;
	struct rcd_err err;
	size_t n = 0;
	bool ok;

	if (rcd_knowledge_search(s->db, 1, &s->semantic, rcd_sv(question), 3, &p, &n, &err) != 0)
		return false;
	ok = want == NULL
	         ? n == 0
	         : n > 0 && strstr(p[0].text, want) != NULL && (p[0].similarity > 0) == by_meaning;
	if (!ok)
		(void)fprintf(stderr, "\"%s\" found %zu: %s, %g\n", question, n, n > 0 ? p[0].text : "",
		              n > 0 ? p[0].similarity : 0.0);
	rcd_passages_free(p, n);
	return ok;
}

static int embed_all(struct shop *s, struct rcd_err *err)
{
	int64_t after = RCD_EMBED_FIRST;
	size_t n = 1;

	while (n > 0)
		if (rcd_knowledge_embed(s->db, 1, &s->by, 0, &after, &n, err) != 0)
			return -1;
	return 0;
}

static int hybrid(void)
{
	struct rcd_err err = {0};
	struct shop s;
	int64_t rows;
	int ret = 0;

	T_DO(open_shop(&s, &err), err);
	/* before there is an index nobody is asked */
	T_OK(finds(&s, "quanto custa o frete?", "quinze", false));
	T_INT(s.model.calls, 0);
	T_DO(embed_all(&s, &err), err);
	T_DO(rcd_vectors_build(s.vectors, s.db, &rows, &err), err);
	T_INT(rows, 3);
	T_DO(rcd_vectors_build(s.vectors, s.db, &rows, &err), err);
	T_INT(rows, -1); /* nothing has changed */
	T_OK(finds(&s, "quanto custa o frete?", "quinze", true));
	T_OK(finds(&s, "estou com fome", "bolo", true)); /* not one word in common */
	T_OK(finds(&s, "posso pagar em dinheiro vivo?", "pix", true));
	T_OK(finds(&s, "vocês vendem foguetes?", NULL, false)); /* below the floor */
	T_OK(finds(&s, "oi, tudo bem?", NULL, false));
	/* the model dies: words alone */
	s.model.dead = true;
	T_OK(finds(&s, "quanto custa o frete?", "quinze", false));
	T_OK(finds(&s, "estou com fome", NULL, false));
	/* what is gone from the store is not found by an index that still has it */
	s.model.dead = false;
	T_DO(rcd_source_replace(s.db, 1, &src, three, 2, &err), err);
	T_OK(finds(&s, "estou com fome", NULL, false));
	T_DO(rcd_vectors_build(s.vectors, s.db, &rows, &err), err);
	T_INT(rows, 2);
	/* a damaged file is no file, and is made anew */
	T_DO(rcd_file_write(path(), RCD_SV("RCDVEC1"), 0600, &err), err);
	T_OK(!rcd_vectors_any(s.vectors));
	T_OK(finds(&s, "quanto custa o frete?", "quinze", false));
	T_DO(rcd_vectors_build(s.vectors, s.db, &rows, &err), err);
	T_INT(rows, 2);
	T_OK(finds(&s, "quanto custa o frete?", "quinze", true));
out:
	close_shop(&s);
	return ret;
}

static int ignore_begin(void *arg, int64_t version, int64_t rows, struct rcd_err *err)
{
	(void)arg;
	(void)version;
	(void)rows;
	(void)err;
	return 0;
}

static int count_one(void *arg, const struct rcd_embedding *e, struct rcd_err *err)
{
	int64_t *n = arg;

	(void)e;
	(void)err;
	++*n;
	return 0;
}

static int64_t count_embeddings(struct shop *s, const char *model)
{
	const struct rcd_embedding_kind kind = {1, model, DIM};
	struct rcd_err err;
	int64_t n = 0;

	return rcd_embedding_each(s->db, &kind, ignore_begin, count_one, &n, &err) == 0 ? n : -1;
}

static int resumed(void)
{
	const struct rcd_passage_in then[] = {three[0],
	                                      three[1],
	                                      {RCD_SV("Doces"), RCD_SV("Temos bolo de fubá."), 3}};
	struct rcd_err err = {0};
	int64_t rows;
	struct shop s;
	size_t n;
	int ret = 0;

	T_DO(open_shop(&s, &err), err);
	s.model.fail_after = 1;
	T_INT(embed_all(&s, &err), -1);
	T_INT(err.code, RCD_DOWN);
	T_INT(count_embeddings(&s, "m1"), 2);
	s.model.fail_after = 0;
	T_DO(embed_all(&s, &err), err);
	T_INT(s.model.texts, 3); /* none twice */
	T_INT(count_embeddings(&s, "m1"), 3);
	/* what did not change is not sent again */
	T_DO(rcd_source_replace(s.db, 1, &src, then, 3, &err), err);
	T_DO(embed_all(&s, &err), err);
	T_INT(s.model.texts, 4);
	T_DO(rcd_vectors_build(s.vectors, s.db, &rows, &err), err);
	/* another model: what the old one made is never looked at, and is of use until it is gone */
	T_DO(use_model(&s, "m2", &err), err);
	T_OK(!rcd_vectors_any(s.vectors));
	T_OK(finds(&s, "quanto custa o frete?", "quinze", false));
	T_DO(rcd_knowledge_embed(s.db, 1, &s.by, 0, &(int64_t){RCD_EMBED_FIRST}, &n, &err), err);
	T_INT(n, 2);
	T_DO(rcd_vectors_build(s.vectors, s.db, &rows, &err), err);
	T_INT(rows, 2);
	T_OK(finds(&s, "quanto custa o frete?", "quinze", true));
	T_OK(finds(&s, "temos bolo?", "bolo", false)); /* not yet */
	T_DO(embed_all(&s, &err), err);
	T_DO(rcd_vectors_build(s.vectors, s.db, &rows, &err), err);
	T_INT(rows, 3);
	T_OK(finds(&s, "estou com fome", "bolo", true));
	T_INT(count_embeddings(&s, "m1"), 3);
	T_DO(rcd_embedding_forget_others(s.db, &(struct rcd_embedding_kind){1, "m2", DIM}, INT64_MAX,
	                                 &err),
	     err);
	T_INT(count_embeddings(&s, "m1"), 0);
	T_INT(count_embeddings(&s, "m2"), 3);
out:
	close_shop(&s);
	return ret;
}

/* --- searched while it is made anew ------------------------------------------------------------
 */

struct reader {
	struct rcd_vectors *vectors;
	_Atomic bool stop;
	_Atomic int asked, failed;
};

static void *read_on(void *arg)
{
	struct reader *r = arg;
	struct rcd_near near[RCD_MAX_NEAR];
	size_t n;

	while (!r->stop) {
		float q[DIM] = {1, -1, 0.5f};

		r->failed += rcd_vectors_search(r->vectors, q, 3, near, &n, RCD_UNREAD_ERR) != 0 || n != 3;
		r->asked++;
	}
	return NULL;
}

static int replaced(void)
{
	const struct rcd_vectors_conf conf = {path(), {1, "m", DIM}};
	struct reader r = {.vectors = NULL};
	struct rcd_err err = {0};
	pthread_t thread[4];
	int ret = 0, n = 0, asked = 0;

	T_DO(write_index(30, &err), err);
	T_DO(rcd_vectors_open(&r.vectors, &conf, &err), err);
	for (; n < 4; n++)
		T_OK(pthread_create(&thread[n], NULL, read_on, &r) == 0);
	for (int i = 0; i < 20; i++) {
		T_DO(write_index(30 + (size_t)i, &err), err);
		for (asked = r.asked; r.asked < asked + 8;)
			(void)sched_yield();
	}
	T_INT(r.failed, 0);
out:
	r.stop = true;
	while (n > 0)
		(void)pthread_join(thread[--n], NULL);
	rcd_vectors_close(r.vectors);
	return ret;
}

/* --- a store of the time before --------------------------------------------------------------- */

static int old_store(struct rcd_conn *conn, struct rcd_err *err)
{
	static const char source[] = "INSERT INTO source(id, tenant_id, name, size, mtime_ns)"
								 " VALUES(5, 1, 'loja.md', 1, 2)";
	static const char passage[] = "INSERT INTO passage(id, tenant_id, source_id, heading, text)"
								  " VALUES(6, 1, 5, 'Frete', 'O frete custa dez reais.')";
	const struct rcd_engine *engine = conn->engine;

	if (engine->begin(conn, true, err) != 0 ||
	    (engine->prepare != NULL && engine->prepare(conn, err) != 0))
		return -1;
	for (int i = 0; i < 3; i++)
		if (engine->script(conn, engine->schema[i], i + 1, err) != 0)
			return -1;
	if (rcd_exec(conn, NULL, source, RCD_BIND(), err) != 0 ||
	    rcd_exec(conn, NULL, passage, RCD_BIND(), err) != 0)
		return -1;
	return engine->commit(conn, err);
}

static int migrated(void)
{
	const struct rcd_db_conf conf = {.url = t_store_url()};
	const struct rcd_engine *engine = NULL;
	struct rcd_source *sources = NULL;
	struct rcd_conn *conn = NULL;
	struct rcd_err err = {0};
	struct shop s = {.db = NULL};
	char *where = NULL;
	size_t n = 0;
	int ret = 0;

	rcd_breaker_init(&s.breaker);
	T_DO(t_store_clear(&err), err);
	T_DO(rcd_engine_of(conf.url, &engine, &where, &err), err);
	T_DO(engine->open(&conn, where, RCD_CONN_CREATE, &err), err);
	T_DO(old_store(conn, &err), err);
	conn = rcd_conn_close(conn);
	T_DO(rcd_db_migrate(conf.url, &err), err);
	T_DO(rcd_db_open(&s.db, &conf, &err), err);
	T_DO(use_model(&s, "m1", &err), err);
	T_OK(finds(&s, "quanto custa o frete?", NULL, false)); /* until the folder is read again */
	T_DO(rcd_source_list(s.db, 1, &sources, &n, &err), err);
	T_OK(n == 1 && sources[0].mtime_ns == 0);
	T_DO(rcd_source_replace(s.db, 1, &src, three, 3, &err), err);
	T_OK(finds(&s, "quanto custa o frete?", "quinze", false));
	T_DO(rcd_source_replace(s.db, 1, &src, NULL, 0, &err), err);
	T_OK(finds(&s, "quanto custa o frete?", NULL, false));
out:
	rcd_sources_free(sources, n);
	rcd_conn_close(conn);
	free(where);
	close_shop(&s);
	return ret;
}

const struct t_case t_cases[] = {
	{"kernels", kernels, 0},     {"coding", coding, 0},     {"index_file", index_file, T_OOM},
	{"bad_files", bad_files, 0}, {"hybrid", hybrid, 0},     {"resumed", resumed, 0},
	{"replaced", replaced, 0},   {"migrated", migrated, 0}, {NULL, NULL, 0},
};
