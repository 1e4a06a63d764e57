#include "daemon/recadod/upkeep.h"

#include "base/clock.h"
#include "daemon/log.h"
#include "daemon/place.h"
#include "daemon/recadod/sweep.h"
#include "daemon/tenant.h"
#include "knowledge/knowledge.h"
#include "memory/memory.h"
#include "store/dead.h"
#include "store/followup.h"
#include "store/media.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define ROUND_MS 30000
#define SWEEP_ROUNDS 2           /* a look for missed messages every so many */
#define ORPHANS_EVERY_MS 3600000 /* a store of objects wants money for its listings */
#define ORPHAN_MS 600000         /* audio younger than this may still get its row */
#define STUCK_FILE_MS 3600000    /* until a file that could not be removed is tried again */
#define BATCH 64
#define EMBED_MS 10000 /* of a round at most: the rest of the housekeeping waits */

struct rcd_upkeep {
	const struct rcd_child *child;
	const struct rcd_conf *conf;
	struct rcd_runtime *rt;
	int stop_fd;
	unsigned round;
	int64_t orphans_at_ms;
	char extractor[PATH_MAX];
	struct rcd_extract_conf extract;
	struct rcd_knowledge_folder folder;
	bool embed_failed;        /* the last time: said once */
	struct rcd_cancel cancel; /* the thread works under it */
	pthread_t thread;
};

static int remove_audio(const struct rcd_upkeep *u, const char *name)
{
	char key[RCD_BLOB_KEY + 256]; /* a foreign file may have a longer name than ours */
	struct rcd_err err;

	(void)snprintf(key, sizeof(key), RCD_BLOB_AUDIO "%s", name);
	if (rcd_blob_remove(&u->rt->blobs, key, &err) != 0) {
		rcd_log(RCD_WARN, "%s", err.msg);
		return -1;
	}
	rcd_log(RCD_DEBUG, "removed %s", name);
	return 0;
}

/* The row goes last. A file that cannot be removed is put off, so that it holds up no other. */
static int expire_one(const struct rcd_upkeep *u, const char *name, struct rcd_err *err)
{
	if (remove_audio(u, name) != 0)
		return rcd_media_postpone(u->rt->db, name, rcd_now_ms() + STUCK_FILE_MS, err);
	return rcd_media_forget(u->rt->db, name, err);
}

static void expire_audio(const struct rcd_upkeep *u)
{
	char name[BATCH][64];
	struct rcd_err err;
	int n = BATCH;

	while (n == BATCH) {
		if (rcd_media_expired(u->rt->db, rcd_now_ms(), name, BATCH, &n, &err) != 0) {
			rcd_log(RCD_WARN, "expired audio: %s", err.msg);
			return;
		}
		for (int i = 0; i < n; i++)
			if (expire_one(u, name[i], &err) != 0) {
				rcd_log(RCD_WARN, "expired audio: %s", err.msg);
				return;
			}
	}
}

static int remove_orphan(void *arg, const char *name)
{
	const struct rcd_upkeep *u = arg;
	bool known = true;
	struct rcd_err err;

	if (rcd_media_known(u->rt->db, name, &known, &err) != 0)
		return -1;
	if (!known)
		(void)remove_audio(u, name); /* logged; the others go all the same */
	return 0;
}

static void sweep_orphans(struct rcd_upkeep *u)
{
	struct rcd_err err;

	if (rcd_blob_each(&u->rt->blobs, RCD_BLOB_AUDIO, rcd_now_ms() - ORPHAN_MS, remove_orphan, u,
	                  &err) != 0)
		rcd_log(RCD_WARN, "orphaned audio: %s", err.msg);
}

static void log_left_out(void *arg, const char *name, const struct rcd_err *why)
{
	(void)arg;
	rcd_log(RCD_WARN, "knowledge: %s is left out: %s", name, why->msg);
}

static void sync_knowledge(struct rcd_runtime *rt, struct rcd_knowledge_folder *folder)
{
	int changed = 0, skipped = 0;
	struct rcd_err err;

	if (rcd_knowledge_sync(rt->db, RCD_TENANT, folder, &changed, &skipped, &err) != 0)
		rcd_log(RCD_WARN, "knowledge: %s", err.msg);
	else if (changed > 0)
		rcd_log(RCD_NOTICE, "knowledge: %d files changed, %d left out", changed, skipped);
}

void rcd_upkeep_knowledge(const struct rcd_conf *conf, struct rcd_runtime *rt)
{
	struct rcd_knowledge_folder folder = {.dir = conf->knowledge_dir};

	sync_knowledge(rt, &folder);
	rcd_knowledge_folder_done(&folder);
}

