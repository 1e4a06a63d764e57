/* Messages of the simulated account. */

#include "daemon/sandbox/messages.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_MESSAGES 100000

/* Hashes of sid and receiver are kept beside the document: a scan of 100,000 messages parses
 * none. */
struct message {
	int64_t when_ms;
	uint32_t sid, to;
	json_t *doc;
};

struct rcd_sb_messages {
	pthread_mutex_t lock;
	struct message *ring; /* oldest at first, when it is full */
	size_t first, n, cap;
};

void rcd_sb_date(int64_t ms, char out[RCD_SB_DATE])
{
	static const char day[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char month[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
	                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	(void)gmtime_r(&t, &tm);
	(void)snprintf(out, RCD_SB_DATE, "%s, %02d %s %04d %02d:%02d:%02d +0000", day[tm.tm_wday],
	               tm.tm_mday, month[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
	               tm.tm_sec);
}

int rcd_sb_messages_open(struct rcd_sb_messages **out, struct rcd_err *err)
{
	struct rcd_sb_messages *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return rcd_fail_nomem(err);
	(void)pthread_mutex_init(&m->lock, NULL);
	*out = m;
	return 0;
}

static uint32_t hash_text(struct rcd_sv v)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < v.n; i++)
		h = (h ^ (unsigned char)v.p[i]) * 16777619u;
	return h;
}

static struct message *get_message(const struct rcd_sb_messages *m, size_t i)
{
	i += m->first; /* both are below cap */
	return &m->ring[i < m->cap ? i : i - m->cap];
}

struct rcd_sb_messages *rcd_sb_messages_close(struct rcd_sb_messages *m)
{
	if (m == NULL)
		return NULL;
	for (size_t i = 0; i < m->n; i++)
		json_decref(get_message(m, i)->doc);
	free(m->ring);
	(void)pthread_mutex_destroy(&m->lock);
	free(m);
	return NULL;
}

/* Makes room for one more; a full ring drops its oldest. */
static int make_room(struct rcd_sb_messages *m)
{
	size_t cap = m->cap > 0 ? 2 * m->cap : 64;
	struct message *ring;

	if (m->n < m->cap)
		return 0;
	if (m->n >= MAX_MESSAGES) {
		json_decref(get_message(m, 0)->doc);
		m->first = m->first + 1 < m->cap ? m->first + 1 : 0;
		m->n--;
		return 0;
	}
	if (cap > MAX_MESSAGES)
		cap = MAX_MESSAGES;
	ring = realloc(m->ring, cap * sizeof(*ring)); /* not full size yet: first is 0 */
	if (ring == NULL)
		return -1;
	m->ring = ring;
	m->cap = cap;
	return 0;
}

/* Sorted by time: a planted message may be older than others. */
static void insert_message(struct rcd_sb_messages *m, struct message msg)
{
	size_t i = m->n++;

	for (; i > 0 && get_message(m, i - 1)->when_ms > msg.when_ms; i--)
		*get_message(m, i) = *get_message(m, i - 1);
	*get_message(m, i) = msg;
}

int rcd_sb_messages_add(struct rcd_sb_messages *m, int64_t when_ms, json_t *take)
{
	int ret = -1;

	if (take == NULL)
		return -1;
	(void)pthread_mutex_lock(&m->lock);
	if (make_room(m) == 0) {
		insert_message(m, (struct message){when_ms, hash_text(rcd_json_sv(take, "sid")),
		                                   hash_text(rcd_json_sv(take, "to")), take});
		ret = 0;
	}
	(void)pthread_mutex_unlock(&m->lock);
	if (ret != 0)
		json_decref(take);
	return ret;
}

/* Searched from the newest, which most requests ask for. */
static struct message *find_message(struct rcd_sb_messages *m, struct rcd_sv sid)
{
	const uint32_t h = hash_text(sid);

	for (size_t i = m->n; i > 0; i--)
		if (get_message(m, i - 1)->sid == h &&
		    rcd_sv_eq(rcd_json_sv(get_message(m, i - 1)->doc, "sid"), sid))
			return get_message(m, i - 1);
	return NULL;
}

void rcd_sb_messages_status(struct rcd_sb_messages *m, const char *sid, const char *status,
                            int error_code)
{
	char date[RCD_SB_DATE];
	struct message *msg;

	rcd_sb_date(rcd_now_ms(), date);
	(void)pthread_mutex_lock(&m->lock);
	msg = find_message(m, rcd_sv(sid));
	if (msg != NULL) {
		(void)json_object_set_new(msg->doc, "status", json_string(status));
		(void)json_object_set_new(msg->doc, "date_updated", json_string(date));
		if (strcmp(status, "sent") == 0)
			(void)json_object_set_new(msg->doc, "date_sent", json_string(date));
		if (error_code != 0)
			(void)json_object_set_new(msg->doc, "error_code", json_integer(error_code));
	}
	(void)pthread_mutex_unlock(&m->lock);
}

json_t *rcd_sb_messages_get(struct rcd_sb_messages *m, struct rcd_sv sid)
{
	struct message *msg;
	json_t *doc = NULL;

	(void)pthread_mutex_lock(&m->lock);
	msg = find_message(m, sid);
	if (msg != NULL)
		doc = json_deep_copy(msg->doc);
	(void)pthread_mutex_unlock(&m->lock);
	return doc;
}

/* to: of f's receiver. */
static bool is_match(const struct message *msg, const struct rcd_sb_filter *f, uint32_t to)
{
	return (f->to.p == NULL || msg->to == to) && msg->when_ms >= f->since_ms &&
	       msg->when_ms < f->until_ms &&
	       (f->to.p == NULL || rcd_sv_eq(f->to, rcd_json_sv(msg->doc, "to"))) &&
	       (f->from.p == NULL || rcd_sv_eq(f->from, rcd_json_sv(msg->doc, "from")));
}

/* The page's messages into list. 1: there is more, 0, -1: no memory. */
static int fill_page(struct rcd_sb_messages *m, const struct rcd_sb_filter *f, json_t *list)
{
	const uint32_t to = hash_text(f->to);
	bool begun = f->after.p == NULL;

	for (size_t i = m->n; i > 0; i--) {
		struct message *msg = get_message(m, i - 1);

		if (!begun) {
			begun = rcd_sv_eq(rcd_json_sv(msg->doc, "sid"), f->after);
			continue;
		}
		if (!is_match(msg, f, to))
			continue;
		if (json_array_size(list) == f->size)
			return 1;
		if (json_array_append_new(list, json_deep_copy(msg->doc)) != 0)
			return -1;
	}
	return 0;
}

json_t *rcd_sb_messages_list(struct rcd_sb_messages *m, const struct rcd_sb_filter *f, bool *next)
{
	json_t *list = json_array();
	int more = -1;

	if (list == NULL)
		return NULL;
	(void)pthread_mutex_lock(&m->lock);
	more = fill_page(m, f, list);
	(void)pthread_mutex_unlock(&m->lock);
	if (more < 0) {
		json_decref(list);
		return NULL;
	}
	*next = more > 0;
	return list;
}
