#ifndef RCD_GUARD_H
#define RCD_GUARD_H

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/sv.h"
#include "net/peer.h"

#include <sys/socket.h>

/* SSRF protection: which URLs and addresses may be connected to. URLs are split by libcurl's
 * parser, the one that also makes the request, so that check and request cannot disagree. */

struct rcd_origin {
	char scheme[8]; /* "https" or "http" */
	char host[256]; /* lower case, IPv6 without brackets */
	int port;       /* the scheme's default filled in */
};

/* scheme, host and port of url. RCD_INVAL: not an absolute http(s) URL, user info inside,
 * control bytes, or too long. */
int rcd_origin_parse(const char *url, struct rcd_origin *out, struct rcd_err *err);
/* Resolves location, absolute or relative, against base and appends it to out. RCD_PROTO,
 * RCD_NOMEM. */
int rcd_url_join(const char *base, const char *location, struct rcd_buf *out, struct rcd_err *err);
bool rcd_origin_same(const struct rcd_origin *a, const struct rcd_origin *b);
/* The host is 127.0.0.0/8, ::1 or "localhost". */
bool rcd_origin_loopback(const struct rcd_origin *o);
/* The host is suffix itself or ends in "." suffix (ASCII case ignored). */
bool rcd_host_under(const char *host, const char *suffix);

/* A base URL of the configuration: https anywhere or http on loopback, no query and no
 * fragment; RCD_INVAL with the reason otherwise. */
int rcd_base_url_check(const char *url, struct rcd_err *err);

bool rcd_addr_loopback(const struct sockaddr *a);
/* Public unicast: none of the special ranges of RFC 6890 and its IPv6 counterparts (mapped,
 * translated and 6to4 addresses are judged by the IPv4 address inside). */
bool rcd_addr_public(const struct sockaddr *a);

/* Judges the address itself, whatever name resolved to it; without TLS only loopback is allowed. */
bool rcd_peer_allows(enum rcd_peer peer, bool tls, const struct sockaddr *a);

#endif
