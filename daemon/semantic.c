#include "daemon/semantic.h"

#include "base/clock.h"
#include "daemon/log.h"
#include "provider/openai_embed.h"

#include <stdio.h>
#include <stdlib.h>

#define CALL_MS 60000
#define KEEP_OTHERS_MS (7 * 24 * 3600 * 1000LL) /* so that who changes the model back pays once */

static int embed_texts(void *arg, const struct rcd_sv *text, size_t n, int64_t deadline, float *out,
                       struct rcd_err *err)
{
	const struct rcd_daemon_semantic *s = arg;

	return rcd_openai_embed(s->http, s->openai, text, n, deadline, out, err);
}

int rcd_semantic_open(struct rcd_daemon_semantic *s, const struct rcd_conf *conf,
                      const struct rcd_openai_conf *openai, int64_t tenant, struct rcd_http *http,
                      struct rcd_err *err)
{
	struct rcd_vectors_conf vc = {
		.kind = {tenant, openai->embedding_model, openai->embedding_dimensions}};
	char *path = NULL;
	int ret;

	*s = (struct rcd_daemon_semantic){.http = http, .openai = openai};
	rcd_breaker_init(&s->breaker);
	if (!rcd_secret_set(&openai->key))
		return 0;
	s->search =
		(struct rcd_semantic){.embedder = {.embed = embed_texts,
	                                       .arg = s,
	                                       .model = openai->embedding_model,
	                                       .dimensions = (size_t)openai->embedding_dimensions,
	                                       .most = rcd_openai_embed_most(openai),
	                                       .most_bytes = RCD_EMBED_BYTES},
	                          .breaker = &s->breaker,
	                          .within_ms = conf->semantic.within_ms,
	                          .floor = conf->semantic.floor};
	if (asprintf(&path, "%s/knowledge-%lld.vec", conf->state_dir, (long long)tenant) < 0)
		return rcd_fail_nomem(err);
	vc.path = path;
	ret = rcd_vectors_open(&s->search.vectors, &vc, err);
	free(path);
	return ret;
}

void rcd_semantic_close(struct rcd_daemon_semantic *s)
{
	s->search.vectors = rcd_vectors_close(s->search.vectors);
	rcd_breaker_free(&s->breaker);
}

/* Batches until there is none left, the time is over or we are to stop. */
static int embed_some(const struct rcd_daemon_semantic *s, struct rcd_db *db, int64_t tenant,
                      int64_t until, bool *more, struct rcd_err *err)
{
	int64_t after = RCD_EMBED_FIRST;
	size_t n = 1, all = 0;
	int ret = 0;

	while (ret == 0 && n > 0 && rcd_mono_ms() < until) {
		ret = rcd_knowledge_embed(db, tenant, &s->search.embedder, rcd_deadline_in(CALL_MS), &after,
		                          &n, err);
		all += ret == 0 ? n : 0;
	}
	*more = ret == 0 && n > 0;
	if (all > 0)
		rcd_log(RCD_NOTICE, "knowledge: %zu passages embedded%s", all, *more ? ", more to do" : "");
	return ret;
}

int rcd_semantic_tend(struct rcd_daemon_semantic *s, struct rcd_db *db, int64_t tenant,
                      int64_t for_ms, bool *more, struct rcd_err *err)
{
	const struct rcd_embedding_kind kind = {tenant, s->search.embedder.model,
	                                        (int64_t)s->search.embedder.dimensions};
	int64_t rows = -1;
	int ret;

	*more = false;
	if (s->search.vectors == NULL)
		return 0;
	ret = embed_some(s, db, tenant, rcd_mono_ms() + for_ms, more, err);
	if (ret == 0 && !*more)
		ret = rcd_embedding_forget_others(db, &kind, rcd_now_ms() - KEEP_OTHERS_MS, err);
	/* what there is is of use, whether or not the rest could be had */
	if (rcd_vectors_build(s->search.vectors, db, &rows, ret == 0 ? err : RCD_UNREAD_ERR) != 0)
		return -1;
	if (rows >= 0)
		rcd_log(RCD_INFO, "knowledge: %lld vectors in the index", (long long)rows);
	return ret;
}
