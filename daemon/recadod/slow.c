#include "daemon/recadod/slow.h"

#include "base/clock.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

LIST_HEAD(slow_list, rcd_slow);

static struct {
	pthread_mutex_t lock;
	struct slow_list list;
	int n;
} all = {.lock = PTHREAD_MUTEX_INITIALIZER};

void rcd_slow_add(struct rcd_slow *s)
{
	(void)pthread_mutex_init(&s->lock, NULL);
	s->fd = -1;
	(void)pthread_mutex_lock(&all.lock);
	LIST_INSERT_HEAD(&all.list, s, link);
	all.n++;
	(void)pthread_mutex_unlock(&all.lock);
}

void rcd_slow_remove(struct rcd_slow *s)
{
	rcd_slow_close(s);
	(void)pthread_mutex_lock(&all.lock);
	LIST_REMOVE(s, link);
	all.n--;
	(void)pthread_mutex_unlock(&all.lock);
	(void)pthread_mutex_destroy(&s->lock);
}

void rcd_slow_connect(struct rcd_slow *s, int fd)
{
	(void)pthread_mutex_lock(&s->lock);
	s->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	(void)pthread_mutex_unlock(&s->lock);
}

void rcd_slow_close(struct rcd_slow *s)
{
	(void)pthread_mutex_lock(&s->lock);
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = -1;
	s->since = 0;
	(void)pthread_mutex_unlock(&s->lock);
}

void rcd_slow_wait(struct rcd_slow *s, int64_t since)
{
	(void)pthread_mutex_lock(&s->lock);
	s->since = since;
	(void)pthread_mutex_unlock(&s->lock);
}

void rcd_slow_rest(struct rcd_slow *s)
{
	rcd_slow_wait(s, 0);
}

static int64_t waiting_since(struct rcd_slow *s)
{
	int64_t since;

	(void)pthread_mutex_lock(&s->lock);
	since = s->fd >= 0 ? s->since : 0;
	(void)pthread_mutex_unlock(&s->lock);
	return since;
}

static int count_waiting(void)
{
	struct rcd_slow *s;
	int n = 0;

	LIST_FOREACH(s, &all.list, link)
	n += waiting_since(s) != 0;
	return n;
}

/* Its thread reads the end of the connection, or cannot write, and goes on from there. */
static bool end_one(struct rcd_slow *s, int64_t before)
{
	bool ended;

	(void)pthread_mutex_lock(&s->lock);
	ended = s->fd >= 0 && s->since != 0 && s->since <= before;
	if (ended) {
		(void)shutdown(s->fd, SHUT_RDWR);
		s->since = 0;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return ended;
}

int rcd_slow_end(void)
{
	struct rcd_slow *s;
	int64_t may;
	int n = 0;

	(void)pthread_mutex_lock(&all.lock);
	may = 2 * count_waiting() > all.n ? RCD_CROWDED_MS : RCD_SLOW_MS;
	LIST_FOREACH(s, &all.list, link)
	n += end_one(s, rcd_mono_ms() - may);
	(void)pthread_mutex_unlock(&all.lock);
	return n;
}
