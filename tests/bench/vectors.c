/* The search over very many passages, by words and by meaning, on synthetic data: vectors of 400
 * clusters in a space of rank 96 with noise, texts of pseudo-Portuguese words by Zipf's law. Real
 * embeddings are harder.
 *
 *   vectors make FOLDER [ROWS [DIMENSIONS]]   fills a store and its index; the vectors also as
 *                                             corpus.f32 and query.f32, for others to read
 *   vectors ask FOLDER DIMENSIONS             asks; the exact answers to truth.i32
 *
 * The question's embedding is at hand: what a provider takes for it is not in the figures. */

#include "base/clock.h"
#include "knowledge/knowledge.h"
#include "knowledge/vec.h"
#include "store/passage.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RANK 96
#define CLUSTERS 400
#define QUERIES 200
#define WORDS 48000
#define STOP_RANKS 150 /* the commonest words are stop words */
#define PER_SOURCE 1000
#define TOP 10

static uint64_t seed = 0x9E3779B97F4A7C15u;

static uint64_t draw(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

static double uniform(void)
{
	return (double)(draw(1u << 30) + 1) / (double)(1u << 30);
}

/* Near enough to normal, and quick: twelve bytes added up. */
static float normal(void)
{
	uint64_t a = draw(UINT64_MAX), b = draw(UINT64_MAX);
	int sum = 0;

	for (int i = 0; i < 6; i++)
		sum += (int)(a >> 8 * i & 255) + (int)(b >> 8 * i & 255);
	return (float)(sum - 1530) / 256.0f;
}

static _Noreturn void die(const char *what, const struct rcd_err *err)
{
	(void)fprintf(stderr, "vectors: %s: %s\n", what, err != NULL ? err->msg : "failed");
	exit(1);
}

/* --- vectors ------------------------------------------------------------------------------- */

struct space {
	size_t dimensions;
	float *basis; /* RANK × dimensions */
	float center[CLUSTERS][RANK];
};

static void make_space(struct space *s, size_t dimensions)
{
	s->dimensions = dimensions;
	s->basis = malloc(RANK * dimensions * sizeof(*s->basis));
	if (s->basis == NULL)
		die("memory", NULL);
	for (size_t i = 0; i < RANK * dimensions; i++)
		s->basis[i] = normal();
	for (size_t c = 0; c < CLUSTERS; c++)
		for (size_t r = 0; r < RANK; r++)
			s->center[c][r] = normal();
}

/* A unit vector: a cluster's centre, spread within the space by 0.6, noise of 0.3 outside it. */
static void make_vector(const struct space *s, float *v)
{
	const float *center = s->center[draw(CLUSTERS)];
	double length = 0;

	memset(v, 0, s->dimensions * sizeof(*v));
	for (size_t r = 0; r < RANK; r++) {
		float at = center[r] + 0.6f * normal();
		const float *b = s->basis + r * s->dimensions;

		for (size_t i = 0; i < s->dimensions; i++)
			v[i] += at * b[i];
	}
	for (size_t i = 0; i < s->dimensions; i++) {
		v[i] += 0.3f * sqrtf(RANK) * normal();
		length += (double)v[i] * (double)v[i];
	}
	for (size_t i = 0; i < s->dimensions; i++)
		v[i] /= (float)sqrt(length);
}

static char *path_in(const char *folder, const char *name)
{
	char *path = NULL;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		die("memory", NULL);
	return path;
}

static void write_vectors(const struct space *s, const char *folder, const char *name, size_t n)
{
	char *path = path_in(folder, name);
	FILE *f = fopen(path, "w");
	float *v = malloc(s->dimensions * sizeof(*v));

	if (f == NULL || v == NULL)
		die(path, NULL);
	for (size_t i = 0; i < n; i++) {
		make_vector(s, v);
		if (fwrite(v, sizeof(*v), s->dimensions, f) != s->dimensions)
			die(path, NULL);
	}
	if (fclose(f) != 0)
		die(path, NULL);
	free(v);
	free(path);
}

static const float *read_vectors(const char *folder, const char *name, size_t dimensions, size_t *n)
{
	char *path = path_in(folder, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *map;

	if (fd < 0 || fstat(fd, &st) != 0 ||
	    (map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0)) ==
	        MAP_FAILED)
		die(path, NULL);
	(void)close(fd);
	free(path);
	*n = (size_t)st.st_size / sizeof(float) / dimensions;
	return map;
}

/* --- texts --------------------------------------------------------------------------------- */

static void add_word(struct rcd_buf *b, size_t rank)
{
	static const char *const stop[] = {"de", "a", "o", "que", "e", "do", "da", "em", "um", "para"};
	static const char consonant[] = "bcdfglmnprstvz", vowel[] = "aeiou";

	if (rank < STOP_RANKS) {
		rcd_buf_str(b, stop[rank % 10]);
	} else {
		for (size_t k = rank * 7919; k > 0; k /= 70) { /* a syllable for each digit */
			rcd_buf_ch(b, consonant[k % 14]);
			rcd_buf_ch(b, vowel[k / 14 % 5]);
		}
	}
	rcd_buf_ch(b, ' ');
}

/* By Zipf's law, from the rank of from on. */
static size_t draw_rank(double from)
{
	return (size_t)(from * pow(WORDS / from, uniform())) - 1;
}

static void make_text(struct rcd_buf *b, int words, double from)
{
	for (int i = 0; i < words; i++)
		add_word(b, draw_rank(from));
}

static void fill_source(struct rcd_db *db, size_t number, size_t from, size_t n)
{
	struct rcd_passage_in *p = calloc(n, sizeof(*p));
	struct rcd_buf text;
	struct rcd_err err = {0};
	char name[40], (*heading)[32] = calloc(n, sizeof(*heading));
	size_t *at = calloc(n + 1, sizeof(*at));

	if (p == NULL || heading == NULL || at == NULL)
		die("memory", NULL);
	rcd_buf_init(&text, (size_t)64 << 20);
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(heading[i], sizeof(heading[i]), "Trecho %zu", from + i);
		make_text(&text, 100 + (int)draw(81), 1);
		at[i + 1] = text.n;
	}
	for (size_t i = 0; i < n; i++)
		p[i] = (struct rcd_passage_in){rcd_sv(heading[i]), {text.p + at[i], at[i + 1] - at[i]}, 0};
	(void)snprintf(name, sizeof(name), "parte-%zu.md", number);
	if (rcd_source_replace(db, 1, &(struct rcd_source){.name = name, .size = 1, .mtime_ns = 1}, p,
	                       n, &err) != 0)
		die("passages", &err);
	rcd_buf_free(&text);
	free(at);
	free(heading);
	free(p);
}

