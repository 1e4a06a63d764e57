#ifndef RCD_STORE_PQ_TLS_H
#define RCD_STORE_PQ_TLS_H

#include "base/err.h"

#include <stdbool.h>

/* How a connection to PostgreSQL is protected. libpq's own default, sslmode=prefer, sends the
 * password to whoever answers at the address without TLS; off this machine that default does not
 * hold here. */

/* Values of the connection's options; NULL: not given. */
struct rcd_pq_place {
	const char *host,
		*hostaddr; /* lists, separated by commas; a host that begins with / or @ is a socket */
	const char *service; /* an entry of pg_service.conf: the place is not known */
	const char *sslmode, *sslrootcert;
};

/* What has to be set beside the options given; NULL: nothing. */
struct rcd_pq_tls {
	const char *sslmode, *sslrootcert;
};

/* Every server of the list is on this machine: a socket, "localhost", 127.0.0.0/8 or ::1. */
bool rcd_pq_is_local(const struct rcd_pq_place *at);

/* Off this machine: verify-full with the system's authorities unless the URL says otherwise;
 * RCD_INVAL for disable, allow and prefer. system_roots: what stands for these authorities. */
int rcd_pq_tls(const struct rcd_pq_place *at, const char *system_roots, struct rcd_pq_tls *out,
               struct rcd_err *err);

#endif
