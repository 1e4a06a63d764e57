/* Plays Twilio under load: signed webhooks, each with a MessageSid of its own, over kept
 * HTTP/1.1 connections to a loopback port. Closed loop (every connection sends as soon as it
 * was answered) or, with --rate, open loop: then a latency counts from the moment the message
 * was due, so that a stalled server cannot slow down its own measurement.
 *
 *   load --port P --url PUBLIC_URL [--path /webhook/whatsapp] [--connections 64]
 *        [--seconds 3] [--warm 0.3] [--count 0] [--contacts 1000] [--rate 0]
 *
 * The key is $TWILIO_AUTH_TOKEN. --count ends it after so many messages, whatever the time.
 * One JSON object on standard output; what was sent within --warm is in "done" alone. */

#include "base/clock.h"
#include "base/crypto.h"
#include "provider/sign.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CONNECTIONS 4096
#define PATIENCE_US 20000000 /* for what is under way at the end */
#define ANSWER 4096          /* bytes of one answer at most */

/* --- the message ------------------------------------------------------------------------- */

#define SID_N 32    /* digits behind "SM" */
#define CONTACT_N 8 /* last digits of the sender's number */
#define MAX_SLOTS 8

/* A form whose fields stay where they are: only digits change, in the values that are signed
 * and at their places in the body. */
struct message {
	char sid[3 + SID_N], from[40], wa_id[16];
	struct rcd_pair pair[24];
	struct rcd_form form;
	struct rcd_buf body;
	struct {
		size_t at, n;
		const char *digits;
	} slot[MAX_SLOTS];
	int n_slots;
	struct rcd_secret token;
	const char *url; /* with the path: what is signed */
	uint64_t run;    /* random: where this run's ids begin */
	uint64_t count, contacts;
};

static void field(struct message *m, const char *name, const char *value)
{
	m->pair[m->form.n++] = (struct rcd_pair){rcd_sv(name), rcd_sv(value)};
	rcd_form_add(&m->body, name, rcd_sv(value));
}

/* A field that ends in n changing digits. */
static void slot(struct message *m, const char *name, const char *value, size_t n)
{
	field(m, name, value);
	m->slot[m->n_slots].at = m->body.n - n;
	m->slot[m->n_slots].n = n;
	m->slot[m->n_slots++].digits = value + strlen(value) - n;
}

static int message_init(struct message *m, const char *url, uint64_t contacts)
{
	struct rcd_err err;

	*m = (struct message){.sid = "SM00000000000000000000000000000000",
	                      .from = "whatsapp:+5511900000000",
	                      .wa_id = "5511900000000",
	                      .url = url,
	                      .contacts = contacts};
	m->form.pair = m->pair;
	rcd_buf_init(&m->body, 8192);
	rcd_random(&m->run, sizeof(m->run));
	slot(m, "SmsMessageSid", m->sid, SID_N);
	field(m, "NumMedia", "0");
	field(m, "ProfileName", "Maria da Conceição");
	field(m, "MessageType", "text");
	slot(m, "SmsSid", m->sid, SID_N);
	slot(m, "WaId", m->wa_id, CONTACT_N);
	field(m, "SmsStatus", "received");
	field(m, "Body",
	      "Bom dia! Vocês abrem aos sábados? Queria saber o preço da manutenção e se "
	      "dá para levar duas máquinas no mesmo dia. Obrigada 🙂");
	field(m, "To", "whatsapp:+14155238886");
	field(m, "NumSegments", "1");
	field(m, "ReferralNumMedia", "0");
	slot(m, "MessageSid", m->sid, SID_N);
	field(m, "AccountSid", "AC00000000000000000000000000000000");
	slot(m, "From", m->from, CONTACT_N);
	field(m, "ApiVersion", "2010-04-01");
	field(m, "ChannelMetadata",
	      "{\"type\":\"whatsapp\",\"data\":{\"context\":{\"ProfileName\":\"Maria\"}}}");
	if (m->body.bad || rcd_secret_put(&m->token, rcd_sv(getenv("TWILIO_AUTH_TOKEN")), &err) != 0 ||
	    !rcd_secret_set(&m->token))
		return -1;
	return 0;
}

/* A bijection that scatters: real MessageSids come in no order, which costs an index more than
 * ascending ones do. */