/* --- the embedder: it has them all already --------------------------------------------------- */

struct known {
	const float *corpus, *query; /* query: of the question that is asked now */
	size_t n, dimensions;
};

static int embed_texts(void *arg, const struct rcd_sv *text, size_t n, int64_t deadline, float *out,
                       struct rcd_err *err)
{
	const struct known *k = arg;

	(void)deadline;
	for (size_t i = 0; i < n; i++) {
		const float *from = k->query;

		if (rcd_sv_starts(text[i], RCD_SV("Trecho "))) {
			size_t row = strtoul(text[i].p + 7, NULL, 10);

			if (row >= k->n)
				return rcd_fail(err, RCD_INVAL, 0, "no such vector");
			from = k->corpus + row * k->dimensions;
		}
		memcpy(out + i * k->dimensions, from, k->dimensions * sizeof(*out));
	}
	return 0;
}

struct shop {
	struct rcd_db *db;
	struct rcd_vectors *vectors;
	struct rcd_breaker breaker;
	struct known known;
	struct rcd_semantic semantic;
};

static void open_shop(struct shop *s, const char *folder, size_t dimensions, bool fresh)
{
	char *db = path_in(folder, "recado.db"), *index = path_in(folder, "knowledge.vec");
	const struct rcd_db_conf conf = {.url = db};
	const struct rcd_vectors_conf vc = {index, {1, "synthetic", (int64_t)dimensions}};
	struct rcd_err err = {0};

	if ((fresh && rcd_db_migrate(db, &err) != 0) || rcd_db_open(&s->db, &conf, &err) != 0 ||
	    rcd_vectors_open(&s->vectors, &vc, &err) != 0)
		die(folder, &err);
	rcd_breaker_init(&s->breaker);
	s->known.dimensions = dimensions;
	s->known.corpus = read_vectors(folder, "corpus.f32", dimensions, &s->known.n);
	s->semantic = (struct rcd_semantic){.vectors = s->vectors,
	                                    .embedder = {embed_texts, &s->known, "synthetic",
	                                                 dimensions, 2048, (size_t)64 << 20},
	                                    .breaker = &s->breaker,
	                                    .within_ms = 1000,
	                                    .floor = 0};
	free(index);
	free(db);
}

