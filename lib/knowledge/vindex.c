#include "knowledge/vindex_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct rcd_vindex {
	const char *map;
	size_t bytes;
	const struct vindex_header *head; /* in map, as are: */
	const uint64_t *bits;
	const int8_t *codes;
	const float *scale;
	const int64_t *id;
	struct vindex_layout layout;
	const struct rcd_vec_ops *ops;
};

/* --- the file ------------------------------------------------------------------------------ */

int vindex_layout(uint32_t dimensions, uint64_t room, struct vindex_layout *l, struct rcd_err *err)
{
	size_t at = VINDEX_HEADER;

	if (dimensions == 0 || dimensions > RCD_MAX_DIMENSIONS || room > VINDEX_MAX_ROWS)
		return rcd_fail(err, RCD_PROTO, 0, "an index of vectors with %u dimensions or %llu rows",
		                dimensions, (unsigned long long)room);
	l->row[SEC_BITS] = rcd_vec_words(dimensions) * sizeof(uint64_t);
	l->row[SEC_CODES] = rcd_vec_codes(dimensions);
	l->row[SEC_SCALES] = sizeof(float);
	l->row[SEC_IDS] = sizeof(int64_t);
	for (int s = 0; s < N_SECS; s++) {
		l->at[s] = at;
		at += ((size_t)room * l->row[s] + 63) / 64 * 64;
	}
	l->bytes = at;
	return 0;
}

uint64_t vindex_sum(uint64_t sum, const void *p, size_t n)
{
	const char *at = p;

	for (; n >= 8; n -= 8, at += 8) {
		uint64_t w;

		memcpy(&w, at, sizeof(w));
		sum = (sum ^ w) * 0x9E3779B97F4A7C15u;
		sum ^= sum >> 29;
	}
	return sum;
}

static int map_file(struct rcd_vindex *v, const char *path, struct rcd_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	int ret = -1;
	void *map;

	if (fd < 0)
		return errno == ENOENT ? rcd_fail(err, RCD_NOENT, 0, "%s is not there", path)
		                       : rcd_fail_errno(err, "%s", path);
	if (fstat(fd, &st) != 0) {
		rcd_fail_errno(err, "%s", path);
	} else if (!S_ISREG(st.st_mode) || st.st_size < VINDEX_HEADER) {
		rcd_fail(err, RCD_PROTO, 0, "%s is no index of vectors", path);
	} else if ((map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0)) == MAP_FAILED) {
		rcd_fail_errno(err, "%s cannot be mapped", path);
	} else {
		v->map = map;
		v->bytes = (size_t)st.st_size;
		ret = 0;
	}
	(void)close(fd);
	return ret;
}

/* Everything a search relies on. */
static int check_file(struct rcd_vindex *v, const char *path, struct rcd_err *err)
{
	const struct vindex_header *h = (const void *)v->map;

	if (h == NULL || memcmp(h->magic, VINDEX_MAGIC, sizeof(VINDEX_MAGIC)) != 0 ||
	    h->self != vindex_sum(0, h, offsetof(struct vindex_header, self)))
		return rcd_fail(err, RCD_PROTO, 0, "%s is no index of vectors", path);
	if (vindex_layout(h->about.dimensions, h->room, &v->layout, err) != 0)
		return -1;
	if (h->about.rows > h->room || v->layout.bytes != v->bytes ||
	    memchr(h->about.model, '\0', sizeof(h->about.model)) == NULL)
		return rcd_fail(err, RCD_PROTO, 0, "%s is cut short", path);
	for (int s = 0; s < N_SECS; s++) {
		size_t n = ((size_t)h->about.rows * v->layout.row[s] + 7) / 8 * 8;

		if (vindex_sum(0, v->map + v->layout.at[s], n) != h->sum[s])
			return rcd_fail(err, RCD_PROTO, 0, "%s is damaged", path);
	}
	return 0;
}

int rcd_vindex_open(struct rcd_vindex **out, const char *path, struct rcd_err *err)
{
	struct rcd_vindex *v = calloc(1, sizeof(*v));

	if (v == NULL)
		return rcd_fail_nomem(err);
	if (map_file(v, path, err) != 0 || check_file(v, path, err) != 0) {
		rcd_vindex_close(v);
		return -1;
	}
	v->head = (const void *)v->map;
	v->bits = (const void *)(v->map + v->layout.at[SEC_BITS]);
	v->codes = (const void *)(v->map + v->layout.at[SEC_CODES]);
	v->scale = (const void *)(v->map + v->layout.at[SEC_SCALES]);
	v->id = (const void *)(v->map + v->layout.at[SEC_IDS]);
	v->ops = rcd_vec_best();
	*out = v;
	return 0;
}

