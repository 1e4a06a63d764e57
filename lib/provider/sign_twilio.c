#include "base/crypto.h"
#include "base/limits.h"
#include "provider/sign.h"

#include <stdlib.h>
#include <string.h>

/* What Twilio signs is the URL it was configured with, and no proxy hands that on to the
 * byte: a port may have come or gone, a quotation mark may have been escaped, and an empty
 * path has become "/". Its own validators try those forms, so do we. Every form names the
 * same resource of the same host, so trying them weakens nothing. */

#define SIGNATURE_N 28 /* base64 of 20 bytes */

struct url {
	struct rcd_sv head;     /* scheme://[userinfo@]host */
	struct rcd_sv port;     /* ":8443", or empty */
	struct rcd_sv tail;     /* path and query */
	struct rcd_sv standard; /* ":443" or ":80"; empty for an unknown scheme */
};

/* The message under the code, in pieces: the URL first, then every signed name and value.
 * Nothing is copied and nothing allocated, so that a lack of memory can never look like a
 * forged signature. */
struct message {
	struct rcd_sv piece[1 + 2 * RCD_MAX_FORM_FIELDS];
	size_t n;
};

static struct rcd_sv cut_before(struct rcd_sv v, const char *stops)
{
	size_t n = 0;

	while (n < v.n && strchr(stops, v.p[n]) == NULL)
		n++;
	return (struct rcd_sv){v.p, n};
}

static struct rcd_sv get_default_port(struct rcd_sv scheme)
{
	if (rcd_sv_is(scheme, "https") || rcd_sv_is(scheme, "wss"))
		return RCD_SV(":443");
	if (rcd_sv_is(scheme, "http") || rcd_sv_is(scheme, "ws"))
		return RCD_SV(":80");
	return (struct rcd_sv){"", 0};
}

/* The ":digits" at the end of an authority; what a bracket or a user name holds is none. */
static struct rcd_sv find_port(struct rcd_sv authority)
{
	size_t at = authority.n;

	while (at > 0 && authority.p[at - 1] >= '0' && authority.p[at - 1] <= '9')
		at--;
	if (at == 0 || authority.p[at - 1] != ':')
		return (struct rcd_sv){"", 0};
	return rcd_sv_skip(authority, at - 1);
}

static struct url split_url(const char *text)
{
	struct rcd_sv all = cut_before(rcd_sv(text), "#"); /* connection overrides are never signed */
	struct rcd_sv scheme = cut_before(all, ":/?"), authority;
	struct url u = {.head = all, .port = {"", 0}, .tail = {"", 0}, .standard = {"", 0}};

	if (!rcd_sv_starts(rcd_sv_skip(all, scheme.n), RCD_SV("://")))
		return u;
	authority = cut_before(rcd_sv_skip(all, scheme.n + 3), "/?");
	u.standard = get_default_port(scheme);
	u.port = find_port(authority);
	u.head.n = scheme.n + 3 + authority.n - u.port.n;
	u.tail = rcd_sv_skip(all, u.head.n + u.port.n);
	return u;
}

static int compare_pairs(const void *a, const void *b)
{
	const struct rcd_sv x[2] = {((const struct rcd_pair *)a)->name,
	                            ((const struct rcd_pair *)a)->value};
	const struct rcd_sv y[2] = {((const struct rcd_pair *)b)->name,
	                            ((const struct rcd_pair *)b)->value};

	for (int i = 0; i < 2; i++) {
		size_t n = x[i].n < y[i].n ? x[i].n : y[i].n;
		int order = n > 0 ? memcmp(x[i].p, y[i].p, n) : 0;

		if (order == 0)
			order = (x[i].n > y[i].n) - (x[i].n < y[i].n);
		if (order != 0)
			return order;
	}
	return 0;
}

static char *append_bytes(char *at, struct rcd_sv v)
{
	if (v.n > 0)
		memcpy(at, v.p, v.n);
	return at + v.n;
}

static int init_message(struct message *m, const struct rcd_form *form)
{
	struct rcd_pair sorted[RCD_MAX_FORM_FIELDS];
	size_t n = form != NULL ? form->n : 0;

	if (n > RCD_MAX_FORM_FIELDS)
		return -1;
	if (n > 0)
		memcpy(sorted, form->pair, n * sizeof(*sorted));
	if (n > 1)
		qsort(sorted, n, sizeof(*sorted), compare_pairs);
	m->n = 1;
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && compare_pairs(&sorted[i - 1], &sorted[i]) == 0)
			continue; /* a value counts once */
		m->piece[m->n++] = sorted[i].name;
		m->piece[m->n++] = sorted[i].value;
	}
	return 0;
}

