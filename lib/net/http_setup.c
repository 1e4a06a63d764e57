#include "net/http_int.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

/* The options are set before the handle enters the multi, so this may run on any thread. */
#define SET(t, option, value) (int)curl_easy_setopt((t)->easy, (option), (value))

/* --- headers ------------------------------------------------------------------------ */

static int add_line(struct rcd_http_stream *t, const char *line, struct rcd_err *err)
{
	struct curl_slist *grown;

	for (const char *p = line; *p != '\0'; p++)
		if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7f)
			return rcd_fail(err, RCD_INVAL, 0, "request header holds a control character");
	grown = curl_slist_append(t->headers, line);
	if (grown == NULL)
		return rcd_fail_nomem(err);
	t->headers = grown;
	return 0;
}

/* The room is taken at once: a buffer that grows leaves copies of the secret behind. */
static int add_key(struct rcd_http_stream *t, const char *name, struct rcd_sv key,
                   struct rcd_err *err)
{
	struct rcd_buf line;
	int ret;

	rcd_buf_init(&line, 16 * 1024);
	(void)rcd_buf_room(&line, strlen(name) + key.n);
	rcd_buf_str(&line, name);
	rcd_buf_sv(&line, key);
	if (line.bad)
		return line.over ? rcd_fail(err, RCD_LIMIT, 0, "a key is too long for a header")
		                 : rcd_fail_nomem(err);
	ret = add_line(t, line.p, err);
	rcd_wipe(line.p, line.n);
	rcd_buf_free(&line);
	return ret;
}

static int add_basic(struct rcd_http_stream *t, const struct rcd_http_req *req, struct rcd_err *err)
{
	struct rcd_sv password = rcd_secret_view(req->password);
	struct rcd_buf pair, code;
	int ret = -1;

	rcd_buf_init(&pair, 4 * 1024);
	rcd_buf_init(&code, 8 * 1024);
	(void)rcd_buf_room(&pair, strlen(req->user) + 1 + password.n);
	rcd_buf_str(&pair, req->user);
	rcd_buf_ch(&pair, ':');
	rcd_buf_sv(&pair, password);
	(void)rcd_buf_room(&code, (pair.n + 2) / 3 * 4);
	if (!pair.bad)
		rcd_base64(rcd_buf_view(&pair), &code);
	if (pair.over)
		(void)rcd_fail(err, RCD_LIMIT, 0, "user and password are too long for a header");
	else if (pair.bad || code.bad)
		(void)rcd_fail_nomem(err);
	else
		ret = add_key(t, "Authorization: Basic ", rcd_buf_view(&code), err);
	rcd_wipe(pair.p, pair.n);
	rcd_wipe(code.p, code.n);
	rcd_buf_free(&pair);
	rcd_buf_free(&code);
	return ret;
}

static int add_type(struct rcd_http_stream *t, const char *type, struct rcd_err *err)
{
	char line[256];
	int n = snprintf(line, sizeof(line), "Content-Type: %s", type);

	if (n < 0 || (size_t)n >= sizeof(line))
		return rcd_fail(err, RCD_INVAL, 0, "content type is too long");
	return add_line(t, line, err);
}

static int add_headers(struct rcd_http_stream *t, const struct rcd_http_req *req,
                       struct rcd_err *err)
{
	/* curl would wait a second for a go-ahead before each large body */
	if (add_line(t, "Expect:", err) != 0)
		return -1;
	for (const char *const *h = req->headers; h != NULL && *h != NULL; h++)
		if (add_line(t, *h, err) != 0)
			return -1;
	if (req->user != NULL && add_basic(t, req, err) != 0)
		return -1;
	if (req->key_header != NULL && rcd_secret_set(req->key) &&
	    add_key(t, req->key_header, rcd_secret_view(req->key), err) != 0)
		return -1;
	if (req->n_parts > 0)
		return 0; /* curl writes the type with its boundary */
	if (req->body_type != NULL)
		return add_type(t, req->body_type, err);
	return add_line(t, "Content-Type:", err); /* none, where curl would say "form" */
}

/* --- body --------------------------------------------------------------------------- */