static uint64_t scatter(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

/* The next message; its signature goes to sign. */
static int message_next(struct message *m, char sign[32])
{
	uint64_t n = m->count++;
	char digits[SID_N + 1];

	(void)snprintf(digits, sizeof(digits), "%016llx%016llx",
	               (unsigned long long)scatter(m->run + n), (unsigned long long)n);
	memcpy(m->sid + 2, digits, SID_N);
	(void)snprintf(digits, sizeof(digits), "%08llu", (unsigned long long)(n % m->contacts));
	memcpy(m->from + strlen(m->from) - CONTACT_N, digits, CONTACT_N);
	memcpy(m->wa_id + strlen(m->wa_id) - CONTACT_N, digits, CONTACT_N);
	for (int i = 0; i < m->n_slots; i++)
		memcpy(m->body.p + m->slot[i].at, m->slot[i].digits, m->slot[i].n);
	return rcd_sign_twilio_make(&m->token, m->url, &m->form, sign);
}

/* --- the load ---------------------------------------------------------------------------- */

struct conn {
	int fd;
	bool busy;
	int64_t due_us; /* when its message was to leave */
	size_t n;
	char in[ANSWER + 1];
};

struct load {
	struct message msg;
	const char *path;
	int port, connections, ep;
	double seconds, warm;
	uint64_t count, rate; /* 0: no end by number, no fixed rate */
	int64_t start_us, end_us, warm_us, last_us, began_ms;
	struct conn *conn, **idle; /* those that wait for nothing */
	int n_idle;
	uint64_t sent, done, in_time, non_2xx,
		errors; /* in_time: after the warming up, before the end */
	int busy, first_bad;
	uint32_t *took_us; /* of every message after the warming up */
	size_t n_took, cap_took;
	uint32_t worst_us;
	double worst_at_s;
};

static int dial(struct load *l, struct conn *c)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
	                        .sin_port = htons((uint16_t)l->port),
	                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = c};
	int on = 1;

	if (c->fd >= 0)
		(void)close(c->fd);
	c->n = 0;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&a, sizeof(a)) != 0)
		return -1;
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fcntl(c->fd, F_SETFL, O_NONBLOCK) == 0 &&
	               epoll_ctl(l->ep, EPOLL_CTL_ADD, c->fd, &ev) == 0
	           ? 0
	           : -1;
}

/* A connection that was lost is dialled again; one that cannot be is left out from then on. */
static void lost(struct load *l, struct conn *c)
{
	if (c->busy) {
		l->errors++;
		l->busy--;
		c->busy = false;
	}
	if (dial(l, c) == 0)
		l->idle[l->n_idle++] = c;
}

/* A request fits into an empty socket buffer, so one write takes all of it. */
static int send_one(struct load *l, struct conn *c, int64_t due_us)
{
	char request[4096], sign[32];
	int n;

	if (message_next(&l->msg, sign) != 0)
		return -1;
	n = snprintf(
		request, sizeof(request),
		"POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n"
		"Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
		"X-Twilio-Signature: %s\r\nContent-Length: %zu\r\n\r\n%.*s",
		l->path, l->port, sign, l->msg.body.n, RCD_SV_ARG(rcd_buf_view(&l->msg.body)));
	if (n < 0 || (size_t)n >= sizeof(request))
		return -1;
	l->sent++;
	if (send(c->fd, request, (size_t)n, MSG_NOSIGNAL) != n) {
		/* closed after keepalive_requests, perhaps: once more on a new connection */
		if (dial(l, c) != 0 || send(c->fd, request, (size_t)n, MSG_NOSIGNAL) != n)
			return -1;
	}
	c->due_us = due_us;
	c->busy = true;
	l->busy++;
	return 0;
}

static bool more(const struct load *l, int64_t now)
{
	return now < l->end_us && (l->count == 0 || l->sent < l->count);
}