/* Base64 of the code over url and the pairs of m. */
static int compute_signature(struct message *m, const struct rcd_secret *token, struct rcd_sv url,
                             char out[SIGNATURE_N + 4])
{
	uint8_t code[RCD_SHA1_N];

	m->piece[0] = url;
	if (rcd_hmac_sha1_pieces(rcd_secret_view(token), m->piece, m->n, code) != 0)
		return -1;
	rcd_base64_text(code, sizeof(code), out);
	return 0;
}

/* One form of the URL: whether to change the port, the empty path and the quotation marks. */
static struct rcd_sv write_form(const struct url *u, unsigned which, char *out)
{
	struct rcd_sv tail = u->tail;
	bool query = false;
	char *at = append_bytes(out, u->head);

	if ((which & 1) == 0)
		at = append_bytes(at, u->port);
	else if (u->port.n == 0)
		at = append_bytes(at, u->standard);
	if ((which & 2) != 0) {
		if (tail.n > 0 && tail.p[0] == '/')
			tail = rcd_sv_skip(tail, 1);
		else
			*at++ = '/';
	}
	for (size_t i = 0; i < tail.n; i++) {
		query |= tail.p[i] == '?';
		if (query && tail.p[i] == '\'' && (which & 4) != 0)
			at = append_bytes(at, RCD_SV("%27"));
		else
			*at++ = tail.p[i];
	}
	return (struct rcd_sv){out, (size_t)(at - out)};
}

/* The forms that differ from the URL as it is, as bits for write_form(). */
static unsigned list_forms(const struct url *u)
{
	struct rcd_sv path = cut_before(u->tail, "?");
	bool port = u->port.n > 0 || u->standard.n > 0;
	bool root = u->standard.n > 0 && (path.n == 0 || rcd_sv_is(path, "/"));
	bool quote = cut_before(rcd_sv_skip(u->tail, path.n), "'").n < u->tail.n - path.n;

	return (port ? 1U : 0) | (root ? 2U : 0) | (quote ? 4U : 0);
}

/* The value of bodySHA256 in the query; absent when there is none. */
static struct rcd_sv find_digest(const struct url *u)
{
	struct rcd_sv query = rcd_sv_skip(u->tail, cut_before(u->tail, "?").n + 1), piece;

	while (query.n > 0 && rcd_sv_cut(&query, '&', &piece))
		if (rcd_sv_starts(piece, RCD_SV("bodySHA256=")))
			return rcd_sv_skip(piece, sizeof("bodySHA256=") - 1);
	return (struct rcd_sv){NULL, 0};
}

/* A digest in the URL and a body to hold against it come together or not at all: a body
 * that nothing in the URL vouches for is not signed. */
static bool is_body_intact(const struct url *u, struct rcd_sv raw)
{
	struct rcd_sv want = find_digest(u);
	uint8_t digest[RCD_SHA256_N];
	char hex[2 * RCD_SHA256_N + 1];

	if (want.p == NULL || raw.p == NULL)
		return want.p == NULL && raw.p == NULL;
	if (rcd_sha256(raw, digest) != 0)
		return false;
	rcd_hex(digest, sizeof(digest), hex);
	return rcd_same_secret(want, rcd_sv(hex));
}

bool rcd_sign_twilio(const struct rcd_secret *token, const char *url, const struct rcd_form *form,
                     struct rcd_sv raw, struct rcd_sv header)
{
	char text[RCD_MAX_URL * 3 + 8], sum[SIGNATURE_N + 4];
	struct message m;
	struct url u;
	unsigned forms;
	bool same = false;

	if (!rcd_secret_set(token) || url == NULL || header.n != SIGNATURE_N ||
	    strlen(url) > RCD_MAX_URL)
		return false;
	u = split_url(url);
	if (!is_body_intact(&u, raw) || init_message(&m, form) != 0)
		return false;
	forms = list_forms(&u);
	for (unsigned which = 0; which < 8 && !same; which++)
		if ((which & ~forms) == 0)
			same = compute_signature(&m, token, write_form(&u, which, text), sum) == 0 &&
			       rcd_same_secret(header, (struct rcd_sv){sum, SIGNATURE_N});
	return same;
}

void rcd_sign_twilio_text(const struct rcd_form *form, struct rcd_buf *out)
{
	struct message m;

	if (init_message(&m, form) != 0) {
		out->bad = out->over = true;
		return;
	}
	for (size_t i = 1; i < m.n; i++)
		rcd_buf_sv(out, m.piece[i]);
}

int rcd_sign_twilio_make(const struct rcd_secret *token, const char *url,
                         const struct rcd_form *form, char out[32])
{
	struct rcd_sv all = cut_before(rcd_sv(url), "#");
	struct message m;

	if (!rcd_secret_set(token) || url == NULL || init_message(&m, form) != 0)
		return -1;
	return compute_signature(&m, token, all, out);
}