static size_t read_part(char *to, size_t size, size_t n, void *arg)
{
	struct rcd_http_source *s = arg;
	struct rcd_sv rest = rcd_sv_skip(s->data, s->at);

	n *= size;
	if (n > rest.n)
		n = rest.n;
	if (n > 0)
		memcpy(to, rest.p, n);
	s->at += n;
	return n;
}

static int seek_part(void *arg, curl_off_t offset, int origin)
{
	struct rcd_http_source *s = arg;

	if (origin != SEEK_SET || offset < 0 || (size_t)offset > s->data.n)
		return CURL_SEEKFUNC_FAIL;
	s->at = (size_t)offset;
	return CURL_SEEKFUNC_OK;
}

static int add_part(struct rcd_http_stream *t, const struct rcd_http_part *part,
                    struct rcd_http_source *source)
{
	curl_mimepart *m = curl_mime_addpart(t->mime);
	int bad;

	if (m == NULL)
		return -1;
	source->data = part->data;
	bad = (int)curl_mime_name(m, part->name);
	bad |= (int)curl_mime_data_cb(m, (curl_off_t)part->data.n, read_part, seek_part, NULL, source);
	if (part->filename != NULL)
		bad |= (int)curl_mime_filename(m, part->filename);
	if (part->type != NULL)
		bad |= (int)curl_mime_type(m, part->type);
	return bad;
}

static int set_parts(struct rcd_http_stream *t, const struct rcd_http_req *req)
{
	t->source = calloc(req->n_parts, sizeof(*t->source));
	t->mime = curl_mime_init(t->easy);
	if (t->source == NULL || t->mime == NULL)
		return -1;
	for (size_t i = 0; i < req->n_parts; i++)
		if (add_part(t, &req->parts[i], &t->source[i]) != 0)
			return -1;
	return SET(t, CURLOPT_MIMEPOST, t->mime);
}

/* Method and body. The body stays where the caller has it. */
static int set_body(struct rcd_http_stream *t, const struct rcd_http_req *req)
{
	bool post = req->method != NULL && strcmp(req->method, "POST") == 0;
	int bad = 0;

	if (req->n_parts > 0) {
		bad = set_parts(t, req);
	} else if (req->body.n > 0 || post) {
		bad |= SET(t, CURLOPT_POST, 1L);
		bad |= SET(t, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->body.n);
		bad |= SET(t, CURLOPT_POSTFIELDS, req->body.n > 0 ? req->body.p : "");
	} else if (req->method != NULL && strcmp(req->method, "HEAD") == 0) {
		return SET(t, CURLOPT_NOBODY, 1L);
	}
	if (bad == 0 && req->method != NULL && !post)
		bad = SET(t, CURLOPT_CUSTOMREQUEST, req->method);
	return bad;
}

/* --- the rest ----------------------------------------------------------------------- */

