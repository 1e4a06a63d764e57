/* Sets up a conversation: a temporary folder with a store, and in it the knowledge of the
 * instance, from its store and its knowledge folder. */

#include "daemon/recado/talk_int.h"

#include "base/sv.h"
#include "daemon/place.h"
#include "knowledge/knowledge.h"
#include "store/copy.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* time for missing embeddings at start; passages that are left over are found by words alone */
#define EMBED_MS 20000
#define OPEN_FILES 16

/* --- the folder ----------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st, (void)kind, (void)where;
	return remove(path);
}

static int make_folder(struct rcd_talk *t, struct rcd_err *err)
{
	const char *tmp = getenv("TMPDIR");
	int n = snprintf(t->dir, sizeof(t->dir), "%s/recado-talk-XXXXXX",
	                 tmp != NULL && tmp[0] == '/' ? tmp : "/tmp");

	if (n < 0 || (size_t)n >= sizeof(t->dir) || mkdtemp(t->dir) == NULL) {
		t->dir[0] = '\0';
		return rcd_fail_errno(err, "a temporary folder; TMPDIR says where");
	}
	if (asprintf(&t->db, "%s/recado.db", t->dir) < 0)
		t->db = NULL;
	if (asprintf(&t->audio, "%s/audio", t->dir) < 0)
		t->audio = NULL;
	return t->db != NULL && t->audio != NULL ? 0 : rcd_fail_nomem(err);
}

/* --- the configuration ---------------------------------------------------------------------- */

static int pick_route(struct rcd_talk *t, struct rcd_err *err)
{
	const struct rcd_conf *conf = t->how.conf;

	for (size_t i = 0; i < conf->n_routes; i++)
		if (t->how.route == NULL || strcmp(conf->route[i].path, t->how.route) == 0) {
			t->route = conf->route[i];
			return 0;
		}
	return rcd_fail(err, RCD_NOENT, 0, "there is no route %s; recado conf lists them",
	                t->how.route != NULL ? t->how.route : "at all");
}

/* Redirects every path that would write to the instance into the temporary folder. */
static void make_own(struct rcd_talk *t)
{
	struct rcd_conf *own = &t->own;

	*own = *t->how.conf;
	own->state_dir = own->run_dir = t->dir;
	own->database_url = t->db;
	own->audio_dir = t->audio;
	own->blobs = (struct rcd_blob_conf){.audio_dir = t->audio, .state_dir = t->dir};
	own->openai.store = false;
	t->route.audio = t->route.text; /* voice notes are not transcribed here, so no Realtime sessions
	                                   are kept open */
	own->route = &t->route;
	own->n_routes = 1;
	own->turn.route = &t->route;
	own->turn.n_routes = 1;
}

/* --- what the business knows ---------------------------------------------------------------- */

static int copy_knowledge(struct rcd_talk *t, struct rcd_err *err)
{
	const struct rcd_copy how = {.tables = rcd_copy_knowledge,
	                             .arg = t->how.arg,
	                             .progress = t->how.progress};
	struct rcd_copied table[RCD_MAX_TABLES];
	size_t n;

	return t->how.from == NULL ? 0
	                           : rcd_copy_store(t->how.from, t->rt.db, &how, table, &n, NULL, err);
}

static void is_left_out(void *arg, const char *name, const struct rcd_err *why)
{
	char text[400];

	(void)snprintf(text, sizeof(text), "knowledge: %s is left out: %s", name, why->msg);
	rcd_talk_note(arg, 0, text);
}

/* Notes a failure that leaves the conversation usable. */
static int note_failure(struct rcd_talk *t, const struct rcd_err *err)
{
	if (err->code == RCD_NOMEM || err->code == RCD_CANCELLED)
		return -1;
	rcd_talk_note(t, 0, err->msg);
	return 0;
}

static int read_folder(struct rcd_talk *t, struct rcd_err *err)
{
	char extractor[PATH_MAX];
	struct rcd_extract_conf extract = {.unsandboxed = t->own.unsandboxed};
	struct rcd_knowledge_folder folder = {.dir = t->own.knowledge_dir,
	                                      .extract = &extract,
	                                      .note = is_left_out,
	                                      .arg = t};
	int changed, skipped, ret;

	if (rcd_place_extract(extractor, sizeof(extractor), err) == 0)
		extract.program = extractor;
	ret = rcd_knowledge_sync(t->rt.db, RCD_TALK_TENANT, &folder, &changed, &skipped, err);
	rcd_knowledge_folder_done(&folder);
	return ret == 0 ? 0 : note_failure(t, err);
}

/* Without embeddings, passages are found by words. */
static int index_knowledge(struct rcd_talk *t, struct rcd_err *err)
{
	bool more;

	return rcd_semantic_tend(&t->rt.semantic, t->rt.db, RCD_TALK_TENANT, EMBED_MS, &more, err) == 0
	           ? 0
	           : note_failure(t, err);
}

/* --- open and close ------------------------------------------------------------------------- */

static int open_all(struct rcd_talk *t, struct rcd_err *err)
{
	struct rcd_runtime_conf how = {.conf = &t->own,
	                               .turns = true,
	                               .sessions = true,
	                               .note = rcd_talk_note,
	                               .note_arg = t};
	int ret;

	if (pick_route(t, err) != 0 || make_folder(t, err) != 0)
		return -1;
	make_own(t);
	if (rcd_db_migrate(t->db, err) != 0 || rcd_runtime_open(&t->rt, &how, err) != 0)
		return -1;
	t->open = true;
	t->watch = rcd_talk_watch;
	t->watch.arg = t;
	t->rt.turn.watch = &t->watch;
	(void)rcd_cancel_under(t->how.stop);
	ret = copy_knowledge(t, err);
	if (ret == 0)
		ret = read_folder(t, err);
	if (ret == 0)
		ret = index_knowledge(t, err);
	(void)rcd_cancel_under(NULL);
	return ret;
}

int rcd_talk_open(struct rcd_talk **out, const struct rcd_talk_conf *conf, struct rcd_err *err)
{
	struct rcd_talk *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return rcd_fail_nomem(err);
	t->how = *conf;
	(void)pthread_mutex_init(&t->lock, NULL);
	t->notes = json_array();
	if (t->notes == NULL || open_all(t, err) != 0) {
		int ret = t->notes == NULL ? rcd_fail_nomem(err) : -1;

		rcd_talk_close(t);
		return ret;
	}
	t->how.from = NULL;
	*out = t;
	return 0;
}

struct rcd_talk *rcd_talk_close(struct rcd_talk *t)
{
	if (t == NULL)
		return NULL;
	if (t->open)
		rcd_runtime_close(&t->rt);
	if (t->dir[0] != '\0')
		(void)nftw(t->dir, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS);
	free(t->db);
	free(t->audio);
	json_decref(t->notes);
	(void)pthread_mutex_destroy(&t->lock);
	free(t);
	return NULL;
}
