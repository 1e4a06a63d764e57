#ifndef RCD_KNOWLEDGE_H
#define RCD_KNOWLEDGE_H

#include "knowledge/embed.h"
#include "knowledge/extract.h"
#include "knowledge/vectors.h"
#include "net/breaker.h"
#include "store/passage.h"

/* The knowledge base: documents of a folder and added sources, as passages in the store, and the
 * search over them. */

/* An added source is named "kb:" and its file name, or by its URL; every other name is a path below
 * the knowledge folder. */
#define RCD_SOURCE_FILE "kb:"
bool rcd_source_added(const char *name);
/* The name without that prefix. */
const char *rcd_source_shown(const char *name);

struct rcd_knowledge_folder {
	const char *dir;
	/* NULL: only text and Markdown are read; of the other documents what the store has stays */
	const struct rcd_extract_conf *extract;
	bool anew; /* files that have not changed too, and all of them before this returns */
	/* told once of each file that is left out, and why; NULL: nobody */
	void (*note)(void *arg, const char *name, const struct rcd_err *why);
	void *arg;
	/* those, which are not tried again before they change. Zero at first */
	struct rcd_left_out *left_out;
	size_t n_left_out;
};
void rcd_knowledge_folder_done(struct rcd_knowledge_folder *folder);

/* Brings the store in line with the folder: files that are new or changed (size or time) are
 * read and cut into passages, files that are gone leave. *changed counts files. A file that
 * cannot be taken is left out and counted in *skipped. What was added stays as it is. Blocks
 * while documents are read; after about ten seconds the rest waits for the next sync. */
int rcd_knowledge_sync(struct rcd_db *db, int64_t tenant, struct rcd_knowledge_folder *folder,
                       int *changed, int *skipped, struct rcd_err *err);

/* What a search by meaning needs beside the store. */
struct rcd_semantic {
	struct rcd_vectors *vectors;
	struct rcd_embedder embedder; /* of the same model */
	struct rcd_breaker *breaker;
	int within_ms; /* for the embedding of the question */
	double floor;  /* the least similarity (cosine) of what counts as an answer */
};

/* Best passages for what a person asked, at most max (and 40); *n = 0 when nothing passes a
 * floor: a passage must hold half of the question's content words, or be near enough to it in
 * meaning. The orders by words (bm25) and by meaning are joined by reciprocal rank; score is
 * that sum, similarity the cosine, 0 for what was found by words alone. Portuguese and English
 * stop words never reach the query; accents, case and inflection do not matter. semantic: NULL
 * for full text alone, which also serves when no embedding is to be had in time. */
int rcd_knowledge_search(struct rcd_db *db, int64_t tenant, const struct rcd_semantic *semantic,
                         struct rcd_sv question, int max, struct rcd_passage **rows, size_t *n,
                         struct rcd_err *err);

#endif
