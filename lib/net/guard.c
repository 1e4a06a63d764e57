#include "net/guard.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* --- addresses ---------------------------------------------------------------------- */

struct range4 {
	uint32_t net;
	int bits;
};

struct range6 {
	uint8_t net[6];
	int bits;
};

/* The IANA registry of special-purpose addresses (RFC 6890), multicast and class E. */
static const struct range4 special4[] = {
	{0x00000000, 8},  /* "this" network */
	{0x0A000000, 8},  /* private */
	{0x64400000, 10}, /* shared by carriers */
	{0x7F000000, 8},  /* loopback */
	{0xA9FE0000, 16}, /* link-local, and the metadata services of clouds */
	{0xAC100000, 12}, /* private */
	{0xC0000000, 24}, /* protocol assignments */
	{0xC0000200, 24}, /* documentation */
	{0xC01FC400, 24}, /* AS112 */
	{0xC034C100, 24}, /* AMT */
	{0xC0586300, 24}, /* 6to4 relays */
	{0xC0A80000, 16}, /* private */
	{0xC0AF3000, 24}, /* AS112 */
	{0xC6120000, 15}, /* benchmarks */
	{0xC6336400, 24}, /* documentation */
	{0xCB007100, 24}, /* documentation */
	{0xE0000000, 4},  /* multicast */
	{0xF0000000, 4},  /* reserved, and broadcast */
};

/* Those inside 2000::/3; everything outside of it is refused anyway. */
static const struct range6 special6[] = {
	{{0x20, 0x01, 0x00, 0x00}, 23},             /* protocol assignments, Teredo, ORCHID */
	{{0x20, 0x01, 0x0D, 0xB8}, 32},             /* documentation */
	{{0x26, 0x20, 0x00, 0x4F, 0x80, 0x00}, 48}, /* AS112 */
	{{0x3F, 0xFF, 0x00, 0x00}, 20},             /* documentation */
};

static bool is_public4(const uint8_t a[4])
{
	uint32_t ip = (uint32_t)a[0] << 24 | (uint32_t)a[1] << 16 | (uint32_t)a[2] << 8 | a[3];

	for (size_t i = 0; i < sizeof(special4) / sizeof(special4[0]); i++)
		if ((ip ^ special4[i].net) >> (32 - special4[i].bits) == 0)
			return false;
	return true;
}

static bool has_prefix(const uint8_t *a, const uint8_t *net, int bits)
{
	size_t whole = (size_t)bits / 8;
	int rest = bits % 8;

	return memcmp(a, net, whole) == 0 && (rest == 0 || (a[whole] ^ net[whole]) >> (8 - rest) == 0);
}

/* The IPv4 address that an IPv6 one stands for, or NULL. */
static const uint8_t *find_embedded4(const uint8_t a[16])
{
	static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
	static const uint8_t nat64[12] = {0x00, 0x64, 0xFF, 0x9B};

	if (memcmp(a, mapped, sizeof(mapped)) == 0 || memcmp(a, nat64, sizeof(nat64)) == 0)
		return a + 12;
	return a[0] == 0x20 && a[1] == 0x02 ? a + 2 : NULL; /* 6to4 */
}

static bool is_public6(const uint8_t a[16])
{
	const uint8_t *v4 = find_embedded4(a);

	if (v4 != NULL)
		return is_public4(v4);
	if (a[0] >> 5 != 1) /* not 2000::/3, the only global unicast there is */
		return false;
	for (size_t i = 0; i < sizeof(special6) / sizeof(special6[0]); i++)
		if (has_prefix(a, special6[i].net, special6[i].bits))
			return false;
	return true;
}

/* 4 or 16 for the bytes of an address at *p, 0 for another family. */
static int get_address_bytes(const struct sockaddr *a, const uint8_t **p)
{
	if (a->sa_family == AF_INET) {
		*p = (const uint8_t *)&((const struct sockaddr_in *)(const void *)a)->sin_addr;
		return 4;
	}
	if (a->sa_family == AF_INET6) {
		*p = ((const struct sockaddr_in6 *)(const void *)a)->sin6_addr.s6_addr;
		return 16;
	}
	return 0;
}

