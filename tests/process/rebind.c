/* Preloaded by t_attack.py: names under rebind.test lead outside the first REBIND times that they
 * are looked up in a process, and to this machine from then on. The address outside is one of the
 * Internet's to the program, and this machine's to the kernel. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define OUTSIDE "93.184.216.34"

static _Atomic long asked;

int getaddrinfo(const char *restrict host, const char *restrict port,
                const struct addrinfo *restrict hints, struct addrinfo **restrict out)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	const char *times = getenv("REBIND"), *end = host != NULL ? strstr(host, ".rebind.test") : NULL;

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (end != NULL && times != NULL)
		host = atomic_fetch_add(&asked, 1) < times[0] - '0' ? OUTSIDE : "127.0.0.1";
	return real(host, port, hints, out);
}

int connect(int fd, const struct sockaddr *a, socklen_t n)
{
	int (*real)(int, const struct sockaddr *, socklen_t);
	struct sockaddr_in in;

	*(void **)&real = dlsym(RTLD_NEXT, "connect");
	if (a->sa_family != AF_INET || n < sizeof(in))
		return real(fd, a, n);
	memcpy(&in, a, sizeof(in));
	if (in.sin_addr.s_addr == inet_addr(OUTSIDE))
		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return real(fd, (const struct sockaddr *)&in, sizeof(in));
}