static void note(struct load *l, const struct conn *c, int status)
{
	int64_t now = rcd_mono_us();
	uint32_t took = (uint32_t)(now - c->due_us);

	l->done++;
	l->in_time += now >= l->warm_us && now < l->end_us;
	l->last_us = now;
	if (status < 200 || status > 299) {
		l->non_2xx++;
		if (l->first_bad == 0)
			l->first_bad = status;
	}
	if (c->due_us < l->warm_us)
		return;
	if (l->n_took == l->cap_took) {
		size_t cap = l->cap_took == 0 ? 65536 : 2 * l->cap_took;
		uint32_t *p = reallocarray(l->took_us, cap, sizeof(*p));

		if (p == NULL)
			return;
		l->took_us = p;
		l->cap_took = cap;
	}
	l->took_us[l->n_took++] = took;
	if (took > l->worst_us) {
		l->worst_us = took;
		l->worst_at_s = (double)(c->due_us - l->start_us) / 1e6;
	}
}

/* 0: not all of it is here yet; -1: none of HTTP; else the status, with *close_it said. */
static int answer(struct conn *c, bool *close_it)
{
	const char *end, *length, *connection;
	size_t head, body;

	c->in[c->n] = '\0';
	end = strstr(c->in, "\r\n\r\n");
	if (end == NULL)
		return c->n < ANSWER ? 0 : -1;
	head = (size_t)(end - c->in) + 4;
	length = strcasestr(c->in, "\r\nContent-Length:");
	connection = strcasestr(c->in, "\r\nConnection: close");
	if (strncmp(c->in, "HTTP/1.", 7) != 0 || length == NULL || length > end)
		return -1;
	body = (size_t)strtoul(length + 17, NULL, 10);
	if (head + body > ANSWER)
		return -1;
	if (c->n < head + body)
		return 0;
	*close_it = connection != NULL && connection < end;
	return (int)strtol(c->in + 9, NULL, 10);
}

static void on_bytes(struct load *l, struct conn *c)
{
	ssize_t n = recv(c->fd, c->in + c->n, ANSWER - c->n, 0);
	bool close_it = false;
	int status = -1;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 && !c->busy) { /* it waits among the idle: send_one dials again */
		(void)epoll_ctl(l->ep, EPOLL_CTL_DEL, c->fd, NULL);
		return;
	}
	if (n > 0) {
		c->n += (size_t)n;
		status = answer(c, &close_it);
	}
	if (status < 0)
		lost(l, c);
	if (status <= 0)
		return;
	note(l, c, status);
	c->n = 0;
	c->busy = false;
	l->busy--;
	if (close_it)
		lost(l, c);
	else
		l->idle[l->n_idle++] = c;
}

/* Idle connections send: at once, or when the next message is due. Returns for how many
 * microseconds there is nothing to do but to read answers. */
static int64_t feed(struct load *l)
{
	int64_t now = rcd_mono_us();

	while (more(l, now)) {
		int64_t due = now;
		struct conn *c;

		if (l->rate > 0)
			due = l->start_us + (int64_t)(l->sent * 1000000 / l->rate);
		if (due > now)
			return due - now;
		if (l->n_idle == 0)
			return PATIENCE_US;
		c = l->idle[--l->n_idle];
		if (send_one(l, c, due) != 0) {
			l->errors++;
			lost(l, c);
		}
		now = rcd_mono_us();
	}
	return l->end_us + PATIENCE_US - now;
}

static void run(struct load *l)
{
	struct epoll_event ev[256];

	l->start_us = rcd_mono_us();
	l->began_ms = rcd_now_ms();
	l->warm_us = l->start_us + (int64_t)(l->warm * 1e6);
	l->end_us = l->start_us + (int64_t)((l->seconds + l->warm) * 1e6);
	for (;;) {
		int64_t left = feed(l), now = rcd_mono_us();
		struct timespec ts = {left / 1000000, left % 1000000 * 1000};
		bool lone = l->busy == 0 && l->n_idle == 0;
		int n;

		if (lone || left <= 0 || (!more(l, now) && l->busy == 0))
			break;
		n = epoll_pwait2(l->ep, ev, 256, &ts, NULL);
		for (int i = 0; i < n; i++)
			on_bytes(l, ev[i].data.ptr);
	}
	l->errors += (uint64_t)l->busy;
}

