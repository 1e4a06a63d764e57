/* Media as files: whole or not at all, listed by age, removed. */

#include "base/clock.h"
#include "provider/blob.h"
#include "tests/t.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "00112233445566778899aabbccddeeff.ogg"
#define KEY RCD_BLOB_AUDIO NAME

struct place {
	char audio[300];
	struct rcd_blob_conf conf;
	struct rcd_blob_store store;
};

static void settle(struct place *p)
{
	(void)umask(022);
	(void)snprintf(p->audio, sizeof(p->audio), "%s/served", t_dir());
	p->conf = (struct rcd_blob_conf){.audio_dir = p->audio, .state_dir = t_dir()};
	rcd_blob_open(&p->store, &p->conf, NULL);
}

static int names(void *arg, const char *name)
{
	int *n = arg;

	*n += strcmp(name, NAME) == 0 ? 1 : 100;
	return 0;
}

static int is_file(const char *dir, const char *name, const char *want, int mode)
{
	char path[600], *text = NULL;
	struct stat st;
	size_t n = 0;
	int ret = 0;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	text = t_slurp(path, &n);
	T_STR(text, want);
	T_INT(stat(path, &st), 0);
	T_INT(st.st_mode & 0777, mode);
out:
	free(text);
	return ret;
}

static int written(void)
{
	struct rcd_err err = {0};
	struct place p;
	int ret = 0;

	settle(&p);
	T_DO(rcd_blob_write(&p.store, KEY, "audio/ogg", RCD_SV("OggS"), 0, &err), err);
	T_DO(rcd_blob_write(&p.store, "inbound/2026-11/7-0", "image/png", RCD_SV("PNG"), 0, &err), err);
	T_INT(is_file(p.audio, NAME, "OggS", 0644), 0);
	T_INT(is_file(t_dir(), "inbound/2026-11/7-0", "PNG", 0640), 0);
out:
	return ret;
}

/* To the last byte, up to the reader's maximum. */
static int read_back(void)
{
	struct rcd_err err = {0};
	struct rcd_buf got;
	struct place p;
	char much[8192];
	int ret = 0;

	settle(&p);
	rcd_buf_init(&got, sizeof(much));
	memset(much, 'x', sizeof(much));
	T_DO(rcd_blob_write(&p.store, KEY, "audio/ogg", RCD_SV("OggS\0\xff"), 0, &err), err);
	T_DO(rcd_blob_read(&p.store, KEY, 0, &got, &err), err);
	T_OK(rcd_sv_eq(rcd_buf_view(&got), RCD_SV("OggS\0\xff")));
	rcd_buf_reset(&got);
	T_DO(rcd_blob_write(&p.store, KEY, "audio/ogg", (struct rcd_sv){much, sizeof(much)}, 0, &err),
	     err);
	T_INT(rcd_blob_read(&p.store, KEY, 0, &got, &err), -1);
	T_OK(err.code == RCD_LIMIT || err.code == RCD_NOMEM);
	T_DO(rcd_blob_remove(&p.store, KEY, &err), err);
	T_INT(rcd_blob_read(&p.store, KEY, 0, &got, &err), -1);
	T_OK(err.code == RCD_NOENT || err.code == RCD_NOMEM);
out:
	rcd_buf_free(&got);
	return ret;
}

static int pieces_appear_as_one(void)
{
	char path[600];
	struct rcd_blob w = {0};
	struct rcd_err err = {0};
	struct place p;
	int ret = 0, n = 0;

	settle(&p);
	(void)snprintf(path, sizeof(path), "%s/%s", t_dir(), "inbound/2026-11/7-0");
	T_DO(rcd_blob_begin(&w, &p.store, "inbound/2026-11/7-0", "x/y", 0, &err), err);
	T_DO(rcd_blob_add(&w, "ab", 2, &err), err);
	T_OK(access(path, F_OK) != 0);
	T_DO(rcd_blob_add(&w, "cd", 2, &err), err);
	T_DO(rcd_blob_commit(&w, &err), err);
	T_INT(is_file(t_dir(), "inbound/2026-11/7-0", "abcd", 0640), 0);
	T_DO(rcd_blob_begin(&w, &p.store, KEY, "audio/ogg", 0, &err), err);
	T_DO(rcd_blob_add(&w, "ab", 2, &err), err);
	rcd_blob_drop(&w);
	T_DO(rcd_blob_each(&p.store, RCD_BLOB_AUDIO, INT64_MAX, names, &n, &err), err);
	T_INT(n, 0);
out:
	rcd_blob_drop(&w);
	return ret;
}

static int listed_and_removed(void)
{
	struct rcd_err err = {0};
	struct place p;
	int ret = 0, n = 0;

	settle(&p);
	T_DO(rcd_blob_each(&p.store, RCD_BLOB_AUDIO, INT64_MAX, names, &n, &err), err);
	T_DO(rcd_blob_write(&p.store, KEY, "audio/ogg", RCD_SV("OggS"), 0, &err), err);
	T_DO(rcd_blob_each(&p.store, RCD_BLOB_AUDIO, rcd_now_ms() - 60000, names, &n, &err), err);
	T_INT(n, 0);
	T_DO(rcd_blob_each(&p.store, RCD_BLOB_AUDIO, rcd_now_ms() + 60000, names, &n, &err), err);
	T_INT(n, 1);
	T_DO(rcd_blob_remove(&p.store, KEY, &err), err);
	T_DO(rcd_blob_remove(&p.store, KEY, &err), err);
	n = 0;
	T_DO(rcd_blob_each(&p.store, RCD_BLOB_AUDIO, INT64_MAX, names, &n, &err), err);
	T_INT(n, 0);
out:
	return ret;
}

static int keys_have_an_end(void)
{
	char key[200];
	struct rcd_err err = {0};
	struct place p;
	int ret = 0;

	settle(&p);
	memset(key, 'k', sizeof(key) - 1);
	key[sizeof(key) - 1] = '\0';
	T_OK(rcd_blob_write(&p.store, key, "x/y", RCD_SV("a"), 0, &err) != 0);
	T_INT(err.code, RCD_INVAL);
out:
	return ret;
}

const struct t_case t_cases[] = {
	{"written", written, T_OOM},
	{"read_back", read_back, T_OOM},
	{"pieces_appear_as_one", pieces_appear_as_one, T_OOM},
	{"listed_and_removed", listed_and_removed, T_OOM},
	{"keys_have_an_end", keys_have_an_end, 0},
	{NULL, NULL, 0},
};
