#include "base/clock.h"
#include "net/ws.h"
#include "tests/t.h"
#include "tests/unit/ws_server.h"

#include <dlfcn.h>
#include <netdb.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdlib.h>

/* The WebSocket client through TLS: a wall of TLS in front of the server of ws_server.h. */

/* Every name leads here. */
int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                struct addrinfo **out)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	return real(strstr(host, ".test") != NULL ? "127.0.0.1" : host, port, hints, out);
}

struct wall {
	SSL_CTX *tls;
	int fd, port, hellos; /* hellos: handshakes that came to their end, __atomic */
	char cert[300];
};

/* --- a certificate ------------------------------------------------------------------------ */

static int add_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	int ok = e != NULL && X509_add_ext(x, e, -1) == 1;

	X509_EXTENSION_free(e);
	return ok ? 0 : -1;
}

static X509 *certificate(EVP_PKEY *key)
{
	X509 *x = X509_new();
	X509_NAME *name;

	if (x == NULL)
		return NULL;
	(void)X509_set_version(x, 2);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	(void)X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	(void)X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	(void)X509_set_pubkey(x, key);
	name = X509_get_subject_name(x);
	(void)X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"right.test",
	                                 -1, -1, 0);
	(void)X509_set_issuer_name(x, name);
	if (add_extension(x, NID_subject_alt_name, "DNS:right.test,IP:127.0.0.1") != 0 ||
	    X509_sign(x, key, EVP_sha256()) == 0) {
		X509_free(x);
		return NULL;
	}
	return x;
}

static int make_tls(struct wall *w)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	X509 *x = key != NULL ? certificate(key) : NULL;
	FILE *f;
	int ret = -1;

	(void)snprintf(w->cert, sizeof(w->cert), "%s/cert.pem", t_dir());
	w->tls = SSL_CTX_new(TLS_server_method());
	f = fopen(w->cert, "w");
	if (x != NULL && f != NULL && w->tls != NULL && PEM_write_X509(f, x) == 1 &&
	    SSL_CTX_use_certificate(w->tls, x) == 1 && SSL_CTX_use_PrivateKey(w->tls, key) == 1)
		ret = 0;
	if (f != NULL)
		(void)fclose(f);
	X509_free(x);
	EVP_PKEY_free(key);
	return ret;
}

/* --- the wall ------------------------------------------------------------------------------ */

static int behind(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
	                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	                        .sin_port = htons((uint16_t)ws_server.port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0 ? fd : -1;
}

static void relay(SSL *tls, int out, int in)
{
	char b[4096];

	for (;;) {
		struct pollfd p[2] = {{.fd = out, .events = POLLIN}, {.fd = in, .events = POLLIN}};
		ssize_t n;

		if (SSL_pending(tls) == 0 && poll(p, 2, 20000) <= 0)
			return;
		if (SSL_pending(tls) > 0 || p[0].revents != 0) {
			n = SSL_read(tls, b, sizeof(b));
			if (n <= 0 || !ws_put(in, b, (size_t)n))
				return;
		}
		if (p[1].revents != 0) {
			n = recv(in, b, sizeof(b), 0);
			if (n <= 0 || SSL_write(tls, b, (int)n) <= 0)
				return;
		}
	}
}

static void *stand(void *arg)
{
	struct wall *w = arg;
	int fd;

	while ((fd = accept(w->fd, NULL, NULL)) >= 0) {
		SSL *tls = SSL_new(w->tls);
		int in = behind();

		(void)SSL_set_fd(tls, fd);
		if (SSL_accept(tls) == 1) {
			(void)__atomic_add_fetch(&w->hellos, 1, __ATOMIC_ACQ_REL);
			relay(tls, fd, in);
		}
		SSL_free(tls);
		(void)close(in);
		(void)close(fd);
	}
	return NULL;
}

static int wall_start(struct wall *w)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	pthread_t id;

	w->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (ws_server_start() != 0 || make_tls(w) != 0 || bind(w->fd, (struct sockaddr *)&a, n) != 0 ||
	    listen(w->fd, 16) != 0 || getsockname(w->fd, (struct sockaddr *)&a, &n) != 0)
		return -1;
	w->port = ntohs(a.sin_port);
	return pthread_create(&id, NULL, stand, w) == 0 ? pthread_detach(id) : -1;
}

/* --- cases ---------------------------------------------------------------------------------- */

static int hello(struct rcd_ws *ws, const struct wall *w, const char *host, struct rcd_err *err)
{
	char url[128];
	const struct rcd_ws_req req = {.url = url, .deadline = rcd_deadline_in(5000)};
	struct rcd_ws_conn *c = NULL;
	struct rcd_buf in;
	int ret;

	(void)snprintf(url, sizeof(url), "wss://%s:%d/echo", host, w->port);
	rcd_buf_init(&in, 16);
	ret = rcd_ws_connect(ws, &req, &c, err);
	if (ret == 0)
		ret = rcd_ws_send(c, RCD_SV("hello"), rcd_deadline_in(5000), err);
	if (ret == 0)
		ret = rcd_ws_recv(c, &in, rcd_deadline_in(5000), err);
	if (ret == 0 && strcmp(in.p, "hello") != 0)
		ret = rcd_fail(err, RCD_PROTO, 0, "not what was sent");
	(void)rcd_ws_end(c);
	rcd_buf_free(&in);
	return ret;
}

static int certificates(void)
{
	static struct wall w;
	struct rcd_ws *ws = NULL;
	struct rcd_err err = {0};
	int ret = 0;

	(void)setenv("http_proxy", "http://127.0.0.1:1", 1); /* nobody asks for it */
	T_INT(wall_start(&w), 0);
	T_DO(rcd_ws_open(&ws, &err), err);
	T_INT(hello(ws, &w, "right.test", &err), -1); /* nobody vouches for it */
	T_INT(err.code, RCD_DOWN);
	ws = rcd_ws_close(ws);
	T_INT(setenv("SSL_CERT_FILE", w.cert, 1), 0);
	T_DO(rcd_ws_open(&ws, &err), err);
	T_INT(__atomic_load_n(&ws_server.connections, __ATOMIC_ACQUIRE), 0);
	T_INT(hello(ws, &w, "wrong.test", &err), -1);
	T_INT(err.code, RCD_DOWN);
	T_INT(hello(ws, &w, "127.0.0.2", &err), -1);
	T_INT(__atomic_load_n(&ws_server.connections, __ATOMIC_ACQUIRE), 0);
	T_DO(hello(ws, &w, "right.test", &err), err);
	T_DO(hello(ws, &w, "127.0.0.1", &err), err);
	T_INT(__atomic_load_n(&ws_server.connections, __ATOMIC_ACQUIRE), 2);
out:
	(void)rcd_ws_close(ws);
	return ret;
}

const struct t_case t_cases[] = {
	{"certificates", certificates, 0},
	{NULL, NULL, 0},
};
