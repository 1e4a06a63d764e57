#include "daemon/recadod/child.h"

#include "base/clock.h"
#include "base/thread.h"
#include "daemon/log.h"
#include "store/job.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

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

static struct rcd_breaker *breaker_of(struct rcd_runtime *rt, int i)
{
	struct rcd_breaker *const all[RCD_N_WATCHED] =
		{[RCD_WATCHED_REALTIME] = &rt->realtime,   [RCD_WATCHED_CHAT] = &rt->chat,
	     [RCD_WATCHED_ASSISTANT] = &rt->assistant, [RCD_WATCHED_TRANSCRIBE] = &rt->transcribe,
	     [RCD_WATCHED_SPEECH] = &rt->speech,       [RCD_WATCHED_SEND] = &rt->send};

	return all[i];
}

void rcd_child_beat(struct rcd_child *child)
{
	unsigned open = 0;

	for (int i = 0; child->rt != NULL && i < RCD_N_WATCHED; i++)
		open |= (unsigned)rcd_breaker_is_open(breaker_of(child->rt, i)) << i;
	atomic_store(&child->slot->open, open);
	atomic_store(&child->slot->beat_ms, rcd_mono_ms());
}

bool rcd_child_wait(struct rcd_child *child, int fd, int64_t ms, bool *readable)
{
	struct pollfd p[2] = {{.fd = child->signal_fd, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
	int n;

	if (ms < 0)
		ms = 0;
	n = poll(p, fd >= 0 ? 2 : 1, ms > 60000 ? 60000 : (int)ms);
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

static void log_note(void *arg, int64_t turn_id, const char *text)
{
	(void)arg;
	rcd_log(RCD_WARN, "turn=%lld %s", (long long)turn_id, text);
}

static const char *const account_action[RCD_N_PROVIDERS] =
	{[RCD_PROVIDER_OPENAI] = "check OPENAI_API_KEY and what it may do",
     [RCD_PROVIDER_VOICE] = "check ELEVENLABS_API_KEY and what it may do",
     [RCD_PROVIDER_TWILIO] = "check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"};

/* One line when it begins and one when it is over, whichever process meets it first. */
static void tell_account(void *arg, const char *provider, enum rcd_account_fault fault,
                         const struct rcd_err *err)
{
	const struct rcd_runtime *rt = arg;
	int i = 0;

	while (i < RCD_N_PROVIDERS - 1 && strcmp(rt->account[i].provider, provider) != 0)
		i++;
	if (fault == RCD_ACCOUNT_KEY)
		rcd_log(RCD_ERROR, "key_refused provider=%s code=%d action=\"%s, then reload\"", provider,
		        err->sys, account_action[i]);
	else if (fault == RCD_ACCOUNT_QUOTA)
		rcd_log(RCD_ERROR,
		        "quota_exhausted provider=%s code=%d action=\"add credit to the account\"",
		        provider, err->sys);
	else
		rcd_log(RCD_NOTICE, "account_restored provider=%s", provider);
}

static void tell_adapted(void *arg, const char *call, const char *part)
{
	(void)arg;
	rcd_log(RCD_NOTICE, "engine_adapted call=%s without=%s", call, part);
}

int rcd_child_runtime(struct rcd_runtime *rt, struct rcd_child *child, bool turns,
                      struct rcd_err *err)
{
	const struct rcd_runtime_conf how = {.conf = child->conf,
	                                     .turns = turns,
	                                     .typing = true,
	                                     .sessions = child->role == RCD_ROLE_WORK,
	                                     .stats = &child->slot->realtime,
	                                     .note = log_note,
	                                     .note_arg = rt,
	                                     .accounts = child->board->account,
	                                     .account = tell_account,
	                                     .adapted = tell_adapted};
	int64_t freed;

	if (rcd_runtime_open(rt, &how, err) != 0)
		return -1;
	child->rt = rt;
	for (int i = 0; i < RCD_MAX_DEAD; i++)
		if (child->dead[i] != 0 && rcd_job_release(rt->db, child->dead[i], &freed, err) == 0 &&
		    freed > 0)
			rcd_log(RCD_NOTICE, "took back %lld jobs of a process that died", (long long)freed);
	return 0;
}

int rcd_spawn(void *(*fn)(void *), void *arg)
{
	return rcd_thread_start_detached(STACK, fn, arg) == 0 ? 0 : -1;
}