struct rcd_vindex *rcd_vindex_close(struct rcd_vindex *v)
{
	if (v != NULL && v->map != NULL)
		(void)munmap((void *)(uintptr_t)v->map, v->bytes);
	free(v);
	return NULL;
}

const struct rcd_vindex_about *rcd_vindex_about(const struct rcd_vindex *v)
{
	return &v->head->about;
}

/* --- the search ---------------------------------------------------------------------------- */

#define BLOCK 512      /* rows whose distances are known at a time */
#define CANDIDATES 512 /* found by bits, ranked by codes */

/* The CANDIDATES smallest so far, the largest of them at [0]: distance and, below it, the row,
 * so that no two are the same. */
struct heap {
	uint64_t key[CANDIDATES];
	size_t n;
};

static void sift_key(struct heap *h, size_t i)
{
	uint64_t key = h->key[i];

	for (size_t kid = 2 * i + 1; kid < h->n; kid = 2 * i + 1) {
		if (kid + 1 < h->n && h->key[kid + 1] > h->key[kid])
			kid++;
		if (h->key[kid] <= key)
			break;
		h->key[i] = h->key[kid];
		i = kid;
	}
	h->key[i] = key;
}

static void offer_key(struct heap *h, uint64_t key)
{
	if (h->n == CANDIDATES) {
		if (key >= h->key[0])
			return;
		h->key[0] = key;
		sift_key(h, 0);
		return;
	}
	h->key[h->n++] = key;
	if (h->n == CANDIDATES)
		for (size_t i = CANDIDATES / 2; i-- > 0;)
			sift_key(h, i);
}

static void find_candidates(const struct rcd_vindex *v, const uint64_t *bits, struct heap *h)
{
	size_t words = rcd_vec_words(v->head->about.dimensions);
	uint16_t apart[BLOCK];

	h->n = 0;
	for (uint64_t from = 0; from < v->head->about.rows; from += BLOCK) {
		uint64_t left = v->head->about.rows - from;
		size_t n = left < BLOCK ? (size_t)left : BLOCK;

		v->ops->differ(v->bits + from * words, n, words, bits, apart);
		for (size_t i = 0; i < n; i++)
			offer_key(h, (uint64_t)apart[i] << 32 | (from + i));
	}
}

static bool is_before(const struct rcd_near *a, const struct rcd_near *b)
{
	return a->similarity != b->similarity ? a->similarity > b->similarity : a->id < b->id;
}

/* Keeps near sorted: larger similarity first, of equals the smaller id. */
static void insert_near(struct rcd_near *near, size_t max, size_t *n, const struct rcd_near *one)
{
	size_t at;

	if (*n < max)
		(*n)++;
	else if (!is_before(one, &near[max - 1]))
		return;
	for (at = *n - 1; at > 0 && is_before(one, &near[at - 1]); at--)
		near[at] = near[at - 1];
	near[at] = *one;
}

int rcd_vindex_search(const struct rcd_vindex *v, const float *query, size_t max,
                      struct rcd_near near[RCD_MAX_NEAR], size_t *n, struct rcd_err *err)
{
	const size_t row = v->layout.row[SEC_CODES];
	_Alignas(64) struct rcd_vec_query q;
	struct heap h;

	if (rcd_vec_query(query, v->head->about.dimensions, &q, err) != 0)
		return -1;
	*n = 0;
	if (max == 0)
		return 0;
	if (max > RCD_MAX_NEAR)
		max = RCD_MAX_NEAR;
	find_candidates(v, q.bits, &h);
	for (size_t i = 0; i < h.n; i++) {
		size_t k = (size_t)(h.key[i] & UINT32_MAX);
		int32_t dot = v->ops->dot(v->codes + k * row, q.value, row);

		struct rcd_near one = {v->id[k], (double)dot * (double)v->scale[k] * (double)q.scale};

		insert_near(near, max, n, &one);
	}
	return 0;
}
