#include "net/http_int.h"

#include "base/clock.h"
#include "base/limits.h"
#include "net/guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* --- where to ------------------------------------------------------------------------ */

static bool is_address_allowed(const struct rcd_http_stream *t, const struct sockaddr *a)
{
	return rcd_peer_allows(t->peer, t->tls, a);
}

/* Each address that curl is about to connect to; a name with several may get another try. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct rcd_http_stream *t = arg;

	(void)purpose;
	if (!is_address_allowed(t, &a->addr)) {
		t->refused = true;
		return CURL_SOCKET_BAD;
	}
	t->opened = true;
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static bool is_ip_allowed(const struct rcd_http_stream *t, const char *ip)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	if (t->tls && t->peer == RCD_PEER_ANY)
		return true;
	if (inet_pton(AF_INET, ip, &v4.sin_addr) == 1)
		return is_address_allowed(t, (const struct sockaddr *)&v4);
	return inet_pton(AF_INET6, ip, &v6.sin6_addr) == 1 &&
	       is_address_allowed(t, (const struct sockaddr *)&v6);
}

/* Connected, TLS and all; the next thing is the request's first byte. The address is judged
 * again because a kept connection may have been opened under another rule. Being here a
 * second time means that curl wants to repeat the request on a fresh connection, since the
 * kept one broke before an answer came: the peer may have acted on the first copy. This is
 * also the last moment at which a process that stood still can learn that it comes too late. */
static int on_prerequest(void *arg, char *ip, char *own_ip, int port, int own_port)
{
	struct rcd_http_stream *t = arg;

	(void)own_ip;
	(void)port;
	(void)own_port;
	if (!is_ip_allowed(t, ip)) {
		t->refused = true;
		t->opened = false;
		return CURL_PREREQFUNC_ABORT;
	}
	if (t->begin_by > 0 && rcd_mono_ms() >= t->begin_by) {
		(void)rcd_fail(&t->fail, RCD_TIMEOUT, 0, "%s: its time to be sent is over", t->host);
		return CURL_PREREQFUNC_ABORT;
	}
	if (t->sent && !t->repeatable) {
		(void)rcd_fail(&t->fail, RCD_DOWN, 0, "%s: connection lost before an answer", t->host);
		return CURL_PREREQFUNC_ABORT;
	}
	t->sent = true;
	rcd_http_watch(t);
	return CURL_PREREQFUNC_OK;
}

/* --- headers ------------------------------------------------------------------------- */

static bool is_clean(struct rcd_sv v)
{
	for (size_t i = 0; i < v.n; i++)
		if ((unsigned char)v.p[i] < ' ' || v.p[i] == 0x7f)
			return false;
	return true;
}

/* A value with control bytes counts as absent. false: out holds only the part that fits. */
static bool copy_value(struct rcd_sv v, char *out, size_t cap)
{
	size_t n = v.n < cap ? v.n : cap - 1;

	if (!is_clean(v))
		return true;
	if (n > 0)
		memcpy(out, v.p, n);
	out[n] = '\0';
	return n == v.n;
}

static int parse_retry_after(struct rcd_sv v)
{
	char date[64];
	int64_t wait = 0;
	size_t digits = 0;

	while (digits < v.n && v.p[digits] >= '0' && v.p[digits] <= '9')
		digits++;
	if (v.n == 0 || v.n >= sizeof(date))
		return 0;
	if (digits == v.n) {
		if (rcd_parse_i64(v, 0, INT64_MAX, &wait) != 0)
			return 3600;
	} else if (digits == 0 && (v.p[0] | 0x20) >= 'a' && (v.p[0] | 0x20) <= 'z') {
		time_t when; /* an HTTP date begins with the name of a day */

		memcpy(date, v.p, v.n);
		date[v.n] = '\0';
		when = curl_getdate(date, NULL);
		wait = when > 0 ? (int64_t)when - rcd_now_ms() / 1000 : 0;
	}
	if (wait < 0)
		return 0;
	return wait > 3600 ? 3600 : (int)wait;
}