static int make(const char *folder, size_t rows, size_t dimensions)
{
	static struct space space;
	struct shop s = {.db = NULL};
	struct rcd_err err = {0};
	int64_t began, filled, embedded, in_index, after = RCD_EMBED_FIRST;
	size_t n = 1;

	make_space(&space, dimensions);
	write_vectors(&space, folder, "corpus.f32", rows);
	write_vectors(&space, folder, "query.f32", QUERIES);
	open_shop(&s, folder, dimensions, true);
	began = rcd_mono_us();
	for (size_t i = 0; i < rows; i += PER_SOURCE)
		fill_source(s.db, i / PER_SOURCE, i, rows - i < PER_SOURCE ? rows - i : PER_SOURCE);
	filled = rcd_mono_us();
	while (n > 0)
		if (rcd_knowledge_embed(s.db, 1, &s.semantic.embedder, 0, &after, &n, &err) != 0)
			die("embeddings", &err);
	embedded = rcd_mono_us();
	if (rcd_vectors_build(s.vectors, s.db, &in_index, &err) != 0)
		die("index", &err);
	(void)printf("{\"rows\": %lld, \"fill_s\": %.2f, \"embed_s\": %.2f, \"build_s\": %.2f}\n",
	             (long long)in_index, (double)(filled - began) / 1e6,
	             (double)(embedded - filled) / 1e6, (double)(rcd_mono_us() - embedded) / 1e6);
	return 0;
}

/* --- asking -------------------------------------------------------------------------------- */

/* By the clock, and of this thread's processor time: what else runs on the machine is not in that.
 */
struct timing {
	int64_t us[QUERIES], cpu_us[QUERIES], began, cpu_began;
	size_t n;
};

static int64_t cpu_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void start(struct timing *t)
{
	t->began = rcd_mono_us();
	t->cpu_began = cpu_us();
}

static void stop(struct timing *t)
{
	t->us[t->n] = rcd_mono_us() - t->began;
	t->cpu_us[t->n++] = cpu_us() - t->cpu_began;
}