/* What every request has. Nothing comes from the environment or from a file of the user's. */
static int set_options(struct rcd_http_stream *t)
{
	int bad = 0;

	bad |= SET(t, CURLOPT_NOSIGNAL, 1L);
	bad |= SET(t, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= SET(t, CURLOPT_FOLLOWLOCATION, 0L);
	bad |= SET(t, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	bad |= SET(t, CURLOPT_PROXY, "");
	bad |= SET(t, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	bad |= SET(t, CURLOPT_USERAGENT, "recado/" RCD_VERSION);
	bad |= SET(t, CURLOPT_SSL_VERIFYPEER, 1L);
	bad |= SET(t, CURLOPT_SSL_VERIFYHOST, 2L);
	bad |= SET(t, CURLOPT_BUFFERSIZE, (long)RCD_HTTP_CHUNK);
	bad |= SET(t, CURLOPT_UPLOAD_BUFFERSIZE, 16384L);
	/* a name that is still being looked up when its time is over must not hold up the
	 * engine until the resolver gives in */
	bad |= SET(t, CURLOPT_QUICK_EXIT, 1L);
	return bad;
}

/* A request that may go out twice travels by HTTP/2 when the server likes, sharing one
 * connection with others; any other by HTTP/1.1. An HTTP/2 server that says goodbye leaves
 * streams for curl to repeat elsewhere, and nobody can tell that from a broken connection;
 * HTTP/1.1 says it between requests. The highest TLS version is named for the one kind only,
 * which means the same but keeps curl from using a connection of the other kind. */
static int set_version(struct rcd_http_stream *t)
{
	long tls = CURL_SSLVERSION_TLSv1_2;
	int bad = 0;

	if (t->tls && t->repeatable) {
		bad |= SET(t, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
		bad |= SET(t, CURLOPT_PIPEWAIT, 1L);
		tls |= CURL_SSLVERSION_MAX_TLSv1_3;
	} else {
		bad |= SET(t, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	}
	bad |= SET(t, CURLOPT_SSLVERSION, tls);
	return bad;
}

static int get_or_default(int value, int otherwise)
{
	return value > 0 ? value : otherwise;
}

static int set_limits(struct rcd_http_stream *t, const struct rcd_http_req *req)
{
	size_t max = req->max_body > 0 ? req->max_body : RCD_MAX_JSON;
	int connect_ms = get_or_default(req->connect_ms, 3000);
	int64_t now = rcd_mono_ms();
	int bad = SET(t, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);

	t->connect_due = now + connect_ms;
	t->head_due = now + get_or_default(req->first_ms, 20000);
	t->deadline = req->deadline > 0 ? req->deadline : now + 120000;
	t->begin_by = req->begin_by;
	t->idle_ms = get_or_default(req->idle_ms, 15000);
	rcd_buf_init(&t->body, t->streaming ? RCD_HTTP_WINDOW + CURL_MAX_WRITE_SIZE : max);
	/* refused by its length before a byte of it comes; HEAD has a length and no body */
	if (!t->streaming && (req->method == NULL || strcmp(req->method, "HEAD") != 0))
		bad |= SET(t, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)max);
	return bad;
}

/* The part of the URL that may stand in an error text. */
static void copy_host_name(struct rcd_http_stream *t, const char *url)
{
	const char *p = strstr(url, "://");
	size_t n = p != NULL ? strcspn(p + 3, "/?#\\") : 0;

	if (n == 0 || n >= sizeof(t->host) || memchr(p + 3, '@', n) != NULL) {
		p = "://?";
		n = 1;
	}
	memcpy(t->host, p + 3, n);
	t->host[n] = '\0';
}

static bool is_repeatable(const struct rcd_http_req *req)
{
	if (req->repeatable)
		return true;
	if (req->method == NULL)
		return req->body.n == 0 && req->n_parts == 0;
	return strcmp(req->method, "GET") == 0 || strcmp(req->method, "HEAD") == 0;
}

int rcd_http_setup(struct rcd_http_stream *t, const struct rcd_http_req *req, struct rcd_err *err)
{
	int bad = 0;

	copy_host_name(t, req->url);
	t->tls = strncasecmp(req->url, "https://", 8) == 0;
	t->peer = req->peer;
	t->repeatable = is_repeatable(req);
	if (add_headers(t, req, err) != 0)
		return -1;
	bad |= SET(t, CURLOPT_URL, req->url);
	bad |= SET(t, CURLOPT_HTTPHEADER, t->headers);
	bad |= SET(t, CURLOPT_PRIVATE, t);
	bad |= set_options(t);
	bad |= set_version(t);
	bad |= set_body(t, req);
	bad |= set_limits(t, req);
	bad |= (int)rcd_http_callbacks(t);
	return bad == 0 ? 0 : rcd_fail_nomem(err); /* the options themselves are all known */
}

bool rcd_http_unset(struct rcd_http_stream *t)
{
	for (struct curl_slist *h = t->headers; h != NULL; h = h->next)
		rcd_wipe(h->data, strlen(h->data)); /* one of them may hold a key */
	curl_easy_reset(t->easy);               /* before what it points to goes */
	curl_slist_free_all(t->headers);
	curl_mime_free(t->mime);
	free(t->source);
	/* A transfer that broke off leaves its read buffer, and the reset makes libcurl 7.88
	 * believe that it is larger than it is. Such a handle refuses a new size. */
	return SET(t, CURLOPT_BUFFERSIZE, (long)RCD_HTTP_CHUNK) == 0;
}
