#include "knowledge/vindex_int.h"

#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 256 /* rows that are written together */

struct rcd_vindex_writer {
	struct rcd_file file;
	struct vindex_header head;
	struct vindex_layout layout;
	char *chunk[N_SECS];
	size_t in_chunk;
	int64_t last_id;
};

static void free_writer(struct rcd_vindex_writer *w)
{
	for (int s = 0; s < N_SECS; s++)
		free(w->chunk[s]);
	free(w);
}

int rcd_vindex_begin(struct rcd_vindex_writer **out, const char *path,
                     const struct rcd_vindex_about *about, struct rcd_err *err)
{
	struct rcd_vindex_writer *w = calloc(1, sizeof(*w));
	bool nomem = false;

	if (w == NULL)
		return rcd_fail_nomem(err);
	memcpy(w->head.magic, VINDEX_MAGIC, sizeof(VINDEX_MAGIC));
	w->head.about.tenant = about->tenant;
	w->head.about.version = about->version;
	w->head.about.dimensions = about->dimensions;
	memcpy(w->head.about.model, about->model, strnlen(about->model, RCD_MAX_MODEL - 1));
	w->head.room = about->rows;
	w->last_id = INT64_MIN;
	if (vindex_layout(about->dimensions, about->rows, &w->layout, err) != 0) {
		free_writer(w);
		return -1;
	}
	for (int s = 0; s < N_SECS; s++)
		nomem = nomem || (w->chunk[s] = calloc(CHUNK, w->layout.row[s])) == NULL;
	if (nomem || rcd_file_begin(&w->file, path, 0640, err) != 0) {
		if (nomem)
			(void)rcd_fail_nomem(err);
		free_writer(w);
		return -1;
	}
	*out = w;
	return 0;
}

static int write_at(const struct rcd_vindex_writer *w, const void *p, size_t n, size_t at,
                    struct rcd_err *err)
{
	const char *from = p;

	while (n > 0) {
		ssize_t done = pwrite(w->file.fd, from, n, (off_t)at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return rcd_fail_errno(err, "%s", w->file.tmp);
		from += done;
		at += (size_t)done;
		n -= (size_t)done;
	}
	return 0;
}

/* Only the last chunk may be short; what it lacks to a multiple of 8 bytes is zeros. */
static int flush_chunk(struct rcd_vindex_writer *w, struct rcd_err *err)
{
	uint64_t before = w->head.about.rows - w->in_chunk;

	for (int s = 0; s < N_SECS && w->in_chunk > 0; s++) {
		size_t n = (w->in_chunk * w->layout.row[s] + 7) / 8 * 8;

		w->head.sum[s] = vindex_sum(w->head.sum[s], w->chunk[s], n);
		if (write_at(w, w->chunk[s], n, w->layout.at[s] + before * w->layout.row[s], err) != 0)
			return -1;
		memset(w->chunk[s], 0, CHUNK * w->layout.row[s]);
	}
	w->in_chunk = 0;
	return 0;
}

int rcd_vindex_add(struct rcd_vindex_writer *w, int64_t id, struct rcd_sv bits, struct rcd_sv codes,
                   double scale, struct rcd_err *err)
{
	const size_t *row = w->layout.row;
	size_t i = w->in_chunk, least = w->head.about.dimensions;
	float as_float = (float)scale;

	if (bits.n < (least + 7) / 8 || bits.n > row[SEC_BITS] || codes.n < least ||
	    codes.n > row[SEC_CODES] || !(as_float > 0 && as_float <= 1))
		return rcd_fail(err, RCD_PROTO, 0, "passage %lld: its embedding is damaged", (long long)id);
	if (id <= w->last_id || w->head.about.rows >= w->head.room)
		return rcd_fail(err, RCD_INVAL, 0, "vectors out of order, or more than were announced");
	memcpy(w->chunk[SEC_BITS] + i * row[SEC_BITS], bits.p, bits.n);
	memcpy(w->chunk[SEC_CODES] + i * row[SEC_CODES], codes.p, codes.n);
	memcpy(w->chunk[SEC_SCALES] + i * row[SEC_SCALES], &as_float, sizeof(as_float));
	memcpy(w->chunk[SEC_IDS] + i * row[SEC_IDS], &id, sizeof(id));
	w->last_id = id;
	w->head.about.rows++;
	return ++w->in_chunk == CHUNK ? flush_chunk(w, err) : 0;
}

int rcd_vindex_commit(struct rcd_vindex_writer *w, struct rcd_err *err)
{
	int ret = flush_chunk(w, err);

	w->head.self = vindex_sum(0, &w->head, offsetof(struct vindex_header, self));
	if (ret == 0 && ftruncate(w->file.fd, (off_t)w->layout.bytes) != 0)
		ret = rcd_fail_errno(err, "%s", w->file.tmp);
	if (ret == 0)
		ret = write_at(w, &w->head, sizeof(w->head), 0, err);
	if (ret == 0)
		ret = rcd_file_commit(&w->file, err);
	else
		rcd_file_drop(&w->file);
	free_writer(w);
	return ret;
}

void rcd_vindex_drop(struct rcd_vindex_writer *w)
{
	if (w == NULL)
		return;
	rcd_file_drop(&w->file);
	free_writer(w);
}
