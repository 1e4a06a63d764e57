/* The order of passages by their words: BM25 without the length of a passage (b = 0). FTS5's own
 * bm25() looks up that length for each row that matches, by a statement of its own, which was three
 * quarters of a search among 100,000 passages; and ours are cut to about the same length. A
 * function of the connection: the table does not know it, and any other SQLite opens it.
 *
 * https://www.sqlite.org/fts5.html#custom_auxiliary_functions */
#include "store/db_sqlite.h"

#include <math.h>
#include <sqlite3.h>

#define K1 1.2      /* how soon a word that is said again counts for less */
#define COMMON 1e-6 /* the weight of a word that most passages have, as in FTS5 */

struct weights {
	int n;
	double of[];
};

static int one_more(const Fts5ExtensionApi *api, Fts5Context *fts, void *arg)
{
	(void)api;
	(void)fts;
	++*(sqlite3_int64 *)arg;
	return SQLITE_OK;
}

static int weigh_phrases(const Fts5ExtensionApi *api, Fts5Context *fts, struct weights *w)
{
	sqlite3_int64 rows = 0, with;
	int rc = api->xRowCount(fts, &rows);

	for (int i = 0; rc == SQLITE_OK && i < w->n; i++) {
		with = 0;
		rc = api->xQueryPhrase(fts, i, &with, one_more);
		w->of[i] = log(((double)rows - (double)with + 0.5) / ((double)with + 0.5));
		if (w->of[i] <= 0)
			w->of[i] = COMMON;
	}
	return rc;
}

/* Made for the first row of a query, and kept by FTS5 for the others. */
static int weights_of(const Fts5ExtensionApi *api, Fts5Context *fts, struct weights **out)
{
	const int n = api->xPhraseCount(fts);
	struct weights *w = api->xGetAuxdata(fts, 0);
	int rc;

	*out = w;
	if (w != NULL)
		return SQLITE_OK;
	w = sqlite3_malloc64(sizeof(*w) + (sqlite3_uint64)n * sizeof(w->of[0]));
	if (w == NULL)
		return SQLITE_NOMEM;
	w->n = n;
	rc = weigh_phrases(api, fts, w);
	if (rc != SQLITE_OK) {
		sqlite3_free(w);
		return rc;
	}
	*out = w;
	return api->xSetAuxdata(fts, w, sqlite3_free);
}

/* How often the row has the phrase; -1: no memory. */
static int count_matches(const Fts5ExtensionApi *api, Fts5Context *fts, int phrase)
{
	Fts5PhraseIter at;
	int column, offset, n = 0;

	if (api->xPhraseFirst(fts, phrase, &at, &column, &offset) != SQLITE_OK)
		return -1;
	for (; column >= 0; api->xPhraseNext(fts, &at, &column, &offset))
		n++;
	return n;
}

static void rank_passage(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *out,
                         int n_args, sqlite3_value **args)
{
	struct weights *w;
	double score = 0;
	int rc = weights_of(api, fts, &w);

	(void)n_args;
	(void)args;
	for (int i = 0; rc == SQLITE_OK && i < w->n; i++) {
		int n = count_matches(api, fts, i);

		if (n < 0)
			rc = SQLITE_NOMEM;
		else if (n > 0)
			score += w->of[i] * n * (K1 + 1) / (n + K1);
	}
	if (rc == SQLITE_OK)
		sqlite3_result_double(out, -score); /* smaller is better, as with bm25() */
	else
		sqlite3_result_error_code(out, rc);
}

int rcd_sqlite_rank(struct sqlite3 *h)
{
	fts5_api *api = NULL;
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(h, "SELECT fts5(?1)", -1, &st, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_pointer(st, 1, &api, "fts5_api_ptr", NULL);
	if (rc == SQLITE_OK)
		(void)sqlite3_step(st);
	(void)sqlite3_finalize(st);
	if (rc != SQLITE_OK || api == NULL)
		return rc != SQLITE_OK ? rc : SQLITE_ERROR;
	return api->xCreateFunction(api, "passage_rank", NULL, rank_passage, NULL);
}