bool rcd_addr_public(const struct sockaddr *a)
{
	const uint8_t *p = NULL;
	int n = get_address_bytes(a, &p);

	return n == 4 ? is_public4(p) : n == 16 && is_public6(p);
}

bool rcd_addr_loopback(const struct sockaddr *a)
{
	static const uint8_t one[16] = {[15] = 1};
	static const uint8_t mapped[13] = {[10] = 0xFF, [11] = 0xFF, [12] = 127};
	const uint8_t *p = NULL;
	int n = get_address_bytes(a, &p);

	if (n == 4)
		return p[0] == 127;
	return n == 16 && (memcmp(p, one, 16) == 0 || memcmp(p, mapped, 13) == 0);
}

/* --- URLs --------------------------------------------------------------------------- */

static int refuse_url(struct rcd_err *err, const char *why)
{
	return rcd_fail(err, RCD_INVAL, 0, "URL %s", why);
}

/* NULL: neither http nor https. */
static const char *skip_scheme(const char *url)
{
	if (strncasecmp(url, "https://", 8) == 0)
		return url + 8;
	return strncasecmp(url, "http://", 7) == 0 ? url + 7 : NULL;
}

/* Refuses what parsers are known to read differently: control bytes, spaces, backslashes, and an
 * authority other than plain host[:port]. */
static int check_text(const char *url, struct rcd_err *err)
{
	const char *host = skip_scheme(url);
	size_t n;

	if (host == NULL)
		return refuse_url(err, "does not begin with https:// or http://");
	if (strlen(url) > RCD_MAX_URL)
		return refuse_url(err, "is too long");
	for (const char *p = url; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == '\\')
			return refuse_url(err, "holds a space, a backslash or a control character");
	n = strcspn(host, "/?#");
	if (n == 0)
		return refuse_url(err, "has no host");
	if (memchr(host, '@', n) != NULL)
		return refuse_url(err, "holds a user name");
	for (size_t i = 0; i < n; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]",
		           host[i]) == NULL)
			return refuse_url(err, "has an unusual character in its host");
	return 0;
}

/* Copies a component into out; false when it is absent or does not fit. */
static bool copy_part(CURLU *u, CURLUPart which, char *out, size_t cap)
{
	char *text = NULL;
	bool fits = curl_url_get(u, which, &text, CURLU_DEFAULT_PORT) == CURLUE_OK &&
	            strlen(text) < cap;

	if (fits)
		memcpy(out, text, strlen(text) + 1);
	curl_free(text);
	return fits;
}

/* A host whose last label is a number is an IPv4 address or nothing (the URL standard). The
 * parser has already turned the old spellings of one into four decimal numbers. */
static bool is_host_unambiguous(const char *host)
{
	const char *dot = strrchr(host, '.'), *last = dot != NULL ? dot + 1 : host;
	struct in_addr ignored;
	bool number = strspn(last, "0123456789") == strlen(last) ||
	              (strncmp(last, "0x", 2) == 0 &&
	               strspn(last + 2, "0123456789abcdef") == strlen(last + 2));

	return !number || inet_pton(AF_INET, host, &ignored) == 1;
}

/* Lower case; the brackets of an IPv6 address off; a trailing dot refused, because a name
 * with one compares unequal and resolves equal. */
static bool normalise_host(char *host)
{
	size_t n = strlen(host);

	for (char *p = host; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
	if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
		memmove(host, host + 1, n - 2);
		host[n - 2] = '\0';
		return true;
	}
	return n > 0 && host[n - 1] != '.' && host[0] != '.' && is_host_unambiguous(host);
}

