#include "daemon/recadod/child.h"

#include "base/clock.h"
#include "daemon/log.h"
#include "store/job.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define TENANT 1

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK (2u << 20)
#else
#define STACK (512u << 10) /* libopus and FTS5 want about 100 KiB; only what is touched counts */
#endif

void rcd_child_ready(struct rcd_child *child)
{
	rcd_child_beat(child);
	if (write(child->ready_fd, "R", 1) != 1)
		rcd_log(RCD_ERROR, "cannot tell the master that we are ready");
	(void)close(child->ready_fd);
	child->ready_fd = -1;
}

void rcd_child_beat(struct rcd_child *child)
{
	atomic_store(&child->slot->beat_ms, rcd_mono_ms());
}

bool rcd_child_wait(struct rcd_child *child, int fd, int64_t ms, bool *readable)
{
	struct pollfd p[2] = {{.fd = child->signal_fd, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
	int n = poll(p, fd >= 0 ? 2 : 1, ms > 60000 ? 60000 : ms < 0 ? 0 : (int)ms);

	if (readable != NULL)
		*readable = n > 0 && fd >= 0 && p[1].revents != 0;
	return n > 0 && p[0].revents != 0;
}

void rcd_bell_ring(const struct rcd_child *child)
{
	/* a full socket means that the bell is ringing already */
	(void)send(child->bell_tx, "!", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (child->news_fd >= 0)
		(void)eventfd_write(child->news_fd, 1);
}

void rcd_bell_drain(int bell_rx)
{
	char c;

	while (recv(bell_rx, &c, 1, MSG_DONTWAIT) > 0)
		;
}

static void note(void *arg, int64_t turn_id, const char *text)
{
	(void)arg;
	rcd_log(RCD_WARN, "turn=%lld %s", (long long)turn_id, text);
}

static bool on_ladder(const struct rcd_ladder *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->rung[i] == RCD_RUNG_REALTIME)
			return true;
	return false;
}

/* Sessions cost a thread and connections: only where turns will ask for them. */
static int open_sessions(struct rcd_runtime *rt, struct rcd_child *child, struct rcd_err *err)
{
	const struct rcd_conf *conf = child->conf;
	bool wanted = false;

	for (size_t i = 0; i < conf->n_routes; i++)
		wanted = wanted || on_ladder(&conf->route[i].text) || on_ladder(&conf->route[i].audio);
	if (!wanted || child->role != RCD_ROLE_WORK || !rcd_secret_set(conf->realtime.key) ||
	    conf->realtime.sessions == 0)
		return 0;
	rt->realtime_conf = conf->realtime;
	rt->realtime_conf.stats = &child->slot->realtime;
	return rcd_realtime_open(&rt->sessions, &rt->realtime_conf, err);
}

int rcd_runtime_open(struct rcd_runtime *rt, struct rcd_child *child, bool turns, struct rcd_err *err)
{
	const struct rcd_conf *conf = child->conf;
	const struct rcd_db_conf dc = {.url = conf->database_url};
	int64_t freed;

	*rt = (struct rcd_runtime){0};
	rcd_breaker_init(&rt->chat);
	rcd_breaker_init(&rt->assistant);
	rcd_breaker_init(&rt->realtime);
	rcd_breaker_init(&rt->transcribe);
	rcd_breaker_init(&rt->speech);
	rcd_breaker_init(&rt->send);
	rt->turn = (struct rcd_turn_env){
		.conf = &conf->turn,
		.twilio = &conf->twilio,
		.openai = &conf->openai,
		.voice = &conf->voice,
		.blobs = &rt->blobs,
		.chat = &rt->chat,
		.assistant = &rt->assistant,
		.realtime = &rt->realtime,
		.transcribe = &rt->transcribe,
		.speech = &rt->speech,
		.send = &rt->send,
		.note = note,
	};
	if (rcd_db_open(&rt->db, &dc, err) != 0 || (turns && rcd_http_open(&rt->http, err) != 0) ||
	    (turns && rcd_typist_open(&rt->typist, rt->http, &conf->twilio, err) != 0) ||
	    (turns && rcd_tools_open(&rt->tools, &conf->tools, err) != 0) ||
	    open_sessions(rt, child, err) != 0 ||
	    (turns && rcd_semantic_open(&rt->semantic, conf, TENANT, rt->http, err) != 0)) {
		rcd_runtime_close(rt);
		return -1;
	}
	rt->turn.db = rt->db;
	rt->turn.http = rt->http;
	rt->turn.sessions = rt->sessions;
	rt->turn.typist = rt->typist;
	rt->turn.tools = rt->tools;
	rt->turn.semantic = rt->semantic.search.vectors != NULL ? &rt->semantic.search : NULL;
	rcd_blob_open(&rt->blobs, &conf->blobs, rt->http);
	for (int i = 0; i < RCD_MAX_DEAD; i++)
		if (child->dead[i] != 0 && rcd_job_release(rt->db, child->dead[i], &freed, err) == 0 && freed > 0)
			rcd_log(RCD_NOTICE, "took back %lld jobs of a process that died", (long long)freed);
	return 0;
}

void rcd_runtime_close(struct rcd_runtime *rt)
{
	rcd_http_abort(rt->http);
	rt->typist = rcd_typist_close(rt->typist);
	rt->tools = rcd_tools_close(rt->tools);
	rt->sessions = rcd_realtime_close(rt->sessions);
	rt->http = rcd_http_close(rt->http);
	rcd_semantic_close(&rt->semantic);
	rt->db = rcd_db_close(rt->db);
	rcd_breaker_free(&rt->chat);
	rcd_breaker_free(&rt->assistant);
	rcd_breaker_free(&rt->realtime);
	rcd_breaker_free(&rt->transcribe);
	rcd_breaker_free(&rt->speech);
	rcd_breaker_free(&rt->send);
}

int rcd_spawn(void *(*fn)(void *), void *arg)
{
	pthread_attr_t attr;
	pthread_t id;
	int ret;

	if (pthread_attr_init(&attr) != 0)
		return -1;
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)pthread_attr_setstacksize(&attr, STACK);
	ret = pthread_create(&id, &attr, fn, arg);
	(void)pthread_attr_destroy(&attr);
	return ret == 0 ? 0 : -1;
}