static bool read_field(struct rcd_http_stream *t, struct rcd_sv name, struct rcd_sv value)
{
	struct rcd_http_res *res = t->res;

	if (rcd_sv_ieq(name, RCD_SV("content-type"))) {
		(void)copy_value(value, res->type, sizeof(res->type));
	} else if (rcd_sv_ieq(name, RCD_SV("retry-after"))) {
		res->retry_after = parse_retry_after(value);
	} else if (rcd_sv_ieq(name, RCD_SV("location"))) {
		if (!copy_value(value, res->location, sizeof(res->location))) {
			(void)rcd_fail(&t->fail, RCD_LIMIT, 0, "%s: location of more than %zu bytes", t->host,
			               sizeof(res->location) - 1);
			return false;
		}
	} else if (rcd_sv_ieq(name, RCD_SV("x-request-id")) || rcd_sv_ieq(name, RCD_SV("request-id")) ||
	           rcd_sv_ieq(name, RCD_SV("twilio-request-id"))) {
		(void)copy_value(value, res->request_id, sizeof(res->request_id));
	}
	return true;
}

static void finish_head(struct rcd_http_stream *t)
{
	long status = 0;

	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status < 200 && status != 101)
		return; /* an interim answer: the real one follows */
	t->res->status = (int)status;
	t->res->sent = true;
	t->answered = true;
	t->res = NULL; /* the caller's again */
	rcd_http_watch(t);
	(void)pthread_mutex_lock(&t->lock);
	t->head = true;
	(void)pthread_cond_signal(&t->moved_on);
	(void)pthread_mutex_unlock(&t->lock);
}

static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
	struct rcd_http_stream *t = arg;
	struct rcd_sv value, name;

	n *= size;
	t->moved = rcd_mono_ms();
	t->header_bytes += n;
	if (t->header_bytes > RCD_MAX_HTTP_HEADERS) {
		(void)rcd_fail(&t->fail, RCD_LIMIT, 0, "%s: more than %d bytes of headers", t->host,
		               RCD_MAX_HTTP_HEADERS);
		return 0;
	}
	if (t->answered)
		return n; /* a trailer */
	value = (struct rcd_sv){p, n};
	if (rcd_sv_is(value, "\r\n") || rcd_sv_is(value, "\n")) {
		finish_head(t);
		return n;
	}
	(void)rcd_sv_cut(&value, ':', &name);
	if (rcd_sv_starts(name, RCD_SV("HTTP/"))) {
		t->res->type[0] = t->res->location[0] = t->res->request_id[0] = '\0';
		t->res->retry_after = 0;
	} else if (!read_field(t, name, rcd_sv_trim(value))) {
		return 0;
	}
	return n;
}

/* --- body ---------------------------------------------------------------------------- */

/* false: curl is to keep the bytes and stop reading from the socket. */
static bool has_room(struct rcd_http_stream *t, size_t n)
{
	if (t->taken > 0 && t->body.n + n > RCD_HTTP_WINDOW) {
		rcd_buf_drop(&t->body, t->taken);
		t->taken = 0;
	}
	return t->body.n < RCD_HTTP_WINDOW;
}

/* The append failed and emptied the buffer: out of memory, or over its maximum. */
static size_t fail_body(struct rcd_http_stream *t)
{
	t->taken = 0;
	if (t->body.over)
		(void)rcd_fail(&t->fail, RCD_LIMIT, 0, "%s: answer of more than %zu bytes", t->host,
		               t->body.max);
	else
		(void)rcd_fail_nomem(&t->fail);
	return CURL_WRITEFUNC_ERROR;
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct rcd_http_stream *t = arg;

	n *= size;
	t->moved = rcd_mono_ms();
	(void)pthread_mutex_lock(&t->lock);
	if (t->streaming && !has_room(t, n)) {
		t->paused = true;
		n = CURL_WRITEFUNC_PAUSE;
	} else {
		rcd_buf_add(&t->body, p, n);
		if (t->body.bad)
			n = fail_body(t);
		else if (t->streaming)
			(void)pthread_cond_signal(&t->moved_on);
	}
	(void)pthread_mutex_unlock(&t->lock);
	return n;
}

CURLcode rcd_http_callbacks(struct rcd_http_stream *t)
{
	int bad = 0;

	bad |= (int)curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	bad |= (int)curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETDATA, t);
	bad |= (int)curl_easy_setopt(t->easy, CURLOPT_PREREQFUNCTION, on_prerequest);
	bad |= (int)curl_easy_setopt(t->easy, CURLOPT_PREREQDATA, t);
	bad |= (int)curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_header);
	bad |= (int)curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
	bad |= (int)curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
	bad |= (int)curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	return bad == 0 ? CURLE_OK : CURLE_FAILED_INIT;
}
