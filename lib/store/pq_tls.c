#include "store/pq_tls.h"

#include "base/sv.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static bool is_loopback(struct rcd_sv host)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr six;
	struct in_addr four;

	if (host.n >= sizeof(text))
		return false;
	(void)snprintf(text, sizeof(text), "%.*s", RCD_SV_ARG(host));
	if (inet_pton(AF_INET, text, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, text, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

/* An empty entry means the default socket. */
static bool is_local_host(struct rcd_sv host)
{
	return host.n == 0 || host.p[0] == '/' || host.p[0] == '@' || rcd_sv_is(host, "localhost") ||
	       is_loopback(host);
}

/* An address, where there is one, is where libpq connects; the name is only what the certificate is
 * compared with. */
bool rcd_pq_is_local(const struct rcd_pq_place *at)
{
	const bool by_address = at->hostaddr != NULL && at->hostaddr[0] != '\0';
	struct rcd_sv rest = rcd_sv(by_address ? at->hostaddr : at->host), one;

	if (at->service != NULL)
		return false;
	while (rest.p != NULL && rcd_sv_cut(&rest, ',', &one)) {
		if (by_address && one.n == 0) /* libpq takes the name at this place of the other list */
			return false;
		if (!is_local_host(one))
			return false;
	}
	return true;
}

static bool is_one_of(const char *word, const char *const *words)
{
	while (*words != NULL && strcmp(*words, word) != 0)
		words++;
	return *words != NULL;
}

int rcd_pq_tls(const struct rcd_pq_place *at, const char *system_roots, struct rcd_pq_tls *out,
               struct rcd_err *err)
{
	static const char *const verifying[] = {"verify-ca", "verify-full", NULL};
	static const char *const in_clear[] = {"disable", "allow", "prefer", NULL};
	const bool local = rcd_pq_is_local(at);
	const char *mode = at->sslmode;

	if (!local && mode != NULL && is_one_of(mode, in_clear))
		return rcd_fail(err, RCD_INVAL, 0,
		                "database URL: sslmode=%.10s lets the password leave this machine in"
		                " clear; leave sslmode out (verify-full), or at least require",
		                mode);
	if (!local && mode == NULL)
		mode = out->sslmode = "verify-full";
	if (mode != NULL && at->sslrootcert == NULL && is_one_of(mode, verifying))
		out->sslrootcert = system_roots;
	return 0;
}