int rcd_origin_parse(const char *url, struct rcd_origin *out, struct rcd_err *err)
{
	struct rcd_origin o = {.port = 0};
	char port[8] = "";
	int64_t number = 0;
	CURLUcode rc;
	CURLU *u;
	int ret = -1;

	if (check_text(url, err) != 0)
		return -1;
	u = curl_url();
	if (u == NULL)
		return rcd_fail_nomem(err);
	rc = curl_url_set(u, CURLUPART_URL, url, CURLU_DISALLOW_USER);
	if (rc == CURLUE_OUT_OF_MEMORY)
		(void)rcd_fail_nomem(err);
	else if (rc != CURLUE_OK)
		(void)refuse_url(err, "cannot be parsed");
	else if (!copy_part(u, CURLUPART_SCHEME, o.scheme, sizeof(o.scheme)) ||
	         !copy_part(u, CURLUPART_HOST, o.host, sizeof(o.host)) || !normalise_host(o.host))
		(void)refuse_url(err, "has no usable host");
	else if (!copy_part(u, CURLUPART_PORT, port, sizeof(port)) ||
	         rcd_parse_i64(rcd_sv(port), 1, 65535, &number) != 0)
		(void)refuse_url(err, "has no usable port");
	else
		ret = 0;
	curl_url_cleanup(u);
	if (ret == 0) {
		o.port = (int)number;
		*out = o;
	}
	return ret;
}

int rcd_url_join(const char *base, const char *location, struct rcd_buf *out, struct rcd_err *err)
{
	CURLU *u = curl_url();
	char *text = NULL;
	int ret = 0;

	if (u == NULL)
		return rcd_fail_nomem(err);
	if (curl_url_set(u, CURLUPART_URL, base, 0) != CURLUE_OK ||
	    curl_url_set(u, CURLUPART_URL, location, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_URL, &text, 0) != CURLUE_OK)
		ret = rcd_fail(err, RCD_PROTO, 0, "a redirect that is no URL");
	else
		rcd_buf_str(out, text);
	if (ret == 0 && out->bad)
		ret = rcd_fail_nomem(err);
	curl_free(text);
	curl_url_cleanup(u);
	return ret;
}

bool rcd_origin_same(const struct rcd_origin *a, const struct rcd_origin *b)
{
	return strcmp(a->scheme, b->scheme) == 0 && strcmp(a->host, b->host) == 0 && a->port == b->port;
}

bool rcd_origin_loopback(const struct rcd_origin *o)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	if (strcmp(o->host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, o->host, &v4.sin_addr) == 1)
		return rcd_addr_loopback((const struct sockaddr *)&v4);
	return inet_pton(AF_INET6, o->host, &v6.sin6_addr) == 1 &&
	       rcd_addr_loopback((const struct sockaddr *)&v6);
}

bool rcd_host_under(const char *host, const char *suffix)
{
	struct rcd_sv h = rcd_sv(host), s = rcd_sv(suffix);

	if (s.n == 0 || h.n < s.n || !rcd_sv_ieq(rcd_sv_skip(h, h.n - s.n), s))
		return false;
	return h.n == s.n || h.p[h.n - s.n - 1] == '.';
}

int rcd_base_url_check(const char *url, struct rcd_err *err)
{
	struct rcd_origin o;

	if (rcd_origin_parse(url, &o, err) != 0)
		return -1;
	if (strpbrk(url, "?#") != NULL)
		return refuse_url(err, "has a query or a fragment");
	if (strcmp(o.scheme, "https") != 0 && !rcd_origin_loopback(&o))
		return refuse_url(err, "is plain http to a host that is not loopback");
	return 0;
}

bool rcd_peer_allows(enum rcd_peer peer, bool tls, const struct sockaddr *a)
{
	if (!tls && !rcd_addr_loopback(a))
		return false;
	switch (peer) {
	case RCD_PEER_PUBLIC:
		return rcd_addr_public(a);
	case RCD_PEER_LOOPBACK:
		return rcd_addr_loopback(a);
	case RCD_PEER_ANY:
	default:
		return true;
	}
}
