#ifndef RCD_VINDEX_H
#define RCD_VINDEX_H

#include "base/err.h"
#include "base/sv.h"

#include <stddef.h>
#include <stdint.h>

/* The vectors of one tenant, model and number of dimensions in one file, as a search reads
 * them: all bits, then all codes, scales and ids. Processes of a machine map it read-only and
 * share its pages. The file is a snapshot of the store and is made anew, beside the old one,
 * when that has changed; what is mapped stays as it is. Host byte order: it never travels. */

#define RCD_MAX_MODEL 64 /* bytes of a model's name, with its NUL */

struct rcd_vindex_about {
	int64_t tenant, version; /* of the store, see rcd_knowledge_version */
	uint32_t dimensions;
	char model[RCD_MAX_MODEL];
	uint64_t rows;
};

/* --- writing: begin with how many rows there are at most, add, then commit or drop --------- */

struct rcd_vindex_writer;

int rcd_vindex_begin(struct rcd_vindex_writer **out, const char *path,
                     const struct rcd_vindex_about *about, struct rcd_err *err);
/* bits and codes of one vector, padded or not. Ids must ascend. RCD_PROTO
 * when they do not, or a length is not that of a vector. */
int rcd_vindex_add(struct rcd_vindex_writer *w, int64_t id, struct rcd_sv bits, struct rcd_sv codes,
                   double scale, struct rcd_err *err);
/* The file is there, whole, or nothing has changed. Frees w in any case. */
int rcd_vindex_commit(struct rcd_vindex_writer *w, struct rcd_err *err);
void rcd_vindex_drop(struct rcd_vindex_writer *w); /* NULL-safe */

/* --- reading ------------------------------------------------------------------------------- */

struct rcd_vindex;

/* RCD_NOENT: no such file; RCD_PROTO: it is none of ours, cut or damaged. */
int rcd_vindex_open(struct rcd_vindex **out, const char *path, struct rcd_err *err);
struct rcd_vindex *rcd_vindex_close(struct rcd_vindex *v); /* NULL-safe, returns NULL */
const struct rcd_vindex_about *rcd_vindex_about(const struct rcd_vindex *v);

struct rcd_near {
	int64_t id;
	double similarity; /* cosine */
};
#define RCD_MAX_NEAR 128
/* The max nearest to query (as many dimensions as about says), nearest first, of equals the
 * smaller id. The same for every processor. No memory but the stack's (about 25 KiB). */
int rcd_vindex_search(const struct rcd_vindex *v, const float *query, size_t max,
                      struct rcd_near near[RCD_MAX_NEAR], size_t *n, struct rcd_err *err);

#endif