static int by_time(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void report(const char *what, struct timing *t, const char *more, double value)
{
	qsort(t->us, t->n, sizeof(t->us[0]), by_time);
	qsort(t->cpu_us, t->n, sizeof(t->cpu_us[0]), by_time);
	(void)printf(
		"{\"what\": \"%s\", \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f, \"cpu_ms\": %.3f,"
		" \"%s\": %.4f}\n",
		what, (double)t->us[t->n / 2] / 1e3, (double)t->us[t->n * 99 / 100] / 1e3,
		(double)t->us[t->n - 1] / 1e3, (double)t->cpu_us[t->n / 2] / 1e3, more, value);
	(void)fflush(stdout);
}

typedef float wide __attribute__((vector_size(64)));

/* What memory allows: 64 bytes at a time. */
static float dot(const float *a, const float *b, size_t n)
{
	wide sum = {0}, x, y;
	float all = 0;

	for (size_t i = 0; i + 16 <= n; i += 16) {
		memcpy(&x, a + i, sizeof(x));
		memcpy(&y, b + i, sizeof(y));
		sum += x * y;
	}
	for (size_t i = 0; i < 16; i++)
		all += sum[i];
	return all;
}

static void exact(const struct shop *s, const float *q, int32_t best[TOP])
{
	float score[TOP];
	size_t n = 0;

	for (size_t i = 0; i < s->known.n; i++) {
		float d = dot(s->known.corpus + i * s->known.dimensions, q, s->known.dimensions);
		size_t at;

		if (n == TOP && d <= score[TOP - 1])
			continue;
		n += n < TOP;
		for (at = n - 1; at > 0 && d > score[at - 1]; at--) {
			score[at] = score[at - 1];
			best[at] = best[at - 1];
		}
		score[at] = d;
		best[at] = (int32_t)i;
	}
}

static void ask_exact(const struct shop *s, const float *query, const char *folder,
                      int32_t truth[QUERIES][TOP])
{
	char *path = path_in(folder, "truth.i32");
	FILE *f = fopen(path, "w");
	struct timing t = {.n = 0};

	for (size_t i = 0; i < QUERIES; i++) {
		start(&t);
		exact(s, query + i * s->known.dimensions, truth[i]);
		stop(&t);
	}
	if (f == NULL || fwrite(truth, sizeof(int32_t) * TOP, QUERIES, f) != QUERIES || fclose(f) != 0)
		die(path, NULL);
	free(path);
	report("float32", &t, "recall", 1);
}

/* How many of the best ten were found: a passage's heading names its vector. */
static size_t right(struct shop *s, const struct rcd_near *near, size_t n, const int32_t truth[TOP])
{
	struct rcd_passage *p = NULL;
	struct rcd_err err = {0};
	int64_t id[TOP];
	size_t got = 0, hits = 0;

	for (size_t i = 0; i < n; i++)
		id[i] = near[i].id;
	if (rcd_passage_get(s->db, 1, id, n, &p, &got, &err) != 0)
		die("passages", &err);
	for (size_t i = 0; i < got; i++)
		for (size_t k = 0; k < TOP; k++)
			hits += strtol(p[i].heading + 7, NULL, 10) == truth[k];
	rcd_passages_free(p, got);
	return hits;
}

static void ask_vectors(struct shop *s, const float *query, int32_t truth[QUERIES][TOP])
{
	struct rcd_near near[RCD_MAX_NEAR];
	struct timing t = {.n = 0};
	struct rcd_err err = {0};
	size_t n, hits = 0;

	(void)rcd_vectors_any(s->vectors); /* mapped and checked before the clock runs */
	for (size_t i = 0; i < QUERIES; i++) {
		start(&t);
		if (rcd_vectors_search(s->vectors, query + i * s->known.dimensions, TOP, near, &n, &err) !=
		    0)
			die("search", &err);
		stop(&t);
		hits += right(s, near, n, truth[i]);
	}
	report("vectors", &t, "recall", (double)hits / (QUERIES * TOP));
}

/* from: the least rank of a question's words. */
static void ask_search(struct shop *s, const char *what, const float *query, int words, double from,
                       bool hybrid)
{
	struct timing t = {.n = 0};
	struct rcd_err err = {0};
	struct rcd_buf text;
	size_t all = 0;

	rcd_buf_init(&text, 4096);
	for (size_t i = 0; i < QUERIES; i++) {
		struct rcd_passage *p = NULL;
		size_t n = 0;

		rcd_buf_reset(&text);
		make_text(&text, words, from);
		s->known.query = query + i * s->known.dimensions;
		start(&t);
		if (rcd_knowledge_search(s->db, 1, hybrid ? &s->semantic : NULL, rcd_buf_view(&text), TOP,
		                         &p, &n, &err) != 0)
			die("search", &err);
		stop(&t);
		rcd_passages_free(p, n);
		all += n;
	}
	rcd_buf_free(&text);
	report(what, &t, "found", (double)all / QUERIES);
}

/* What of the index's mapping is in memory. */
static double mapped_mb(void)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	char line[512];
	bool ours = false;
	long kb = 0;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (strstr(line, "/knowledge.vec") != NULL)
			ours = true;
		else if (ours && strncmp(line, "Rss:", 4) == 0)
			kb += strtol(line + 4, NULL, 10);
		else if (strncmp(line, "VmFlags:", 8) == 0)
			ours = false;
	}
	if (f != NULL)
		(void)fclose(f);
	return (double)kb / 1024;
}

static int ask(const char *folder, size_t dimensions)
{
	static int32_t truth[QUERIES][TOP];
	const float *query;
	struct shop s = {.db = NULL};
	size_t n;

	open_shop(&s, folder, dimensions, false);
	query = read_vectors(folder, "query.f32", dimensions, &n);
	if (n != QUERIES)
		die("query.f32", NULL);
	ask_exact(&s, query, folder, truth);
	ask_vectors(&s, query, truth);
	ask_search(&s, "words", query, 5, 300, false);
	ask_search(&s, "hybrid", query, 5, 300, true);
	ask_search(&s, "words, common ones", query, 8, 1, false);
	ask_search(&s, "hybrid, common words", query, 8, 1, true);
	(void)printf("{\"what\": \"memory\", \"mapped_mb\": %.1f, \"kernel\": \"%s\"}\n", mapped_mb(),
	             rcd_vec_best()->name);
	return 0;
}

int main(int argc, char **argv)
{
	size_t rows = argc > 3 ? strtoul(argv[3], NULL, 10) : 100000;

	if (argc > 2 && strcmp(argv[1], "make") == 0)
		return make(argv[2], rows, argc > 4 ? strtoul(argv[4], NULL, 10) : 1536);
	if (argc > 3 && strcmp(argv[1], "ask") == 0)
		return ask(argv[2], rows);
	(void)fprintf(stderr,
	              "usage: vectors make FOLDER [ROWS [DIMENSIONS]] | ask FOLDER DIMENSIONS\n");
	return 2;
}