/* --- the figures ------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static double at(const struct load *l, double part)
{
	return l->n_took == 0 ? 0 : (double)l->took_us[(size_t)((double)(l->n_took - 1) * part)] / 1e3;
}

static void print(struct load *l)
{
	double seconds = (double)((l->last_us < l->end_us ? l->last_us : l->end_us) - l->warm_us) / 1e6,
		   cpu_us;
	struct rusage u;

	qsort(l->took_us, l->n_took, sizeof(*l->took_us), by_size);
	(void)getrusage(RUSAGE_SELF, &u);
	cpu_us = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
	         (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
	printf(
		"{\"began_ms\": %lld, \"sent\": %llu, \"done\": %llu, \"non_2xx\": %llu, \"first_bad\": "
		"%d, \"errors\": %llu, "
		"\"seconds\": %.3f, \"rate\": %.1f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f, "
		"\"max_at_s\": %.3f, \"cpu_us\": %.2f}\n",
		(long long)l->began_ms, (unsigned long long)l->sent, (unsigned long long)l->done,
		(unsigned long long)l->non_2xx, l->first_bad, (unsigned long long)l->errors,
		(double)(l->last_us - l->start_us) / 1e6, seconds > 0 ? (double)l->in_time / seconds : 0,
		at(l, 0.5), at(l, 0.99), (double)l->worst_us / 1e3, l->worst_at_s,
		l->done > 0 ? cpu_us / (double)l->done : 0);
}

static int usage(void)
{
	(void)fputs(
		"usage: load --port P --url URL [--path PATH] [--connections N] [--seconds S] [--warm S]\n"
		"            [--count N] [--contacts N] [--rate N]      with TWILIO_AUTH_TOKEN set\n",
		stderr);
	return 2;
}

static int options(struct load *l, int argc, char **argv, const char **url)
{
	static const struct option known[] = {
		{"port", required_argument, NULL, 'p'},    {"url", required_argument, NULL, 'u'},
		{"path", required_argument, NULL, 'w'},    {"connections", required_argument, NULL, 'c'},
		{"seconds", required_argument, NULL, 's'}, {"warm", required_argument, NULL, 'm'},
		{"count", required_argument, NULL, 'n'},   {"contacts", required_argument, NULL, 'k'},
		{"rate", required_argument, NULL, 'r'},    {NULL, 0, NULL, 0},
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "", known, NULL)) != -1) {
		double v = strtod(optarg != NULL ? optarg : "", NULL);

		switch (opt) {
		case 'p':
			l->port = (int)v;
			break;
		case 'u':
			*url = optarg;
			break;
		case 'w':
			l->path = optarg;
			break;
		case 'c':
			l->connections = (int)v;
			break;
		case 's':
			l->seconds = v;
			break;
		case 'm':
			l->warm = v;
			break;
		case 'n':
			l->count = (uint64_t)v;
			break;
		case 'k':
			l->msg.contacts = (uint64_t)v;
			break;
		case 'r':
			l->rate = (uint64_t)v;
			break;
		default:
			return -1;
		}
	}
	return l->port > 0 && *url != NULL && l->connections > 0 && l->connections <= MAX_CONNECTIONS &&
	               l->msg.contacts > 0
	           ? 0
	           : -1;
}

int main(int argc, char **argv)
{
	struct load l = {.path = "/webhook/whatsapp",
	                 .connections = 64,
	                 .seconds = 3,
	                 .warm = 0.3,
	                 .msg.contacts = 1000};
	const char *origin = NULL;
	char url[1024];
	int ret = 1;

	if (options(&l, argc, argv, &origin) != 0)
		return usage();
	(void)snprintf(url, sizeof(url), "%s%s", origin, l.path);
	if (message_init(&l.msg, url, l.msg.contacts) != 0)
		return usage();
	l.ep = epoll_create1(EPOLL_CLOEXEC);
	l.conn = calloc((size_t)l.connections, sizeof(*l.conn));
	l.idle = calloc((size_t)l.connections, sizeof(struct conn *));
	if (l.ep < 0 || l.conn == NULL || l.idle == NULL)
		goto out;
	for (int i = 0; i < l.connections; i++) {
		l.conn[i].fd = -1;
		if (dial(&l, &l.conn[i]) != 0) {
			(void)fprintf(stderr, "load: no connection to port %d: %m\n", l.port);
			goto out;
		}
		l.idle[l.n_idle++] = &l.conn[i];
	}
	run(&l);
	print(&l);
	ret = 0;
out:
	free(l.took_us);
	free(l.idle);
	free(l.conn);
	rcd_buf_free(&l.msg.body);
	rcd_secret_wipe(&l.msg.token);
	return ret;
}
