#include "daemon/recado/stop.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct rcd_stop {
	struct rcd_cancel cancel;
	sigset_t was;
	_Atomic int signal;
	int signal_fd, stop_fd, end_fd; /* signals; readable once stopped; ends the thread */
	pthread_t thread;
	bool runs;
};

static void *watch_signals(void *arg)
{
	struct rcd_stop *s = arg;
	struct pollfd p[2] = {{.fd = s->signal_fd, .events = POLLIN},
	                      {.fd = s->end_fd, .events = POLLIN}};
	struct signalfd_siginfo si;

	for (;;) {
		(void)poll(p, 2, -1);
		if (p[1].revents != 0)
			return NULL;
		if (read(s->signal_fd, &si, sizeof(si)) != (ssize_t)sizeof(si) ||
		    atomic_load(&s->signal) != 0)
			continue;
		atomic_store(&s->signal, (int)si.ssi_signo);
		rcd_cancel_set(&s->cancel);
		(void)eventfd_write(s->stop_fd, 1);
	}
}

int rcd_stop_open(struct rcd_stop **out, struct rcd_err *err)
{
	struct rcd_stop *s = calloc(1, sizeof(*s));
	sigset_t set;

	if (s == NULL)
		return rcd_fail_nomem(err);
	rcd_cancel_init(&s->cancel);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &set, &s->was);
	(void)signal(SIGPIPE, SIG_IGN);
	s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	s->stop_fd = eventfd(0, EFD_CLOEXEC);
	s->end_fd = eventfd(0, EFD_CLOEXEC);
	s->runs = s->signal_fd >= 0 && s->stop_fd >= 0 && s->end_fd >= 0 &&
	          pthread_create(&s->thread, NULL, watch_signals, s) == 0;
	if (!s->runs) {
		(void)rcd_fail_errno(err, "cannot wait for signals");
		rcd_stop_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

struct rcd_cancel *rcd_stop_cancel(struct rcd_stop *s)
{
	return &s->cancel;
}

int rcd_stop_fd(const struct rcd_stop *s)
{
	return s->stop_fd;
}

int rcd_stop_signal(const struct rcd_stop *s)
{
	return atomic_load(&s->signal);
}

struct rcd_stop *rcd_stop_close(struct rcd_stop *s)
{
	if (s == NULL)
		return NULL;
	if (s->runs) {
		(void)eventfd_write(s->end_fd, 1);
		(void)pthread_join(s->thread, NULL);
	}
	if (s->signal_fd >= 0)
		(void)close(s->signal_fd);
	if (s->stop_fd >= 0)
		(void)close(s->stop_fd);
	if (s->end_fd >= 0)
		(void)close(s->end_fd);
	(void)pthread_sigmask(SIG_SETMASK, &s->was, NULL);
	rcd_cancel_free(&s->cancel);
	free(s);
	return NULL;
}
