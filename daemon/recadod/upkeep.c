#include "daemon/recadod/upkeep.h"

#include "base/clock.h"
#include "daemon/log.h"
#include "knowledge/knowledge.h"
#include "store/media.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <poll.h>
#include <unistd.h>

#define TENANT 1
#define ROUND_MS 30000
#define ORPHAN_S 600 /* a file younger than this may still get its row */
#define BATCH 64

struct rcd_upkeep {
	const struct rcd_conf *conf;
	struct rcd_runtime *rt;
	int stop_fd;
	pthread_t thread;
};

static void remove_audio(const struct rcd_upkeep *u, const char *name)
{
	char *path = NULL;

	if (asprintf(&path, "%s/%s", u->conf->audio_dir, name) < 0)
		return;
	if (unlink(path) == 0)
		rcd_log(RCD_DEBUG, "removed %s", name);
	free(path);
}

static void expire(const struct rcd_upkeep *u)
{
	char name[BATCH][64];
	struct rcd_err err;
	int n = BATCH;

	while (n == BATCH) {
		if (rcd_media_expired(u->rt->db, rcd_now_ms(), name, BATCH, &n, &err) != 0) {
			rcd_log(RCD_WARN, "expired audio: %s", err.msg);
			return;
		}
		for (int i = 0; i < n; i++) {
			remove_audio(u, name[i]);
			if (rcd_media_forget(u->rt->db, name[i], &err) != 0)
				return;
		}
	}
}

static bool old_enough(int dir, const char *name, time_t now)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	       now - st.st_mtime > ORPHAN_S;
}

static void sweep_orphans(const struct rcd_upkeep *u)
{
	DIR *d = opendir(u->conf->audio_dir);
	time_t now = (time_t)(rcd_now_ms() / 1000);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		struct rcd_err err;
		bool known = true;

		if (e->d_name[0] == '.' || !old_enough(dirfd(d), e->d_name, now))
			continue;
		if (rcd_media_known(u->rt->db, e->d_name, &known, &err) == 0 && !known)
			remove_audio(u, e->d_name);
	}
	if (d != NULL)
		(void)closedir(d);
}

void rcd_upkeep_knowledge(const struct rcd_conf *conf, struct rcd_runtime *rt)
{
	int changed = 0, skipped = 0;
	struct rcd_err err;

	if (rcd_knowledge_sync(rt->db, TENANT, conf->knowledge_dir, &changed, &skipped, &err) != 0)
		rcd_log(RCD_WARN, "knowledge: %s", err.msg);
	else if (changed > 0)
		rcd_log(RCD_NOTICE, "knowledge: %d files changed, %d left out", changed, skipped);
}

static void round_once(const struct rcd_upkeep *u)
{
	rcd_upkeep_knowledge(u->conf, u->rt);
	expire(u);
	sweep_orphans(u);
}

static void *rounds(void *arg)
{
	struct rcd_upkeep *u = arg;
	struct pollfd p = {.fd = u->stop_fd, .events = POLLIN};

	do
		round_once(u);
	while (poll(&p, 1, ROUND_MS) == 0);
	return NULL;
}

int rcd_upkeep_start(struct rcd_upkeep **out, struct rcd_child *child, struct rcd_runtime *rt,
                     struct rcd_err *err)
{
	struct rcd_upkeep *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return rcd_fail_nomem(err);
	*u = (struct rcd_upkeep){.conf = child->conf, .rt = rt, .stop_fd = eventfd(0, EFD_CLOEXEC)};
	if (u->stop_fd < 0 || pthread_create(&u->thread, NULL, rounds, u) != 0) {
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
	(void)eventfd_write(u->stop_fd, 1);
	(void)pthread_join(u->thread, NULL);
	(void)close(u->stop_fd);
	free(u);
}