/* Dead letters whose time for one more try has come. */
static void redrive_letters(struct rcd_upkeep *u)
{
	int64_t id[BATCH];
	struct rcd_err err;
	int n = 0;

	if (rcd_dead_due(u->rt->db, RCD_TENANT, rcd_now_ms(), id, BATCH, &n, &err) != 0) {
		rcd_log(RCD_WARN, "dead letters: %s", err.msg);
		return;
	}
	for (int i = 0; i < n; i++)
		if (rcd_dead_retry(u->rt->db, RCD_TENANT, id[i], &err) == 0)
			rcd_log(RCD_INFO, "dead letter %lld is tried again", (long long)id[i]);
	if (n > 0)
		rcd_bell_ring(u->child);
}

/* Scheduled messages that the wall clock says are due. */
static void keep_promises(struct rcd_upkeep *u)
{
	struct rcd_err err;
	int64_t n = 0;

	if (rcd_followup_wake(u->rt->db, RCD_TENANT, &n, &err) != 0)
		rcd_log(RCD_WARN, "scheduled messages: %s", err.msg);
	if (n > 0)
		rcd_bell_ring(u->child);
}

/* Whether there is more to be done at once. */
static bool embed_some(struct rcd_upkeep *u)
{
	struct rcd_err err = {0};
	bool more = false;
	int ret = rcd_semantic_tend(&u->rt->semantic, u->rt->db, RCD_TENANT, EMBED_MS, &more, &err);

	if (ret != 0 && err.code != RCD_CANCELLED)
		rcd_log(u->embed_failed ? RCD_DEBUG : RCD_WARN, "knowledge is searched by words only: %s",
		        err.msg);
	u->embed_failed = ret != 0;
	return more;
}

/* A store that came back from a backup may know whom we were asked to forget. */
static void forget_again(const struct rcd_upkeep *u)
{
	const struct rcd_memory_env env = rcd_turn_memory_env(&u->rt->turn);
	struct rcd_err err = {0};
	int n = 0;

	if (rcd_memory_forget_again(&env, RCD_TENANT, &n, &err) != 0)
		rcd_log(RCD_WARN, "tombstones: %s", err.msg);
	if (n > 0)
		rcd_log(RCD_NOTICE, "%d contacts of a restored store were forgotten again", n);
}

/* How long to wait for the next, in ms. */
static int round_once(struct rcd_upkeep *u)
{
	bool more;

	forget_again(u);
	sync_knowledge(u->rt, &u->folder);
	more = embed_some(u);
	redrive_letters(u);
	keep_promises(u);
	if (u->round++ % SWEEP_ROUNDS == 0)
		rcd_sweep(u->child, u->rt);
	expire_audio(u);
	if (rcd_mono_ms() >= u->orphans_at_ms) {
		u->orphans_at_ms = rcd_mono_ms() + ORPHANS_EVERY_MS;
		sweep_orphans(u);
	}
	return more ? 0 : ROUND_MS;
}

/* Without its program text and Markdown are read all the same, and the others named in the log. */
static void prepare_folder(struct rcd_upkeep *u)
{
	struct rcd_err err;

	u->extract = (struct rcd_extract_conf){.unsandboxed = u->conf->unsandboxed};
	if (rcd_place_extract(u->extractor, sizeof(u->extractor), &err) == 0)
		u->extract.program = u->extractor;
	u->folder = (struct rcd_knowledge_folder){.dir = u->conf->knowledge_dir,
	                                          .extract = &u->extract,
	                                          .note = log_left_out};
}

static void *run_rounds(void *arg)
{
	struct rcd_upkeep *u = arg;
	struct pollfd p = {.fd = u->stop_fd, .events = POLLIN};

	(void)rcd_cancel_under(&u->cancel);
	while (poll(&p, 1, round_once(u)) == 0)
		;
	return NULL;
}

int rcd_upkeep_start(struct rcd_upkeep **out, struct rcd_child *child, struct rcd_runtime *rt,
                     struct rcd_err *err)
{
	struct rcd_upkeep *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return rcd_fail_nomem(err);
	*u = (struct rcd_upkeep){.child = child,
	                         .conf = child->conf,
	                         .rt = rt,
	                         .stop_fd = eventfd(0, EFD_CLOEXEC)};
	rcd_cancel_init(&u->cancel);
	prepare_folder(u);
	if (u->stop_fd < 0 || pthread_create(&u->thread, NULL, run_rounds, u) != 0) {
		if (u->stop_fd >= 0)
			(void)close(u->stop_fd);
		free(u);
		return rcd_fail_errno(err, "cannot start the housekeeping thread");
	}
	*out = u;
	return 0;
}

void rcd_upkeep_stop(struct rcd_upkeep *u)
{
	if (u == NULL)
		return;
	rcd_cancel_set(&u->cancel);
	(void)eventfd_write(u->stop_fd, 1);
	(void)pthread_join(u->thread, NULL);
	(void)close(u->stop_fd);
	rcd_knowledge_folder_done(&u->folder);
	free(u);
}
